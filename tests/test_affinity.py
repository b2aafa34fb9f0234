"""Weighing whether two voices of an article stand on one side."""

import pytest

from claimcheck.affinity import Affinity, Voice, find_voices, noun_counts, pair_features
from claimcheck.errors import ModelError
from claimcheck.records import Attribution, Document, Span, Speaker
from claimcheck.ties import Ties

TEXT = (
    "Vellmar Foods shut its mill. The night porter of the company, Ina Tolk, wept. Finance Minister Odo Brask did "
    "not. A memo of the Treasury said so. He agreed."
)


def said(id: str, source: str) -> Attribution:
    start = TEXT.index(source)
    span = Span(start, start + len(source))
    return Attribution(id, (span,), (), (Span(len(TEXT) - 2, len(TEXT) - 1),), "indirect")


def voices() -> list[Voice]:
    attributions = [
        said("a1", "Vellmar Foods"),
        said("a2", "The night porter of the company, Ina Tolk"),
        said("a3", "Finance Minister Odo Brask"),
        said("a4", "A memo of the Treasury"),
        said("a5", "He"),
    ]
    speakers = [
        Speaker("s1", "Vellmar Foods", "organization", attributions[0].source, ("a1",)),
        Speaker("s2", "Ina Tolk", "person", attributions[1].source, ("a2",)),
        Speaker("s3", "Odo Brask", "person", attributions[2].source, ("a3",)),
    ]
    return find_voices(Ties(Document("d", TEXT), speakers), speakers, attributions)


def features(i: int, j: int) -> dict[str, float]:
    found = voices()
    return pair_features(found, i, j, noun_counts(found))


def test_sources_without_a_speaker_are_voices_and_pronouns_are_not() -> None:
    assert [(v.id, v.unnamed, v.body) for v in voices()] == [
        ("s1", False, True),
        ("s2", False, False),
        ("s3", False, False),
        ("a4", True, False),
    ]


def test_what_is_said_of_a_voice() -> None:
    firm, porter, minister, memo = voices()
    assert {"night", "porter", "company"} <= porter.words
    assert "ina" not in porter.words
    assert porter.domains == {"staff", "company"}
    assert minister.portfolios == {"finance"}
    assert memo.portfolios == {"finance", "treasury"}
    assert porter.before == [0]
    assert firm.before == []


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


def tied() -> list[Voice]:
    """Return the voices with the firm and its porter in one group of ties."""
    found = voices()
    found[1].group = found[0].group
    return found


def test_without_weights_only_ties_join() -> None:
    assert Affinity().group(tied()) == [[0, 1], [2], [3]]


def test_ties_hold_against_the_odds() -> None:
    assert Affinity({"intercept": -7.0}).group(tied()) == [[0, 1], [2], [3]]


def test_sides_are_joined_above_the_threshold_only() -> None:
    weights = {"portfolio": 2.0, "intercept": -1.0}  # log odds 1 for the minister and the memo, else -1
    assert Affinity(weights, 0.5).group(tied()) == [[0, 1], [2, 3]]
    assert Affinity(weights, 1.0).group(tied()) == [[0, 1], [2], [3]]


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [(1.0, [[0, 1, 2, 3]]), (1.5, [[0, 1, 2], [3]]), (2.0, [[0, 1], [2], [3]])],
)
def test_the_link_is_between_the_mean_and_the_highest_odds(
    threshold: float, expected: list[list[int]]
) -> None:
    # the firm comes last before both others: log odds 4 with it, else -4. Firm and porter with the minister:
    # mean 0, highest 4, link 2; those three with the memo: mean -4/3, highest 4, link 4/3
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
