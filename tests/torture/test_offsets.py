"""Offsets never lie: whatever the text, what a span covers is what is shown."""

from __future__ import annotations

import random
import string
import time
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from inputs import PIECES, FakeNli, FakeTagger, TableTagger, in_order, quotations_nest, text_of

import claimcheck
from claimcheck import Checker, Document, InputError, Report
from claimcheck.segmentation import segment

CHECKER = Checker(FakeTagger(), FakeNli())
SEED = """Bridge row in Vestby

Mayor Ada Holm said on Monday that the bridge was “safe, ‘quite safe’”. "We will not close it," she told
the Dockers' Union (DU).\r\n\r\nPer Lund, its spokesman, denied that: "The mayor said 'no danger', but
nobody has looked.

"We asked. Nobody came." The ministry, which he called "late", said it had nothing to add — for now.
"""
# What is more likely to go wrong than a random character is.
ODD = [
    *"\"'“”‘’«»„`()[]—–-.,;:!?…。 \t\n\r\x0b\x0c\x1c\x85\xa0\u2028\u2029",
    "\r\n", "\n\n", "\r\n\r\n", "\u0301", "\u0323", "\u200b", "\u200d", "\u200e", "\u202e", "\u2066", "\u2069", "\ufeff",
    "\ufffe", "\U0001f1eb\U0001f1f7", "👩\u200d🚒", "\U00020000", "\U000e0001", "\U0010ffff", "ß", "İ", "ﬁ", "ǅ", "אמר", "قال",
    "東京", "한국", "e\u0301", "\x00", *string.ascii_letters[::5], *"0१", "Ada Holm", "Per Lund", " said ", " said", "the minister ",
    "she ", "denied ", "“No,” ", ". ", " that ", ", adding ", *(piece for piece in PIECES.values() if piece),
]  # fmt: skip
SHARDS = 20  # hypothesis remembers every case of a run, so that a long one is cut up
COMMON, CODE_POINT = (
    216,
    12,
)  # bytes below the first are a piece of ODD, the next few a code point, the rest a letter
PROGRAMS = st.one_of(
    st.binary(max_size=12), st.binary(min_size=12, max_size=50), st.binary(min_size=50, max_size=90)
)
HEADS = ["A headline.\n\n", "Énoncé 🎉.\r\n\r\n", "אמר.\n\u3000\n"]


def generated(program):
    """Read bytes as a text: one draw of hypothesis for all of it, which it can still make smaller.

    One character in twenty may be any code point of any plane, lone surrogates among them.
    """
    steps, made = iter(program), []
    for step in steps:
        if step < COMMON:
            made.append(ODD[step % len(ODD)])
        elif step < COMMON + CODE_POINT:
            plane, high, low = (next(steps, 0) for _ in range(3))
            made.append(chr((plane % 17 << 16) + (high << 8) + low))
        else:
            made.append(chr(step - COMMON - CODE_POINT + ord("a")))
    return "".join(made)


def mutated(program):
    """Read bytes as changes of SEED: stretches left out, doubled, moved or overwritten."""
    text = SEED
    for k in range(0, len(program) - 5, 6):
        kind, *numbers, size, extra = program[k : k + 6]
        start, at = (int(number * len(text) / 256) for number in numbers[:2])
        end = start + size % 60
        match kind % 4:
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:at] + text[start:end] + text[at:]
            case 2:
                piece, text = text[start:end], text[:start] + text[end:]
                text = text[:at] + piece + text[at:]
            case _:
                text = text[:start] + generated(program[k + 6 : k + 6 + extra % 9]) + text[end:]
    return text


def plain(spans, by=0):
    return [(span.start + by, span.end + by) for span in spans]


def assert_spans_hold(report):
    """Check that every span of a report shows what it says."""
    text = report.text
    for attribution, claim in zip(report.attributions, report.claims, strict=True):
        spans = attribution.source + attribution.cue + attribution.content
        assert all(0 <= s.start < s.end <= len(text) and s.of(text) == text[s.start : s.end] for s in spans)
        assert in_order(attribution.source)
        assert in_order(attribution.cue)
        assert in_order(attribution.content)
        assert claim.text == " ".join(text[s.start : s.end] for s in attribution.content)
        assert claim.cue == " ".join(text[s.start : s.end] for s in attribution.cue)
        assert text[claim.start : claim.end].startswith(text[slice(*plain(attribution.content)[0])])
    for speaker in report.speakers:
        assert all(s.of(text) for s in speaker.mentions)
    assert Report.from_dict(report.to_dict()) == report


def assert_nested(report):
    """Check that an attribution lies in the content of its parent, and that the parents end somewhere."""
    by_id = {attribution.id: attribution for attribution in report.attributions}
    for attribution in report.attributions:
        if attribution.parent is not None:
            around = by_id[attribution.parent].content
            for span in attribution.source + attribution.cue + attribution.content:
                assert any(content.contains(span) for content in around)
        seen, at = set(), attribution
        while at.parent is not None:
            assert at.id not in seen
            seen.add(at.id)
            at = by_id[at.parent]


def assert_parts(text):
    """Check what is promised of the parts of a text, and return them."""
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
    return parts


def assert_true(text, tagger=CHECKER.attributor):
    """Check all that is promised of one text and return its report."""
    parts = assert_parts(text)
    report = Checker(tagger, CHECKER.nli, segmenter=Known(parts)).check(text)
    assert report.text == text
    assert_spans_hold(report)
    return report, parts


class Known:
    """Gives the parts of the one text that it was made for."""

    def __init__(self, parts):
        self.parts = parts

    def segment(self, _text):
        return self.parts


def assert_shifted(text, report, parts, before, tables):
    """Check that a paragraph in front moves every offset by its length, and nothing else."""
    by = len(before)
    moved, head = segment(before + text), segment_once(before)
    assert plain(moved.paragraphs[len(head.paragraphs) :]) == plain(parts.paragraphs, by)
    assert plain(moved.sentences[len(head.sentences) :]) == plain(parts.sentences, by)
    assert plain(q.span for q in moved.quotations) == plain((q.span for q in parts.quotations), by)
    assert plain(q.inner for q in moved.quotations) == plain((q.inner for q in parts.quotations), by)
    again = TableTagger(tables, skip=by).attribute(Document("d", before + text), moved)
    assert [shape(a) for a in again] == [shape(a, by) for a in report.attributions]


segment_once = cache(segment)


def shape(attribution, by=0):
    """Return all of an attribution, moved."""
    spans = (plain(part, by) for part in (attribution.source, attribution.cue, attribution.content))
    return attribution.id, *spans, attribution.kind, attribution.parent, attribution.score


def assert_case(text, tables, before):
    """Check one text with one set of tables, or that it is refused where no encoder could hold it."""
    at = next((k for k, char in enumerate(text) if "\ud800" <= char <= "\udfff"), None)
    if at is not None:
        with pytest.raises(InputError, match=rf"lone surrogate '\\u[0-9a-f]{{4}}' at {at}: decode the bytes"):
            CHECKER.check(text)
        return False
    report, parts = assert_true(text, TableTagger(tables))
    assert_nested(report)
    assert_shifted(text, report, parts, before, tables)
    return True


@pytest.mark.parametrize("read", [generated, mutated], ids=["generated", "mutated"])
def test_offsets_are_true(read, request, figures, full):
    """All but the model is real: its place is taken by tables that no model would give."""
    cases, shards = (request.config.getoption("--cases") // 2, SHARDS) if full else (150, 1)
    seen = refused = 0
    began = time.process_time()
    for shard in range(shards):

        @seed(shard)
        @settings(
            max_examples=-(-cases // shards),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(PROGRAMS, st.integers(0, 2**32 - 1), st.sampled_from(HEADS))
        def check(program, tables, before):
            nonlocal seen, refused
            seen += 1
            refused += not assert_case(read(program), tables, before)

        check()
    assert seen >= cases
    figures(
        f"{read.__name__} texts, tables of roles made to mislead, hypothesis seeds 0 to {shards - 1}",
        seen,
        failures=0,
        refused=refused,
        cpu_seconds=round(time.process_time() - began, 1),
    )


@pytest.mark.parametrize("read", [generated, mutated], ids=["generated", "mutated"])
def test_offsets_of_the_packaged_models_are_true(read, figures, full):
    checker = claimcheck.load(device="cpu", dtype="float32")
    chance = random.Random(0)
    cases = 500 if full else 12
    texts = []
    while len(texts) < cases:
        text = read(chance.randbytes(chance.randrange(6, 90)))
        if not any("\ud800" <= char <= "\udfff" for char in text):
            texts.append(text)
    began, found = time.process_time(), 0
    for text, report in zip(texts, checker.pipe(texts, batch_size=50), strict=True):
        assert report.text == text
        assert_spans_hold(report)
        assert_nested(report)
        found += len(report.attributions)
    assert found > cases / 10  # or nothing was tried
    figures(
        f"{read.__name__} texts, the packaged models, seed 0",
        cases,
        failures=0,
        refused=0,
        cpu_seconds=round(time.process_time() - began, 1),
    )


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
