"""What a relation is said to rest on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import patient

from claimcheck.reasons import Reading, explain, numbers
from claimcheck.records import Claim

BOTH = Reading((0.01, 0.02, 0.97), (0.03, 0.05, 0.92))
ADA = {"speaker": "Ada Holm", "party": "p1"}
BEN = {"speaker": "Ben Lund", "party": "p2"}


def why(first, second, *, label="contradicts", distance=3, reading=BOTH):
    a = Claim(**{"id": "a", "text": "the bridge leaks", **ADA, **first})
    b = Claim(**{"id": "b", "text": "the bridge holds", **BEN, **second})
    return explain(a, b, label, distance, reading)


STANDING = {
    "two-parties": ({}, {}, "Two parties speak of “bridge”"),
    "one-party": ({}, {"party": "p1"}, "Two speakers of one party speak of “bridge”"),
    "one-speaker": ({}, {**ADA}, "Ada Holm speaks twice of “bridge”"),
    "no-party": ({}, {"party": None}, "Two speakers speak of “bridge”"),
    "nobody": ({}, {"speaker": None}, "Two statements speak of “bridge”"),
    "days": (
        {"date": "2024-03-02"},
        {"date": "2024-03-03T10:30:00Z"},
        "Two parties speak of “bridge”, on 2024-03-02 and 2024-03-03",
    ),
    "the-same-day": ({"date": "2024-03-02"}, {"date": "2024-03-02T10:30"}, "Two parties speak of “bridge”"),
    "one-day": ({"date": "2024-03-02"}, {}, "Two parties speak of “bridge”"),
}


@pytest.mark.parametrize(("first", "second", "expected"), STANDING.values(), ids=STANDING)
def test_who_speaks_and_when(first, second, expected):
    assert why(first, second).split("; ")[0] == expected


@pytest.mark.parametrize(
    ("distance", "documents", "expected"),
    [
        (1, ("d", "d"), ", one directly after the other"),
        (2, ("d", "d"), ""),
        (None, ("d", "e"), ", in different articles"),
        (None, (None, None), ""),
        (None, ("d", None), ""),
    ],
)
def test_where_they_stand(distance, documents, expected):
    one, other = ({"document": document} for document in documents)
    assert why(one, other, distance=distance).split("; ")[0] == f"Two parties speak of “bridge”{expected}"


COMMON = {
    "several": (
        "the ferry left Ossery at noon",
        "at Ossery no ferry left",
        "speak of “ferry”, “left” and “Ossery”",
    ),
    "many": (
        "a strike at Ossery shut 12 bakeries near town",
        "town bakeries near Ossery kept 12 ovens",
        "speak of “Ossery”, “12” and “bakeries”",  # a name, a number, then the longest, in their order
    ),
    "stems": ("their denial", "he denies it", "have no word in common"),
    "inflected": ("the withdrawal of troops", "to withdraw", "speak of “withdrawal”"),
    "function-words": ("it is about them", "they were about to", "have no word in common"),
    "numbers": ("12 were hurt", "30 were hurt", "speak of “hurt”, with “12” against “30”"),
    "number-words": ("five were killed", "two were killed", "speak of “killed”, with “five” against “two”"),
    "the-same-number": ("12 were hurt", "twelve were hurt", "speak of “hurt”"),
    "one-number-more": ("12 of 30 were hurt", "12 were hurt", "speak of “12” and “hurt”"),
    "numbers-alone": ("at least 12", "30", "have no word in common, with “12” against “30”"),
    "hundreds": ("two hundred were hurt", "200 were hurt", "speak of “hurt”"),
    "thousands": ("two thousand were hurt", "2,000 were hurt", "speak of “hurt”"),
    "millions": ("1.5 million were hurt", "1,500,000 were hurt", "speak of “hurt”"),
    "decimals": ("5.0 were hurt", "5 were hurt", "speak of “hurt”"),
    "twenty-one": ("twenty one were hurt", "21 were hurt", "speak of “hurt”"),
    "hundreds-that-differ": (
        "two hundred were hurt",
        "two thousand were hurt",
        "speak of “hurt”, with “two hundred” against “two thousand”",
    ),
    "names": ("Covid-19 hurt", "F16 jets, 12, were hurt", "speak of “hurt”"),
    "written-alike": ("1,200 came", "1,200 left", "speak of “1,200”"),
    "a-part-of-a-number": ("1,200 came", "200 left", "have no word in common, with “1,200” against “200”"),
    "a-range": ("10-12 were hurt", "12 were hurt", "speak of “12” and “hurt”"),
    "same-words": ("it leaks", "It leaks.", "use the same words"),
}


@pytest.mark.parametrize(("first", "second", "expected"), COMMON.values(), ids=COMMON)
def test_what_they_have_in_common(first, second, expected):
    assert why({"text": first}, {"text": second}).split("; ")[0] == f"Two parties {expected}"


def test_numbers_of_those_who_agree_stand_beside_each_other():
    told = why({"text": "at least 30 came"}, {"text": "31 came"}, label="corroborates")
    assert "with “30” beside “31”" in told


FRAMED = Reading(*[(0.0, 0.1, 0.9)] * 2, framed=True)
CONTEXTS = {
    "before-the-second": (
        {"text": "by June"},
        {"text": "never", "context": "In June it rained."},
        "have no word in common, but “June” stands before the second",
    ),
    "before-the-first": (
        {"text": "not before autumn", "context": "The ferry and the dock are late."},
        {"text": "the ferry and the dock open in June"},
        "have no word in common, but “ferry” and “dock” stand before the first",
    ),
    "before-both": (
        {"text": "not so", "context": "The ferry is late."},
        {"text": "never", "context": "Where is the ferry?"},
        "have no word in common, but “ferry” stands before both",
    ),
    "not-needed": (
        {"text": "the ferry sank", "context": "The dock burnt."},
        {"text": "the ferry floats", "context": "The dock burnt."},
        "speak of “ferry”",
    ),
}


@pytest.mark.parametrize(("first", "second", "expected"), CONTEXTS.values(), ids=CONTEXTS)
def test_whether_only_the_context_joins_them(first, second, expected):
    assert why(first, second, reading=FRAMED).split("; ")[0] == f"Two parties {expected}"


def test_a_context_that_was_not_read_is_not_told():
    told = why({"text": "by June"}, {"text": "never", "context": "In June it rained."})
    assert told.split("; ")[0] == "Two parties have no word in common"


DENIED = {"force": "denies", "cue": "denied"}
POLARITY = {
    "the-second": ({}, DENIED, "Ben Lund denies the second (“denied”)"),
    "the-first": (DENIED, {}, "Ada Holm denies the first (“denied”)"),
    "both": (DENIED, {**DENIED, "cue": "rejects"}, "both deny what is quoted of them (“denied”, “rejects”)"),
    "without-a-cue": ({}, {"force": "denies"}, "Ben Lund denies the second"),
    "nobody": ({}, {**DENIED, "speaker": None}, "an unnamed source denies the second (“denied”)"),
    "a-question": (
        {"text": "who shut the bridge?”", "force": "questions", "cue": "asked"},
        {},
        "the first is a question",
    ),
    "a-doubt": ({"force": "questions", "cue": "doubts"}, {}, "Ada Holm questions the first (“doubts”)"),
    "questioned": (
        {},
        {"force": "questions", "cue": "questioned"},
        "Ben Lund questions the second (“questioned”)",
    ),
    "questions-without-a-cue": ({}, {"force": "questions"}, "Ben Lund questions the second"),
    "nobody-doubts": (
        {},
        {"force": "questions", "cue": "doubts", "speaker": None},
        "an unnamed source questions the second (“doubts”)",
    ),
}


@pytest.mark.parametrize(("first", "second", "expected"), POLARITY.values(), ids=POLARITY)
def test_who_denies_what(first, second, expected):
    assert why(first, second).split("; ")[1] == expected


N, C, E = (0.1, 0.8, 0.1), (0.1, 0.2, 0.7), (0.6, 0.3, 0.1)
REST = ", so the score rests on what each says alone, on where they stand and on the statements around them"
READINGS = {
    "both-ways": ("contradicts", Reading(C, C), "each is read as contradicting the other (0.70, 0.70)"),
    "first-only": (
        "contradicts",
        Reading(C, N),
        "the first is read as contradicting the second (0.70), less so the other way (0.10)",
    ),
    "second-only": (
        "contradicts",
        Reading(N, C),
        "the second is read as contradicting the first (0.70), less so the other way (0.10)",
    ),
    "neither-way": ("contradicts", Reading(N, E), "neither is read as contradicting the other (0.10, 0.10)"),
    "weighed": (
        "contradicts",
        Reading(N, E, weighed=True),
        f"neither is read as contradicting the other (0.10, 0.10){REST}",
    ),
    "sure-and-weighed": (
        "contradicts",
        Reading(C, C, weighed=True),
        "each is read as contradicting the other (0.70, 0.70)",
    ),
    "settled": (
        "contradicts",
        Reading(N, E, weighed=True, settled=True),
        "neither is read as contradicting the other (0.10, 0.10), but the words are the same",
    ),
    "one-way": (
        "contradicts",
        Reading(N, None, weighed=True),
        f"the first is read as neutral towards the second (0.80){REST}",
    ),
    "implying": ("corroborates", Reading(E, E), "each is read as implying the other (0.60, 0.60)"),
    "neutral": ("neither", Reading(N, N), "each is read as neutral towards the other (0.80, 0.80)"),
    "unsure": (
        "neither",
        Reading(N, (0.3, 0.3, 0.4)),
        "no reading is sure enough (contradicting 0.40, implying 0.30 at most)",
    ),
    "sure-but-below": (
        "neither",
        Reading((0.02, 0.03, 0.95), N),
        "read as contradicting (0.95), but the score stays below the threshold",
    ),
    "implying-but-below": (
        "neither",
        Reading(N, E, weighed=True),
        "read as implying (0.60), but the score stays below the threshold",
    ),
    "one-each-way-but-below": (
        "neither",
        Reading(E, C),
        "read as contradicting (0.70) and as implying (0.60), but the score stays below the threshold",
    ),
    "leading-one-way": (
        "contradicts",
        Reading((0.02, 0.3, 0.68), None, weighed=True),
        f"the first is read as contradicting the second (0.68), not read the other way round{REST}",
    ),
    "neither-one-way": (
        "neither",
        Reading(N, None),
        "the first is read as neutral towards the second (0.80)",
    ),
}


@pytest.mark.parametrize(("label", "reading", "expected"), READINGS.values(), ids=READINGS)
def test_which_way_it_was_read(label, reading, expected):
    assert why({}, {}, label=label, reading=reading).split("; ")[-1] == f"{expected}."


@pytest.mark.parametrize(
    ("plain", "context", "expected"),
    [
        (0.9, "It rained.", "(0.70, 0.70), also without their context (0.90)."),
        (0.2, "It rained.", "(0.70, 0.70), but not without their context (0.20)."),
        (0.2, "", "(0.70, 0.70)."),
    ],
    ids=["not-needed", "needed", "none"],
)
def test_whether_they_clash_without_their_context(plain, context, expected):
    told = why({"context": context}, {}, reading=Reading(C, C, plain=plain, framed=True))
    assert told.endswith(f"each is read as contradicting the other {expected}")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("first", "x", "the first"), ("x", "second", "the second"), ("x", "x", None)],
)
def test_what_was_cut_is_told(first, second, expected):
    long = "it leaks, " * 99
    told = why(
        {"text": long if first == "first" else "it holds"},
        {"text": long if second == "second" else "it holds"},
        reading=FRAMED,
    )
    if expected is None:
        assert "characters" not in told
    else:
        assert told.endswith(f"; of {expected} only the first 600 characters were read.")


def test_long_names_cues_and_words_are_clipped():
    told = why(
        {"speaker": "A" * 99, "text": "w" * 99, "force": "denies", "cue": "c" * 99},
        {"text": f"{'w' * 99} holds"},
    )
    assert f"“{'w' * 29}…”" in told
    assert f"{'A' * 59}… denies the first (“{'c' * 29}…”)" in told


CLAIMS = st.builds(
    Claim,
    st.just("c"),
    st.text(max_size=60) | st.sampled_from(["the ferry sank", "12 came", "It is so."]),
    speaker=st.none() | st.sampled_from(["Ada", "Ben"]),
    party=st.none() | st.sampled_from(["p1", "p2"]),
    cue=st.text(max_size=20),
    force=st.sampled_from(["asserts", "denies", "questions"]),
    context=st.text(max_size=40),
)
ROWS = st.sampled_from([N, C, E])


@patient
@given(
    CLAIMS,
    CLAIMS,
    st.sampled_from(["contradicts", "corroborates", "neither"]),
    st.none() | st.integers(1, 9),
    st.builds(Reading, ROWS, st.none() | ROWS, st.none() | st.floats(0, 1), st.booleans(), st.booleans()),
)
def test_any_pair_has_one_sentence_of_one_line(a, b, label, distance, reading):
    told = explain(a, b, label, distance, reading)
    assert told[0].isupper()
    assert told.endswith(".")
    assert len(told.splitlines()) == 1
    assert len(told) < 900


NUMBERS = {
    "digits": ("12 of 1,200 by 3.5", ["12", "1200", "3.5"]),
    "words": ("Two, twelve, forty and twenty-one", ["2", "12", "40", "21"]),
    "no-number": ("one of them, tense and often", []),
    "hundred": ("two hundred or 200, a hundred, one hundred and one", ["200", "100", "101"]),
    "thousand": ("two thousand, 2,000 or 2 thousand", ["2000"]),
    "million": ("1.5 million, 1,500,000, £1.5m or 1.5bn", ["1500000", "1500000000"]),
    "billion": ("two billion and 2.25 billion", ["2000000000", "2250000000"]),
    "two-scales": ("two hundred thousand, five million million", ["200000", "5000000000000"]),
    "several-parts": (
        "three million two hundred and fifty thousand, six thousand five hundred and twelve",
        ["3250000", "6512"],
    ),
    "apart": (
        "between two hundred and five hundred, and 2 thousand and twelve",
        ["200", "500", "2000", "12"],
    ),
    "dozens": ("two dozen, half a dozen or a dozen", ["24", "6", "12"]),
    "halves": ("two and a half, half a million, one and a half million", ["2.5", "500000", "1500000"]),
    "quarter": ("a quarter of a million, two-thirds, three quarters, twenty-first", []),
    "zeros": ("5.0, 5, 0.50, 007 and 10.00", ["5", "0.5", "7", "10"]),
    "tens-and-units": ("twenty one, thirty  two, forty-three-year-old", ["21", "32", "43"]),
    "names": ("Covid-19, COVID‑19, F16, F-16, v1.5 and A1,200", []),
    "below-zero": ("-5 and - 6", ["6"]),
    "range": ("10-12 and 14–15", ["10", "12", "14", "15"]),
    "times-and-dates": ("12:30 on 3.5.2024", ["12:30", "3.5.2024"]),
    "metres-or-millions": ("5m high", []),
    "other-digits": ("٣ and 3", ["3"]),
    "digits-not-known-everywhere": ("\U00010d41 left", ["\U00010d41"]),
    "very-long": ("9" * 30 + " million", ["9" * 30]),
    "scales-alone": ("hundreds of thousands, million", []),
    "thousands-only": ("1,200,300 and 12,5", ["1200300", "12,5"]),
}


@pytest.mark.parametrize(("text", "expected"), NUMBERS.values(), ids=NUMBERS)
def test_numbers(text, expected):
    assert list(numbers(text)) == expected
