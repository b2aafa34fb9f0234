"""Speakers to parties: offices, employers, relations, governments, and the caller's own map."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked import read

from claimcheck.affinity import Affinity
from claimcheck.errors import InputError
from claimcheck.parties import find_parties, find_sides
from claimcheck.records import Attribution, Document, Party, Span, Speaker
from claimcheck.speakers import resolve_speakers


def parties(text: str, speakers: list[str], given: dict[str, list[str]] | None = None) -> list[list[str]]:
    made = [Speaker(f"s{k}", name) for k, name in enumerate(speakers, 1)]
    return [list(p.members) for p in find_parties(Document("d", text), made, given)]


CASES = {
    "officer-before": (
        "Vellmar Foods shut. Vellmar's chief executive, Odo Brask, was sorry.",
        ["Vellmar Foods", "Odo Brask"],
        [["Vellmar Foods", "Odo Brask"]],
    ),
    "officer-after": (
        "The Carters' Federation met. Odo Brask, regional secretary of the Carters' Federation, spoke.",
        ["Carters' Federation", "Odo Brask"],
        [["Carters' Federation", "Odo Brask"]],
    ),
    "member-of": (
        "Odo Brask of the Carters' Federation spoke. Ina Tolk, who chairs the Carters' Federation, did not.",
        ["Odo Brask", "Ina Tolk"],
        [["Odo Brask", "Ina Tolk"]],
    ),
    "its-officer": (
        "Vellmar Foods shut. Odo Brask, its chairman, was sorry.",
        ["Vellmar Foods", "Odo Brask"],
        [["Vellmar Foods", "Odo Brask"]],
    ),
    "country": (
        "Kyiv was silent. The Ukrainian Foreign Ministry was not. Odo Brask, an adviser to the president of Ukraine, spoke.",
        ["Kyiv", "Ukrainian Foreign Ministry", "Odo Brask"],
        [["Kyiv", "Ukrainian Foreign Ministry", "Odo Brask"]],
    ),
    "two-countries": (
        "Moscow agreed. Kyiv did not.",
        ["Moscow", "Kyiv"],
        [["Moscow"], ["Kyiv"]],
    ),
    "lawyer": (
        "Ina Tolk was silent. Her lawyer, Odo Brask, was not.",
        ["Ina Tolk", "Odo Brask"],
        [["Ina Tolk", "Odo Brask"]],
    ),
    "unknown-states": (
        "The Foreign Ministry of Quelland denied it. The Ostrevian Border Agency did not, and neither did the "
        "ambassador of Ostrevia, Odo Brask. The defence minister of Quelland, Ina Tolk, was silent.",
        ["Foreign Ministry of Quelland", "Ostrevian Border Agency", "Odo Brask", "Ina Tolk"],
        [["Foreign Ministry of Quelland", "Ina Tolk"], ["Ostrevian Border Agency", "Odo Brask"]],
    ),
    "office-of-a-country-before": (
        "A letter reached the President of Ukraine Odo Brask. The head of the Lorn People's Republic, Ina Tolk, was "
        "silent. The President Odo Brask was not, and neither was the Ukrainian Foreign Ministry.",
        ["Odo Brask", "Ina Tolk", "Ukrainian Foreign Ministry"],
        [["Odo Brask", "Ukrainian Foreign Ministry"], ["Ina Tolk"]],
    ),
    "letters-behind-a-name": (
        "Ina Tolk lost. Odo Brask KC, for Ms. Tolk, said so. Rex Quill, for the prosecution, did not.",
        ["Ina Tolk", "Odo Brask", "Rex Quill"],
        [["Ina Tolk", "Odo Brask"], ["Rex Quill"]],
    ),
    "sides-of-a-court": (
        "Defence lawyer Odo Brask spoke. Dora Finn, a chemist called by the defence, agreed. Rex Quill, for the "
        "prosecution, did not.",
        ["Odo Brask", "Dora Finn", "Rex Quill"],
        [["Odo Brask", "Dora Finn"], ["Rex Quill"]],
    ),
    "sides-of-a-vote": (
        "Odo Brask, who runs the Yes campaign, is sure. So is Dora Finn of the Yes side. Ina Tolk of No is not.",
        ["Odo Brask", "Dora Finn", "Ina Tolk"],
        [["Odo Brask", "Dora Finn"], ["Ina Tolk"]],
    ),
    "own-deputy": (
        "Odo Brask was late. His own deputy, Ina Tolk, was not.",
        ["Odo Brask", "Ina Tolk"],
        [["Odo Brask", "Ina Tolk"]],
    ),
    "aide-of-an-office": (
        "Governor Odo Brask left. The governor's adviser, Ina Tolk, stayed.",
        ["Odo Brask", "Ina Tolk"],
        [["Odo Brask", "Ina Tolk"]],
    ),
    "who-speaks-for-an-office": (
        "Mayor Odo Brask nodded. Ina Tolk, who spoke for the mayor's office, did not. Dora Finn wept.",
        ["Odo Brask", "Ina Tolk", "Dora Finn"],
        [["Odo Brask", "Ina Tolk"], ["Dora Finn"]],
    ),
    "who-works-for": (
        "Vellmar Foods shut. Ina Tolk, who mixes dough for Vellmar Foods, wept.",
        ["Vellmar Foods", "Ina Tolk"],
        [["Vellmar Foods", "Ina Tolk"]],
    ),
    "town-hall": (
        "Mayor Odo Brask nodded. The city solicitor, Ina Tolk, did not.",
        ["Odo Brask", "Ina Tolk"],
        [["Odo Brask", "Ina Tolk"]],
    ),
    "office-of-a-person": (
        "Premier Odo Brask's office was shut. Odo Brask was away.",
        ["office", "Odo Brask"],
        [["office", "Odo Brask"]],
    ),
    "executive-not-of-a-place": (
        "Vellmar cut jobs in Gardholm. Vellmar was sorry. Odo Brask, the chief executive, flew to Gardholm.",
        ["Vellmar", "Odo Brask"],
        [["Vellmar", "Odo Brask"]],
    ),
    "alone": ("Odo Brask, a welder, met Ina Tolk.", ["Odo Brask", "Ina Tolk"], [["Odo Brask"], ["Ina Tolk"]]),
}


@pytest.mark.parametrize(("text", "speakers", "expected"), CASES.values(), ids=CASES.keys())
def test_members(text: str, speakers: list[str], expected: list[list[str]]) -> None:
    assert parties(text, speakers) == expected


def named(marked: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return names and members of the parties of a marked text, joined by ties alone."""
    document, attributions, quotations = read(marked)
    speakers = resolve_speakers(document, attributions, quotations)
    found = find_sides(document, speakers, attributions, affinity=Affinity()).parties
    return [(party.name, party.members) for party in found]


NAMES = {
    "country-of-an-unnamed-minister": (
        "[Iran's foreign minister] said {no}. [The Iranian Foreign Ministry] said {yes}.",
        [("Iran", ("Iran's foreign minister", "Iranian Foreign Ministry"))],
    ),
    "country-of-its-army": (
        "[Israel's army] said {no}. [Lebanon's army] said {yes}. [Israel's prime minister] said {so}.",
        [("Israel", ("Israel's army", "Israel's prime minister")), ("Lebanon", ("Lebanon's army",))],
    ),
    "republic-not-its-town": (
        "Dorrel was shelled. [Odo Brask, the head of the DPR], said {no}. The DPR (Dorrel People's Republic) is "
        "poor. [The Ostrian Foreign Ministry] said {yes}.",
        [
            ("Dorrel People's Republic", ("Odo Brask",)),
            ("Ostria", ("Ostrian Foreign Ministry",)),
        ],
    ),
    "noun-of-an-adjective": (
        "[The Velmarian foreign minister, Odo Brask], left Velmaria. {He said no}. [The Ostrian army] said {yes}. "
        "The president of Ostria, [Ina Tolk], said {so}.",
        [("Velmaria", ("Odo Brask",)), ("Ostria", ("Ostrian army", "Ina Tolk"))],
    ),
    "mayor-without-a-town-hall": (
        "[Mayor Odo Brask] said {no}. [The town clerk, Ina Tolk], said {yes}. [Mayor Brask] said {never}.",
        [("Odo Brask", ("Odo Brask", "Ina Tolk"))],
    ),
    "town-hall-that-speaks": (
        "[Mayor Odo Brask] said {no}. [City Hall] said {never}.",
        [("City Hall", ("Odo Brask", "City Hall"))],
    ),
    "office-of-a-member": (
        "[The mayor, Odo Brask], said {no}. [Odo Brask's office] said {never}.",
        [("Odo Brask", ("Odo Brask", "Odo Brask's office"))],
    ),
    "first-letter": ("[The bishop] said {no}.", [("Bishop", ("bishop",))]),
    "newspaper-that-reports": (
        "[The Gardvik Herald] said {no}. [Ina Tolk] said {yes}.",
        [("Ina Tolk", ("Ina Tolk",))],
    ),
    "site-that-reports": ("[Infogard.se] wrote {so}. [Ina Tolk] said {yes}.", [("Ina Tolk", ("Ina Tolk",))]),
    "newspaper-in-a-quarrel": (
        "[The Gardvik Herald] said {no}. [The Herald] said {yes}. [The Herald] said {never}.",
        [("Gardvik Herald", ("Gardvik Herald",))],
    ),
    "newspaper-with-its-editor": (
        "[The Gardvik Herald] said {no}. [Ina Tolk, editor of the Gardvik Herald], said {yes}.",
        [("Gardvik Herald", ("Gardvik Herald", "Ina Tolk"))],
    ),
}


@pytest.mark.parametrize(("marked", "expected"), NAMES.values(), ids=NAMES.keys())
def test_names_are_what_a_reader_expects(marked: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert named(marked) == expected


def test_a_newspaper_that_the_caller_names_is_a_party() -> None:
    speaker = Speaker("s1", "Gardvik Herald", "organization", (Span(4, 18),), ("a1",))
    document = Document("d", "The Gardvik Herald said no.")
    assert find_parties(document, [speaker]) == ()
    assert [p.name for p in find_parties(document, [speaker], {"Press": ["Gardvik Herald"]})] == ["Press"]


def test_a_guess_on_another_side_gives_no_name() -> None:
    text = "Vellmar Foods shut. Odo Brask, the chief executive, was sorry. Vellmar Foods was not."
    made = [Speaker("s1", "Vellmar Foods", "organization"), Speaker("s2", "Odo Brask", "person")]
    apart = Affinity({"intercept": -1.0})
    found = find_sides(Document("d", text), made, [], affinity=apart).parties
    assert [p.name for p in found] == ["Vellmar Foods", "Odo Brask"]


GIVEN = {
    "full-name": ({"A": ["Odo Brask"]}, [("A", ("Odo Brask",)), ("Vellmar Foods", ("Vellmar Foods",))]),
    "surname": ({"A": ["Brask"]}, [("A", ("Odo Brask",)), ("Vellmar Foods", ("Vellmar Foods",))]),
    "organisation": ({"A": ["Vellmar Foods"]}, [("A", ("Odo Brask", "Vellmar Foods"))]),
    "key-is-the-name": ({"Vellmar Foods": []}, [("Vellmar Foods", ("Odo Brask", "Vellmar Foods"))]),
    "person-against-organisation": (
        {"A": ["Brask"], "B": ["Vellmar Foods"]},
        [("A", ("Odo Brask",)), ("B", ("Vellmar Foods",))],
    ),
    "nobody": ({"A": ["Quill"]}, [("Vellmar Foods", ("Odo Brask", "Vellmar Foods"))]),
}


@pytest.mark.parametrize(("mapping", "expected"), GIVEN.values(), ids=GIVEN.keys())
def test_the_callers_map_wins(
    mapping: dict[str, list[str]], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    text = "Odo Brask, chairman of Vellmar Foods, was sorry. Vellmar Foods shut."
    made = [Speaker("s1", "Odo Brask", "person"), Speaker("s2", "Vellmar Foods", "organization")]
    found = find_parties(Document("d", text), made, mapping)
    assert [(p.name, p.members) for p in found] == expected
    assert [p.id for p in found] == [f"p{k}" for k in range(1, len(found) + 1)]


def test_a_string_in_place_of_a_list_is_refused() -> None:
    with pytest.raises(InputError, match=r"party 'A': expected a list of names, got the string 'Brask'"):
        find_parties(Document("d", "x"), [], {"A": "Brask"})


def test_one_name_in_two_parties_is_refused() -> None:
    with pytest.raises(InputError, match=r"'Brask' is given to two parties, 'A' and 'B'"):
        find_parties(Document("d", "x"), [], {"A": ["Brask"], "B": ["Brask"]})


def test_no_speakers_no_parties() -> None:
    assert find_parties(Document("d", "Nobody spoke."), []) == ()


@given(
    st.text(max_size=80),
    st.lists(st.sampled_from(["Odo Brask", "Brask", "Kyiv", "the bank", "é"]), unique=True),
)
def test_every_speaker_is_in_exactly_one_party(text: str, speakers: list[str]) -> None:
    text = text.encode("utf-8", "replace").decode() + " Odo Brask, chairman of the bank, left Kyiv."
    made = [Speaker(f"s{k}", name) for k, name in enumerate(speakers)]
    found: tuple[Party, ...] = find_parties(Document("d", text), made)
    assert sorted(m for p in found for m in p.members) == sorted(speakers)


UNNAMED = "Vellmar Foods shut. Ina Tolk wept. A memo of the company was blunt."
ALWAYS = Affinity({"intercept": 1.0})
MEMO = Attribution("a1", (Span(35, 54),), (), (Span(59, 64),), "indirect")


def sides(
    given: dict[str, list[str]] | None, weights: Affinity
) -> tuple[list[tuple[str, ...]], dict[str, str]]:
    made = [Speaker("s1", "Vellmar Foods", "organization"), Speaker("s2", "Ina Tolk", "person")]
    found = find_sides(Document("d", UNNAMED), made, [MEMO], given, affinity=weights)
    return [party.members for party in found.parties], found.unnamed


def test_an_unnamed_source_stands_with_whom_it_is_joined() -> None:
    assert sides(None, ALWAYS) == ([("Vellmar Foods", "Ina Tolk")], {"a1": "p1"})


def test_an_unnamed_source_that_is_joined_with_nobody_has_no_party() -> None:
    assert sides(None, Affinity()) == ([("Vellmar Foods",), ("Ina Tolk",)], {})


def test_an_unnamed_source_follows_the_callers_map() -> None:
    both = {"Mill": ["Vellmar Foods", "Ina Tolk"]}
    assert sides(both, ALWAYS) == ([("Vellmar Foods", "Ina Tolk")], {"a1": "p1"})


def test_an_unnamed_source_of_a_side_that_the_callers_map_splits_has_no_party() -> None:
    apart = {"Mill": ["Vellmar Foods"], "Hands": ["Tolk"]}
    assert sides(apart, ALWAYS) == ([("Vellmar Foods",), ("Ina Tolk",)], {})


def test_hints_do_not_stand_against_the_callers_map() -> None:
    document = Document("d", UNNAMED)
    made = [Speaker("s1", "Vellmar Foods", "organization"), Speaker("s2", "Ina Tolk", "person")]
    apart = {"Mill": ["Vellmar Foods"], "Hands": ["Tolk"]}
    found = find_sides(document, made, [], apart, affinity=ALWAYS).parties
    assert [(p.name, p.members) for p in found] == [("Mill", ("Vellmar Foods",)), ("Hands", ("Ina Tolk",))]


@pytest.mark.parametrize(
    ("weights", "crowd", "limited"),
    [(ALWAYS, 0, False), (ALWAYS, 59, True), (Affinity(), 59, False)],
    ids=["few", "many", "many, and no hints to leave out"],
)
def test_find_sides_says_whether_hints_were_left_out(weights: Affinity, crowd: int, limited: bool) -> None:
    """Sources without a name count: two speakers are asked for hints, and not with 59 memos beside them."""
    memos = [replace(MEMO, id=f"m{k}") for k in range(crowd)]
    made = [Speaker("s1", "Vellmar Foods", "organization"), Speaker("s2", "Ina Tolk", "person")]
    found = find_sides(Document("d", UNNAMED), made, memos, affinity=weights)
    assert found.hints_left_out == limited
    assert len(found.parties) == (1 if weights is ALWAYS and not limited else 2)
