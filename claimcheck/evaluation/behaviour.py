"""A behaviour suite for relations: small items by capability, each with the label of one pair of statements.

After CheckList (Ribeiro et al., ACL 2020): every item shows one thing that a system must do, so that its failures have
a name. An item is a text, checked as a whole, or statements, compared as they are. It measures and is not to be
trained on, nor are thresholds to be chosen by it.

====================  ==================================================================================
accuracy              the pair has the label it should have; a pair that was not found is wrong
false contradictions  of the pairs that are neither: share called contradicting
contradicts recall    of the pairs that contradict: share called contradicting
not found             items of text in which one of the two contents has no attribution of its own
====================  ==================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from claimcheck.errors import InputError
from claimcheck.evaluation.articles import Article, match_attributions
from claimcheck.evaluation.bootstrap import bootstrap_counts
from claimcheck.records import RelationLabel

LABELS: tuple[RelationLabel, ...] = get_args(RelationLabel)


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviourItem:
    """One item: a ``text``, or ``statements`` in the form that ``Checker.compare`` takes.

    ``contents`` are the two statements that ``label`` is about. ``ids`` are theirs in a report on ``statements``; a
    report on ``text`` has to be searched, see :func:`find_pair`.

    Raises
    ------
    InputError
        If a content does not occur exactly once in the text, or the label is unknown.
    """

    id: str
    capability: str
    label: RelationLabel
    contents: tuple[str, str]
    text: str | None = None
    statements: tuple[Mapping[str, Any], ...] = ()
    ids: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if self.label not in LABELS:
            raise InputError(f"item {self.id!r}: label {self.label!r} is not one of {LABELS}")
        for content in self.contents if self.text is not None else ():
            if (times := self.text.count(content) if self.text else 0) != 1:
                raise InputError(f"item {self.id!r}: {content!r} occurs {times} times in the text, not once")

    @property
    def scene(self) -> str:
        """What items share that were made of one text, or around one first statement: they stand or fall together."""
        return self.text if self.text is not None else self.contents[0]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The two statements alone, as "a" and "b", for systems that are given them."""
        if self.ids is None:
            return [{"id": name, "text": text} for name, text in zip("ab", self.contents, strict=True)]
        known = {f"s{n}": row for n, row in enumerate(self.statements, start=1)}
        return [{**known[key], "id": name} for name, key in zip("ab", self.ids, strict=True)]


def read_behaviour(path: Path) -> list[BehaviourItem]:
    """Return the items of a JSONL file.

    A line has ``id``, ``capability``, ``label``, and either ``text`` with the two contents as ``pair``, or
    ``statements`` with the indices of two of them as ``pair``.

    Raises
    ------
    InputError
        If a line is not of that form.
    """
    items = []
    for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            items.append(_item(json.loads(line)))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"{path}:{n}: expected id, capability, label, pair, and text or statements: {error!r}"
            ) from None
    return items


def _item(row: Mapping[str, Any]) -> BehaviourItem:
    common = {name: row[name] for name in ("id", "capability", "label")}
    a, b = row["pair"]
    if "text" in row:
        return BehaviourItem(**common, contents=(a, b), text=row["text"])
    statements = tuple(row["statements"])
    contents = (statements[a]["text"], statements[b]["text"])
    return BehaviourItem(**common, contents=contents, statements=statements, ids=(f"s{a + 1}", f"s{b + 1}"))


def find_pair(item: BehaviourItem, report: Article) -> tuple[str, str] | None:
    """Return the ids of the item's two statements in a report (as a dict), or None if one of them was not found.

    Contents are matched one to one, with word IoU of at least 0.5, as in :mod:`claimcheck.evaluation.articles`.
    """
    if item.ids is not None:
        return item.ids
    text = item.text or ""
    places = {name: text.index(content) for name, content in zip("ab", item.contents, strict=True)}
    gold = [
        {"id": name, "content": [[places[name], places[name] + len(content)]], "source": []}
        for name, content in zip("ab", item.contents, strict=True)
    ]
    to = match_attributions({"text": text, "attributions": gold}, report)
    return (to["a"], to["b"]) if len(to) == len(gold) else None


def pair_label(relations: Iterable[Mapping[str, Any]], pair: tuple[str, str]) -> RelationLabel:
    """Return the label of a pair of ids; a pair that is not listed is neither.

    >>> pair_label([{"a": "s1", "b": "s2", "label": "contradicts"}], ("s2", "s1"))
    'contradicts'
    >>> pair_label([], ("s1", "s2"))
    'neither'
    """
    for relation in relations:
        if {relation["a"], relation["b"]} == set(pair):
            label: RelationLabel = relation["label"]
            return label
    return "neither"


def report_label(item: BehaviourItem, report: Article) -> RelationLabel | None:
    """Return the label that a report (as a dict) gives to the item's pair, or None if it was not found."""
    pair = find_pair(item, report)
    return None if pair is None else pair_label(report["relations"], pair)


@dataclass(frozen=True, slots=True)
class BehaviourScore:
    """Scores with 95% bootstrap intervals over scenes, each as (value, low, high); shares of nothing are 0."""

    n: int
    neither: int
    not_found: int
    accuracy: tuple[float, float, float]
    false_contradictions: tuple[float, float, float]
    contradicts_recall: tuple[float, float, float]


def score_behaviour(
    items: Sequence[BehaviourItem],
    predicted: Sequence[RelationLabel | None],
    *,
    samples: int = 1000,
    seed: int = 0,
) -> BehaviourScore:
    """Score the label given to each item's pair; None is a pair that was not found.

    Raises
    ------
    InputError
        If there are no items, or not one prediction for each.
    """
    if not items or len(items) != len(predicted):
        raise InputError(
            f"{len(predicted)} predictions for {len(items)} items: expected one for each of at least one"
        )
    scenes: dict[str, NDArray[np.int64]] = {}
    for item, label in zip(items, predicted, strict=True):
        called = label == "contradicts"
        neither, contradicts = item.label == "neither", item.label == "contradicts"
        counted = (label == item.label, 1, called and neither, neither, called and contradicts, contradicts)
        scenes[item.scene] = scenes.get(item.scene, np.zeros(6, dtype=np.int64)) + np.array(counted)
    counts = np.stack(list(scenes.values()))

    def share(column: int) -> tuple[float, float, float]:
        def statistic(sums: NDArray[Any]) -> float:
            return float(sums[column] / max(sums[column + 1], 1))

        low, high = bootstrap_counts(counts, statistic, samples=samples, seed=seed)
        return statistic(counts.sum(axis=0)), low, high

    return BehaviourScore(
        n=len(items),
        neither=int(counts[:, 3].sum()),
        not_found=sum(label is None for label in predicted),
        accuracy=share(0),
        false_contradictions=share(2),
        contradicts_recall=share(4),
    )
