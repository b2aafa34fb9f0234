"""From a text to what the attribution model reads: word pieces, their surface features, and windows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from claimcheck.records import Quotation, Span

SHAPES = ("lower", "title", "upper", "digit", "other")
QUOTE_STATES = ("outside", "quoted", "nested")
BREAKS = ("none", "paragraph")

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoding:
    """The word pieces of one text, without special tokens. All arrays have the shape (n_pieces,).

    ``starts`` and ``ends`` are code point offsets. ``word`` numbers the words that pieces belong to. ``shape``,
    ``quote`` and ``break_`` index SHAPES, QUOTE_STATES and BREAKS: an uncased vocabulary forgets capitals, and word
    pieces know neither the quotation they stand in nor the paragraph they open.
    """

    ids: IntArray
    starts: IntArray
    ends: IntArray
    word: IntArray
    shape: IntArray
    quote: IntArray
    break_: IntArray

    def __len__(self) -> int:
        return len(self.ids)


def _shape(word: str) -> int:
    if word[0].isdigit():
        return 3
    if not word[0].isalpha():
        return 4
    if len(word) > 1 and word.isupper():
        return 2
    return 1 if word[0].isupper() else 0


def encode(text: str, quotations: Sequence[Quotation], tokenizer: Tokenizer) -> Encoding:
    """Tokenise ``text`` and mark each piece with its surface features.

    Parameters
    ----------
    tokenizer
        A fast tokenizer without truncation and padding.
    """
    raw = tokenizer.encode(text, add_special_tokens=False)
    offsets = np.array(raw.offsets, dtype=np.int64).reshape(-1, 2)
    starts, ends = offsets[:, 0], offsets[:, 1]
    word = np.array([-1 if w is None else w for w in raw.word_ids], dtype=np.int64)
    shape = np.zeros(len(starts), dtype=np.int64)
    break_ = np.zeros(len(starts), dtype=np.int64)
    end_before = 0
    for i in range(len(starts)):
        if i and word[i] == word[i - 1]:
            shape[i] = shape[i - 1]
        else:
            last = i
            while last + 1 < len(starts) and word[last + 1] == word[i]:
                last += 1
            shape[i] = _shape(text[starts[i] : ends[last]] or " ")
        break_[i] = int(i == 0 or "\n" in text[end_before : starts[i]])
        end_before = int(ends[i])
    depth = np.zeros(len(text) + 1, dtype=np.int64)
    for quotation in quotations:
        depth[quotation.inner.start] += 1
        depth[quotation.inner.end] -= 1
    quote = np.minimum(np.cumsum(depth)[starts], len(QUOTE_STATES) - 1)
    return Encoding(np.array(raw.ids, dtype=np.int64), starts, ends, word, shape, quote, break_)


def windows(encoding: Encoding, sentences: Sequence[Span], size: int, overlap: int) -> list[tuple[int, int]]:
    """Cut an encoding into half-open piece ranges of at most ``size`` that begin at sentences where they can.

    Consecutive windows share about ``overlap`` pieces. Every piece is in some window.
    """
    if len(encoding) == 0:
        return []
    firsts = np.unique(np.searchsorted(encoding.starts, [s.start for s in sentences]))
    result: list[tuple[int, int]] = []
    start = 0
    while True:
        end = min(start + size, len(encoding))
        result.append((start, end))
        if end == len(encoding):
            return result
        last = int(np.searchsorted(firsts, end - overlap, side="right")) - 1
        near = last >= 0 and firsts[last] > start + size // 3
        start = int(firsts[last]) if near else end - overlap


def span_pieces(encoding: Encoding, span: Span) -> tuple[int, int]:
    """Return the half-open range of pieces that overlap ``span``."""
    first = int(np.searchsorted(encoding.ends, span.start, side="right"))
    last = int(np.searchsorted(encoding.starts, span.end, side="left"))
    return first, max(first, last)
