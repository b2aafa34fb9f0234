"""Fine-tuning by users: both models, from data to a checkpoint that loads, with a card that tells the run."""

import json
import re
import subprocess
import sys

import datasets
import numpy as np
import pytest
import tiny
import torch

import claimcheck
from claimcheck.attribution import Attributor
from claimcheck.checkpoints import read_json, read_weights, verify
from claimcheck.errors import InputError, ModelError
from claimcheck.nli import LABELS, NLI
from claimcheck.pair_head import PairHead
from claimcheck.records import Document
from claimcheck.training import attribution, finetune_attribution, finetune_nli, nli

WORDS = [
    "the mayor",
    "the minister",
    "the bridge",
    "mayor",
    "minister",
    "bridge",
    "that bridge",
    "that mayor",
]
ROWS = [
    row
    for word in WORDS
    for row in (
        {"premise": f"{word} said", "hypothesis": f"{word} told", "label": "entailment"},
        {"premise": f"{word} said", "hypothesis": f"{word} not said", "label": "contradiction"},
        {"premise": f"{word} said", "hypothesis": "safe", "label": "neutral"},
    )
]
FAST = {"tokens_per_batch": 64, "autocast": False, "checkpoint_every": 3}


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setattr("claimcheck.training.loop.pick_device", lambda: torch.device("cpu"))


@pytest.fixture(scope="module")
def learned(nli_folder, tmp_path_factory):
    """Fine-tune the tiny NLI model; return the result and its folder's files."""
    out = tmp_path_factory.mktemp("finetuned") / "my-nli"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("claimcheck.training.loop.pick_device", lambda: torch.device("cpu"))
        return finetune_nli(
            ROWS, out, base=nli_folder, epochs=60, patience=None, dev_share=0.2, learning_rate=5e-3, loop=FAST
        )


def test_the_nli_model_learns_and_is_measured_on_what_is_held_out(learned):
    assert learned.before["accuracy"] < 0.7 < learned.after["accuracy"]
    assert learned.record["data"] == {
        "train": dict.fromkeys(LABELS, 6),
        "held out": dict.fromkeys(LABELS, 2),
    }
    losses = dict(learned.record["held_out_losses"])
    assert min(losses.values()) == losses[learned.record["best_step"]] < losses[0] / 2


def test_the_checkpoint_has_the_form_of_the_shipped_ones(learned):
    names = {path.name for path in learned.folder.iterdir()}
    shipped = {
        "README.md",
        "SHA256SUMS",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "training.json",
    }
    assert shipped <= names
    assert "checkpoint.pt" not in names
    assert {value.dtype for value in read_weights(learned.folder).values()} == {torch.float16}
    listed = {line.split("  ")[1] for line in (learned.folder / "SHA256SUMS").read_text().splitlines()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "training.json"} <= listed
    nli = NLI.from_pretrained(learned.folder, dtype="float32")
    assert nli.hash == verify(learned.folder)
    shown = nli.predict([(row["premise"], row["hypothesis"]) for row in ROWS]).argmax(1)
    assert np.mean(shown == [LABELS.index(row["label"]) for row in ROWS]) > 0.8


def test_the_scores_are_those_of_the_saved_weights(learned):
    assert read_json(learned.folder / "training.json")["record"]["after"] == learned.after
    from claimcheck.training.finetune import _nli_scores
    from claimcheck.training.rows import hold_out, read_pairs

    parts = hold_out(read_pairs(ROWS), None, 0.2, 13, group=lambda pair: pair[0], unit="premise")
    assert _nli_scores(learned.folder, parts.dev) == learned.after


def test_the_card_tells_the_run(learned):
    card = (learned.folder / "README.md").read_text(encoding="utf-8")
    record = learned.record
    assert card.startswith("---\nlibrary_name: transformers\npipeline_tag: text-classification\n")
    assert "# my-nli: NLI model, fine-tuned" in card
    assert "| train | 6 | 6 | 6 |\n| held out | 2 | 2 | 2 |\n" in card
    assert "Held out: a share of 0.2, parted by premise with seed 13." in card
    assert "learning rate 0.005, dropout 0.1\n- at most 60 times through the data; seed 13" in card
    assert f"- {record['steps']} steps, {record['tokens']:,} tokens" in card
    assert f"- the weights of step {record['best_step']:,} are kept" in card
    assert f"claimcheck {claimcheck.__version__}" in card
    assert f"torch {torch.__version__}" in card
    after = " | ".join(f"{value:.3f}" for value in learned.after.values())
    assert f"| this model | {after} |" in card
    assert "The held-out part (6 pairs) chose which weights are kept" in card


def test_no_path_of_this_machine_is_in_what_is_shared(learned, nli_folder):
    for path in learned.folder.iterdir():
        if path.name not in {
            "model.safetensors",
            "training.json",
        }:  # the config holds the base as it was named
            assert str(nli_folder) not in path.read_text(encoding="utf-8")


def test_early_stopping_ends_the_run_and_keeps_the_base_where_nothing_is_better(nli_folder, tmp_path, caplog):
    wrong = [{**row, "label": LABELS[(LABELS.index(row["label"]) + 1) % 3]} for row in ROWS]
    shuffled = [{**row, "premise": row["premise"] + " that"} for row in wrong]
    made = finetune_nli(
        ROWS[:6],
        tmp_path,
        base=nli_folder,
        dev=shuffled,
        epochs=200,
        patience=2,
        learning_rate=5e-3,
        loop=FAST,
    )
    assert made.record["stopped_early"]
    assert made.record["steps"] < 200
    assert made.record["held_out"] == {"how": "given", "left_out_of_training": 0}
    if made.record["best_step"] == 0:
        assert made.after == pytest.approx(made.before, abs=0.02)
        assert "nothing was better on the held-out part than the base" in caplog.text
        assert "these are the base's weights" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_nothing_held_out_is_told(nli_folder, tmp_path):
    made = finetune_nli(ROWS, tmp_path, base=nli_folder, dev_share=0, epochs=1, loop=FAST)
    assert (made.before, made.after) == ({}, {})
    assert "held_out_losses" not in made.record
    assert "Nothing was held out: nothing is known of how good it is." in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize(
    "names", [("contradiction", "neutral", "entailment"), ("neutral", "entailment", "contradiction")]
)
def test_a_base_with_labels_in_another_order_keeps_what_it_knows(tmp_path, names):
    base = tiny.save_nli(tmp_path / "base", names)
    made = finetune_nli(ROWS, tmp_path / "out", base=base, epochs=1, learning_rate=0.0, loop=FAST)
    pairs = [(row["premise"], row["hypothesis"]) for row in ROWS]
    before, after = (NLI.from_pretrained(folder, dtype="float32") for folder in (base, made.folder))
    assert after.order == [0, 1, 2]
    np.testing.assert_allclose(before.predict(pairs), after.predict(pairs), atol=5e-3)


def test_a_bare_encoder_gets_a_head(encoder_folder, tmp_path):
    made = finetune_nli(ROWS, tmp_path, base=encoder_folder, epochs=2, loop=FAST)
    assert made.before == {}
    assert set(made.after) == {"accuracy", "accuracy_low", "accuracy_high", "macro_f1", "ece"}


def test_the_decision_and_the_form_of_the_base_are_kept(nli_folder, tmp_path):
    import shutil

    base = tmp_path / "base"
    shutil.copytree(nli_folder, base)
    decision = {
        "gate": {},
        "alone": {},
        "together": {},
        "thresholds": {"contradicts": 0.4, "corroborates": 0.6},
    }
    (base / "relations.json").write_text(json.dumps(decision))
    PairHead(32, 4, size=3, hidden=3, networks=1).save(base)
    config = read_json(base / "config.json")
    (base / "config.json").write_text(json.dumps({**config, "statement_format": "framed"}))
    made = finetune_nli(ROWS, tmp_path / "out", base=base, epochs=1, loop=FAST)
    nli = NLI.from_pretrained(made.folder)
    assert nli.statement_format == "framed"
    assert nli.decision.thresholds["contradicts"] == 0.4
    assert nli.pair_head is not None


def test_a_run_that_was_cut_off_goes_on(nli_folder, tmp_path, monkeypatch):
    from claimcheck.training import nli as module

    whole = finetune_nli(ROWS, tmp_path / "whole", base=nli_folder, epochs=4, patience=None, loop=FAST)
    calls = []
    original = module.nli_loss

    def crashing(model, batch):
        calls.append(1)
        if len(calls) > 14:
            raise KeyboardInterrupt
        return original(model, batch)

    monkeypatch.setattr(module, "nli_loss", crashing)
    with pytest.raises(KeyboardInterrupt):
        finetune_nli(ROWS, tmp_path / "cut", base=nli_folder, epochs=4, patience=None, loop=FAST)
    monkeypatch.setattr(module, "nli_loss", original)
    assert (tmp_path / "cut" / "checkpoint.pt").exists()
    with pytest.raises(InputError, match="belongs to a run on other data or options"):
        finetune_nli(ROWS[::-1], tmp_path / "cut", base=nli_folder, epochs=4, patience=None, loop=FAST)
    resumed = finetune_nli(ROWS, tmp_path / "cut", base=nli_folder, epochs=4, patience=None, loop=FAST)
    assert verify(resumed.folder) == verify(whole.folder)


BAD = {
    "base-missing": ({"base": "no/such"}, ModelError, "no checkpoint folder no/such"),
    "epochs": ({"epochs": 0}, InputError, "epochs is 0, expected at least 1"),
    "share": ({"dev_share": 2}, InputError, "dev_share is 2, expected at least 0"),
}


@pytest.mark.parametrize(("options", "error", "message"), BAD.values(), ids=BAD)
def test_options_that_cannot_be_used(nli_folder, tmp_path, options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        finetune_nli(ROWS, tmp_path / "out", **{"base": nli_folder, **options})
    assert not (tmp_path / "out" / "model.safetensors").exists()


def test_a_model_of_another_kind_is_refused(nli_folder, tmp_path):
    import shutil

    base = tmp_path / "base"
    shutil.copytree(nli_folder, base)
    (base / "config.json").write_text(
        json.dumps({**read_json(base / "config.json"), "model_type": "roberta"})
    )
    with pytest.raises(
        ModelError, match="holds a 'roberta' model, expected 'bert': fine-tune others with the Trainer"
    ):
        finetune_nli(ROWS, tmp_path / "out", base=base)


def test_a_checkpoint_is_not_replaced_unless_asked(nli_folder, tmp_path):
    finetune_nli(ROWS, tmp_path, base=nli_folder, epochs=1, loop=FAST)
    before = verify(tmp_path)
    (tmp_path / "relations.json").write_text("of another run")
    (tmp_path / "pair_head.safetensors").write_text("of another run")
    with pytest.raises(InputError, match="holds a checkpoint already: name another folder, or overwrite it"):
        finetune_nli(ROWS, tmp_path, base=nli_folder, epochs=1, loop=FAST)
    with pytest.raises(InputError, match="is the base itself: name another folder"):
        finetune_nli(ROWS, nli_folder, base=nli_folder, overwrite=True)
    assert verify(tmp_path) == before
    finetune_nli(ROWS, tmp_path, base=nli_folder, epochs=1, learning_rate=1e-3, overwrite=True, loop=FAST)
    assert verify(tmp_path) != before
    assert not (tmp_path / "relations.json").exists()
    assert not (tmp_path / "pair_head.safetensors").exists()


# attribution


def article(k, word):
    text = f"{word} said that {word} not safe. The minister denied that."
    said = {
        "source": [[0, len(word)]],
        "cue": [[len(word) + 1, len(word) + 5]],
        "content": [[len(word) + 6, text.index(".")]],
    }
    second = text.index("The minister")
    denied = {
        "source": [[second, second + 12]],
        "cue": [[second + 13, second + 19]],
        "content": [[second + 20, second + 24]],
    }
    return {"id": f"x{k}", "text": text, "attributions": [said, denied]}


ARTICLES = [article(k, word) for k, word in enumerate(WORDS)]


def test_the_attribution_model_learns(attribution_folder, tmp_path):
    made = finetune_attribution(
        datasets.Dataset.from_list(ARTICLES),
        tmp_path / "mine",
        base=attribution_folder,
        epochs=150,
        patience=None,
        learning_rate=5e-3,
        dev_share=0.25,
        loop=FAST,
    )
    assert made.record["data"] == {
        "train": {"articles": 6, "attributions": 12},
        "held out": {"articles": 2, "attributions": 4},
    }
    assert list(made.after) == ["source_f1", "cue_f1", "content_f1", "triple_f1"]
    assert made.before["triple_f1"] < 0.2
    assert made.after["cue_f1"] > 0.7
    attributor = Attributor.from_pretrained(made.folder, dtype="float32")
    base = Attributor.from_pretrained(attribution_folder)
    assert attributor.threshold == base.threshold
    assert attributor.hash == verify(made.folder)
    text = ARTICLES[0]["text"]
    cues = [span.of(text) for found in attributor.attribute(Document("d", text)) for span in found.cue]
    assert cues == ["said", "denied"]
    card = (made.folder / "README.md").read_text(encoding="utf-8")
    assert "# mine: attribution model, fine-tuned" in card
    assert "| train | 6 | 12 |\n| held out | 2 | 4 |" in card
    assert "Learned as the convention `news`" in card


def test_a_convention_that_is_none_is_refused(attribution_folder, tmp_path):
    with pytest.raises(InputError, match="convention 'mine' is not one of news, polnear"):
        finetune_attribution(ARTICLES, tmp_path, base=attribution_folder, convention="mine")


# the command line


def command(module, *args):
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-m", f"claimcheck.training.{module}", *map(str, args)],
        cwd=root,
        capture_output=True,
        text=True,
    )


def test_the_command_line_fine_tunes_without_a_config(nli_folder, tmp_path):
    data = tmp_path / "mine.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    done = command("nli", "--train", data, "--out", tmp_path / "out", "--base", nli_folder, "--epochs", "1")
    assert done.returncode == 0, done.stderr
    record = read_json(tmp_path / "out" / "training.json")["record"]
    assert record["steps"] >= 1
    assert NLI.from_pretrained(tmp_path / "out").order == [0, 1, 2]


@pytest.mark.parametrize(
    ("trainer", "message"),
    [
        (nli, "give --train to fine-tune, or --config to train as a config says"),
        (attribution, "without --config give --train once, and no --polnear"),
    ],
)
def test_the_command_line_says_what_it_needs(tmp_path, monkeypatch, capsys, trainer, message):
    monkeypatch.setattr("sys.argv", ["train", "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit, match="^2$"):
        trainer.main()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
