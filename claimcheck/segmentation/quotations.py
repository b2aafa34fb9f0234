"""Quotation marks: which of them open, which close, and which are apostrophes or inches.

Each mark gets a cost for each role from its shape and its neighbours. The cheapest assignment of roles for which
the stack of open quotations works out is then found by a beam search from left to right (Viterbi's algorithm with
the stack as the state), so that a mark is judged by all of its paragraph: in ``'the workers' pay,' he said`` the
second mark is an apostrophe because of the third. Time is linear in the number of marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import regex

from claimcheck.records import Quotation, Span

# Costs are penalties without a unit; only their sums are compared. They were set by hand.
_UNCLOSED = 3.0  # a quotation whose closing mark is missing
_REOPENED = 0.3  # a quotation that goes on in the next paragraph
_STRAY = 4.5  # a double mark that is no quotation mark
_APOSTROPHE = 0.6  # at most this for a mark at the end of a word that takes one
_SAME_MARK = 1.0  # a quotation directly inside one with the same mark
_MISMATCH = 1.0  # opened and closed by marks that do not belong together
_BEAM = 8  # hypotheses kept
_MARGIN = 9.0  # hypotheses this much worse than the best one are dropped
_DEPTH = 5

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
_PAIRS = frozenset(
    [
        '""',
        "＂＂",
        "“”",
        "„“",
        "„”",
        "‟”",
        "””",
        "‘‘’’",
        "``''",
        "''''",
        "‘‘''",
        '``"',
        "''",
        "‘’",
        "‚‘",
        "‚’",
        "‛’",
        "’’",
        "`'",
        "«»",
        "»«",
        "»»",
        "‹›",
        "›‹",
        "「」",
        "『』",
    ]
)

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
    r"(?:[0-9]{2}s?|em|tis|twas|twere|twill|til|till|cause|cos|coz|cuz|bout|round|neath|n|un|er|im|tween|fraid)\b",
    regex.IGNORECASE,
)
_FEET = regex.compile(r"[0-9]\s?['’′]\s?[0-9]{1,2}(?:[.][0-9]|½|¼|¾)?\Z")
_DROPPED = frozenset(["o", "ol", "th", "n", "an", "wi", "lil", "po", "mo", "lo", "bro", "cap"])


class _Mark(NamedTuple):
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


class _Found(NamedTuple):
    """A link of the chain of quotations that a hypothesis has found."""

    earlier: _Found | None
    start: int
    inner_start: int
    inner_end: int
    end: int


class _State(NamedTuple):
    """A hypothesis: its cost, the marks now open, how many of them must be opened again, and what it found."""

    cost: float
    stack: tuple[_Mark, ...]
    pending: int
    found: _Found | None


_START = _State(0.0, (), 0, None)


def match_marks(text: str, paragraphs: Sequence[Span]) -> tuple[Quotation, ...]:
    """Return the quotations of a text with the given paragraphs, an outer one before those inside it."""
    quotations: list[Quotation] = []
    states = [_START]
    groups = list(_marks_by_paragraph(text, paragraphs))
    for number, (index, marks) in enumerate(groups):
        if states == [_START]:
            plain = _plain(marks)
            if plain is not None:
                quotations.extend(plain)
                continue
        for mark in marks:
            states = _advance(states, mark)
        following: list[_Mark] = []
        if number + 1 < len(groups) and groups[number + 1][0] == index + 1:
            next_start = paragraphs[index + 1].start
            following = _leading(groups[number + 1][1][:_DEPTH], next_start)
        states = _end_paragraph(states, paragraphs[index].end, following)
        if len(states) == 1 and not states[0].stack:
            quotations.extend(_unchain(states[0].found))
            states = [_START]
    return tuple(sorted(quotations, key=lambda quotation: (quotation.span.start, -quotation.span.end)))


def _plain(marks: list[_Mark]) -> list[Quotation] | None:
    """Return the quotations of a paragraph whose marks match at no cost, None where a search is needed.

    Only a shortcut, past plain apostrophes too: no cost is below zero, so that the search would find the same.
    """
    stack: list[_Mark] = []
    found = []
    for mark in marks:
        top = stack[-1] if stack else None
        if (
            top is not None
            and top.family == mark.family
            and not mark.close
            and mark.open
            and top.glyph + mark.glyph in _PAIRS
            and top.text_after < mark.start
        ):
            found.append(Quotation(Span(top.start, mark.end), Span(top.end, mark.start)))
            stack.pop()
        elif all(opened.family != mark.family for opened in stack):
            if not mark.open and mark.close:
                stack.append(mark)
            elif mark.none > _APOSTROPHE or mark.open < _UNCLOSED:
                return None
        else:
            return None
    return None if stack else found


def _leading(marks: list[_Mark], start: int) -> list[_Mark]:
    """Return the marks with which a paragraph begins, one directly after another."""
    leading = []
    for mark in marks:
        if mark.start != start:
            break
        leading.append(mark)
        start = mark.end
    return leading


def _unchain(found: _Found | None) -> Iterator[Quotation]:
    while found is not None:
        yield Quotation(
            Span(found.start, found.end),
            Span(found.inner_start, found.inner_end),
            closed=found.inner_end != found.end,
        )
        found = found.earlier


def _advance(states: list[_State], mark: _Mark) -> list[_State]:
    """Return the hypotheses after one more mark."""
    best: dict[tuple[tuple[str, ...], int], _State] = {}
    limit = float("inf")
    for state in states:
        for follower in _followers(state, mark):
            if follower.cost > limit:
                continue
            limit = min(limit, follower.cost + _MARGIN)
            key = (tuple([opened.glyph for opened in follower.stack]), follower.pending)
            if key not in best or follower.cost < best[key].cost:
                best[key] = follower
    kept = [state for state in best.values() if state.cost <= limit]
    return kept if len(kept) <= _BEAM else sorted(kept, key=lambda state: state.cost)[:_BEAM]


def _followers(state: _State, mark: _Mark) -> Iterator[_State]:
    cost, stack, pending, found = state
    if pending:
        yield _State(cost + _REOPENED, stack, pending - 1, found)
        return
    yield _State(cost + mark.none, stack, 0, found)
    if len(stack) < _DEPTH:
        penalty = mark.open
        if stack and stack[-1].family == mark.family:
            penalty += _SAME_MARK if stack[-1].glyph == mark.glyph else _SAME_MARK / 2
        yield _State(cost + penalty, (*stack, mark), 0, found)
    cost += mark.close
    for depth in range(len(stack) - 1, -1, -1):
        opened = stack[depth]
        if opened.family == mark.family:
            pair = opened.glyph + mark.glyph
            if opened.text_after < mark.start:
                closed = _Found(found, opened.start, opened.end, mark.start, mark.end)
                yield _State(cost + _MISMATCH * (pair not in _PAIRS), stack[:depth], 0, closed)
            elif depth == len(stack) - 1:
                # Marks around nothing: both are consumed and nothing is found.
                yield _State(cost + _MISMATCH * (pair not in _PAIRS) + 1.0, stack[:depth], 0, found)
            if depth == len(stack) - 1 and pair in _PAIRS:
                return
        found = _unclosed(opened, mark.text_before, found)
        cost += _UNCLOSED


def _unclosed(opened: _Mark, end: int, found: _Found | None) -> _Found | None:
    """Return the chain with an unclosed quotation up to ``end``, unless nothing is quoted."""
    if end <= opened.text_after:
        return found
    return _Found(found, opened.start, opened.end, end, end)


def _end_paragraph(states: list[_State], end: int, following: list[_Mark]) -> list[_State]:
    """Return the hypotheses at the end of a paragraph: open quotations end, or go on where they are opened again."""
    best: dict[tuple[str, ...], _State] = {}
    for state in states:
        kept = 0
        while kept < min(len(state.stack), len(following)) and _reopens(state.stack[kept], following[kept]):
            kept += 1
        for keep in {0, kept}:
            cost, found = state.cost, state.found
            for opened in reversed(state.stack[keep:]):
                found = _unclosed(opened, end, found)
                cost += _UNCLOSED
            stack = state.stack[:keep]
            key = tuple(opened.glyph for opened in stack)
            if key not in best or cost < best[key].cost:
                best[key] = _State(cost, stack, keep, found)
    return list(best.values())


def _reopens(opened: _Mark, again: _Mark) -> bool:
    return opened.glyph == again.glyph or (opened.family == again.family and opened.glyph in "«»‹›")


def _marks_by_paragraph(text: str, paragraphs: Sequence[Span]) -> Iterator[tuple[int, list[_Mark]]]:
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


def _weigh(text: str, paragraph: Span, marks: list[tuple[int, int]]) -> Iterator[_Mark]:
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
        yield _Mark(start, end, glyph, _FAMILY[glyph], opening, closing, none, text_before, text_after[i])


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
        if glyph == "’":
            return opening + 0.5, closing, 1.0
        return opening, closing, 3.5 if following.isupper() or glyph == "‘" else 2.5
    if glyph == "`":
        return opening, closing, 0.5
    return opening, closing, 1.5 if context == "ss" else 3.0
