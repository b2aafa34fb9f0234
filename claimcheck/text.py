"""The report as plain text, for a terminal or a log.

Control and bidirectional formatting characters are shown as signs, so that an article can neither move the cursor nor
reorder the line. Runs of white space become one space; apart from that every quotation is exact.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterable, Iterator

from claimcheck.errors import InputError
from claimcheck.records import Claim, Relation
from claimcheck.report import Report, count

_WIDEST = 100
_NARROWEST = 30
_ESCAPES = {"bold": "1", "dim": "2", "contradicts": "31", "corroborates": "32"}
_UNSEEN = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def render(report: Report, *, color: bool = False, width: int | None = None) -> str:
    """Return the report as lines of at most ``width`` columns (default: the terminal's, at most 100).

    Only words longer than a line reach past it. ``color`` adds ANSI escapes.

    Raises
    ------
    InputError
        If ``width`` is less than 30.

    Examples
    --------
    >>> claims = Claim("1", "taxes will fall", "Ida Moe"), Claim("2", "taxes will rise", "Jon Vik")
    >>> print(render(Report(claims=claims), width=60))
    2 claims, 0 contradictions, 0 corroborations
    <BLANKLINE>
    CLAIMS
      1  Ida Moe
         “taxes will fall”
      2  Jon Vik
         “taxes will rise”
    <BLANKLINE>
    CONTRADICTIONS
      none found
    <BLANKLINE>
    CORROBORATIONS
      none found
    """
    if width is None:
        width = max(_NARROWEST, min(shutil.get_terminal_size((80, 24)).columns, _WIDEST))
    if width < _NARROWEST:
        raise InputError(f"width {width} is too narrow: expected at least {_NARROWEST} columns")
    return "\n".join(_Lines(report, width, color).all())


class _Lines:
    """The lines of one report."""

    def __init__(self, report: Report, width: int, color: bool) -> None:
        self.report, self.width, self.color = report, width, color
        self.party = report.party_labels()
        self.kind = {a.id: a.kind for a in report.attributions}
        self.claims = {c.id: c for c in report.claims}

    def paint(self, text: str, style: str) -> str:
        return f"\033[{_ESCAPES[style]}m{text}\033[0m" if self.color and text else text

    def block(self, text: str, indent: int, style: str | None = None) -> Iterator[str]:
        for line in wrap(text, self.width - indent):
            yield " " * indent + (self.paint(line, style) if style else line)

    def heading(self, text: str) -> Iterator[str]:
        yield ""
        yield self.paint(text, "bold")

    def all(self) -> Iterator[str]:
        yield from self.head()
        if self.report.parties:
            yield from self.heading("PARTIES")
            yield from self.parties()
        if self.report.claims:
            yield from self.heading("CLAIMS")
            margin = _margin(self.claims)
            for claim in self.report.claims:
                yield from self.claim(claim, margin)
        for title, relations in (
            ("CONTRADICTIONS", self.report.contradictions()),
            ("CORROBORATIONS", self.report.corroborations()),
        ):
            yield from self.heading(title)
            margin = _margin(end for r in relations for end in (r.a, r.b))
            for i, relation in enumerate(relations):
                if i:
                    yield ""
                yield from self.relation(relation, margin)
            if not relations:
                yield "  none found"

    def head(self) -> Iterator[str]:
        report = self.report
        for document in report.documents:
            yield from self.block(document.title or document.id, 0, "bold")
            about = [x for x in (document.id if document.title else None, document.date) if x]
            if about:
                yield from self.block(", ".join(about), 0, "dim")
        tally = (
            count(len(report.claims), "claim"),
            count(len(report.contradictions()), "contradiction"),
            count(len(report.corroborations()), "corroboration"),
        )
        yield from self.block(", ".join(tally), 0)

    def parties(self) -> Iterator[str]:
        speakers: dict[str | None, dict[str, int]] = {
            p.id: dict.fromkeys(p.members, 0) for p in self.report.parties
        }
        for claim in self.report.claims:
            of_party = speakers.setdefault(claim.party, {})
            name = _who(claim)
            of_party[name] = of_party.get(name, 0) + 1
        rows = [
            (self.party[id] if id is not None else "(no party)", [f"{s} ({n})" for s, n in found.items()])
            for id, found in speakers.items()
        ]
        margin = min(max(columns(clean(name)) for name, _ in rows) + 4, self.width // 3)
        for name, members in rows:
            names = wrap(name, margin - 3)
            beside = wrap(", ".join(members) or "nobody", self.width - margin)
            for i in range(max(len(names), len(beside))):
                left = names[i] if i < len(names) else ""
                right = beside[i] if i < len(beside) else ""
                gap = " " * max(margin - 2 - columns(left), 1)
                yield f"  {self.paint(left, 'bold')}{gap}{right}".rstrip()

    def claim(self, claim: Claim, margin: int) -> Iterator[str]:
        notes = [self.kind.get(claim.attribution or ""), *_force(claim), claim.date]
        party = self.party.get(claim.party or "")
        who = f"{_who(claim)}, {party}" if party and party != claim.speaker else _who(claim)
        if claim.cue:
            who += f", {claim.cue}"
        told = "; ".join(n for n in notes if n)
        yield from self.entry(claim.id, f"{who} [{told}]" if told else who, claim.text, margin)

    def entry(self, id: str, who: str, text: str, margin: int) -> Iterator[str]:
        lines = list(self.block(who, margin))
        label = f"  {clean(id)}"
        if columns(label) < margin:
            lines[0] = f"  {self.paint(clean(id), 'dim')}" + lines[0][columns(label) :]
        else:
            yield f"  {self.paint(clean(id), 'dim')}"
        yield from lines
        yield from self.block(f"“{text}”", margin)

    def relation(self, relation: Relation, margin: int) -> Iterator[str]:
        sign = "≠" if relation.label == "contradicts" else "="
        yield f"  {self.paint(f'{sign} {relation.label} {relation.score:.2f}', relation.label)}"
        for end in (relation.a, relation.b):
            claim = self.claims[end]
            who = ", ".join(x for x in (_who(claim), claim.cue) if x)
            force = "; ".join(_force(claim))
            yield from self.entry(end, f"{who} [{force}]" if force else who, claim.text, margin)
        if relation.why:
            yield from self.block(f"({relation.why})", margin, "dim")


def _who(claim: Claim) -> str:
    return claim.speaker or "unnamed source"


def _force(claim: Claim) -> list[str]:
    notes = [str(claim.force)] if claim.force != "asserts" else []
    return [*notes, "hedged"] if claim.hedged else notes


def _margin(ids: Iterable[str]) -> int:
    return min(max((columns(clean(id)) for id in ids), default=0), 8) + 4


def clean(text: str) -> str:
    r"""Return ``text`` on one line, with nothing in it that steers a terminal.

    >>> clean("a\r\n b\x1b[31m\u202e")
    'a b␛[31m\ufffd'
    """
    shown = []
    for character in " ".join(text.split()):
        code = ord(character)
        if code < 32:
            character = chr(0x2400 + code)
        elif 127 <= code < 160 or 0xD800 <= code < 0xE000 or character in _UNSEEN:
            character = "\ufffd"
        shown.append(character)
    return "".join(shown)


def columns(text: str) -> int:
    """Return how many terminal columns ``text`` takes: two for a wide character, none for a combining one.

    >>> columns("abc"), columns("東京"), columns("e\u0301")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(c) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )


def wrap(text: str, width: int) -> list[str]:
    """Return ``text``, cleaned, in lines of at most ``width`` columns, broken at spaces or between wide characters.

    A longer word stands alone on its line. Empty text gives one empty line.

    >>> wrap("no new taxes this year", 10)
    ['no new', 'taxes this', 'year']
    """
    lines = [""]
    used = 0
    for word in clean(text).split(" "):
        size = columns(word)
        gap = 1 if lines[-1] else 0
        if used + gap + size <= width:
            lines[-1] += " " * gap + word
            used += gap + size
            continue
        pieces = [word]
        if size > width and any(unicodedata.east_asian_width(c) in "WF" for c in word):
            pieces = _cut(word, width)
        lines.extend(pieces)
        used = columns(lines[-1])
    return lines if lines[0] or len(lines) == 1 else lines[1:]


def _cut(word: str, width: int) -> list[str]:
    pieces = [""]
    used = 0
    for character in word:
        size = columns(character)
        if used + size > width:
            pieces.append("")
            used = 0
        pieces[-1] += character
        used += size
    return pieces
