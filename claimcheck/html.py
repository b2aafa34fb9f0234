"""The report as HTML: one page that needs nothing else, or a piece of one for a notebook cell.

What is shown is prepared here as plain values; the template escapes every one of them, so that nothing in an article
can become markup. The page runs one script, allowed by its hash; without it every link still works.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import json
import re
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from claimcheck.records import Attribution, Claim, Document, Relation
from claimcheck.report import Report, count

if TYPE_CHECKING:
    import jinja2

_GLYPHS = "●■▲◆▼★✚⬟"  # what tells parties apart without colour
_NO_GROUP = "○"
_CELL_RELATIONS = 50  # of each label, in a notebook cell
_MATRIX_GROUPS = 40  # beyond that a table of everybody against everybody is neither read nor drawn

_LINE_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = {i: 0x2400 + i for i in range(32) if i not in (9, 10, 13)} | {127: 0x2421}
_SURROGATES = re.compile("[\ud800-\udfff]")
_renderings = itertools.count(1)


def page(report: Report) -> str:
    """Return the report as one HTML page, the same for the same report."""
    view = _view(report, prefix="cc", limit=None)
    policy = f"default-src 'none'; style-src {_hash('page.css')} {_hash('report.css')}; script-src {_hash('report.js')}"
    return _environment().get_template("page.html.j2").render(view, policy=policy)


def fragment(report: Report) -> str:
    """Return the report as a piece of HTML for a notebook cell.

    Its style applies to nothing else and its ids are its own, however often it is shown. The strongest 50 relations
    of each label are drawn; it says how many were left out.
    """
    digest = hashlib.sha256(repr((report.documents, report.claims)).encode("utf-8", "replace")).hexdigest()
    view = _view(report, prefix=f"cc{digest[:8]}-{next(_renderings)}", limit=_CELL_RELATIONS)
    return _environment().get_template("report.html.j2").render(view)


@functools.cache
def _environment() -> jinja2.Environment:
    import jinja2

    def finalize(value: Any) -> Any:
        return printable(value) if type(value) is str else value

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("claimcheck", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = _asset
    environment.globals["count"] = count
    return environment


@functools.cache
def _asset(name: str) -> Any:
    """Return a style sheet or script of the package, which goes in as it is."""
    import markupsafe

    return markupsafe.Markup((resources.files("claimcheck") / "templates" / name).read_text(encoding="utf-8"))


def _hash(name: str) -> str:
    digest = hashlib.sha256(str(_asset(name)).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def printable(text: str) -> str:
    r"""Return ``text`` with control characters (but tabs and line breaks) as their pictures and lone surrogates as U+FFFD.

    >>> printable("a\x00b\x1b")
    'a␀b␛'
    """
    return _SURROGATES.sub("\ufffd", text.translate(_CONTROLS))


# what is shown --------------------------------------------------------------------------------------------------------


class Group(NamedTuple):
    """A party, or a speaker where nobody has a party: what shares a colour and a sign."""

    style: str
    glyph: str
    name: str


_NOBODY = Group("cc-gx", _NO_GROUP, "no party")


def _view(report: Report, *, prefix: str, limit: int | None) -> dict[str, Any]:
    groups, group_of = _groups(report)
    related: dict[str, list[tuple[int, Relation]]] = defaultdict(list)
    shown: list[tuple[int, Relation]] = []
    left_out = {}
    number = itertools.count(1)
    for label, relations in (
        ("contradicts", report.contradictions()),
        ("corroborates", report.corroborations()),
    ):
        kept = relations[:limit]
        left_out[label] = len(relations) - len(kept)
        for relation in kept:
            item = (next(number), relation)
            shown.append(item)
            related[relation.a].append(item)
            related[relation.b].append(item)
    index = {c.id: i for i, c in enumerate(report.claims, 1)}
    party = report.party_labels()
    claims = {
        c.id: _claim(c, index[c.id], group_of[c.id], related[c.id], party.get(c.party or ""))
        for c in report.claims
    }
    placed: set[str] = set()
    attributions: dict[str | None, list[Attribution]] = defaultdict(list)
    document_of = report.attribution_documents()
    for attribution in report.attributions:
        attributions[document_of[attribution.id]].append(attribution)
    claim_of = {c.attribution: claims[c.id] for c in report.claims if c.attribution}
    articles = [_article(d, attributions[d.id], claim_of, placed) for d in report.documents]
    single = report.documents[0] if len(report.documents) == 1 else None
    return {
        "prefix": prefix,
        "title": _title(report),
        "byline": [x for x in (single.id, single.date, single.url) if x] if single else [],
        "tally": [
            count(len(report.claims), "claim"),
            count(len(report.contradictions()), "contradiction"),
            count(len(report.corroborations()), "corroboration"),
        ],
        "articles": articles,
        "several": len(articles) > 1,
        "statements": [claims[c.id] for c in report.claims if c.id not in placed],
        "sides": _sides(report, groups, group_of, claims),
        "matrix": _matrix(groups, group_of, report, shown),
        "groups_left_out": max(0, len(groups) - _MATRIX_GROUPS),
        "contradictions": [_card(n, r, claims) for n, r in shown if r.label == "contradicts"],
        "corroborations": [_card(n, r, claims) for n, r in shown if r.label == "corroborates"],
        "left_out": left_out,
        "provenance": json.dumps(report.provenance, ensure_ascii=False, indent=2, default=str)
        if report.provenance
        else "",
    }


def _title(report: Report) -> str:
    if len(report.documents) == 1:
        return report.documents[0].title or report.documents[0].id
    return (
        f"{count(len(report.documents), 'document')} compared" if report.documents else "Statements compared"
    )


def _groups(report: Report) -> tuple[list[Group], dict[str, Group]]:
    """Return the groups and that of every claim: parties, or, where there are none, speakers."""
    if report.parties:
        names = report.party_labels()
        key = {c.id: c.party for c in report.claims}
    else:
        key = {c.id: c.speaker for c in report.claims}
        names = {speaker: speaker for speaker in key.values() if speaker is not None}
    groups = {
        id: Group(f"cc-g{i % len(_GLYPHS)}", _GLYPHS[i % len(_GLYPHS)], name)
        for i, (id, name) in enumerate(names.items())
    }
    return list(groups.values()), {claim: groups.get(k or "", _NOBODY) for claim, k in key.items()}


def _claim(
    claim: Claim, number: int, group: Group, related: Sequence[tuple[int, Relation]], party: str | None
) -> dict[str, Any]:
    speaker = claim.speaker or "unnamed source"
    how = f"{claim.force}, hedged" if claim.hedged else claim.force
    notes = [f"{speaker} ({party})" if party else speaker, how]
    for _, relation in related:
        notes.append(f"{relation.label} {relation.b if relation.a == claim.id else relation.a}")
    short = claim.id.removeprefix(f"{claim.document}:") if claim.document else claim.id
    return {
        "id": claim.id,
        "short": short,
        "number": number,
        "group": group,
        "speaker": speaker,
        "party": party,
        "cue": claim.cue,
        "how": how if how != "asserts" else "",
        "text": claim.text,
        "date": claim.date,
        "start": claim.start,
        "end": claim.end,
        "title": "; ".join(notes),
        "relation": related[0][0] if related else None,
    }


def _card(number: int, relation: Relation, claims: dict[str, dict[str, Any]]) -> dict[str, Any]:
    def odds(p: tuple[float, float, float]) -> str:
        return f"entailment {p[0]:.2f}, neutral {p[1]:.2f}, contradiction {p[2]:.2f}"

    a, b = claims[relation.a], claims[relation.b]
    readings = [
        f"{a['id']} → {b['id']}: {odds(relation.forward)}",
        f"{b['id']} → {a['id']}: {odds(relation.backward)}",
    ]
    return {
        "number": number,
        "label": relation.label,
        "sign": "≠" if relation.label == "contradicts" else "=",
        "score": f"{relation.score:.2f}",
        "why": relation.why,
        "odds": "\n".join(readings),
        "read": [*readings, *_notes(relation, a, b)],
        "sides": (a, b),
    }


def _notes(relation: Relation, *sides: dict[str, Any]) -> Iterator[str]:
    """Yield where the two stand, what was done to them, and what the gate saw."""
    for side, denied, truncated in zip(sides, relation.denied, relation.truncated, strict=True):
        told = [f"characters {side['start']}–{side['end']}"] if side["end"] is not None else []
        told += ["taken as denied"] if denied else []
        told += ["not read to its end"] if truncated else []
        if told:
            yield f"{side['id']}: {', '.join(told)}"
    if relation.gate is not None:
        yield f"gate: {relation.gate:.2f}"
    if relation.features:
        yield f"features: {', '.join(f'{name} {value:g}' for name, value in relation.features.items())}"


def _sides(
    report: Report, groups: list[Group], group_of: dict[str, Group], claims: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the groups with their speakers, and these with their claims."""
    speakers: dict[Group, dict[str, list[dict[str, Any]]]] = {group: {} for group in groups}
    if report.parties:
        for group, party in zip(groups, report.parties, strict=True):
            speakers[group] = {member: [] for member in party.members}
    for claim in report.claims:
        of_group = speakers.setdefault(group_of[claim.id], {})
        of_group.setdefault(claims[claim.id]["speaker"], []).append(claims[claim.id])
    return [{"group": group, "speakers": list(found.items())} for group, found in speakers.items()]


def _matrix(
    groups: list[Group], group_of: dict[str, Group], report: Report, shown: Iterable[tuple[int, Relation]]
) -> list[dict[str, Any]]:
    """Return one row per group, with a cell per group: how many of each label, and the first that is drawn.

    Of very many groups, the 40 with the most relations have one.
    """
    if len(groups) > _MATRIX_GROUPS:
        busy = Counter(
            side for r in report.relations if r.label != "neither" for side in {group_of[r.a], group_of[r.b]}
        )
        kept = set(sorted(groups, key=lambda group: -busy[group])[:_MATRIX_GROUPS])
        groups = [group for group in groups if group in kept]
    cells: dict[tuple[Group, Group], dict[str, Any]] = defaultdict(
        lambda: {"contradicts": 0, "corroborates": 0, "first": {}}
    )
    for relation in report.relations:
        if relation.label != "neither":
            for pair in _both_ways(group_of, relation):
                cells[pair][relation.label] += 1
    for number, relation in shown:
        for pair in _both_ways(group_of, relation):
            cells[pair]["first"].setdefault(relation.label, number)
    return [{"group": row, "cells": [(column, cells[row, column]) for column in groups]} for row in groups]


def _both_ways(group_of: dict[str, Group], relation: Relation) -> set[tuple[Group, Group]]:
    a, b = group_of[relation.a], group_of[relation.b]
    return {(a, b), (b, a)}


# the article ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A stretch of text to be marked; sorts as it nests: the earlier and the longer outside."""

    start: int
    minus_end: int
    role: Literal["content", "source", "cue"]
    owner: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return -self.minus_end


class Token(NamedTuple):
    """A step of the drawing: open a mark, write text, break the line or close the last mark."""

    kind: Literal["open", "text", "break", "close"]
    text: str = ""
    mark: Mark | None = None


def paragraphs(text: str, marks: Iterable[Mark]) -> list[list[Token]]:
    r"""Return the text in paragraphs, each of tokens whose marks are opened and closed in order.

    Paragraphs are what blank lines part. Marks that overlap without nesting, or reach over a line break, are closed
    and opened again. All text but line breaks and blank lines is kept.

    >>> both = [Mark(0, -3, "content", 1), Mark(2, -5, "content", 2)]
    >>> [[token.text or token.kind for token in p] for p in paragraphs("abcde", both)]
    [['open', 'ab', 'open', 'c', 'close', 'close', 'open', 'de', 'close']]
    """
    waiting = sorted(marks, reverse=True)
    found: list[list[Token]] = []
    current: list[Token] = []
    active: list[Mark] = []
    for start, end in _lines(text):
        if not text[start:end].strip():
            if current:
                found.append(current)
            current = []
            continue
        if current:
            current.append(Token("break"))
        opened: list[Mark] = []
        left = start
        while left < end:
            while waiting and waiting[-1].start <= left:
                insort(active, waiting.pop())
            active = [mark for mark in active if mark.end > left]
            right = min([end, *(mark.end for mark in active), *(mark.start for mark in waiting[-1:])])
            same = 0
            while same < min(len(opened), len(active)) and opened[same] == active[same]:
                same += 1
            current.extend(Token("close", mark=mark) for mark in reversed(opened[same:]))
            current.extend(Token("open", mark=mark) for mark in active[same:])
            opened = active.copy()
            current.append(Token("text", text[left:right]))
            left = right
        current.extend(Token("close", mark=mark) for mark in reversed(opened))
    if current:
        found.append(current)
    return found


def _lines(text: str) -> list[tuple[int, int]]:
    breaks = [m.span() for m in _LINE_BREAK.finditer(text)]
    starts = [0, *(end for _, end in breaks)]
    ends = [*(start for start, _ in breaks), len(text)]
    return list(zip(starts, ends, strict=True))


def _article(
    document: Document,
    attributions: Iterable[Attribution],
    claim_of: dict[str, dict[str, Any]],
    placed: set[str],
) -> dict[str, Any]:
    """Return a document as blocks of (token, claim, whether it is the claim's anchor); adds to ``placed``."""
    text = paragraphs(document.text, _marks(attributions, claim_of))
    owner = {claim["number"]: claim for claim in claim_of.values()}
    blocks = []
    for paragraph in text:
        block = []
        for token in paragraph:
            claim = owner[token.mark.owner] if token.mark else None
            anchor = False
            if token.mark and claim and token.mark.role == "content" and claim["id"] not in placed:
                placed.add(claim["id"])
                anchor = True
            block.append((token, claim, anchor))
        blocks.append(block)
    return {"title": document.title or document.id, "date": document.date, "blocks": blocks}


def _marks(attributions: Iterable[Attribution], claim_of: dict[str, dict[str, Any]]) -> Iterator[Mark]:
    for attribution in attributions:
        if attribution.id not in claim_of:
            continue
        number = claim_of[attribution.id]["number"]
        for role, spans in (
            ("content", attribution.content),
            ("source", attribution.source),
            ("cue", attribution.cue),
        ):
            for span in spans:
                yield Mark(span.start, -span.end, role, number)  # type: ignore[arg-type]
