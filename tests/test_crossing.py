"""Reports of several articles made one."""

from dataclasses import replace

import fixtures
import pytest

from claimcheck.crossing import merge_reports
from claimcheck.errors import InputError
from claimcheck.records import Claim, Document, Party, Relation, Span, Speaker
from claimcheck.report import Report


def named(id: str) -> Report:
    """Return the report of the small article under another id."""
    report = fixtures.small()
    (document,) = report.documents
    claims = tuple(replace(claim, document=id) for claim in report.claims)
    return replace(report, documents=(replace(document, id=id),), claims=claims)


def bare(id: str, *parties: Party, claims: tuple[Claim, ...] = ()) -> Report:
    return Report(documents=(Document(id, "Text."),), parties=parties, claims=claims)


def test_nothing_merges_to_nothing():
    assert merge_reports([]) == Report()


def test_ids_name_their_document():
    merged = merge_reports([named("x"), named("y")])
    assert [d.id for d in merged.documents] == ["x", "y"]
    assert [a.id for a in merged.attributions] == [f"{d}:a{n}" for d in "xy" for n in range(1, 6)]
    assert {a.id: a.parent for a in merged.attributions if a.parent} == {"x:a5": "x:a4", "y:a5": "y:a4"}
    assert [c.id for c in merged.claims] == [f"{d}:a{n}" for d in "xy" for n in range(1, 6)]
    assert all(c.attribution == c.id and c.id.startswith(f"{c.document}:") for c in merged.claims)
    one = named("x")
    assert [s.id for s in merged.speakers] == [f"{d}:{s.id}" for d in "xy" for s in one.speakers]
    assert merged.speakers[0].attributions == tuple(f"x:{a}" for a in one.speakers[0].attributions)
    assert [(r.a, r.b) for r in merged.relations] == [
        (f"{d}:{r.a}", f"{d}:{r.b}") for d in "xy" for r in one.relations
    ]


def test_what_is_not_an_id_is_kept():
    one = named("x")
    merged = merge_reports([one])
    assert [c.text for c in merged.claims] == [c.text for c in one.claims]
    assert [a.content for a in merged.attributions] == [a.content for a in one.attributions]
    assert [r.score for r in merged.relations] == [r.score for r in one.relations]
    assert [p.name for p in merged.parties] == [p.name for p in one.parties]


def test_a_merged_report_survives_json():
    merged = merge_reports([named("x"), named("y")])
    assert Report.from_dict(merged.to_dict()) == merged


JOINS = {
    "same-name": ([("Town", ["Ada"])], [("Town", ["Ben"])], [("Town", ("Ada", "Ben"))]),
    "name-in-other-case": ([("Town", ["Ada"])], [("TOWN", ["Ben"])], [("Town", ("Ada", "Ben"))]),
    "shared-member": ([("Town", ["Ada"])], [("Hall", ["Ada"])], [("Town", ("Ada",))]),
    "name-is-a-member": ([("Town", ["Ada"])], [("Hall", ["Town"])], [("Town", ("Ada", "Town"))]),
    "apart": ([("Town", ["Ada"])], [("Mill", ["Ben"])], [("Town", ("Ada",)), ("Mill", ("Ben",))]),
    "chain": (
        [("Town", ["Ada"]), ("Mill", ["Ben"])],
        [("Hall", ["Ada", "Ben"])],
        [("Town", ("Ada", "Ben"))],
    ),
    "without-members": ([("Town", [])], [("Town", [])], [("Town", ())]),
}


@pytest.mark.parametrize(("first", "second", "expected"), JOINS.values(), ids=JOINS)
def test_parties_are_joined(first, second, expected):
    reports = [
        bare(id, *(Party(f"p{n}", name, tuple(members)) for n, (name, members) in enumerate(parties, 1)))
        for id, parties in (("x", first), ("y", second))
    ]
    merged = merge_reports(reports)
    assert [(p.name, p.members) for p in merged.parties] == expected
    assert [p.id for p in merged.parties] == [f"p{n}" for n in range(1, len(expected) + 1)]


def test_claims_follow_their_joined_party():
    def report(id: str, party: str, speaker: str) -> Report:
        claim = Claim("a1", "x", speaker=speaker, party="p1", document=id)
        return bare(id, Party("p1", party, (speaker,)), claims=(claim, Claim("a2", "y", document=id)))

    merged = merge_reports(
        [report("x", "Town", "Ada"), report("y", "Mill", "Ben"), report("z", "town", "Cleo")]
    )
    assert [c.party for c in merged.claims] == ["p1", None, "p2", None, "p1", None]
    assert merged.parties[0].members == ("Ada", "Cleo")


def test_one_id_for_two_texts_is_refused():
    other = Report(documents=(Document("x", "Another text."),))
    with pytest.raises(
        InputError,
        match=r"^report 2: document id 'x' is that of an earlier one with another text: give each article its own id=$",
    ):
        merge_reports([named("x"), named("y"), other])


def test_copies_are_numbered():
    merged = merge_reports([named("x"), named("x"), named("x-2"), named("x")])
    assert [d.id for d in merged.documents] == ["x", "x-3", "x-2", "x-4"]
    assert {d.text for d in merged.documents} == {fixtures.TEXT}
    assert [c.id for c in merged.claims if c.document == "x-3"] == [f"x-3:a{n}" for n in range(1, 6)]
    assert [(r.a, r.b) for r in merged.relations if r.a.startswith("x-4:")] == [
        (f"x-4:{r.a}", f"x-4:{r.b}") for r in named("x").relations
    ]
    assert Report.from_dict(merged.to_dict()) == merged


def test_a_report_without_a_document_is_refused():
    with pytest.raises(InputError, match="^report 1 has 0 documents, expected the report of one article$"):
        merge_reports([named("x"), Report(claims=(Claim("s1", "x"),))])


def test_a_merged_report_is_not_merged_again():
    with pytest.raises(InputError, match="^report 0 has 2 documents"):
        merge_reports([merge_reports([named("x"), named("y")])])


def test_inputs_are_not_changed():
    one = named("x")
    merge_reports([one, named("y")])
    assert one == named("x")


def test_spans_stay_offsets_into_their_own_document():
    merged = merge_reports([named("x"), named("y")])
    documents = {d.id: d.text for d in merged.documents}
    for claim, attribution in zip(merged.claims, merged.attributions, strict=True):
        assert attribution.content[0].of(documents[claim.document]) in claim.text
    assert all(isinstance(m, Span) for s in merged.speakers for m in s.mentions)
    assert all(isinstance(s, Speaker) for s in merged.speakers)
    assert all(isinstance(r, Relation) for r in merged.relations)


def test_claims_are_of_the_document_of_their_report():
    claims = Claim("c1", "it leaks"), Claim("c2", "it holds")
    merged = merge_reports([bare("x", claims=claims), bare("y", claims=claims)])
    assert [claim.document for claim in merged.claims] == ["x", "x", "y", "y"]
