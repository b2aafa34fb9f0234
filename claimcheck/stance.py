"""Stance towards a target, as a scikit-learn classifier over an NLI model's readings.

A text is read as the premise of hypotheses about the target ("{} is good."), the templates of zero-shot
classification (Yin et al., EMNLP 2019); what their nine log probabilities say of a stance is learned from examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from claimcheck.errors import InputError
from claimcheck.nli import LABELS, shared
from claimcheck.relations import SupportsPredict, predict_checked

TEMPLATES = ("{}", "{} is good.", "{} is bad.")
_LEAST = 1e-4  # a probability below it says no more


class StanceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Learns where a text stands towards a target.

    ``X`` is of shape (n, 2): the texts and their targets, as rows of two ``str``, an array or a frame. ``y`` holds any
    labels, such as "favor", "against" and "none". Only the logistic regression over the readings is fitted, so that a
    few hundred examples are enough and targets may be new; the NLI model stays as it is. The packaged model is small:
    measure on labels of your own before you count on it.

    Parameters
    ----------
    nli
        An NLI checkpoint (folder or hub name), or an object with ``predict(pairs)``; default: the packaged model.
    templates
        Hypotheses about the target, which stands where ``{}`` does.
    C
        Inverse of the ridge penalty.

    Attributes
    ----------
    classes_
        The labels, sorted.
    n_features_in_
        2.

    Examples
    --------
    >>> class Praise:
    ...     def predict(self, pairs):
    ...         return np.array([[0.9, 0.1, 0.0] if "fine" in text else [0.0, 0.1, 0.9] for text, _ in pairs])
    >>> X = [("a fine plan", "the toll"), ("a bad plan", "the toll"), ("fine by me", "it"), ("no", "it")]
    >>> model = StanceClassifier(nli=Praise()).fit(X, ["favor", "against", "favor", "against"])
    >>> model.predict([("a fine bridge", "the bridge")]).tolist(), model.classes_.tolist()
    (['favor'], ['against', 'favor'])
    """

    def __init__(
        self,
        nli: str | Path | SupportsPredict | None = None,
        *,
        templates: Sequence[str] = TEMPLATES,
        C: float = 1.0,
    ) -> None:
        self.nli = nli
        self.templates = templates
        self.C = C

    def fit(self, X: Any, y: Any) -> StanceClassifier:
        """Learn from texts and targets (n, 2) and their labels (n,); the NLI model reads every template once.

        Raises
        ------
        InputError
            If ``X`` is not (n, 2) of ``str``, ``y`` is of another length or of one class, or a template has no place
            for the target.
        """
        rows = _rows(X)
        check_classification_targets(y)
        labels = np.asarray(y)
        if labels.shape != (len(rows),):
            raise InputError(
                f"X has {len(rows)} rows and y the shape {labels.shape}: expected ({len(rows)},)"
            )
        if len(np.unique(labels)) < 2:
            raise InputError(f"y holds {len(np.unique(labels))} class, expected at least 2")
        for template in self.templates:
            if "{}" not in template:
                raise InputError(f"template {template!r} has no {{}} for the target")
        self.nli_ = shared(self.nli)
        self.model_ = make_pipeline(StandardScaler(), LogisticRegression(C=self.C, max_iter=1000))
        self.model_.fit(self._readings(rows), labels)
        self.classes_ = self.model_.classes_
        self.n_features_in_ = 2
        return self

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Return the probabilities (n, classes) of the labels in ``classes_``.

        Raises
        ------
        InputError
            If ``X`` is not (n, 2) of ``str``.
        """
        check_is_fitted(self)
        rows = _rows(X)
        if not rows:
            return np.zeros((0, len(self.classes_)))
        chances: npt.NDArray[np.float64] = self.model_.predict_proba(self._readings(rows))
        return chances

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Return the likeliest label of each row (n,).

        Raises
        ------
        InputError
            If ``X`` is not (n, 2) of ``str``.
        """
        chances = self.predict_proba(X)  # first, as it looks whether there was a fit
        labels: npt.NDArray[Any] = self.classes_[chances.argmax(axis=1)]
        return labels

    def _readings(self, rows: Sequence[tuple[str, str]]) -> npt.NDArray[np.float64]:
        """Return log probabilities (n, 3 × templates)."""
        pairs = [
            (text, template.replace("{}", target)) for text, target in rows for template in self.templates
        ]
        chances = predict_checked(self.nli_, pairs, {}).astype(np.float64)
        readings: npt.NDArray[np.float64] = np.log(chances.clip(_LEAST))
        return readings.reshape(len(rows), len(self.templates) * len(LABELS))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False  # of numbers
        return tags


def _rows(X: Any) -> list[tuple[str, str]]:
    """Return (text, target) pairs, whatever holds them."""
    given = X.to_numpy().tolist() if hasattr(X, "to_numpy") else X
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(f"X is a {type(given).__name__}, expected rows of (text, target): {given!r:.60}")
    rows = []
    for n, row in enumerate(given):
        values = tuple(row) if isinstance(row, Iterable) and not isinstance(row, str) else (row,)
        if len(values) != 2 or not all(isinstance(value, str) for value in values):
            raise InputError(f"row {n} of X is {row!r:.80}, expected (text, target), two str")
        rows.append((str(values[0]), str(values[1])))
    return rows
