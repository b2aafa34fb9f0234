from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib import resources

import fixtures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck.html import Mark, Token, fragment, page, paragraphs
from claimcheck.records import Attribution, Claim, Document, Party, Relation, Span
from claimcheck.report import Report

VOID = {"meta", "br", "link", "img", "input", "hr"}
BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")


class Page(HTMLParser):
    """What is on a page: elements with their attributes and text, ids, and the article's own text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[tuple[str, dict[str, str | None]]] = []
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[list[str]] = []
        self.article: list[str] = []
        self.feed(text)
        self.close()
        assert not self.stack, f"never closed: {self.stack}"

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"attribute twice: {tag} {attrs}"
        element = (tag, dict(attrs), [])
        self.elements.append(element)
        if tag == "br" and self.inside("cc-text"):
            self.article.append("\n")
        if tag not in VOID:
            self.stack.append((tag, dict(attrs)))
            self.open.append(element[2])

    def handle_endtag(self, tag):
        last, _ = self.stack.pop()
        assert last == tag, f"{last} closed by {tag}"
        self.open.pop()
        if tag == "p" and self.inside("cc-text"):
            self.article.append("\n\n")

    def handle_data(self, data):
        for text in self.open:
            text.append(data)
        if (
            self.inside("cc-text")
            and not self.inside("cc-badge")
            and any(tag == "p" for tag, _ in self.stack)
        ):
            self.article.append(data)

    def inside(self, style):
        return any(style in (attrs.get("class") or "").split() for _, attrs in self.stack)

    def find(self, tag=None, style=None, **attributes):
        return [
            (attrs, "".join(text))
            for name, attrs, text in self.elements
            if tag in (None, name)
            and (style is None or style in (attrs.get("class") or "").split())
            and all(attrs.get(key) == value for key, value in attributes.items())
        ]

    @property
    def ids(self):
        return [attrs["id"] for _, attrs, _ in self.elements if "id" in attrs]

    @property
    def targets(self):
        return [attrs["href"] for tag, attrs, _ in self.elements if tag == "a"]


REPORTS = {
    "small": fixtures.small,
    "seed": fixtures.seed,
    "statements": fixtures.statements,
    "crossed": fixtures.crossed,
    "empty": Report,
}


@pytest.fixture(params=REPORTS.values(), ids=REPORTS.keys())
def report(request):
    return request.param()


def lines(text):
    """Return the lines of a text that are not blank."""
    return [line for line in BREAKS.split(text) if line.strip()]


def pieces(paragraph):
    return [token.text or token.kind for token in paragraph]


# marking


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        pytest.param("abc", [], [["abc"]], id="no marks"),
        pytest.param("", [], [], id="empty"),
        pytest.param(" \n\t\n", [], [], id="blank"),
        pytest.param("abc", [(1, 2)], [["a", "open", "b", "close", "c"]], id="one"),
        pytest.param(
            "abc", [(0, 3), (1, 2)], [["open", "a", "open", "b", "close", "c", "close"]], id="nested"
        ),
        pytest.param("ab", [(0, 2), (0, 2)], [["open", "open", "ab", "close", "close"]], id="same"),
        pytest.param(
            "abcde",
            [(0, 3), (2, 5)],
            [["open", "ab", "open", "c", "close", "close", "open", "de", "close"]],
            id="overlapping",
        ),
        pytest.param("ab", [(0, 1), (1, 2)], [["open", "a", "close", "open", "b", "close"]], id="touching"),
        pytest.param(
            "a\nb", [(0, 3)], [["open", "a", "close", "break", "open", "b", "close"]], id="over a line"
        ),
        pytest.param("a\r\nb", [], [["a", "break", "b"]], id="CRLF"),
        pytest.param("a\rb\u2028c", [], [["a", "break", "b", "break", "c"]], id="other line breaks"),
        pytest.param(
            "a\r\n\r\nb", [(0, 6)], [["open", "a", "close"], ["open", "b", "close"]], id="over a paragraph"
        ),
        pytest.param("a\n \n\n\nb", [(1, 4)], [["a"], ["b"]], id="blank lines only"),
        pytest.param("  a  b ", [(2, 3)], [["  ", "open", "a", "close", "  b "]], id="spaces stay"),
    ],
)
def test_paragraphs(text, marks, expected):
    made = [Mark(start, -end, "content", i) for i, (start, end) in enumerate(marks)]
    assert [pieces(p) for p in paragraphs(text, made)] == expected


@settings(deadline=None)
@given(st.data())
def test_marks_nest_and_cover_what_they_should(data):
    text = data.draw(st.text(st.sampled_from("ab \n\r\u2028"), max_size=30))
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda p: p[0] < p[1])
    spans = data.draw(st.lists(ends, max_size=6)) if text else []
    marks = [Mark(start, -end, "content", i) for i, (start, end) in enumerate(spans)]
    drawn = paragraphs(text, marks)
    covered: dict[int, str] = {m.owner: "" for m in marks}
    for paragraph in drawn:
        stack: list[Mark] = []
        for token in paragraph:
            if token.kind == "open":
                stack.append(token.mark)
            elif token.kind == "close":
                assert stack.pop() == token.mark
            else:
                assert token.kind == "text" or not stack
                for mark in stack:
                    covered[mark.owner] += token.text
        assert not stack
    shown = ["".join("\n" if t.kind == "break" else t.text for t in p) for p in drawn]
    assert lines("\n\n".join(shown)) == lines(text)
    for mark in marks:
        blank = {
            i
            for line in re.finditer("[^\n\r\u2028]+", text)
            if not line[0].strip()
            for i in range(*line.span())
        }
        kept = [
            c
            for i, c in enumerate(text)
            if mark.start <= i < mark.end and i not in blank and c not in "\n\r\u2028"
        ]
        assert covered[mark.owner] == "".join(kept)


def test_tokens_say_which_mark_they_close():
    inner, outer = Mark(1, -2, "content", 1), Mark(0, -3, "content", 0)
    assert [t.mark for t in paragraphs("abc", [inner, outer])[0] if t.kind == "close"] == [inner, outer]
    assert Token("text", "a").mark is None


# the page


def test_pages_are_well_formed_and_links_arrive(report):
    for text in (page(report), fragment(report)):
        shown = Page(text)
        assert len(set(shown.ids)) == len(shown.ids)
        assert all(target.removeprefix("#") in shown.ids for target in shown.targets)
        named = [a["aria-label"] for _, a, _ in shown.elements if "aria-label" in a]
        assert all(name and name.strip() for name in named)


def test_every_claim_has_a_place(report):
    shown = Page(page(report))
    numbers = range(1, len(report.claims) + 1)
    assert [i for i in shown.ids if re.fullmatch(r"cc-c\d+", i)] == [
        f"cc-c{n}" for n in sorted(numbers, key=lambda n: shown.ids.index(f"cc-c{n}"))
    ]
    assert all(f"cc-c{n}" in shown.ids for n in numbers)


def test_the_article_is_shown_whole():
    for report in (fixtures.small(), fixtures.seed()):
        assert lines("".join(Page(page(report)).article)) == lines(report.text)


def test_a_page_is_the_same_each_time():
    assert page(fixtures.small()) == page(fixtures.small())


def test_a_page_asks_for_nothing(report):
    text = page(report)
    shown = Page(text)
    assert not {tag for tag, _, _ in shown.elements} & {
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
    }
    assert not any(
        name in attrs for _, attrs, _ in shown.elements for name in ("src", "srcset", "style", "action")
    )
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|innerHTML|eval\(", text)


def test_the_policy_allows_just_what_is_in_the_page():
    shown = Page(page(fixtures.small()))
    policy = shown.find("meta", **{"http-equiv": "Content-Security-Policy"})[0][0]["content"]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        for _, text in shown.find(tag):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy


def test_marks_carry_claim_party_and_nesting():
    text = page(fixtures.small())
    shown = Page(text)
    (a3, words), *_ = shown.find("mark", id="cc-c3")
    assert (a3["class"], a3["data-c"]) == ("cc-m cc-g1", "3")
    assert a3["title"] == "Per Lund (Union); denies; contradicts a2"
    assert words == "■a3the bridge was safe"
    assert shown.find("mark", id="cc-c4")[0][1] == "■a4Holm had told him ●a5it would never open"
    assert [words for _, words in shown.find(style="cc-source")][:3] == [
        "Mayor Ada Holm",
        "she",
        "The union's Per Lund",
    ]
    assert [words for _, words in shown.find(style="cc-cue")][:5] == [
        "said",
        "said",
        "denied",
        "said",
        "had told",
    ]


def at(piece):
    span = fixtures.at(fixtures.TEXT, piece)
    return f"{span.start}–{span.end}"


def test_relations_show_both_quotations():
    text = page(fixtures.small())
    shown = Page(text)
    cards = shown.find("article", style="cc-relation")
    assert [c["data-pair"] for c, _ in cards] == ["2 3", "1 5", "1 2"]
    attrs, words = cards[0]
    assert attrs["aria-label"] == "a2 contradicts a3, score 0.97"
    assert " ".join(words.split()).startswith(
        "≠ contradicts 0.97 ● Ada Holm, City said It is safe a2 "
        "■ Per Lund, Union denied denies the bridge was safe a3 a denial of the same How it was read "
    )
    [card] = re.findall(r'<article [^>]*data-pair="2 3".*?</article>', text, re.DOTALL)
    assert [line for _, line in Page(card).find("li")] == [
        "a2 → a3: entailment 0.96, neutral 0.03, contradiction 0.01",
        "a3 → a2: entailment 0.90, neutral 0.08, contradiction 0.02",
        f"a2: characters {at('It is safe')}, not read to its end",
        f"a3: characters {at('the bridge was safe')}, taken as denied",
        "gate: 0.91",
        "features: shared_text 1.25, next 1",
    ]
    assert shown.find(style="cc-score")[0][0]["title"] == (
        "a2 → a3: entailment 0.96, neutral 0.03, contradiction 0.01\n"
        "a3 → a2: entailment 0.90, neutral 0.08, contradiction 0.02"
    )


def test_the_matrix_counts_both_labels():
    shown = Page(page(fixtures.small()))
    assert [" ".join(text.split()) for _, text in shown.find("tr")] == [
        "● City■ Union",
        "● City≠1 =1 ≠1",
        "■ Union≠1 ·",
    ]
    assert "City and Union: 1 contradiction" in [a["aria-label"] for a, _ in shown.find("a", style="cc-c")]


def test_without_parties_speakers_have_the_colours():
    shown = Page(page(fixtures.crossed()))
    assert shown.find("mark", id="cc-c1")[0][0]["class"] == "cc-m cc-g0"
    assert shown.find("mark", id="cc-c2")[0][0]["class"] == "cc-m cc-g1"
    assert shown.find("h1")[0][1] == "2 documents compared"


def test_more_parties_than_colours():
    names = [f"Side {i}" for i in range(11)]
    report = Report(
        parties=tuple(Party(n, n) for n in names), claims=tuple(Claim(n, "x", party=n) for n in names)
    )
    sides = Page(page(report)).find("div", style="cc-side")
    assert [a["class"] for a, _ in sides][8:] == ["cc-side cc-g0", "cc-side cc-g1", "cc-side cc-g2"]


def test_an_attribution_in_blank_text_is_listed_instead():
    report = Report(
        documents=(Document("d", "a\n \nb"),),
        attributions=(Attribution("a1", (), (), (Span(2, 3),), "direct"),),
        claims=(Claim("a1", "?", attribution="a1", document="d"),),
    )
    assert Page(page(report)).find("div", id="cc-c1")[0][0]["class"] == "cc-statement cc-gx"


# hostile text

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "<!-- <p> --> ]]> &lt;b&gt; &#60;",
    "\u202e\x00\x1b[31m\x85",
    "<svg/onload=alert(1)>",
]


@pytest.mark.parametrize("evil", HOSTILE)
def test_nothing_in_a_report_becomes_markup(evil):
    report = fixtures.everywhere(evil)
    tame = Report(
        documents=(Document("x", "xx said yy.\nz", title="x", url="x"),),
        attributions=(Attribution("x", (Span(0, 2),), (Span(3, 7),), (Span(8, 10),), "direct"),),
        parties=(Party("x", "x", ("y",)), Party("p2", "B")),
        claims=(
            Claim("x", "x", "y", "x", "x", attribution="x", document="x"),
            Claim("2", "x", None, "p2", "x"),
        ),
        relations=(Relation("x", "2", "contradicts", 0.5, (0, 0, 1), (0, 0, 1), "x"),),
        provenance={"x": ["x"]},
    )

    def shape(text):
        return {(tag, *sorted(set(attrs) - {"id"})) for tag, attrs, _ in Page(text).elements}

    assert shape(page(report)) <= shape(page(tame))
    assert len(Page(page(report)).find("script")) == 1
    assert shape(fragment(report)) <= shape(fragment(tame))
    for target in Page(page(report)).targets:
        assert re.fullmatch(r"#cc-[cr]\d+", target)


def test_control_characters_are_shown_as_signs():
    shown = page(Report(claims=(Claim("1", "a\x00b\x1bc\ud800", "d\x7f"),)))
    assert "a␀b␛c\ufffd" in shown
    assert not re.search("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]", shown)


# notebooks


def test_notebook_cells_never_clash():
    report = fixtures.small()
    cells = [Page(report._repr_html_()) for _ in range(3)] + [Page(fixtures.seed()._repr_html_())]
    ids = [i for cell in cells for i in cell.ids]
    assert len(set(ids)) == len(ids)
    for cell in cells:
        assert all(target.removeprefix("#") in cell.ids for target in cell.targets)
        assert not cell.find("html")
        assert not cell.find("body")


def test_the_style_touches_nothing_else():
    css = (resources.files("claimcheck") / "templates" / "report.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    selectors = [s.strip() for s in re.findall(r"([^{}]+)\{", css)]
    rules = [s for s in selectors if not s.startswith("@")]
    assert len(rules) > 50
    for rule in rules:
        for part in re.split(r",(?![^(]*\))", rule):
            assert ".claimcheck" in part, rule


def test_a_cell_says_what_it_left_out():
    claims = tuple(Claim(str(i), "x", "A") for i in range(2))
    relations = tuple(Relation("0", "1", "contradicts", i / 100, (0, 0, 1), (0, 0, 1)) for i in range(60))
    report = Report(claims=claims, relations=relations)
    cell, whole = Page(fragment(report)), Page(page(report))
    assert len(cell.find("article", style="cc-relation")) == 50
    assert (
        "10 more, with lower scores, are not drawn here" in cell.find("section", style="cc-relations")[0][1]
    )
    assert len(whole.find("article", style="cc-relation")) == 60
    assert cell.find("span", style="cc-score")[0][1] == "0.59"


def test_to_html_writes_the_page(tmp_path):
    path = tmp_path / "report.html"
    report = fixtures.small()
    assert report.to_html(path) == page(report)
    assert path.read_bytes().decode("utf-8") == page(report)


def test_many_parties_are_numbered_in_the_matrix():
    parties = tuple(Party(f"p{i}", f"Side {i}") for i in range(1, 6))
    shown = Page(page(Report(parties=parties)))
    assert [text for _, text in shown.find("th", scope="col")][:2] == ["1\u202f●", "2\u202f■"]
    assert [a["aria-label"] for a, _ in shown.find("span", role="img")] == [p.name for p in parties]
    assert shown.find("th", scope="row")[1][1] == "2\u202f■ Side 2"
