from __future__ import annotations

import re

import fixtures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck.errors import InputError
from claimcheck.records import Claim, Document, Party, Relation
from claimcheck.report import Report
from claimcheck.text import clean, columns, render, wrap

SMALL = """\
Bridge row deepens in Vestby
bridge, 2024-03-02
5 claims, 2 contradictions, 1 corroboration

PARTIES
  City   Ada Holm (3)
  Union  Per Lund (2)

CLAIMS
  a1  Ada Holm, City, said [indirect]
      “the bridge would open in May”
  a2  Ada Holm, City, said [direct]
      “It is safe”
  a3  Per Lund, Union, denied [indirect; denies]
      “the bridge was safe”
  a4  Per Lund, Union, said [indirect]
      “Holm had told him it would never open”
  a5  Ada Holm, City, had told [indirect]
      “it would never open”

CONTRADICTIONS
  ≠ contradicts 0.97
  a2  Ada Holm, said
      “It is safe”
  a3  Per Lund, denied [denies]
      “the bridge was safe”
      (a denial of the same)

  ≠ contradicts 0.81
  a1  Ada Holm, said
      “the bridge would open in May”
  a5  Ada Holm, had told
      “it would never open”
      (opposite outcomes)

CORROBORATIONS
  = corroborates 0.55
  a1  Ada Holm, said
      “the bridge would open in May”
  a2  Ada Holm, said
      “It is safe”"""

ANSI = re.compile("\033\\[[0-9]+m")


def test_the_whole_text():
    assert render(fixtures.small(), width=80) == SMALL


def test_colour_adds_nothing_else():
    painted = render(fixtures.small(), width=80, color=True)
    assert ANSI.sub("", painted) == SMALL
    assert "\033[31m≠ contradicts 0.97\033[0m" in painted
    assert "\033" not in SMALL


@pytest.mark.parametrize("width", [30, 40, 60, 100])
def test_lines_keep_to_the_width(width):
    for line in render(fixtures.seed(), width=width).splitlines():
        assert columns(line) <= width, line


def test_every_claim_is_there_in_full():
    report = fixtures.seed()
    words = " ".join(render(report, width=50).split())
    for claim in report.claims:
        assert f"“{' '.join(claim.text.split())}”" in words


def test_too_narrow_is_refused():
    with pytest.raises(InputError, match="width 12 is too narrow: expected at least 30 columns"):
        render(Report(), width=12)


def test_the_terminal_gives_the_width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "44")
    assert max(columns(line) for line in str(fixtures.seed()).splitlines()) in range(40, 45)
    monkeypatch.setenv("COLUMNS", "5")
    assert max(columns(line) for line in str(fixtures.seed()).splitlines()) <= 30
    monkeypatch.setenv("COLUMNS", "500")
    assert max(columns(line) for line in str(fixtures.seed()).splitlines()) in range(90, 101)


def test_an_empty_report():
    assert render(Report()) == (
        "0 claims, 0 contradictions, 0 corroborations\n\nCONTRADICTIONS\n  none found\n\nCORROBORATIONS\n  none found"
    )


def test_parties_without_speakers_and_claims_without_party():
    report = Report(
        parties=(Party("p1", "Council", ("Ada Holm",)), Party("p2", "Council")),
        claims=(Claim("1", "x", "Per Lund"), Claim("2", "y", None, "p2")),
    )
    assert render(report, width=60).split("\n\n")[1].splitlines() == [
        "PARTIES",
        "  Council (p1)  Ada Holm (0)",
        "  Council (p2)  unnamed source (1)",
        "  (no party)    Per Lund (1)",
    ]


def test_long_ids_stand_on_a_line_of_their_own():
    report = Report(claims=(Claim("article-17:a1", "x", "Ada Holm"), Claim("b", "y", "Per Lund")))
    assert render(report, width=60).split("\n\n")[1].splitlines() == [
        "CLAIMS",
        "  article-17:a1",
        "            Ada Holm",
        "            “x”",
        "  b         Per Lund",
        "            “y”",
    ]


def test_nothing_steers_the_terminal():
    evil = "a\x1b[2J\x07\x9b31m\u202eb\r\n\tc\ud800"
    report = Report(
        documents=(Document("d\x1b", "x", title="t\x1b"),),
        parties=(Party("p", evil, (evil,)),),
        claims=(Claim(evil, evil, evil, "p", evil), Claim("2", evil)),
        relations=(Relation(evil, "2", "contradicts", 0.5, (0, 0, 1), (0, 0, 1), evil),),
    )
    shown = render(report, width=60)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800]", shown)
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        pytest.param("", 10, [""], id="empty"),
        pytest.param("  \n ", 10, [""], id="blank"),
        pytest.param("one two", 7, ["one two"], id="fits"),
        pytest.param("one two", 6, ["one", "two"], id="breaks"),
        pytest.param("a\r\n\r\nb\u00a0c", 10, ["a b c"], id="white space"),
        pytest.param("incomprehensible no", 5, ["incomprehensible", "no"], id="long word"),
        pytest.param("東京は首都です", 6, ["東京は", "首都で", "す"], id="wide"),
        pytest.param("cafe\u0301 x", 6, ["cafe\u0301 x"], id="combining"),
    ],
)
def test_wrap(text, width, expected):
    assert wrap(text, width) == expected


@settings(deadline=None)
@given(st.text(max_size=80), st.integers(2, 40))
def test_wrapping_loses_nothing(text, width):
    rows = wrap(text, width)
    assert "".join(rows).replace(" ", "") == clean(text).replace(" ", "")
    assert all(columns(row) <= width or " " not in row for row in rows)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_cleaning_is_done_once(text):
    assert clean(clean(text)) == clean(text)
    assert "\n" not in clean(text)
