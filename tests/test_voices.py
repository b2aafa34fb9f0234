"""What an article says of those who speak in it."""

import pytest
from marked import read

from claimcheck.records import Attribution, Document, Span, Speaker
from claimcheck.speakers import resolve_speakers
from claimcheck.ties import Ties
from claimcheck.voices import MAX_VOICES, Voice, find_voices

TEXT = (
    "Vellmar Foods shut its mill. The night porter of the company, Ina Tolk, wept. Finance Minister Odo Brask did "
    "not. A memo of the Treasury said so. He agreed."
)


def said(id: str, source: str) -> Attribution:
    start = TEXT.index(source)
    span = Span(start, start + len(source))
    return Attribution(id, (span,), (), (Span(len(TEXT) - 2, len(TEXT) - 1),), "indirect")


def voices() -> list[Voice]:
    attributions = [
        said("a1", "Vellmar Foods"),
        said("a2", "The night porter of the company, Ina Tolk"),
        said("a3", "Finance Minister Odo Brask"),
        said("a4", "A memo of the Treasury"),
        said("a5", "He"),
    ]
    speakers = [
        Speaker("s1", "Vellmar Foods", "organization", attributions[0].source, ("a1",)),
        Speaker("s2", "Ina Tolk", "person", attributions[1].source, ("a2",)),
        Speaker("s3", "Odo Brask", "person", attributions[2].source, ("a3",)),
    ]
    return find_voices(Ties(Document("d", TEXT), speakers), speakers, attributions)


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


def of(marked: str) -> list[Voice]:
    document, attributions, quotations = read(marked)
    speakers = resolve_speakers(document, attributions, quotations)
    return find_voices(Ties(document, speakers), speakers, attributions)


POSSESSORS = {
    "her": ("[Vellmar Foods] said {no}. [Ada Lund] said {yes}. [Her lawyer, Odo Brask], said {so}.", [1]),
    "its": ("[Ada Lund] said {no}. [Vellmar Foods] said {yes}. [Its lawyer, Odo Brask], said {so}.", [1]),
    "his": ("[Ada Lund] said {no}. [Peter Quill] said {yes}. [His lawyer, Odo Brask], said {so}.", [1]),
}


@pytest.mark.parametrize(("marked", "expected"), POSSESSORS.values(), ids=POSSESSORS.keys())
def test_possessors_fit_the_word(marked: str, expected: list[int]) -> None:
    assert of(marked)[2].possessor == expected


def test_a_lone_name_without_a_sign_of_a_person_is_a_body() -> None:
    found = of("[Vellmar] said {no}. [Ada Lund] said {yes}. [Kolby Tarn] said {so}.")
    assert [v.body for v in found] == [True, False, False]


def test_a_district_attorney_prosecutes() -> None:
    (voice,) = of("[District attorney Odo Brask] said {no}.")
    assert voice.domains == {"prosecution"}


def test_what_is_said_is_kept() -> None:
    one, other = of(
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
    found = of(" ".join(f"[Mr. {name}] said {{no}}." for name in names))
    assert len(found) == MAX_VOICES + 1
    assert not any(v.said or v.turns or v.before for v in found)
