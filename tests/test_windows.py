"""Windows of sentences: which part of a long text is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.windows import cut, nearest

TEXT = (
    "The fair opened on Monday. Visitors came early. The mayor praised the ferry. The ferry is late, the harbour "
    "said. It rained all day."
)

CASES = {
    "most stems first": ("the ferry of the harbour", 10, ("The ferry is late, the harbour said.",)),
    "neighbours fill the window": (
        "the ferry of the harbour",
        13,
        ("The mayor praised the ferry. The ferry is late, the harbour said.",),
    ),
    "none shared: the beginning": ("a strike", 8, ("The fair opened on Monday. Visitors came early.",)),
    "all fits": ("the ferry", 90, (TEXT,)),
    "stems, not words": ("visiting", 6, ("Visitors came early.",)),
}


@pytest.mark.parametrize(("query", "limit", "expected"), CASES.values(), ids=CASES)
def test_nearest(query, limit, expected):
    assert nearest(cut(TEXT), query, limit=limit) == expected


def test_several_windows_are_disjoint_and_the_nearest_is_first():
    found = nearest(cut(TEXT), "the mayor and the ferry", limit=8, count=3)
    assert found == (
        "Visitors came early. The mayor praised the ferry.",
        "The ferry is late, the harbour said.",
        "It rained all day.",
    )


@pytest.mark.parametrize("text", ["", "  \n "])
def test_no_text_has_no_window(text):
    assert nearest(cut(text), "the ferry") == ()


@given(st.text(alphabet="ab c.\n", max_size=80), st.integers(1, 6), st.integers(1, 4))
def test_windows_keep_the_limit_and_the_words(text, limit, count):
    sentences = cut(text, limit)
    assert " ".join(s.text for s in sentences).split() == text.split()
    windows = nearest(sentences, "abab", limit=limit, count=count)
    assert len(windows) <= count
    assert all(0 < len(window.split()) <= limit for window in windows)
    assert sum(len(window.split()) for window in windows) <= len(text.split())
