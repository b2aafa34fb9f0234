"""What an NLI model is shown of a claim."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.records import Claim
from claimcheck.segmentation import split_sentences
from claimcheck.statements import (
    CONTEXT_CHARACTERS,
    READ_CONTEXT,
    TEXT_CHARACTERS,
    context_before,
    frame,
    plain,
    render_pair,
    standing,
)

TEXT = "One came. Two went.\n\nThree  stayed\nhere. Four left, he said."

CONTEXTS = {
    "first-sentence": ("One", ""),
    "inside-the-first": ("came", ""),
    "second": ("Two", "One came."),
    "third": ("Three", "One came. Two went."),
    "only-two-before": ("Four", "Two went. Three stayed here."),
    "inside-a-later-one": ("left", "Two went. Three stayed here."),
    "last-character": ("said.", "Two went. Three stayed here."),
}


@pytest.mark.parametrize(("word", "expected"), CONTEXTS.values(), ids=CONTEXTS)
def test_context_before(word, expected):
    assert context_before(TEXT, split_sentences(TEXT), TEXT.index(word)) == expected


def test_context_without_sentences_is_empty():
    assert context_before("", (), 0) == ""
    assert context_before("   x", (), 3) == ""


def test_context_before_the_first_sentence_is_empty():
    text = "  One came. Two went."
    assert context_before(text, split_sentences(text), 0) == ""


def test_context_of_white_space_between_sentences_belongs_to_the_sentence_before():
    text = "One came. Two went. Three stayed."
    assert context_before(text, split_sentences(text), text.index("Three") - 1) == "One came."


def test_long_context_keeps_its_nearest_words_whole():
    text = f"{'abcd ' * 100}end. Next one."
    context = context_before(text, split_sentences(text), text.index("Next"))
    assert len(context) <= CONTEXT_CHARACTERS
    assert context.endswith("abcd end.")
    assert context.startswith("abcd ")


def test_context_of_just_the_limit_is_kept_whole():
    text = f"{'a' * (CONTEXT_CHARACTERS - 1)}. Next one."
    assert context_before(text, split_sentences(text), text.index("Next")) == text[:CONTEXT_CHARACTERS]


@given(st.text(alphabet="ab .\n“”A", max_size=120), st.integers(0, 130))
def test_context_is_short_and_one_line(text, start):
    context = context_before(text, split_sentences(text), start)
    assert len(context) <= CONTEXT_CHARACTERS
    assert context == " ".join(context.split())


FRAMES = {
    "all": (Claim("c", "it is safe", speaker="Ada Holm", cue="insisted"), "Ada Holm insisted: it is safe"),
    "no-speaker": (Claim("c", "it is safe", cue="reportedly"), "somebody reportedly: it is safe"),
    "no-cue": (Claim("c", "it is safe", speaker="Ada Holm"), "Ada Holm said: it is safe"),
    "neither": (Claim("c", "it is safe"), "somebody said: it is safe"),
    "white-space": (Claim("c", " it\n\nis\t safe "), "somebody said: it is safe"),
}


@pytest.mark.parametrize(("claim", "expected"), FRAMES.values(), ids=FRAMES)
def test_frame(claim, expected):
    assert frame(claim) == expected


def test_frame_cuts_a_long_content():
    assert frame(Claim("c", "x" * 5000)) == "somebody said: " + "x" * TEXT_CHARACTERS


PLAIN = {
    "stop-and-capital": (Claim("c", "the bridge is safe"), "The bridge is safe."),
    "has-a-stop": (Claim("c", "the bridge is safe."), "The bridge is safe."),
    "question": (Claim("c", "who paid?"), "Who paid?"),
    "exclamation": (Claim("c", "Never!"), "Never!"),
    "denial": (Claim("c", "he was paid", force="denies"), "It is not true that he was paid."),
    "denial-with-stop": (Claim("c", "He was paid.", force="denies"), "It is not true that He was paid."),
    "other-force": (Claim("c", "he was paid", force="demands"), "He was paid."),
    "white-space": (Claim("c", "he\r\n was  paid"), "He was paid."),
}


@pytest.mark.parametrize(("claim", "expected"), PLAIN.values(), ids=PLAIN)
def test_plain(claim, expected):
    assert plain(claim) == expected


STANDINGS = {
    "other-articles": ("Ada", "p1", "Ben", "p2", None, "apart, other speaker, other side"),
    "same-place": ("Ada", "p1", "Ben", "p1", 0, "next, other speaker, same side"),
    "next": ("Ada", "p1", "Ben", "p1", 1, "next, other speaker, same side"),
    "near-2": ("Ada", None, "Ben", "p1", 2, "near, other speaker"),
    "near-3": ("Ada", "p1", "Ben", None, 3, "near, other speaker"),
    "far": ("Ada", "p1", "Ben", "p2", 4, "far, other speaker, other side"),
    "same-speaker": ("Ada", "p1", "Ada", "p1", 1, "next, same speaker"),
    "same-speaker-without-party": ("Ada", None, "Ada", None, 9, "far, same speaker"),
    "no-speaker": (None, "p1", "Ben", "p2", 1, "next, some speaker"),
    "no-speakers": (None, None, None, None, None, "apart, some speaker"),
}


@pytest.mark.parametrize("case", STANDINGS.values(), ids=STANDINGS)
def test_standing(case):
    speaker_a, party_a, speaker_b, party_b, distance, expected = case
    a = Claim("a", "x", speaker=speaker_a, party=party_a)
    b = Claim("b", "y", speaker=speaker_b, party=party_b)
    assert standing(a, b, distance) == expected
    assert standing(b, a, distance) == expected


A = Claim("a", "the bridge is safe", speaker="Ada", party="p1", cue="said", context="The bridge was shut.")
B = Claim(
    "b", "it was checked", speaker="Ben", party="p2", cue="denied", force="denies", context="It is old."
)


def test_framed_pairs_hold_frames_standing_and_both_contexts():
    assert render_pair(A, B, 2, "framed") == (
        "Ada said: the bridge is safe | near, other speaker, other side | The bridge was shut.",
        "Ben denied: it was checked | It is old.",
    )


def test_the_standing_goes_with_the_premise():
    assert render_pair(B, A, 2, "framed") == (
        "Ben denied: it was checked | near, other speaker, other side | It is old.",
        "Ada said: the bridge is safe | The bridge was shut.",
    )


def test_a_missing_context_leaves_nothing_behind():
    a, b = Claim("a", "x", speaker="Ada"), Claim("b", "y")
    assert render_pair(a, b, None, "framed") == ("Ada said: x | apart, some speaker", "somebody said: y")


def test_of_a_long_context_the_nearest_words_are_shown():
    a, b = Claim("a", "x", context="far " * 50 + "near enough"), Claim("b", "y", context="near enough")
    assert render_pair(a, b, 1, "framed", context=11) == (
        "somebody said: x | next, some speaker | near enough",
        "somebody said: y | near enough",
    )
    assert render_pair(a, b, 1, "framed", context=10)[1] == "somebody said: y | enough"
    assert render_pair(a, b, 1, "framed", context=3)[1] == "somebody said: y"
    premise, _ = render_pair(a, b, 1, "framed")
    assert READ_CONTEXT - 4 <= len(premise.split(" | ")[2]) <= READ_CONTEXT
    assert render_pair(a, b, 1, "framed", context=CONTEXT_CHARACTERS)[0].endswith(f"| {a.context}")


def test_plain_pairs_hold_contents_only():
    assert render_pair(A, B, 2, "plain") == ("The bridge is safe.", "It is not true that it was checked.")
