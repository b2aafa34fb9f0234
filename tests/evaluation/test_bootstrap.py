import numpy as np
import pytest

from claimcheck.errors import InputError
from claimcheck.evaluation.bootstrap import bootstrap, bootstrap_counts


def mean(values):
    return sum(values) / len(values)


def test_the_interval_of_a_mean_is_that_of_the_normal_approximation():
    values = [1.0] * 60 + [0.0] * 40
    low, high = bootstrap(values, mean, samples=2000, seed=3)
    spread = 1.96 * (0.6 * 0.4 / 100) ** 0.5
    assert low == pytest.approx(0.6 - spread, abs=0.015)
    assert high == pytest.approx(0.6 + spread, abs=0.015)


def test_a_lower_confidence_gives_a_narrower_interval():
    values = list(range(50))
    low, high = bootstrap(values, mean, confidence=0.5)
    wide_low, wide_high = bootstrap(values, mean, confidence=0.99)
    assert wide_low < low < 24.5 < high < wide_high


def test_one_item_has_no_spread():
    assert bootstrap([7.0], mean, samples=20) == (7.0, 7.0)


def test_the_seed_decides():
    values = list(np.random.default_rng(0).normal(size=30))
    assert bootstrap(values, mean, seed=1) == bootstrap(values, mean, seed=1)
    assert bootstrap(values, mean, seed=1) != bootstrap(values, mean, seed=2)


def test_counts_agree_with_items():
    counts = np.array([(2, 1), (0, 3), (5, 1), (1, 1)])
    by_items = bootstrap(
        list(counts), lambda rows: float(sum(r[0] for r in rows) / sum(r.sum() for r in rows))
    )
    by_counts = bootstrap_counts(counts, lambda sums: float(sums[0] / sums.sum()))
    assert by_counts == pytest.approx(by_items)


@pytest.mark.parametrize(
    ("items", "options", "message"),
    [
        pytest.param([], {}, "got 0 items", id="no items"),
        pytest.param([1.0], {"samples": 0}, "samples=0", id="no samples"),
        pytest.param([1.0], {"confidence": 95}, "confidence=95 must lie between 0 and 1", id="a percentage"),
    ],
)
def test_errors_name_the_value(items, options, message):
    with pytest.raises(InputError, match=message):
        bootstrap(items, mean, **options)
