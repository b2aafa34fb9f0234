"""Statements that come as mappings."""

import re

import pytest

from claimcheck.errors import InputError
from claimcheck.records import Party
from claimcheck.rows import read_statements

ARTICLE = "The weir leaked. Ada Holm said it was safe. Per Lund denied that it was safe. It is old."


def row(text="it was safe", speaker="Ada Holm", **more):
    return {"text": text, "speaker": speaker, **more}


def test_nothing_gives_nothing():
    assert read_statements([]) == ([], (), [])


def test_only_a_text_is_needed():
    (claim,), parties, places = read_statements([{"text": "it was safe"}])
    assert (claim.id, claim.text, claim.speaker, claim.party, claim.cue) == (
        "s1",
        "it was safe",
        None,
        None,
        "",
    )
    assert (claim.force, claim.hedged, claim.date, claim.start, claim.end, claim.context) == (
        "asserts",
        False,
        None,
        None,
        None,
        "",
    )
    assert parties == ()
    assert places == [(None, 0)]


def test_all_fields_are_read():
    given = row(id="x9", party="Town", cue="denied", date="2031-05-06", context=ARTICLE, start=29)
    (claim,), parties, places = read_statements([given])
    assert (claim.id, claim.party, claim.cue, claim.force, claim.date) == (
        "x9",
        "Town",
        "denied",
        "denies",
        "2031-05-06",
    )
    assert (claim.start, claim.context) == (29, "The weir leaked.")
    assert parties == (Party("Town", "Town", ("Ada Holm",)),)
    assert places == [(ARTICLE, 0)]


def test_generators_are_read():
    claims, _, _ = read_statements(row(cue="said") for _ in range(3))
    assert [claim.id for claim in claims] == ["s1", "s2", "s3"]


def test_the_start_is_looked_up_in_the_context():
    (claim,), _, places = read_statements([row("It is old", context=ARTICLE)])
    assert claim.start == ARTICLE.index("It is old")
    assert claim.context == "Ada Holm said it was safe. Per Lund denied that it was safe."
    assert places == [(ARTICLE, 0)]


def test_a_text_that_is_not_in_its_context_stands_alone():
    (claim,), _, places = read_statements([row("it rained", context=ARTICLE)])
    assert (claim.start, claim.context) == (None, "")
    assert places == [(None, 0)]


def test_places_are_ranks_within_each_article():
    rows = [
        row("It is old", context=ARTICLE),
        row("elsewhere"),
        row("The weir leaked", context=ARTICLE),
        row("it was safe", context=ARTICLE, start=ARTICLE.rindex("it was safe")),
        row("Other", context="Other text."),
    ]
    assert read_statements(rows)[2] == [
        (ARTICLE, 2),
        (None, 0),
        (ARTICLE, 0),
        (ARTICLE, 1),
        ("Other text.", 0),
    ]


def test_parties_are_collected_in_order_without_doubles():
    rows = [
        row(party="Town"),
        row(speaker="Per Lund", party="Union"),
        row(speaker="Bo Rusk", party="Town"),
        row(party="Town"),
        row(speaker=None, party="Press"),
        row(speaker="Nobody"),
    ]
    claims, parties, _ = read_statements(rows)
    assert parties == (
        Party("Town", "Town", ("Ada Holm", "Bo Rusk")),
        Party("Union", "Union", ("Per Lund",)),
        Party("Press", "Press", ()),
    )
    assert [claim.party for claim in claims] == ["Town", "Union", "Town", "Town", "Press", None]


def test_the_callers_parties_win():
    rows = [row(party="Town"), row(speaker="Per Lund"), row(speaker="Bo Rusk", party="Mill")]
    claims, parties, _ = read_statements(rows, {"North": ["Ada Holm", "Per Lund"]})
    assert [claim.party for claim in claims] == ["North", "North", "Mill"]
    assert parties == (Party("North", "North", ("Ada Holm", "Per Lund")), Party("Mill", "Mill", ("Bo Rusk",)))


def test_the_callers_parties_are_matched_as_in_an_article():
    rows = [row(), row(speaker="Per Lund", party="Union"), row(speaker="Bo Rusk")]
    claims, _, _ = read_statements(rows, {"Town": ["Holm"], "Mill": ["Per Lund"]})
    assert [claim.party for claim in claims] == ["Town", "Mill", None]


@pytest.mark.parametrize(
    ("parties", "message"),
    [
        ({"Town": "Ada Holm"}, "expected a list of names, got the string 'Ada Holm'"),
        ({"Town": ["Holm"], "Union": ["Holm"]}, "'Holm' is given to two parties, 'Town' and 'Union'"),
        (["Town"], "parties is a list, expected a dict"),
    ],
    ids=["a string", "a name twice", "a list"],
)
def test_parties_that_cannot_be_used_are_refused(parties, message):
    with pytest.raises(InputError, match=message):
        read_statements([row()], parties)


def test_blank_values_are_none():
    (claim,), parties, places = read_statements(
        [row(speaker="", party=" ", cue="", date="", context="", id="")]
    )
    assert (claim.id, claim.speaker, claim.party, claim.date, claim.context) == ("s1", None, None, None, "")
    assert (parties, places) == ((), [(None, 0)])


def test_a_default_id_is_not_one_that_is_given():
    claims, _, _ = read_statements([row(id="s2"), row(), row()])
    assert [claim.id for claim in claims] == ["s2", "s3", "s4"]


BAD = {
    "not-a-mapping": (["text"], "statement 1 must be a mapping with text and speaker, not list"),
    "none": (None, "statement 1 must be a mapping with text and speaker, not NoneType"),
    "no-text": ({"speaker": "Ada"}, "statement 1: text is None, expected a str that is not blank"),
    "blank-text": ({"text": " \n"}, "statement 1: text is ' \\n', expected a str that is not blank"),
    "number-text": ({"text": 3}, "statement 1: text is 3, expected a str that is not blank"),
    "bytes-text": ({"text": b"x"}, "statement 1: text is b'x', expected a str that is not blank"),
    "number-speaker": (row(speaker=3), "statement 1: speaker is 3, expected str or None"),
    "nan-speaker": (row(speaker=float("nan")), "statement 1: speaker is nan, expected str or None"),
    "list-party": (row(party=["a"]), "statement 1: party is ['a'], expected str or None"),
    "number-id": (row(id=5), "statement 1: id is 5, expected str or None"),
    "number-cue": (row(cue=5), "statement 1: cue is 5, expected str or None"),
    "number-date": (row(date=2031), "statement 1: date is 2031, expected str or None"),
    "no-date": (
        row(date="May 6"),
        "statement 1: date is 'May 6', expected ISO 8601 such as 2024-03-02 or 2024-03-02T10:30:00Z",
    ),
    "number-context": (row(context=5), "statement 1: context is 5, expected str or None"),
    "str-start": (row(start="5"), "statement 1: start is '5', expected int or None"),
    "float-start": (row(start=5.0), "statement 1: start is 5.0, expected int or None"),
    "bool-start": (row(start=True), "statement 1: start is True, expected int or None"),
    "negative-start": (row(start=-1), "statement 1: start is -1, expected 0 or more"),
    "start-outside": (
        row(context="short", start=5),
        "statement 1: start 5 is outside its context of 5 characters",
    ),
    "same-id": (row(id="first"), "statement 1: id 'first' occurs twice: ids must be unique"),
    "surrogate": (row("a\ud800"), "statement 1: text holds a lone surrogate: repair the text first"),
    "surrogate-speaker": (
        row(speaker="\udc00"),
        "statement 1: speaker holds a lone surrogate: repair the text first",
    ),
}


@pytest.mark.parametrize(("bad", "message"), BAD.values(), ids=BAD)
def test_a_bad_row_is_named_with_what_is_wrong(bad, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_statements([row(id="first"), bad])


UNUSED = {
    "typo": ([{"text": "x", "speker": "Ada"}], "'speker', which are not used .* is 'speker' for 'speaker'"),
    "case": ([{"text": "x", "Date": "2031"}], "is 'Date' for 'date'"),
    "other": (
        [{"text": "x"}, {"text": "y", "url": "u"}],
        r"'url', which are not used \(known are text, .*start\)$",
    ),
    "both": ([{"text": "x", "url": "u", "cues": "said"}], "'url', 'cues', which .* is 'cues' for 'cue'"),
    "number": ([{"text": "x", 3: "u"}], "'3', which are not used"),
}


@pytest.mark.parametrize(("rows", "message"), UNUSED.values(), ids=UNUSED)
def test_keys_that_are_not_used_are_named_once(rows, message):
    with pytest.warns(UserWarning, match=message) as told:
        claims, _, _ = read_statements(rows)
    assert len(told) == 1
    assert [claim.speaker for claim in claims] == [None] * len(rows)
