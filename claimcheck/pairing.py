"""Surface features of a pair of claims: where they stand, who makes them, and which words they share.

Nine of ten pairs in an article have nothing to do with each other, and these features tell most of that without an
encoder.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import regex

from claimcheck.lexicon import word_set
from claimcheck.records import Claim

Pair = tuple[
    int, int, int | None
]  # indices into the claims, and how many places apart they are in one article

FloatArray = npt.NDArray[np.float64]

FEATURES = (
    "shared_text",  # weight of the words that both contents have
    "shared_text_context",  # … that the first content and the second one's context have
    "shared_context_text",
    "shared_context",
    "closeness",  # 1 / places apart, 0 across articles
    "next",
    "second_next",
    "far",  # log of the places apart
    "same_speaker",
    "same_party",
    "other_party",
    "first_denies",
    "second_denies",
    "both_demand",
    "a_question",
    "both_numbers",
    "short_content",
    "opening",  # the first one stands at the beginning: a headline or a lead
    "first_place",  # share of the article's claims before it
    "second_place",
    "first_length",  # log of the number of stems
    "second_length",
    "one_within",  # one content holds the other: one passes the other on, or disputes it
    "first_passes_on",  # the first content holds that of some claim
    "second_passes_on",
    "loose",  # of different articles, or of a text of few claims
    "no_context",  # nothing stands before either
)
FEW_CLAIMS = 6  # a text of so many claims, or fewer, is a short one
RAREST = 30  # claims of which one has a word

_WORD = regex.compile(r"\p{L}{4,}|\d+")
_DIGIT = regex.compile(r"\d")
_COMMON = word_set(
    "about after again against also another anyone anything because been before being between both came come could "
    "does doing down during each even ever every from further have having here into itself just like made make many "
    "more most much must never none only other over said same says should since some such than that their them then "
    "there these they this those through told under until upon very want wants were what when where whether which "
    "while will with within without would year years your yours"
)


def every_pair(n: int) -> list[Pair]:
    """Return all pairs of the ``n`` claims of one article, the earlier one first.

    >>> every_pair(3)
    [(0, 1, 1), (0, 2, 2), (1, 2, 1)]
    """
    return [(i, j, j - i) for i, j in combinations(range(n), 2)]


def stems(text: str) -> frozenset[str]:
    """Return the first five letters of a text's longer words, and its numbers.

    >>> sorted(stems("They denied the denial of 12 claims"))
    ['12', 'claim', 'denia', 'denie']
    """
    return frozenset(word[:5] for word in _WORD.findall(text.lower()) if word not in _COMMON)


def pair_features(claims: Sequence[Claim], pairs: Sequence[Pair]) -> FloatArray:
    """Return the features (n_pairs, 27) named in FEATURES; words that few claims have weigh more.

    The inverse frequency is capped at 30, so that weights do not grow with the number of claims.
    """
    texts = [stems(claim.text) for claim in claims]
    contexts = [stems(claim.context) for claim in claims]
    counts = Counter(stem for text in texts for stem in text)
    weight = {stem: math.log(1 + min(len(claims) / count, RAREST)) for stem, count in counts.items()}
    default = math.log(1 + min(len(claims), RAREST))

    def shared(a: frozenset[str], b: frozenset[str]) -> float:
        return math.log1p(sum(weight.get(stem, default) for stem in a & b))

    numbers = [bool(_DIGIT.search(claim.text)) for claim in claims]
    outer = [_outer(claims, i, j) for i, j, _ in pairs]
    passing_on = {i for i in outer if i is not None}
    rows = np.zeros((len(pairs), len(FEATURES)))
    for k, (i, j, distance) in enumerate(pairs):
        a, b = claims[i], claims[j]
        parties = a.party is not None and b.party is not None
        rows[k] = (
            shared(texts[i], texts[j]),
            shared(texts[i], contexts[j]),
            shared(contexts[i], texts[j]),
            shared(contexts[i], contexts[j]),
            1 / distance if distance else 0.0,
            distance == 1,
            distance == 2,
            math.log(distance) if distance else 0.0,
            a.speaker is not None and a.speaker == b.speaker,
            parties and a.party == b.party,
            parties and a.party != b.party,
            a.force == "denies",
            b.force == "denies",
            a.force == b.force == "demands",
            "questions" in (a.force, b.force),
            numbers[i] and numbers[j],
            min(len(texts[i]), len(texts[j])) < 3,
            distance is not None and min(i, j) < 2,
            i / len(claims) if distance else 0.5,
            j / len(claims) if distance else 0.5,
            math.log1p(len(texts[i])),
            math.log1p(len(texts[j])),
            outer[k] is not None,
            i in passing_on,
            j in passing_on,
            distance is None or len(claims) <= FEW_CLAIMS,
            not (a.context or b.context),
        )
    return rows


def article_members(places: Sequence[tuple[str | None, int]]) -> dict[str, list[int]]:
    """Return the numbers of the claims of each article, by their place in it; those of none are left out.

    >>> article_members([("one", 5), (None, 0), ("two", 1), ("one", 2)])
    {'one': [3, 0], 'two': [2]}
    """
    groups: dict[str, list[int]] = {}
    for k, (article, _) in enumerate(places):
        if article is not None:
            groups.setdefault(article, []).append(k)
    return {article: sorted(group, key=lambda k: places[k][1]) for article, group in groups.items()}


def grouped_features(
    claims: Sequence[Claim], pairs: Sequence[Pair], places: Sequence[tuple[str | None, int]]
) -> FloatArray:
    """Return the features (n_pairs, 27) of pairs of claims of several articles.

    Places, and how rare a word is, are those of the article where both claims are of one.

    Parameters
    ----------
    places
        The article of each claim, or None, and its place in it.

    Examples
    --------
    >>> claims = [Claim("c1", "x"), Claim("c2", "the mayor left"), Claim("c3", "the mayor stayed")]
    >>> places = [("one", 0), ("two", 0), ("two", 1)]
    >>> float(grouped_features(claims, [(1, 2, 1)], places)[0, FEATURES.index("first_place")])
    0.0
    """
    groups = article_members(places)
    within: dict[str | None, list[int]] = {}
    for row, (i, j, _) in enumerate(pairs):
        article = places[i][0]
        within.setdefault(article if article == places[j][0] else None, []).append(row)
    rows = np.zeros((len(pairs), len(FEATURES)))
    for article, own in within.items():
        members = range(len(claims)) if article is None else groups[article]
        local = {k: n for n, k in enumerate(members)}
        moved = [(local[pairs[row][0]], local[pairs[row][1]], pairs[row][2]) for row in own]
        rows[own] = pair_features([claims[k] for k in members], moved)
    return rows


def loose_pairs(surface: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which pairs (n,) are loose, from their features (n, 27)."""
    loose: npt.NDArray[np.bool_] = surface[:, FEATURES.index("loose")] > 0
    return loose


def _outer(claims: Sequence[Claim], i: int, j: int) -> int | None:
    """Return which of two claims holds the other's content in its own."""
    first, second = claims[i].text, claims[j].text
    if len(first) > len(second) and second in first:
        return i
    return j if len(second) > len(first) and first in second else None
