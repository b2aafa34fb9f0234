"""Exact span scores of attributions, over documents.

A span is right when its role, its start and its end are right. Every role of a document is a *set* of spans: a source
that two attributions share counts once. Counts are summed over documents (micro average).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from claimcheck.errors import InputError
from claimcheck.records import Span

ROLES = ("source", "cue", "content")


class Annotated(Protocol):
    """Anything with source, cue and content spans: an ``Attribution``, or one read from a corpus."""

    @property
    def source(self) -> tuple[Span, ...]:
        """Spans of who is said to have said it; empty where none is expressed."""

    @property
    def cue(self) -> tuple[Span, ...]:
        """Spans of the reporting expression; empty where there is none."""

    @property
    def content(self) -> tuple[Span, ...]:
        """Spans of what is attributed."""


@dataclass(frozen=True, slots=True)
class Triple:
    """An annotated attribution as a corpus has it; any role may be empty."""

    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class PRF:
    """Counts of true positives, false positives and false negatives, and the scores that follow from them.

    A score whose denominator is zero is 0.0. Counts add up with ``+``.

    Raises
    ------
    InputError
        If a count is negative.

    Examples
    --------
    >>> score = PRF(tp=2, fp=1, fn=6)
    >>> round(score.precision, 3), score.recall, round(score.f1, 3)
    (0.667, 0.25, 0.364)
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __post_init__(self) -> None:
        if min(self.tp, self.fp, self.fn) < 0:
            raise InputError(f"counts must not be negative: tp={self.tp}, fp={self.fp}, fn={self.fn}")

    def __add__(self, other: PRF) -> PRF:
        return PRF(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """Share of what was predicted that is right."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Share of what is there that was predicted."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else 0.0

    @classmethod
    def of(cls, gold: Collection[object], predicted: Collection[object]) -> PRF:
        """Compare two collections as sets.

        >>> PRF.of(gold={1, 2, 3, 4}, predicted={3, 4, 5})
        PRF(tp=2, fp=1, fn=2)
        """
        gold, predicted = set(gold), set(predicted)
        return cls(len(gold & predicted), len(predicted - gold), len(gold - predicted))


def merge_fragments(spans: Iterable[Span], text: str) -> tuple[Span, ...]:
    """Return ``spans`` in text order, joined where only white space (or nothing) lies between two of them.

    >>> merge_fragments([Span(4, 7), Span(0, 3)], "one two")
    (Span(start=0, end=7),)
    """
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and not text[merged[-1].end : span.start].strip():
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def score_document(gold: Iterable[Annotated], predicted: Iterable[Annotated], text: str) -> dict[str, PRF]:
    """Score the attributions of one document: ``source``, ``cue``, ``content`` and ``triple``.

    Fragments of one role of one attribution that only white space parts are one span, on both sides. ``triple`` counts
    whole attributions: all three roles exact, an empty role included.
    """
    want, got = [[_merged(item, text) for item in items] for items in (gold, predicted)]
    scores = {
        role: PRF.of(
            {span for item in want for span in item[index]}, {span for item in got for span in item[index]}
        )
        for index, role in enumerate(ROLES)
    }
    return {**scores, "triple": PRF.of(want, got)}


def score_documents(scores: Sequence[dict[str, PRF]]) -> dict[str, PRF]:
    """Sum the scores of several documents; no document gives zero counts."""
    names = (*ROLES, "triple")
    return {name: sum((score[name] for score in scores), PRF()) for name in names}


def _merged(item: Annotated, text: str) -> tuple[tuple[Span, ...], ...]:
    return tuple(merge_fragments(spans, text) for spans in (item.source, item.cue, item.content))
