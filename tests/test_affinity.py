"""Weighing whether two voices of an article stand on one side."""

import pytest
from marked import voices, voices_of

from claimcheck.affinity import Affinity, noun_counts, pair_features
from claimcheck.errors import ModelError
from claimcheck.voices import Voice


def features(i: int, j: int) -> dict[str, float]:
    found = voices()
    return pair_features(found, i, j, noun_counts(found))


def test_features_of_a_pair() -> None:
    together, apart = features(2, 3), features(1, 3)
    assert together["portfolio"] == together["one_government"] == together["unnamed"] == 1
    assert "government government" in together
    assert "portfolio" not in apart
    assert "government staff" in apart
    assert features(0, 1)["recent"] == 1


@pytest.mark.parametrize(("i", "j"), [(0, 1), (0, 2), (1, 3), (2, 3)])
def test_features_do_not_depend_on_the_order(i: int, j: int) -> None:
    assert features(i, j) == features(j, i)


def pair(marked: str) -> dict[str, float]:
    """Return the features of the first two voices of a marked text."""
    found = voices_of(marked)
    return pair_features(found, 0, 1, noun_counts(found))


HINTS = {
    "speaks-of": ("[Vellmar Foods] said {no}. [Ina Tolk] said {Vellmar Foods lied}.", "speaks_of"),
    "opponent": ("[Ina Tolk] said {no}. [Her rival, Odo Brask], said {yes}.", "opponent"),
    "opponent-by-name": ("[Ina Tolk] said {no}. [Odo Brask, Tolk's critic], said {yes}.", "owners_opponent"),
    "colleague": ("[Ina Tolk] said {no}. [Her deputy, Odo Brask], said {so}.", "colleague"),
    "against": ("[Ina Tolk] said {no}. But [Odo Brask] said {yes}.", "turn against"),
    "along": ("[Ina Tolk] said {no}. Likewise, [Odo Brask] said {so}.", "turn along"),
    "next": ("[Ina Tolk] said {no}.\n\n[Odo Brask] said {so}.", "turn next"),
    "we": ('[Vellmar Foods] said {no}. [Ina Tolk] said "{we are late}".', "we_recent"),
    "of-one-walk-of-life": ("[The Carters' Union] said {no}. [Ina Tolk, a steward], said {yes}.", "fitting"),
    "counsel": (
        "[Odo Brask KC, for Lorn Ferries], said {no}. [Ina Tolk KC, for Ossery Steel], said {yes}.",
        "counsels_apart",
    ),
}


@pytest.mark.parametrize(("marked", "feature"), HINTS.values(), ids=HINTS.keys())
def test_hints(marked: str, feature: str) -> None:
    assert pair(marked).get(feature) == 1


def test_hints_that_a_text_does_not_give() -> None:
    found = pair("[Ina Tolk] said {no}.\n\n[Odo Brask] said {yes}.")
    assert not {feature for _, feature in HINTS.values()} - {"turn next"} & found.keys()


def tied() -> list[Voice]:
    """Return the voices with the firm and its porter in one group of ties."""
    found = voices()
    found[1].group, found[1].outright = found[0].group, found[0].outright
    return found


def test_without_weights_only_ties_join() -> None:
    assert Affinity().group(tied()) == [[0, 1], [2], [3]]


def test_a_guess_is_weighed() -> None:
    found = voices()
    found[1].group = found[0].group  # not outright
    assert Affinity().group(found) == [[0, 1], [2], [3]]
    assert Affinity({"intercept": -1.0}).group(found) == [[0], [1], [2], [3]]
    assert Affinity({"intercept": -1.0, "group": 2.0}).group(found) == [[0, 1], [2], [3]]


def test_opposite_poles_stay_apart() -> None:
    found = voices()
    found[1].pole, found[2].pole = "Yes", "No"
    everybody = Affinity({"intercept": 2.0, "recent": 1.0})  # the porter is likelier with the firm
    assert everybody.group(found) == [[0, 1, 3], [2]]


def test_odds_can_be_given() -> None:
    odds = dict.fromkeys(Affinity().all_odds(voices()), -1.0) | {(1, 3): 2.0}
    assert Affinity({"intercept": -7.0}).group(voices(), odds) == [[0], [1, 3], [2]]


def test_ties_hold_against_the_odds() -> None:
    assert Affinity({"intercept": -7.0}).group(tied()) == [[0, 1], [2], [3]]


def test_sides_are_joined_above_the_threshold_only() -> None:
    weights = {"portfolio": 2.0, "intercept": -1.0}  # log odds 1 for the minister and the memo, else -1
    assert Affinity(weights, 0.5).group(tied()) == [[0, 1], [2, 3]]
    assert Affinity(weights, 1.0).group(tied()) == [[0, 1], [2], [3]]


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [(-0.5, [[0, 1, 2, 3]]), (0.5, [[0, 1, 2], [3]]), (1.0, [[0, 1], [2], [3]])],
)
def test_the_link_is_between_the_mean_and_the_highest_odds(
    threshold: float, expected: list[list[int]]
) -> None:
    # the firm comes last before both others: log odds 4 with it, else -4. Firm and porter with the minister:
    # mean 0, highest 4, link 0.75 * 0 + 0.25 * 4 = 1; those three with the memo: mean -4/3, highest 4, link 0
    assert Affinity({"recent": 8.0, "intercept": -4.0}, threshold).group(tied()) == expected


def test_log_odds_are_limited() -> None:
    assert Affinity({"intercept": 99.0}).odds({}) == 7.0
    assert Affinity({"x": -99.0}).odds({"x": 1.0}) == -7.0


def test_a_folder_without_weights_gives_none(tmp_path) -> None:
    assert Affinity.load(tmp_path) == Affinity()


@pytest.mark.parametrize(
    "content",
    ['{"weights": {}}', '{"weights": [1], "threshold": 0}', '{"weights": {"x": "y"}, "threshold": 0}'],
)
def test_damaged_weights_are_refused(tmp_path, content: str) -> None:
    (tmp_path / "parties.json").write_text(content)
    with pytest.raises(ModelError, match=r"parties\.json does not hold weights and a threshold"):
        Affinity.load(tmp_path)
