"""From readings of many pieces of evidence to one verdict on a claim.

Evidence is read sentence by sentence and in windows of three sentences (as SummaC, Laban et al., TACL 2022, reads
documents), and what the strongest readings come to is decided by multinomial logistic regression, fitted by
:mod:`claimcheck.training.verification` and kept as JSON beside the NLI checkpoint that it was fitted to.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import regex

from claimcheck.checkpoints import read_json
from claimcheck.decision import log_odds
from claimcheck.errors import InputError, ModelError
from claimcheck.pairing import FloatArray
from claimcheck.records import Span

NAME = "verification.json"
LABELS = ("supports", "neither", "refutes")  # in the order of the readings
WINDOW = 3  # sentences
STRIDE = 2
FEATURES = (
    "entailment",  # log odds of the strongest reading of all windows
    "contradiction",
    "entailment_sentence",  # of single sentences
    "contradiction_sentence",
    "entailment_against",  # entailment by the window that contradicts most, and the other way round
    "contradiction_against",
    "neutral_mean",  # log odds, mean over windows
    "words",  # share of the claim's words that are in the evidence
    "numbers",  # share of the claim's numbers that are not
    "windows",  # log of their number
)

_WORD = regex.compile(r"[\p{L}\p{M}]{4,}")
_NUMBER = regex.compile(r"\d+(?:[.,]\d+)*")
_STEM = 5  # letters: "resigned" and "resigns" count as one word


def windows(sentences: Sequence[Span]) -> list[tuple[int, int]]:
    """Return what is read of an evidence: each sentence, then windows of up to three, as (first, behind the last).

    Examples
    --------
    >>> windows([Span(0, 1), Span(2, 3), Span(4, 5), Span(6, 7)])
    [(0, 1), (1, 2), (2, 3), (3, 4), (0, 3), (2, 4)]
    """
    n = len(sentences)
    wider = [(start, min(start + WINDOW, n)) for start in range(0, n - 1, STRIDE)]
    return [(start, start + 1) for start in range(n)] + wider


def evidence_features(
    claim: str, evidence: str, readings: npt.NDArray[np.floating[Any]], single: npt.NDArray[np.bool_]
) -> FloatArray:
    """Return the features (10,) named in FEATURES.

    Parameters
    ----------
    readings
        (n, 3) probabilities of entailment, neutral and contradiction, n at least 1.
    single
        (n,): which of them are of single sentences.
    """
    odds = log_odds(readings)
    entails, contradicts = odds[:, 0], odds[:, 2]
    words, present = _stems(claim), _stems(evidence)
    numbers = set(_NUMBER.findall(claim))
    return np.array(
        [
            entails.max(),
            contradicts.max(),
            entails[single].max(),
            contradicts[single].max(),
            entails[contradicts.argmax()],
            contradicts[entails.argmax()],
            odds[:, 1].mean(),
            len(words & present) / max(1, len(words)),
            len(numbers - set(_NUMBER.findall(evidence))) / max(1, len(numbers)),
            math.log(len(readings)),
        ]
    )


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.lower())}


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
        """Return the probabilities (n, 3) of LABELS from features (n, 10).

        Examples
        --------
        >>> strong, weak = 3.0, -3.0
        >>> entailed = [strong, weak, strong, weak, weak, weak, 0.0, 1.0, 0.0, 0.0]
        >>> Aggregation().decide(np.array([entailed])).round(2)
        array([[0.95, 0.05, 0.  ]])
        """
        if not self.weights:
            entails, contradicts = (1 / (1 + np.exp(-features[:, k])) for k in (0, 1))
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
