"""The stance classifier keeps scikit-learn's contract, and learns."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.utils import estimator_checks, get_tags

from claimcheck.errors import InputError
from claimcheck.stance import TEMPLATES, StanceClassifier


class Words:
    """An NLI model that knows praise and blame by their words."""

    def __init__(self):
        self.pairs = []

    def predict(self, pairs):
        self.pairs += pairs
        found = []
        for text, hypothesis in pairs:
            sign = ("good" in text) - ("awful" in text)
            sign = -sign if hypothesis.endswith("is bad.") else sign
            found.append([[0.1, 0.8, 0.1], [0.9, 0.1, 0.0], [0.0, 0.1, 0.9]][sign])
        return np.array(found)


def examples(n=30):
    """Return texts and targets, and their stances."""
    kinds = [("a good thing: {}", "favor"), ("awful, this {}", "against"), ("{} was built in 1990", "none")]
    X, y = [], []
    for i in range(n):
        text, label = kinds[i % 3]
        target = f"bridge {i}"
        X.append((text.format(target), target))
        y.append(label)
    return X, y


@pytest.fixture
def fitted():
    return StanceClassifier(nli=Words()).fit(*examples())


def test_it_learns_and_predicts_for_new_targets(fitted):
    X = [("how good", "the toll"), ("that is awful", "the toll"), ("there is a toll", "the toll")]
    assert fitted.classes_.tolist() == ["against", "favor", "none"]
    assert fitted.predict(X).tolist() == ["favor", "against", "none"]
    chances = fitted.predict_proba(X)
    assert chances.shape == (3, 3)
    assert chances.sum(axis=1) == pytest.approx(1)
    assert (chances.max(axis=1) > 0.9).all()
    assert fitted.score(X, ["favor", "against", "favor"]) == pytest.approx(2 / 3)


def test_the_model_reads_every_template_once(fitted):
    assert len(fitted.nli_.pairs) == 30 * len(TEMPLATES)
    assert fitted.nli_.pairs[1] == ("a good thing: bridge 0", "bridge 0 is good.")


@pytest.mark.parametrize(
    "as_",
    [list, np.array, lambda X: pd.DataFrame(X, columns=["text", "target"])],
    ids=["list", "array", "frame"],
)
def test_rows_may_be_a_list_an_array_or_a_frame(as_, fitted):
    X, y = examples()
    model = StanceClassifier(nli=Words()).fit(as_(X), np.array(y))
    assert np.array_equal(model.predict_proba(as_(X)), fitted.predict_proba(X))


def test_labels_may_be_numbers():
    X, y = examples()
    codes = [["against", "none", "favor"].index(label) for label in y]
    assert StanceClassifier(nli=Words()).fit(X, codes).predict([("good", "it")]).tolist() == [2]


def test_nothing_in_gives_nothing_out(fitted):
    assert fitted.predict_proba([]).shape == (0, 3)
    assert fitted.predict([]).shape == (0,)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        pytest.param(["good"], ["favor"], "row 0 of X is 'good', expected", id="texts alone"),
        pytest.param([("a", "b"), ("a", 3)], [0, 1], "row 1 of X is", id="a number"),
        pytest.param([("a", "b", "c")], [0], "row 0 of X is", id="three columns"),
        pytest.param("ab", [0, 1], "X is a str", id="a string"),
        pytest.param(None, [0, 1], "X is a NoneType", id="nothing"),
        pytest.param([1, 2], [0, 1], "row 0 of X is 1, expected", id="numbers alone"),
        pytest.param([("a", "b")] * 2, [0], r"X has 2 rows and y the shape \(1,\)", id="too few labels"),
        pytest.param([("a", "b")] * 2, [0, 0], "y holds 1 class", id="one class"),
    ],
)
def test_what_cannot_be_learned_from_is_told(X, y, message):
    with pytest.raises(InputError, match=message):
        StanceClassifier(nli=Words()).fit(X, y)


def test_a_template_needs_a_place_for_the_target():
    with pytest.raises(InputError, match=r"template 'it is good' has no \{\}"):
        StanceClassifier(nli=Words(), templates=["it is good"]).fit(*examples())


def test_braces_in_a_target_are_text():
    model = StanceClassifier(nli=Words()).fit(*examples())
    model.predict([("good", "{0} and {}")])
    assert model.nli_.pairs[-2] == ("good", "{0} and {} is good.")


def test_before_fit_nothing_is_predicted():
    for ask in (StanceClassifier().predict, StanceClassifier().predict_proba):
        with pytest.raises(NotFittedError):
            ask([("a", "b")])


# The checks of check_estimator that do not make arrays of numbers, which the tags decline.
CHECKS = [
    "check_no_attributes_set_in_init",
    "check_get_params_invariance",
    "check_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_parameters_default_constructible",
]


@pytest.mark.parametrize("name", CHECKS)
def test_scikit_learn_checks_pass(name):
    getattr(estimator_checks, name)("StanceClassifier", StanceClassifier())


def test_check_estimator_knows_that_it_takes_no_numbers():
    with pytest.warns(Warning, match="Can't test estimator StanceClassifier which requires input"):
        estimator_checks.check_estimator(StanceClassifier())
    tags = get_tags(StanceClassifier())
    assert (tags.estimator_type, tags.input_tags.string, tags.input_tags.two_d_array) == (
        "classifier",
        True,
        False,
    )


def test_it_works_in_searches_and_cross_validation():
    X, y = examples()
    found = GridSearchCV(StanceClassifier(nli=Words()), {"C": [0.1, 1.0]}, cv=3).fit(X, y)
    assert found.best_score_ == 1.0
    assert cross_val_predict(StanceClassifier(nli=Words()), X, y, cv=3).tolist() == y


def test_a_clone_is_not_fitted(fitted):
    assert clone(fitted).get_params().keys() == {"nli", "templates", "C"}
    assert not hasattr(clone(fitted), "classes_")


def test_a_checkpoint_is_loaded_by_its_folder(nli_folder):
    X, y = examples(6)
    model = StanceClassifier(nli=str(nli_folder)).fit(X, y)
    assert model.predict_proba(X).shape == (6, 3)
    assert model.nli == str(nli_folder)


def test_what_is_no_model_is_told():
    with pytest.raises(InputError, match="^nli is 5, expected a checkpoint"):
        StanceClassifier(nli=5).fit([("a", "b")] * 2, [0, 1])


def test_a_checkpoint_is_loaded_once(nli_folder):
    X, y = [("a good one", "it"), ("a bad one", "it")], ["favor", "against"]
    first, second = (StanceClassifier(nli=nli_folder).fit(X, y) for _ in range(2))
    assert first.nli_ is second.nli_
