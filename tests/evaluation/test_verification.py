"""Scores of verdicts, on cases counted by hand."""

import numpy as np
import pytest

from claimcheck.errors import InputError
from claimcheck.evaluation.verification import accuracy, balanced_accuracy, choose, macro_f1, score_verdicts

E, N, C = [0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]


def test_three_way():
    gold = ["entailment"] * 4 + ["neutral"] * 2 + ["contradiction"] * 2
    score = score_verdicts(gold, np.array([E, E, E, N, N, C, C, C]), samples=50)
    assert score.labels == ("entailment", "neutral", "contradiction")
    assert score.confusion == ((3, 1, 0), (0, 1, 1), (0, 0, 2))
    assert score.accuracy[0] == 6 / 8
    assert score.balanced_accuracy[0] == pytest.approx((3 / 4 + 1 / 2 + 1) / 3)
    assert score.macro_f1[0] == pytest.approx((6 / 7 + 2 / 4 + 4 / 5) / 3)
    for value, low, high in (score.accuracy, score.balanced_accuracy, score.macro_f1):
        assert low <= value <= high


def test_without_neutral_the_likelier_of_two_is_chosen():
    unsure = [0.3, 0.6, 0.1]
    labels, gold, predicted = choose(["entailment", "contradiction"], np.array([unsure, C]))
    assert labels == ("entailment", "contradiction")
    assert gold == ["entailment", "contradiction"]
    assert predicted == ["entailment", "contradiction"]


@pytest.mark.parametrize("other", ["neutral", "not_entailment"])
def test_supported_against_the_rest(other):
    labels, gold, predicted = choose(["entailment", other, other], np.array([N, C, E]))
    assert labels == ("entailment", "not_entailment")
    assert gold == ["entailment", "not_entailment", "not_entailment"]
    assert predicted == ["not_entailment", "not_entailment", "entailment"]


def test_a_label_that_never_occurs_counts_in_f1_alone():
    cells = np.array([2, 2, 0, 0])
    assert balanced_accuracy(cells) == 0.5
    assert macro_f1(cells) == pytest.approx((4 / 6 + 0) / 2)
    assert accuracy(cells) == 0.5


@pytest.mark.parametrize(
    ("gold", "rows", "message"),
    [
        ([], np.zeros((0, 3)), "n > 0"),
        (["neutral"], np.zeros((1, 2)), r"shape \(1, 2\) for 1 gold labels"),
        (["maybe"], np.zeros((1, 3)), "label 'maybe'"),
        (["contradiction", "not_entailment"], np.zeros((2, 3)), "mix two-way and three-way"),
    ],
    ids=["none", "shape", "label", "mixed"],
)
def test_bad_input(gold, rows, message):
    with pytest.raises(InputError, match=message):
        score_verdicts(gold, rows)
