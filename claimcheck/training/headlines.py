"""Fit the weights for headlines and bodies: ``python -m claimcheck.training.headlines --nli CHECKPOINT --stances FOLDER``.

Learns from the pairs of FNC-1's training set that the NLI model was not trained on, because their headlines are in
Emergent's test split. Writes ``headlines.json`` into the checkpoint, and prints what the weights score on these pairs
in cross-validation by headline.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from claimcheck.evaluation.stances import score_stances
from claimcheck.headlines import FEATURES, LABELS, NAME, SURFACE, HeadlineModel, Prepared
from claimcheck.nli import NLI
from claimcheck.pairing import FloatArray
from claimcheck.relations import SupportsPredict
from claimcheck.training.data import write_fitted
from claimcheck.training.stances import Row, is_measured, measured_texts, read_rows

STRENGTH = 0.1  # inverse of the ridge penalty
EVENNESS = 0.5  # 0: labels count as often as they occur; 1: all labels count alike
FOLDS = 5

Labels = npt.NDArray[np.str_]


def held_out_rows(folder: Path) -> list[Row]:
    """Return the rows of FNC-1, but for its test split, that the NLI model is not trained on."""
    measured = measured_texts(folder)
    return [r for r in read_rows(folder, "fnc1") if r["split"] != "test" and is_measured(r, measured)]


def fit_round(rows: FloatArray, labels: Labels, names: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Return logistic regression weights by label and name, in the units of the raw features.

    Two labels give the weights of the second, in sorted order, against the first.
    """
    classes, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=2000))
    share = (counts / len(labels)) ** -EVENNESS
    model.fit(rows, labels, logisticregression__sample_weight=share[places] / share[places].mean())
    scaler, regression = model
    raw = regression.coef_ / scaler.scale_
    intercepts = regression.intercept_ - raw @ scaler.mean_
    return {
        str(label): {
            **{name: round(float(value), 6) for name, value in zip(names, weights, strict=True)},
            "intercept": round(float(intercept), 6),
        }
        for label, weights, intercept in zip(classes[-len(raw) :], raw, intercepts, strict=True)
    }


def fit_weights(surface: FloatArray, rows: FloatArray, labels: Labels) -> HeadlineModel:
    """Return both rounds; ``rows`` are the features of the related pairs alone, in their order."""
    related = labels != "unrelated"
    first = fit_round(surface, np.where(related, "related", "apart"), SURFACE)
    return HeadlineModel(first["related"], fit_round(rows, labels[related], FEATURES))


def fit(nli: SupportsPredict, rows: Sequence[Row]) -> tuple[HeadlineModel, dict[str, Any]]:
    """Return the weights and their cross-validated scores.

    Unrelated pairs are not read: where one is taken for related, any side is wrong.
    """
    labels = np.array([row["label"] for row in rows])
    headlines = np.array([row["target"] for row in rows])
    prepared = Prepared.of([(row["target"], row["text"]) for row in rows])
    related = np.flatnonzero(labels != "unrelated")
    features = np.zeros((len(rows), len(FEATURES)))
    features[:, : len(SURFACE)] = prepared.surface
    features[related] = prepared.read(related.tolist(), nli)
    predicted = np.empty_like(labels)
    for train, test in GroupKFold(FOLDS).split(labels, groups=headlines):
        seen = train[labels[train] != "unrelated"]
        model = fit_weights(prepared.surface[train], features[seen], labels[train])
        predicted[test] = np.array(LABELS)[
            model.combine(prepared.surface[test], features[test]).argmax(axis=1)
        ]
    scores, confusion = score_stances(
        labels.tolist(), predicted.tolist(), LABELS, measures=("fnc_score", "macro_f1", "accuracy")
    )
    record = {
        "pairs": len(rows),
        "headlines": len(set(headlines.tolist())),
        "cross_validated": {name: [round(value, 4) for value in score] for name, score in scores.items()},
        "confusion": confusion,
    }
    return fit_weights(prepared.surface, features[related], labels), record


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--nli", type=Path, required=True, help="the NLI checkpoint folder; headlines.json goes into it"
    )
    parser.add_argument("--stances", type=Path, required=True, help="folder with fnc1/ and the measured sets")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    model, record = fit(NLI.from_pretrained(args.nli, dtype="float32"), held_out_rows(args.stances))
    write_fitted(args.nli, NAME, {"related": model.related, "sides": model.sides}, record)


if __name__ == "__main__":
    main()
