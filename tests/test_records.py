"""What the records refuse, and that a date is one."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import InputError
from claimcheck.records import Claim, Document, date_problem

DATES = {
    "year": "2024",
    "month": "2024-03",
    "day": "2024-03-02",
    "leap-day": "2024-02-29",
    "hour": "2024-03-02T10",
    "minute": "2024-03-02T10:30",
    "blank": "2024-03-02 10:30:00",
    "utc": "2024-03-02T10:30:00Z",
    "offset": "2024-03-02T10:30:00.25+01:00",
    "hour-and-zone": "2024-03-02T10Z",
}
NO_DATES = {
    "empty": "",
    "words": "March 2, 2024",
    "slashes": "2024/03/02",
    "other-order": "02-03-2024",
    "two-digits": "24-03-02",
    "month-13": "2024-13",
    "no-leap-day": "2023-02-29",
    "hour-25": "2024-03-02T25:00",
    "letter": "2024-03-02x10:30",
    "blank-before": " 2024-03-02",
    "blank-after": "2024-03-02 ",
    "week": "2024-W09-6",
    "basic": "20240302",
    "year-0": "0000",
    "other-digits": "२०२४-०३-०२",
    "number": 2024,
    "date-object": datetime.date(2024, 3, 2),
}


@pytest.mark.parametrize("date", DATES.values(), ids=DATES)
def test_dates(date):
    assert date_problem(date) is None
    assert Document("d", "x", date=date).date == Claim("c", "x", date=date).date == date


@pytest.mark.parametrize("date", NO_DATES.values(), ids=NO_DATES)
def test_what_is_no_date_is_refused(date):
    problem = f"date is {date!r}, expected ISO 8601 such as 2024-03-02 or 2024-03-02T10:30:00Z"
    assert date_problem(date) == problem
    for who, make in (("document 'd'", Document), ("claim 'd'", Claim)):
        with pytest.raises(InputError) as told:
            make("d", "x", date=date)
        assert str(told.value) == f"{who}: {problem}"


@given(st.dates() | st.datetimes() | st.datetimes(timezones=st.timezones()))
def test_what_python_writes_is_a_date(moment):
    offset = moment.utcoffset() if isinstance(moment, datetime.datetime) else None
    if offset is None or not offset.total_seconds() % 60:  # ISO 8601 has no seconds in an offset
        assert date_problem(moment.isoformat()) is None


@given(st.text(max_size=20))
def test_a_date_of_any_text_is_looked_at(text):
    problem = date_problem(text)
    assert problem is None or problem.endswith("expected ISO 8601 such as 2024-03-02 or 2024-03-02T10:30:00Z")
    assert (problem is None) <= (text[:4].isascii() and text[:4].isdigit())


def test_a_document_can_be_hashed_with_its_meta():
    assert hash(Document("a", "x", meta={"section": "news"})) == hash(Document("a", "x"))


def test_a_documents_id_is_a_string():
    with pytest.raises(InputError, match="^document id is 3, expected str"):
        Document(3, "x")
