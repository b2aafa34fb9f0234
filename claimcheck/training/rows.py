"""What users train on: rows from a Hugging Face dataset, a frame, a list or a file, checked, and a part held out."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from claimcheck.errors import InputError
from claimcheck.evaluation.spans import ROLES
from claimcheck.nli import LABELS
from claimcheck.records import spans
from claimcheck.training.data import read_articles

Pair = tuple[str, str, int]
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Parts(Generic[Row]):
    """Rows to train on, rows held out, in words how these were chosen, and how many rows were left out of training."""

    train: list[Row]
    dev: list[Row]
    how: str
    left_out: int = 0


def read_rows(data: Any) -> list[dict[str, Any]]:
    """Return the rows of a JSONL file (also gzipped), a frame, a Hugging Face dataset, or any iterable of mappings.

    Raises
    ------
    InputError
        If a line or a row is no mapping.

    Examples
    --------
    >>> read_rows([{"premise": "It leaks.", "hypothesis": "It holds.", "label": "contradiction"}])[0]["label"]
    'contradiction'
    """
    if isinstance(data, str | Path):
        path = Path(data)
        opener = gzip.open if path.suffix == ".gz" else open
        try:
            with opener(path, "rt", encoding="utf-8") as lines:
                return [_line(line, f"{path}: line {n}") for n, line in enumerate(lines, 1) if line.strip()]
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: not UTF-8: {error}") from None
    if hasattr(data, "to_dict") and hasattr(data, "columns"):  # a pandas frame
        data = data.to_dict("records")
    rows = []
    for n, row in enumerate(data):
        if not isinstance(row, Mapping):
            hint = ": choose a split of it" if isinstance(data, Mapping) else ""
            raise InputError(f"row {n} is a {type(row).__name__}, expected a mapping of column names{hint}")
        rows.append(dict(row))
    return rows


def _line(line: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise InputError(f"{where}: expected an object, not {line.strip():.40}")
    return value


def read_pairs(data: Any) -> list[Pair]:
    """Return (premise, hypothesis, number of the label) of rows with ``premise``, ``hypothesis`` and ``label``.

    Labels are the names in LABELS, or numbers of a Hugging Face ``ClassLabel`` with such names, where -1 (no label) is
    passed over.

    Raises
    ------
    InputError
        If a column is missing, a text is no ``str``, or a label is none of the three.

    Examples
    --------
    >>> read_pairs([{"premise": "It leaks.", "hypothesis": "It holds.", "label": "contradiction"}])
    [('It leaks.', 'It holds.', 2)]
    """
    feature = (getattr(data, "features", None) or {}).get("label")
    names = getattr(feature, "names", None)
    pairs = []
    for n, row in enumerate(read_rows(data)):
        missing = [name for name in ("premise", "hypothesis", "label") if name not in row]
        if missing:
            raise InputError(
                f"row {n} has no {missing[0]!r} but {', '.join(map(repr, row))}: rename the columns to premise, hypothesis "
                "and label"
            )
        for name in ("premise", "hypothesis"):
            if not isinstance(row[name], str):
                raise InputError(f"row {n}: {name} is {row[name]!r:.60}, expected str")
        label = row["label"]
        if names and isinstance(label, int):
            if label == -1:
                continue
            label = names[label]
        if label not in LABELS:
            raise InputError(f"row {n}: label is {label!r:.60}, expected one of {', '.join(LABELS)}")
        pairs.append((row["premise"], row["hypothesis"], LABELS.index(label)))
    if not pairs:
        raise InputError("there are no rows: expected premise, hypothesis and label in each")
    return pairs


def read_annotated(data: Any) -> list[dict[str, Any]]:
    """Return annotated articles: ``text``, and ``attributions`` with ``source``, ``cue`` and ``content`` spans.

    ``data`` may be a folder too, of JSON files or of brat annotations. A missing ``source`` or ``cue`` is an empty one.

    Raises
    ------
    InputError
        If a text or a span is missing, or a span lies outside its text.

    Examples
    --------
    >>> said = {"source": [[0, 4]], "cue": [[5, 9]], "content": [[10, 19]]}
    >>> len(read_annotated([{"text": "Holm said it leaked.", "attributions": [said]}]))
    1
    """
    folder = isinstance(data, str | Path) and Path(data).is_dir()
    rows = read_articles(Path(data)) if folder else read_rows(data)
    articles = []
    for n, row in enumerate(rows):
        who = f"article {n}" + (f" ({row['id']!r})" if row.get("id") else "")
        text, attributions = row.get("text"), row.get("attributions")
        if not isinstance(text, str) or not isinstance(attributions, Sequence):
            raise InputError(f"{who}: expected a text and a list of attributions in it")
        checked = [_roles(given, text, f"{who}, attribution {k}") for k, given in enumerate(attributions)]
        articles.append({"id": str(row.get("id") or n), "text": text, "attributions": checked})
    if not articles:
        raise InputError("there are no articles: expected text and attributions in each")
    return articles


def _roles(given: Any, text: str, who: str) -> dict[str, list[list[int]]]:
    try:
        found = {role: spans(given.get(role) or ()) for role in ROLES}
    except (AttributeError, TypeError, InputError) as error:
        raise InputError(
            f"{who}: expected source, cue and content as lists of [start, end]: {error}"
        ) from None
    if not found["content"]:
        raise InputError(f"{who}: no content: expected at least one [start, end]")
    for role, places in found.items():
        for span in places:
            if span.end > len(text):
                raise InputError(
                    f"{who}: {role} [{span.start}, {span.end}] exceeds a text of {len(text)} characters"
                )
    return {role: [[span.start, span.end] for span in places] for role, places in found.items()}


def hold_out(
    rows: Sequence[Row],
    dev: Sequence[Row] | None,
    share: float,
    seed: int,
    *,
    group: Callable[[Row], Hashable],
    unit: str,
) -> Parts[Row]:
    """Hold out ``dev``, or else a share of the rows; no group is on both sides.

    Parameters
    ----------
    group
        What rows that belong together share: a premise, or the text of an article.
    unit
        What a group is called in messages.

    Raises
    ------
    InputError
        If the share is not at least 0 and below 1, or nothing is left on one side.

    Examples
    --------
    >>> parts = hold_out(["a1", "a2", "b1", "c1"], None, 0.25, 0, group=lambda row: row[0], unit="letter")
    >>> parts.train, parts.dev
    (['b1', 'c1'], ['a1', 'a2'])
    """
    if dev is not None:
        seen = {group(row) for row in dev}
        kept = [row for row in rows if group(row) not in seen]
        if not kept or not dev:
            raise InputError(f"of {len(rows)} rows to train on, {len(kept)} have a {unit} that is not in dev")
        return Parts(kept, list(dev), "given", len(rows) - len(kept))
    if not 0 <= share < 1:
        raise InputError(f"dev_share is {share}, expected at least 0 and less than 1")
    if share == 0:
        return Parts(list(rows), [], "nothing is held out")
    groups: dict[Hashable, list[int]] = {}
    for k, row in enumerate(rows):
        groups.setdefault(group(row), []).append(k)
    if len(groups) < 2:
        raise InputError(f"one {unit} cannot be parted: give dev=, or dev_share=0 to hold nothing out")
    order = list(groups.values())
    random.Random(seed).shuffle(order)
    chosen: set[int] = set()
    for members in order[:-1]:
        chosen.update(members)
        if len(chosen) >= share * len(rows):
            break
    return Parts(
        [row for k, row in enumerate(rows) if k not in chosen],
        [row for k, row in enumerate(rows) if k in chosen],
        f"a share of {share:g}, parted by {unit} with seed {seed}",
    )
