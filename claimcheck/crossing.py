"""Putting the reports of many articles into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from claimcheck.errors import InputError
from claimcheck.records import Attribution, Claim, Party, Relation, Speaker
from claimcheck.report import Report


def merge_reports(reports: Sequence[Report]) -> Report:
    """Return one report of all documents, with ids that name their document, and parties that are joined.

    Two parties are one if they have the same name or share a member (by canonical name, case ignored). A document
    whose id and text are those of an earlier one is numbered: ``"x"``, ``"x-2"``.

    Raises
    ------
    InputError
        If two documents of different texts have one id, or a report is not of a single article.
    """
    attributions: list[Attribution] = []
    speakers: list[Speaker] = []
    claims: list[Claim] = []
    relations: list[Relation] = []
    sides: list[Party] = []
    for n, report in enumerate(reports):
        if len(report.documents) != 1:
            raise InputError(
                f"report {n} has {len(report.documents)} documents, expected the report of one article"
            )
    reports = number_copies(reports)
    for report in reports:
        document = report.documents[0].id

        def name(identity: str | None, document: str = document) -> str | None:
            return None if identity is None else f"{document}:{identity}"

        attributions += [
            replace(a, id=f"{document}:{a.id}", parent=name(a.parent)) for a in report.attributions
        ]
        speakers += [
            replace(s, id=f"{document}:{s.id}", attributions=tuple(f"{document}:{a}" for a in s.attributions))
            for s in report.speakers
        ]
        claims += [
            replace(
                c,
                id=f"{document}:{c.id}",
                attribution=name(c.attribution),
                party=name(c.party),
                document=document,
            )
            for c in report.claims
        ]
        relations += [replace(r, a=f"{document}:{r.a}", b=f"{document}:{r.b}") for r in report.relations]
        sides += [replace(p, id=f"{document}:{p.id}") for p in report.parties]
    parties, new_id = _join(sides)
    claims = [replace(c, party=new_id[c.party] if c.party else None) for c in claims]
    return Report(
        documents=tuple(d for report in reports for d in report.documents),
        attributions=tuple(attributions),
        speakers=tuple(speakers),
        parties=parties,
        claims=tuple(claims),
        relations=tuple(relations),
    )


def number_copies(reports: Sequence[Report]) -> list[Report]:
    """Return the reports with a new id for every document that repeats the id and the text of an earlier one.

    Raises
    ------
    InputError
        If the ids are equal and the texts are not.
    """
    texts: dict[str, str] = {}
    taken = {report.documents[0].id for report in reports}
    seen: set[str] = set()
    numbers: dict[str, Iterator[int]] = {}
    numbered = []
    for n, report in enumerate(reports):
        (document,) = report.documents
        if texts.setdefault(document.id, document.text) != document.text:
            raise InputError(
                f"report {n}: document id {document.id!r} is that of an earlier one with another text: give each "
                "article its own id="
            )
        if document.id in seen:
            copies = numbers.setdefault(document.id, count(2))
            identity = next(name for k in copies if (name := f"{document.id}-{k}") not in taken)
            report = replace(report, documents=(replace(document, id=identity),))
        seen.add(report.documents[0].id)
        numbered.append(report)
    return numbered


def _join(parties: Sequence[Party]) -> tuple[tuple[Party, ...], dict[str, str]]:
    """Join parties that share a name or a member; returns them and the new id of each old one."""
    root = {party.id: party.id for party in parties}

    def find(identity: str) -> str:
        while root[identity] != identity:
            root[identity] = root[root[identity]]
            identity = root[identity]
        return identity

    holder: dict[str, str] = {}
    for party in parties:
        for key in (party.name, *party.members):
            first = holder.setdefault(key.casefold(), party.id)
            root[find(party.id)] = find(first)
    groups: dict[str, list[Party]] = {}
    for party in parties:
        groups.setdefault(find(party.id), []).append(party)
    joined: list[Party] = []
    new_id: dict[str, str] = {}
    for n, group in enumerate(groups.values(), 1):
        members = dict.fromkeys(member for party in group for member in party.members)
        joined.append(Party(f"p{n}", group[0].name, tuple(members)))
        new_id.update((party.id, f"p{n}") for party in group)
    return tuple(joined), new_id
