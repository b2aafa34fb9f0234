"""Fit the decision on pairs: ``python -m claimcheck.training.relations --nli CHECKPOINT --articles ARTICLES``.

The gate learns from articles that the NLI model has seen (it looks at surfaces only); the weights over the NLI
readings and the thresholds from those it has not, the ``held_out`` of its config. Writes ``relations.json`` into the
checkpoint, and prints what the decision scores on the held-out articles in cross-validation by article.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, precision_recall_curve
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from claimcheck.checkpoints import read_json, write_hashes
from claimcheck.claims import find_force
from claimcheck.decision import (
    ALL_FEATURES,
    LABELS,
    NAME,
    NEIGHBOURS,
    Decision,
    linear,
    reading_features,
)
from claimcheck.nli import NLI
from claimcheck.pairing import FEATURES, FloatArray, Pair, pair_features
from claimcheck.records import Claim
from claimcheck.relations import read_both_ways
from claimcheck.training.data import read_articles
from claimcheck.training.statements import article_claims, pair_labels

logger = logging.getLogger(__name__)

GATE_RECALL = 0.9  # of related pairs that the gate lets through, on training articles
STRENGTH = 0.02  # inverse of the ridge penalty: a few hundred related pairs, 34 features
FOLDS = 8


def article_group(article: Mapping[str, Any]) -> tuple[list[Claim], list[Pair], list[str]]:
    """Return the claims of an annotated article, all their pairs, and the pairs' labels."""
    claims = [replace(c, force=find_force(c.cue, c.text)) for c in article_claims(article)]
    pairs: list[Pair] = [(i, j, j - i) for i in range(len(claims)) for j in range(i + 1, len(claims))]
    return claims, pairs, pair_labels(article, claims, pairs)


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


def cross_fit(features: FloatArray, target: npt.NDArray[np.bool_], owners: Sequence[int]) -> FloatArray:
    """Return probabilities (n,) that were fitted without the pair's own article."""
    folds = GroupKFold(min(FOLDS, len(set(owners))))
    chances: FloatArray = cross_val_predict(
        ridge(), features, target, groups=owners, cv=folds, method="predict_proba"
    )[:, 1]
    return chances


def best_threshold(target: npt.NDArray[np.bool_], chances: FloatArray) -> tuple[float, float]:
    """Return the threshold with the best F1, and that F1."""
    precision, recall, thresholds = precision_recall_curve(target, chances)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    best = int(f1[:-1].argmax())
    return round(float(thresholds[best]), 4), float(f1[best])


def fit(
    nli: NLI, seen: Sequence[Mapping[str, Any]], held_out: Sequence[Mapping[str, Any]]
) -> tuple[Decision, dict[str, Any]]:
    """Return the decision and its cross-validated scores on the held-out articles."""
    groups = [article_group(article) for article in seen]
    surface = np.concatenate([pair_features(claims, pairs) for claims, pairs, _ in groups])
    related = np.array([label for *_, labels in groups for label in labels]) != "neither"
    gate = fit_weights(surface, related, FEATURES)
    threshold = float(np.quantile(linear(surface[related], FEATURES, gate), 1 - GATE_RECALL))
    opened = Decision(gate, thresholds={"gate": threshold, **dict.fromkeys(LABELS, 0.5)})

    rows: list[FloatArray] = []
    known: list[str] = []
    owners: list[int] = []
    lost: list[str] = []
    for number, (claims, pairs, labels) in enumerate(map(article_group, held_out)):
        surface = pair_features(claims, pairs)
        passed = opened.passes(surface)
        read = [pair for pair, kept in zip(pairs, passed, strict=True) if kept]
        forward, backward = read_both_ways(claims, read, nli, nli.statement_format)
        rows.append(np.hstack([surface[passed], reading_features(read, forward, backward)]))
        known += [label for label, kept in zip(labels, passed, strict=True) if kept]
        lost += [label for label, kept in zip(labels, passed, strict=True) if not kept]
        owners += [number] * len(read)
    features, labelled, stopped = np.concatenate(rows), np.array(known), np.array(lost)
    everyone = np.concatenate([labelled, stopped])
    weights: dict[str, dict[str, float]] = {}
    thresholds = {"gate": round(threshold, 6)}
    record: dict[str, Any] = {
        "articles": len(held_out),
        "pairs": len(everyone),
        "passed": round(len(labelled) / len(everyone), 4),
    }

    def ranking(chances: FloatArray, label: str) -> float:
        """Average precision over all pairs, those that the gate stopped last."""
        padded = np.concatenate([chances, np.full(len(stopped), -np.inf)])
        return round(float(average_precision_score(everyone == label, np.nan_to_num(padded))), 4)

    for label, reading in zip(LABELS, ("contradiction", "entailment"), strict=True):
        target = labelled == label
        crossed = cross_fit(features, target, owners)
        everything = np.concatenate([crossed, np.zeros(len(stopped))])
        thresholds[label], f1 = best_threshold(everyone == label, everything)
        weights[label] = fit_weights(features, target, ALL_FEATURES)
        surface_only = cross_fit(features[:, : len(FEATURES)], target, owners)
        without = [k for k, name in enumerate(ALL_FEATURES) if name not in NEIGHBOURS]
        record[label] = {
            "f1": round(f1, 4),
            "gate_recall": round(float(target.sum() / (everyone == label).sum()), 4),
            "average_precision": ranking(crossed, label),
            "average_precision_without_neighbours": ranking(
                cross_fit(features[:, without], target, owners), label
            ),
            "average_precision_of_the_reading": ranking(features[:, ALL_FEATURES.index(reading)], label),
            "average_precision_of_the_surface": ranking(surface_only, label),
        }
    return Decision(gate, weights, thresholds), record


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--nli", type=Path, required=True, help="the NLI checkpoint folder; relations.json goes into it"
    )
    parser.add_argument(
        "--articles", type=Path, action="append", required=True, help="annotated articles: folder or JSONL"
    )
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    articles = [article for path in args.articles for article in read_articles(path)]
    training = read_json(args.nli / "training.json")
    names = set(training["config"]["statements"]["held_out"])
    held_out = [article for article in articles if article["id"] in names]
    if not held_out:
        parser.error(
            f"none of the {len(articles)} articles is held out by the checkpoint's config ({len(names)} ids)"
        )
    seen = [article for article in articles if article["id"] not in names]
    decision, record = fit(NLI.from_pretrained(args.nli, dtype="float32"), seen, held_out)
    (args.nli / NAME).write_text(
        json.dumps({**decision.to_dict(), "record": record}, indent=1), encoding="utf-8"
    )
    write_hashes(args.nli)
    logger.info("%s", json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
