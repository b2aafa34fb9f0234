"""Quotation marks: which of them open, which close, and which are apostrophes or inches.

Each mark gets a cost for each role from its shape and its neighbours. The cheapest assignment of roles for which
the stack of open quotations works out is then found by a beam search from left to right (Viterbi's algorithm with
the stack as the state), so that a mark is judged by all of its paragraph: in ``'the workers' pay,' he said`` the
second mark is an apostrophe because of the third. Time is linear in the number of marks; a paragraph with thousands
of marks that do not match plainly is no prose, and only two hypotheses are kept there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from claimcheck.records import Quotation, Span
from claimcheck.segmentation.marks import Mark, marks_by_paragraph

# Costs are penalties without a unit; only their sums are compared. They were set by hand.
_UNCLOSED = 3.0  # a quotation whose closing mark is missing
_REOPENED = 0.3  # a quotation that goes on in the next paragraph
_APOSTROPHE = 0.6  # at most this for a mark at the end of a word that takes one
_SAME_MARK = 1.0  # a quotation directly inside one with the same mark
_MISMATCH = 1.0  # opened and closed by marks that do not belong together
_BEAM = 8  # hypotheses kept
_MANY = 2000  # marks in a paragraph, beyond which only …
_NARROW = 2  # … so many hypotheses are kept
_MARGIN = 9.0  # hypotheses this much worse than the best one are dropped
_DEPTH = 5  # quotations inside one another

# fmt: off
_PAIRS = frozenset([
    '""', "＂＂", "“”", "„“", "„”", "‟”", "””", "‘‘’’", "``''", "''''", "‘‘''", '``"',
    "''", "‘’", "‚‘", "‚’", "‛’", "’’", "`'", "«»", "»«", "»»", "‹›", "›‹", "「」", "『』",
])
# fmt: on


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
    stack: tuple[Mark, ...]
    pending: int
    found: _Found | None


_START = _State(0.0, (), 0, None)


def match_marks(text: str, paragraphs: Sequence[Span]) -> tuple[Quotation, ...]:
    """Return the quotations of a text with the given paragraphs, an outer one before those inside it."""
    quotations: list[Quotation] = []
    states = [_START]
    groups = list(marks_by_paragraph(text, paragraphs))
    for number, (index, marks) in enumerate(groups):
        if states == [_START]:
            plain = _plain(marks)
            if plain is not None:
                quotations.extend(plain)
                continue
        beam = _BEAM if len(marks) <= _MANY else _NARROW
        for mark in marks:
            states = _advance(states, mark, beam)
        following: list[Mark] = []
        if number + 1 < len(groups) and groups[number + 1][0] == index + 1:
            next_start = paragraphs[index + 1].start
            following = _leading(groups[number + 1][1][:_DEPTH], next_start)
        states = _end_paragraph(states, paragraphs[index].end, following)
        if len(states) == 1 and not states[0].stack:
            quotations.extend(_unchain(states[0].found))
            states = [_START]
    return tuple(sorted(quotations, key=lambda quotation: (quotation.span.start, -quotation.span.end)))


def _plain(marks: list[Mark]) -> list[Quotation] | None:
    """Return the quotations of a paragraph whose marks match at no cost, None where a search is needed.

    Only a shortcut, past plain apostrophes too: no cost is below zero, so that the search would find the same.
    """
    stack: list[Mark] = []
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


def _leading(marks: list[Mark], start: int) -> list[Mark]:
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


def _advance(states: list[_State], mark: Mark, beam: int) -> list[_State]:
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
    return kept if len(kept) <= beam else sorted(kept, key=lambda state: state.cost)[:beam]


def _followers(state: _State, mark: Mark) -> Iterator[_State]:
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


def _unclosed(opened: Mark, end: int, found: _Found | None) -> _Found | None:
    """Return the chain with an unclosed quotation up to ``end``, unless nothing is quoted."""
    if end <= opened.text_after:
        return found
    return _Found(found, opened.start, opened.end, end, end)


def _end_paragraph(states: list[_State], end: int, following: list[Mark]) -> list[_State]:
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


def _reopens(opened: Mark, again: Mark) -> bool:
    return opened.glyph == again.glyph or (opened.family == again.family and opened.glyph in "«»‹›")
