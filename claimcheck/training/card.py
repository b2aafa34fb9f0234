"""The model card of a fine-tuned checkpoint, written from its run (Mitchell et al., *Model Cards*, FAT* 2019)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from claimcheck.report import count

_KINDS = {
    "nli": (
        "NLI model",
        "Three-way inference (entailment, neutral, contradiction) for pairs of texts: an ordinary "
        "`BertForSequenceClassification` folder that any Hugging Face tool loads.",
        "claimcheck.load(nli={folder!r})",
        "---\nlibrary_name: transformers\npipeline_tag: text-classification\ntags: [claimcheck, nli]\n---\n\n",
    ),
    "attribution": (
        "attribution model",
        "Finds who says what in news text: sources, cues and contents.",
        "claimcheck.load(attribution={folder!r})",
        "---\nlibrary_name: claimcheck\ntags: [claimcheck, quotation-attribution]\n---\n\n",
    ),
}


def write_card(folder: Path, kind: str, config: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    """Write ``README.md`` into a checkpoint's folder, from its config and training record."""
    name, what, load, front = _KINDS[kind]
    base = record["base"]
    parts = [
        f"{front}# {folder.name}: {name}, fine-tuned\n",
        f"{what} Fine-tuned from the checkpoint `{base['folder']}` (SHA-256 of its weights {base['sha256'][:12]}…) by "
        f"claimcheck {record['versions']['claimcheck']}.\n",
        f"```python\nchecker = {load.format(folder=folder.name)}\n```\n",
        "## Data\n",
        *_data(record),
        "## Recipe\n",
        *_recipe(config, record),
        *_measured(record),
        "## Limits\n",
        *_limits(kind, config, record),
    ]
    (folder / "README.md").write_text("\n".join(parts), encoding="utf-8")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose first column is text and whose others are numbers.

    >>> print(table(["part", "rows"], [["train", "9"]]))
    | part | rows |
    | --- | --: |
    | train | 9 |
    <BLANKLINE>
    """
    rule = ["---", *["--:"] * (len(header) - 1)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (header, rule, *rows))


def _data(record: Mapping[str, Any]) -> list[str]:
    data, held_out = record["data"], record["held_out"]
    columns = list(data["train"])
    rows = [[part, *(f"{counts[name]:,}" for name in columns)] for part, counts in data.items()]
    lines = [table(["part", *columns], rows), f"Held out: {held_out['how']}."]
    if held_out["left_out_of_training"]:
        lines.append(f"Left out of training, being held out too: {held_out['left_out_of_training']:,}.")
    return [*lines, ""]


def _recipe(config: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
    loop, versions = config["loop"], record["versions"]
    patience = loop.get("patience")
    ended = "ended early" if record.get("stopped_early") else "ran to its end"
    lines = [
        f"- AdamW, linear warm-up and decay, learning rate {loop['learning_rate']:g}, dropout {config['dropout']:g}",
        f"- at most {count(config['epochs'], 'time')} through the data; seed {loop['seed']}",
        f"- {count(record['steps'], 'step')}, {record['tokens']:,} tokens (padding counted), {record['minutes']} minutes on "
        f"{record['device']}",
    ]
    if "best_step" in record:
        lines += [
            f"- patience: {patience if patience is not None else 'none'}; the run {ended}",
            f"- the weights of step {record['best_step']:,} are kept, which had the lowest held-out loss",
        ]
    lines.append("- " + ", ".join(f"{name} {number}" for name, number in versions.items()))
    return [*lines, "", "Everything needed to repeat it is in `training.json`.", ""]


def _measured(record: Mapping[str, Any]) -> list[str]:
    after, before = record["after"], record["before"]
    if not after:
        return []
    names = list(after)
    rows = [
        [who, *(f"{scores[name]:.3f}" for name in names)]
        for who, scores in (("base", before), ("this model", after))
        if scores
    ]
    losses = [[f"{step:,}", f"{loss:.4f}"] for step, loss in record["held_out_losses"]]
    return [
        "## Measured\n",
        "On the held-out part, by the weights as they are saved:\n",
        table(["", *(name.replace("_", " ") for name in names)], rows),
        table(["step", "held-out loss"], losses),
    ]


def _limits(kind: str, config: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
    held_out = record["data"]["held out"]
    lines = []
    if record["after"]:
        size = held_out["articles"] if kind == "attribution" else sum(held_out.values())
        unit = "articles" if kind == "attribution" else "pairs"
        lines += [
            f"- The held-out part ({size:,} {unit}) chose which weights are kept: its scores flatter a little. Measure on "
            "data that nothing was chosen on.",
            "- It is of the same origin as the training data. Nothing is known of other texts, nor of what was lost of "
            "what the base could do.",
        ]
    else:
        lines.append("- Nothing was held out: nothing is known of how good it is.")
    if record.get("best_step") == 0:
        lines.append("- No step was better than the base on the held-out part: these are the base's weights.")
    if kind == "nli":
        lines += [
            "- `relations.json` and `pair_head.safetensors`, if there are any, decide on pairs of claims and are those of "
            "the base, not fitted to these weights: `python -m claimcheck.training.pairs` and then "
            "`python -m claimcheck.training.relations` fit them.",
            "- The probabilities are not calibrated: `python -m claimcheck.training.calibrate` does it.",
        ]
    else:
        lines += [
            f"- Learned as the convention `{config['convention']}`; the threshold for it is the base's.",
            "- The pair head of the NLI model was fitted to the states of another checkpoint and looks at claims without "
            "these: `python -m claimcheck.training.pairs --attribution` and then `.relations` fit both to it.",
        ]
    return [*lines, "- The origin and the licence of the training data are for its owner to add here.", ""]
