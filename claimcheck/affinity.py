"""How likely two voices of an article stand on one side: logistic regression over what the text says of both.

Where :mod:`claimcheck.ties` reads what a text says outright, this weighs hints: a portfolio in common, the company
named last before "the night porter", a mayor and a town clerk. A voice is a speaker, or a source that no name stands
for ("a memo of the ministry"). The weights are fitted by :mod:`claimcheck.training.parties` and kept as JSON beside
the attribution checkpoint.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path

from claimcheck import lexicon
from claimcheck.checkpoints import packaged, read_json
from claimcheck.errors import ModelError
from claimcheck.lexicon import word_set
from claimcheck.names import STOP
from claimcheck.voices import MAX_VOICES, Voice

NAME = "parties.json"
HIGHEST = 0.25  # weight of the highest log odds between two sides; the rest is on their mean
LIMIT = 7.0  # log odds are kept within ±7
_OPPONENTS = word_set(
    "rival opponent counterpart adversary critic challenger predecessor successor opposite landlord boss"
)
_COLLEAGUES = word_set(
    "colleague deputy fellow friend client aide adviser assistant partner mate companion teammate"
)


def pair_features(voices: Sequence[Voice], i: int, j: int, shared: Mapping[str, int]) -> dict[str, float]:
    """Return what speaks for and against two voices on one side, by name; what is left out is 0.

    ``shared`` counts the voices that an organisation's noun is said of, as :func:`noun_counts` does.
    """
    a, b = voices[i], voices[j]
    found: dict[str, float] = {}
    for one, other, k in ((a, b, j), (b, a, i)):
        for name, value in _directed(one, other, k, shared).items():
            found[name] = max(found.get(name, 0.0), float(value))
    apart = bool(a.owners) and bool(b.owners) and not a.owners & b.owners
    other_state = bool(a.state and b.state and a.state != b.state)
    other_country = bool(a.country and b.country and a.country != b.country)
    government = "government" in a.domains and "government" in b.domains
    roles = bool(a.words & b.words & lexicon.ROLES)
    people = not a.body and not b.body
    found |= {
        "group": a.group is not None and a.group == b.group,
        "outright": a.outright is not None and a.outright == b.outright,
        "other_outright": a.placed and b.placed and a.outright != b.outright,
        "other_group": a.labelled and b.labelled and a.group != b.group,
        "state": a.state is not None and a.state == b.state,
        "other_state": other_state,
        "country": a.country is not None and a.country == b.country,
        "other_country": other_country,
        "shared_owner": bool(a.owners & b.owners),
        "apart": apart,
        "shared_name": min(3, len(a.name & b.name - STOP)),
        "shared_words": min(3, len(a.described & b.described - lexicon.ROLES)),
        "shared_noun": _rarity(a.words & b.words & lexicon.ORGANISATIONS, shared),
        "people": people,
        "bodies": a.body and b.body,
        "unnamed": a.unnamed + b.unnamed,
        "one_fitting": people and bool(a.fitting) and a.fitting[:1] == b.fitting[:1],
        "other_fitting": people and bool(a.fitting) and bool(b.fitting) and a.fitting[:1] != b.fitting[:1],
        "near_one_body": people and bool(a.before) and a.before[:1] == b.before[:1],
        "surname": people and _surname(a) is not None and _surname(a) == _surname(b),
        "distance": math.log1p(min(abs(x - y) for x in a.sentences for y in b.sentences)),
        "portfolio": bool(a.portfolios & b.portfolios),
        "one_government": government and not (other_state or other_country or apart),
        "overlap": len(a.contents & b.contents) / (1 + min(len(a.contents), len(b.contents))),
        "speak_of_same": min(3, len(a.named & b.named)),
        "gap": math.log1p(min((abs(x - y) for x in a.said for y in b.said), default=0)),
        "loose": (not a.body and not a.owners) + (not b.body and not b.owners),
        "both_loose": not a.body and not b.body and not a.owners and not b.owners,
        "both_common": a.common and b.common,
        "crowd": math.log1p(len(voices)),
        "counsels_apart": apart and bool(a.advocate and b.advocate),
        "shared_role": roles,
        "shared_role_named": roles and not a.common and not b.common,
    }
    for x in sorted(a.domains):  # in a fixed order: sums of floats depend on it
        for y in sorted(b.domains):
            found[" ".join(sorted((x, y)))] = 1.0
    return {name: float(value) for name, value in found.items() if value}


def all_features(voices: Sequence[Voice]) -> dict[tuple[int, int], dict[str, float]]:
    """Return :func:`pair_features` of every pair of voices, by their numbers."""
    shared = noun_counts(voices)
    return {(i, j): pair_features(voices, i, j, shared) for i, j in combinations(range(len(voices)), 2)}


def _directed(a: Voice, b: Voice, b_index: int, shared: Mapping[str, int]) -> dict[str, float]:
    """Return what speaks for a voice belonging to another."""
    mine = b.entity is not None and id(b.entity) in a.owners
    nouns = a.described & b.words & lexicon.ORGANISATIONS
    opponent = bool(a.described & _OPPONENTS)
    return {
        "owner": mine,
        "other_owner": bool(a.owners) and not mine,
        "named": min(3, len(a.described & b.name - lexicon.ROLES)),
        "kin": any(a.described & kind and b.words & kind for kind in lexicon.KIN),
        "noun": _rarity(nouns, shared),
        "possessor": b_index in a.possessor,
        "last_possessor": a.possessor[:1] == [b_index],
        "speaks_of": b.entity is not None and id(b.entity) in a.named,
        "speaks_of_owner": bool(a.named & b.owners),
        "speaks_of_own": bool(a.named & b.owners & a.owners),
        "we_recent": a.we and not a.body and a.before[:1] == [b_index],
        "opponent": opponent and b_index in a.possessor,
        "owners_opponent": opponent and mine,
        "colleague": bool(a.described & _COLLEAGUES) and b_index in a.possessor,
        **{f"turn {turn}": 1.0 for turn in a.turns.get(b_index, ())},
        "fitting": 1 / (1 + a.fitting.index(b_index)) if b_index in a.fitting else 0.0,
        "only_fitting": a.fitting == [b_index],
        "near_fitting": a.before[:1] == [b_index] and b_index in a.fitting,
        "recent": 1 / (1 + a.before.index(b_index)) if not a.body and b_index in a.before else 0.0,
    }


def noun_counts(voices: Sequence[Voice]) -> Counter[str]:
    """Return of how many voices each noun for an organisation is said."""
    return Counter(word for voice in voices for word in voice.words & lexicon.ORGANISATIONS)


def _rarity(nouns: frozenset[str], shared: Mapping[str, int]) -> float:
    return max((1 / max(1, shared[noun] - 1) for noun in nouns), default=0.0)


def _surname(voice: Voice) -> str | None:
    return voice.entity.words[-1] if voice.entity is not None and len(voice.entity.words) > 1 else None


@dataclass(frozen=True, slots=True)
class Affinity:
    """Weights by feature name, with an ``intercept``, and the log odds from which groups are joined.

    Without weights, nobody is joined beyond what the ties say.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    threshold: float = 0.0

    @classmethod
    def load(cls, folder: Path) -> Affinity:
        """Return the weights kept with an attribution checkpoint, or none where there are none.

        Raises
        ------
        ModelError
            If ``parties.json`` is damaged.
        """
        if not (folder / NAME).is_file():
            return cls()
        value = read_json(folder / NAME)
        try:
            return cls({str(k): float(v) for k, v in value["weights"].items()}, float(value["threshold"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"{folder / NAME} does not hold weights and a threshold: {error}") from None

    def odds(self, features: Mapping[str, float]) -> float:
        """Return the log odds, within ±7, that two voices with these features stand on one side.

        >>> Affinity({"owner": 2.0, "intercept": -3.0}).odds({"owner": 1.0, "unheard of": 1.0})
        -1.0
        """
        total = self.weights.get("intercept", 0.0)
        total += sum(self.weights.get(name, 0.0) * value for name, value in features.items())
        return max(-LIMIT, min(LIMIT, total))

    def all_odds(self, voices: Sequence[Voice]) -> dict[tuple[int, int], float]:
        """Return the log odds of every pair of voices, by their numbers."""
        return {pair: self.odds(found) for pair, found in all_features(voices).items()}

    def leaves_out_hints(self, voices: Sequence[Voice]) -> bool:
        """Return whether the weights go unused because there are too many voices."""
        return bool(self.weights) and len(voices) > MAX_VOICES

    def group(
        self, voices: Sequence[Voice], odds: Mapping[tuple[int, int], float] | None = None
    ) -> list[list[int]]:
        """Return the voices' numbers by side.

        Who is tied outright stays together, and who is tied to opposite poles, two countries or the parts of a court,
        stays apart. Then the two sides whose members are likeliest to stand together are
        joined, as long as the link between them, of average and highest log odds, is above the threshold.

        Parameters
        ----------
        odds
            The log odds of every pair, where they are known already: those of :meth:`all_odds`.
        """
        hints = bool(self.weights) and not self.leaves_out_hints(voices)
        tied: dict[Hashable, list[int]] = {}
        for k, voice in enumerate(voices):
            group = voice.outright if hints else voice.group
            tied.setdefault(("alone", k) if group is None else ("tied", group), []).append(k)
        sides = list(tied.values())
        if not hints:
            return sides
        known = self.all_odds(voices) if odds is None else odds
        opposed = {(i, j): -math.inf for i, j in known if _opposed(voices[i], voices[j])}
        return join_sides(sides, {**known, **opposed}, self.threshold)


def _opposed(a: Voice, b: Voice) -> bool:
    return a.pole is not None and b.pole is not None and a.pole != b.pole


def join_sides(
    sides: Sequence[Sequence[int]], odds: Mapping[tuple[int, int], float], threshold: float
) -> list[list[int]]:
    """Join the two sides with the strongest link, again and again, while it is above the threshold.

    The link between two sides is a mean over their members' log odds, with a quarter of its weight on the highest.

    >>> join_sides([[0], [1], [2]], {(0, 1): 2.0, (0, 2): -1.0, (1, 2): -3.0}, 0.0)
    [[0, 1], [2]]
    """

    def link(one: Sequence[int], other: Sequence[int]) -> float:
        values = [odds[min(i, j), max(i, j)] for i in one for j in other]
        return (1 - HIGHEST) * sum(values) / len(values) + HIGHEST * max(values)

    left = [list(side) for side in sides]
    links = {(x, y): link(left[x], left[y]) for x, y in combinations(range(len(left)), 2)}
    while links:
        (x, y), best = max(links.items(), key=lambda item: item[1])
        if best <= threshold:
            break
        left[x], left[y] = sorted(left[x] + left[y]), []
        for k, side in enumerate(left):
            links.pop((min(k, y), max(k, y)), None)
            if side and k != x:
                links[min(k, x), max(k, x)] = link(left[x], side)
    return [side for side in left if side]


@cache
def packaged_affinity() -> Affinity:
    """Return the shipped weights."""
    return Affinity.load(packaged("attribution"))
