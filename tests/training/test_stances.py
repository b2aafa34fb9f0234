"""Stance data as NLI examples: labels, hypotheses, windows, and what must never be trained on."""

import gzip
import json
import random

import pytest
import torch

from claimcheck.training.nli import run, sample_stances
from claimcheck.training.stances import measured_texts, read_rows, read_stances

FILLER = "Nothing else was on the agenda of the council that day. " * 20


def write(folder, name, rows, file=None):
    (folder / name).mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / name / f"{file or name}.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


def row(target, text, label, split="train", **more):
    return {"target": target, "text": text, "label": label, "split": split, **more}


@pytest.fixture
def folder(tmp_path):
    write(
        tmp_path,
        "vast",
        [
            row("toll", "Tolls are robbery.", "con", new_topic="the toll"),
            row("toll", "I pay with joy.", "pro"),
            row("ferry", "Tolls are fine.", "neutral"),
            row("toll", "A toll in dev.", "pro", "dev"),
            row("toll", "Nobody wants the toll, at all!", "con", "test"),
        ],
    )
    write(
        tmp_path,
        "arc",
        [
            row("The toll must go", "Away with it.", "agree"),
            row("The toll must go", "nobody wants the toll at all", "agree"),
            row("The toll must go", "Ferries need repairs.", "unrelated"),
        ],
    )
    write(tmp_path, "emergent_test", [row("A whale came ashore", "Whale Seen in Vestby", "for", "test")])
    headlines = [("Whale seen in Vestby", "train"), ("Ferry sinks", "train"), ("Ferry sinks", "test")]
    write(
        tmp_path,
        "fnc1",
        [{"target": t, "body_id": "1", "label": "disagree", "split": split} for t, split in headlines],
    )
    bodies = [
        {"body_id": "1", "split": "train/dev", "text": f"{FILLER}The ferry did not sink. {FILLER}"},
        {"body_id": "1", "split": "test", "text": "Another body."},
    ]
    write(tmp_path, "fnc1", bodies, "bodies")
    return tmp_path


def read(folder, name, **options):
    options = {"framed": 0.0, "measured": measured_texts(folder), **options}
    return list(read_stances(folder, name, random.Random(0), **options))


def test_topics_are_put_into_a_sentence(folder):
    assert read(folder, "vast") == [
        ("Tolls are robbery.", "The author supports the toll.", "contradiction"),
        ("I pay with joy.", "The author supports toll.", "entailment"),
        ("Tolls are fine.", "The author supports ferry.", "neutral"),
    ]


def test_claims_stand_as_they_are_and_measured_texts_are_left_out(folder):
    assert read(folder, "arc") == [
        ("Away with it.", "The toll must go", "entailment"),
        ("Ferries need repairs.", "The toll must go", "neutral"),
    ]
    assert (
        len(list(read_stances(folder, "arc", random.Random(0)))) == 3
    )  # unless nothing is said to be measured


def test_of_a_long_body_the_window_nearest_to_the_headline_is_read(folder):
    ((premise, hypothesis, label),) = read(
        folder, "fnc1"
    )  # the other headline is one of Emergent's test split
    assert "The ferry did not sink." in premise
    assert 79 < len(premise.split()) <= 90
    assert (hypothesis, label) == ("Ferry sinks", "contradiction")


def test_bodies_are_joined_by_split(folder):
    assert [r["text"][:12] for r in read_rows(folder, "fnc1")] == [FILLER[:12], FILLER[:12], "Another body"]


@pytest.mark.parametrize(("share", "kept"), [(0.0, 0), (1.0, 400), (0.25, 100)])
def test_neutral_rows_are_thinned(tmp_path, share, kept):
    rows = [row("The toll must go", f"Ferry {n}.", "unrelated") for n in range(400)]
    write(tmp_path, "arc", [*rows, row("The toll must go", "Yes.", "agree")])
    labels = [label for *_, label in read(tmp_path, "arc", neutral=share)]
    assert labels.count("entailment") == 1
    assert labels.count("neutral") == pytest.approx(kept, abs=25)
    assert share not in (0.0, 1.0) or labels.count("neutral") == kept


def test_framed_texts_are_somebodys_claims(tmp_path):
    write(tmp_path, "arc", [row("The toll must go", f"No {n}.", "disagree") for n in range(200)])
    premises = [premise for premise, *_ in read(tmp_path, "arc", framed=0.5)]
    framed = [premise for premise in premises if premise.startswith("somebody said: No ")]
    assert len(framed) == pytest.approx(100, abs=25)
    assert {len(p.removeprefix("somebody said: ").split()) for p in premises} == {2}


def test_strangers_are_neutral(tmp_path):
    targets = ["The toll must go", "Ferries should be free", "The toll and the ferries cost money"]
    write(tmp_path, "perspectrum", [row(t, f"Yes to that: {t}.", "support") for t in targets * 60])
    rows = read(tmp_path, "perspectrum", strangers=1.0)
    strange = {(premise, hypothesis) for premise, hypothesis, label in rows if label == "neutral"}
    assert strange == {
        (f"Yes to that: {a}.", b) for a, b in (targets[:2], targets[1::-1])
    }  # the third has a word of each
    labels = [label for *_, label in rows]
    assert labels.count("entailment") == 180
    assert labels.count("neutral") == pytest.approx(
        40, abs=20
    )  # of the first two, those that meet each other


def test_a_target_without_stems_is_nobodys_stranger(tmp_path):
    write(tmp_path, "perspectrum", [row(t, "Yes.", "support") for t in ("Gas", "The toll must go")])
    rows = read(tmp_path, "perspectrum", strangers=1.0)
    assert "Gas" not in {hypothesis for _, hypothesis, label in rows if label == "neutral"}


def test_a_template_of_ones_own(folder):
    assert read(folder, "vast", template="{} is good.")[0][1] == "the toll is good."


REFUSED = {
    "missing": ("nowhere", FileNotFoundError, r"nowhere\.jsonl\.gz does not exist: --stances takes a folder"),
    "test set": ("emergent_test", ValueError, "emergent_test has no rows of the split train"),
    "unknown label": ("odd", ValueError, "the set odd has the label 'maybe': known are favor, pro"),
}


@pytest.mark.parametrize(("name", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_sets(folder, name, error, message):
    write(folder, "odd", [row("a", "b", "maybe")])
    with pytest.raises(error, match=message):
        read(folder, name)


def test_shares_of_sets(folder):
    config = {"vast": {"repeat": 2}, "arc": {"repeat": 3, "neutral": 0.0, "framed": 0.0}}
    chosen = dict(sample_stances(config, folder, random.Random(0)))
    assert {name: len(rows) for name, rows in chosen.items()} == {"vast": 6, "arc": 3}
    assert chosen["arc"] == [("Away with it.", "The toll must go", 0)] * 3


def test_training_counts_stances(folder, encoder_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("claimcheck.training.loop.pick_device", lambda: torch.device("cpu"))
    config = {
        "init": str(encoder_folder),
        "max_length": 32,
        "loop": {"tokens_per_batch": 64, "checkpoint_every": 2, "autocast": False},
        "stances": {"vast": {"repeat": 2}, "arc": {"repeat": 1}},
    }
    record = run(config, tmp_path / "out", stances=folder)
    assert record["examples"] == {"stances/vast": 6, "stances/arc": 2}
    with pytest.raises(ValueError, match="the config names the stances vast, arc: give --stances"):
        run(config, tmp_path / "out")
