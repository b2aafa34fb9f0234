"""Scores of verdicts on claims: balanced accuracy, macro-F1 and accuracy, each with its interval.

The labels that a set has are the ones that are told apart. Sets of claims and evidence differ:

=================================  ==================================================================================
supported, neither, refuted        the likeliest of three (HealthVer, SciFact, Climate-FEVER, Factcheck-GPT)
supported, refuted                 the likelier of the two: "neither" is not on offer (Fool Me Twice)
supported, not supported           supported if that is the likeliest of three, else not (WiCE, QAGS, SciTail)
=================================  ==================================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimcheck.errors import InputError
from claimcheck.evaluation.bootstrap import bootstrap_counts
from claimcheck.evaluation.classification import LABELS, TWO_WAY, confusion_cells, to_two_way


@dataclass(frozen=True, slots=True)
class Verification:
    """Scores with 95% bootstrap intervals over items, each as (value, low, high).

    ``confusion[i][j]`` counts the items of gold label ``labels[i]`` that were given ``labels[j]``.
    """

    labels: tuple[str, ...]
    n: int
    balanced_accuracy: tuple[float, float, float]
    macro_f1: tuple[float, float, float]
    accuracy: tuple[float, float, float]
    confusion: tuple[tuple[int, ...], ...]


def choose(
    gold: Sequence[str], probabilities: NDArray[np.floating[Any]]
) -> tuple[tuple[str, ...], list[str], list[str]]:
    """Return the labels that are told apart, the gold labels in their terms, and the chosen ones.

    Examples
    --------
    >>> unsure = np.array([[0.3, 0.6, 0.1]])
    >>> choose(["entailment", "contradiction"], np.vstack([unsure, unsure]))[2]  # neutral is not on offer
    ['entailment', 'entailment']
    >>> choose(["entailment", "neutral"], np.vstack([unsure, unsure]))[1:]
    (['entailment', 'not_entailment'], ['not_entailment', 'not_entailment'])
    """
    present = set(gold)
    if unknown := present - {*LABELS, *TWO_WAY}:
        raise InputError(f"label {min(unknown)!r} is not one of {sorted({*LABELS, *TWO_WAY})}")
    if "contradiction" not in present:
        predicted = [to_two_way(LABELS[k]) for k in probabilities.argmax(axis=1)]
        return TWO_WAY, [to_two_way(label) for label in gold], predicted
    labels = tuple(label for label in LABELS if label in present)
    if len(labels) < len(present):
        raise InputError(f"labels {sorted(present)} mix two-way and three-way ones")
    offered = probabilities[:, [LABELS.index(label) for label in labels]]
    return labels, list(gold), [labels[k] for k in offered.argmax(axis=1)]


def score_verdicts(
    gold: Sequence[str],
    probabilities: NDArray[np.floating[Any]],
    *,
    samples: int = 1000,
    seed: int = 0,
) -> Verification:
    """Score ``probabilities`` (n, 3), in the order of ``LABELS``, against ``gold`` labels.

    Raises
    ------
    InputError
        If there is nothing to score, the shape is not (len(gold), 3), or a label is unknown.
    """
    if not len(gold) or probabilities.shape != (len(gold), len(LABELS)):
        raise InputError(
            f"probabilities of shape {probabilities.shape} for {len(gold)} gold labels: expected (n, 3) with n > 0"
        )
    labels, known, predicted = choose(gold, probabilities)
    cells = confusion_cells(known, predicted, labels)
    measured = {
        name: (
            statistic(cells.sum(axis=0)),
            *bootstrap_counts(cells, statistic, samples=samples, seed=seed),
        )
        for name, statistic in (
            ("balanced_accuracy", balanced_accuracy),
            ("macro_f1", macro_f1),
            ("accuracy", accuracy),
        )
    }
    table = cells.sum(axis=0).reshape(len(labels), len(labels))
    return Verification(
        labels=labels,
        n=len(gold),
        confusion=tuple(tuple(int(cell) for cell in row) for row in table),
        **measured,
    )


def balanced_accuracy(cells: NDArray[Any]) -> float:
    """Return the mean recall of the labels that occur, from a flat confusion matrix (k * k).

    >>> balanced_accuracy(np.array([9, 1, 5, 5]))
    0.7
    """
    table = _square(cells)
    totals = table.sum(axis=1)
    return float(np.mean(np.diag(table)[totals > 0] / totals[totals > 0]))


def macro_f1(cells: NDArray[Any]) -> float:
    """Return the mean F1 of all labels, from a flat confusion matrix (k * k); 0 for one that never occurs.

    >>> round(macro_f1(np.array([9, 1, 5, 5])), 4)  # 18 / 24 and 10 / 16
    0.6875
    """
    table = _square(cells)
    return float(np.mean(2 * np.diag(table) / np.maximum(table.sum(axis=0) + table.sum(axis=1), 1)))


def accuracy(cells: NDArray[Any]) -> float:
    """Return the share on the diagonal of a flat confusion matrix (k * k).

    >>> accuracy(np.array([9, 1, 5, 5]))
    0.7
    """
    return float(np.trace(_square(cells)) / cells.sum())


def _square(cells: NDArray[Any]) -> NDArray[Any]:
    side = round(len(cells) ** 0.5)
    return cells.reshape(side, side)
