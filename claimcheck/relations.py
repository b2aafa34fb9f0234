"""Relations: which pairs of claims are compared, and what the NLI model's two readings of a pair come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import regex

from claimcheck.decision import (
    APART,
    GATE,
    LABELS,
    LOOSE,
    PLAIN_READINGS,
    Decision,
    log_odds,
    reading_features,
)
from claimcheck.errors import InputError
from claimcheck.pairing import (
    FloatArray,
    Pair,
    article_members,
    every_pair,
    loose_pairs,
    pair_features,
)
from claimcheck.reasons import Reading, explain, is_cut
from claimcheck.records import Claim, Relation, RelationLabel
from claimcheck.retrieval import MAX_CANDIDATES, nearest_pairs
from claimcheck.statements import StatementFormat, render_pair, single

if TYPE_CHECKING:
    from claimcheck.nli import NLI
    from claimcheck.pair_head import PairHead

CLEARLY_NEUTRAL = 0.85  # a pair whose first reading is at least so neutral is not read the other way round
# nor, where the model has a pair head, which makes up for it, one that is at least so neutral
LESS_NEUTRAL = 0.3
LESS_NEUTRAL_LOOSE = 0.5
MAX_PAIRS = 1000
NESTED_WITHIN = 3  # places between a claim and one that passes it on
PASSED_ON_WITH = 8  # words: "the spokesman of the ministry told reporters that"
ALL_STATEMENTS = 200  # of which every pair is compared

SAME_WORDS = 0.8  # least score of claims of the same words
_OWN = frozenset(["i", "we", "me", "us", "my", "our", "mine", "ours"])
_WORDS = regex.compile(r"\w+")
_WORD = regex.compile(r"\w{4,}|\d+")


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
        return every_pair(n), False
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


def cross_pairs(
    claims: Sequence[Claim],
    max_pairs: int,
    max_candidates: int = MAX_CANDIDATES,
    articles: Sequence[Hashable] | None = None,
) -> tuple[list[Pair], bool]:
    """Return the pairs to compare between different articles, and whether any were left out.

    Where there are more than ``max_pairs``, each claim gets the ``max_candidates`` that are nearest to it
    (:func:`claimcheck.retrieval.nearest_pairs`).

    Parameters
    ----------
    articles
        What each claim's article is called; default: its document. Claims of none (None) are apart from all others.

    Examples
    --------
    >>> cross_pairs([Claim("c1", "x", document="d"), Claim("c2", "y", document="d"), Claim("c3", "z", document="e")], 9)
    ([(0, 2, None), (1, 2, None)], False)
    """
    if articles is None:
        articles = [claim.document for claim in claims]
    n = len(claims)
    sizes = [size for article, size in Counter(articles).items() if article is not None]
    total = (n * (n - 1) - sum(size * (size - 1) for size in sizes)) // 2
    if total <= max_pairs or max_candidates >= n - 1:
        pairs = combinations(range(n), 2)
        apart = [(i, j) for i, j in pairs if articles[i] is None or articles[i] != articles[j]]
    else:
        apart = nearest_pairs(claims, max_candidates, articles)
    return [(i, j, None) for i, j in apart], len(apart) < total


def statement_pairs(
    claims: Sequence[Claim],
    places: Sequence[tuple[str | None, int]],
    *,
    max_pairs: int = MAX_PAIRS,
    max_candidates: int | None = None,
) -> tuple[list[Pair], bool, bool]:
    """Return the pairs of statements to compare, and whether any were left out within articles, and across them.

    Every pair is taken of up to 200 statements. Of more, or where ``max_candidates`` is given, those of one article are
    chosen as by :func:`candidate_pairs`, the others as by :func:`cross_pairs`.

    Parameters
    ----------
    places
        The article of each statement, or None, and its place in it.

    Examples
    --------
    >>> statement_pairs([Claim("s1", "x"), Claim("s2", "y")], [("an article", 0), ("an article", 1)])
    ([(0, 1, 1)], False, False)
    """
    every = max_candidates is None and len(claims) <= ALL_STATEMENTS
    pairs: list[Pair] = []
    limited = False
    for group in article_members(places).values():
        size = len(group)
        own, left_out = candidate_pairs([claims[k] for k in group], size * size if every else max_pairs)
        limited |= left_out
        pairs += [(min(group[i], group[j]), max(group[i], group[j]), distance) for i, j, distance in own]
    articles = [article for article, _ in places]
    most = len(claims) ** 2 if every else 0
    apart, nearest = cross_pairs(claims, most, max_candidates or MAX_CANDIDATES, articles)
    return sorted(pairs + apart, key=lambda pair: pair[:2]), limited, nearest


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
    decision: Decision | None = None,
    keep_all: bool = False,
    surface: FloatArray | None = None,
    states: npt.NDArray[np.float32] | None = None,
    options: Mapping[str, Any] | None = None,
) -> list[Relation]:
    """Compare claims and return the relations that pass their threshold.

    A pair that passes the gate is read with ``a`` as premise, and the other way round unless the first reading is
    neutral enough (:func:`neutral_limits`). Where both labels pass their threshold, the one further above it wins.

    Parameters
    ----------
    form
        What the model was trained on: "framed" statements, or "plain" sentences.
    decision
        Gate, weights and thresholds; default: the mean of both readings against 0.5.
    keep_all
        Read every pair both ways and return those of no label too, as "neither".
    surface
        The pairs' features (n_pairs, n_features), where the claims are of several articles: places and rare words are
        those of one article. Default: :func:`claimcheck.pairing.pair_features` of all ``claims``.
    states
        The attribution model's states (n_claims, S) of the claims' contents, where the model's
        :class:`claimcheck.pair_head.PairHead` knows them.
    options
        Passed on to ``nli.predict``.

    Raises
    ------
    InputError
        If the model does not return one row of three probabilities per pair.
    """
    decision = decision or Decision()
    if surface is None:
        surface = pair_features(claims, pairs)
    if not keep_all:
        kept = own_relations(claims, pairs)
        pairs, surface = [pairs[k] for k in np.flatnonzero(kept).tolist()], surface[kept]
    apart = apart_features(claims, pairs, surface, nli, states)
    if not keep_all:
        passed = decision.passes(surface, apart)
        pairs = [pairs[k] for k in np.flatnonzero(passed).tolist()]
        surface, apart = surface[passed], apart[passed]
    # at 1.1 every pair is read both ways
    neutral = np.full(len(pairs), 1.1) if keep_all else neutral_limits(nli, surface)
    forward, backward = read_both_ways(claims, pairs, nli, form, neutral, options)
    plain = None
    if form == "framed" and f"{LABELS[0]}{LOOSE}" in decision.together:
        plain = plain_readings(claims, pairs, surface, nli, options)
    scores = decision.scores(pairs, surface, forward, backward, plain, apart)
    limits = decision.limits(surface)
    settled: dict[int, RelationLabel] = {}
    for k, (i, j, _) in enumerate(pairs):
        if (opposed := same_words(claims[i], claims[j])) is not None:
            said: RelationLabel = "contradicts" if opposed else "corroborates"
            unsaid = "corroborates" if opposed else "contradicts"
            scores[said][k], scores[unsaid][k] = max(scores[said][k], SAME_WORDS), 0.0
            settled[k] = said
    gates = decision.gate_chances(surface, apart)
    loose = loose_pairs(surface)
    relations = []
    for k, (i, j, distance) in enumerate(pairs):
        above = {label: float(scores[label][k] - limits[label][k]) for label in LABELS}
        best = max(LABELS, key=lambda label: above[label])
        if above[best] < 0 and not keep_all:
            continue
        neither = max(0.0, 1 - sum(float(scores[label][k]) for label in LABELS))
        label: RelationLabel = "neither" if above[best] < 0 else best
        reading = Reading(
            _triple(forward[k]),
            _triple(backward[k]) if forward[k, 1] < neutral[k] else None,
            plain=None if plain is None or not loose[k] else _plain_chance(label, plain[k]),
            framed=form == "framed",
            weighed=bool(decision.together),
            settled=settled.get(k) == label,
        )
        relations.append(
            _relation(
                (claims[i], claims[j], distance),
                label,
                neither if label == "neither" else float(scores[label][k]),
                reading,
                dict(zip(GATE, [*surface[k].tolist(), *apart[k].tolist()], strict=True)),
                None if gates is None else float(gates[k]),
            )
        )
    return relations


def own_relations(claims: Sequence[Claim], pairs: Sequence[Pair]) -> npt.NDArray[np.bool_]:
    """Return which pairs (n,) are not left to another: who only passes a claim on has no relations but with that claim.

    "X reports that Y complains that Z" passes Y's claim on: its content is Y's, and a few words that say whose it is.

    Examples
    --------
    >>> claims = [Claim("c1", "Ada says it is safe"), Claim("c2", "it is safe"), Claim("c3", "it is not")]
    >>> own_relations(claims, [(0, 1, 1), (0, 2, 2), (1, 2, 1)]).tolist()
    [True, False, True]
    """
    inner: dict[int, set[int]] = {}
    for i, j, distance in pairs:
        if distance is not None and distance <= NESTED_WITHIN:
            for outer, other in ((i, j), (j, i)):
                text, part = claims[outer].text, claims[other].text
                if len(text) > len(part) and part in text:
                    rest = len(_WORDS.findall(text)) - len(_WORDS.findall(part))
                    if rest <= PASSED_ON_WITH and len(_WORDS.findall(part)) >= rest:
                        inner.setdefault(outer, set()).add(other)
    kept = [(i not in inner or j in inner[i]) and (j not in inner or i in inner[j]) for i, j, _ in pairs]
    return np.array(kept, dtype=np.bool_)


def apart_features(
    claims: Sequence[Claim],
    pairs: Sequence[Pair],
    surface: FloatArray,
    nli: SupportsPredict,
    states: npt.NDArray[np.float32] | None = None,
) -> FloatArray:
    """Return the features (n, 3) named in APART of pairs; zeros where the model has no head for them."""
    head: PairHead | None = getattr(nli, "pair_head", None)
    if head is None or not pairs:
        return np.zeros((len(pairs), len(APART)))
    used = sorted({k for i, j, _ in pairs for k in (i, j)})
    place = {k: n for n, k in enumerate(used)}
    vectors = cast("NLI", nli).encode([single(claims[k]) for k in used])
    moved = [(place[i], place[j], distance) for i, j, distance in pairs]
    chances = head.chances(vectors, None if states is None else states[used], moved, surface)
    return log_odds(np.column_stack([1 - chances[:, 0], chances[:, 1:]]))


def neutral_limits(
    nli: SupportsPredict, surface: FloatArray, *, loose: float = LESS_NEUTRAL_LOOSE
) -> FloatArray:
    """Return how neutral the first reading of each pair (n,) must be for it not to be read the other way round.

    Beside a pair head it is ``loose`` for loose pairs.
    """
    if getattr(nli, "pair_head", None) is None:
        return np.full(len(surface), CLEARLY_NEUTRAL)
    return np.where(loose_pairs(surface), loose, LESS_NEUTRAL)


def read_both_ways(
    claims: Sequence[Claim],
    pairs: Sequence[Pair],
    nli: SupportsPredict,
    form: StatementFormat,
    neutral: float | FloatArray = CLEARLY_NEUTRAL,
    options: Mapping[str, Any] | None = None,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the readings (n, 3) of each pair with its first and with its second claim as premise.

    A pair whose first reading is neutral with at least ``neutral`` (one number, or one for each) is not read again: the
    second equals it.
    """
    options = options or {}
    forward = predict_checked(nli, [render_pair(claims[i], claims[j], d, form) for i, j, d in pairs], options)
    again = np.flatnonzero(forward[:, 1] < neutral).tolist()
    turned = [(pairs[k][1], pairs[k][0], pairs[k][2]) for k in again]
    backward = forward.copy()
    backward[again] = predict_checked(
        nli, [render_pair(claims[i], claims[j], d, form) for i, j, d in turned], options
    )
    return forward, backward


def same_words(a: Claim, b: Claim) -> bool | None:
    """Return whether two claims of the same words stand against each other; None where the words differ.

    One denies what the other says, or both say or deny it. Where "I" or "we" speaks, the words mean something else in
    another mouth, and short ones ("the plan") say too little.

    Examples
    --------
    >>> a, b = Claim("c1", "the bridge is safe"), Claim("c2", "The bridge is safe.")
    >>> same_words(a, b), same_words(a, Claim("c3", "the bridge is safe", cue="denied", force="denies"))
    (False, True)
    >>> same_words(Claim("c1", "we won the match"), Claim("c2", "we won the match")) is None
    True
    """
    if "questions" in (a.force, b.force):
        return None
    words = _WORDS.findall(a.text.casefold())
    if len(words) < 3 or words != _WORDS.findall(b.text.casefold()) or _OWN.intersection(words):
        return None
    return (a.force == "denies") != (b.force == "denies")


def plain_readings(
    claims: Sequence[Claim],
    pairs: Sequence[Pair],
    surface: FloatArray,
    nli: SupportsPredict,
    options: Mapping[str, Any] | None = None,
) -> FloatArray:
    """Return the features (n, 2) of loose pairs, read as plain sentences; zeros for the others.

    Where two statements have no article in common, or hardly one, it is their contents that tell. Beside a pair head they
    are read one way, the first one as premise.
    """
    features = np.zeros((len(pairs), len(PLAIN_READINGS)))
    loose = np.flatnonzero(loose_pairs(surface)).tolist()
    neutral = neutral_limits(nli, surface[loose], loose=0.0)
    forward, backward = read_both_ways(claims, [pairs[k] for k in loose], nli, "plain", neutral, options)
    features[loose] = reading_features(forward, backward)[:, : len(PLAIN_READINGS)]
    return features


def predict_checked(
    nli: SupportsPredict, pairs: list[tuple[str, str]], options: Mapping[str, Any]
) -> npt.NDArray[np.float32]:
    """Ask the model, unless there is nothing to ask, and check what it says.

    Raises
    ------
    InputError
        If it does not return one row of three probabilities per pair.
    """
    if not pairs:
        return np.zeros((0, 3), dtype=np.float32)
    rows = np.asarray(nli.predict(pairs, **options), dtype=np.float32)
    if rows.shape != (len(pairs), 3):
        raise InputError(
            f"the NLI model returned an array of shape {rows.shape} for {len(pairs)} pairs, expected ({len(pairs)}, 3)"
        )
    return rows


def _relation(
    pair: tuple[Claim, Claim, int | None],
    label: RelationLabel,
    score: float,
    reading: Reading,
    features: Mapping[str, float],
    gate: float | None,
) -> Relation:
    """Return the record of a pair, numbers rounded and zeros left out of the features."""
    a, b, distance = pair
    return Relation(
        a=a.id,
        b=b.id,
        label=label,
        score=round(score, 4),
        forward=reading.forward,
        backward=reading.backward or reading.forward,
        why=explain(a, b, label, distance, reading),
        denied=(a.force == "denies", b.force == "denies"),
        truncated=(reading.framed and is_cut(a), reading.framed and is_cut(b)),
        gate=None if gate is None else round(gate, 4),
        features={name: round(value, 4) for name, value in features.items() if value},
    )


def _plain_chance(label: RelationLabel, plain: FloatArray) -> float | None:
    """Return the probability of a label in the plain readings (2,) of a pair."""
    if label == "neither":
        return None
    odds = plain[
        PLAIN_READINGS.index("plain_contradiction" if label == "contradicts" else "plain_entailment")
    ]
    return float(1 / (1 + np.exp(-odds)))


def _triple(row: npt.NDArray[np.float32]) -> tuple[float, float, float]:
    entailment, neutral, contradiction = (round(float(x), 4) for x in row)
    return entailment, neutral, contradiction
