"""Sources to speakers: names, descriptions, pronouns, and what stays unresolved."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked import read

from claimcheck.names import clean_name
from claimcheck.records import Attribution, Document, Quotation, Span
from claimcheck.speakers import resolve_speakers


def names(marked: str) -> list[str | None]:
    """Return the speaker's name of every attribution."""
    document, attributions, quotations = read(marked)
    of = {a: s.name for s in resolve_speakers(document, attributions, quotations) for a in s.attributions}
    return [of.get(a.id) for a in attributions]


CASES = {
    "surname": (
        "[Edda Karlin] said {it was late}. [Karlin] added that {it rained}.",
        ["Edda Karlin", "Edda Karlin"],
    ),
    "honorific": ("[Edda Karlin] said {no}. [Ms. Karlin] said {never}.", ["Edda Karlin", "Edda Karlin"]),
    "capital-title": (
        "[Chief Executive Edda Karlin] said {no}. [The chief executive] said {never}.",
        ["Edda Karlin", "Edda Karlin"],
    ),
    "apposition-after": (
        "[Odo Brask, press secretary of the duke], said {no}. Later [the press secretary] said {maybe}.",
        ["Odo Brask", "Odo Brask"],
    ),
    "apposition-before": (
        "[The harbour chief, Odo Brask], said {no}. [The harbour chief] said {maybe}.",
        ["Odo Brask", "Odo Brask"],
    ),
    "possessive-apposition": ("[Vellmar's chairman, Odo Brask], said {no}.", ["Odo Brask"]),
    "two-offices": (
        "[Odo Brask, the transport minister], said {no}. [Ina Tolk, the health minister], said {yes}. "
        "[The transport minister] said {never}. [The health minister] said {soon}.",
        ["Odo Brask", "Ina Tolk", "Odo Brask", "Ina Tolk"],
    ),
    "bracketed-abbreviation": (
        "[The chairman of the Mill Hands Federation (MHF), Odo Brask], said {no}.",
        ["Odo Brask"],
    ),
    "letters-behind-a-name": (
        "[Odo Brask KC] said {no}. [Mr. Brask] said {never}.",
        ["Odo Brask", "Odo Brask"],
    ),
    "abbreviated-title": (
        "[Sen. Odo Brask] said {no}. [The senator] said {never}.",
        ["Odo Brask", "Odo Brask"],
    ),
    "kin-of-a-body": (
        "[The Mill Hands Federation] said {no}. [The union] said {never}.",
        ["Mill Hands Federation", "Mill Hands Federation"],
    ),
    "a-poll": ("[A Vellmar poll] said {no}.", ["Vellmar"]),
    "it-no-place": (
        "[Vellmar] said {no} in Gardholm. [It] said {never}.",
        ["Vellmar", "Vellmar"],
    ),
    "he-she": (
        "[Mr. Brask] met [Mrs. Tolk] {and said so} {to all}. [She] said {no}. [He] said {yes}.",
        ["Brask", "Tolk", "Tolk", "Brask"],
    ),
    "pronoun-not-from-quote": (
        '[Martin Oss] opened the gate, {he said}. "{Peter Quill lied to us}," [he] said.',
        ["Martin Oss", "Martin Oss"],
    ),
    "it-organisation": (
        "[Vellmar Foods] said {prices would fall}. [It] promised {more jobs}.",
        ["Vellmar Foods", "Vellmar Foods"],
    ),
    "head-noun": (
        "[The Carters' Federation] wants {more pay}. [The federation] threatens {a strike}.",
        ["Carters' Federation", "Carters' Federation"],
    ),
    "company": (
        "[Vellmar Foods] said {prices would fall}. [The company] promised {more jobs}.",
        ["Vellmar Foods", "Vellmar Foods"],
    ),
    "acronym": (
        "[The Carters' Federation (CF)] wants {more pay}. [The CF] threatens {a strike}.",
        ["Carters' Federation", "Carters' Federation"],
    ),
    "acronym-first": (
        "[The CF (Carters' Federation)] wants {more pay}. [The federation] threatens {a strike}.",
        ["Carters' Federation", "Carters' Federation"],
    ),
    "verb-in-the-source": ("[Edda Karlin insisted] that {no}. [Karlin said] {never}.", ["Edda Karlin"] * 2),
    "dateline": (
        "Vellmar shuts\n\nHALSTEAD — [Vellmar Foods] said {no}. [The company] said {never}.",
        ["Vellmar Foods", "Vellmar Foods"],
    ),
    "spokesman": ("Vellmar Foods shut. [A spokesman for Vellmar] said {it was sold}.", ["Vellmar Foods"]),
    "spokesman-before": (
        "Vellmar Foods shut. [A Vellmar spokeswoman] said {it was sold}.",
        ["Vellmar Foods"],
    ),
    "document": ("Vellmar Foods shut. [A statement of Vellmar Foods] said {it was sold}.", ["Vellmar Foods"]),
    "possessed-document": ("Vellmar Foods shut. [Vellmar's report] said {it was sold}.", ["Vellmar Foods"]),
    "transcript": ("CHAIR: Proceed.\n\n[TOLLEMACHE]: {I never saw the ledger}.", ["TOLLEMACHE"]),
    "handle": ("[@oss_grain] wrote {nobody asked us}.", ["@oss_grain"]),
    "driver": ("Edda Karlin left. [A driver] said {the road was icy}.", [None]),
    "close-to-talks": ("Vellmar Foods shut. [Two people close to Vellmar] said {it was sold}.", [None]),
    "sources": ("Vellmar Foods shut. [Sources] said {it was sold}.", [None]),
    "no-antecedent": ("[He] said {the road was icy}.", [None]),
    "long-source": (
        "[Edda Karlin, 52, who keeps bees,] said {no}. [Karlin] said {never}.",
        ["Edda Karlin"] * 2,
    ),
    "cut-source": ("The mayor, [Edda Karl]in, said {no}. [The mayor] said {never}.", ["Edda Karlin"] * 2),
    "holder-after-office": (
        "[The deputy head of the National Bank Zarina Tolk] said {no}. [She] said {never}.",
        ["Zarina Tolk", "Zarina Tolk"],
    ),
    "shop-with-a-possessive": ("[Brindle's bosses] denied {it}.", ["Brindle"]),
    "body-without-capital": (
        "[The bakers' union] wants {more}. [The union] threatens {a strike}.",
        ["bakers' union", "bakers' union"],
    ),
    "office-without-name": ("[The county auditor] found {a hole}.", ["county auditor"]),
    "member-of-uncapitalised-body": ("[Odo Brask of the bakers' union] said {no}.", ["Odo Brask"]),
    "made-by": ("[An audit carried out in May by Vellmar Foods] found {mould}.", ["Vellmar Foods"]),
    "narrated-pronouns": (
        "Edda Karlin left school early. She sold eels. Her shop burned down. [She] recalled {the smell}.",
        ["Edda Karlin"],
    ),
    "stranger-at-a-place": ("Edda Karlin left. [A waiter on Tolk Street] said {it was late}.", [None]),
    "office-of-a-state": (
        "[Iran's foreign minister] said {no}. [The Iranian minister] said {never}.",
        ["Iran's foreign minister", None],
    ),
    "office-alone": ("[The bishop] said {no}. [The bishop] said {never}.", ["bishop", "bishop"]),
    "office-held-by-somebody-named-later": (
        "[The mayor] said {no}. [Mayor Odo Brask] said {never}.",
        ["Odo Brask", "Odo Brask"],
    ),
    "bodies-of-two-owners": (
        "[Israel's army] said {no}. [The army] said {never}. [Lebanon's army] said {yes}.",
        ["Israel's army", "Israel's army", "Lebanon's army"],
    ),
    "office-of-an-official": (
        "[The governor's office] said {no}. [Governor Odo Brask] said {never}.",
        ["governor's office", "Odo Brask"],
    ),
    "office-of-him": (
        "[Mr. Odo Brask] left {early}. [His office] said {no}.",
        ["Odo Brask", "Odo Brask's office"],
    ),
    "name-that-somebody-gives": (
        "[A driver who gave his name only as Tarn] said {no}. [A woman who signs herself Bela] said {yes}.",
        ["Tarn", "Bela"],
    ),
    "holder-behind-a-clause": (
        "[The rancher who found the bell, Wade Oller], said {no}. [Mr. Oller] said {never}.",
        ["Wade Oller", "Wade Oller"],
    ),
    "holder-behind-an-adjective": (
        "[Her Ostrian colleague Daud Renn] said {no}. [Mr. Renn] said {never}.",
        ["Daud Renn", "Daud Renn"],
    ),
    "holder-behind-a-body": (
        "[The executive director of Aerolm Marta Esk] said {no}. [Esk] said {never}.",
        ["Marta Esk", "Marta Esk"],
    ),
    "who-put-out-a-table": (
        "Vellmar Foods shut. [A table which Vellmar Foods put on its site] shows {mould}.",
        ["Vellmar Foods"],
    ),
    "last-word-of-a-name": (
        "[The Gardvik Bloc] said {no}. [Odo Brask, who speaks for the Bloc], said {yes}. [The Bloc] said {never}.",
        ["Gardvik Bloc", "Odo Brask", "Gardvik Bloc"],
    ),
    "author": ("By Edda Karlin\n\nThe sea is cold. [I] say {it is warm}.", ["Edda Karlin"]),
    "headline-role": (
        "Roof was safe, [mayor] says {so}\n\n[Odo Brask, the mayor], said {the roof was safe}.",
        ["Odo Brask", "Odo Brask"],
    ),
}


@pytest.mark.parametrize(("marked", "expected"), CASES.values(), ids=CASES.keys())
def test_sources_resolve(marked: str, expected: list[str | None]) -> None:
    assert names(marked) == expected


def test_headline_without_source_takes_the_speaker_of_the_same_statement() -> None:
    text = "“The roof was never safe”\n\n“The roof was never safe to begin with,” said Odo Brask."
    head = Attribution("a1", (), (), (Span(1, 24),), "direct")
    at = text.index("Odo")
    body = Attribution("a2", (Span(at, at + 9),), (), (Span(28, 67),), "direct")
    (speaker,) = resolve_speakers(Document("d", text), [head, body], [])
    assert (speaker.name, speaker.attributions) == ("Odo Brask", ("a1", "a2"))


@pytest.mark.parametrize("parent", ["a1", None], ids=["nested", "not-linked"])
def test_he_in_a_quotation_is_not_who_speaks_it(parent: str | None) -> None:
    text = "Peter Quill met Martin Oss. “He said it was late,” said Martin Oss."
    quote, he = text.index("He"), Span(text.index("He"), text.index("He") + 2)
    source = text.rindex("Martin")
    outer = Attribution("a1", (Span(source, source + 10),), (), (Span(quote, quote + 19),), "direct")
    inner = Attribution("a2", (he,), (), (Span(quote + 8, quote + 19),), "indirect", parent)
    marks = [Quotation(Span(quote - 1, quote + 21), Span(quote, quote + 20))]
    of = {
        a: s.name
        for s in resolve_speakers(Document("d", text), [outer, inner], marks)
        for a in s.attributions
    }
    assert of == {"a1": "Martin Oss", "a2": "Peter Quill"}


def free_standing(text: str, kind: str, between: str) -> list[tuple[str, ...]]:
    """Return whose attributions are which, of a statement by Odo Brask and one without source and cue behind it."""
    text = text + between + "“Nobody asked us.”"
    said = Attribution("a1", (Span(0, 9),), (Span(10, 14),), (Span(15, 17),), "indirect")
    at = text.index("Nobody")
    bare = Attribution("a2", (), (), (Span(at, at + 16),), kind)  # type: ignore[arg-type]
    return [s.attributions for s in resolve_speakers(Document("d", text), [said, bare], [])]


@pytest.mark.parametrize(
    ("kind", "between", "expected"),
    [
        ("direct", " ", [("a1", "a2")]),
        ("direct", "\n\n", [("a1", "a2")]),
        ("direct", "\n\nIt rained.\n\n", [("a1",)]),
        ("indirect", " ", [("a1",)]),
    ],
    ids=["beside", "next-paragraph", "a-paragraph-between", "no-quotation"],
)
def test_a_free_standing_quotation_is_the_last_speakers(
    kind: str, between: str, expected: list[tuple[str, ...]]
) -> None:
    assert free_standing("Odo Brask said no.", kind, between) == expected


def test_mentions_hold_sources_and_other_names() -> None:
    document, attributions, quotations = read(
        "[Edda Karlin] said {no}. Nobody believed Karlin. [She] left {angry}."
    )
    (speaker,) = resolve_speakers(document, attributions, quotations)
    assert [m.of(document.text) for m in speaker.mentions] == ["Edda Karlin", "Karlin", "She"]
    assert speaker.id == "s1"
    assert speaker.kind == "person"


def test_two_thousand_attributions_stay_fast() -> None:
    marked = (
        "[Edda Karlin] said {no}. [She] said {never}. [Vellmar Foods] said {yes}. [A driver] said {maybe}. "
        * 500
    )
    begin = time.perf_counter()
    found = names(marked)
    assert found[:4] == ["Edda Karlin", "Edda Karlin", "Vellmar Foods", None]
    assert len(found) == 2000
    assert time.perf_counter() - begin < 20


@pytest.mark.parametrize(
    ("name", "clean"),
    [("the Bank of Ossery’s", "Bank of Ossery"), ("The", "The"), ("“Odo  Brask,”", "Odo Brask")],
    ids=["article-and-possessive", "only-an-article", "marks-and-blanks"],
)
def test_clean_name(name: str, clean: str) -> None:
    assert clean_name(name) == clean


PIECES = st.sampled_from(
    [
        "Edda Karlin",
        "Mr. ",
        "the company",
        "’s ",
        "'s",
        ", ",
        ". ",
        "\n\n",
        '"',
        "“",
        "”",
        "he",
        "Its report",
        "(CF)",
        "said ",
        "who ",
        "of the ",
        "Bank",
        "A ",
        "&",
        "—",
        "\xa0",
        "@x_y",
        "é",
        "😀",
        "O'",
        "spokesman for ",
        "17 ",
    ]
)


@given(st.data())
def test_any_text_and_spans_give_mentions_in_bounds(data: st.DataObject) -> None:
    text = "".join(data.draw(st.lists(PIECES | st.text(max_size=5), min_size=1, max_size=30)))
    text = text.encode("utf-8", "replace").decode() or "x"
    offsets = st.integers(0, len(text))
    made = []
    for number in range(data.draw(st.integers(0, 5))):
        cuts = [sorted(data.draw(st.tuples(offsets, offsets))) for _ in range(2)]
        source, content = (Span(a, b) if a < b else None for a, b in cuts)
        if content:
            parent = "a0" if number and made else None
            made.append(
                Attribution(f"a{number}", (source,) if source else (), (), (content,), "direct", parent)
            )
    speakers = resolve_speakers(Document("d", text), made, [])
    ids = [a for s in speakers for a in s.attributions]
    assert len(ids) == len(set(ids))
    assert set(ids) <= {a.id for a in made}
    for speaker in speakers:
        assert speaker.name
        assert all(0 <= m.start < m.end <= len(text) for m in speaker.mentions)
        assert list(speaker.mentions) == sorted(speaker.mentions)
