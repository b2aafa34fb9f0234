"""Quotation marks and what speaks for their opening, their closing, and their being no quotation mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import regex

from claimcheck.records import Span

# In the unit of the costs of claimcheck.segmentation.quotations.
_STRAY = 4.5  # a double mark that is no quotation mark

_MARK = regex.compile(
    r"(?<=[^\s'(\[{–—-])'(?=''(?!'))|(?<=[^\s’])’(?=’’(?!’))"  # three: an inner quotation ends with its outer one
    r"|``|`|''|‘‘|’’"
    r"|(?<![\p{L}\p{N}])['’‘‛]|['’‘‛](?![\p{L}\p{N}])"  # with a letter on both sides it is an apostrophe
    r"|[\"＂“”„‟‚«»‹›「」『』]"
)
_FAMILY = {
    **dict.fromkeys(['"', "＂", "“", "”", "„", "‟", "``", "''", "‘‘", "’’"], "double"),
    **dict.fromkeys(["'", "‘", "’", "‚", "‛", "`"], "single"),
    **dict.fromkeys("«»", "guillemet"),
    **dict.fromkeys("‹›", "angle"),
    **dict.fromkeys("「」", "corner"),
    **dict.fromkeys("『』", "white corner"),
}
_OPENING = frozenset(["“", "„", "‟", "``", "‘‘", "‘", "‚", "‛", "`", "«", "‹", "「", "『"])
_CLOSING = frozenset(["”", "’’", "’", "»", "›", "」", "』"])

# (what stands before, what stands after) → cost. Before: s space or start of the paragraph, b opening bracket,
# d dash or slash, p other punctuation, w anything else. After: s space or end, p punctuation, w anything else.
# fmt: off
_OPEN_COST = {
    "ss": 0.8, "sp": 0.5, "sw": 0.0,
    "bs": 1.0, "bp": 0.3, "bw": 0.0,
    "ds": 3.0, "dp": 0.8, "dw": 0.0,
    "ps": 4.0, "pp": 3.0, "pw": 0.8,
    "ws": 4.0, "wp": 4.0, "ww": 1.5,
}
_CLOSE_COST = {
    "ss": 0.8, "sp": 0.8, "sw": 2.5,
    "bs": 3.0, "bp": 3.0, "bw": 4.0,
    "ds": 0.0, "dp": 0.0, "dw": 1.5,
    "ps": 0.0, "pp": 0.0, "pw": 0.8,
    "ws": 0.0, "wp": 0.0, "ww": 0.8,
}
# fmt: on
_INVISIBLE = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_ELISION = regex.compile(
    r"(?:[0-9]0s|em|tis|twas|twere|twill|til|till|cause|cos|coz|cuz|bout|round|neath|n|un|er|im|tween|fraid)\b",
    regex.IGNORECASE,
)
_YEAR = regex.compile(r"[0-9]{2}\b")
_FEET = regex.compile(r"[0-9]\s?['’′]\s?[0-9]{1,2}(?:[.][0-9]|½|¼|¾)?\Z")
_DROPPED = frozenset(["o", "ol", "th", "n", "an", "wi", "lil", "po", "mo", "lo", "bro", "cap"])


class Mark(NamedTuple):
    """A mark, the cost of each of its roles, and where visible text ends before it and starts after it."""

    start: int
    end: int
    glyph: str
    family: str
    open: float
    close: float
    none: float
    text_before: int
    text_after: int


def marks_by_paragraph(text: str, paragraphs: Sequence[Span]) -> Iterator[tuple[int, list[Mark]]]:
    """Yield (index of the paragraph, its marks) for each paragraph that has any."""
    found = _MARK.finditer(text)
    match = next(found, None)
    for index, paragraph in enumerate(paragraphs):
        if match is None:
            return
        here = []
        while match is not None and match.start() < paragraph.end:
            here.append(match.span())
            match = next(found, None)
        if here:
            yield index, list(_weigh(text, paragraph, here))


def _weigh(text: str, paragraph: Span, marks: list[tuple[int, int]]) -> Iterator[Mark]:
    """Give each mark its costs. What stands before or after a run of marks stands there for each of them."""
    after = [" "] * len(marks)
    text_after = [paragraph.end] * len(marks)
    for i in range(len(marks) - 1, -1, -1):
        end = marks[i][1]
        if i + 1 < len(marks) and marks[i + 1][0] == end:
            after[i] = after[i + 1]
            text_after[i] = end
        elif end < paragraph.end:
            after[i] = text[end]
            text_after[i] = _skip_space(text, end, paragraph.end)
    before = " "
    for i, (start, end) in enumerate(marks):
        if not (i and marks[i - 1][1] == start):
            before = text[start - 1] if start > paragraph.start else " "
        text_before = start
        while text_before > paragraph.start and text[text_before - 1].isspace():
            text_before -= 1
        glyph = text[start:end]
        opening, closing, none = _costs(text, start, end, before, after[i], first=start == paragraph.start)
        yield Mark(start, end, glyph, _FAMILY[glyph], opening, closing, none, text_before, text_after[i])


def _skip_space(text: str, start: int, limit: int) -> int:
    while start < limit and text[start].isspace():
        start += 1
    return start


def _before_class(char: str) -> str:
    if char.isspace() or char in _INVISIBLE:
        return "s"
    if char in "([{":
        return "b"
    if char in "-–—―/=+~*_|":
        return "d"
    return "p" if char in ".,;:!?…)]}%" else "w"


def _after_class(char: str) -> str:
    if char.isspace() or char in _INVISIBLE:
        return "s"
    return "p" if char in ".,;:!?…)]}-–—―/" else "w"


def _costs(
    text: str, start: int, end: int, before: str, after: str, *, first: bool
) -> tuple[float, float, float]:
    """Return the costs of opening, of closing and of being no quotation mark."""
    glyph = text[start:end]
    family = _FAMILY[glyph]
    context = _before_class(before) + _after_class(after)
    opening, closing, none = _OPEN_COST[context], _CLOSE_COST[context], _STRAY
    if glyph in _OPENING:
        opening = min(opening / 2, 1.5) if family in ("double", "single") else 0.0
        closing = closing / 2 + 1.0 if glyph in "“«‹‘" else 9.0
    elif glyph in _CLOSING:
        closing = min(closing / 2, 1.5) if family in ("double", "single") else 0.0
        opening = opening + (4.0 if context == "ss" else 1.0) if glyph in "”»›’’" else 9.0
    if context == "ss":
        none = 2.5
    elif first:
        closing += 2.0
    if family == "single":
        opening, closing, none = _single(text, start, end, glyph, context, (opening, closing))
    elif family in ("guillemet", "angle"):
        none = 1.0 if context == "ss" or family == "angle" else 2.5  # "Home » News", "Read more »"
    elif before.isdecimal() and glyph in ('"', "＂", "”", "''", "’’"):
        if _FEET.search(text, max(0, start - 10), start):
            closing, none = closing + 2.0, 0.1
        else:
            closing, none = closing + 0.5, 0.8
    return opening, closing, none


def _single(
    text: str, start: int, end: int, glyph: str, context: str, costs: tuple[float, float]
) -> tuple[float, float, float]:
    """Return the costs of a single mark, which may be an apostrophe, as (opening, closing, none)."""
    opening, closing = costs
    previous = text[start - 1] if start else " "
    if previous.isalnum():
        word_start = start
        while word_start > max(0, start - 12) and text[word_start - 1].isalpha():
            word_start -= 1
        word = text[word_start:start].casefold()
        if previous.isdecimal():
            return opening, closing + 0.3, 0.6
        if word.endswith(("s", "z", "x")) or word in _DROPPED or (word.endswith("in") and len(word) > 3):
            return opening, closing + 0.3, 0.5
        return opening, closing, 2.0
    following = text[end] if end < len(text) else " "
    if following.isalnum() and context[0] in "sbdp":
        if _ELISION.match(text, end):
            return opening + 1.5, closing, 0.2
        if _YEAR.match(text, end):
            dated = text[max(0, start - 6) : start].endswith((" of ", " in ", "since "))
            return opening + 1.5 * dated, closing, 0.8
        if glyph == "’":
            return opening + 0.5, closing, 1.0
        return opening, closing, 3.5 if following.isupper() or glyph == "‘" else 2.5
    if glyph == "`":
        return opening, closing, 0.5
    return opening, closing, 1.5 if context == "ss" else 3.0
