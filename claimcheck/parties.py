"""Join speakers into parties: who speaks for whom.

A person stands with the organisation, government or person that the text ties them to (:mod:`claimcheck.ties`); what
it only hints at is weighed (:mod:`claimcheck.affinity`). The caller's own map always wins.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from claimcheck.affinity import Affinity, packaged_affinity
from claimcheck.errors import InputError
from claimcheck.records import Attribution, Document, Party, Speaker
from claimcheck.ties import Ties, name_words
from claimcheck.voices import Voice, find_voices

_SELDOM = 2  # an outlet that speaks no oftener passes on what others say


class Sides(NamedTuple):
    """The sides of a document: its parties, and what stands with them."""

    parties: tuple[Party, ...]
    """As :func:`find_parties` returns them."""
    unnamed: dict[str, str]
    """Party ids of the attributions that belong to no speaker, by their own ids."""
    hints_left_out: bool
    """Whether hints were not weighed because there are more than `claimcheck.voices.MAX_VOICES` voices."""


def find_parties(
    document: Document, speakers: Sequence[Speaker], given: Mapping[str, Sequence[str]] | None = None
) -> tuple[Party, ...]:
    """Return the parties that the speakers of a document stand for.

    Parameters
    ----------
    document
        The article, read for offices, employers, memberships and relations.
    speakers
        Its speakers, as `claimcheck.speakers.resolve_speakers` gives them.
    given
        The caller's own parties: name of a party → full names or surnames of speakers, or names of organisations. It
        wins over the text; an organisation brings along those who speak for it and are not named elsewhere.

    Returns
    -------
    tuple of Party
        In the order of their first speaker, with ids ``p1``, ``p2``, ... Every speaker is in exactly one; one
        without a known affiliation forms a party of its own. A newspaper, a station or a site that only reports, once
        or twice, is in none. Empty without speakers.

    Raises
    ------
    InputError
        If ``given`` maps a party to a single ``str``, or one speaker's full name to two parties.

    Examples
    --------
    >>> from claimcheck.records import Span
    >>> text = "Ossery Steel cut 90 jobs. Ada Lund, its chief executive, was sorry. Bo Rusk, a welder, was not."
    >>> speakers = [Speaker("s1", "Ossery Steel"), Speaker("s2", "Ada Lund"), Speaker("s3", "Bo Rusk")]
    >>> [(p.name, p.members) for p in find_parties(Document("d", text), speakers)]
    [('Ossery Steel', ('Ossery Steel', 'Ada Lund')), ('Bo Rusk', ('Bo Rusk',))]
    >>> [p.name for p in find_parties(Document("d", text), speakers, {"Mill": ["Ossery Steel"], "Men": ["Rusk"]})]
    ['Mill', 'Men']
    """
    return find_sides(document, speakers, (), given).parties


def find_sides(
    document: Document,
    speakers: Sequence[Speaker],
    attributions: Sequence[Attribution],
    given: Mapping[str, Sequence[str]] | None = None,
    *,
    affinity: Affinity | None = None,
) -> Sides:
    """Return the parties of a document, and which attributions without a speaker stand with them.

    Parameters
    ----------
    attributions
        All attributions of the document. "A memo of the ministry" has no speaker, and yet it stands with the
        ministry; an attribution that stands with no speaker is in no party.
    affinity
        What weighs the hints; default: the shipped weights.

    Raises
    ------
    InputError
        As :func:`find_parties`.

    Examples
    --------
    >>> from claimcheck.records import Span
    >>> text = "The Transport Ministry was late. A memo of the ministry said so."
    >>> ministry = Speaker("s1", "Transport Ministry", "organization", (Span(4, 22),))
    >>> memo = Attribution("a1", (Span(33, 55),), (Span(56, 60),), (Span(61, 63),), "indirect")
    >>> find_sides(Document("d", text), [ministry], [memo]).unnamed
    {'a1': 'p1'}
    """
    check_parties(given)
    if not speakers:
        return Sides((), {}, hints_left_out=False)
    ties = Ties(document, speakers)
    voices = find_voices(ties, speakers, attributions)
    weights = affinity or packaged_affinity()
    sides = [[voices[k] for k in side] for side in weights.group(voices)]
    by_id = {speaker.id: speaker for speaker in speakers}
    groups = {
        k: [by_id[voice.id] for voice in side if not voice.unnamed]
        for k, side in enumerate(sides)
        if not all(voice.unnamed for voice in side)
    }
    taken = _assign(given or {}, speakers, groups, {k: _labels(sides[k], ties) for k in groups})
    parties: dict[tuple[str, str | int], tuple[str, list[str]]] = {}
    side_of = {speaker.name: key for key, members in groups.items() for speaker in members}
    for key, members in groups.items():
        rest = [s for s in members if s.id not in taken]
        if len(sides[key]) == 1 and rest and _only_reports(rest[0], ties):
            continue
        name = _name(rest, ties, side_of, key) if rest else ""
        name = name[:1].upper() + name[1:]
        for speaker in members:
            mine: tuple[str, str | int] = (
                ("given", taken[speaker.id]) if speaker.id in taken else ("text", key)
            )
            names = parties.setdefault(mine, (taken.get(speaker.id, name), []))[1]
            if speaker.name not in names:
                names.append(speaker.name)
    first = {speaker.name: k for k, speaker in reversed(list(enumerate(speakers)))}
    ordered = sorted(parties.values(), key=lambda party: first[party[1][0]])
    found = tuple(Party(f"p{k}", name, tuple(members)) for k, (name, members) in enumerate(ordered, 1))
    party_of: dict[str, str | None] = {name: party.id for party in found for name in party.members}
    unnamed: dict[str, str] = {}
    for key, members in groups.items():
        # where the caller's map splits a side, nobody knows on which part its unnamed sources are
        party, *others = {party_of.get(speaker.name) for speaker in members}
        if not others and party is not None:
            unnamed |= {voice.id: party for voice in sides[key] if voice.unnamed}
    return Sides(found, unnamed, weights.leaves_out_hints(voices))


def _only_reports(speaker: Speaker, ties: Ties) -> bool:
    """Whether a speaker is a newspaper, a station or a site that speaks so seldom that it is on no side."""
    return len(speaker.attributions) <= _SELDOM and ties.outlet(ties.entity_of[speaker.id])


def _labels(side: Sequence[Voice], ties: Ties) -> list[str]:
    """Return the names of the organisations that a side's speakers are tied to."""
    return [name for voice in side if voice.group is not None for name in ties.labels(voice.group)]


def _name(members: Sequence[Speaker], ties: Ties, side_of: Mapping[str, int], side: int) -> str:
    """Return the name of a side: that of the group in it that speaks most, outright ties before guesses.

    What a guess ties it to may speak on another side (``side_of``): then it is no name for this one.
    """
    for outright in (True, False):
        groups: dict[Hashable, list[Speaker]] = {}
        for speaker in members:
            groups.setdefault(ties.root(speaker.id, outright=outright), []).append(speaker)
        bodies = {key: own for key, own in groups.items() if ties.labels(key, outright=outright)}
        if bodies:
            key, own = max(bodies.items(), key=lambda item: sum(len(s.attributions) for s in item[1]))
            name = ties.name(key, own, outright=outright)
            if outright or side_of.get(name, side) == side:
                return name
    return max(members, key=lambda s: len(s.attributions)).name


def check_parties(given: Mapping[str, Sequence[str]] | None) -> None:
    """Refuse a caller's map of parties that cannot be used.

    Raises
    ------
    InputError
        If it is no mapping, maps a party to a single ``str``, or gives one name to two parties.
    """
    if given is not None and not isinstance(given, Mapping):
        raise InputError(
            f"parties is a {type(given).__name__}, expected a dict from names to lists of members"
        )
    owner: dict[str, str] = {}
    for party, values in (given or {}).items():
        if isinstance(values, str):
            raise InputError(
                f"party {party!r}: expected a list of names, got the string {values!r}: write [{values!r}]"
            )
        for value in values:
            if owner.setdefault(value, party) != party:
                raise InputError(
                    f"{value!r} is given to two parties, {owner[value]!r} and {party!r}: name it in one"
                )


def _fits(value: str, name: str) -> int:
    """How well a name from the caller fits a speaker: 2 equal, 1 a part of it (surname, short form), 0 not."""
    mine, theirs = name_words(value), name_words(name)
    if not mine or not theirs:
        return 0
    if mine == theirs:
        return 2
    parts = set(mine) <= set(theirs) and (len(mine) > 1 or mine[0] in (theirs[-1], theirs[0]))
    return 1 if parts or (len(theirs) > 1 and set(theirs) <= set(mine)) else 0


def given_party(name: str, given: Mapping[str, Sequence[str]]) -> str | None:
    """Return the caller's party that a speaker is named in, or named like, or None.

    >>> sides = {"City": ["Holm"], "Union": ["Per Lund"]}
    >>> given_party("Ada Holm", sides), given_party("Union", sides), given_party("Bo Rusk", sides)
    ('City', 'Union', None)
    """
    best: tuple[int, str | None] = (0, None)
    for party, value in _named(given):
        rank = _fits(value, name)
        if rank > best[0]:
            best = rank, party
    return best[1]


def _named(given: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Return each party with each name that stands for it: those of its members, and its own."""
    return [(party, value) for party, names in given.items() for value in names] + [(p, p) for p in given]


def _assign(
    given: Mapping[str, Sequence[str]],
    speakers: Sequence[Speaker],
    groups: Mapping[int, Sequence[Speaker]],
    labels: Mapping[int, Sequence[str]],
) -> dict[str, str]:
    """Return the caller's party by speaker id: by name first, then by the organisation behind a group."""
    values = _named(given)
    found = {speaker.id: given_party(speaker.name, given) for speaker in speakers}
    out = {key: party for key, party in found.items() if party is not None}
    for key, members in groups.items():
        known = {*labels[key], *(s.name for s in members if s.kind != "person")}
        for party, value in values:
            if any(_fits(value, name) for name in known):
                for speaker in members:
                    out.setdefault(speaker.id, party)
    return out
