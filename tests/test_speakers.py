"""Sources to speakers: names, descriptions, pronouns, and what stays unresolved."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.names import clean_name
from claimcheck.records import Attribution, Document, Quotation, Span
from claimcheck.speakers import resolve_speakers


def read(marked: str) -> tuple[Document, list[Attribution], list[Quotation]]:
    """Read a text with sources in [brackets] and contents in {braces}, one pair for each attribution."""
    text, opened = "", {}
    sources: list[Span] = []
    contents: list[Span] = []
    for char in marked:
        if char in "[{":
            opened[char] = len(text)
        elif char == "]":
            sources.append(Span(opened["["], len(text)))
        elif char == "}":
            contents.append(Span(opened["{"], len(text)))
        else:
            text += char
    attributions, quotations = [], []
    assert len(sources) == len(contents)
    for number, (source, content) in enumerate(zip(sources, contents, strict=True), 1):
        quoted = text[content.start - 1] in '"“' if content.start else False
        kind = "direct" if quoted else "indirect"
        attributions.append(Attribution(f"a{number}", (source,), (), (content,), kind))
        if quoted:
            quotations.append(Quotation(Span(content.start - 1, content.end + 1), content))
    return Document("d", text), attributions, quotations


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
