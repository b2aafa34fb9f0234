"""Fit what joins parties: ``python -m claimcheck.training.parties --checkpoint ATTRIBUTION --articles ARTICLES``.

Logistic regression over pairs of voices (:mod:`claimcheck.affinity`) of annotated articles, whose attributions are
given. The threshold is the one with the best F1 over pairs of attributions, in cross-validation by series of articles
(the first letter of their ids). Writes ``parties.json`` into the checkpoint, and prints precision, recall and F1 on
the series of ``--held-out``, which are not fitted to.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MaxAbsScaler

from claimcheck.affinity import NAME, Affinity, Voice, find_voices, noun_counts, pair_features
from claimcheck.checkpoints import write_hashes
from claimcheck.evaluation.spans import PRF
from claimcheck.records import Attribution, Document, spans
from claimcheck.segmentation import segment
from claimcheck.speakers import resolve_speakers
from claimcheck.ties import Ties
from claimcheck.training.data import read_articles

logger = logging.getLogger(__name__)

STRENGTH = 0.3  # inverse of the ridge penalty
MIN_PAIRS = 15  # a feature of fewer pairs is left out
NO_PARTY = 0.3  # weight of a pair with one voice that is annotated to be on no side
THRESHOLDS = (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5)
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Example:
    """The voices of an annotated article, the attributions of each, and the party that most of them are given."""

    series: str
    voices: list[Voice]
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
        series=article["id"][:1],
        voices=voices,
        attributions=said,
        parties=[Counter(party[a] for a in ids).most_common(1)[0][0] for ids in said],
        gold={a: p for a, p in party.items() if p is not None},
    )


def labelled_pairs(example: Example) -> Iterator[tuple[dict[str, float], bool, float]]:
    """Yield features, target and weight of each pair of voices of which at least one is on a side."""
    shared = noun_counts(example.voices)
    for i, j in combinations(range(len(example.voices)), 2):
        mine, other = example.parties[i], example.parties[j]
        if mine is None and other is None:
            continue
        weight = 1.0 if mine is not None and other is not None else NO_PARTY
        weight *= math.sqrt(len(example.attributions[i]) * len(example.attributions[j]))
        yield pair_features(example.voices, i, j, shared), mine == other, weight


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
    total = PRF(tp=0, fp=0, fn=0)
    for example in examples:
        side = {
            a: number
            for number, members in enumerate(affinity.group(example.voices))
            for k in members
            for a in example.attributions[k]
        }
        for a, b in combinations(example.gold, 2):
            same = example.gold[a] == example.gold[b]
            found = a in side and side[a] == side.get(b)
            total += PRF(tp=int(same and found), fp=int(found and not same), fn=int(same and not found))
    return total


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
        unseen = [e for e in examples if e.series in out]
        for threshold in THRESHOLDS:
            totals[threshold] += score(unseen, Affinity(weights, threshold))
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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--checkpoint", type=Path, required=True, help="the attribution checkpoint; parties.json goes into it"
    )
    parser.add_argument(
        "--articles", type=Path, action="append", required=True, help="annotated articles: folder or JSONL"
    )
    parser.add_argument("--held-out", default="", help="first letters of the ids of articles to measure on")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    examples = [read_example(article) for path in args.articles for article in read_articles(path)]
    unseen = [e for e in examples if e.series in args.held_out]
    affinity, crossed = fit([e for e in examples if e.series not in args.held_out])
    record: dict[str, Any] = {"articles": len(examples) - len(unseen), "cross_validation": crossed}
    if unseen:
        ties_only = replace(affinity, weights={})
        record["held_out"] = {
            "series": args.held_out,
            "articles": len(unseen),
            "ties_only": summary(score(unseen, ties_only)),
            "fitted": summary(score(unseen, affinity)),
        }
    (args.checkpoint / NAME).write_text(
        json.dumps(
            {"weights": dict(affinity.weights), "threshold": affinity.threshold, "record": record}, indent=1
        )
        + "\n",
        encoding="utf-8",
    )
    write_hashes(args.checkpoint)
    logger.info("%s", json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
