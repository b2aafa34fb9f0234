"""How likely two voices of an article stand on one side: logistic regression over what the text says of both.

Where :mod:`claimcheck.ties` reads what a text says outright, this weighs hints: a portfolio in common, the company
named last before "the night porter", a mayor and a town clerk. A voice is a speaker, or a source that no name stands
for ("a memo of the ministry"). The weights are fitted by :mod:`claimcheck.training.parties` and kept as JSON beside
the attribution checkpoint.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path

from claimcheck import lexicon
from claimcheck.checkpoints import packaged, read_json
from claimcheck.entities import Entity
from claimcheck.errors import ModelError
from claimcheck.lexicon import word_set
from claimcheck.lookups import POSSESSIVES, PRONOUNS, WORD
from claimcheck.names import STOP, fold
from claimcheck.records import Attribution, Speaker
from claimcheck.roles import Role, parse_description
from claimcheck.ties import Ties, name_words

NAME = "parties.json"
LIMIT = 7.0  # log odds are kept within ±7
MAX_VOICES = 60  # an article with more of them is left to the ties
_RECENT = 6
# what words tell the walk of life that somebody speaks from
_DOMAINS: dict[str, frozenset[str]] = {
    "government": word_set(
        "minister ministers ministry government cabinet treasury presidency premier prime undersecretary "
        "under-secretary pm whip governor administration"
    ),
    "opposition": word_set("opposition rival challenger rebel rebels dissident opposite counterpart"),
    "politics": word_set("mp mps senator lawmaker lawmakers deputy party campaign candidate leader"),
    "police": word_set("police inspector superintendent constable sergeant detective sheriff constabulary"),
    "military": word_set(
        "army navy colonel general lieutenant brigadier military conscript soldier soldiers commander"
    ),
    "court": word_set("judge court justice magistrate tribunal"),
    "prosecution": word_set("prosecutor prosecutors prosecution prosecuting"),
    "defence": word_set("lawyer lawyers attorney solicitor barrister counsel defence defense client"),
    "town": word_set(
        "mayor council town city councillor councillors hall clerk borough shire municipal parish convener"
    ),
    "union": word_set(
        "union unions federation strikers steward shop organiser dockers workers guild drivers crews pickets"
    ),
    "company": word_set(
        "company firm chairman executive director manager operator owner owners maker plant board founder managing "
        "ceo employer management"
    ),
    "school": word_set("school college university dean rector headteacher faculty professor teacher"),
    "hospital": word_set("hospital clinic surgeon matron nurse ward medics"),
    "people": word_set(
        "resident residents villager villagers neighbour neighbours woman man boy girl pensioner mother father widow "
        "retired lives tenants tenant shopkeeper passenger passengers customer parents family families customers "
        "witnesses"
    ),
    "family": word_set(
        "mother father son daughter wife husband brother sister aunt uncle cousin widow family lawyer nephew"
    ),
    "science": word_set("scientist researcher study institute laboratory university observatory survey"),
    "sport": word_set("coach captain trainer team club player manager striker"),
    "farming": word_set("farmer farmers growers grower herders fishermen cooperative"),
    "staff": word_set(
        "driver foreman employee employees staff worker engineer technician porter shift crew conductor mate master "
        "skipper log register invoice letter memo record records"
    ),
    "ship": word_set("ship ferry captain skipper mate master crew shipowner line"),
    "church": word_set("bishop priest diocese parish vicar church sacristan pope"),
    "inspection": word_set(
        "inspector inspectors agency authority regulator inspectorate bureau watchdog commission commissioner "
        "auditor auditors audit"
    ),
}


@dataclass(slots=True, eq=False)
class Voice:
    """A speaker or an unnamed source, with what the text says of it.

    ``id`` is that of the speaker or, of an unnamed source, that of the attribution. ``words`` are those of its name
    and its descriptions, ``described`` those of the descriptions alone. ``owners`` are the entities that the
    descriptions name. ``before`` ranks the bodies named before it is introduced, ``possessor`` the voices that the
    "his" of a description can stand for; both hold the numbers of other voices, nearest first.
    """

    id: str
    entity: Entity | None
    body: bool
    positions: list[int]
    name: frozenset[str]
    described: frozenset[str]
    words: frozenset[str]
    owners: frozenset[int]
    possessives: list[int]
    anchor: int
    group: Hashable | None = None
    labelled: bool = False
    state: str | None = None
    country: str | None = None
    domains: frozenset[str] = frozenset()
    portfolios: frozenset[str] = frozenset()
    sentences: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    possessor: list[int] = field(default_factory=list)

    @property
    def unnamed(self) -> bool:
        """Whether it is no speaker."""
        return self.entity is None

    @property
    def common(self) -> bool:
        """Whether no proper name stands for it."""
        return self.entity is None or self.entity.described


def find_voices(ties: Ties, speakers: Sequence[Speaker], attributions: Sequence[Attribution]) -> list[Voice]:
    """Return the speakers of an article as voices, then its sources that no speaker stands for.

    Sources that are a pronoun are left out: what they stand for is not known.
    """
    sources = {a.id: a.source for a in attributions}
    voices = []
    for speaker in speakers:
        entity = ties.entity_of[speaker.id]
        spans = [(s.start, s.end) for a in speaker.attributions for s in sources.get(a, ())]
        positions = [m.start for m in speaker.mentions] or [entity.position]
        body = (speaker.kind if speaker.kind != "unknown" else entity.kind) == "organization"
        name = frozenset(entity.words) | frozenset(name_words(speaker.name))
        voices.append(_voice(ties, speaker.id, entity, body, name, positions, spans, entity.roles[:40]))
        voices[-1].group = ties.root(speaker.id)
        voices[-1].labelled = bool(ties.labels(voices[-1].group))
    spoken = {a for speaker in speakers for a in speaker.attributions}
    for attribution in attributions:
        span = next((s for s in attribution.source if s.end <= len(ties.table.text)), None)
        if attribution.id in spoken or span is None or span.of(ties.table.text).lower() in PRONOUNS:
            continue
        role = parse_description(ties.table.text, span.start, span.end)
        bounds = (span.start, span.end)
        found = [role] if role else []
        voices.append(_voice(ties, attribution.id, None, False, frozenset(), [span.start], [bounds], found))
    _rank(voices)
    return voices


def _voice(
    ties: Ties,
    identity: str,
    entity: Entity | None,
    body: bool,
    name: frozenset[str],
    positions: list[int],
    spans: Sequence[tuple[int, int]],
    roles: Sequence[Role],
) -> Voice:
    table = ties.table
    spans = sorted({(start, end) for start, end in spans if end <= len(table.text)})
    words: set[str] = set()
    owners: set[int] = set()
    possessives: list[int] = []
    for start, end in spans:
        for match in WORD.finditer(table.text, start, end):
            word = fold(match.group())
            words.add(word)
            if word in POSSESSIVES:
                possessives.append(match.start())
        owners |= {id(table.of_name[n.start]) for n in table.names_in(start, end)}
    for role in roles:
        words |= role.words
        owner = ties.look.owner_of(role)
        if owner is not None:
            owners.add(id(owner))
        if role.owner is not None and table.text[slice(*role.owner)].lower() in POSSESSIVES:
            possessives.append(role.owner[0])
    described = frozenset(words) - name - STOP
    # a surname can be a noun too, as "Marshal" or "Baker"
    proper = entity is not None and not entity.described and not body
    own = described if proper else described | name
    portfolios = own & lexicon.PORTFOLIOS - {"prime", "state"}
    voice = Voice(
        id=identity,
        entity=entity,
        body=body,
        positions=sorted(positions),
        name=name,
        described=described,
        words=own,
        owners=frozenset(owners - {id(entity)}),
        possessives=possessives,
        anchor=min([s for s, _ in spans[:1]] + [r.start for r in roles[:1]], default=min(positions)),
        country=lexicon.country_in(sorted(described | name)),
        domains=frozenset(domain for domain, nouns in _DOMAINS.items() if own & nouns),
        portfolios=portfolios | {"finance"} if "treasury" in own else portfolios,
    )
    voice.sentences = sorted({table.sentence(p) for p in voice.positions})[:30]
    if ties.states.several:
        state = ties.states.of_words(tuple(sorted(name))) if body else None
        voice.state = state or next((s for r in roles if (s := ties.states.of_role(r))), None)
    return voice


def _rank(voices: Sequence[Voice]) -> None:
    """Fill in which voices come last before each, and before each "his" or "its" in its description."""
    line = sorted((position, k) for k, voice in enumerate(voices) for position in voice.positions)

    def last(position: int, but: Voice) -> list[int]:
        seen = dict.fromkeys(k for _, k in reversed(line[: bisect_left(line, (position, -1))]))
        return [k for k in seen if voices[k] is not but]

    for voice in voices:
        voice.before = [k for k in last(voice.anchor, voice) if voices[k].body][:_RECENT]
        if voice.possessives:
            voice.possessor = last(voice.possessives[0], voice)[:4]


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
        "near_one_body": people and bool(a.before) and a.before[:1] == b.before[:1],
        "surname": people and _surname(a) is not None and _surname(a) == _surname(b),
        "distance": math.log1p(min(abs(x - y) for x in a.sentences for y in b.sentences)),
        "portfolio": bool(a.portfolios & b.portfolios),
        "one_government": government and not (other_state or other_country or apart),
        "shared_role": roles,
        "shared_role_named": roles and not a.common and not b.common,
    }
    for x in sorted(a.domains):  # in a fixed order: sums of floats depend on it
        for y in sorted(b.domains):
            found[" ".join(sorted((x, y)))] = 1.0
    return {name: float(value) for name, value in found.items() if value}


def _directed(a: Voice, b: Voice, b_index: int, shared: Mapping[str, int]) -> dict[str, float]:
    """Return what speaks for a voice belonging to another."""
    mine = b.entity is not None and id(b.entity) in a.owners
    nouns = a.described & b.words & lexicon.ORGANISATIONS
    return {
        "owner": mine,
        "other_owner": bool(a.owners) and not mine,
        "named": min(3, len(a.described & b.name - lexicon.ROLES)),
        "kin": any(a.described & kind and b.words & kind for kind in lexicon.KIN),
        "noun": _rarity(nouns, shared),
        "possessor": b_index in a.possessor,
        "last_possessor": a.possessor[:1] == [b_index],
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
        shared = noun_counts(voices)
        return {
            (i, j): self.odds(pair_features(voices, i, j, shared))
            for i, j in combinations(range(len(voices)), 2)
        }

    def group(self, voices: Sequence[Voice]) -> list[list[int]]:
        """Return the voices' numbers by side.

        Groups that the ties make stay together. Then the two sides whose members are likeliest to stand together
        are joined, as long as the mean of their average and their highest log odds is above the threshold.
        """
        tied: dict[Hashable, list[int]] = {}
        for k, voice in enumerate(voices):
            tied.setdefault(("alone", k) if voice.group is None else ("tied", voice.group), []).append(k)
        sides = list(tied.values())
        if not self.weights or len(voices) > MAX_VOICES:
            return sides
        odds = self.all_odds(voices)

        def link(one: Sequence[int], other: Sequence[int]) -> float:
            values = [odds[min(i, j), max(i, j)] for i in one for j in other]
            return (sum(values) / len(values) + max(values)) / 2

        links = {(x, y): link(sides[x], sides[y]) for x, y in combinations(range(len(sides)), 2)}
        while links:
            (x, y), best = max(links.items(), key=lambda item: item[1])
            if best <= self.threshold:
                break
            sides[x], sides[y] = sorted(sides[x] + sides[y]), []
            for k, side in enumerate(sides):
                links.pop((min(k, y), max(k, y)), None)
                if side and k != x:
                    links[min(k, x), max(k, x)] = link(sides[x], side)
        return [side for side in sides if side]


@cache
def packaged_affinity() -> Affinity:
    """Return the shipped weights."""
    return Affinity.load(packaged("attribution"))
