"""Scores of stances: accuracy, macro-F1, and the weighted score of the Fake News Challenge."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimcheck.errors import InputError
from claimcheck.evaluation.bootstrap import bootstrap_counts

Score = tuple[float, float, float]  # value, and the ends of its interval
FNC_LABELS = ("agree", "disagree", "discuss", "unrelated")


def accuracy(table: NDArray[Any]) -> float:
    """Return the share on the diagonal of a confusion table (gold by predicted)."""
    return float(np.trace(table) / table.sum())


def macro_f1(table: NDArray[Any]) -> float:
    """Return the mean F1 of the labels of a confusion table, of those that occur in gold.

    >>> macro_f1(np.array([[2, 0], [2, 0]]))  # F1 2/3 and 0
    0.3333333333333333
    """
    f1 = 2 * np.diag(table) / np.maximum(table.sum(axis=0) + table.sum(axis=1), 1)
    return float(f1[table.sum(axis=1) > 0].mean())


def fnc_score(table: NDArray[Any]) -> float:
    """Return the score of FNC-1 as a share of the best one, from a confusion table in the order of FNC_LABELS.

    A quarter for telling related from unrelated, three more for the right one of the three related labels.

    >>> fnc_score(np.array([[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 4]]))  # 1 + ¼ + 0 + 4 · ¼, of 4
    0.5625
    """
    weights = np.full((4, 4), 0.25) * np.array([[1, 1, 1, 0]] * 3 + [[0, 0, 0, 1]])
    weights += np.diag([0.75, 0.75, 0.75, 0])
    best = table.sum(axis=1) @ np.array([1, 1, 1, 0.25])
    return float((weights * table).sum() / best)


MEASURES: dict[str, Callable[[NDArray[Any]], float]] = {
    "accuracy": accuracy,
    "macro_f1": macro_f1,
    "fnc_score": fnc_score,
}


def score_stances(
    gold: Sequence[str],
    predicted: Sequence[str],
    labels: Sequence[str],
    *,
    measures: Sequence[str] = ("accuracy", "macro_f1"),
    samples: int = 1000,
    seed: int = 0,
) -> tuple[dict[str, Score], list[list[int]]]:
    """Return the measures with their 95% bootstrap intervals over items, and the confusion table (gold by predicted).

    Raises
    ------
    InputError
        If there is nothing to score, the lengths differ, or a label is none of ``labels``.
    """
    if not len(gold) or len(gold) != len(predicted):
        raise InputError(
            f"{len(predicted)} predictions for {len(gold)} gold labels: expected as many, and some"
        )
    unknown = ({*gold, *predicted}) - {*labels}
    if unknown:
        raise InputError(f"label {min(unknown)!r} is none of {', '.join(labels)}")
    k = len(labels)
    cells = np.zeros((len(gold), k * k), dtype=np.int64)
    places = [labels.index(g) * k + labels.index(p) for g, p in zip(gold, predicted, strict=True)]
    cells[range(len(gold)), places] = 1
    table = cells.sum(axis=0).reshape(k, k)
    scores = {}
    for name in measures:
        of_sums = functools.partial(_measure, MEASURES[name], k)
        low, high = bootstrap_counts(cells, of_sums, samples=samples, seed=seed)
        scores[name] = (MEASURES[name](table), low, high)
    return scores, table.tolist()


def _measure(measure: Callable[[NDArray[Any]], float], k: int, sums: NDArray[Any]) -> float:
    return measure(sums.reshape(k, k))
