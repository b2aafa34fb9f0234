"""Examples made by rule: negated sentences and exchanged words."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from claimcheck.training.augmentation import (
    Lexicon,
    negate,
    read_lexicon,
    sample_exchanges,
    sample_negations,
    sample_other_evidence,
    verb_bases,
)

LEXICON = Lexicon(
    antonyms=[("open", "closed")],
    exclusive={"city": ["Oslo", "Bergen"]},
    synonyms=[("start", "begin")],
    hypernyms=[("apple", "fruit")],
    verb_forms={
        "start": ["starts", "started", "started", "starting"],
        "begin": ["begins", "began", "begun", "beginning"],
    },
)
BASES = verb_bases(LEXICON)


@pytest.mark.parametrize(
    ("sentence", "negated"),
    [
        ("The harbour is open.", "The harbour is not open."),
        ("The mayor of Oslo can stay.", "The mayor of Oslo cannot stay."),
        ("The men have left.", "The men have not left."),
        ("The men have two boats.", "The men do not have two boats."),
        ("She had a boat.", "She did not have a boat."),
        ("It started on Monday.", "It did not start on Monday."),
        ("The race begins at noon.", "The race does not begin at noon."),
    ],
)
def test_the_main_verb_is_negated(sentence: str, negated: str) -> None:
    assert negate(sentence, BASES) == negated


@pytest.mark.parametrize(
    "sentence",
    [
        "Nobody is there.",
        "The man who is there left.",
        "Is it open?",
        "All shops are open.",
        "They are not open.",
        "In Oslo, it is open.",
        "It is open if it rains.",
        "Open",
        "",
        "The loud false starts of the race.",
    ],
)
def test_a_sentence_whose_negation_is_not_plain_is_left_alone(sentence: str) -> None:
    assert negate(sentence, BASES) is None


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (
            "entailment",
            {
                ("It is warm.", "It is not hot.", "contradiction"),
                ("It is not hot.", "It is not warm.", "entailment"),
            },
        ),
        (
            "contradiction",
            {
                ("It is warm.", "It is not hot.", "entailment"),
                ("It is hot.", "It is not warm.", "entailment"),
            },
        ),
        (
            "neutral",
            {
                ("It is warm.", "It is not hot.", "neutral"),
                ("It is not warm.", "It is hot.", "neutral"),
                ("It is not warm.", "It is not hot.", "neutral"),
            },
        ),
    ],
)
def test_what_follows_decides_what_the_negation_does(label: str, expected: set[tuple[str, str, str]]) -> None:
    rows = [("It is warm.", "It is hot.", label)] * 300
    against_itself = {
        ("It is hot.", "It is not hot.", "contradiction"),
        ("It is not hot.", "It is hot.", "contradiction"),
    }
    assert set(sample_negations(rows, BASES, random.Random(1))) == expected | against_itself


def test_a_pair_without_a_plain_sentence_makes_no_example() -> None:
    assert not list(sample_negations([("Nobody came.", "All left.", "neutral")], BASES, random.Random(1)))


def test_one_word_is_exchanged_and_says_what_that_does() -> None:
    sentences = [
        "She ate an apple in Oslo.",
        "A closed shop.",
        "Fruit is cheap.",
        "It began.",
        "Nothing here.",
    ]
    found = set(sample_exchanges(sentences * 100, LEXICON, random.Random(1)))
    assert found == {
        ("She ate an apple in Oslo.", "She ate a fruit in Oslo.", "entailment"),
        ("She ate an apple in Oslo.", "She ate an apple in Bergen.", "contradiction"),
        ("A closed shop.", "An open shop.", "contradiction"),
        ("It began.", "It started.", "entailment"),
    }


def test_the_lexicon_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "words.json"
    path.write_text(
        json.dumps(
            {
                "antonyms": [["open", "closed"]],
                "exclusive": {},
                "synonyms": [],
                "hypernyms": [],
                "verb_forms": {"go": ["goes", "went", "gone", "going"]},
            }
        )
    )
    assert read_lexicon(path).exchanges() == {
        "open": [("closed", "contradiction")],
        "closed": [("open", "contradiction")],
    }


def test_claims_get_the_evidence_of_others_about_the_same_thing() -> None:
    rows = [
        ("Solveig is a ferry built at the yard of Bergen", "Solveig left Bergen for Denmark", "entailment"),
        ("Captain Lund bought Solveig from Denmark", "Captain Lund paid for Solveig", "entailment"),
        ("Captain Lund steered the ferry through storms of autumn", "Denmark has Solveig", "contradiction"),
        ("Captain Lund sold the harbour", "Captain Lund had debts", "neutral"),
        ("The tower leans", "The tower of Bergen stands", "contradiction"),
        ("The leaning tower was built in 1820", "Nobody slept", "entailment"),
    ]
    found = list(sample_other_evidence(rows, random.Random(1)))
    assert found == [
        (rows[1][0], rows[0][1], "neutral"),  # Solveig and Denmark
        (rows[2][0], rows[1][1], "neutral"),  # Captain and Lund; not the evidence of a neutral row
        # "Denmark has Solveig" could be decided by the second: all of its words are there
    ]
