"""What decides on a pair: a linear gate over its surface, then the NLI readings, their neighbours and the surface.

All of it is logistic regression, fitted by :mod:`claimcheck.training.relations` and kept as JSON beside the NLI
checkpoint that it was fitted to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from claimcheck.checkpoints import read_json
from claimcheck.errors import InputError, ModelError
from claimcheck.pairing import FEATURES, FloatArray, Pair
from claimcheck.records import RelationLabel

READINGS = (
    "entailment",  # log odds, mean of both directions
    "contradiction",
    "entailment_gap",  # how far the two directions are apart
    "contradiction_gap",
)
NEIGHBOURS = (
    "opposed",  # a third claim contradicts one and says the same as the other
    "allied",  # a third claim says the same as both
    "common_opponent",  # a third claim contradicts both
    "rival_contradiction",  # the strongest contradiction of either with a third claim
    "rival_entailment",
)
LABELS: tuple[RelationLabel, RelationLabel] = ("contradicts", "corroborates")
ALL_FEATURES = (*FEATURES, *READINGS, *NEIGHBOURS)
NAME = "relations.json"
LIMIT = 7.0  # log odds are kept within ±7


def linear(features: FloatArray, names: tuple[str, ...], weights: Mapping[str, float]) -> FloatArray:
    """Return the probabilities (n,) of a logistic regression with weights by feature name and an ``intercept``.

    Examples
    --------
    >>> linear(np.array([[0.0], [2.0]]), ("x",), {"x": 1.0, "intercept": 0.0}).round(2)
    array([0.5 , 0.88])
    """
    logits = features @ np.array([weights.get(name, 0.0) for name in names]) + weights.get("intercept", 0.0)
    chances: FloatArray = 1 / (1 + np.exp(-logits))
    return chances


def log_odds(readings: npt.NDArray[np.float32]) -> FloatArray:
    """Return the log odds (n, 2) of entailment and contradiction in (n, 3) probabilities, within ±7."""
    chances = readings[:, [0, 2]].astype(np.float64).clip(1e-6, 1 - 1e-6)
    odds: FloatArray = np.log(chances / (1 - chances)).clip(-LIMIT, LIMIT)
    return odds


def reading_features(
    pairs: Sequence[Pair], forward: npt.NDArray[np.float32], backward: npt.NDArray[np.float32]
) -> FloatArray:
    """Return what both readings (n, 3) of each pair say, and what they say of its neighbours: (n, 9).

    Relations hang together: who contradicts a statement contradicts its paraphrases too (the transitivity that Berant
    et al., ACL 2011, build into entailment graphs). The last five columns, NEIGHBOURS, let a pair see the pairs that
    each of its claims forms with a third.
    """
    one, other = log_odds(forward), log_odds(backward)
    odds = (one + other) / 2
    features = np.full((len(pairs), len(READINGS) + len(NEIGHBOURS)), -LIMIT)
    features[:, :2] = odds
    features[:, 2:4] = np.abs(one - other)
    around: dict[int, dict[int, tuple[float, float]]] = {}
    for (i, j, _), (entailment, contradiction) in zip(pairs, odds.tolist(), strict=True):
        around.setdefault(i, {})[j] = around.setdefault(j, {})[i] = entailment, contradiction
    for k, (i, j, _) in enumerate(pairs):
        of_i, of_j = around[i], around[j]
        for third in of_i.keys() & of_j.keys():
            (e_i, c_i), (e_j, c_j) = of_i[third], of_j[third]
            seen = max(min(e_i, c_j), min(c_i, e_j)), min(e_i, e_j), min(c_i, c_j)
            features[k, 4:7] = np.maximum(features[k, 4:7], seen)
        rivals = [value for third, value in of_i.items() if third != j]
        rivals += [value for third, value in of_j.items() if third != i]
        if rivals:
            features[k, 7] = max(contradiction for _, contradiction in rivals)
            features[k, 8] = max(entailment for entailment, _ in rivals)
    return features


@dataclass(frozen=True, slots=True)
class Decision:
    """The weights of the gate and of both labels, and the thresholds.

    Without weights every pair is read, and the score of a label is the mean of its probability in both readings.
    """

    gate: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(("gate", *LABELS), 0.5))

    def __post_init__(self) -> None:
        for name in (*LABELS, *(("gate",) if self.gate else ())):
            value = self.thresholds.get(name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise InputError(f"threshold of {name!r} is {value!r}, expected a number between 0 and 1")
        unknown = set(self.thresholds) - {"gate", *LABELS}
        if unknown:
            raise InputError(
                f"threshold of {unknown.pop()!r}: expected one of {', '.join(('gate', *LABELS))}"
            )

    @classmethod
    def load(cls, folder: Path) -> Decision:
        """Return the decision kept with a checkpoint, or the plain one where there is none.

        Raises
        ------
        ModelError
            If ``relations.json`` is damaged.
        """
        if not (folder / NAME).is_file():
            return cls()
        value = read_json(folder / NAME)
        try:
            return cls(value["gate"], value["weights"], value["thresholds"])
        except (KeyError, InputError) as error:
            raise ModelError(f"{folder / NAME} is not a decision: {error}") from None

    def with_thresholds(self, thresholds: Mapping[str, float] | None) -> Decision:
        """Return the decision with some thresholds changed."""
        return Decision(self.gate, self.weights, {**self.thresholds, **(thresholds or {})})

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "gate": dict(self.gate),
            "weights": {label: dict(weights) for label, weights in self.weights.items()},
            "thresholds": dict(self.thresholds),
        }

    def passes(self, surface: FloatArray) -> npt.NDArray[np.bool_]:
        """Return which pairs (n,) are worth reading, from their surface features."""
        if not self.gate:
            return np.ones(len(surface), dtype=np.bool_)
        passed: npt.NDArray[np.bool_] = linear(surface, FEATURES, self.gate) >= self.thresholds["gate"]
        return passed

    def scores(
        self,
        pairs: Sequence[Pair],
        surface: FloatArray,
        forward: npt.NDArray[np.float32],
        backward: npt.NDArray[np.float32],
    ) -> dict[str, FloatArray]:
        """Return the probability (n,) of each label, from surface features and both readings (n, 3) of ``pairs``."""
        if not self.weights:
            mean = ((forward + backward) / 2).astype(np.float64)
            return {"contradicts": mean[:, 2], "corroborates": mean[:, 0]}
        features = np.hstack([surface, reading_features(pairs, forward, backward)])
        return {label: linear(features, ALL_FEATURES, self.weights[label]) for label in LABELS}
