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

from claimcheck.checkpoints import read_json, write_hashes
from claimcheck.claims import find_force
from claimcheck.decision import LABELS, NAME, READINGS, Decision, log_odds
from claimcheck.nli import NLI
from claimcheck.pairing import FEATURES, Pair, pair_features
from claimcheck.relations import read_both_ways
from claimcheck.training.data import read_articles
from claimcheck.training.statements import article_claims

logger = logging.getLogger(__name__)

GATE_RECALL = 0.9  # of related pairs that the gate lets through, on training articles
STRENGTH = 0.02  # inverse of the ridge penalty: a few hundred related pairs, 26 features

FloatArray = npt.NDArray[np.float64]


def labelled_pairs(
    articles: Sequence[Mapping[str, Any]],
) -> tuple[list[tuple[list[Any], list[Pair]]], list[str], list[int]]:
    """Return the claims and pairs of each article, and over all pairs their labels and article numbers."""
    groups: list[tuple[list[Any], list[Pair]]] = []
    labels: list[str] = []
    owners: list[int] = []
    for number, article in enumerate(articles):
        claims = [replace(c, force=find_force(c.cue, c.text)) for c in article_claims(article)]
        known = {frozenset((r["a"], r["b"])): r["label"] for r in article["relations"]}
        pairs: list[Pair] = [(i, j, j - i) for i in range(len(claims)) for j in range(i + 1, len(claims))]
        groups.append((claims, pairs))
        labels += [known.get(frozenset((claims[i].id, claims[j].id)), "neither") for i, j, _ in pairs]
        owners += [number] * len(pairs)
    return groups, labels, owners


def fit_weights(
    features: FloatArray, target: npt.NDArray[np.bool_], names: Sequence[str]
) -> dict[str, float]:
    """Return logistic regression weights by name, in the units of the raw features."""
    center, scale = features.mean(0), features.std(0) + 1e-9
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit((features - center) / scale, target)
    raw = model.coef_[0] / scale
    weights = {name: round(float(value), 6) for name, value in zip(names, raw, strict=True)}
    weights["intercept"] = round(float(model.intercept_[0] - center @ raw), 6)
    return weights


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
    groups, labels, _ = labelled_pairs(seen)
    surface = np.concatenate([pair_features(claims, pairs) for claims, pairs in groups])
    related = np.array(labels) != "neither"
    gate = fit_weights(surface, related, FEATURES)
    vector = np.array([gate[name] for name in FEATURES])
    chances = 1 / (1 + np.exp(-(surface @ vector + gate["intercept"])))
    threshold = float(np.quantile(chances[related], 1 - GATE_RECALL))
    logger.info("gate: %.1f%% of pairs pass", 100 * float((chances >= threshold).mean()))

    groups, labels, owners = labelled_pairs(held_out)
    rows = []
    for claims, pairs in groups:
        forward, backward = read_both_ways(claims, pairs, nli, nli.statement_format)
        rows.append(np.hstack([pair_features(claims, pairs), log_odds(forward), log_odds(backward)]))
    features = np.concatenate(rows)
    center, scale = features.mean(0), features.std(0) + 1e-9
    passed = 1 / (1 + np.exp(-(features[:, : len(FEATURES)] @ vector + gate["intercept"]))) >= threshold
    weights: dict[str, dict[str, float]] = {}
    thresholds = {"gate": round(threshold, 6)}
    record: dict[str, Any] = {"pairs": len(labels), "passed": float(passed.mean())}
    for label in LABELS:
        target = np.array(labels) == label
        crossed = cross_val_predict(
            LogisticRegression(C=STRENGTH, max_iter=1000),
            (features - center) / scale,
            target,
            groups=owners,
            cv=GroupKFold(8),
            method="predict_proba",
        )[:, 1]
        crossed = np.where(passed, crossed, 0.0)
        thresholds[label], f1 = best_threshold(target, crossed)
        weights[label] = fit_weights(features, target, FEATURES + READINGS)
        record[label] = {
            "f1": round(f1, 4),
            "average_precision": round(float(average_precision_score(target, crossed)), 4),
            "gate_recall": round(float(passed[target].mean()), 4),
            "nli_alone_average_precision": round(
                float(
                    average_precision_score(
                        target, features[:, [-3, -1] if label == "contradicts" else [-4, -2]].mean(1)
                    )
                ),
                4,
            ),
            "surface_alone_average_precision": round(
                float(
                    average_precision_score(
                        target,
                        cross_val_predict(
                            LogisticRegression(C=STRENGTH, max_iter=1000),
                            ((features - center) / scale)[:, : len(FEATURES)],
                            target,
                            groups=owners,
                            cv=GroupKFold(8),
                            method="predict_proba",
                        )[:, 1],
                    )
                ),
                4,
            ),
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
