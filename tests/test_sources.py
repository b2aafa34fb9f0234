"""Articles and statements from web pages, frames and CoreNLP."""

import sys

import numpy as np
import pandas as pd
import pytest

from claimcheck.errors import InputError
from claimcheck.pipeline import Checker
from claimcheck.sources import from_corenlp, from_html, from_pandas, statement_rows

PAGE = """<!doctype html><html><head><title>Bridge row - The Vestby Post</title>
<meta property="og:title" content="Bridge row deepens">
<meta property="article:published_time" content="2024-03-02T10:00:00Z">
<link rel="canonical" href="https://example.org/bridge"></head>
<body><nav><a href="/">Home</a> <a href="/news">All the news</a></nav><article><h1>Bridge row deepens</h1>
<p>Mayor Ada Holm said the bridge would open in May. “It is safe,” she said at the town hall on Monday.</p>
<p>The union’s Per Lund denied that the bridge was <b>safe</b>. Lund said Holm had told him it would never open.</p>
</article><div class="comments"><p>First comment by a reader who said nothing of any use at all.</p></div>
<script>alert("he said so")</script><footer>All rights reserved</footer></body></html>"""
EXTRACTED = (
    "Bridge row deepens\n\n"
    "Mayor Ada Holm said the bridge would open in May. “It is safe,” she said at the town hall on Monday.\n\n"
    "The union’s Per Lund denied that the bridge was safe. Lund said Holm had told him it would never open."
)


@pytest.fixture
def trafilatura():
    return pytest.importorskip("trafilatura", reason="the extra 'html' is not installed")


@pytest.mark.parametrize("page", [PAGE, PAGE.encode()], ids=["str", "bytes"])
def test_a_page_gives_its_article(page, trafilatura, no_network):
    document = from_html(page)
    assert document.text == EXTRACTED
    assert (document.title, document.date) == ("Bridge row deepens", "2024-03-02")
    assert document.url == "https://example.org/bridge"
    assert document.id.startswith("doc-")


def test_a_page_is_text(trafilatura):
    with pytest.raises(InputError, match="^page is a NoneType, expected HTML as str or bytes"):
        from_html(None)


def test_id_and_address_of_the_caller_win(trafilatura):
    document = from_html(PAGE, id="x", url="https://example.com/y")
    assert (document.id, document.url) == ("x", "https://example.com/y")


@pytest.mark.parametrize("page", ["", "<html><body></body></html>", b""])
def test_a_page_without_an_article_is_told(page, trafilatura):
    with pytest.raises(InputError, match=f"no article was found in a page of {len(page)} "):
        from_html(page)


def test_without_trafilatura_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(ImportError, match=r"pip install '\.\[html\]'"):
        from_html(PAGE)


# pandas


def test_columns_are_found_by_their_names():
    frame = pd.DataFrame(
        {
            "text": ["One.", "Two."],
            "id": [7, 8],
            "date": pd.to_datetime(["2024-03-02", "2024-03-02T10:30:00Z"], format="ISO8601", utc=True),
            "title": ["First", None],
            "views": [3, 4],
        }
    )
    one, two = from_pandas(frame)
    assert (one.id, one.text, one.title, one.date) == ("7", "One.", "First", "2024-03-02T00:00:00+00:00")
    assert (two.id, two.title, two.date, two.url) == ("8", None, "2024-03-02T10:30:00+00:00", None)


def test_columns_may_have_other_names():
    frame = pd.DataFrame({"body": ["It rained."], "link": ["https://example.org/a"], "id": ["a"]})
    (document,) = from_pandas(frame, text="body", url="link", id="link")
    assert (document.id, document.url) == ("https://example.org/a", "https://example.org/a")


def test_without_ids_they_come_from_the_text():
    ids = [document.id for document in from_pandas(pd.DataFrame({"text": ["a", "b", "a"]}))]
    assert ids[0] == ids[2] != ids[1]


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        pytest.param(
            pd.DataFrame({"body": ["x"]}), {}, "column 'text' occurs 0 times among 'body'", id="no text"
        ),
        pytest.param(
            pd.DataFrame({"text": ["x"]}),
            {"date": "day"},
            "column 'day' occurs 0 times among 'text'",
            id="no date",
        ),
        pytest.param(pd.DataFrame([["x", "y"]], columns=["text", "text"]), {}, "occurs 2 times", id="twice"),
        pytest.param(
            pd.DataFrame({"text": ["x", None]}), {}, "row 1: document .*: text must be str", id="missing"
        ),
        pytest.param(
            pd.DataFrame({"text": ["x", "\ud800"]}, dtype=object),
            {},
            "row 1: document .*: lone surrogate",
            id="broken",
        ),
    ],
)
def test_frames_that_cannot_be_read_are_told(frame, options, message):
    with pytest.raises(InputError, match=message):
        list(from_pandas(frame, **options))


def test_a_frame_of_statements_is_compared_as_its_rows_are():
    class Opposed:
        def predict(self, pairs, **options):
            return np.tile([0.02, 0.08, 0.9], (len(pairs), 1)).astype(np.float32)

    frame = pd.DataFrame(
        {
            "id": [1, 2, 3],
            "text": ["the bridge is open", "the bridge is shut", "nobody knows"],
            "speaker": ["Ada", "Per", None],
            "party": ["City", "Union", None],
            "context": ["He said the bridge is open.", None, None],
            "start": [8, np.nan, np.nan],
            "date": pd.to_datetime(["2024-03-02", None, "2024-03-04"]),
            "source": ["x", "y", "z"],
        }
    )
    rows = [
        {"id": "1", "text": "the bridge is open", "speaker": "Ada", "party": "City", "date": "2024-03-02"}
        | {"context": "He said the bridge is open.", "start": 8},
        {"id": "2", "text": "the bridge is shut", "speaker": "Per", "party": "Union"},
        {"id": "3", "text": "nobody knows", "speaker": None, "date": "2024-03-04"},
    ]
    assert [
        {k: v for k, v in row.items() if v is not None or k == "speaker"} for row in statement_rows(frame)
    ] == [{**row, "speaker": row["speaker"]} for row in rows]
    checker = Checker(attributor=None, nli=Opposed())
    report = checker.compare(frame)
    assert report == checker.compare(rows)
    assert len(report.contradictions()) == 3


def test_a_frame_without_text_is_told():
    with pytest.raises(InputError, match="no column 'text' among 'quote'"):
        statement_rows(pd.DataFrame({"quote": ["x"]}))


def test_a_frame_with_a_column_twice_is_told():
    with pytest.raises(InputError, match="column 'speaker' occurs twice among 'text', 'speaker', 'speaker'"):
        statement_rows(pd.DataFrame([["x", "Ada", "Per"]], columns=["text", "speaker", "speaker"]))


# CoreNLP

NEWS = "🚲 Ride on. “It leaks,” said Ada Holm. He added: “It is safe.”"


def quote(n, text, speaker="Unknown", canonical="Unknown", shift=1):
    # CoreNLP counts the bicycle, which lies beyond the first plane, as two
    begin = NEWS.index(text) + shift
    return {"id": n, "text": text, "beginIndex": begin, "speaker": speaker, "canonicalSpeaker": canonical}


def test_quotations_of_corenlp_are_statements():
    quotes = [quote(0, "“It leaks,”", "Ada Holm"), quote(1, "“It is safe.”", "He", "Per Lund")]
    rows = from_corenlp({"sentences": [], "quotes": quotes}, NEWS)
    assert [(row["id"], row["text"], row["speaker"]) for row in rows] == [
        ("q0", "It leaks,", "Ada Holm"),
        ("q1", "It is safe.", "Per Lund"),
    ]
    for row in rows:
        assert row["context"][row["start"] :].startswith(row["text"])


def test_an_unknown_speaker_is_none_and_no_quotations_are_no_statements():
    assert from_corenlp({"quotes": [quote(0, "“It leaks,”")]}, NEWS)[0]["speaker"] is None
    assert from_corenlp({"sentences": []}, NEWS) == []


@pytest.mark.parametrize(
    ("found", "message"),
    [
        pytest.param(quote(0, "“It leaks,”", shift=0), "does not stand at 11", id="another text"),
        pytest.param({"text": "x"}, "quotation 0 is .* expected text and beginIndex", id="no place"),
        pytest.param(
            {"text": "x", "beginIndex": "1"}, "expected text and beginIndex", id="place is a string"
        ),
        pytest.param("x", "quotation 0 is 'x'", id="not an object"),
        pytest.param({"text": None, "beginIndex": 0}, "quotation 0", id="text is null"),
    ],
)
def test_quotations_out_of_place_are_told(found, message):
    with pytest.raises(InputError, match=message):
        from_corenlp({"quotes": [found]}, NEWS)


@pytest.mark.parametrize("data", [{"quotes": None}, {"quotes": 5}, {"quotes": "x"}, {"quotes": {}}, [], None])
def test_data_without_a_list_of_quotations_is_told(data):
    with pytest.raises(InputError, match="expected a dict with a list of quotes"):
        from_corenlp(data, NEWS)


def test_a_lone_surrogate_is_told_with_its_place():
    with pytest.raises(InputError, match=r"lone surrogate '\\ud800' at 2: decode the bytes"):
        from_corenlp({"quotes": []}, "ab\ud800")
