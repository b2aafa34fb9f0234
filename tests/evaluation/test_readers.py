import gzip
import json

import pytest

from claimcheck.errors import InputError, SpanError
from claimcheck.evaluation.readers import (
    Pair,
    read_articles,
    read_attribution_corpus,
    read_pairs,
    read_token_items,
)
from claimcheck.records import Span

ROWS = [
    {"premise": "It rained.", "hypothesis": "It was wet.", "label": "entailment", "split": "dev"},
    {"premise": "It rained.", "hypothesis": "It was dry.", "label": "contradiction"},
]
DOCUMENT = {
    "id": "d1",
    "text": "Ana said it rained.",
    "split": "test",
    "attributions": [{"source": [[0, 3]], "cue": [[4, 8]], "content": [[9, 11], [12, 18]]}],
}


def write_lines(path, rows):
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.jsonl.gz"])
def test_read_pairs(tmp_path, name):
    path = write_lines(tmp_path / name, ROWS)
    assert read_pairs(path) == [
        Pair("It rained.", "It was wet.", "entailment"),
        Pair("It rained.", "It was dry.", "contradiction"),
    ]
    assert len(read_pairs(path, limit=1)) == 1


def test_blank_lines_are_skipped(tmp_path):
    assert len(read_pairs(write_lines(tmp_path / "p.jsonl", [ROWS[0], "", ROWS[1]]))) == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param("{oops", r"p.jsonl:2: not JSON", id="not JSON"),
        pytest.param("[1]", r"p.jsonl:2: expected a JSON object, got list", id="not an object"),
        pytest.param({"premise": "a", "label": "neutral"}, r"no field 'hypothesis'", id="no hypothesis"),
        pytest.param({**ROWS[0], "label": "maybe"}, r"p.jsonl:2: label 'maybe' is not one of", id="label"),
    ],
)
def test_a_bad_row_is_named(tmp_path, row, message):
    with pytest.raises(InputError, match=message):
        read_pairs(write_lines(tmp_path / "p.jsonl", [ROWS[0], row]))


def test_read_token_items(tmp_path):
    row = {"id": "d1", "tokens": ["Ana", "spoke"], "labels": ["B-source", "O"], "pos": ["NNP", "VBD"]}
    path = write_lines(tmp_path / "t.jsonl.gz", [row, {**row, "id": "d2"}])
    assert [item.id for item in read_token_items(path)] == ["d1", "d2"]
    [item] = read_token_items(path, limit=1)
    assert (item.tokens, item.labels) == (("Ana", "spoke"), ("B-source", "O"))
    with pytest.raises(InputError, match=r"u.jsonl:2: item 'd1' has 2 tokens and 1 labels"):
        read_token_items(write_lines(tmp_path / "u.jsonl", [row, {**row, "labels": ["O"]}]))
    with pytest.raises(FileNotFoundError, match="cofe-ai/CofeNet"):
        read_token_items(tmp_path / "none.jsonl")


def test_read_attribution_corpus(tmp_path):
    path = write_lines(tmp_path / "c.jsonl.gz", [DOCUMENT, {**DOCUMENT, "id": "d2", "split": "train"}])
    [item] = read_attribution_corpus(path, split="test")
    assert (item.document.id, item.document.text) == ("d1", "Ana said it rained.")
    assert item.attributions[0].source == (Span(0, 3),)
    assert item.attributions[0].content == (Span(9, 11), Span(12, 18))
    assert [d.document.id for d in read_attribution_corpus(path)] == ["d1", "d2"]
    assert len(read_attribution_corpus(path, limit=1)) == 1


def test_a_split_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"no document of split 'dev', only of \['test'\]"):
        read_attribution_corpus(write_lines(tmp_path / "c.jsonl", [DOCUMENT]), split="dev")


@pytest.mark.parametrize(
    ("cue", "error", "message"),
    [
        pytest.param(
            [[4, 99]], InputError, r"cue \(4, 99\) exceeds a text of 19 characters", id="past the end"
        ),
        pytest.param([[8, 4]], SpanError, r"span \(8, 4\)", id="reversed"),
    ],
)
def test_a_span_outside_its_text(tmp_path, cue, error, message):
    bad = {**DOCUMENT, "attributions": [{**DOCUMENT["attributions"][0], "cue": cue}]}
    with pytest.raises(error, match=message):
        read_attribution_corpus(write_lines(tmp_path / "c.jsonl", [bad]))


def test_read_articles_from_a_folder_and_from_a_file(tmp_path):
    for name in ("b", "a"):
        article = {**DOCUMENT, "id": name, "relations": []}
        (tmp_path / f"{name}.json").write_text(json.dumps(article), encoding="utf-8")
    assert [article["id"] for article in read_articles(tmp_path)] == ["a", "b"]
    assert [article["id"] for article in read_articles(tmp_path, limit=1)] == ["a"]
    assert [article["id"] for article in read_articles(tmp_path / "b.json")] == ["b"]


def test_an_article_without_relations(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    with pytest.raises(InputError, match=r"a.json: no field 'relations'"):
        read_articles(tmp_path)


@pytest.mark.parametrize(
    ("read", "hint"),
    [
        (read_pairs, "https://cims.nyu.edu/~sbowman/multinli"),
        (read_attribution_corpus, "https://github.com/networkdynamics/PolNeAR"),
        (read_articles, "seeds/seed.json"),
    ],
)
def test_a_missing_path_says_how_to_get_the_data(tmp_path, read, hint):
    with pytest.raises(FileNotFoundError, match=f"nowhere .*{hint}"):
        read(tmp_path / "nowhere")
