"""Scores of stances, on cases computed by hand."""

import numpy as np
import pytest

from claimcheck.errors import InputError
from claimcheck.evaluation.stances import FNC_LABELS, fnc_score, macro_f1, score_stances

GOLD = ["agree", "agree", "disagree", "discuss", "unrelated", "unrelated"]
PREDICTED = ["agree", "discuss", "agree", "unrelated", "unrelated", "discuss"]


def test_scores():
    scores, confusion = score_stances(
        GOLD, PREDICTED, FNC_LABELS, measures=("fnc_score", "macro_f1", "accuracy"), samples=50
    )
    # agree 1, taken for discuss ¼, disagree taken for agree ¼, discuss missed 0, unrelated ¼, missed 0: of 4½
    assert scores["fnc_score"][0] == pytest.approx(1.75 / 4.5)
    # F1 of agree 2·1/(2+2), of disagree and discuss 0, of unrelated 2·1/(2+2)
    assert scores["macro_f1"][0] == pytest.approx(0.25)
    assert scores["accuracy"][0] == pytest.approx(2 / 6)
    assert confusion == [[1, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 1]]
    for value, low, high in scores.values():
        assert 0 <= low <= value <= high <= 1


def test_perfect_is_one():
    table = np.diag([3, 1, 5, 20])
    assert fnc_score(table) == 1
    assert macro_f1(table) == 1


def test_a_label_that_gold_lacks_does_not_count():
    assert macro_f1(np.array([[3, 1], [0, 0]])) == pytest.approx(6 / 7)


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        ([], [], "0 predictions for 0 gold labels"),
        (["agree"], ["agree", "agree"], "2 predictions for 1 gold labels"),
        (["agree"], ["maybe"], "label 'maybe' is none of agree, disagree"),
    ],
)
def test_refused(gold, predicted, message):
    with pytest.raises(InputError, match=message):
        score_stances(gold, predicted, FNC_LABELS)
