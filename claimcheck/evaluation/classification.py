"""Scores of NLI labels and probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from claimcheck.errors import InputError
from claimcheck.evaluation.bootstrap import bootstrap_counts

LABELS = ("entailment", "neutral", "contradiction")
TWO_WAY = ("entailment", "not_entailment")


@dataclass(frozen=True, slots=True)
class Classification:
    """Scores of one set of predictions.

    ``confusion[i][j]`` counts the items of gold label ``labels[i]`` that were given ``labels[j]``. The intervals are
    95% percentile bootstrap over items. ``ece`` is the expected calibration error.
    """

    labels: tuple[str, ...]
    n: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    macro_f1: float
    macro_f1_interval: tuple[float, float]
    ece: float
    confusion: tuple[tuple[int, ...], ...]


def is_two_way(labels: Iterable[str]) -> bool:
    """Whether the labels are entailment / not_entailment.

    Raises
    ------
    InputError
        If a label is in neither set, or labels of both sets are mixed.

    Examples
    --------
    >>> is_two_way(["entailment", "not_entailment"]), is_two_way(["neutral"])
    (True, False)
    """
    present = set(labels)
    for known in (LABELS, TWO_WAY):
        if present <= set(known):
            return known is TWO_WAY
    raise InputError(f"labels {sorted(present)} are neither among {LABELS} nor among {TWO_WAY}")


def to_two_way(label: str) -> str:
    """Map neutral and contradiction to not_entailment.

    >>> to_two_way("neutral")
    'not_entailment'
    """
    return "entailment" if label == "entailment" else "not_entailment"


def score_labels(
    gold: Sequence[str],
    probabilities: NDArray[np.floating[Any]],
    *,
    samples: int = 1000,
    seed: int = 0,
) -> Classification:
    """Score ``probabilities`` of shape (n, 3), in the order of ``LABELS``, against ``gold`` labels.

    Where gold is two-way the most probable of the three labels is mapped, as is usual for HANS and RTE: a pair is
    entailment only if entailment is the most probable of three.

    Raises
    ------
    InputError
        If there is nothing to score, or the shape is not (len(gold), 3).
    """
    if not len(gold) or probabilities.shape != (len(gold), len(LABELS)):
        raise InputError(
            f"probabilities of shape {probabilities.shape} for {len(gold)} gold labels: expected (n, 3) with n > 0"
        )
    two_way = is_two_way(gold)
    labels = TWO_WAY if two_way else LABELS
    predicted = [LABELS[index] for index in probabilities.argmax(axis=1)]
    confidence = probabilities.max(axis=1)
    if two_way:
        entails = probabilities[:, 0]
        confidence = np.where(probabilities.argmax(axis=1) == 0, entails, 1 - entails)
        predicted = [to_two_way(label) for label in predicted]
    cells = confusion_cells(gold, predicted, labels)
    k = len(labels)

    def accuracy(sums: NDArray[Any]) -> float:
        return float(np.trace(sums.reshape(k, k)) / sums.sum())

    def macro_f1(sums: NDArray[Any]) -> float:
        table = sums.reshape(k, k)
        denominator = table.sum(axis=0) + table.sum(axis=1)
        return float(np.mean(2 * np.diag(table) / np.maximum(denominator, 1)))

    correct = np.array([g == p for g, p in zip(gold, predicted, strict=True)])
    return Classification(
        labels=labels,
        n=len(gold),
        accuracy=float(accuracy_score(gold, predicted)),
        accuracy_interval=bootstrap_counts(cells, accuracy, samples=samples, seed=seed),
        macro_f1=float(f1_score(gold, predicted, labels=labels, average="macro", zero_division=0.0)),
        macro_f1_interval=bootstrap_counts(cells, macro_f1, samples=samples, seed=seed),
        ece=expected_calibration_error(confidence, correct),
        confusion=tuple(
            tuple(int(cell) for cell in row) for row in confusion_matrix(gold, predicted, labels=labels)
        ),
    )


def expected_calibration_error(
    confidence: NDArray[np.floating[Any]], correct: NDArray[Any], *, bins: int = 15
) -> float:
    """Return the mean gap between confidence and accuracy over equal-width bins, weighted by their size.

    Guo et al., *On Calibration of Modern Neural Networks* (2017). Bins are open below and closed above; confidence
    is the probability of the label that was given.

    Raises
    ------
    InputError
        If the lengths differ, there are no items, or ``bins`` is less than one.

    Examples
    --------
    >>> round(expected_calibration_error(np.array([0.9, 0.9, 0.9, 0.9]), np.array([1, 1, 1, 0])), 2)
    0.15
    """
    if len(confidence) != len(correct) or not len(confidence) or bins < 1:
        raise InputError(
            f"{len(confidence)} confidences for {len(correct)} outcomes in {bins} bins: expected as many, and some"
        )
    index = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(index, weights=correct, minlength=bins) - np.bincount(
        index, weights=confidence, minlength=bins
    )
    return float(np.abs(gaps).sum() / len(confidence))


def confusion_cells(
    gold: Sequence[str], predicted: Sequence[str], labels: Sequence[str]
) -> NDArray[np.int64]:
    """Return (n, k * k): for every item the one cell of the confusion matrix that it falls in."""
    k = len(labels)
    number = {label: index for index, label in enumerate(labels)}
    cells = np.zeros((len(gold), k * k), dtype=np.int64)
    cells[range(len(gold)), [number[g] * k + number[p] for g, p in zip(gold, predicted, strict=True)]] = 1
    return cells
