"""Fit the decision on pairs: ``python -m claimcheck.training.relations --nli CHECKPOINT --articles ARTICLES``.

All is fitted to articles that the NLI model and its pair head have not seen, the ``held_out`` of its config. The gate is
what the pair head says, if the checkpoint has one (:mod:`claimcheck.training.pairs`), or learns from surfaces. Loose
pairs have weights of their own, fitted to short texts made of those articles (a few claims in a row, and claims of two articles by turns, of which those
of different articles are no relation), to whole ones as if each claim came from an article of its own, and to tables of
statements made of the contrast sets that are held out (``--contrasts``). The second round is fitted to what the first
says of articles that it was not fitted to. Writes ``relations.json`` into the checkpoint, and prints what the decision
scores in cross-validation by held-out article, or group of contrast sets.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from claimcheck.attribution import Attributor
from claimcheck.checkpoints import packaged
from claimcheck.claims import find_force
from claimcheck.decision import (
    ALONE,
    GATE,
    LABELS,
    LOOSE,
    NAME,
    TOGETHER,
    Decision,
    linear,
    neighbour_features,
    reading_features,
)
from claimcheck.nli import NLI
from claimcheck.pairing import FEATURES, FEW_CLAIMS, FloatArray, Pair, every_pair, pair_features
from claimcheck.records import Claim
from claimcheck.relations import apart_features, neutral_limits, plain_readings, read_both_ways
from claimcheck.training.contrasts import contrast_tables, read_contrast_rows, voices_of
from claimcheck.training.data import article_states, fitting_parser, held_out_ids, read_given, write_fitted
from claimcheck.training.statements import article_claims, mix, pair_labels, told_claims

GATE_RECALL = 0.9  # of related pairs that the gate lets through
STRENGTH = 0.05  # inverse of the ridge penalty: several hundred related pairs, up to 47 features
FOLDS = 5
MIXED = 2  # short texts made of each held-out article and another one
NEARLY_BEST = 0.005  # F1 below the best that still counts as best
PLACE = 0.5  # of a threshold among those, from the lowest to the highest
PLACE_LOOSE = 0.75  # of that of contradictions of loose pairs: in use, far more of these are unrelated
TABLES = 4  # tables that each held-out contrast set is in


Group = tuple[
    list[Claim], list[Pair], list[str]
]  # the claims of a text, all their pairs, and the pairs' labels


def article_group(article: Mapping[str, Any]) -> Group:
    """Return the claims of an annotated article, all their pairs, and the pairs' labels."""
    claims = [replace(c, force=find_force(c.cue, c.text)) for c in article_claims(article)]
    pairs = every_pair(len(claims))
    return claims, pairs, pair_labels(article, claims, pairs)


def short_groups(
    articles: Sequence[Mapping[str, Any]], rng: random.Random, mixed: int = MIXED
) -> Iterator[tuple[int, Group]]:
    """Yield short texts made of articles, each with the number of its (first) article.

    Of every article two to four claims in a row, and ``mixed`` times some of its claims told by turns with some of
    another article. A pair has the label that it has in its article, or is "neither".
    """
    told = [told_claims(article) for article in articles]
    for n, article in enumerate(articles):
        known = {
            frozenset(f"{article['id']}:{relation[side]}" for side in "ab"): str(relation["label"])
            for relation in article["relations"]
        }
        size = rng.randint(2, 4)
        start = rng.randint(0, max(0, len(told[n]) - size))
        texts = [[t.claim for t in told[n][start : start + size]]]
        others = [m for m in range(len(articles)) if m != n and told[m]]
        if told[n] and others:
            texts += [mix(told[n], told[rng.choice(others)], rng) for _ in range(mixed)]
        for claims in texts:
            pairs = every_pair(len(claims))
            labels = [known.get(frozenset((claims[i].id, claims[j].id)), "neither") for i, j, _ in pairs]
            yield n, ([replace(c, force=find_force(c.cue, c.text)) for c in claims], pairs, labels)


def ridge() -> Any:
    """Return the estimator: logistic regression over standardised features."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000))


def fit_weights(
    features: FloatArray, target: npt.NDArray[np.bool_], names: Sequence[str]
) -> dict[str, float]:
    """Return logistic regression weights by name, in the units of the raw features."""
    scaler, model = ridge().fit(features, target)
    raw = model.coef_[0] / scaler.scale_
    weights = {name: round(float(value), 6) for name, value in zip(names, raw, strict=True)}
    weights["intercept"] = round(float(model.intercept_[0] - scaler.mean_ @ raw), 6)
    return weights


@dataclass(frozen=True, slots=True)
class Read:
    """The pairs that the gate let through: features of the first round and targets, by text and article.

    ``texts`` (n,) tells the text of each pair, an index into ``pairs`` and ``homes``; ``homes`` the article that the
    text is, or is made of.
    """

    pairs: list[list[Pair]]
    homes: npt.NDArray[np.int64]
    alone: FloatArray
    texts: npt.NDArray[np.int64]
    targets: Mapping[str, npt.NDArray[np.bool_]]

    def of(self, articles: Sequence[int]) -> Read:
        """Return the part that belongs to some of the articles."""
        chosen = np.flatnonzero(np.isin(self.homes, articles))
        kept = np.isin(self.texts, chosen)
        return Read(
            [self.pairs[n] for n in chosen],
            self.homes[chosen],
            self.alone[kept],
            np.searchsorted(chosen, self.texts[kept]),
            {label: target[kept] for label, target in self.targets.items()},
        )

    def together(self, first: Mapping[str, FloatArray]) -> FloatArray:
        """Return the features of the second round, from the first one's probabilities."""
        around = [
            neighbour_features(pairs, *(first[label][self.texts == n] for label in LABELS))
            for n, pairs in enumerate(self.pairs)
        ]
        return np.hstack([self.alone, np.concatenate(around)])


def first_round(read: Read) -> dict[str, FloatArray]:
    """Return first-round probabilities that were fitted without the pair's own article."""
    owners = read.homes[read.texts]
    folds = GroupKFold(min(FOLDS, len(np.unique(owners))))
    return {
        label: cross_val_predict(
            ridge(), read.alone, read.targets[label], groups=owners, cv=folds, method="predict_proba"
        )[:, 1]
        for label in LABELS
    }


def cross_score(read: Read) -> dict[str, dict[str, FloatArray]]:
    """Return the probabilities of both rounds, each fitted without the pair's own article, by label and round.

    The second round is fitted within each fold to first-round probabilities that were themselves crossed there.
    """
    scores: dict[str, dict[str, FloatArray]] = {
        label: {name: np.zeros(len(read.texts)) for name in ("alone", "together")} for label in LABELS
    }
    articles = np.unique(read.homes)
    for train, test in KFold(min(FOLDS, len(articles)), shuffle=True, random_state=0).split(articles):
        seen, unseen = read.of(articles[train]), read.of(articles[test])
        rows = np.isin(read.homes[read.texts], articles[test])
        together = seen.together(first_round(seen))
        first: dict[str, FloatArray] = {
            label: ridge().fit(seen.alone, seen.targets[label]).predict_proba(unseen.alone)[:, 1]
            for label in LABELS
        }
        for label in LABELS:
            second = ridge().fit(together, seen.targets[label]).predict_proba(unseen.together(first))[:, 1]
            scores[label]["alone"][rows], scores[label]["together"][rows] = first[label], second
    return scores


def best_threshold(
    target: npt.NDArray[np.bool_], chances: FloatArray, place: float = PLACE
) -> tuple[float, float]:
    """Return a threshold with nearly the best F1, and its F1.

    It is the middle, or another ``place``, of all whose F1 is within half a point of the best: the curve is flat there,
    and where exactly its highest point lies is chance. Where that itself is worse, it is the one that is nearest to it.
    """
    precision, recall, thresholds = precision_recall_curve(target, chances)
    f1 = (2 * precision * recall / np.maximum(precision + recall, 1e-9))[:-1]
    near = thresholds[f1 >= f1.max() - NEARLY_BEST]
    chosen = round(float((1 - place) * near.min() + place * near.max()), 4)
    if f1_score(target, chances >= chosen) < f1.max() - NEARLY_BEST:
        chosen = float(near[np.abs(near - chosen).argmin()])
    return chosen, float(f1_score(target, chances >= chosen))


def told_apart(group: Group) -> Group:
    """Return a text as if each of its claims came from an article of its own."""
    claims, pairs, labels = group
    return claims, [(i, j, None) for i, j, _ in pairs], labels


@dataclass(frozen=True, slots=True)
class Looked:
    """A text before any pair of it is read: its home article, claims, pairs, labels, and the gate's features."""

    home: int
    group: Group
    surface: FloatArray
    apart: FloatArray


def join_texts(groups: Sequence[Group]) -> tuple[list[Claim], list[Pair]]:
    """Return the claims of all texts, and their pairs as places among them."""
    claims: list[Claim] = []
    pairs: list[Pair] = []
    for own, found, _ in groups:
        pairs += [(i + len(claims), j + len(claims), distance) for i, j, distance in found]
        claims += own
    return claims, pairs


def join_states(
    groups: Sequence[Group], states: Sequence[npt.NDArray[np.float32] | None], size: int
) -> npt.NDArray[np.float32]:
    """Return the states (n, ``size``) of the claims of all texts, zeros for texts without."""
    return np.concatenate(
        [
            np.zeros((len(own), size), dtype=np.float32) if found is None else found
            for (own, _, _), found in zip(groups, states, strict=True)
        ]
    )


def look_at(
    texts: Sequence[tuple[int, Group]], nli: NLI, states: Sequence[npt.NDArray[np.float32] | None]
) -> list[Looked]:
    """Return the gate's features of texts; claims of all of them share the model's batches."""
    groups = [group for _, group in texts]
    claims, pairs = join_texts(groups)
    surfaces = [pair_features(own, found) for own, found, _ in groups]
    size = next((found.shape[1] for found in states if found is not None), 0)
    known = join_states(groups, states, size) if size else None
    apart = apart_features(claims, pairs, np.concatenate(surfaces), nli, known)
    ends = np.cumsum([len(surface) for surface in surfaces])[:-1]
    return [
        Looked(home, group, surface, rows)
        for (home, group), surface, rows in zip(texts, surfaces, np.split(apart, ends), strict=True)
    ]


def fit_gate(long: Sequence[Looked], loose: Sequence[Looked], head: bool) -> Decision:
    """Return the decision that has a gate only: what the head says, or where there is none weights of surfaces.

    It lets ``GATE_RECALL`` of the related pairs of long texts through, and as many of those of loose ones.
    """
    gate: dict[str, float] = {"related_apart": 1.0, "intercept": 0.0}
    if not head:
        surface = np.concatenate([text.surface for text in long])
        gate = fit_weights(surface, related_pairs(long), FEATURES)

    def threshold(texts: Sequence[Looked]) -> float:
        features = np.concatenate([np.hstack([text.surface, text.apart]) for text in texts])
        chances = linear(features, GATE, gate)[related_pairs(texts)]
        return round(float(np.quantile(chances, 1 - GATE_RECALL)), 6)

    thresholds = {"gate": threshold(long), f"gate{LOOSE}": threshold(loose)}
    return Decision(gate, thresholds={**thresholds, **dict.fromkeys(LABELS, 0.5)})


def related_pairs(texts: Sequence[Looked]) -> npt.NDArray[np.bool_]:
    """Return which pairs of all texts are related."""
    return np.array([label != "neither" for text in texts for label in text.group[2]])


def read_texts(nli: NLI, gate: Decision, texts: Sequence[Looked]) -> tuple[Read, npt.NDArray[np.str_]]:
    """Return what the model reads of the pairs that the gate lets through, and the labels of those that it does not."""
    surfaces: list[FloatArray] = []
    looks: list[FloatArray] = []
    read: list[Group] = []
    lost: list[str] = []
    for text in texts:
        claims, pairs, labels = text.group
        passed = gate.passes(text.surface, text.apart)
        surfaces.append(text.surface[passed])
        looks.append(text.apart[passed])
        kept = np.flatnonzero(passed).tolist()
        read.append((claims, [pairs[k] for k in kept], [labels[k] for k in kept]))
        lost += [labels[k] for k in np.flatnonzero(~passed).tolist()]
    everyone, everything = join_texts(read)  # the pairs of all texts share the model's batches
    known = np.array([label for _, _, labels in read for label in labels])
    surface = np.concatenate(surfaces)
    neutral = neutral_limits(nli, surface)
    forward, backward = read_both_ways(everyone, everything, nli, nli.statement_format, neutral)
    plain = plain_readings(everyone, everything, surface, nli)
    return Read(
        [pairs for _, pairs, _ in read],
        np.array([text.home for text in texts]),
        np.hstack([surface, reading_features(forward, backward), plain, np.concatenate(looks)]),
        np.repeat(np.arange(len(read)), [len(pairs) for _, pairs, _ in read]),
        {label: known == label for label in LABELS},
    ), np.array(lost, dtype=str)


def fit(
    nli: NLI,
    held_out: Sequence[Mapping[str, Any]],
    contrasts: Sequence[Mapping[str, Any]] = (),
    attributor: Attributor | None = None,
) -> tuple[Decision, dict[str, Any]]:
    """Return the decision and its cross-validated scores on the held-out articles, and on loose pairs.

    Loose pairs are made of the held-out articles, and of ``contrasts``, contrast sets that the model has not seen.
    A pair head looks at the states of ``attributor``; without it, at claims without them. ``gate_recall`` of the record
    is that of the pairs that the gate's threshold was set on.
    """
    rng = random.Random(0)
    whole = [(n, article_group(article)) for n, article in enumerate(held_out)]
    long = [(n, group) for n, group in whole if len(group[0]) > FEW_CLAIMS]
    loose = [(n, group) for n, group in whole if len(group[0]) <= FEW_CLAIMS]
    loose += [*short_groups(held_out, rng), *((n, told_apart(group)) for n, group in whole)]
    tables = contrast_tables(contrasts, voices_of(held_out), rng, repeat=TABLES)
    loose += [(len(held_out) + n, table) for n, table in tables]
    states = None if attributor is None else article_states(held_out, attributor)
    looked = {
        "long": look_at(long, nli, [None if states is None else states[n] for n, _ in long]),
        "loose": look_at(loose, nli, [None] * len(loose)),
    }
    gate = fit_gate(looked["long"], looked["loose"], getattr(nli, "pair_head", None) is not None)
    alone: dict[str, dict[str, float]] = {}
    both: dict[str, dict[str, float]] = {}
    thresholds = {name: gate.thresholds[name] for name in ("gate", f"gate{LOOSE}")}
    record: dict[str, Any] = {"articles": len(held_out)}
    for name, suffix in (("long", ""), ("loose", LOOSE)):
        read, lost = read_texts(nli, gate, looked[name])
        place = PLACE_LOOSE if suffix else PLACE
        record[name], limits = score_fit(read, lost, place)
        together = read.together(first_round(read))
        for label in LABELS:
            thresholds[f"{label}{suffix}"] = limits[label]
            alone[f"{label}{suffix}"] = fit_weights(read.alone, read.targets[label], ALONE)
            both[f"{label}{suffix}"] = fit_weights(together, read.targets[label], TOGETHER)
    return Decision(gate.gate, alone, both, thresholds), record


def score_fit(
    read: Read, lost: npt.NDArray[np.str_], place: float = PLACE
) -> tuple[dict[str, Any], dict[str, float]]:
    """Return the cross-validated scores of what can be fitted to ``read``, and each label's threshold with the best F1.

    ``place`` is that of the threshold of contradictions, as in :func:`best_threshold`.

    ``false_alarms`` is the share of the pairs of another label that are above the threshold.
    """
    record: dict[str, Any] = {
        "texts": len(read.pairs),
        "pairs": len(read.texts) + len(lost),
        "passed": round(len(read.texts) / (len(read.texts) + len(lost)), 4),
    }
    thresholds: dict[str, float] = {}
    crossed = cross_score(read)
    for label, reading in zip(LABELS, ("contradiction", "entailment"), strict=True):
        target = np.r_[read.targets[label], lost == label]
        scores = {**crossed[label], "reading": read.alone[:, ALONE.index(reading)]}
        ranks = {
            name: average_precision_score(target, np.r_[score, np.full(len(lost), score.min() - 1)])
            for name, score in scores.items()
        }
        chances = np.r_[scores["together"], np.zeros(len(lost))]
        thresholds[label], f1 = best_threshold(target, chances, place if label == "contradicts" else PLACE)
        record[label] = {
            "f1": round(f1, 4),
            "gate_recall": round(float(read.targets[label].sum() / target.sum()), 4),
            "average_precision": {name: round(float(value), 4) for name, value in ranks.items()},
            "false_alarms": round(float((chances[~target] >= thresholds[label]).mean()), 4),
        }
    return record, thresholds


def main() -> None:
    """Run from the command line."""
    parser = fitting_parser(__doc__, "--nli", f"the NLI checkpoint folder; {NAME} goes into it")
    parser.add_argument("--contrasts", type=Path, help="contrast sets of statements: JSONL")
    parser.add_argument(
        "--attribution", type=Path, default=packaged("attribution"), help="the pair head's checkpoint"
    )
    args = parser.parse_args()
    articles = read_given(args)
    names = held_out_ids(args.nli)
    held_out = [article for article in articles if article["id"] in names]
    if not held_out:
        parser.error(
            f"none of the {len(articles)} articles is held out by the checkpoint's config ({len(names)} ids)"
        )
    contrasts = read_contrast_rows(args.contrasts, held_out=True) if args.contrasts else []
    nli = NLI.from_pretrained(args.nli)
    attributor = None
    if nli.pair_head is not None:
        attributor = Attributor.from_pretrained(args.attribution)
        if attributor.hash != nli.pair_head.attribution:
            parser.error(f"the pair head was fitted to other states than those of {args.attribution}")
    decision, record = fit(nli, held_out, contrasts, attributor)
    write_fitted(args.nli, NAME, decision.to_dict(), record)


if __name__ == "__main__":
    main()
