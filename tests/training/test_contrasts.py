"""Contrast sets and passages as training examples."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from claimcheck.training import data
from claimcheck.training.contrasts import (
    DENIALS,
    Voice,
    as_content,
    contrast_tables,
    known_pairs,
    read_contrast_rows,
    sample_contrasts,
    sample_passages,
    voices_of,
)

CORPUS = Path(data.__file__).parent / "corpus"
VOICES = [Voice("Ada Brook", "t1:p1"), Voice("Per Lund", None)]
SETS = [
    {
        "id": f"t-{n}",
        "statement": f"The {thing} is safe.",
        "same": [f"No danger from the {thing}.", f"Nobody need fear the {thing}."],
        "against": [f"The {thing} is unsafe.", f"The {thing} will kill.", f"Beware of the {thing}."],
        "beside": [f"The {thing} is old.", f"The {thing} was dear.", f"They like the {thing}."],
    }
    for n, thing in enumerate(("bridge", "tower", "ferry", "crane"), 1)
]


def owner(text):
    return next(n for n, row in enumerate(SETS) if row["statement"].split()[1] in text)


def test_known_pairs():
    counts = Counter(label for _, _, label in known_pairs(SETS[0]))
    assert counts == {"corroborates": 3, "contradicts": 9, "neither": 9}


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("No one was hurt.", "no one was hurt"),
        ("Oslo is full. ", "Oslo is full"),
        ("I agree", "I agree"),
        ("Is it?", "Is it?"),
    ],
)
def test_as_content(text, content):
    assert as_content(text) == content


def test_the_voices_are_those_of_the_articles():
    attributions = [
        {"speaker": "Ada", "party": "p1"},
        {"speaker": None, "party": "p1"},
        {"speaker": "Ada", "party": "p1"},
    ]
    assert voices_of([{"id": "e1", "attributions": attributions}]) == [Voice("Ada", "e1:p1")]


@pytest.fixture
def examples():
    return list(sample_contrasts(SETS * 40, VOICES, random.Random(3), strangers=0.3))


def test_every_known_pair_is_shown_and_some_strangers(examples):
    others = 3 / 4  # what is drawn as another set
    assert len(examples) == pytest.approx(160 * 21 * (1 + 0.3 * others), rel=0.02)
    counts = Counter(label for _, _, label in examples)
    assert counts["contradiction"] > 160 * 9
    assert counts["entailment"] < 160 * 3


def test_statements_of_different_sets_are_neutral(examples):
    plain = [example for example in examples if "|" not in example[0]]
    apart = [example for example in plain if owner(example[0]) != owner(example[1])]
    assert len(apart) > 100
    assert {label for *_, label in apart} == {"neutral"}


def test_pairs_are_shown_plain_in_a_table_and_in_a_text(examples):
    ways = Counter(
        "plain" if "|" not in premise else "table" if "| apart" in premise else "text"
        for premise, *_ in examples
    )
    shares = {way: count / len(examples) for way, count in ways.items()}
    assert shares == pytest.approx({"plain": 0.4, "table": 0.3, "text": 0.3}, abs=0.03)
    for premise, hypothesis, _ in examples:
        if "| next" in premise:  # one of the two has the other's sentence before it
            assert (premise.count("|") == 2) != ("|" in hypothesis)


def test_a_denial_turns_agreement_into_conflict(examples):
    denied = [example for example in examples if any(cue in f"{example[0]} {example[1]}" for cue in DENIALS)]
    assert len(denied) > 5
    assert {label for *_, label in denied} == {"contradiction"}
    for premise, hypothesis, _ in denied:
        texts = [side.split(" | ")[0].partition(": ")[2] for side in (premise, hypothesis)]
        row = SETS[owner(texts[0])]
        alike = {as_content(text) for text in (row["statement"], *row["same"])}
        assert {as_content(text) for text in texts} <= alike


def test_passages():
    row = {
        "title": "Oslo",
        "passage": "It is big.",
        "supports": ["a"],
        "refutes": ["b"],
        "unknown": ["c", "d"],
    }
    assert list(sample_passages([row])) == [
        ("Oslo It is big.", "a", "entailment"),
        ("Oslo It is big.", "b", "contradiction"),
        ("Oslo It is big.", "c", "neutral"),
        ("Oslo It is big.", "d", "neutral"),
    ]


def test_tables_have_two_statements_of_each_set():
    tables = list(contrast_tables(SETS, VOICES, random.Random(1), repeat=5))
    sets_of = {number: {owner(claim.text) for claim in claims} for number, (claims, _, _) in tables}
    assert sum(map(len, sets_of.values())) == len(SETS)  # none has two numbers
    assert all(count == 5 for count in Counter(number for number, _ in tables).values())
    for _, (claims, pairs, labels) in tables:
        owners = [owner(claim.text) for claim in claims]
        assert set(Counter(owners).values()) == {2}
        assert len(pairs) == len(labels) == len(claims) * (len(claims) - 1) // 2
        for (i, j, distance), label in zip(pairs, labels, strict=True):
            assert distance is None
            if owners[i] != owners[j]:
                assert label == "neither"
            else:
                same = {text.strip(".") for text in (SETS[owners[i]]["statement"], *SETS[owners[i]]["same"])}
                alike = all(
                    as_content(text) in map(as_content, same) for text in (claims[i].text, claims[j].text)
                )
                assert alike == (label == "corroborates")


def test_a_tenth_of_the_corpus_is_held_out():
    for name in ("contrasts", "passages"):
        seen = read_contrast_rows(CORPUS / f"{name}.jsonl", held_out=False)
        held_out = read_contrast_rows(CORPUS / f"{name}.jsonl", held_out=True)
        assert 0.08 < len(held_out) / (len(seen) + len(held_out)) < 0.12
        assert not {row["id"] for row in seen} & {row["id"] for row in held_out}


def test_the_corpus_is_well_formed():
    rows = [
        json.loads(line) for line in (CORPUS / "contrasts.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    for row in rows:
        texts = [row["statement"], *row["same"], *row["against"], *row["beside"]]
        assert (len(row["same"]), len(row["against"]), len(row["beside"])) == (2, 3, 3), row["id"]
        assert len({text.casefold() for text in texts}) == 9, row["id"]
        assert all(text == text.strip() and text for text in texts), row["id"]
    passages = [
        json.loads(line) for line in (CORPUS / "passages.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    for part in (rows, passages):
        assert len({row["id"] for row in part}) == len(part)
        assert all(row["id"].rpartition("-")[2].isdecimal() for row in part)
    for row in passages:
        short = row["id"].startswith(("pc-", "pd-", "pe-"))  # series that hold single sentences too
        assert len(row["passage"].split()) >= (15 if short else 40), row["id"]
        assert all(row[kind] for kind in ("supports", "refutes", "unknown")), row["id"]
