import json

import numpy as np
import pytest

from claimcheck import InputError, ModelError
from claimcheck.decision import (
    ALONE,
    LABELS,
    LIMIT,
    NAME,
    NEIGHBOURS,
    READINGS,
    TOGETHER,
    Decision,
    linear,
    log_odds,
    neighbour_features,
    reading_features,
)
from claimcheck.pairing import FEATURES

TRIANGLE = [(0, 1, 1), (0, 2, 2), (1, 2, 1)]
FLOOR = np.log(0.01)


def odds(chance):
    return np.log(chance / (1 - chance))


def named(row):
    return dict(zip(NEIGHBOURS, row.tolist(), strict=True))


def test_log_odds_stay_within_their_limit():
    np.testing.assert_allclose(log_odds([0.0, 0.5, 0.75, 1.0]), [-LIMIT, 0.0, np.log(3), LIMIT])


def test_readings_are_averaged_and_compared():
    forward = np.array([[0.5, 0.25, 0.25]], dtype=np.float32)
    backward = np.array([[0.2, 0.3, 0.5]], dtype=np.float32)
    row = dict(zip(READINGS, reading_features(forward, backward)[0].tolist(), strict=True))
    assert row["entailment"] == pytest.approx(odds(0.2) / 2, abs=1e-6)
    assert row["entailment_gap"] == pytest.approx(-odds(0.2), abs=1e-6)
    assert row["contradiction"] == pytest.approx(odds(0.25) / 2, abs=1e-6)
    assert row["contradiction_gap"] == pytest.approx(-odds(0.25), abs=1e-6)


def test_a_pair_sees_what_its_claims_form_with_a_third():
    contradicts, corroborates = np.array([0.2, 0.9, 0.1]), np.array([0.3, 0.05, 0.8])
    first, second, _ = map(named, neighbour_features(TRIANGLE, contradicts, corroborates))
    assert first["contradicts_alone"] == pytest.approx(odds(0.2))
    assert first["corroborates_alone"] == pytest.approx(odds(0.3))
    assert first["opposed"] == pytest.approx(odds(0.8))  # 2 contradicts 0 (0.9) and says the same as 1 (0.8)
    assert first["allied"] == pytest.approx(odds(0.05))
    assert first["common_opponent"] == pytest.approx(odds(0.1))
    assert first["rival_contradicts"] == pytest.approx(odds(0.9))
    assert first["rival_corroborates"] == pytest.approx(odds(0.8))
    assert first["other_contradicts"] == pytest.approx(np.log(0.9 + 0.1 + 0.01))
    assert first["other_corroborates"] == pytest.approx(np.log(0.05 + 0.8 + 0.01))
    assert second["opposed"] == pytest.approx(odds(0.2))  # 1 contradicts 0 (0.2) and says the same as 2 (0.8)


def test_a_pair_without_a_third_claim_has_no_neighbours():
    row = named(neighbour_features([(4, 9, None)], np.array([0.7]), np.array([0.1]))[0])
    assert [row[name] for name in NEIGHBOURS[2:7]] == [-LIMIT] * 5
    assert [row[name] for name in NEIGHBOURS[7:]] == pytest.approx([FLOOR] * 2)


def test_no_pairs_have_no_neighbours():
    assert neighbour_features([], np.zeros(0), np.zeros(0)).shape == (0, len(NEIGHBOURS))


def test_the_order_of_pairs_does_not_matter():
    contradicts, corroborates = np.array([0.2, 0.9, 0.1]), np.array([0.3, 0.05, 0.8])
    order = [2, 0, 1]
    turned = neighbour_features([TRIANGLE[k] for k in order], contradicts[order], corroborates[order])
    np.testing.assert_allclose(turned, neighbour_features(TRIANGLE, contradicts, corroborates)[order])


ALONE_WEIGHTS = {"contradicts": {"contradiction": 1.0}, "corroborates": {"entailment": 1.0}}
TOGETHER_WEIGHTS = {"contradicts": {"opposed": 1.0}, "corroborates": {"allied": 1.0, "intercept": 0.5}}


def test_the_second_round_works_on_what_the_first_says():
    decision = Decision({}, ALONE_WEIGHTS, TOGETHER_WEIGHTS)
    contradicts, corroborates = np.array([0.2, 0.9, 0.05]), np.array([0.3, 0.05, 0.8])
    readings = np.stack([corroborates, 1 - contradicts - corroborates, contradicts], axis=1).astype(
        np.float32
    )
    scores = decision.scores(TRIANGLE, np.zeros((3, len(FEATURES))), readings, readings)
    np.testing.assert_allclose(scores["contradicts"], [0.8, 0.2, 0.3], atol=1e-5)
    boosted = [1 / (1 + np.exp(-odds(chance) - 0.5)) for chance in (0.05, 0.3, 0.05)]
    np.testing.assert_allclose(scores["corroborates"], boosted, atol=1e-5)


def test_a_decision_without_weights_takes_the_mean_of_both_readings():
    forward = np.array([[0.6, 0.3, 0.1]], dtype=np.float32)
    backward = np.array([[0.2, 0.3, 0.5]], dtype=np.float32)
    scores = Decision().scores([(0, 1, 1)], np.zeros((1, len(FEATURES))), forward, backward)
    assert (scores["contradicts"][0], scores["corroborates"][0]) == pytest.approx((0.3, 0.4))


def test_linear_takes_weights_by_name_and_missing_ones_as_zero():
    features = np.zeros((2, len(TOGETHER)))
    features[1, TOGETHER.index("allied")] = 3.0
    chances = linear(features, TOGETHER, {"allied": 1.0, "intercept": -1.0})
    np.testing.assert_allclose(chances, [1 / (1 + np.e), 1 / (1 + np.exp(-2))])


def test_feature_names_are_unique():
    assert len(set(TOGETHER)) == len(TOGETHER) == len(ALONE) + len(NEIGHBOURS)


def test_a_decision_comes_back_from_its_file(tmp_path):
    decision = Decision(
        {"next": 1.0}, ALONE_WEIGHTS, TOGETHER_WEIGHTS, {"gate": 0.1, "contradicts": 0.4, "corroborates": 0.3}
    )
    (tmp_path / NAME).write_text(json.dumps({**decision.to_dict(), "record": {}}))
    assert Decision.load(tmp_path) == decision


def test_a_checkpoint_without_one_has_the_plain_decision(tmp_path):
    assert Decision.load(tmp_path) == Decision()


@pytest.mark.parametrize("name", ["gate", "alone", "together", "thresholds"])
def test_a_file_that_lacks_a_part_is_named(tmp_path, name):
    value = Decision({"next": 1.0}, ALONE_WEIGHTS, TOGETHER_WEIGHTS).to_dict()
    del value[name]
    (tmp_path / NAME).write_text(json.dumps(value))
    with pytest.raises(ModelError, match=rf"relations\.json is not a decision: '{name}'"):
        Decision.load(tmp_path)


def test_some_thresholds_can_be_changed():
    changed = Decision({}, ALONE_WEIGHTS, TOGETHER_WEIGHTS).with_thresholds({"contradicts": 0.9})
    assert changed.thresholds == {"gate": 0.5, "contradicts": 0.9, "corroborates": 0.5}
    assert changed.alone == ALONE_WEIGHTS
    with pytest.raises(InputError, match="threshold of 'contradicts' is 1.5"):
        changed.with_thresholds({"contradicts": 1.5})


def test_loose_pairs_have_weights_and_thresholds_of_their_own():
    decision = Decision(
        alone={name: {} for name in (*LABELS, *(f"{label}_loose" for label in LABELS))},
        together={
            **{label: {"contradiction": 1.0} for label in LABELS},
            **{f"{label}_loose": {"intercept": -3.0} for label in LABELS},
        },
        thresholds={"contradicts": 0.4, "corroborates": 0.3, "contradicts_loose": 0.7},
    )
    surface = np.zeros((2, len(FEATURES)))
    surface[1, FEATURES.index("loose")] = 1
    reading = np.array([[0.1, 0.1, 0.8]] * 2, dtype=np.float32)
    scores = decision.scores([(0, 1, 1), (0, 2, None)], surface, reading, reading)
    assert scores["contradicts"].round(3).tolist() == [0.8, round(float(1 / (1 + np.exp(3))), 3)]
    assert decision.limits(surface)["contradicts"].tolist() == [0.4, 0.7]
    assert decision.limits(surface)["corroborates"].tolist() == [0.3, 0.3]


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ({"contradicts": 0.9}, {"contradicts": 0.9, "contradicts_loose": 0.9}),
        ({"contradicts": 0.9, "contradicts_loose": 0.8}, {"contradicts": 0.9, "contradicts_loose": 0.8}),
        ({"contradicts_loose": 0.8}, {"contradicts": 0.4, "contradicts_loose": 0.8}),
    ],
)
def test_a_threshold_that_is_given_holds_for_loose_pairs_too(given, after):
    decision = Decision(thresholds={"contradicts": 0.4, "corroborates": 0.3, "contradicts_loose": 0.7})
    assert decision.with_thresholds(given).thresholds == {"corroborates": 0.3, **after}


@pytest.mark.parametrize("given", [0.5, "0.5", [("contradicts", 0.5)]])
def test_thresholds_that_are_no_mapping_are_refused(given):
    with pytest.raises(InputError, match="^thresholds is .*, expected a mapping such as"):
        Decision().with_thresholds(given)
