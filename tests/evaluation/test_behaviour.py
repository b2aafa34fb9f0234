"""The behaviour suite: its scores, counted by hand, and the form of its items."""

import json
from collections import Counter
from pathlib import Path

import pytest

from claimcheck.errors import InputError
from claimcheck.evaluation.behaviour import (
    BehaviourItem,
    find_pair,
    pair_label,
    read_behaviour,
    report_label,
    score_behaviour,
)

SUITE = Path(__file__).resolve().parents[2] / "benchmarks" / "behaviour.jsonl"
TEXT = "Ada Holm said the weir is sound. Per Lund said the weir leaks at both ends."
LINE = {"id": "t-01", "capability": "t", "label": "contradicts"}
ROWS = [{"speaker": "Ada", "text": "x"}, {"speaker": "Per", "text": "y"}, {"speaker": "Cleo", "text": "z"}]


def item(label, *contents, text=None, **fields):
    return BehaviourItem(
        id="t", capability="t", label=label, contents=contents or ("x", "y"), text=text, **fields
    )


def report(*contents, relations=()):
    """Return a report on TEXT with an attribution for each of ``contents``, named a1, a2, …."""
    attributions = [
        {"id": f"a{n}", "content": [[TEXT.index(c), TEXT.index(c) + len(c)]], "source": []}
        for n, c in enumerate(contents, start=1)
    ]
    found = [{"a": a, "b": b, "label": label} for a, b, label in relations]
    return {"text": TEXT, "attributions": attributions, "relations": found}


WEIR = item("contradicts", "the weir is sound", "the weir leaks at both ends", text=TEXT)


def test_scores_counted_by_hand():
    """Nine items: 5 right; 1 of 4 neither and 2 of 3 contradicting ones are called contradicting; 1 is not found."""
    cases = [
        ("neither", "contradicts"),
        ("neither", "neither"),
        ("neither", "neither"),
        ("neither", "corroborates"),
        ("contradicts", "contradicts"),
        ("contradicts", "contradicts"),
        ("contradicts", None),
        ("corroborates", "corroborates"),
        ("corroborates", "contradicts"),
    ]
    items = [item(label, f"x{n}", "y") for n, (label, _) in enumerate(cases)]
    score = score_behaviour(items, [given for _, given in cases], samples=100)
    assert (score.n, score.neither, score.not_found) == (9, 4, 1)
    assert score.accuracy[0] == 5 / 9
    assert score.false_contradictions[0] == 1 / 4
    assert score.contradicts_recall[0] == 2 / 3
    for value, low, high in (score.accuracy, score.false_contradictions, score.contradicts_recall):
        assert low <= value <= high


def test_a_neither_pair_that_was_not_found_is_wrong_but_no_false_contradiction():
    score = score_behaviour([item("neither")], [None], samples=10)
    assert (score.accuracy[0], score.false_contradictions[0], score.not_found) == (0.0, 0.0, 1)


def test_items_of_one_scene_are_resampled_together():
    """One right and one wrong item in every scene: each draw of scenes is half right."""
    items = [item("neither", f"x{n // 2}", f"y{n}") for n in range(10)]
    score = score_behaviour(items, ["neither", "contradicts"] * 5, samples=50)
    assert score.accuracy == (0.5, 0.5, 0.5)
    assert score.false_contradictions == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("items", "predicted"), [([], []), ([item("neither")], [])], ids=["no items", "too few"]
)
def test_nothing_to_score(items, predicted):
    with pytest.raises(InputError, match=rf"0 predictions for {len(items)} items"):
        score_behaviour(items, predicted)


FOUND = {
    "exact": (("the weir is sound", "the weir leaks at both ends"), ("a1", "a2")),
    "in another order": (("the weir leaks at both ends", "the weir is sound"), ("a2", "a1")),
    "half of the words": (("is sound", "leaks at both ends"), ("a1", "a2")),
    "one of them": (("the weir is sound",), None),
    "too little of one": (("the weir is sound", "ends"), None),
    "both in one": ((TEXT,), None),
}


@pytest.mark.parametrize(("contents", "expected"), FOUND.values(), ids=FOUND)
def test_the_pair_is_found_by_its_words(contents, expected):
    assert find_pair(WEIR, report(*contents)) == expected


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        ([("a1", "a2", "contradicts")], "contradicts"),
        ([("a2", "a1", "corroborates")], "corroborates"),
        ([("a1", "a3", "contradicts")], "neither"),
        ([], "neither"),
    ],
    ids=["listed", "the other way round", "another pair", "not listed"],
)
def test_the_label_of_the_pair(relations, expected):
    read = report("the weir is sound", "the weir leaks at both ends", "Ada Holm", relations=relations)
    assert report_label(WEIR, read) == expected


def test_no_label_without_the_pair():
    assert report_label(WEIR, report("the weir is sound", relations=[("a1", "a1", "contradicts")])) is None


def test_statements_go_by_their_place(tmp_path):
    path = tmp_path / "suite.jsonl"
    path.write_text(json.dumps(LINE | {"statements": ROWS, "pair": [0, 2]}) + "\n", encoding="utf-8")
    (read,) = read_behaviour(path)
    assert (read.contents, read.ids, read.scene) == (("x", "z"), ("s1", "s3"), "x")
    assert read.rows == [
        {"id": "a", "speaker": "Ada", "text": "x"},
        {"id": "b", "speaker": "Cleo", "text": "z"},
    ]
    relations = [
        {"a": "s1", "b": "s2", "label": "contradicts"},
        {"a": "s1", "b": "s3", "label": "corroborates"},
    ]
    assert report_label(read, {"relations": relations}) == "corroborates"
    assert pair_label(relations, ("s2", "s1")) == "contradicts"


def test_texts_give_baselines_their_contents(tmp_path):
    path = tmp_path / "suite.jsonl"
    path.write_text(json.dumps(LINE | {"text": TEXT, "pair": list(WEIR.contents)}) + "\n", encoding="utf-8")
    (read,) = read_behaviour(path)
    assert (read.ids, read.scene) == (None, TEXT)
    assert read.rows == [{"id": "a", "text": WEIR.contents[0]}, {"id": "b", "text": WEIR.contents[1]}]


BAD = {
    "no label": ({"id": "t", "capability": "t", "text": TEXT, "pair": ["x", "y"]}, r"jsonl:1: expected .*'label'"),
    "no text": (LINE | {"pair": ["x", "y"]}, r"jsonl:1: expected .*'statements'"),
    "index": (LINE | {"statements": ROWS, "pair": [0, 3]}, r"jsonl:1: expected"),
    "three": (LINE | {"statements": ROWS, "pair": [0, 1, 2]}, r"jsonl:1: expected"),
    "unknown label": (LINE | {"label": "agrees", "statements": ROWS, "pair": [0, 1]}, "label 'agrees' is not one of"),
    "missing content": (LINE | {"text": TEXT, "pair": ["the weir is sound", "no"]}, "'no' occurs 0 times"),
    "twice": (LINE | {"text": TEXT, "pair": ["the weir is sound", "the weir"]}, "'the weir' occurs 2 times"),
}  # fmt: skip


@pytest.mark.parametrize(("row", "message"), BAD.values(), ids=BAD)
def test_bad_lines(tmp_path, row, message):
    path = tmp_path / "suite.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_behaviour(path)


# the suite


def test_the_suite_is_balanced_within_each_capability():
    items = read_behaviour(SUITE)
    assert len({x.id for x in items}) == len(items) > 250
    assert len({(x.scene, x.contents) for x in items}) == len(items)
    for capability in {x.capability for x in items}:
        labels = Counter(x.label for x in items if x.capability == capability)
        assert 12 <= labels.total() <= 20, capability
        assert labels["neither"] >= 3, capability
        assert labels["contradicts"] >= 3, capability
        assert max(labels.values()) <= 13, capability
    forms = Counter(x.text is not None for x in items)
    assert min(forms.values()) > 100


def test_speakers_belong_to_one_scene_and_hardly_recur():
    """Every text has its own people, so that no name tells a label."""
    texts = {x.text for x in read_behaviour(SUITE) if x.text is not None}
    firsts = Counter(" ".join(text.split()[:6]) for text in texts)
    assert max(firsts.values()) == 1
