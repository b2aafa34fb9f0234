"""Time is linear in the length of a text, whatever is in it: no regular expression goes back over what it has read.

Measured outside the models: segmentation, speakers, parties, claims, relations, report. Processor time, so that a busy
machine does not count.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from inputs import PIECES, FakeNli, FakeTagger, text_of

from claimcheck import Checker, Document, Report, Span
from claimcheck.attribution.decoding import Table, decode
from claimcheck.attribution.encoding import Encoding
from claimcheck.numerals import numbers
from claimcheck.pipeline import HINTS
from claimcheck.reasons import Reading, explain
from claimcheck.records import Attribution, Claim
from claimcheck.segmentation import segment
from claimcheck.speakers import resolve_speakers

CHECKER = Checker(FakeTagger(), FakeNli())


def seconds(name, length, check=CHECKER.check):
    text = text_of(name, length)
    began = time.process_time()
    check(text)
    return time.process_time() - began


@pytest.mark.parametrize("name", PIECES)
def test_time_is_linear(name, full):
    # Eight times the text, or sixteen: quadratic time would be 64 or 256 times as long. The constant forgives the clock
    # its noise, and at most 1,000 pairs are compared however long a text is.
    short, times = 4_000, 16 if full else 8
    assert seconds(name, times * short) < 2.5 * times * seconds(name, short) + 1.0


def read(text):
    """Find sentences, quotations and speakers."""
    document, parts = Document("d", text), segment(text)
    resolve_speakers(document, FakeTagger().attribute(document, parts), parts.quotations)


LENGTHS = {"1_kb_seconds": 10**3, "100_kb_seconds": 10**5, "1_mb_seconds": 10**6, "10_mb_seconds": 10**7}


@pytest.mark.parametrize("name", ["news", "one word", "line breaks", "commas", "capitals"])
def test_ten_megabytes_take_less_than_100_seconds(name, full, figures):
    """The whole path outside the models. An article of 10 MB of news has 180,000 claims."""
    if not full:
        assert seconds(name, 10**5) < 10
        return
    taken = {metric: round(seconds(name, length), 3) for metric, length in LENGTHS.items()}
    assert taken["10_mb_seconds"] < 100
    figures(f"{name}, whole path outside the models", 10**7, **taken)


@pytest.mark.parametrize("name", [name for name in PIECES if name != "new names"])
def test_a_megabyte_of_one_piece(name, full, figures):
    """What is repeated without end is the worst that a regular expression can be given."""
    if not full:
        pytest.skip("with --full only")
    short, long = seconds(name, 10**5, read), seconds(name, 10**6, read)
    assert long < 20 * short + 1
    metrics = {"100_kb_seconds": round(short, 3), "1_mb_seconds": round(long, 3)}
    figures(f"{name}: sentences, quotations, speakers", 10**6, **metrics)


# long and odd articles

ALONE = """
import resource, sys, time
sys.path.insert(0, sys.argv[1])
from inputs import ODD
import test_time
text = ODD[sys.argv[2]]()
test_time.CHECKER.check("Ada Holm said no.").to_html()
rss = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, began = rss(), time.process_time()
report = test_time.CHECKER.check(text)
print(len(text), len(report.claims), *report.provenance["flags"], sep="|")
print(time.process_time() - began, rss() - before)
"""


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("one word", []),
        ("no sentence end", ["pairs limited"]),
        ("one sentence", []),
        ("10,000 quotations", ["pairs limited"]),
        ("5,000 claims of one party", ["pairs limited", HINTS]),  # most of its sources are no name
        ("5,000 names", ["pairs limited", HINTS]),
    ],
)
def test_long_and_odd_articles_take_bounded_memory(name, flags, full, figures):
    """A process each, so that nothing of the others is counted."""
    if not full:
        pytest.skip("with --full only")
    command = [sys.executable, "-c", ALONE, str(Path(__file__).parent), name]
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(command, env=path, capture_output=True, text=True, check=True, timeout=900)
    (length, claims, *said), (taken, grown) = (
        line.split(sep) for line, sep in zip(done.stdout.splitlines(), "| ", strict=True)
    )
    assert said == flags  # what was left out is said
    assert float(grown) < 2_000
    figures(
        f"{name}, {int(claims):,} claims, whole path outside the models",
        int(length),
        cpu_seconds=round(float(taken), 2),
        growth_mib=round(float(grown), 1),
    )


def test_one_word_of_two_megabytes():
    text = "x" * 2_000_000
    assert [(s.start, s.end) for s in segment(text).sentences] == [(0, len(text))]
    report = CHECKER.check(text)
    assert (report.attributions, report.provenance["flags"]) == ((), [])
    assert Report.from_dict(report.to_dict()) == report


def test_two_megabytes_without_a_sentence_end():
    text = "word and " * 222_222
    report = CHECKER.check(text)
    assert [(s.start, s.end) for s in segment(text).sentences] == [(0, len(text) - 1)]
    assert report.provenance["flags"] == ["pairs limited"]  # what was left out is said


def test_ten_thousand_quotations():
    text = "“We go,” said Ada Holm. " * 10_000
    assert len(segment(text).quotations) == 10_000
    assert len(CHECKER.check(text).attributions) >= 10_000


def test_five_thousand_claims_of_one_party(full, figures):
    class Holm:
        """Attributes every sentence to the name that it begins with."""

        def attribute(self, document, parts):
            return tuple(
                Attribution(f"a{n}", (Span(s.start, s.start + 8),), (Span(s.start + 9, s.start + 13),),
                            (Span(s.start + 14, s.end - 1),), "indirect")
                for n, s in enumerate(parts.sentences, 1)
            )  # fmt: skip

    text = " ".join(f"Ada Holm said bridge {n} was safe." for n in range(5_000))
    began = time.process_time()
    report = Checker(Holm(), FakeNli()).check(text)
    page = report.to_html()
    taken = time.process_time() - began
    assert (len(report.claims), len(report.parties)) == (5_000, 1)
    assert report.provenance["flags"] == ["pairs limited"]
    assert page.count("<mark ") >= 5_000
    assert taken < 60
    if full:
        figures("5,000 claims of one party, report and page", 5_000, elapsed_seconds=round(taken, 2))


def test_the_page_of_many_sides_leaves_most_of_the_table_out():
    sides = [{"text": f"It is {n}", "speaker": f"S{n}", "party": f"P{n}"} for n in range(45)]
    page = CHECKER.compare(sides).to_html()
    assert page.count('<th scope="col"') == 40
    assert "5 more, with fewer relations, are not drawn here" in page


def tables(n):
    """Return a text of ``n`` sentences with one table of roles each, as the model would give for "A said it is so"."""
    text = "Ada said it is so. " * n
    parts = segment(text)
    starts = np.array([19 * k + at for k in range(n) for at in (0, 4, 9, 12, 15)])
    ends = np.array([19 * k + at for k in range(n) for at in (3, 8, 11, 14, 17)])
    zeros = np.zeros(len(starts), dtype=np.int64)
    encoding = Encoding(zeros, starts, ends, np.arange(len(starts)), zeros, zeros, zeros)
    scores = np.log(np.full((5, 4), 0.02, dtype=np.float32))
    scores[range(5), [1, 2, 3, 3, 3]] = 0
    return text, parts, encoding, [Table(5 * k + 1, 0.9, 5 * k, scores) for k in range(n)]


def test_nesting_takes_time_linear_in_the_attributions():
    def seconds(n):
        given = tables(n)
        began = time.process_time()
        assert len(decode(*given)) == n
        return time.process_time() - began

    assert seconds(4_000) < 20 * seconds(500) + 0.2


def test_reasons_take_time_linear_in_the_claims():
    """A reason looks for numbers and words in the whole of both claims, and up to 1,000 are given of an article."""
    sentence = "the ferry left two hundred and 12 people at the dock, the harbour master told the council, "
    reading = Reading((0.0, 0.1, 0.9), (0.0, 0.1, 0.9), framed=True)

    def seconds(n, times):
        a, b = (Claim(id, sentence[at:] + sentence * n, context=sentence) for id, at in (("a", 0), ("b", 4)))
        began = time.process_time()
        for _ in range(times):
            explain(a, b, "contradicts", 1, reading)
        return time.process_time() - began

    assert seconds(5, 100) < 1
    assert seconds(800, 1) < 40 * seconds(50, 1) + 0.2


@pytest.mark.parametrize(
    "piece", ["1", "1,", "1-", "two ", "two hundred and ", "twenty ", " ", "a ", "one and "]
)
def test_numbers_take_time_linear_in_a_text(piece):
    def seconds(n):
        text = f"two{piece * n}"
        began = time.process_time()
        numbers(text)
        return time.process_time() - began

    assert seconds(16_000) < 40 * seconds(1_000) + 0.2


def test_memory_of_ten_megabytes_is_bounded(full, figures):
    if not full:
        pytest.skip("with --full only")
    segment(text_of("news", 10**7))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures("10 MB of news and all of the above, one process", 10**7, peak_mib=round(peak, 1))
    assert peak < 8_000
