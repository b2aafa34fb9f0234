"""From readings of many pieces of evidence to one verdict on a claim.

Evidence is read sentence by sentence, in windows of three sentences, in passages of up to eight, and whole where it has no
more than 24 (as SummaC, Laban et al., TACL 2022, reads documents at several grains), and what the strongest readings
come to is decided by multinomial logistic regression, fitted by :mod:`claimcheck.training.verification` and kept as JSON
beside the NLI checkpoint that it was fitted to.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from claimcheck.checkpoints import read_json
from claimcheck.decision import log_odds
from claimcheck.errors import InputError, ModelError
from claimcheck.pairing import FloatArray
from claimcheck.records import Span

NAME = "verification.json"
LABELS = ("supports", "neither", "refutes")  # in the order of the readings
WINDOW, WINDOW_STEP = 3, 2  # sentences
PASSAGE, PASSAGE_STEP = 8, 6
WHOLE = 24  # of more sentences, the whole is not read
FEATURES = (
    "entailment_sentence",  # log odds of the strongest reading of a sentence
    "contradiction_sentence",
    "entailment_window",  # and of a window; where there is one sentence only, that of the sentence
    "contradiction_window",
    "entailment_passage",  # and of a passage; where there is none, that of the window
    "contradiction_passage",
    "entailment_whole",  # and of the whole; where that is not read, that of the passage
    "contradiction_whole",
)
MIRRORED = [k ^ 1 for k in range(len(FEATURES))]  # the features of the opposite claim


def windows(sentences: Sequence[Span]) -> list[tuple[int, int]]:
    """Return what is read of an evidence, as (first, behind the last): sentences, windows, passages, and the whole.

    Examples
    --------
    >>> windows([Span(0, 1), Span(2, 3), Span(4, 5), Span(6, 7)])
    [(0, 1), (1, 2), (2, 3), (3, 4), (0, 3), (2, 4), (0, 4)]
    """
    n = len(sentences)
    return [(k, k + 1) for k in range(n)] + _windows(n) + _passages(n) + _whole(n)


def _windows(n: int) -> list[tuple[int, int]]:
    return [(start, min(start + WINDOW, n)) for start in range(0, n - 1, WINDOW_STEP)]


def _passages(n: int) -> list[tuple[int, int]]:
    if n <= WINDOW:
        return []
    overlap = PASSAGE - PASSAGE_STEP
    return [(start, min(start + PASSAGE, n)) for start in range(0, max(1, n - overlap), PASSAGE_STEP)]


def _whole(n: int) -> list[tuple[int, int]]:
    """Return the whole of ``n`` sentences where nothing else of it is whole."""
    return [(0, n)] if PASSAGE < n <= WHOLE else []


def evidence_features(readings: npt.NDArray[np.floating[Any]], sentences: int) -> FloatArray:
    """Return the features (8,) named in FEATURES.

    Parameters
    ----------
    readings
        (n, 3) probabilities of entailment, neutral and contradiction, in the order of :func:`windows`.
    sentences
        How many of them, the first ones, are of single sentences: at least 1.

    Examples
    --------
    >>> evidence_features(np.array([[0.5, 0.4, 0.1], [0.1, 0.4, 0.5], [0.9, 0.1, 0.0]]), 2).round(1)
    array([ 0. ,  0. ,  2.2, -7. ,  2.2, -7. ,  2.2, -7. ])
    """
    odds = log_odds(readings)[:, [0, 2]]
    parts = np.split(odds, np.cumsum([sentences, len(_windows(sentences)), len(_passages(sentences))]))
    strongest: list[FloatArray] = []
    for part in parts:
        strongest.append(part.max(axis=0) if len(part) else strongest[-1])
    return np.concatenate(strongest)


@dataclass(frozen=True, slots=True)
class Aggregation:
    """The weights of the regression by label and feature, with an ``intercept`` each.

    Without weights the strongest entailment and the strongest contradiction are weighed against each other.
    """

    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for label, weights in self.weights.items():
            unknown = set(weights) - {*FEATURES, "intercept"}
            if label not in LABELS or unknown:
                raise InputError(f"no weight is known for {label!r}, {sorted(unknown)}")
            if not all(math.isfinite(weight) for weight in weights.values()):
                raise InputError(f"a weight of {label!r} is not finite")
        if self.weights and set(self.weights) != set(LABELS):
            raise InputError(f"weights for {', '.join(LABELS)} are needed, there are {sorted(self.weights)}")

    @classmethod
    def load(cls, folder: Path) -> Aggregation:
        """Return the aggregation kept with a checkpoint, or the plain one where there is none.

        Raises
        ------
        ModelError
            If ``verification.json`` is damaged.
        """
        if not (folder / NAME).is_file():
            return cls()
        value = read_json(folder / NAME)
        try:
            return cls(value["weights"])
        except (AttributeError, KeyError, TypeError, InputError) as error:
            raise ModelError(f"{folder / NAME} is not an aggregation: {error}") from None

    def decide(self, features: FloatArray) -> FloatArray:
        """Return the probabilities (n, 3) of LABELS from features (n, 8).

        Examples
        --------
        >>> Aggregation().decide(np.array([[3.0, -3.0, -3.0, -3.0, -3.0, -3.0, -3.0, -3.0]])).round(2)
        array([[0.95, 0.05, 0.  ]])
        """
        if not self.weights:
            odds = features.reshape(len(features), -1, 2).max(axis=1)
            entails, contradicts = (1 / (1 + np.exp(-odds[:, k])) for k in (0, 1))
            shares = np.stack(
                [
                    entails * (1 - contradicts),
                    (1 - entails) * (1 - contradicts),
                    (1 - entails) * contradicts,
                ],
                axis=1,
            )
            plain: FloatArray = shares / shares.sum(axis=1, keepdims=True)
            return plain
        table = np.array([[self.weights[label].get(name, 0.0) for label in LABELS] for name in FEATURES])
        logits = features @ table + np.array([self.weights[label].get("intercept", 0.0) for label in LABELS])
        logits -= logits.max(axis=1, keepdims=True)
        chances: FloatArray = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        return chances
