"""From readings to a verdict: which windows are read, what the features are, and what the weights do with them."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.aggregation import FEATURES, LABELS, NAME, Aggregation, evidence_features, windows
from claimcheck.errors import InputError, ModelError
from claimcheck.records import Span

YES, OPEN, NO = [0.9, 0.08, 0.02], [0.1, 0.8, 0.1], [0.02, 0.08, 0.9]
WEIGHTS = {label: dict.fromkeys((*FEATURES, "intercept"), 0.0) for label in LABELS}


def spans(n):
    return [Span(2 * k, 2 * k + 1) for k in range(n)]


def features(rows, sentences):
    return evidence_features(np.array(rows), sentences).tolist()


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        (0, []),
        (1, [(0, 1)]),
        (2, [(0, 1), (1, 2), (0, 2)]),
        (3, [(0, 1), (1, 2), (2, 3), (0, 3)]),
        (5, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 3), (2, 5), (0, 5)]),
    ],
    ids=str,
)
def test_windows(sentences, expected):
    assert windows(spans(sentences)) == expected


@given(st.integers(2, 60))
def test_every_two_neighbours_are_read_together(n):
    read = windows(spans(n))
    assert read[:n] == [(k, k + 1) for k in range(n)]
    at = n + n // 2
    if 8 < n <= 24:
        assert read.pop() == (0, n)
    for wider in (read[n:at], read[at:] if n > 3 else read[n:at]):
        assert all(any(start <= k and k + 2 <= end for start, end in wider) for k in range(n - 1))
    assert all(2 <= end - start <= 3 for start, end in read[n:at])
    assert all(3 <= end - start <= 8 for start, end in read[at:])


@pytest.mark.parametrize(
    ("rows", "sentences", "expected"),
    [
        ([YES], 1, [9, 0.02 / 0.98] * 4),
        ([YES, OPEN, NO], 2, [9, 1 / 9, *[0.02 / 0.98, 9] * 3]),
        ([OPEN, NO, OPEN, YES], 3, [1 / 9, 9, *[9, 0.02 / 0.98] * 3]),
        ([OPEN, NO, OPEN, OPEN, YES, OPEN, NO], 4, [1 / 9, 9, 9, 1 / 9, *[0.02 / 0.98, 9] * 2]),
        ([OPEN] * 13 + [NO, OPEN, YES], 9, [*[1 / 9] * 4, 1 / 9, 9, 9, 0.02 / 0.98]),
        ([[1, 0, 0]], 1, [math.exp(7), math.exp(-7)] * 4),
    ],
    ids=["one sentence", "two", "three", "four and a passage", "nine and the whole", "certain"],
)
def test_features_are_of_the_strongest_readings(rows, sentences, expected):
    assert features(rows, sentences) == pytest.approx(np.log(expected).tolist())


@pytest.mark.parametrize(
    ("rows", "expected"),
    [([YES, OPEN], 0), ([OPEN, OPEN], 1), ([OPEN, NO], 2), ([[0.7, 0.2, 0.1], [0.0, 0.02, 0.98]], 2)],
    ids=["entailed", "open", "contradicted", "the stronger of both"],
)
def test_without_weights_the_strongest_readings_decide(rows, expected):
    chances = Aggregation().decide(np.array([features(rows, len(rows))]))
    assert chances.argmax() == expected
    assert chances.sum() == pytest.approx(1)


def test_weights_are_a_softmax():
    weights = {**WEIGHTS, "supports": {"entailment_window": 2.0, "intercept": -1.0}}
    row = np.array([[9.0, 9.0, 1.0, 9.0, 9.0, 9.0, 9.0, 9.0]])
    total = math.exp(1) + 2
    assert Aggregation(weights).decide(row)[0] == pytest.approx([math.exp(1) / total, 1 / total, 1 / total])


def test_it_is_kept_beside_the_checkpoint(tmp_path):
    assert Aggregation.load(tmp_path) == Aggregation()
    (tmp_path / NAME).write_text(json.dumps({"weights": WEIGHTS, "record": {}}), encoding="utf-8")
    assert Aggregation.load(tmp_path).weights == WEIGHTS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "weights"),
        ('{"weights": 3}', "is not an aggregation"),
        ('{"weights": {"supports": {}}}', "weights for supports, neither, refutes are needed"),
        (json.dumps({"weights": {**WEIGHTS, "maybe": {}}}), "no weight is known for 'maybe'"),
        (json.dumps({"weights": {**WEIGHTS, "refutes": {"luck": 1}}}), "luck"),
        (
            json.dumps({"weights": {**WEIGHTS, "refutes": {"intercept": float("nan")}}}),
            "'refutes' is not finite",
        ),
        (json.dumps({"weights": {**WEIGHTS, "refutes": {"intercept": "1"}}}), "is not an aggregation"),
    ],
    ids=["empty", "a number", "one label", "a label too many", "unknown feature", "NaN", "text"],
)
def test_damaged_weights_are_refused(tmp_path, content, message):
    (tmp_path / NAME).write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        Aggregation.load(tmp_path)


def test_weights_for_nothing_known_are_refused():
    with pytest.raises(InputError, match="weights for supports, neither, refutes are needed"):
        Aggregation({"supports": {}})
