"""Pieces, their offsets and features, and windows of them."""

import itertools

import numpy as np
import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck.attribution.encoding import Encoding, encode, span_pieces, windows
from claimcheck.records import Span
from claimcheck.segmentation import segment

TOKENIZER = tiny.raw_tokenizer()


def read(text: str) -> Encoding:
    return encode(text, segment(text).quotations, TOKENIZER)


def pieces(text: str) -> list[str]:
    encoding = read(text)
    return [text[a:b] for a, b in zip(encoding.starts, encoding.ends, strict=True)]


def test_empty_text_has_no_pieces():
    encoding = read("")
    assert len(encoding) == 0
    assert windows(encoding, (), 10, 3) == []


PIECES = {
    "words": ("The mayor said", ["The", "mayor", "said"]),
    "letters": ("Cab.", ["C", "a", "b", "."]),
    "accents": ("naïve é", ["n", "a", "ï", "v", "e", "é"]),
    "composed": ("\u00e9a", ["\u00e9", "a"]),
    "astral": ("𝒳 the 😀 said", ["𝒳", "the", "😀", "said"]),
    "cyrillic": ("жил", ["ж", "и", "л"]),
    "crlf": ("the\r\n\r\nsaid", ["the", "said"]),
    "no-break-space": ("the\u00a0said", ["the", "said"]),
    "curly": ("“safe”", ["“", "safe", "”"]),
}


@pytest.mark.parametrize(("text", "expected"), PIECES.values(), ids=PIECES)
def test_offsets_are_code_points_of_the_original(text, expected):
    assert pieces(text) == expected


TEXTS = st.text(
    st.one_of(st.sampled_from(" \n“”\"'.,AbİßﬁжЖé한e\u0301😀\u200b\u00ad[]"), st.characters(codec="utf-8")),
    max_size=80,
)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_pieces_are_ordered_and_not_empty_on_any_text(text):
    encoding = read(text)
    assert (encoding.starts < encoding.ends).all()
    assert (np.diff(encoding.starts) >= 0).all()
    assert (np.diff(encoding.ends) >= 0).all()
    assert not len(encoding) or (encoding.starts[0] >= 0 and encoding.ends[-1] <= len(text))
    for name, size in (("shape", 5), ("quote", 3), ("break_", 2)):
        values = getattr(encoding, name)
        assert values.shape == encoding.ids.shape
        assert ((values >= 0) & (values < size)).all()


@settings(max_examples=50, deadline=None)
@given(st.text("ab. “”\n", max_size=40), st.integers(1, 20))
def test_a_prefix_shifts_every_offset_equally(text, blanks):
    plain, shifted = read(text), read(" " * blanks + text)
    np.testing.assert_array_equal(plain.starts + blanks, shifted.starts)
    np.testing.assert_array_equal(plain.ends + blanks, shifted.ends)
    np.testing.assert_array_equal(plain.ids, shifted.ids)
    np.testing.assert_array_equal(plain.shape, shifted.shape)


def test_shapes_are_those_of_whole_words():
    text = "the Mayor BBC 42nd … I"
    by_word = {}
    encoding = read(text)
    for word, shape in zip(encoding.word.tolist(), encoding.shape.tolist(), strict=True):
        by_word.setdefault(word, set()).add(shape)
    assert [by_word[k] for k in sorted(by_word)] == [{0}, {1}, {2}, {3}, {4}, {1}]


def test_quote_states_count_the_depth():
    text = "x “a ‘b’ c” d"
    encoding = read(text)
    states = {text[a]: q for a, q in zip(encoding.starts, encoding.quote, strict=True)}
    assert states == {"x": 0, "“": 0, "a": 1, "‘": 1, "b": 2, "’": 1, "c": 1, "”": 0, "d": 0}


def test_breaks_mark_the_first_piece_after_a_line_end():
    text = "a b\n\nc d\r\ne"
    assert read(text).break_.tolist() == [1, 0, 1, 0, 1]


def test_words_number_the_pieces_of_one_word():
    assert read("cab the bridges").word.tolist() == [0, 0, 0, 1, *[2] * len(pieces("bridges"))]


SPANS = {
    "exact": ((4, 9), (1, 2)),
    "inside": ((5, 6), (1, 2)),
    "over-two": ((2, 5), (0, 2)),
    "blank-only": ((3, 4), (1, 1)),
    "all": ((0, 14), (0, 3)),
}


@pytest.mark.parametrize(("span", "expected"), SPANS.values(), ids=SPANS)
def test_span_pieces(span, expected):
    assert span_pieces(read("The mayor said"), Span(*span)) == expected


def test_a_short_text_is_one_window():
    text = "The mayor said that."
    assert windows(read(text), segment(text).sentences, 5, 2) == [(0, 5)]


def test_windows_begin_at_sentences():
    text = "the the the. " * 8  # four pieces each
    assert windows(read(text), segment(text).sentences, 12, 4) == [(0, 12), (8, 20), (16, 28), (24, 32)]


@settings(max_examples=100, deadline=None)
@given(st.text("ab. \n", max_size=200), st.integers(6, 40), st.data())
def test_windows_cover_every_piece_within_their_size(text, size, data):
    overlap = data.draw(st.integers(1, size // 2))
    encoding = read(text)
    cut = windows(encoding, segment(text).sentences, size, overlap)
    assert all(0 < end - start <= size for start, end in cut)
    covered = {i for start, end in cut for i in range(start, end)}
    assert covered == set(range(len(encoding)))
    for (a, b), (c, d) in itertools.pairwise(cut):
        assert a < c <= b - overlap
        assert b < d
