"""Stance data as NLI examples: the text, or its window nearest to the target, entails what the target claims, or not.

A set is the file ``<set>/<set>.jsonl.gz`` with the fields ``target``, ``text``, ``label`` and ``split``; FNC-1 has the
texts apart, in ``fnc1/bodies.jsonl.gz``. Only rows of the split "train" are read, and none that a benchmark measures:
the sets overlap (ARC holds comments of VAST's test split, FNC-1 headlines of Emergent's).
"""

from __future__ import annotations

import functools
import gzip
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import regex

from claimcheck.pairing import stems
from claimcheck.records import Claim
from claimcheck.statements import frame
from claimcheck.targets import CLAIM, TOPIC, render_target
from claimcheck.windows import cut, nearest

TEMPLATES = {"vast": TOPIC, "semeval16": TOPIC}  # sets whose targets are topics; all others have claims
MEASURED = {
    "vast": ("dev", "test"),
    "perspectrum": ("dev", "test"),
    "emergent_test": ("test",),
    "fnc1": ("test",),
}
NLI_LABELS = {
    **dict.fromkeys(("favor", "pro", "support", "agree", "for"), "entailment"),
    **dict.fromkeys(("none", "neutral", "discuss", "unrelated", "observing"), "neutral"),
    **dict.fromkeys(("against", "con", "oppose", "disagree"), "contradiction"),
}
_WORD = regex.compile(r"\w+")

Row = Mapping[str, Any]


def read_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of the set ``name``, of all its splits, each with its text.

    Raises
    ------
    FileNotFoundError
        If ``folder`` has no such set.
    """
    path = folder / name / f"{name}.jsonl.gz"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} does not exist: --stances takes a folder of <set>/<set>.jsonl.gz files with the fields target, "
            "text, label and split"
        )
    rows = _read(path)
    for row in rows:
        row["target"] = row.get("new_topic", row["target"])  # VAST: the topic as people write it
    bodies = path.with_name("bodies.jsonl.gz")
    if bodies.exists():
        texts = {(b["body_id"], split): b["text"] for b in _read(bodies) for split in b["split"].split("/")}
        for row in rows:
            row["text"] = texts[row["body_id"], row["split"]]
    return rows


def _read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measured_texts(folder: Path) -> frozenset[str]:
    """Return the words of every text that a benchmark measures, of the sets that ``folder`` has."""
    return frozenset(
        _words(row["text"])
        for name, splits in MEASURED.items()
        if (folder / name / f"{name}.jsonl.gz").exists()
        for row in read_rows(folder, name)
        if row["split"] in splits
    )


def is_measured(row: Row, measured: frozenset[str]) -> bool:
    """Return whether a row's text or target is, but for case and marks, one that a benchmark measures."""
    return _words(row["text"]) in measured or _words(row["target"]) in measured


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def read_stances(
    folder: Path,
    name: str,
    rng: random.Random,
    *,
    neutral: float = 1.0,
    framed: float = 0.25,
    strangers: float = 0.0,
    template: str | None = None,
    measured: frozenset[str] = frozenset(),
) -> Iterator[tuple[str, str, str]]:
    """Yield (premise, hypothesis, NLI label) of the training rows of a set.

    Parameters
    ----------
    neutral
        Share of the neutral rows that is kept, at random: three quarters of FNC-1 and ARC are mere other topics.
    framed
        Share of the texts that are shown as said by somebody, the way the claims of a report are read.
    strangers
        Share of the texts that are shown once more, as neutral, with the target of another row that has no stem in
        common with text and target: most sets have no texts that are beside the matter.
    template
        Hypothesis, with ``{}`` for the target; default: that of TEMPLATES, or the target itself.
    measured
        What :func:`measured_texts` returned: rows with such a text or target are left out.

    Raises
    ------
    FileNotFoundError
        If ``folder`` has no such set.
    ValueError
        If the set has no training rows, or a row's label is unknown.
    """
    rows = [row for row in read_rows(folder, name) if row["split"] == "train"]
    if not rows:
        raise ValueError(f"the set {name} has no rows of the split train: it is for measuring")
    template = template or TEMPLATES.get(name, CLAIM)
    split = functools.cache(cut)  # a body of FNC-1 has many headlines
    for row in rows:
        label = NLI_LABELS.get(row["label"].lower())
        if label is None:
            raise ValueError(
                f"the set {name} has the label {row['label']!r}: known are {', '.join(NLI_LABELS)}"
            )
        if (label == "neutral" and rng.random() >= neutral) or is_measured(row, measured):
            continue
        for window in nearest(split(row["text"]), row["target"]):
            if rng.random() < framed:
                window = frame(Claim("", window))
            yield window, render_target(row["target"], template), label
            if rng.random() < strangers:
                other = stems(found := rng.choice(rows)["target"])
                if other and not other & stems(f"{row['text']} {row['target']}"):
                    yield window, render_target(found, template), "neutral"
