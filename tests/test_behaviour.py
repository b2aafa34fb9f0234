"""The plainest items of the behaviour suite, read by the packaged models. All of it: benchmarks/accuracy.py."""

from pathlib import Path

import pytest

import claimcheck
from claimcheck.evaluation.behaviour import read_behaviour, report_label

SUITE = Path(__file__).resolve().parents[1] / "benchmarks" / "behaviour.jsonl"

# by capability: the numbers of its items
RIGHT = {
    "same-topic-no-conflict": [6, 12, 13],
    "adds-or-explains": [6, 9, 14],
    "negation": [1, 2, 5, 6, 10],
    "denial-cues": [1, 2, 3, 6],
    "numbers-in-conflict": [1, 7],
    "numbers-in-other-words": [2, 6, 8],
    "same-number-other-thing": [2, 5, 10],
    "dates-and-times": [2, 5, 6],
    "antonyms": [1, 2, 7, 8],
    "hedges": [2, 6],
    "demands-and-promises": [1, 2, 5],
    "demand-and-refusal": [1, 7, 8],
    "paraphrase": [5, 7, 13],
    "role-swap": [2, 6],
    "quantifiers": [1, 2, 7, 10],
    "nested-reports": [13, 14],
    "same-speaker-over-time": [5, 11],
    "credibility": [2, 6, 7, 9],
    "concession": [1, 2, 3, 7],
    "short-replies": [2, 6],
    "unrelated-statements": [4, 9, 11],
}
WRONG = {
    "statements that can both be true are read as contradicting": {
        "numbers-in-conflict": [2, 8],
        "hedges": [1, 8],
    },
    "agreement in other words is read as contradicting": {
        "demands-and-promises": [6],
        "numbers-in-other-words": [3],
    },
    "a contradiction is missed": {
        "adds-or-explains": [7],
        "same-topic-no-conflict": [9],
        "dates-and-times": [1],
        "paraphrase": [2],
        "nested-reports": [1],
        "short-replies": [1, 5],
        "demand-and-refusal": [10],
        "same-speaker-over-time": [1, 10],
    },
    "a contradiction is read as corroborating": {
        "role-swap": [1, 5],
        "quantifiers": [6],
        "unrelated-statements": [13],
    },
    "agreement in other words is missed": {
        "short-replies": [11],
        "numbers-in-other-words": [1],
        "paraphrase": [1, 11],
    },
}


def ids(chosen):
    return [f"{capability}-{n:02}" for capability, numbers in chosen.items() for n in numbers]


PLAIN = [
    *ids(RIGHT),
    *(
        pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=reason))
        for reason, chosen in WRONG.items()
        for name in ids(chosen)
    ),
]


@pytest.fixture(scope="module")
def items():
    chosen = {*ids(RIGHT), *(name for numbers in WRONG.values() for name in ids(numbers))}
    return {item.id: item for item in read_behaviour(SUITE) if item.id in chosen}


@pytest.fixture(scope="module")
def found(items):
    """Return the label that is found for each item, None where a statement is not."""
    checker = claimcheck.load(dtype="float32")
    texts = [item for item in items.values() if item.text is not None]
    reports = dict(zip((item.id for item in texts), checker.pipe([item.text for item in texts]), strict=True))
    for item in items.values():
        if item.text is None:
            reports[item.id] = checker.compare(item.statements)
    return {name: report_label(items[name], report.to_dict()) for name, report in reports.items()}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_items(items, found, name):
    assert found[name] == items[name].label
