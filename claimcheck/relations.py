"""Relations: which pairs of claims are compared, and what the NLI model's two readings of a pair come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import regex

from claimcheck.errors import InputError
from claimcheck.records import Claim, Relation, RelationLabel
from claimcheck.statements import StatementFormat, render_pair

DEFAULT_THRESHOLDS: Mapping[str, float] = {"contradicts": 0.5, "corroborates": 0.5}
CLEARLY_NEUTRAL = 0.9  # a pair whose first reading is at least so neutral is not read the other way round
MAX_PAIRS = 1000

_WORD = regex.compile(r"\w{4,}|\d+")

Pair = tuple[
    int, int, int | None
]  # indices into the claims, and how many places apart they are in one article


class SupportsPredict(Protocol):
    """The NLI extension point: probabilities (n, 3) of entailment, neutral, contradiction."""

    def predict(self, pairs: Sequence[tuple[str, str]]) -> npt.NDArray[np.float32]:
        """Return one row per (premise, hypothesis)."""
        ...


def candidate_pairs(claims: Sequence[Claim], max_pairs: int = MAX_PAIRS) -> tuple[list[Pair], bool]:
    """Return the pairs to compare within one article, the earlier claim first, and whether any were left out.

    All pairs are compared while there are at most ``max_pairs``. Beyond that, those are taken that stand nearest to
    each other, and half of the room is kept for those that share the most words.

    Examples
    --------
    >>> candidate_pairs([Claim("c1", "x"), Claim("c2", "y"), Claim("c3", "z")])
    ([(0, 1, 1), (0, 2, 2), (1, 2, 1)], False)
    """
    n = len(claims)
    if n * (n - 1) // 2 <= max_pairs:
        return [(i, j, j - i) for i, j in combinations(range(n), 2)], False
    chosen: dict[tuple[int, int], None] = {}
    for pair in _sharing_words(claims, max_pairs // 2):
        chosen[pair] = None
    distance = 1
    while len(chosen) < max_pairs:
        for i in range(n - distance):
            chosen[i, i + distance] = None
            if len(chosen) == max_pairs:
                break
        distance += 1
    return [(i, j, j - i) for i, j in sorted(chosen)], True


def _sharing_words(claims: Sequence[Claim], limit: int) -> list[tuple[int, int]]:
    """Return the pairs that share the most words, rare ones counting more, without looking at every pair."""
    holders: dict[str, list[int]] = {}
    for index, claim in enumerate(claims):
        for word in set(_WORD.findall(claim.text.lower())):
            holders.setdefault(word, []).append(index)
    weights: dict[tuple[int, int], float] = {}
    for found in holders.values():
        if 1 < len(found) <= 30:
            for pair in combinations(found, 2):
                weights[pair] = weights.get(pair, 0.0) + 1 / len(found)
    return sorted(weights, key=lambda pair: (-weights[pair], pair))[:limit]


def relate(
    claims: Sequence[Claim],
    pairs: Sequence[Pair],
    nli: SupportsPredict,
    *,
    form: StatementFormat = "plain",
    thresholds: Mapping[str, float] = DEFAULT_THRESHOLDS,
    keep_neither: bool = False,
    options: Mapping[str, Any] | None = None,
) -> list[Relation]:
    """Compare claims and return the relations that pass their threshold.

    Each pair is read with ``a`` as premise, and the other way round unless the first reading is clearly neutral. The
    score of a label is the mean of its probability in both readings; where both labels pass, the higher one wins.

    Parameters
    ----------
    form
        What the model was trained on: "framed" statements, or "plain" sentences.
    thresholds
        For "contradicts" and "corroborates", 0 to 1.
    keep_neither
        Return the other pairs too, labelled "neither", with the probability of that.
    options
        Passed on to ``nli.predict``.

    Raises
    ------
    InputError
        If a threshold is missing or not between 0 and 1.
    """
    check_thresholds(thresholds)
    options = options or {}
    first = nli.predict([render_pair(claims[i], claims[j], d, form) for i, j, d in pairs], **options)
    again = [k for k in range(len(pairs)) if first[k, 1] < CLEARLY_NEUTRAL or keep_neither]
    turned = [pairs[k] for k in again]
    second = nli.predict([render_pair(claims[j], claims[i], d, form) for i, j, d in turned], **options)
    relations = []
    for row, k in enumerate(again):
        i, j, distance = pairs[k]
        forward, backward = first[k], second[row]
        entailment, neutral, contradiction = (float(x) for x in (forward + backward) / 2)
        scores: dict[RelationLabel, float] = {"contradicts": contradiction, "corroborates": entailment}
        passed = [label for label, score in scores.items() if score >= thresholds[label]]
        if not passed and not keep_neither:
            continue
        label: RelationLabel = max(passed, key=lambda name: scores[name]) if passed else "neither"
        relations.append(
            Relation(
                a=claims[i].id,
                b=claims[j].id,
                label=label,
                score=round(scores.get(label, neutral), 4),
                forward=_triple(forward),
                backward=_triple(backward),
                why=explain(claims[i], claims[j], label, distance),
            )
        )
    return relations


def check_thresholds(thresholds: Mapping[str, float]) -> None:
    """Raise InputError unless both labels have a threshold between 0 and 1."""
    for label in DEFAULT_THRESHOLDS:
        value = thresholds.get(label)
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise InputError(f"threshold of {label!r} is {value!r}, expected a number between 0 and 1")


def explain(a: Claim, b: Claim, label: RelationLabel, distance: int | None) -> str:
    """Say in words what a relation rests on.

    >>> explain(Claim("c1", "x", speaker="Ada"), Claim("c2", "x", speaker="Ben", cue="denied", force="denies"), "contradicts", 1)
    'Ben denies ("denied") what the content says; read as contradicting in their context, one directly after the other'
    """
    parts = [
        f'{claim.speaker or "the source"} {claim.force} ("{claim.cue}") what the content says'
        for claim in (a, b)
        if claim.force == "denies" and claim.cue
    ]
    if a.speaker is not None and a.speaker == b.speaker:
        parts.append("both by one speaker")
    reading = {"contradicts": "contradicting", "corroborates": "saying the same", "neither": "unrelated"}[
        label
    ]
    place = ", one directly after the other" if distance == 1 else ""
    return "; ".join([*parts, f"read as {reading} in their context{place}"])


def _triple(row: npt.NDArray[np.float32]) -> tuple[float, float, float]:
    entailment, neutral, contradiction = (round(float(x), 4) for x in row)
    return entailment, neutral, contradiction
