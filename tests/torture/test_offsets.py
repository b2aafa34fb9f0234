"""Offsets never lie: whatever the text, what a span covers is what is shown."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inputs import PIECES, FakeNli, FakeTagger, in_order, quotations_nest, text_of

from claimcheck import Checker, Document, InputError, Report
from claimcheck.segmentation import segment

CHECKER = Checker(FakeTagger(), FakeNli())
SEED = """Bridge row in Vestby

Mayor Ada Holm said on Monday that the bridge was “safe, ‘quite safe’”. "We will not close it," she told
the Dockers' Union (DU).\r\n\r\nPer Lund, its spokesman, denied that: "The mayor said 'no danger', but
nobody has looked.

"We asked. Nobody came." The ministry, which he called "late", said it had nothing to add — for now.
"""
# all planes, and what is more likely to go wrong than a random character is
CHARACTERS = st.one_of(
    st.characters(codec="utf-8"),
    st.sampled_from(
        [
            *"\"'“”‘’«»„`()[]—–-.,;:!?…。 \t\n\r\x0b\x0c\x1c\x85\xa0\u2028\u2029",
            "\r\n",
            "\n\n",
            "\u0301",
            "\u0323",
            "\u200b",
            "\u200d",
            "\u200e",
            "\u202e",
            "\u2066",
            "\u2069",
            "\ufeff",
            "\ufffe",
            "\U0001f1eb\U0001f1f7",
            "👩\u200d🚒",
            "\U00020000",
            "\U000e0001",
            "\U0010ffff",
            "ß",
            "İ",
            "ﬁ",
            "ǅ",
            "אמר",
            "قال",
            "東京",
            "한국",
            "e\u0301",
            "\x00",
        ]
    ),
)
GENERATED = st.lists(
    st.one_of(
        CHARACTERS,
        st.sampled_from([piece for piece in PIECES.values() if piece]),
        st.sampled_from(["Ada Holm", " said ", "the minister ", "she ", "denied ", "“No,” ", ". ", "\n\n"]),
    ),
    max_size=40,
).map("".join)


@st.composite
def mutated(draw):
    """Return the seed with some stretches left out, doubled, moved or overwritten."""
    text = SEED
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 60)))
        at = draw(st.integers(0, len(text)))
        match draw(st.sampled_from(["leave out", "double", "move", "overwrite"])):
            case "leave out":
                text = text[:start] + text[end:]
            case "double":
                text = text[:at] + text[start:end] + text[at:]
            case "move":
                piece, text = text[start:end], text[:start] + text[end:]
                text = text[:at] + piece + text[at:]
            case "overwrite":
                text = text[:start] + "".join(draw(st.lists(CHARACTERS, max_size=8))) + text[end:]
    return text


def spans_of(report):
    for attribution in report.attributions:
        yield from attribution.source + attribution.cue + attribution.content
    for speaker in report.speakers:
        yield from speaker.mentions


def assert_true(text):
    """Check all that is promised of one text."""
    parts = segment(text)
    assert in_order(parts.paragraphs)
    assert in_order(parts.sentences)
    assert quotations_nest(parts.quotations)
    for visible in (parts.paragraphs, parts.sentences):
        rest = [text[a.end : b.start] for a, b in pairwise(visible)]
        ends = [text[: visible[0].start], text[visible[-1].end :]] if visible else [text]
        assert not "".join(rest + ends).strip()
    for quotation in parts.quotations:
        assert quotation.span.contains(quotation.inner)
        assert quotation.inner.of(text)
    report = CHECKER.check(text)
    assert report.text == text
    for span in spans_of(report):
        assert span.of(text) == text[span.start : span.end] != ""
    for attribution, claim in zip(report.attributions, report.claims, strict=True):
        assert claim.text == " ".join(text[s.start : s.end] for s in attribution.content)
        assert claim.cue == " ".join(text[s.start : s.end] for s in attribution.cue)
    assert Report.from_dict(report.to_dict()) == report
    return parts


def assert_shifted(text, parts, before):
    """Check that a paragraph in front moves every offset by its length, and nothing else."""
    by = len(before)
    moved = segment(before + text)
    head = segment(before)

    def shifted(spans):
        return [(s.start + by, s.end + by) for s in spans]

    def plain(spans):
        return [(s.start, s.end) for s in spans]

    assert plain(moved.paragraphs[len(head.paragraphs) :]) == shifted(parts.paragraphs)
    assert plain(moved.sentences[len(head.sentences) :]) == shifted(parts.sentences)
    assert plain(q.span for q in moved.quotations) == shifted(q.span for q in parts.quotations)
    assert plain(q.inner for q in moved.quotations) == shifted(q.inner for q in parts.quotations)


@pytest.mark.parametrize("strategy", [GENERATED, mutated()], ids=["generated", "mutated"])
def test_offsets_are_true(strategy, request, figures, full):
    cases = request.config.getoption("--cases") // 2 if full else 150
    seen = 0
    began = time.perf_counter()

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy, st.sampled_from(["A headline.\n\n", "Énoncé 🎉.\r\n\r\n", "אמר.\n\u3000\n"]))
    def check(text, before):
        nonlocal seen
        seen += 1
        assert_shifted(text, assert_true(text), before)

    check()
    assert seen >= min(cases, 150)
    name = request.node.callspec.id
    figures(f"{name} texts", seen, failures=0, elapsed_seconds=round(time.perf_counter() - began, 1))


@pytest.mark.parametrize("name", [name for name, piece in PIECES.items() if piece])
def test_offsets_are_true_of_repeated_pieces(name):
    chance = random.Random(name)
    for length in (1, 7, 300):
        text = text_of(name, length)
        assert_true(text)
        cut = chance.randrange(len(text) + 1)
        assert_true(text[:cut] + "“" + text[cut:])


@pytest.mark.parametrize("bad", ["\ud800", "a\udfff", "\udc00\ud800", "x" * 1000 + "\udead"])
def test_lone_surrogates_are_refused_with_their_place(bad):
    at = next(i for i, char in enumerate(bad) if "\ud800" <= char <= "\udfff")
    with pytest.raises(InputError, match=rf"lone surrogate '\\u[0-9a-f]{{4}}' at {at}: decode the bytes"):
        CHECKER.check(bad)
    with pytest.raises(InputError, match="lone surrogate"):
        Document("d", bad)
