"""Train the attribution model: ``python -m claimcheck.training.attribution --config CONFIG.toml --out FOLDER``.

Reads PolNeAR (``--polnear polnear.jsonl.gz``) and annotated articles (``--train``: a folder of JSON files, or a JSONL
file, in the form that ``Report.to_dict()`` writes: ``text`` and ``attributions`` with ``source``, ``cue`` and
``content`` as lists of ``[start, end]``; or a folder of brat annotations, see :mod:`claimcheck.training.brat`). The
two follow different conventions and carry different marks. Without a config the shipped model is fine-tuned, see
:func:`claimcheck.training.finetune_attribution`: ``python -m claimcheck.training.attribution --train mine.jsonl --out
my-model``.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from claimcheck.attribution.encoding import Encoding, encode, span_pieces
from claimcheck.attribution.model import (
    ANCHORS,
    OFFSET,
    ROLES,
    AttributionModel,
    ModelConfig,
    convention_token,
    stack_windows,
)
from claimcheck.checkpoints import packaged, read_json, read_tokenizer, read_weights
from claimcheck.evaluation.spans import merge_fragments
from claimcheck.records import spans
from claimcheck.segmentation import segment
from claimcheck.training.data import encoder_folder, read_articles, read_training_articles
from claimcheck.training.loop import LoopConfig, mean_loss, plan_batches, train

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Example:
    """A text, its encoding, where its sentences begin (pieces), and the piece ranges of each attribution's roles."""

    encoding: Encoding
    firsts: list[int]
    attributions: list[dict[str, list[tuple[int, int]]]]
    convention: str


def make_example(article: Mapping[str, Any], convention: str, tokenizer: Tokenizer) -> Example:
    """Turn an annotated article into pieces and piece ranges."""
    text = article["text"]
    segmentation = segment(text)
    encoding = encode(text, segmentation.quotations, tokenizer)
    attributions = []
    for attribution in article["attributions"]:
        roles = {
            role: [span_pieces(encoding, span) for span in merge_fragments(spans(attribution[role]), text)]
            for role in ROLES[1:]
        }
        if roles["content"]:
            attributions.append(roles)
    firsts = sorted({span_pieces(encoding, s)[0] for s in segmentation.sentences})
    return Example(encoding, firsts, attributions, convention)


def cut_windows(example: Example, size: int, rng: random.Random) -> list[tuple[int, int]]:
    """Cut an example into windows at sentence starts; a random first cut makes every repetition differ."""
    n = len(example.encoding)
    result: list[tuple[int, int]] = []
    start, room = 0, size if n <= size else rng.randint(size // 3, size)
    while start < n:
        end = min(start + room, n)
        if end < n:
            fitting = [f for f in example.firsts if start < f <= end]
            end = fitting[-1] if fitting else end
        result.append((start, end))
        start, room = end, size
    return result


def window_labels(example: Example, start: int, end: int) -> tuple[list[int], list[int], list[list[int]]]:
    """Return anchor labels (T,), anchor positions (N,) and role labels (N, T) of one window's pieces."""
    anchors = [0] * (end - start)
    positions: list[int] = []
    tables: list[list[int]] = []
    for roles in example.attributions:
        name = "cue" if roles["cue"] else "content"
        anchor = roles[name][0][0] - start
        if not 0 <= anchor < end - start or anchors[anchor]:
            continue
        anchors[anchor] = ANCHORS.index(name)
        positions.append(anchor)
        table = [0] * (end - start)
        for label, role in enumerate(ROLES):
            for first, last in roles.get(role, []):
                for i in range(max(first, start), min(last, end)):
                    table[i - start] = label
        tables.append(table)
    return anchors, positions, tables


def attribution_loss(model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
    """Cross entropy of anchors, plus that of the role tables of the annotated anchors, both per attribution."""
    if not isinstance(model, AttributionModel):
        raise TypeError(f"expected an AttributionModel, got {type(model).__name__}")
    states = model.encode(batch["input_ids"], batch["attention_mask"], batch["features"])
    cross_entropy = nn.functional.cross_entropy
    anchor = cross_entropy(
        model.anchors(states).float().flatten(0, 1),
        batch["anchors"].flatten(),
        ignore_index=-1,
        reduction="sum",
    )
    n = max(1, len(batch["row"]))
    if not len(batch["row"]):
        return anchor
    roles = model.roles(states, batch["attention_mask"], batch["row"], batch["position"]).float()
    table = cross_entropy(roles.flatten(0, 1), batch["roles"].flatten(), ignore_index=-1, reduction="sum")
    return (anchor + 0.2 * table) / n


def build(
    sources: Sequence[tuple[str, Sequence[Mapping[str, Any]], float]],
    tokenizer: Tokenizer,
    window: int,
    rng: random.Random,
) -> list[tuple[Example, int, int]]:
    """Return training windows of (convention, articles, repeat) sources."""
    result = []
    for convention, articles, repeat in sources:
        examples = [make_example(article, convention, tokenizer) for article in articles]
        for k in range(int(repeat) + 1):
            share = min(1.0, repeat - k)
            for example in rng.sample(examples, round(share * len(examples))):
                result += [(example, a, b) for a, b in cut_windows(example, window, rng)]
    return result


def save(model: AttributionModel, tokenizer_folder: Path, out: Path, record: Mapping[str, Any]) -> None:
    """Write the checkpoint: fp16 safetensors, config, tokenizer and training record."""
    out.mkdir(parents=True, exist_ok=True)
    state = {name: value.detach().half().contiguous() for name, value in model.state_dict().items()}
    save_file(state, out / "model.safetensors", metadata={"format": "pt"})
    config = {
        "model_type": "claimcheck-attribution",
        "encoder": _encoder_config(model),
        "head": model.config.to_dict(),
    }
    (out / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    (out / "tokenizer.json").write_bytes((tokenizer_folder / "tokenizer.json").read_bytes())
    (out / "training.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def _encoder_config(model: AttributionModel) -> dict[str, Any]:
    keys = (
        "vocab_size hidden_size num_hidden_layers num_attention_heads intermediate_size hidden_act "
        "max_position_embeddings type_vocab_size layer_norm_eps"
    )
    return {key: getattr(model.encoder.config, key) for key in keys.split()}


def run(
    config: Mapping[str, Any],
    sources: Sequence[tuple[str, Sequence[Mapping[str, Any]], float]],
    out: Path,
    *,
    dev: Sequence[tuple[str, Sequence[Mapping[str, Any]], float]] = (),
    key: str = "",
) -> dict[str, Any]:
    """Train on ``sources`` as ``config`` says and write the checkpoint to ``out``.

    Parameters
    ----------
    config
        Its ``init`` is the encoder to start from, ``weights`` an attribution checkpoint to go on from: a folder, or
        "packaged". One of them is needed. Windows and thresholds of such a checkpoint are kept unless ``inference``
        says otherwise.
    sources
        (convention, articles, how many times) of each.
    dev
        Held-out sources; the weights with the lowest loss on them are written.
    key
        See :func:`claimcheck.training.loop.train`.
    """
    loop = LoopConfig(**config.get("loop", {}))
    rng = random.Random(loop.seed)
    torch.manual_seed(loop.seed)
    model, start, given = load_start(config)
    tokenizer = read_tokenizer(start)
    vocabulary = tokenizer.get_vocab()
    examples = build(sources, tokenizer, model.config.window, rng)

    def plan(windows: Sequence[tuple[Example, int, int]]) -> list[list[int]]:
        return plan_batches([b - a + OFFSET + 1 for _, a, b in windows], loop.tokens_per_batch, loop.seed)

    batches = plan(examples)
    logger.info("%d windows in %d batches", len(examples), len(batches))
    evaluate = None
    if dev:
        held_out = build(dev, tokenizer, model.config.window, random.Random(loop.seed))
        evaluate = mean_loss(plan(held_out), collator(held_out, vocabulary), attribution_loss)
    collate = collator(examples, vocabulary)
    record = train(model, batches, collate, attribution_loss, loop, out, evaluate=evaluate, key=key)
    record["windows"] = len(examples)
    model.config = replace(model.config, **{**given, **config.get("inference", {})})
    save(model, start, out, {"config": dict(config), "record": record})
    return record


def load_start(config: Mapping[str, Any]) -> tuple[AttributionModel, Path, dict[str, Any]]:
    """Return the model to start from, the folder of its tokenizer, and the settings that it comes with, if any."""
    options = {
        "attention_probs_dropout_prob": 0.0,
        "hidden_dropout_prob": config.get("dropout", 0.0),
        "attn_implementation": "sdpa",
    }
    if "weights" not in config:
        start = encoder_folder(config["init"])
        encoder = BertModel.from_pretrained(start, add_pooling_layer=False, **options)
        return AttributionModel(encoder, ModelConfig(**config.get("head", {}))), start, {}
    folder = packaged("attribution") if config["weights"] == "packaged" else Path(config["weights"])
    given = read_json(folder / "config.json")
    encoder = BertModel(BertConfig(**{**given["encoder"], **options}), add_pooling_layer=False)
    model = AttributionModel(encoder, ModelConfig(**{**given["head"], **config.get("head", {})}))
    model.load_state_dict({name: value.float() for name, value in read_weights(folder).items()})
    return model, folder, given["head"]


def collator(
    examples: Sequence[tuple[Example, int, int]], vocabulary: Mapping[str, int]
) -> Callable[[Sequence[int]], dict[str, Tensor]]:
    """Return what makes the tensors of a batch from the indices of windows."""

    def collate(indices: Sequence[int]) -> dict[str, Tensor]:
        chosen = [examples[i] for i in indices]
        ids, mask, features = stack_windows(
            [(example.encoding, a, b) for example, a, b in chosen],
            [vocabulary[convention_token(example.convention)] for example, _, _ in chosen],
            vocabulary,
        )
        anchors = torch.full_like(ids, -1)
        rows: list[int] = []
        positions: list[int] = []
        tables: list[Tensor] = []
        for row, (example, a, b) in enumerate(chosen):
            labels, found, roles = window_labels(example, a, b)
            anchors[row, OFFSET : OFFSET + b - a] = torch.tensor(labels)
            for position, table in zip(found, roles, strict=True):
                full = torch.full((ids.shape[1],), -1)
                full[OFFSET : OFFSET + b - a] = torch.tensor(table)
                tables.append(full)
                rows.append(row)
                positions.append(position + OFFSET)
        return {
            "input_ids": ids,
            "attention_mask": mask,
            "features": features,
            "anchors": anchors,
            "row": torch.tensor(rows, dtype=torch.long),
            "position": torch.tensor(positions, dtype=torch.long),
            "roles": torch.stack(tables) if tables else torch.zeros((0, ids.shape[1]), dtype=torch.long),
        }

    return collate


def main() -> None:
    """Run from the command line."""
    from claimcheck.training.finetune import add_options, finetune_attribution, from_options

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--config", type=Path, help="a TOML file such as claimcheck/training/configs/attribution_3.toml"
    )
    parser.add_argument(
        "--train", type=Path, action="append", default=[], help="annotated articles: folder or JSONL"
    )
    parser.add_argument(
        "--polnear", type=Path, help="PolNeAR as JSONL (its rows with split = train are used)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the checkpoint; a run cut off is resumed from it"
    )
    add_options(parser)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if args.config is None:
        if len(args.train) != 1 or args.polnear:
            parser.error("without --config give --train once, and no --polnear")
        logger.info("%s", from_options(finetune_attribution, args.train[0], args))
        return
    config = tomllib.loads(args.config.read_text(encoding="utf-8"))
    articles = read_training_articles(args.train, config)
    sources: list[tuple[str, Sequence[Mapping[str, Any]], float]] = []
    if articles:
        sources.append(("news", articles, config["repeat"]["news"]))
    if args.polnear:
        rows = [row for row in read_articles(args.polnear) if row.get("split") == "train"]
        sources.append(("polnear", rows, config["repeat"]["polnear"]))
    if not sources:
        parser.error("nothing to train on: give --train, --polnear or both")
    logger.info("%s", run(config, sources, args.out))


if __name__ == "__main__":
    main()
