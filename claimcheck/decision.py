"""What decides on a pair: a gate before it is read, then two rounds over the readings and the surface.

The gate is what the pair head says (:mod:`claimcheck.pair_head`), or where there is none a logistic regression over the
surface. The first round looks at a pair alone: both NLI readings, the surface and the head. The second one also sees
what the first says of the pairs that each claim forms with a third, for relations hang together: who contradicts a
statement contradicts its paraphrases too (the transitivity that Berant et al., ACL 2011, build into entailment graphs).
Pairs of different articles and of texts of few claims are *loose* and have weights and thresholds of their own: within
a long article neighbours mostly argue, elsewhere two statements mostly have nothing to do with each other. All of it but
the pair head is logistic regression, fitted by :mod:`claimcheck.training.relations` and kept as JSON beside the NLI
checkpoint that it was fitted to.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from claimcheck.checkpoints import read_json
from claimcheck.errors import InputError, ModelError
from claimcheck.pairing import FEATURES, FloatArray, Pair, loose_pairs
from claimcheck.records import RelationLabel

READINGS = (
    "entailment",  # log odds, mean of both directions
    "contradiction",
    "entailment_gap",  # how far the two directions are apart
    "contradiction_gap",
)
PLAIN_READINGS = ("plain_entailment", "plain_contradiction")  # of loose pairs, without speaker and context
APART = (
    "related_apart",  # log odds of either label, by the head that looks at both claims apart; 0 where there is none
    "contradicts_apart",
    "corroborates_apart",
)
NEIGHBOURS = (
    "contradicts_alone",  # log odds of the first round
    "corroborates_alone",
    "opposed",  # a third claim contradicts one and says the same as the other
    "allied",  # a third claim says the same as both
    "common_opponent",  # a third claim contradicts both
    "rival_contradicts",  # the strongest contradiction of either with a third claim
    "rival_corroborates",
    "other_contradicts",  # log of the expected number of contradictions of both with third claims
    "other_corroborates",
)
LABELS: tuple[RelationLabel, RelationLabel] = ("contradicts", "corroborates")
GATE = (*FEATURES, *APART)
ALONE = (*FEATURES, *READINGS, *PLAIN_READINGS, *APART)
TOGETHER = (*ALONE, *NEIGHBOURS)
NAME = "relations.json"
LOOSE = "_loose"  # behind a label: its weights and threshold for loose pairs
LIMIT = 7.0  # log odds are kept within ±7

Weights = Mapping[str, Mapping[str, float]]


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


def log_odds(chances: npt.ArrayLike) -> FloatArray:
    """Return the log odds of probabilities, within ±7."""
    inner = np.asarray(chances, dtype=np.float64).clip(1e-6, 1 - 1e-6)
    odds: FloatArray = np.log(inner / (1 - inner)).clip(-LIMIT, LIMIT)
    return odds


def reading_features(forward: npt.NDArray[np.float32], backward: npt.NDArray[np.float32]) -> FloatArray:
    """Return the features (n, 4) named in READINGS of both readings (n, 3)."""
    one, other = log_odds(forward[:, [0, 2]]), log_odds(backward[:, [0, 2]])
    return np.hstack([(one + other) / 2, np.abs(one - other)])


def neighbour_features(
    pairs: Sequence[Pair], contradicts: FloatArray, corroborates: FloatArray
) -> FloatArray:
    """Return the features (n, 9) named in NEIGHBOURS, from the first round's probabilities (n,) of each label.

    Examples
    --------
    >>> features = neighbour_features([(0, 1, 1), (0, 2, 2), (1, 2, 1)], np.array([0.5, 0.9, 0.1]), np.array([0.5, 0.1, 0.8]))
    >>> dict(zip(NEIGHBOURS, features[0].round(2).tolist()))["opposed"]  # 2 against 0 (0.9), and 2 with 1 (0.8)
    1.39
    """
    around: dict[int, dict[int, tuple[float, float]]] = {}
    for (i, j, _), chances in zip(
        pairs, zip(contradicts.tolist(), corroborates.tolist(), strict=True), strict=True
    ):
        around.setdefault(i, {})[j] = around.setdefault(j, {})[i] = chances
    totals = {claim: np.sum(list(others.values()), axis=0) for claim, others in around.items()}
    paths = np.zeros((len(pairs), 5))
    others = np.zeros((len(pairs), 2))
    for k, (i, j, _) in enumerate(pairs):
        of_i, of_j = around[i], around[j]
        for third in of_i.keys() & of_j.keys():
            (c_i, e_i), (c_j, e_j) = of_i[third], of_j[third]
            seen = max(min(e_i, c_j), min(c_i, e_j)), min(e_i, e_j), min(c_i, c_j)
            paths[k, :3] = np.maximum(paths[k, :3], seen)
        rivals = [chances for third, chances in of_i.items() if third != j]
        rivals += [chances for third, chances in of_j.items() if third != i]
        if rivals:
            paths[k, 3:] = np.max(rivals, axis=0)
        others[k] = totals[i] + totals[j] - 2 * np.array(of_i[j])
    alone = log_odds(np.stack([contradicts, corroborates], axis=1))
    return np.hstack([alone, log_odds(paths), np.log(others.clip(0) + 0.01)])


@dataclass(frozen=True, slots=True)
class Decision:
    """The weights of the gate and, for both labels, of the first round (``alone``) and the second (``together``).

    Those for loose pairs stand under "contradicts_loose" and "corroborates_loose" (and their thresholds too, with
    "gate_loose"); where there are none, the others serve. Without weights every pair is read, and the score of a label
    is the mean of its probability in both readings.
    """

    gate: Mapping[str, float] = field(default_factory=dict)
    alone: Weights = field(default_factory=dict)
    together: Weights = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(("gate", *LABELS), 0.5))

    def __post_init__(self) -> None:
        for name in {*LABELS, *self.thresholds, *(("gate",) if self.gate else ())}:
            value = self.thresholds.get(name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise InputError(f"threshold of {name!r} is {value!r}, expected a number between 0 and 1")
        known = [name + suffix for suffix in ("", LOOSE) for name in ("gate", *LABELS)]
        unknown = set(self.thresholds) - set(known)
        if unknown:
            raise InputError(f"threshold of {unknown.pop()!r}: expected one of {', '.join(known)}")

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
            parts = [value[name] for name in ("gate", "alone", "together", "thresholds")]
            gate, alone, together, _ = parts
            if together and not (set(LABELS) <= set(alone) and set(LABELS) <= set(together)):
                raise InputError(f"weights for {', '.join(LABELS)} are needed in both rounds")
            for weights in (gate, *alone.values(), *together.values()):
                if not all(math.isfinite(weight) for weight in weights.values()):
                    raise InputError("a weight is not finite")
            return cls(*parts)
        except (AttributeError, KeyError, TypeError, InputError) as error:
            raise ModelError(f"{folder / NAME} is not a decision: {error}") from None

    @property
    def looks_apart(self) -> bool:
        """Whether it weighs what a pair head says."""
        weights = (self.gate, *self.alone.values(), *self.together.values())
        return any(part.get(name) for part in weights for name in APART)

    def with_thresholds(self, thresholds: Mapping[str, float] | None) -> Decision:
        """Return the decision with some thresholds changed; each holds for loose pairs too, unless theirs is given."""
        if thresholds is not None and not isinstance(thresholds, Mapping):
            raise InputError(
                f"thresholds is {thresholds!r:.80}, expected a mapping such as {{'contradicts': 0.6}}"
            )
        given = dict(thresholds or {})
        loose = {
            f"{name}{LOOSE}": value for name, value in given.items() if f"{name}{LOOSE}" in self.thresholds
        }
        return replace(self, thresholds={**self.thresholds, **loose, **given})

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "gate": dict(self.gate),
            "alone": {label: dict(weights) for label, weights in self.alone.items()},
            "together": {label: dict(weights) for label, weights in self.together.items()},
            "thresholds": dict(self.thresholds),
        }

    def passes(self, surface: FloatArray, apart: FloatArray) -> npt.NDArray[np.bool_]:
        """Return which pairs (n,) are worth reading, from the features (n, 27) and (n, 3) named in GATE."""
        chances = self.gate_chances(surface, apart)
        if chances is None:
            return np.ones(len(surface), dtype=np.bool_)
        passed: npt.NDArray[np.bool_] = chances >= self._limit("gate", surface)
        return passed

    def gate_chances(self, surface: FloatArray, apart: FloatArray) -> FloatArray | None:
        """Return the gate's probability (n,) of pairs, from the features named in GATE; None where there is no gate."""
        return linear(np.hstack([surface, apart]), GATE, self.gate) if self.gate else None

    def scores(
        self,
        pairs: Sequence[Pair],
        surface: FloatArray,
        forward: npt.NDArray[np.float32],
        backward: npt.NDArray[np.float32],
        plain: FloatArray | None = None,
        apart: FloatArray | None = None,
    ) -> dict[str, FloatArray]:
        """Return the probability (n,) of each label, from surface features and both readings (n, 3) of ``pairs``.

        ``plain`` (n, 2) has the features of the plain readings of loose pairs, and zeros for others; ``apart`` (n, 3)
        those named in APART.
        """
        if not self.together:
            mean = ((forward + backward) / 2).astype(np.float64)
            return {"contradicts": mean[:, 2], "corroborates": mean[:, 0]}
        loose = loose_pairs(surface)
        if plain is None:
            plain = np.zeros((len(surface), len(PLAIN_READINGS)))
        if apart is None:
            apart = np.zeros((len(surface), len(APART)))
        alone = np.hstack([surface, reading_features(forward, backward), plain, apart])
        first = {label: _weigh(alone, ALONE, self.alone, label, loose) for label in LABELS}
        features = np.hstack([alone, neighbour_features(pairs, first["contradicts"], first["corroborates"])])
        return {label: _weigh(features, TOGETHER, self.together, label, loose) for label in LABELS}

    def limits(self, surface: FloatArray) -> dict[str, FloatArray]:
        """Return the threshold (n,) of each label, from the surface features of pairs."""
        return {label: self._limit(label, surface) for label in LABELS}

    def _limit(self, name: str, surface: FloatArray) -> FloatArray:
        limit = self.thresholds[name]
        return np.where(loose_pairs(surface), self.thresholds.get(f"{name}{LOOSE}", limit), limit)


def _weigh(
    features: FloatArray, names: tuple[str, ...], weights: Weights, label: str, loose: npt.NDArray[np.bool_]
) -> FloatArray:
    """Return the probabilities (n,) of a label, those of loose pairs from the weights for them."""
    chances = linear(features, names, weights[label])
    if f"{label}{LOOSE}" in weights and loose.any():
        chances[loose] = linear(features[loose], names, weights[f"{label}{LOOSE}"])
    return chances
