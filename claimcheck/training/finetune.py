"""Fine-tuning on data of one's own: NLI on labelled pairs, attribution on annotated articles.

A part is held out, the loss on it says when to stop, and the weights that did best on it are written, in the same form
as ``models/``: fp16 safetensors, tokenizer, config, ``training.json``, SHA256SUMS, and a model card made from the run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import platform
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import claimcheck
from claimcheck.attribution.attributor import Attributor
from claimcheck.attribution.model import convention_token
from claimcheck.checkpoints import packaged, read_json, verify, write_hashes
from claimcheck.decision import NAME as DECISION
from claimcheck.errors import InputError, ModelError
from claimcheck.evaluation.classification import score_labels
from claimcheck.evaluation.spans import Triple, score_document, score_documents
from claimcheck.nli import LABELS, NLI, label_order
from claimcheck.pair_head import NAME as PAIR_HEAD
from claimcheck.records import Document, spans
from claimcheck.training import attribution, nli
from claimcheck.training.card import write_card
from claimcheck.training.data import encoder_folder
from claimcheck.training.rows import Pair, Parts, hold_out, read_annotated, read_pairs

logger = logging.getLogger(__name__)

MAX_LENGTH = 192  # pieces of a pair, as in the shipped model's training
WRITTEN = (
    "model.safetensors",
    "config.json",
    "training.json",
    "SHA256SUMS",
    "README.md",
    DECISION,
    PAIR_HEAD,
)
Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class FineTuned:
    """What a run has made.

    ``folder`` is the checkpoint. ``before`` and ``after`` are the scores of the base and of the checkpoint on the
    held-out part; they are empty where nothing is held out, and ``before`` where the base is no such model yet.
    ``record`` is that of ``training.json``.
    """

    folder: Path
    before: Mapping[str, float]
    after: Mapping[str, float]
    record: Mapping[str, Any]


def finetune_nli(
    train: Any,
    out: str | Path,
    *,
    dev: Any = None,
    dev_share: float = 0.1,
    base: str | Path = "packaged",
    epochs: int = 3,
    patience: int | None = 3,
    learning_rate: float = 5e-5,
    seed: int = 13,
    overwrite: bool = False,
    loop: Mapping[str, Any] | None = None,
) -> FineTuned:
    """Fine-tune an NLI model on labelled pairs, and write the checkpoint to ``out``.

    A run that is cut off goes on where it was when it is called again.

    Parameters
    ----------
    train
        Rows with ``premise``, ``hypothesis`` and ``label`` (entailment, neutral or contradiction): a Hugging Face
        dataset, a list of dicts, a pandas frame, or the path of a JSONL file. To teach pairs as the checker shows them
        to a model, make them with :func:`claimcheck.statements.render_pair`.
    dev
        Rows of the same form to hold out; rows of ``train`` with a premise of theirs are left out.
    dev_share
        Where there is no ``dev``, the share of ``train`` that is held out. No premise is on both sides. 0 holds nothing
        out: then nothing stops the run, and nothing is measured.
    base
        "packaged", "minilm" (the encoder of the extra ``train``), or the folder of a BERT checkpoint.
    epochs
        At most so many times through the data.
    patience
        The run ends after so many looks at the held-out part, of ten in all, that bring nothing better; None: never.
    overwrite
        Replace a checkpoint in ``out``.
    loop
        Other fields of :class:`claimcheck.training.loop.LoopConfig`, such as ``tokens_per_batch``.

    Raises
    ------
    InputError
        If a row cannot be used, nothing would be left on one side, or there is a checkpoint in ``out``.
    ModelError
        If ``base`` is missing, damaged, or no BERT model.

    Examples
    --------
    >>> made = finetune_nli("mine.jsonl", "my-nli")  # doctest: +SKIP
    >>> checker = claimcheck.load(nli=made.folder)  # doctest: +SKIP
    """
    start = _base(base, "nli")
    if read_json(start / "config.json").get("model_type") != "bert":
        raise ModelError(
            f"{start} holds a {read_json(start / 'config.json').get('model_type')!r} model, expected 'bert': fine-tune others "
            "with the Trainer of transformers, and load what it saves"
        )
    folder = _target(out, start, overwrite)
    given = None if dev is None else read_pairs(dev)
    parts = hold_out(read_pairs(train), given, dev_share, seed, group=lambda pair: pair[0], unit="premise")
    options = {
        "learning_rate": learning_rate,
        "tokens_per_batch": 2048,
        "seed": seed,
        "patience": patience,
        **(loop or {}),
    }
    config = {
        "init": str(base),
        "max_length": MAX_LENGTH,
        "dropout": 0.1,
        "epochs": _positive("epochs", epochs),
        "loop": options,
    }
    record = nli.fit(
        config, parts.train, folder, used={"train": len(parts.train)}, dev=parts.dev, key=_key(config, parts)
    )
    for name in (DECISION, PAIR_HEAD):
        if (start / name).is_file():
            shutil.copy(start / name, folder / name)
    try:
        label_order(read_json(start / "config.json").get("id2label") or {})
        before = _nli_scores(start, parts.dev)
    except ModelError:  # a bare encoder
        before = {}
    sizes = {
        name: {label: sum(row[2] == k for row in rows) for k, label in enumerate(LABELS)}
        for name, rows in (("train", parts.train), ("held out", parts.dev))
    }
    return _finish("nli", folder, start, config, record, parts, sizes, before, _nli_scores(folder, parts.dev))


def finetune_attribution(
    train: Any,
    out: str | Path,
    *,
    dev: Any = None,
    dev_share: float = 0.1,
    base: str | Path = "packaged",
    convention: str = "news",
    epochs: int = 3,
    patience: int | None = 3,
    learning_rate: float = 5e-5,
    seed: int = 13,
    overwrite: bool = False,
    loop: Mapping[str, Any] | None = None,
) -> FineTuned:
    """Fine-tune an attribution model on annotated articles, and write the checkpoint to ``out``.

    A run that is cut off goes on where it was when it is called again.

    Parameters
    ----------
    train
        Articles with ``text`` and ``attributions``, each with ``source``, ``cue`` and ``content`` as lists of
        ``[start, end]``, which is the form of ``Report.to_dict()``: a Hugging Face dataset, a list of dicts, the path of
        a JSONL file, or a folder of JSON files or brat annotations.
    dev
        Articles to hold out; articles of ``train`` with a text of theirs are left out.
    dev_share
        Where there is no ``dev``, the share of articles that is held out. 0 holds nothing out: then nothing stops the
        run, and nothing is measured.
    base
        "packaged", or the folder of an attribution checkpoint.
    convention
        The annotation convention that the model is taught: "news" or "polnear".
    epochs, patience, overwrite, loop
        As in :func:`finetune_nli`.

    Raises
    ------
    InputError
        If an article cannot be used, nothing would be left on one side, or there is a checkpoint in ``out``.
    ModelError
        If ``base`` is missing or damaged.

    Examples
    --------
    >>> made = finetune_attribution("mine.jsonl", "my-model")  # doctest: +SKIP
    >>> checker = claimcheck.load(attribution=made.folder)  # doctest: +SKIP
    """
    convention_token(convention)  # a wrong name is told before the work begins
    start = _base(base, "attribution")
    folder = _target(out, start, overwrite)
    given = None if dev is None else read_annotated(dev)
    parts = hold_out(
        read_annotated(train), given, dev_share, seed, group=lambda article: article["text"], unit="article"
    )
    options = {
        "learning_rate": learning_rate,
        "head_learning_rate": 2 * learning_rate,
        "tokens_per_batch": 1536,
        "seed": seed,
        "patience": patience,
        **(loop or {}),
    }
    config = {
        "weights": str(base),
        "dropout": 0.1,
        "convention": convention,
        "epochs": _positive("epochs", epochs),
        "loop": options,
    }
    held_out = [(convention, parts.dev, 1.0)] if parts.dev else []
    sources = [(convention, parts.train, float(epochs))]
    record = attribution.run(config, sources, folder, dev=held_out, key=_key(config, parts))
    sizes = {
        name: {"articles": len(rows), "attributions": sum(len(row["attributions"]) for row in rows)}
        for name, rows in (("train", parts.train), ("held out", parts.dev))
    }
    before, after = (_attribution_scores(place, convention, parts.dev) for place in (start, folder))
    return _finish("attribution", folder, start, config, record, parts, sizes, before, after)


def _base(base: str | Path, kind: str) -> Path:
    folder = packaged(kind) if base == "packaged" else Path(base)
    if kind == "nli" and base == "minilm":
        return encoder_folder("minilm")
    verify(folder)
    return folder


def _target(out: str | Path, start: Path, overwrite: bool) -> Path:
    folder = Path(out)
    if folder.exists() and folder.resolve() == start.resolve():
        raise InputError(f"{folder} is the base itself: name another folder")
    if (folder / "model.safetensors").exists():
        if not overwrite:
            raise InputError(f"{folder} holds a checkpoint already: name another folder, or overwrite it")
        for name in WRITTEN:
            (folder / name).unlink(missing_ok=True)
    return folder


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise InputError(f"{name} is {value}, expected at least 1")
    return value


def _key(config: Mapping[str, Any], parts: Parts[Any]) -> str:
    """Return a hash of what a run depends on, so that no other run is taken for a part of it."""
    return hashlib.sha256(json.dumps([config, parts.train, parts.dev]).encode()).hexdigest()


def _nli_scores(folder: Path, pairs: list[Pair]) -> Scores:
    if not pairs:
        return {}
    probabilities = NLI.from_pretrained(folder, dtype="float32").predict([(p, h) for p, h, _ in pairs])
    found = score_labels([LABELS[label] for *_, label in pairs], probabilities)
    low, high = found.accuracy_interval
    scores = {"accuracy": found.accuracy, "accuracy_low": low, "accuracy_high": high}
    return {**scores, "macro_f1": found.macro_f1, "ece": found.ece}


def _attribution_scores(folder: Path, convention: str, articles: list[dict[str, Any]]) -> Scores:
    if not articles:
        return {}
    attributor = Attributor.from_pretrained(folder, convention=convention, dtype="float32")
    counts = []
    for article in articles:
        gold = [
            Triple(*(spans(given[role]) for role in ("source", "cue", "content")))
            for given in article["attributions"]
        ]
        found = attributor.attribute(Document(article["id"], article["text"]))
        counts.append(score_document(gold, found, article["text"]))
    return {f"{name}_f1": score.f1 for name, score in score_documents(counts).items()}


def _finish(
    kind: str,
    folder: Path,
    start: Path,
    config: Mapping[str, Any],
    record: dict[str, Any],
    parts: Parts[Any],
    sizes: Mapping[str, Mapping[str, int]],
    before: Scores,
    after: Scores,
) -> FineTuned:
    """Write what stands beside the weights: record, card and hashes; the checkpoint to resume from is removed."""
    record.update(
        base={"folder": start.name, "sha256": verify(start)},
        data={name: dict(counts) for name, counts in sizes.items()},
        held_out={"how": parts.how, "left_out_of_training": parts.left_out},
        before=before,
        after=after,
        versions={
            "claimcheck": claimcheck.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in ("torch", "transformers")},
        },
    )
    record = json.loads(json.dumps(record, default=float))
    (folder / "training.json").write_text(
        json.dumps({"config": config, "record": record}, indent=1), encoding="utf-8"
    )
    write_card(folder, kind, config, record)
    write_hashes(folder)
    (folder / "checkpoint.pt").unlink(missing_ok=True)
    if record.get("best_step") == 0:
        logger.warning(
            "nothing was better on the held-out part than the base: %s holds the base's weights", folder
        )
    return FineTuned(folder, before, after, record)


# the command line -----------------------------------------------------------------------------------------------------


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a run without a config to the parser of a trainer."""
    group = parser.add_argument_group("fine-tuning, without --config")
    group.add_argument("--dev", type=Path, help="held-out data (default: a share of --train)")
    group.add_argument(
        "--dev-share", type=float, default=0.1, help="the share that is held out (default: 0.1)"
    )
    group.add_argument(
        "--base", default="packaged", help="checkpoint folder to start from (default: packaged)"
    )
    group.add_argument("--epochs", type=int, default=3, help="at most so many times through (default: 3)")
    group.add_argument(
        "--patience", type=int, default=3, help="looks without a gain before the end (default: 3)"
    )
    group.add_argument("--learning-rate", type=float, default=5e-5, help="(default: 5e-5)")
    group.add_argument("--seed", type=int, default=13, help="(default: 13)")
    group.add_argument("--overwrite", action="store_true", help="replace a checkpoint in --out")


def from_options(
    finetune: Callable[..., FineTuned], train: Path, args: argparse.Namespace, **more: Any
) -> FineTuned:
    """Run what the command line asks for."""
    names = ("dev", "dev_share", "base", "epochs", "patience", "learning_rate", "seed", "overwrite")
    return finetune(train, args.out, **{name: getattr(args, name) for name in names}, **more)
