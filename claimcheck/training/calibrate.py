"""Calibrate an NLI checkpoint: ``python -m claimcheck.training.calibrate FOLDER --pairs DEV.jsonl.gz``.

Temperature scaling (Guo et al., *On Calibration of Modern Neural Networks*, ICML 2017): all logits are divided by the one
number that makes held-out labels likeliest. It is folded into the classifier's weights, so every library that runs
the checkpoint gives the calibrated probabilities; labels stay as they are. A relation decision that was fitted on the
former probabilities has to be fitted again.
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.torch import save_file
from scipy.optimize import minimize_scalar

from claimcheck.checkpoints import read_json, read_weights, write_hashes
from claimcheck.errors import InputError
from claimcheck.evaluation.readers import read_pairs
from claimcheck.nli import LABELS, NLI

logger = logging.getLogger(__name__)


def best_temperature(probabilities: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]) -> float:
    """Return what to divide logits by so that the ``labels`` (n,) are likeliest.

    ``probabilities`` (n, n_labels) are the present ones. Above 1, the model was too sure of itself.

    Raises
    ------
    InputError
        If there are no rows, or not one label per row.

    Examples
    --------
    >>> always_sure = np.full((4, 2), [0.99, 0.01], dtype=np.float32)
    >>> temperature = best_temperature(always_sure, np.array([0, 0, 0, 1]))
    >>> round(0.99 ** (1 / temperature) / (0.99 ** (1 / temperature) + 0.01 ** (1 / temperature)), 2)
    0.75
    """
    if not len(labels) or probabilities.shape[0] != len(labels):
        raise InputError(
            f"{len(labels)} labels for probabilities of shape {probabilities.shape}, expected one per row"
        )
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-12))

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        chosen = scaled[np.arange(len(labels)), labels]
        return float((np.logaddexp.reduce(scaled, axis=1) - chosen).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def calibrate(folder: Path, pairs: Path, *, limit: int | None = None) -> float:
    """Scale the classifier of the checkpoint in ``folder`` by what suits labelled ``pairs``; returns the temperature.

    Raises
    ------
    InputError
        If the pairs are not labelled three-way.
    """
    rows = read_pairs(pairs, limit=limit)
    if unknown := {row.label for row in rows} - set(LABELS):
        raise InputError(f"{pairs} has the label {min(unknown)!r}, expected {', '.join(LABELS)}")
    nli = NLI.from_pretrained(folder, dtype="float32")
    probabilities = nli.predict([(row.premise, row.hypothesis) for row in rows])
    temperature = best_temperature(probabilities, np.array([LABELS.index(row.label) for row in rows]))
    weights = read_weights(folder)
    for name in ("classifier.weight", "classifier.bias"):
        weights[name] = (weights[name].float() / temperature).to(weights[name].dtype)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    record = {**read_json(folder / "training.json"), "temperature": round(temperature, 4)}
    (folder / "training.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    write_hashes(folder)
    return temperature


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="an NLI checkpoint; its weights are replaced")
    parser.add_argument(
        "--pairs", type=Path, required=True, help="JSON lines with premise, hypothesis and label"
    )
    parser.add_argument("--limit", type=int, help="read at most so many pairs")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logger.info("temperature %.3f", calibrate(args.folder, args.pairs, limit=args.limit))


if __name__ == "__main__":
    main()
