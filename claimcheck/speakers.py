"""Resolve sources to speakers: who the span "the company", "she" or "Mr. Brask" names.

Rules and word lists, in one pass in text order over the names of the document (`claimcheck.entities`). A source that
names nobody known stays unresolved: a missing speaker costs a reader less than a wrong one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import regex

from claimcheck import lexicon
from claimcheck.entities import Entities, Entity
from claimcheck.lexicon import word_set
from claimcheck.lookups import FIRST, MALE, NEUTER, PLURAL, WINDOW, WORD, Lookups
from claimcheck.names import clean_name, fold
from claimcheck.phrases import Phrases
from claimcheck.records import Attribution, Document, Quotation, Span, Speaker

_BYLINE = regex.compile(
    r"(?m)^\s*(?:By|BY|by|From|—|–|-)\s*:?\s*(?P<name>\p{Lu}[^\n,.;:]{3,40})(?:,[^\n]{0,60})?\s*$"
)
_NARRATED = regex.compile(r"\b(?:[Hh]e|[Ss]he|[Hh]is|[Hh]er)\b")
_NOISE = word_set(
    "the and was were that this not for with has have had are from but his her its their they you "
    "our out all will would"
)


def resolve_speakers(
    document: Document, attributions: Sequence[Attribution], quotations: Sequence[Quotation]
) -> tuple[Speaker, ...]:
    """Resolve the sources of attributions to speakers.

    Parameters
    ----------
    document
        The article.
    attributions
        Its attributions, in any order. Spans may be a little too long or too short.
    quotations
        Its quotations: names inside them are worse antecedents, and a pronoun inside one is not the outer speaker.

    Returns
    -------
    tuple of Speaker
        In the order in which they are first a source, with ids ``s1``, ``s2``, ... An attribution that belongs to
        no speaker is in none of them: its source is missing, unnamed ("a driver") or unknown. Empty if no
        attribution is resolved.

    Examples
    --------
    >>> text = 'Osmer Steel made a loss. "We will recover," said Ada Lund, its chief executive. She blamed the weather.'
    >>> said = Attribution("a1", (Span(49, 78),), (Span(44, 48),), (Span(26, 41),), "direct")
    >>> blamed = Attribution("a2", (Span(80, 83),), (Span(84, 90),), (Span(91, 102),), "indirect")
    >>> [(s.name, s.kind, s.attributions) for s in resolve_speakers(Document("d", text), [said, blamed], [])]
    [('Ada Lund', 'person', ('a1', 'a2'))]
    """
    resolver = Resolver(document, attributions, quotations)
    found = resolver.run()
    of: dict[int, list[str]] = {}
    entities: dict[int, Entity] = {}
    for attribution in attributions:
        entity = found.get(attribution.id)
        if entity is not None:
            of.setdefault(id(entity), []).append(attribution.id)
            entities[id(entity)] = entity
    speakers = []
    for number, (key, ids) in enumerate(of.items(), 1):
        entity = entities[key]
        mentions = tuple(
            Span(s, e) for s, e in sorted(set(entity.mentions)) if 0 <= s < e <= len(document.text)
        )
        speakers.append(Speaker(f"s{number}", clean_name(entity.name), entity.kind, mentions, tuple(ids)))
    return tuple(speakers)


class Resolver:
    """The state of one pass over a document."""

    def __init__(
        self, document: Document, attributions: Sequence[Attribution], quotations: Sequence[Quotation]
    ) -> None:
        self.text = document.text
        self.attributions = sorted(attributions, key=lambda a: (a.source or a.content)[0].start)
        self.by_id = {a.id: a for a in attributions}
        quoted = [(q.span.start, q.span.end) for q in quotations]
        quoted += [(c.start, c.end) for a in attributions if a.kind == "direct" for c in a.content]
        self.table = Entities(self.text, [(s, e) for s, e in quoted if s < e <= len(self.text)])
        self.direct = sorted(
            ((c.start, c.end, a) for a in attributions if a.kind == "direct" for c in a.content),
            key=lambda part: part[:2],
        )
        self.direct_starts = [start for start, _, _ in self.direct]
        self.found: dict[str, Entity] = {}
        self.sourced: set[tuple[int, int]] = set()
        self.title_end = self._title_end(document)
        self.look = Lookups(self.table, self.title_end)
        self.phrases = Phrases(self.look, self._pronoun)

    def _title_end(self, document: Document) -> int:
        """Return where the headline at the head of the text ends, 0 if there is none."""
        if document.title and document.title.strip():
            at = self.text[: len(document.title) + 2000].find(document.title.strip())
            if at >= 0:
                return at + len(document.title.strip())
        first = regex.match(r"\s*([^\n]{1,250})\n\s*\n", self.text)
        if first and not first.group(1).rstrip("\"'”’ ").endswith("."):
            return first.end(1)
        return 0

    def run(self) -> dict[str, Entity]:
        """Resolve the body in text order, then the headline, which the body explains."""
        body = [a for a in self.attributions if not self._in_title(a)]
        sources = {s.start for a in body for s in a.source}
        pronouns = _NARRATED.finditer(self.text, self.title_end) if body else iter(())
        pronoun = next(pronouns, None)
        for attribution in body:
            at = (attribution.source or attribution.content)[0].start
            while pronoun is not None and pronoun.start() < at:
                if pronoun.start() not in sources and not self.table.quoted(pronoun.start()):
                    entity = self._pronoun(pronoun.group().lower(), pronoun.start(), None)
                    if entity is not None:
                        self.table.follow(pronoun.start(), pronoun.end(), entity)
                pronoun = next(pronouns, None)
            self._one(attribution)
        self._unsourced(body)
        for attribution in self.attributions:
            if self._in_title(attribution):
                self._one(attribution)
                if attribution.id not in self.found:
                    self._headline(attribution)
        return self.found

    def _unsourced(self, body: Sequence[Attribution]) -> None:
        """Give a free-standing quotation the speaker of the statement before it, where that is near."""
        for before, attribution in pairwise(body):
            speaker = self.found.get(before.id)
            if attribution.source or attribution.cue or attribution.kind != "direct" or speaker is None:
                continue
            gap = self.text[before.content[-1].end : attribution.content[0].start]
            if gap.count("\n\n") <= 1 and len(gap) < 400:
                self.found[attribution.id] = speaker

    def _in_title(self, attribution: Attribution) -> bool:
        return bool(self.title_end) and attribution.content[0].start < self.title_end

    def _one(self, attribution: Attribution) -> None:
        entity: Entity | None = None
        for span in attribution.source:
            if span.end > len(self.text):
                continue
            end = min((c.start for c in attribution.cue if span.start < c.start < span.end), default=span.end)
            entity = self.phrases.resolve(span.start, end, attribution)
            if entity is not None:
                break
        if entity is None:
            return
        self.found[attribution.id] = entity
        for span in attribution.source:
            if span.end <= len(self.text):
                self.table.record(span.start, span.end, entity)
                self.sourced.add((span.start, span.end))
                self.look.recent.append((span.start, entity))

    def _pronoun(self, word: str, position: int, attribution: Attribution | None) -> Entity | None:
        """Return the nearest compatible antecedent; subjects and earlier sources are preferred."""
        inside = self.table.quoted(position)
        outer = self._outer(position, attribution)
        if word in FIRST:
            return outer if outer is not None or inside else self._author()
        if word in NEUTER | PLURAL:
            return self.look.organization_before(position, sourced=False)
        gender: lexicon.Gender = "m" if word in MALE else "f"
        anchor = position
        if attribution is not None and not inside:
            anchor = min(position, attribution.content[0].start)
        here = self.table.sentence(anchor)
        best: tuple[float, Entity] | None = None
        for start, end, entity in self.table.before(position, 40):
            if start < position - WINDOW:
                break
            if entity.kind == "organization" or (entity.gender is not None and entity.gender != gender):
                continue
            if (
                entity.kind == "unknown"
                and len(entity.words) == 1
                and not lexicon.gender_of_first_name(entity.words[0])
            ):
                continue
            if not entity.words[0].isalpha() and entity.kind != "person":
                continue
            if inside and entity is outer:
                continue
            value = -float(max(0, here - self.table.sentence(start)))
            value -= 0.6 * min(2, self.text.count("\n\n", end, max(end, anchor)))
            if start >= anchor and not inside:
                value -= 2.5
            value += self._salience(start, end, entity)
            value += 0.6 if entity.gender == gender else -0.4
            value += 0.2 if entity.kind == "person" else -0.3
            if entity.kind == "unknown" and self.table.place(entity):
                value -= 1.5
            if not inside and self.table.quoted(start):
                value -= 2.0
            if best is None or value > best[0]:
                best = (value, entity)
        if best is None or best[0] < -9:
            return None
        if best[1].kind == "unknown":
            best[1].kind = "person"
        best[1].gender = best[1].gender or gender
        return best[1]

    def _outer(self, position: int, attribution: Attribution | None) -> Entity | None:
        """Return who speaks the quotation around a position; a source behind it counts by its name."""
        parent = self.by_id.get(attribution.parent) if attribution and attribution.parent else None
        if parent is None:
            k = bisect_right(self.direct_starts, position) - 1
            near = self.direct[max(0, k - 3) : k + 1] if k >= 0 else []
            parent = next(
                (a for s, e, a in reversed(near) if s <= position < e and a is not attribution), None
            )
        if parent is None or parent.id in self.found:
            return self.found.get(parent.id) if parent is not None else None
        names = [n for s in parent.source for n in self.table.names_in(s.start, s.end)]
        return self.table.of_name[names[0].start] if names else None

    def _salience(self, start: int, end: int, entity: Entity) -> float:
        value = 0.9 if (start, end) in self.sourced else 0.0
        begin = self.table.starts[self.table.sentence(start)]
        lead = self.text[begin:start].strip(" \"'“‘\n")
        if not lead or len(lead) < 4:
            value += 0.9
        elif lead.endswith((",", "and", "but", "when", "as", "that", "because", "while")):
            value += 0.4
        if regex.search(
            r"\b(?:of|with|to|by|for|at|from|against|than|about|on)\s(?:the\s)?$",
            self.text[max(0, start - 14) : start],
        ):
            value -= 0.7
        if self.text[end : end + 2] in ("'s", "’s"):
            value -= 0.3
        return value

    def _author(self) -> Entity | None:
        """Return who signed the text, in a line of their own at either end."""
        head, tail = self.text[:800], self.text[-200:]
        for part, base in ((head, 0), (tail, len(self.text) - len(tail))):
            for match in _BYLINE.finditer(part):
                names = self.table.names_in(base + match.start("name"), base + match.end("name"))
                if names:
                    return self.table.of_name[names[0].start]
        return None

    def _headline(self, attribution: Attribution) -> None:
        """Give a headline's statement the speaker of the body's statement that it repeats."""
        mine = self._content_words(attribution)
        if len(mine) < 2:
            return
        best: tuple[float, Entity] | None = None
        for other in self.attributions[:400]:
            entity = self.found.get(other.id)
            if entity is None or self._in_title(other):
                continue
            share = len(mine & self._content_words(other)) / len(mine)
            if share >= 0.35 and (best is None or share > best[0]):
                best = (share, entity)
        if best is not None:
            self.found[attribution.id] = best[1]
            for span in attribution.source:
                if span.end <= len(self.text):
                    self.table.record(span.start, span.end, best[1])

    def _content_words(self, attribution: Attribution) -> frozenset[str]:
        words = (
            fold(w.group())
            for c in attribution.content
            if c.end <= len(self.text)
            for w in WORD.finditer(self.text[c.start : c.end])
        )
        return frozenset(w[:6] for w in words if len(w) > 2 and w not in _NOISE)
