"""Paragraphs: blocks between blank lines, and single lines where a line break is more than a wrap."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import regex

from claimcheck.records import Span

# A line longer than this is not wrapped text; one shorter than the other says nothing about a width.
_WIDEST_WRAP = 120
_NARROWEST_WRAP = 40

_BULLET = regex.compile(r"(?:[-*+][ \t\u00a0]|[•‣◦▪●■·∙⁃])\s*+\S")
_DIALOGUE_DASH = regex.compile(r"[–—―]\s*+[\"“‘«]?\p{Lu}")
_NUMBERED = regex.compile(r"(?:\(?[0-9]{1,3}[.)]|\(?[a-zA-Z]\))\s")
_FIRST_WORD = regex.compile(r"\S{1,200}")
_LOWER_START = regex.compile(r"[\"'“‘«(\[]?\p{Ll}")
_STOPPED = regex.compile(r".*[.!?…:][\"'”’»)\]]*+\Z", regex.DOTALL)


class _Line(NamedTuple):
    start: int
    end: int
    text: str


def find_paragraphs(text: str) -> tuple[Span, ...]:
    r"""Return the paragraphs of a text, without the white space around them.

    A blank line ends a paragraph. A single line break does so before a list item, and where the next word would
    still have fitted on the line (so that the break is no wrap) and the text before or after it looks like a whole
    sentence or a headline. Only the block between two blank lines is looked at.

    Examples
    --------
    >>> text = "A headline\n\nThe first line of a\nwrapped paragraph.\n\n- an item\n- another"
    >>> [paragraph.of(text) for paragraph in find_paragraphs(text)]
    ['A headline', 'The first line of a\nwrapped paragraph.', '- an item', '- another']
    """
    paragraphs: list[Span] = []
    block: list[_Line] = []
    position = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped:
            start = position + len(line) - len(line.lstrip())
            block.append(_Line(start, start + len(stripped), stripped))
        if not stripped or line.endswith("\u2029"):
            paragraphs.extend(_paragraphs_of(block))
            block = []
        position += len(line)
    paragraphs.extend(_paragraphs_of(block))
    return tuple(paragraphs)


def _paragraphs_of(block: list[_Line]) -> list[Span]:
    if not block:
        return []
    width = max(line.end - line.start for line in block)
    found = []
    start = block[0].start
    for line, following in itertools.pairwise(block):
        if _breaks(line, following, width):
            found.append(Span(start, line.end))
            start = following.start
    found.append(Span(start, block[-1].end))
    return found


def _breaks(line: _Line, following: _Line, width: int) -> bool:
    if _BULLET.match(following.text) or _DIALOGUE_DASH.match(following.text):
        return True
    length = line.end - line.start
    word = _FIRST_WORD.match(following.text)
    fitted = width > _WIDEST_WRAP or (word is not None and length + 1 + len(word[0]) <= width)
    stopped = _STOPPED.match(line.text[-20:]) is not None
    if _NUMBERED.match(following.text) and (fitted or stopped or _NUMBERED.match(line.text)):
        return True
    if not fitted or _LOWER_START.match(following.text):
        return False
    return stopped or width > _WIDEST_WRAP or (width >= _NARROWEST_WRAP and length < 0.85 * width)
