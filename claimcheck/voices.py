"""Gather what an article says of its voices: names, descriptions, owners, neighbours, and how they speak.

A voice is a speaker, or a source that no name stands for ("a memo of the ministry"). :mod:`claimcheck.affinity` weighs
from this who stands with whom.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

import regex

from claimcheck import lexicon
from claimcheck.claims import find_force
from claimcheck.entities import Entity
from claimcheck.lexicon import word_set
from claimcheck.lookups import POSSESSIVES, PRONOUNS, WORD
from claimcheck.names import STOP, fold
from claimcheck.records import Attribution, Speaker
from claimcheck.roles import Role, parse_description
from claimcheck.ties import Ties, name_words

MAX_VOICES = 60  # in an article with more of them, nobody asks for hints
_RECENT = 6
_OF_FIRMS = frozenset({"company", "staff", "ship", "sport", "union"})
_WE = frozenset({"we", "us", "our", "ours"})
_AGAINST = regex.compile(
    r"(?i)\b(?:but|however|though|although|while|whereas|yet|contrast|contrary|instead|contradict\w*|disagree\w*"
    r"|disput\w*|reject\w*|den(?:y|ies|ied)|counter\w*|in turn|retort\w*|oppos\w+|rival|critics?|challeng\w+)\b"
)
_ALONG = regex.compile(
    r"(?i)\b(?:also|too|agree[sd]?|echo\w*|confirm\w*|support\w*|likewise|similarly|same|join\w*|colleague|fellow"
    r"|another|back(?:s|ed)|second(?:s|ed))\b"
)
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
    ``group`` is that of its ties, ``labelled`` where an organisation is in it; ``outright`` and ``placed`` are the same of
    what the text says outright, ``pole`` the country, vote or part in court there. ``said`` numbers its attributions, ``contents`` holds the words of what it says, ``named`` the entities it speaks of,
    ``we`` whether it says "we", ``advocate`` whether
    it speaks for somebody. ``turns`` tells how it takes the word after other voices: "but", "denied", "agreed".
    """

    id: str
    entity: Entity | None
    body: bool
    positions: list[int]
    name: frozenset[str]
    described: frozenset[str]
    words: frozenset[str]
    owners: frozenset[int]
    possessives: list[tuple[int, str]]
    anchor: int
    group: Hashable | None = None
    outright: Hashable | None = None
    labelled: bool = False
    placed: bool = False
    pole: str | None = None
    advocate: bool = False
    state: str | None = None
    country: str | None = None
    domains: frozenset[str] = frozenset()
    portfolios: frozenset[str] = frozenset()
    sentences: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    possessor: list[int] = field(default_factory=list)
    fitting: list[int] = field(default_factory=list)
    said: list[int] = field(default_factory=list)
    contents: frozenset[str] = frozenset()
    named: frozenset[int] = frozenset()
    we: bool = False
    turns: dict[int, set[str]] = field(default_factory=dict)

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
        body = _is_body(speaker, entity)
        name = frozenset(entity.words) | frozenset(name_words(speaker.name))
        voices.append(_voice(ties, speaker.id, entity, body, name, positions, spans, entity.roles[:40]))
        voices[-1].group = ties.root(speaker.id)
        voices[-1].outright = ties.root(speaker.id, outright=True)
        voices[-1].placed = bool(ties.labels(voices[-1].outright, outright=True))
        voices[-1].pole = ties.pole(speaker.id)
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
    if len(voices) <= MAX_VOICES:
        _rank(voices)
        _listen(ties, voices, speakers, attributions)
    return voices


def _is_body(speaker: Speaker, entity: Entity) -> bool:
    """Whether a speaker is no person, as a lone name without a sign of one is not."""
    kind = speaker.kind if speaker.kind != "unknown" else entity.kind
    if kind != "unknown":
        return kind == "organization"
    return len(entity.words) == 1 and entity.gender is None and not entity.described


def _listen(
    ties: Ties, voices: Sequence[Voice], speakers: Sequence[Speaker], attributions: Sequence[Attribution]
) -> None:
    """Fill in what each voice says, of whom, and how it follows on the voice before it."""
    text = ties.table.text
    number = {voice.id: k for k, voice in enumerate(voices)}
    of = {a: number[s.id] for s in speakers for a in s.attributions}
    of |= {a.id: number[a.id] for a in attributions if a.id in number}
    order = sorted(attributions, key=lambda a: (a.source or a.cue or a.content)[0].start)
    last: tuple[int, Attribution] | None = None
    for place, attribution in enumerate(order):
        k = of.get(attribution.id)
        if k is None:
            continue
        voice = voices[k]
        voice.said.append(place)
        spans = [s for s in attribution.content if s.end <= len(text)][:8]
        words = [fold(w.group()) for s in spans for w in WORD.finditer(text, s.start, s.end)]
        voice.contents |= {w[:6] for w in words if len(w) > 3 and w not in STOP}
        voice.we = voice.we or bool(_WE & set(words))
        voice.named |= {
            id(ties.table.of_name[n.start]) for s in spans for n in ties.table.names_in(s.start, s.end)
        }
        if last is not None and last[0] != k:
            voice.turns.setdefault(last[0], set()).update(_turn(text, last[1], attribution))
        last = k, attribution


def _turn(text: str, before: Attribution, attribution: Attribution) -> Iterator[str]:
    """Yield how an attribution follows on the one before."""
    cue = " ".join(s.of(text) for s in attribution.cue)
    start = max(s.end for s in (*before.content, *before.cue, *before.source))
    head = max((s.end for s in (*attribution.source, *attribution.cue)), default=attribution.content[0].start)
    gap = text[start : min(head, start + 300)] if head > start else ""
    yield "next"
    if attribution.parent == before.id or before.parent == attribution.id:
        yield "nested"
    if "\n\n" not in gap and len(gap) < 300:
        yield "same paragraph"
    if find_force(cue, "") == "denies" or _AGAINST.search(gap):
        yield "against"
    if _ALONG.search(gap) or _ALONG.search(cue):
        yield "along"


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
    possessives: list[tuple[int, str]] = []
    for start, end in spans:
        for match in WORD.finditer(table.text, start, end):
            word = fold(match.group())
            words.add(word)
            if word in POSSESSIVES:
                possessives.append((match.start(), word))
        owners |= {id(table.of_name[n.start]) for n in table.names_in(start, end)}
    for role in roles:
        words |= role.words
        owner = ties.look.owner_of(role)
        if owner is not None:
            owners.add(id(owner))
        word = table.text[slice(*role.owner)].lower() if role.owner is not None else ""
        if role.owner is not None and word in POSSESSIVES:
            possessives.append((role.owner[0], word))
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
        advocate=any(r.relation == "for" or lexicon.SYNONYMS.get(r.head) == "@lawyer" for r in roles),
    )
    if {"district", "attorney"} <= own:
        voice.domains = voice.domains - {"defence"} | {"prosecution"}
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
        before = last(voice.anchor, voice)
        voice.before = [k for k in before if voices[k].body][:_RECENT]
        voice.fitting = [k for k in before if _fits(voice, voices[k])][:_RECENT]
        if not voice.fitting:
            voice.fitting = [
                k for k, other in enumerate(voices) if other is not voice and _fits(voice, other)
            ][:1]
        if voice.possessives:
            position, gender = voice.possessives[0]
            near = last(position, voice)
            voice.possessor = [k for k in near if _owns(voices[k], gender)][:4]


def _owns(voice: Voice, word: str) -> bool:
    """Whether "his", "her", "its" or "their" can stand for a voice."""
    if word in ("his", "her"):
        gender = voice.entity.gender if voice.entity is not None else None
        return not voice.body and gender in (None, "m" if word == "his" else "f")
    return voice.body or word not in ("its", "their")


def _fits(voice: Voice, other: Voice) -> bool:
    """Whether a voice can belong to a body: of one walk of life, or a firm's man and a name that says nothing."""
    if voice.body or not other.body or not voice.domains:
        return False
    return bool(voice.domains & other.domains) or (not other.domains and bool(voice.domains & _OF_FIRMS))
