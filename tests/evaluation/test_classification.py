import numpy as np
import pytest

from claimcheck.errors import InputError
from claimcheck.evaluation.classification import (
    expected_calibration_error,
    is_two_way,
    score_labels,
)

E, N, C = "entailment", "neutral", "contradiction"


def sure(*labels):
    """Return probabilities of 0.8 for each label."""
    rows = {E: (0.8, 0.1, 0.1), N: (0.1, 0.8, 0.1), C: (0.1, 0.1, 0.8)}
    return np.array([rows[label] for label in labels])


def test_three_way_by_hand():
    score = score_labels([E, E, E, N, N, C], sure(E, E, N, N, C, C))
    assert score.accuracy == pytest.approx(4 / 6)
    assert score.confusion == ((2, 1, 0), (0, 1, 1), (0, 0, 1))
    # F1: entailment P 1, R 2/3 -> 4/5; neutral P 1/2, R 1/2 -> 1/2; contradiction P 1/2, R 1 -> 2/3
    assert score.macro_f1 == pytest.approx((4 / 5 + 1 / 2 + 2 / 3) / 3)
    assert score.ece == pytest.approx(0.8 - 4 / 6)
    assert score.n == 6


def test_intervals_hold_the_value():
    rng = np.random.default_rng(0)
    gold = [(E, N, C)[i] for i in rng.integers(3, size=60)]
    score = score_labels(gold, rng.dirichlet(np.ones(3), size=60))
    assert score.accuracy_interval[0] < score.accuracy < score.accuracy_interval[1]
    assert score.macro_f1_interval[0] < score.macro_f1 < score.macro_f1_interval[1]


def test_a_perfect_score_has_no_spread_in_accuracy():
    assert score_labels([E, N, C], sure(E, N, C)).accuracy_interval == (1.0, 1.0)


def test_two_way_maps_neutral_and_contradiction():
    probabilities = np.array([(0.4, 0.3, 0.3), (0.4, 0.35, 0.25), (0.2, 0.6, 0.2), (0.3, 0.1, 0.6)])
    score = score_labels(["entailment", "not_entailment", "not_entailment", "entailment"], probabilities)
    assert score.labels == ("entailment", "not_entailment")
    assert score.confusion == ((1, 1), (1, 1))  # the most probable of three decides: 0.4 is entailment
    assert score.accuracy == 0.5


def test_two_way_confidence_is_that_of_the_mapped_label():
    score = score_labels(["not_entailment", "not_entailment"], np.array([(0.2, 0.4, 0.4), (0.2, 0.4, 0.4)]))
    assert score.ece == pytest.approx(0.2)  # right with 0.8, not with 0.4


def test_a_label_that_never_occurs_counts_zero_in_macro_f1():
    assert score_labels([E, E], sure(E, E)).macro_f1 == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("confidence", "correct", "bins", "expected"),
    [
        pytest.param([0.7, 0.7, 0.9, 0.9], [1, 0, 1, 1], 10, 0.5 * 0.2 + 0.5 * 0.1, id="two bins"),
        pytest.param([0.6, 0.8], [0, 1], 1, 0.2, id="one bin: 0.7 against 0.5"),
        pytest.param([0.6, 0.8], [0, 1], 2, 0.2, id="both in the upper half"),
        pytest.param([0.5, 0.6], [1, 0], 2, (0.5 + 0.6) / 2, id="an edge belongs to the bin below"),
        pytest.param([1.0, 0.0], [1, 0], 15, 0.0, id="certain and right"),
    ],
)
def test_calibration_by_hand(confidence, correct, bins, expected):
    value = expected_calibration_error(np.array(confidence), np.array(correct), bins=bins)
    assert value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        pytest.param(["refutes"], "refutes", id="unknown"),
        pytest.param(["neutral", "not_entailment"], "neither among", id="mixed"),
    ],
)
def test_labels_of_no_known_set(labels, message):
    with pytest.raises(InputError, match=message):
        is_two_way(labels)


@pytest.mark.parametrize("shape", [(2, 2), (1, 3), (0, 3)], ids=str)
def test_shapes_that_do_not_fit(shape):
    gold = [E] * (0 if shape[0] == 0 else 2)
    with pytest.raises(InputError, match="shape"):
        score_labels(gold, np.zeros(shape))


def test_calibration_of_nothing():
    with pytest.raises(InputError, match="0 confidences"):
        expected_calibration_error(np.array([]), np.array([]))
