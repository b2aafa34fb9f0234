"""From role tables to attributions: smoothing, trimming to the convention, nesting and kind."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt
import regex

from claimcheck.attribution.encoding import Encoding
from claimcheck.records import Attribution, Kind, Quotation, Span
from claimcheck.segmentation import Segmentation

SWITCH_PENALTY = 1.0  # log-probability that a change of role costs; smooths single stray words
FRAGMENT = 0.3  # a smaller share of a quotation is none of its content
FILLED = 0.4  # share of a quotation's paragraph from which content takes all of it
SAME = 0.5  # overlap of contents from which two readings of a cue are one attribution
SOURCE, CUE, CONTENT = 1, 2, 3

QUOTES = "\"“”„‟‘’'‹›«»`"
_CONTENT_EDGE = regex.compile(rf"^[\s{QUOTES},.;:\-–—…]+|(?:(?<![.])[.]|[\s{QUOTES},;:\-–—])+$")
_THAT = regex.compile(r"^that\b[\s,]*", regex.IGNORECASE)
_SOURCE_EDGE = regex.compile(rf"^[\s{QUOTES},;:\-–—]+|(?:['’]s)?[\s{QUOTES},;:\-–—]*$")
_CUE_EDGE = regex.compile(rf"^[\s{QUOTES},.;:\-–—]+|[\s{QUOTES},.;:\-–—]+$")
_CRUMB = regex.compile(r"\s[/|>»]\s")  # "Home / World / Ada Brook"
_PARTICIPLE = regex.compile(r"\p{L}+ing\b")
_WORD = regex.compile(r"\w+")
_BLANK_LINE = regex.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Table:
    """Role log-probabilities (n_pieces, 4) of the pieces from ``first`` on, for the anchor piece ``anchor``."""

    anchor: int
    score: float
    first: int
    scores: npt.NDArray[np.float32]


def decode(
    text: str, segmentation: Segmentation, encoding: Encoding, tables: Iterable[Table], *, tidy: bool = True
) -> tuple[Attribution, ...]:
    """Return the attributions of a document, numbered in the order in which they begin.

    Parameters
    ----------
    tidy
        Trim spans to the news convention: no quotation marks, commas and stops at the edges, no "that".
    """
    quotations = _Quotations(segmentation.quotations)
    found = [
        attribution
        for table in tables
        if (attribution := _read(text, quotations, encoding, table, tidy)) is not None
    ]
    ordered = sorted(_distinct(found), key=_begin)
    if tidy:
        ordered = _share_sources(text, ordered, segmentation.sentences)
    numbered = [replace(attribution, id=f"a{n}") for n, attribution in enumerate(ordered, 1)]
    parents = _parents(numbered)
    return tuple(
        replace(attribution, parent=parent) for attribution, parent in zip(numbered, parents, strict=True)
    )


def smooth(scores: npt.NDArray[np.float32], penalty: float = SWITCH_PENALTY) -> npt.NDArray[np.int64]:
    """Return the best role of each row under a constant cost for every change of role (Viterbi).

    Examples
    --------
    >>> smooth(np.log(np.array([[0.9, 0.1], [0.45, 0.55], [0.9, 0.1]])))
    array([0, 0, 0])
    """
    rows = scores.astype(
        np.float64
    ).tolist()  # of four numbers each, which plain Python adds faster than numpy
    best = rows[0]
    back: list[list[int]] = []
    for row in rows[1:]:
        highest = max(best)
        floor, top = highest - penalty, best.index(highest)
        back.append([role if value >= floor else top for role, value in enumerate(best)])
        best = [max(value, floor) + gain for value, gain in zip(best, row, strict=True)]
    path = [best.index(max(best))]
    for choices in reversed(back):
        path.append(choices[path[-1]])
    return np.array(path[::-1], dtype=np.int64)


class _Quotations:
    """Properly nested quotations, in text order, with a quick look at those over a stretch of text."""

    def __init__(self, quotations: Sequence[Quotation]) -> None:
        self.all = quotations
        self.starts = [quotation.span.start for quotation in quotations]
        self.outer: list[int] = []  # the quotation around each, -1 for none
        open_: list[int] = []
        for k, quotation in enumerate(quotations):
            while open_ and quotations[open_[-1]].span.end <= quotation.span.start:
                open_.pop()
            self.outer.append(open_[-1] if open_ else -1)
            open_.append(k)

    def over(self, spans: Iterable[Span]) -> list[Quotation]:
        """Return the quotations that overlap any of the spans."""
        found: set[int] = set()
        for span in spans:
            first = bisect_left(self.starts, span.start)
            found.update(range(first, bisect_left(self.starts, span.end)))
            around = (
                first - 1
            )  # the last one to begin before: it, or what it lies in, may reach over the span
            while around >= 0:
                if self.all[around].span.end > span.start:
                    found.add(around)
                around = self.outer[around]
        return [self.all[k] for k in sorted(found)]


def _read(
    text: str, quotations: _Quotations, encoding: Encoding, table: Table, tidy: bool
) -> Attribution | None:
    """Return one table's attribution, with a placeholder id, or None where it has no content."""
    end = table.first + len(table.scores)
    words = encoding.word[table.first : end]
    begins = np.flatnonzero(np.r_[True, words[1:] != words[:-1]])
    counts = np.diff(np.r_[begins, len(words)])
    pooled = np.add.reduceat(table.scores, begins, axis=0) / counts[:, None]
    path = smooth(pooled)
    runs: dict[int, list[tuple[float, Span]]] = {SOURCE: [], CUE: [], CONTENT: []}
    edges = np.flatnonzero(np.r_[True, path[1:] != path[:-1], True])
    for a, b in pairwise(edges.tolist()):
        role = int(path[a])
        if role:
            first = table.first + begins[a]
            last = table.first + begins[b - 1] + counts[b - 1] - 1
            span = Span(int(encoding.starts[first]), int(encoding.ends[last]))
            runs[role].append((float(np.exp(pooled[a:b, role]).sum()), span))
    content = _join(text, [s for _, s in runs[CONTENT]])
    source = [max(runs[SOURCE])[1]] if runs[SOURCE] else []
    cue = [s for _, s in runs[CUE]]
    if tidy:
        anchor = int(encoding.starts[table.anchor])
        content = [p for s in content for p in _paragraphs(text, s)]
        content = _drop_captions(text, content, anchor, quotations)
        content = _without_overlap(_fill_quotations(text, p, anchor, quotations) for p in content)
        content = _drop_fragments(text, content, anchor, quotations)
        content = [_end_with_quotation(text, p, anchor, quotations) for p in content]
        content = [t for p in content if (t := _trim_content(text, p))]
        source = [t for s in source if (t := _trim(text, _nearest(text, s, anchor), _SOURCE_EDGE))]
        cue = [t for s in cue if (t := _trim(text, s, _CUE_EDGE))]
        content, source = _close_gap(text, content, source, cue)
    if not content:
        return None
    kind = find_kind(text, content, cue or source, quotations.over(content))
    return Attribution("a0", tuple(source), tuple(cue), tuple(content), kind, score=table.score)


def _join(text: str, pieces: Sequence[Span]) -> list[Span]:
    """Join neighbouring spans of one paragraph that no word separates."""
    joined: list[Span] = []
    for span in pieces:
        between = text[joined[-1].end : span.start] if joined else "\n"
        if "\n" in between or _WORD.search(between):
            joined.append(span)
        else:
            joined[-1] = Span(joined[-1].start, span.end)
    return joined


def _paragraphs(text: str, span: Span) -> list[Span]:
    """Cut a span at blank lines."""
    return [
        Span(span.start + m.start(), span.start + m.end())
        for m in regex.finditer(r"(?:[^\r\n]|\r?\n(?!\s*\n))+", span.of(text))
        if m.group().strip()
    ]


def _drop_captions(text: str, content: Sequence[Span], anchor: int, quotations: _Quotations) -> list[Span]:
    """Leave out unquoted content in another paragraph than the anchor: a caption or a headline that stands near."""
    kept = []
    for span in content:
        between = text[min(span.end, anchor) : max(span.start, anchor)]
        if not _BLANK_LINE.search(between) or quotations.over([span]):
            kept.append(span)
    return kept


def _fill_quotations(text: str, span: Span, anchor: int, quotations: _Quotations) -> Span:
    """Extend content that takes ``FILLED`` of a quotation's paragraph, and whose anchor stands outside, to all of it."""
    for quotation in quotations.over([span]):
        if not _told_from_outside(quotation, anchor):
            continue
        for part in _paragraphs(text, quotation.inner):
            shared = min(span.end, part.end) - max(span.start, part.start)
            if shared >= FILLED * (part.end - part.start):
                span = Span(min(span.start, part.start), max(span.end, part.end))
    return span


def _drop_fragments(text: str, content: list[Span], anchor: int, quotations: _Quotations) -> list[Span]:
    """Leave out pieces that take little of a quotation's paragraph, whose anchor stands outside, where others are left."""

    def fragment(span: Span) -> bool:
        around = [quotation for quotation in quotations.over([span]) if quotation.inner.contains(span)]
        if not around or not _told_from_outside(around[-1], anchor):
            return False
        inner = around[-1].inner  # that of the innermost
        if any(other != span and inner.overlaps(other) for other in content):
            return False
        part = next((p for p in _paragraphs(text, inner) if p.contains(span)), inner)
        return span.end - span.start < FRAGMENT * (part.end - part.start)

    return [span for span in content if not fragment(span)] or content


def _told_from_outside(quotation: Quotation, anchor: int) -> bool:
    """Whether a quotation has an end, and who is quoted is told outside of it."""
    return quotation.closed and not quotation.inner.start <= anchor < quotation.inner.end


def _end_with_quotation(text: str, span: Span, anchor: int, quotations: _Quotations) -> Span:
    """End a span with the quotation that it begins in where that ends in a comma, and its anchor stands behind it.

    What stands between says who spoke: “We won,” a note of the club says.
    """
    found = quotations.over([span])
    for quotation in found:
        inner, end = quotation.inner, quotation.span.end
        if (
            quotation.closed
            and inner.start <= span.start < inner.end < span.end
            and anchor >= end
            and text[inner.start : inner.end].rstrip().endswith(",")
            and not any(end <= other.span.start for other in found)
        ):
            return Span(span.start, inner.end)
    return span


def _without_overlap(spans: Iterable[Span]) -> list[Span]:
    """Return spans in text order, those that overlap as one: several pieces of a quotation may each have taken all of it.

    >>> _without_overlap([Span(0, 9), Span(4, 6), Span(9, 12)])
    [Span(start=0, end=9), Span(start=9, end=12)]
    """
    apart: list[Span] = []
    for span in sorted(spans):
        if apart and span.start < apart[-1].end:
            apart[-1] = Span(apart[-1].start, max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return apart


def _close_gap(
    text: str, content: list[Span], source: list[Span], cue: Sequence[Span]
) -> tuple[list[Span], list[Span]]:
    """Take a source between two pieces of content, without a cue or quotation marks there, for a part of the content."""
    for before, after in pairwise(content):
        gap = (before.end, after.start)
        if (
            source
            and gap[0] <= source[0].start
            and source[0].end <= gap[1]
            and not any(gap[0] <= c.start < gap[1] for c in cue)
            and not any(char in QUOTES for char in text[slice(*gap)])
        ):
            joined = Span(before.start, after.end)
            return [joined if s == before else s for s in content if s != after], []
    return content, source


def _nearest(text: str, span: Span, position: int) -> Span:
    """Return the part of a source, cut at blank lines and at breadcrumb marks, that stands nearest to ``position``."""
    parts = []
    for paragraph in _paragraphs(text, span):
        marks = [m.span() for m in _CRUMB.finditer(text, paragraph.start, paragraph.end)]
        starts = [paragraph.start, *(end for _, end in marks)]
        ends = [*(start for start, _ in marks), paragraph.end]
        parts += [Span(start, end) for start, end in zip(starts, ends, strict=True) if start < end]
    return min(parts or [span], key=lambda part: max(part.start - position, position - part.end))


def _trim(text: str, span: Span, edge: regex.Pattern[str]) -> Span | None:
    shown = span.of(text)
    start, end = 0, len(shown)
    for match in edge.finditer(shown):
        if match.start() == 0 and match.end() < len(shown):
            start = match.end()
        elif match.end() == len(shown):
            end = min(end, match.start())
    return Span(span.start + start, span.start + end) if start < end else None


def _trim_content(text: str, span: Span) -> Span | None:
    trimmed = _trim(text, span, _CONTENT_EDGE)
    if (
        trimmed is not None
        and (that := _THAT.match(trimmed.of(text)))
        and that.end() < trimmed.end - trimmed.start
    ):
        trimmed = Span(trimmed.start + that.end(), trimmed.end)
        return _trim(text, trimmed, _CONTENT_EDGE)
    return trimmed if trimmed is not None and _WORD.search(trimmed.of(text)) else None


def find_kind(
    text: str, content: Sequence[Span], frame: Sequence[Span], quotations: Sequence[Quotation]
) -> Kind:
    """Return whether all, part or none of ``content`` is quoted.

    Quotations that hold the whole frame (cue or source) as well are those of an outer speaker and do not count. A
    single quoted word does not make a content mixed.
    """
    marks = [
        q.inner
        for q in quotations
        if any(q.span.overlaps(c) for c in content) and not any(q.inner.contains(f) for f in frame)
    ]
    total = quoted = 0
    for span in content:
        for match in _WORD.finditer(text, span.start, span.end):
            total += 1
            quoted += any(m.start <= match.start() and match.end() <= m.end for m in marks)
    if total and quoted == total:
        return "direct"
    return "mixed" if quoted > 1 else "indirect"


def _distinct(found: Iterable[Attribution]) -> list[Attribution]:
    """Leave out what is found twice: the less sure of two that share part of their cue and most of their content."""
    kept: list[Attribution] = []
    by_cue: dict[int, list[Attribution]] = {}
    seen: set[tuple[tuple[Span, ...], tuple[Span, ...]]] = set()
    for attribution in sorted(found, key=lambda a: -a.score):
        key = attribution.content, attribution.cue
        places = {place for span in attribution.cue for place in range(span.start, span.end)}
        rivals = {other.content: other for place in places for other in by_cue.get(place, ())}
        if key in seen or any(
            _overlap(attribution.content, other.content) >= SAME for other in rivals.values()
        ):
            continue
        seen.add(key)
        kept.append(attribution)
        for place in places:
            by_cue.setdefault(place, []).append(attribution)
    return kept


def _overlap(a: Sequence[Span], b: Sequence[Span]) -> float:
    """Return the share of characters that two groups of disjoint spans have in common, of all that either has."""
    shared = sum(max(0, min(x.end, y.end) - max(x.start, y.start)) for x in a for y in b)
    return shared / (sum(s.end - s.start for group in (a, b) for s in group) - shared)


def _share_sources(text: str, ordered: Sequence[Attribution], sentences: Sequence[Span]) -> list[Attribution]:
    """Give a participle without a source ("…, adding that") that of the reporting verb before it in its sentence."""
    starts = [sentence.start for sentence in sentences]

    def sentence_at(position: int) -> int:
        return max(0, bisect_right(starts, position) - 1)

    sources: dict[int, list[tuple[Span, ...]]] = {}
    for attribution in ordered:
        if attribution.source:
            number = sentence_at(attribution.source[0].start)
            if sentences[number].contains(attribution.source[0]):
                sources.setdefault(number, []).append(attribution.source)
    shared = []
    for attribution in ordered:
        if not attribution.source and attribution.cue and _PARTICIPLE.match(attribution.cue[0].of(text)):
            cue = attribution.cue[0].start
            before = [source for source in sources.get(sentence_at(cue), ()) if source[0].end <= cue]
            attribution = replace(attribution, source=max(before, default=()))
        shared.append(attribution)
    return shared


def _begin(attribution: Attribution) -> tuple[int, int]:
    spans = attribution.source + attribution.cue + attribution.content
    return min(s.start for s in spans), max(s.end for s in spans)


def _parents(attributions: Sequence[Attribution]) -> list[str | None]:
    """Return, for each attribution, the one with the smallest content that holds the whole of it."""
    contents = sorted(((c.start, c.end, n) for n, a in enumerate(attributions) for c in a.content))
    reach = list(accumulate((end for _, end, _ in contents), max))  # how far those up to here extend
    parents: list[str | None] = []
    for n, child in enumerate(attributions):
        spans = child.source + child.cue + child.content
        at = spans[0].start
        holders = []
        k = bisect_right(contents, at, key=lambda content: content[0]) - 1
        while k >= 0 and reach[k] > at:
            other = attributions[contents[k][2]]
            if (
                contents[k][1] > at
                and contents[k][2] != n
                and other.content != child.content
                and all(any(c.contains(s) for c in other.content) for s in spans)
            ):
                holders.append((sum(c.end - c.start for c in other.content), other.id))
            k -= 1
        parents.append(min(holders)[1] if holders else None)
    return parents
