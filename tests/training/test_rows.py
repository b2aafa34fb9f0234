"""What users train on: rows in many forms, what is wrong with them, and a held-out part that shares no group."""

import gzip
import json
import re

import datasets
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import InputError
from claimcheck.training.rows import hold_out, read_annotated, read_pairs, read_rows

ROWS = [
    {"premise": "the bridge is safe", "hypothesis": "the bridge is not safe", "label": "contradiction"},
    {"premise": "the mayor told", "hypothesis": "the mayor said", "label": "entailment"},
]
PAIRS = [
    ("the bridge is safe", "the bridge is not safe", 2),
    ("the mayor told", "the mayor said", 0),
]


def class_labels(*names):
    rows = [{**row, "label": names.index(row["label"])} for row in ROWS]
    features = datasets.Features(
        {
            "premise": datasets.Value("string"),
            "hypothesis": datasets.Value("string"),
            "label": datasets.ClassLabel(names=list(names)),
        }
    )
    return datasets.Dataset.from_list([*rows, {**rows[0], "label": -1}], features=features)


def write(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def as_gzip(folder):
    with gzip.open(folder / "rows.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n\n" for row in ROWS)
    return str(folder / "rows.jsonl.gz")


FORMS = {
    "list": lambda folder: ROWS,
    "generator": lambda folder: iter(ROWS),
    "frame": lambda folder: pd.DataFrame(ROWS),
    "dataset": lambda folder: datasets.Dataset.from_list(ROWS),
    "class-labels": lambda folder: class_labels("entailment", "neutral", "contradiction"),
    "class-labels-in-another-order": lambda folder: class_labels("contradiction", "entailment", "neutral"),
    "jsonl": lambda folder: write(folder, "rows.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS)),
    "gzip": as_gzip,
}


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
def test_pairs_are_read_from_all_forms(make, tmp_path):
    assert read_pairs(make(tmp_path)) == PAIRS


BAD_PAIRS = {
    "nothing": ([], "there are no rows: expected premise, hypothesis and label in each"),
    "other-columns": (
        [{"sentence1": "a", "sentence2": "b", "label": "neutral"}],
        "row 0 has no 'premise' but 'sentence1', 'sentence2', 'label': rename the columns to premise",
    ),
    "number": (
        [{**ROWS[0], "label": 2}],
        "row 0: label is 2, expected one of entailment, neutral, contradiction",
    ),
    "unknown-label": ([ROWS[0], {**ROWS[0], "label": "maybe"}], "row 1: label is 'maybe', expected one of"),
    "missing-text": ([{**ROWS[0], "hypothesis": None}], "row 0: hypothesis is None, expected str"),
    "tuple": ([("a", "b", "neutral")], "row 0 is a tuple, expected a mapping of column names"),
    "splits": ({"train": ROWS}, "row 0 is a str, expected a mapping of column names: choose a split of it"),
}


@pytest.mark.parametrize(("data", "message"), BAD_PAIRS.values(), ids=BAD_PAIRS)
def test_what_is_wrong_with_pairs_is_told(data, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        read_pairs(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}\n[1]\n", "line 2: expected an object, not [1]"),
        ("\n{\n", "line 2: not valid JSON: Expecting property name"),
    ],
    ids=["list", "json"],
)
def test_a_bad_line_is_named(tmp_path, text, message):
    path = write(tmp_path, "rows.jsonl", text)
    with pytest.raises(InputError, match=f"^{re.escape(f'{path}: {message}')}"):
        read_rows(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.jsonl: cannot be read: No such file or directory$"):
        read_rows(tmp_path / "none.jsonl")


TEXT = "Holm said it leaked."
SAID = {"source": [[0, 4]], "cue": [[5, 9]], "content": [[10, 19]]}


def test_articles_are_read_from_all_forms(tmp_path):
    row = {"id": "x", "text": TEXT, "attributions": [{**SAID, "kind": "indirect"}]}
    expected = [{"id": "x", "text": TEXT, "attributions": [SAID]}]
    (tmp_path / "json").mkdir()
    write(tmp_path / "json", "x.json", json.dumps(row))
    (tmp_path / "brat").mkdir()
    write(tmp_path / "brat", "x.txt", TEXT)
    write(
        tmp_path / "brat",
        "x.ann",
        "T1\tCue 5 9\tsaid\nT2\tContent 10 19\tit leaked\nT3\tSource 0 4\tHolm\nR1\tr Arg1:T1 Arg2:T2\nR2\tr Arg1:T1 Arg2:T3\n",
    )
    jsonl = write(tmp_path, "rows.jsonl", json.dumps(row))
    for data in ([row], jsonl, str(tmp_path / "json"), tmp_path / "brat", datasets.Dataset.from_list([row])):
        assert read_annotated(data) == expected


def test_source_and_cue_may_be_missing():
    (article,) = read_annotated([{"text": TEXT, "attributions": [{"content": [[10, 19]], "cue": None}]}])
    assert article == {
        "id": "0",
        "text": TEXT,
        "attributions": [{"source": [], "cue": [], "content": [[10, 19]]}],
    }


BAD_ARTICLES = {
    "nothing": ([], "there are no articles"),
    "no-text": ([{"attributions": []}], "article 0: expected a text and a list of attributions in it"),
    "no-list": ([{"id": "x", "text": TEXT}], "article 0 ('x'): expected a text and a list of attributions"),
    "no-content": (
        [{"text": TEXT, "attributions": [SAID, {"cue": [[5, 9]]}]}],
        "article 0, attribution 1: no content: expected at least one [start, end]",
    ),
    "outside": (
        [{"text": TEXT, "attributions": [{**SAID, "content": [[10, 99]]}]}],
        "article 0, attribution 0: content [10, 99] exceeds a text of 20 characters",
    ),
    "flat": (
        [{"text": TEXT, "attributions": [{**SAID, "content": [10, 19]}]}],
        "article 0, attribution 0: expected source, cue and content as lists of [start, end]",
    ),
    "words": (
        [{"text": TEXT, "attributions": ["said"]}],
        "article 0, attribution 0: expected source, cue and content",
    ),
}


@pytest.mark.parametrize(("data", "message"), BAD_ARTICLES.values(), ids=BAD_ARTICLES)
def test_what_is_wrong_with_articles_is_told(data, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        read_annotated(data)


def first(row):
    return row[0]


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers()), min_size=1, max_size=40),
    st.floats(0.01, 0.99),
    st.integers(0, 9),
)
def test_no_group_is_on_both_sides_and_no_row_is_lost(rows, share, seed):
    if len(set(map(first, rows))) < 2:
        with pytest.raises(InputError, match="one letter cannot be parted"):
            hold_out(rows, None, share, seed, group=first, unit="letter")
        return
    parts = hold_out(rows, None, share, seed, group=first, unit="letter")
    assert parts.train
    assert parts.dev
    assert not set(map(first, parts.train)) & set(map(first, parts.dev))
    assert sorted(parts.train + parts.dev) == sorted(rows)
    assert parts == hold_out(rows, None, share, seed, group=first, unit="letter")


def test_the_share_held_out_is_about_what_was_asked_for():
    rows = [(str(k), k) for k in range(1000)]
    parts = hold_out(rows, None, 0.1, 0, group=first, unit="number")
    assert (len(parts.train), len(parts.dev)) == (900, 100)
    assert parts.how == "a share of 0.1, parted by number with seed 0"


def test_what_is_held_out_is_left_out_of_training():
    parts = hold_out(["a1", "b1", "a2", "c1"], ["a9"], 0.5, 0, group=first, unit="letter")
    assert (parts.train, parts.dev, parts.how, parts.left_out) == (["b1", "c1"], ["a9"], "given", 2)


@pytest.mark.parametrize(
    ("rows", "dev", "share", "message"),
    [
        (["a1"], ["a2"], 0.1, "of 1 rows to train on, 0 have a letter that is not in dev"),
        (["a1", "b1"], None, 1.0, "dev_share is 1.0, expected at least 0 and less than 1"),
        (["a1", "b1"], None, -0.1, "dev_share is -0.1, expected"),
        (["a1", "a2"], None, 0.1, "one letter cannot be parted: give dev=, or dev_share=0"),
    ],
    ids=["all-held-out", "all", "negative", "one-group"],
)
def test_what_cannot_be_parted_is_told(rows, dev, share, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        hold_out(rows, dev, share, 0, group=first, unit="letter")


def test_nothing_is_held_out_if_so_asked():
    parts = hold_out(["a1", "a2"], None, 0, 0, group=first, unit="letter")
    assert (parts.train, parts.dev, parts.how) == (["a1", "a2"], [], "nothing is held out")
