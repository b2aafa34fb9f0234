"""Fit what joins parties: ``python -m claimcheck.training.parties --checkpoint ATTRIBUTION --articles ARTICLES``.

Logistic regression over pairs of voices (:mod:`claimcheck.affinity`) of annotated articles, whose attributions are
given. The threshold is the one with the best F1 over pairs of attributions, in cross-validation by series of articles
(the letters that their ids begin with). Writes ``parties.json`` into the checkpoint, and prints precision, recall and
F1 on the series of ``--held-out``, which are not fitted to.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MaxAbsScaler

from claimcheck.affinity import NAME, Affinity, all_features
from claimcheck.evaluation.spans import PRF
from claimcheck.records import Attribution, Document, spans
from claimcheck.segmentation import segment
from claimcheck.speakers import resolve_speakers
from claimcheck.ties import Ties
from claimcheck.training.data import fitting_parser, read_given, series_of, write_fitted
from claimcheck.voices import Voice, find_voices

STRENGTH = 0.3  # inverse of the ridge penalty
MIN_PAIRS = 15  # a feature of fewer pairs is left out
NO_PARTY = 0.6  # weight of a pair with one voice that is annotated to be on no side
THRESHOLDS = (-1.5, -1.25, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5)
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Example:
    """The voices of an annotated article, the attributions of each, and the party that most of them are given.

    ``pairs`` holds the features of every pair of voices: they are the same in every fold.
    """

    series: str
    voices: list[Voice]
    pairs: Mapping[tuple[int, int], Mapping[str, float]]
    attributions: list[tuple[str, ...]]
    parties: list[str | None]
    gold: Mapping[str, str]  # attribution id → party, where it has one


def read_example(article: Mapping[str, Any]) -> Example:
    """Return an annotated article with the voices that are found for its given attributions."""
    document = Document(article["id"], article["text"], title=article.get("title"))
    attributions = [
        Attribution(a["id"], spans(a["source"]), spans(a["cue"]), spans(a["content"]), a["kind"], a["parent"])
        for a in article["attributions"]
    ]
    speakers = resolve_speakers(document, attributions, segment(document.text).quotations)
    voices = find_voices(Ties(document, speakers), speakers, attributions)
    own = {speaker.id: speaker.attributions for speaker in speakers}
    party = {a["id"]: a["party"] for a in article["attributions"]}
    said = [(voice.id,) if voice.unnamed else own[voice.id] for voice in voices]
    return Example(
        series=series_of(article["id"]),
        voices=voices,
        pairs=all_features(voices),
        attributions=said,
        parties=[Counter(party[a] for a in ids).most_common(1)[0][0] for ids in said],
        gold={a: p for a, p in party.items() if p is not None},
    )


def labelled_pairs(example: Example) -> Iterator[tuple[Mapping[str, float], bool, float]]:
    """Yield features, target and weight of each pair of voices of which at least one is on a side."""
    for (i, j), features in example.pairs.items():
        mine, other = example.parties[i], example.parties[j]
        if mine is None and other is None:
            continue
        weight = 1.0 if mine is not None and other is not None else NO_PARTY
        weight *= math.sqrt(math.sqrt(len(example.attributions[i]) * len(example.attributions[j])))
        yield features, mine == other, weight


def fit_weights(examples: Sequence[Example]) -> dict[str, float]:
    """Return logistic regression weights by feature name, and the ``intercept``."""
    rows, targets, weights = zip(*(pair for e in examples for pair in labelled_pairs(e)), strict=True)
    count = Counter(name for row in rows for name in row)
    kept = [{name: value for name, value in row.items() if count[name] >= MIN_PAIRS} for row in rows]
    vectorizer, scaler = DictVectorizer(), MaxAbsScaler()
    features = scaler.fit_transform(vectorizer.fit_transform(kept))
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    model.fit(features, np.array(targets), sample_weight=np.array(weights))
    raw = model.coef_[0] / scaler.scale_
    fitted = {str(name): round(float(w), 4) for name, w in zip(vectorizer.feature_names_, raw, strict=True)}
    return {**fitted, "intercept": round(float(model.intercept_[0]), 4)}


def score(examples: Sequence[Example], affinity: Affinity) -> PRF:
    """Return how well pairs of attributions are put on one side, of those that are annotated to be on a side."""
    return score_thresholds(examples, affinity, [affinity.threshold])[affinity.threshold]


def score_thresholds(
    examples: Sequence[Example], affinity: Affinity, thresholds: Sequence[float]
) -> dict[float, PRF]:
    """Return :func:`score` at several thresholds; the log odds are computed once."""
    totals = {threshold: PRF(tp=0, fp=0, fn=0) for threshold in thresholds}
    for example in examples:
        odds = {pair: affinity.odds(features) for pair, features in example.pairs.items()}
        for threshold in thresholds:
            sides = replace(affinity, threshold=threshold).group(example.voices, odds)
            totals[threshold] += _count(example, sides)
    return totals


def _count(example: Example, sides: Sequence[Sequence[int]]) -> PRF:
    side = {a: number for number, side in enumerate(sides) for k in side for a in example.attributions[k]}
    tp = fp = fn = 0
    for a, b in combinations(example.gold, 2):
        same = example.gold[a] == example.gold[b]
        found = a in side and side[a] == side.get(b)
        tp, fp, fn = tp + (same and found), fp + (found and not same), fn + (same and not found)
    return PRF(tp=tp, fp=fp, fn=fn)


def fit(examples: Sequence[Example]) -> tuple[Affinity, dict[str, float]]:
    """Return the weights fitted to all examples, with the best threshold in cross-validation by series, and its scores.

    Raises
    ------
    ValueError
        If the examples are of fewer than two series.
    """
    series = sorted({e.series for e in examples})
    if len(series) < 2:
        raise ValueError(f"the articles are of {len(series)} series, expected at least 2 to cross-validate")
    totals = {threshold: PRF(tp=0, fp=0, fn=0) for threshold in THRESHOLDS}
    for fold in range(min(FOLDS, len(series))):
        out = set(series[fold::FOLDS])
        weights = fit_weights([e for e in examples if e.series not in out])
        unseen = score_thresholds([e for e in examples if e.series in out], Affinity(weights), THRESHOLDS)
        totals = {threshold: total + unseen[threshold] for threshold, total in totals.items()}
    best = max(THRESHOLDS, key=lambda threshold: totals[threshold].f1)
    return Affinity(fit_weights(examples), best), summary(totals[best])


def summary(counts: PRF) -> dict[str, float]:
    """Return precision, recall and F1, rounded."""
    return {
        "precision": round(counts.precision, 4),
        "recall": round(counts.recall, 4),
        "f1": round(counts.f1, 4),
    }


def main() -> None:
    """Run from the command line."""
    parser = fitting_parser(__doc__, "--checkpoint", f"the attribution checkpoint; {NAME} goes into it")
    parser.add_argument(
        "--held-out", nargs="*", default=[], metavar="SERIES", help="series of articles to measure on"
    )
    args = parser.parse_args()
    examples = [read_example(article) for article in read_given(args)]
    unseen = [e for e in examples if e.series in args.held_out]
    affinity, crossed = fit([e for e in examples if e.series not in args.held_out])
    record: dict[str, Any] = {"articles": len(examples) - len(unseen), "cross_validation": crossed}
    if unseen:
        ties_only = replace(affinity, weights={})
        record["held_out"] = {
            "series": " ".join(args.held_out),
            "articles": len(unseen),
            "ties_only": summary(score(unseen, ties_only)),
            "fitted": summary(score(unseen, affinity)),
        }
    fitted = {"weights": dict(affinity.weights), "threshold": affinity.threshold}
    write_fitted(args.checkpoint, NAME, fitted, record)


if __name__ == "__main__":
    main()
