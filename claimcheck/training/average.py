"""Average checkpoints of one model: ``python -m claimcheck.training.average FIRST SECOND … --out FOLDER``.

Checkpoints of one run, or of runs that go on from each other, often lie in one basin, where the mean of their weights
does at least as well as each (Wortsman et al., Model soups, ICML 2022). Everything but the weights is the last one's.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from claimcheck.checkpoints import read_json, read_weights
from claimcheck.errors import InputError


def average(folders: Sequence[Path], out: Path) -> None:
    """Write a checkpoint whose weights are the mean of those of ``folders``, in fp16.

    Raises
    ------
    InputError
        If fewer than two folders are given, or their weights differ in name or shape.
    """
    if len(folders) < 2:
        raise InputError(f"{len(folders)} checkpoints given, expected at least two to average")
    states = [read_weights(folder) for folder in folders]
    shapes = [{name: tuple(weight.shape) for name, weight in state.items()} for state in states]
    for folder, shape in zip(folders, shapes, strict=True):
        if shape != shapes[0]:
            raise InputError(f"the weights in {folder} differ in name or shape from those in {folders[0]}")
    mean: dict[str, Tensor] = {
        name: torch.stack([state[name].float() for state in states]).mean(0).half().contiguous()
        for name in states[0]
    }
    out.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        if (folders[-1] / name).exists():
            shutil.copy(folders[-1] / name, out / name)
    save_file(mean, out / "model.safetensors", metadata={"format": "pt"})
    parts = [read_json(folder / "training.json") for folder in folders]
    record = {**parts[-1], "average_of": parts[:-1]}
    (out / "training.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folders", type=Path, nargs="+", help="checkpoint folders, the last one with the final config"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the averaged checkpoint")
    args = parser.parse_args()
    average(args.folders, args.out)


if __name__ == "__main__":
    main()
