"""What an article says of those who speak in it."""

import pytest
from marked import voices, voices_of

from claimcheck.voices import MAX_VOICES


def test_sources_without_a_speaker_are_voices_and_pronouns_are_not() -> None:
    assert [(v.id, v.unnamed, v.body) for v in voices()] == [
        ("s1", False, True),
        ("s2", False, False),
        ("s3", False, False),
        ("a4", True, False),
    ]


def test_what_is_said_of_a_voice() -> None:
    firm, porter, minister, memo = voices()
    assert {"night", "porter", "company"} <= porter.words
    assert "ina" not in porter.words
    assert porter.domains == {"staff", "company"}
    assert minister.portfolios == {"finance"}
    assert memo.portfolios == {"finance", "treasury"}
    assert porter.before == [0]
    assert firm.before == []


POSSESSORS = {
    "her": ("[Vellmar Foods] said {no}. [Ada Lund] said {yes}. [Her lawyer, Odo Brask], said {so}.", [1]),
    "its": ("[Ada Lund] said {no}. [Vellmar Foods] said {yes}. [Its lawyer, Odo Brask], said {so}.", [1]),
    "his": ("[Ada Lund] said {no}. [Peter Quill] said {yes}. [His lawyer, Odo Brask], said {so}.", [1]),
}


@pytest.mark.parametrize(("marked", "expected"), POSSESSORS.values(), ids=POSSESSORS.keys())
def test_possessors_fit_the_word(marked: str, expected: list[int]) -> None:
    assert voices_of(marked)[2].possessor == expected


def test_a_lone_name_without_a_sign_of_a_person_is_a_body() -> None:
    found = voices_of("[Vellmar] said {no}. [Ada Lund] said {yes}. [Kolby Tarn] said {so}.")
    assert [v.body for v in found] == [True, False, False]


def test_a_district_attorney_prosecutes() -> None:
    (voice,) = voices_of("[District attorney Odo Brask] said {no}.")
    assert voice.domains == {"prosecution"}


def test_what_is_said_is_kept() -> None:
    one, other = voices_of(
        "[Vellmar] said {no}. [Ada Lund] said {our roof leaks, as Vellmar knows}. [Lund] said {so}."
    )
    assert (one.said, other.said) == ([0], [1, 2])
    assert other.we
    assert not one.we
    assert id(one.entity) in other.named
    assert {"roof", "leaks"} <= other.contents
    assert other.turns[0] == {"next", "same paragraph"}


def test_hints_are_left_out_where_many_speak() -> None:
    names = [f"{chr(65 + k // 26)}{chr(97 + k % 26)}tolk" for k in range(MAX_VOICES + 1)]
    found = voices_of(" ".join(f"[Mr. {name}] said {{no}}." for name in names))
    assert len(found) == MAX_VOICES + 1
    assert not any(v.said or v.turns or v.before for v in found)
