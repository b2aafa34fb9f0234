"""Train the NLI cross-encoder: ``python -m claimcheck.training.nli --config CONFIG.toml --data FOLDER --out FOLDER``.

Without a config the shipped model is fine-tuned on labelled pairs (JSONL with ``premise``, ``hypothesis`` and ``label``),
see :func:`claimcheck.training.finetune_nli`: ``python -m claimcheck.training.nli --train mine.jsonl --out my-nli``.

The model is a BERT encoder with a three-way head over ``[CLS] premise [SEP] hypothesis [SEP]``. Two-way sources
(``not_entailment``) train it through ``-log(p(neutral) + p(contradiction))``. Pairs of attributed statements
(``--articles``, ``--pairs``) are shown to it as :mod:`claimcheck.statements` frames them, in random direction. Texts
with a stance towards a target (``--stances``) are premises of what the target claims (:mod:`claimcheck.training.stances`).
Statements that stand alone and passages of evidence come in contrast sets (``--contrasts``, ``--passages``;
:mod:`claimcheck.training.contrasts`). Negations, exchanged words (``--lexicon``) and claims with the evidence of others are
made of the public pairs by rule (:mod:`claimcheck.training.augmentation`).
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import random
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging as transformers_logging

from claimcheck.checkpoints import packaged, read_json
from claimcheck.errors import ModelError
from claimcheck.nli import LABELS, label_order
from claimcheck.training.augmentation import (
    read_lexicon,
    sample_exchanges,
    sample_negations,
    sample_other_evidence,
    verb_bases,
)
from claimcheck.training.contrasts import read_contrast_rows, sample_contrasts, sample_passages, voices_of
from claimcheck.training.data import encoder_folder, read_training_articles
from claimcheck.training.loop import LoopConfig, mean_loss, plan_batches, train
from claimcheck.training.stances import measured_texts, read_stances
from claimcheck.training.statements import article_pairs, sample_examples, stranger_pairs, written_pairs

logger = logging.getLogger(__name__)

NEUTRAL, NOT_ENTAILMENT = LABELS.index("neutral"), len(LABELS)
MADE = ("negations", "exchanges", "other_evidence")  # kinds of examples made by rule of labelled pairs


def read_public(source: str, data: Path) -> Iterator[tuple[str, str, int]]:
    """Yield (premise, hypothesis, label) of ``<set>/<split>`` under ``data``, or of ``hub:<name>:<split>``."""
    if source.startswith("hub:"):
        from datasets import load_dataset

        name, split = source.removeprefix("hub:").split(":")
        dataset = load_dataset(name, split=split)
        names = dataset.features["label"].names
        for row in dataset:
            if row["label"] >= 0:
                yield row["premise"], row["hypothesis"], _label(names[row["label"]])
        return
    path = data / f"{source}.jsonl.gz"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} does not exist: --data takes a folder of <set>/<split>.jsonl.gz files with the fields premise, "
            f"hypothesis and label; or name the source as hub:<dataset>:<split>"
        )
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["premise"], row["hypothesis"], _label(row["label"])


def _label(name: str) -> int:
    return NOT_ENTAILMENT if name == "not_entailment" else LABELS.index(name)


def _numbered(rows: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, int]]:
    """Return examples with the number of each label in LABELS."""
    return [(premise, hypothesis, LABELS.index(label)) for premise, hypothesis, label in rows]


def repeat_examples(rows: Sequence[Any], times: float, rng: random.Random) -> list[Any]:
    """Return ``rows`` ``times`` over; the fractional part is a random sample without replacement."""
    whole = int(times)
    return [*rows] * whole + rng.sample([*rows], round((times - whole) * len(rows)))


def nli_loss(model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
    """Cross entropy over three labels; a two-way ``not_entailment`` counts both others."""
    labels = batch["labels"]
    inputs = {name: value for name, value in batch.items() if name != "labels"}
    log_p = torch.log_softmax(model(**inputs).logits.float(), dim=-1)
    other = torch.logsumexp(log_p[:, 1:], dim=-1)
    picked = log_p.gather(1, labels.clamp(max=NOT_ENTAILMENT - 1)[:, None])[:, 0]
    return -torch.where(labels == NOT_ENTAILMENT, other, picked).mean()


def read_statements(
    config: Mapping[str, Any], articles: Sequence[Path], pairs: Sequence[Path], rng: random.Random
) -> list[tuple[str, str, int]]:
    """Return the examples made of annotated articles and of hand-written pair files, held-out ones left out."""
    read = read_training_articles(articles, config)
    found = [pair for article in read for pair in article_pairs(article)]
    for path in pairs:
        found += written_pairs(path, frozenset(config.get("held_out", [])))
    if not found:
        raise ValueError("the config asks for statements: give --articles, --pairs or both")
    everything = {"close": 1.0, "apart": 1.0}
    sampled: list[tuple[str, str, str]] = []
    for _ in range(config["repeat"]):
        sampled += sample_examples(found, config["neither"], rng)
        strangers = stranger_pairs(read, config.get("strangers", 0), rng)
        sampled += sample_examples(strangers, everything, rng)
    return _numbered(sampled)


def sample_stances(
    config: Mapping[str, Mapping[str, Any]], folder: Path, rng: random.Random
) -> Iterator[tuple[str, list[tuple[str, str, int]]]]:
    """Yield each set of the config's ``stances`` with the examples chosen from it, none of which is measured on.

    A set has ``repeat``, and may have ``neutral``, ``framed``, ``strangers`` and ``template``, as
    :func:`claimcheck.training.stances.read_stances` takes them.
    """
    measured = measured_texts(folder)
    for name, options in config.items():
        how = {key: value for key, value in options.items() if key != "repeat"}
        found = read_stances(folder, name, rng, measured=measured, **how)
        yield name, repeat_examples(_numbered(found), options["repeat"], rng)


def read_contrasts(
    config: Mapping[str, Any], path: Path | None, articles: Sequence[Path], rng: random.Random
) -> list[tuple[str, str, int]]:
    """Return the examples made of a file of contrast sets, whose statements are put into the mouths of the articles' speakers."""
    voices = voices_of(read_training_articles(articles, config.get("statements", {})))
    if path is None or not voices:
        raise ValueError("the config asks for contrasts: give --contrasts, and --articles for their speakers")
    rows = read_contrast_rows(path, held_out=False)
    sampled = (
        example
        for _ in range(config["contrasts"]["repeat"])
        for example in sample_contrasts(rows, voices, rng)
    )
    return _numbered(sampled)


def read_passages(config: Mapping[str, Any], path: Path | None) -> list[tuple[str, str, int]]:
    """Return the examples made of a file of evidence passages."""
    if path is None:
        raise ValueError("the config asks for passages: give --passages")
    repeat: int = config["passages"]["repeat"]
    return _numbered(sample_passages(read_contrast_rows(path, held_out=False))) * repeat


def augment(
    config: Mapping[str, Any], data: Path, lexicon: Path | None, rng: random.Random
) -> Iterator[tuple[str, list[tuple[str, str, int]]]]:
    """Yield each kind of examples made by rule that the config asks for, with at most as many as it says of each source."""
    makers: dict[str, Callable[[Sequence[tuple[str, str, str]]], Iterator[tuple[str, str, str]]]] = {
        "other_evidence": lambda rows: sample_other_evidence(rows, rng)
    }
    if lexicon is not None:
        words = read_lexicon(lexicon)
        bases = verb_bases(words)
        makers["negations"] = lambda rows: sample_negations(rows, bases, rng)
        makers["exchanges"] = lambda rows: sample_exchanges(
            (text for row in rows for text in row[:2]), words, rng
        )
    for kind in MADE:
        if kind not in config:
            continue
        if kind not in makers:
            raise ValueError(f"the config asks for {kind}: give --lexicon")
        made: list[tuple[str, str, str]] = []
        for source, most in config[kind].items():
            rows = [
                (premise, hypothesis, LABELS[label])
                for premise, hypothesis, label in read_public(source, data)
                if label != NOT_ENTAILMENT
            ]
            rng.shuffle(rows)
            made += islice(makers[kind](rows), most)
        yield kind, _numbered(made)


def run(
    config: Mapping[str, Any],
    out: Path,
    *,
    data: Path | None = None,
    articles: Sequence[Path] = (),
    pairs: Sequence[Path] = (),
    stances: Path | None = None,
    contrasts: Path | None = None,
    passages: Path | None = None,
    lexicon: Path | None = None,
) -> dict[str, Any]:
    """Train as ``config`` says and write the checkpoint to ``out``; returns the training record.

    Parameters
    ----------
    data
        Folder of ``<set>/<split>.jsonl.gz`` files, for the config's ``sources``.
    articles, pairs
        Annotated articles (folders or JSONL files) and hand-written pairs (JSONL files), for its ``statements``.
    stances
        Folder of ``<set>/<set>.jsonl.gz`` files, for its ``stances``.
    contrasts, passages
        JSONL files of contrast sets and of evidence passages, for its ``contrasts`` and ``passages``.
    lexicon
        JSON file of words that can be exchanged, for its ``negations`` and ``exchanges``; these and ``other_evidence`` are
        made of ``data``.
    """
    rng = random.Random(LoopConfig(**config.get("loop", {})).seed)
    examples: list[tuple[str, str, int]] = []
    used: dict[str, int] = {}
    for source, options in config.get("sources", {}).items():
        if data is None:
            raise ValueError(f"the config names the source {source}: give --data")
        rows = [row for row in read_public(source, data) if options.get("neutral", True) or row[2] != NEUTRAL]
        chosen = repeat_examples(rows, options["repeat"], rng)
        used[source] = len(chosen)
        examples += chosen
    if config.get("stances"):
        if stances is None:
            raise ValueError(f"the config names the stances {', '.join(config['stances'])}: give --stances")
        for name, chosen in sample_stances(config["stances"], stances, rng):
            used[f"stances/{name}"] = len(chosen)
            examples += chosen
    if any(kind in config for kind in MADE):
        if data is None:
            raise ValueError(f"{', '.join(MADE)} are made of labelled pairs: give --data")
        for name, chosen in augment(config, data, lexicon, rng):
            used[name] = len(chosen)
            examples += chosen
    if "statements" in config:
        chosen = read_statements(config["statements"], articles, pairs, rng)
        used["statements"] = len(chosen)
        examples += chosen
    if "contrasts" in config:
        chosen = read_contrasts(config, contrasts, articles, rng)
        used["contrasts"] = len(chosen)
        examples += chosen
    if "passages" in config:
        chosen = read_passages(config, passages)
        used["passages"] = len(chosen)
        examples += chosen
    logger.info("examples used: %s", used)
    return fit(config, examples, out, used=used)


def fit(
    config: Mapping[str, Any],
    examples: Sequence[tuple[str, str, int]],
    out: Path,
    *,
    used: Mapping[str, int],
    dev: Sequence[tuple[str, str, int]] = (),
    key: str = "",
) -> dict[str, Any]:
    """Train on (premise, hypothesis, label) examples and write the checkpoint to ``out``; returns the training record.

    Parameters
    ----------
    config
        ``init`` (a folder, "minilm" or "packaged"), ``max_length``, and optionally ``dropout``, ``loop``, and
        ``epochs`` (default: once through).
    used
        How many examples are from where, for the record.
    dev
        Held-out examples; the weights with the lowest loss on them are written.
    key
        See :func:`claimcheck.training.loop.train`.
    """
    loop = LoopConfig(**config.get("loop", {}))
    torch.manual_seed(loop.seed)
    start = packaged("nli") if config["init"] == "packaged" else encoder_folder(config["init"])
    model, tokenizer = load_start(start, dropout=config.get("dropout", 0.0))
    if "statements" in config:
        model.config.statement_format = "framed"
    longest = min(config["max_length"], model.config.max_position_embeddings)
    rows = encode_pairs(tokenizer, examples, longest)
    lengths = [len(ids) for ids, _ in rows]
    batches = [
        batch
        for epoch in range(config.get("epochs", 1))
        for batch in plan_batches(lengths, loop.tokens_per_batch, loop.seed + epoch)
    ]
    evaluate = None
    if dev:
        held_out = encode_pairs(tokenizer, dev, longest)
        plan = plan_batches([len(ids) for ids, _ in held_out], loop.tokens_per_batch, loop.seed)
        evaluate = mean_loss(plan, collator(held_out, dev, tokenizer.pad_token_id), nli_loss)
    collate = collator(rows, examples, tokenizer.pad_token_id)
    record = train(model, batches, collate, nli_loss, loop, out, evaluate=evaluate, key=key)
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model.half().save_pretrained(out)
    tokenizer.save_pretrained(out)
    if bars:
        transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    record["examples"] = dict(used)
    (out / "training.json").write_text(
        json.dumps({"config": config, "record": record}, indent=1), encoding="utf-8"
    )
    return record


def load_start(folder: Path, *, dropout: float) -> tuple[Any, Any]:
    """Return the model and the tokenizer to start from, with outputs in the order of LABELS.

    A checkpoint whose labels are those of NLI keeps its head; any other gets a new one.
    """
    names = read_json(folder / "config.json").get("id2label")
    try:
        order = label_order(names or {})
    except ModelError:
        order = []
    model = AutoModelForSequenceClassification.from_pretrained(
        folder,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={name: index for index, name in enumerate(LABELS)},
        attention_probs_dropout_prob=0.0,
        hidden_dropout_prob=dropout,
        attn_implementation="eager",  # faster than sdpa on CPU for pairs of this length, backward included
        dtype=torch.float32,
    )
    if order and order != [0, 1, 2]:
        for weights in model.classifier.parameters():
            weights.data = weights.data[order]
    return model, AutoTokenizer.from_pretrained(folder)


def collator(
    rows: Sequence[tuple[np.ndarray[Any, Any], int]],
    examples: Sequence[tuple[str, str, int]],
    padding: int,
) -> Callable[[Sequence[int]], dict[str, Tensor]]:
    """Return what makes the tensors of a batch from the indices of encoded ``rows`` and their ``examples``."""

    def collate(indices: Sequence[int]) -> dict[str, Tensor]:
        longest = max(len(rows[i][0]) for i in indices)
        ids = np.full((len(indices), longest), padding, dtype=np.int64)
        types = np.zeros_like(ids)
        mask = np.zeros_like(ids)
        for k, i in enumerate(indices):
            row, second = rows[i]
            ids[k, : len(row)] = row
            types[k, second : len(row)] = 1
            mask[k, : len(row)] = 1
        return {
            "input_ids": torch.from_numpy(ids),
            "token_type_ids": torch.from_numpy(types),
            "attention_mask": torch.from_numpy(mask),
            "labels": torch.tensor([examples[i][2] for i in indices]),
        }

    return collate


def encode_pairs(
    tokenizer: Any, examples: Sequence[tuple[str, str, int]], max_length: int
) -> list[tuple[np.ndarray[Any, Any], int]]:
    """Return the piece ids of each pair, cut to ``max_length``, and where its second text begins.

    Ids are kept in 16 bits: half a million pairs as lists of ``int`` would take eight gigabytes.
    """
    rows: list[tuple[np.ndarray[Any, Any], int]] = []
    for at in range(0, len(examples), 10_000):
        chunk = examples[at : at + 10_000]
        encoded = tokenizer(
            [premise for premise, _, _ in chunk],
            [hypothesis for _, hypothesis, _ in chunk],
            truncation=True,
            max_length=max_length,
        )
        rows += [
            (np.array(ids, dtype=np.uint16), len(types) - sum(types))
            for ids, types in zip(encoded["input_ids"], encoded["token_type_ids"], strict=True)
        ]
    return rows


def main() -> None:
    """Run from the command line."""
    from claimcheck.training.finetune import add_options, finetune_nli, from_options

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--train", type=Path, help="labelled pairs to fine-tune on: JSONL")
    parser.add_argument(
        "--config", type=Path, help="a TOML file such as claimcheck/training/configs/nli_4.toml"
    )
    parser.add_argument("--data", type=Path, help="folder of <set>/<split>.jsonl.gz files")
    parser.add_argument(
        "--articles", type=Path, action="append", default=[], help="annotated articles: folder or JSONL"
    )
    parser.add_argument(
        "--pairs", type=Path, action="append", default=[], help="hand-written statement pairs: JSONL"
    )
    parser.add_argument("--stances", type=Path, help="folder of <set>/<set>.jsonl.gz files with stances")
    parser.add_argument("--contrasts", type=Path, help="contrast sets of statements: JSONL")
    parser.add_argument("--passages", type=Path, help="passages of evidence with claims: JSONL")
    parser.add_argument("--lexicon", type=Path, help="words that can be exchanged: JSON")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the checkpoint; a run cut off is resumed from it"
    )
    add_options(parser)
    args = parser.parse_args()
    if (args.train is None) == (args.config is None):
        parser.error("give --train to fine-tune, or --config to train as a config says")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if args.config is None:
        logger.info("%s", from_options(finetune_nli, args.train, args))
        return
    config = tomllib.loads(args.config.read_text(encoding="utf-8"))
    names = ("data", "articles", "pairs", "stances", "contrasts", "passages", "lexicon")
    record = run(config, args.out, **{name: getattr(args, name) for name in names})
    logger.info("%s", record)


if __name__ == "__main__":
    main()
