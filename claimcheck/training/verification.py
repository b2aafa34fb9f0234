"""Fit the aggregation of readings: ``python -m claimcheck.training.verification --nli CHECKPOINT --data NLI``.

``NLI`` is a folder of ``<set>/<split>.jsonl.gz`` files with premise, hypothesis and label. In sets of claims and evidence
the evidence that supports or refutes is often one sentence, and the neutral one a whole abstract, so that its length
alone would tell: here evidence is padded with sentences of other rows, or cut, to a length that does not depend on the
label; and every row is taken as it is too, for text that belongs together is read as a whole. Held-out passages with
claims (``--passages``) are taken as they are. Every row counts mirrored too, entailment for contradiction and support for
refutation, so that what one set's refuted claims have in common is not learned. Writes ``verification.json`` into the
checkpoint, with what the weights score in cross-validation by claim.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from claimcheck.aggregation import FEATURES, LABELS, MIRRORED, NAME, Aggregation
from claimcheck.checkpoints import read_json
from claimcheck.errors import InputError
from claimcheck.evaluation.readers import Pair, read_pairs
from claimcheck.nli import LABELS as READINGS
from claimcheck.nli import NLI
from claimcheck.pairing import FloatArray
from claimcheck.segmentation import split_sentences
from claimcheck.training.contrasts import read_contrast_rows, sample_passages
from claimcheck.training.data import write_fitted
from claimcheck.verification import read_evidence

SOURCES = {"vitaminc/test_real": 600, "fever/train_partial": 400, "healthver_abstracts/train": 300}
LENGTHS = (1, 1, 1, 2, 2, 3, 4, 6, 8, 12)  # sentences of an evidence, drawn evenly
STRENGTH = 0.1  # inverse of the ridge penalty
FOLDS = 5


def resize(rows: Sequence[Pair], rng: random.Random) -> list[Pair]:
    """Return the pairs with evidence of a length drawn from LENGTHS, whatever the label.

    Sentences of other rows are put around an evidence that is too short; of a neutral one that is too long a stretch
    is taken. One that supports or refutes is never cut.

    Examples
    --------
    >>> rows = [Pair("It is open. So they say.", "It is shut.", "neutral"), Pair("A dog ran.", "A dog.", "entailment")]
    >>> [len(split_sentences(row.premise)) for row in resize(rows, random.Random(8))]
    [2, 4]
    """
    pool = [span.of(row.premise) for row in rows for span in split_sentences(row.premise)]
    resized = []
    for row in rows:
        own = [span.of(row.premise) for span in split_sentences(row.premise)]
        size = rng.choice(LENGTHS)
        if len(own) > size and row.label == "neutral":
            at = rng.randint(0, len(own) - size)
            own = own[at : at + size]
        around = rng.choices(pool, k=max(0, size - len(own)))
        at = rng.randint(0, len(around))
        resized.append(row._replace(premise=" ".join([*around[:at], *own, *around[at:]])))
    return resized


def read_sources(folder: Path, sources: dict[str, int], seed: int) -> list[Pair]:
    """Return a sample of each source, as it is and resized.

    Raises
    ------
    InputError
        If a label is not one of three.
    """
    rng = random.Random(seed)
    found: list[Pair] = []
    for name, size in sources.items():
        rows = read_pairs(folder / f"{name}.jsonl.gz")
        if unknown := {row.label for row in rows} - set(READINGS):
            raise InputError(f"{name} has the label {min(unknown)!r}, expected {', '.join(READINGS)}")
        chosen = rng.sample(rows, min(size, len(rows)))
        found += [*chosen, *resize(chosen, rng)]
    return found


def mirrored(features: FloatArray, labels: npt.NDArray[np.int64]) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Return features (2n, 8) and labels (2n,): the rows, then the same with both verdicts exchanged.

    >>> mirrored(np.arange(8.0)[None], np.array([0]))[0].tolist()
    [[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], [1.0, 0.0, 3.0, 2.0, 5.0, 4.0, 7.0, 6.0]]
    """
    return np.vstack([features, features[:, MIRRORED]]), np.concatenate([labels, 2 - labels])


def estimator() -> Any:
    """Return the regression; labels count alike, however often each occurs."""
    return make_pipeline(
        StandardScaler(), LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=2000)
    )


def fit(features: FloatArray, labels: npt.NDArray[np.int64]) -> Aggregation:
    """Return the aggregation fitted to features (n, 8) and labels (n,), numbers into LABELS."""
    scaler, model = estimator().fit(*mirrored(features, labels))
    raw = model.coef_ / scaler.scale_
    intercepts = model.intercept_ - raw @ scaler.mean_
    return Aggregation(
        {
            label: {
                **{name: round(float(value), 6) for name, value in zip(FEATURES, row, strict=True)},
                "intercept": round(float(intercept), 6),
            }
            for label, row, intercept in zip(LABELS, raw, intercepts, strict=True)
        }
    )


def crossed(features: FloatArray, labels: npt.NDArray[np.int64], claims: Sequence[str]) -> dict[str, float]:
    """Return what the regression scores on claims that it was not fitted to, and the plain aggregation beside it."""
    numbers = {claim: k for k, claim in enumerate(dict.fromkeys(claims))}
    groups = [numbers[claim] for claim in claims]
    predicted = np.zeros_like(labels)
    for seen, unseen in GroupKFold(min(FOLDS, len(numbers))).split(features, labels, groups):
        predicted[unseen] = fit(features[seen], labels[seen]).decide(features[unseen]).argmax(axis=1)
    plain = Aggregation().decide(features).argmax(axis=1)
    return {
        f"{name}{suffix}": round(float(value), 4)
        for suffix, found in (("", predicted), ("_plain", plain))
        for name, value in (
            ("macro_f1", f1_score(labels, found, average="macro")),
            ("balanced_accuracy", balanced_accuracy_score(labels, found)),
        )
    }


def trained_on(folder: Path, sources: Sequence[str]) -> list[str]:
    """Return which of the sources the checkpoint itself was trained on: its readings of them are surer than of others."""
    if not (folder / "training.json").is_file():
        return []
    said = json.dumps(read_json(folder / "training.json"))
    return [name for name in sources if f'"{name}"' in said]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--nli", type=Path, required=True, help="the NLI checkpoint folder; verification.json goes into it"
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of <set>/<split>.jsonl.gz")
    parser.add_argument(
        "--source", action="append", metavar="SET/SPLIT=ROWS", help=f"default: {SOURCES}; several"
    )
    parser.add_argument("--passages", type=Path, help="passages of evidence with claims: JSONL")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    given = [source.partition("=") for source in args.source or ()]
    sources = {name: int(rows) for name, _, rows in given} or SOURCES
    rows = read_sources(args.data, sources, args.seed)
    public = len(rows)
    if args.passages:
        rows += [
            Pair(*example) for example in sample_passages(read_contrast_rows(args.passages, held_out=True))
        ]
    nli = NLI.from_pretrained(args.nli, dtype="float32")
    claims = [row.hypothesis for row in rows]
    features = np.stack([e.features for e in read_evidence(nli, claims, [row.premise for row in rows])])
    labels = np.array([READINGS.index(row.label) for row in rows])
    record = {
        "sources": sources,
        "passages": len(rows) - public,
        "seed": args.seed,
        "trained_on": trained_on(args.nli, list(sources)),
        "crossed": crossed(features, labels, claims),
    }
    weights = fit(features, labels).weights
    write_fitted(args.nli, NAME, {"weights": weights}, record)


if __name__ == "__main__":
    main()
