"""Fitting the aggregation: evidence whose length tells nothing, weights that do what the regression does, a file."""

import gzip
import json
import random
import shutil
import sys
from collections import Counter

import numpy as np
import pytest

from claimcheck.aggregation import FEATURES, LABELS, NAME, Aggregation
from claimcheck.checkpoints import HASHES, verify
from claimcheck.errors import InputError
from claimcheck.evaluation.readers import Pair
from claimcheck.nli import NLI
from claimcheck.segmentation import split_sentences
from claimcheck.training import verification

SOME = [
    *(Pair(f"Fact {k} holds.", f"Fact {k}.", "entailment") for k in range(200)),
    *(Pair(" ".join(f"Line {k} of {n}." for n in range(12)), f"Claim {k}.", "neutral") for k in range(200)),
]


def test_length_does_not_tell_the_label():
    resized = verification.resize(SOME, random.Random(0))
    sizes = {
        label: [len(split_sentences(row.premise)) for row in resized if row.label == label]
        for label in ("entailment", "neutral")
    }
    assert abs(np.mean(sizes["entailment"]) - np.mean(sizes["neutral"])) < 0.6
    assert set(sizes["entailment"]) == set(sizes["neutral"]) == set(verification.LENGTHS)


def test_evidence_that_decides_is_never_cut():
    rows = [row._replace(label="contradiction") for row in SOME]
    for before, after in zip(rows, verification.resize(rows, random.Random(0)), strict=True):
        assert before.premise in after.premise
        assert before[1:] == after[1:]


def test_weights_do_what_the_regression_does():
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=300)
    features = rng.normal(size=(300, len(FEATURES))) * 3 + 1
    features[:, 0] += 4 * (labels == 0)
    features[:, 1] += 4 * (labels == 2)
    aggregation = verification.fit(features, labels)
    assert set(aggregation.weights) == set(LABELS)
    model = verification.estimator().fit(*verification.mirrored(features, labels))
    assert aggregation.decide(features) == pytest.approx(model.predict_proba(features), abs=1e-4)
    scores = verification.crossed(features, labels, [f"claim {k}" for k in range(300)])
    assert 0.5 < scores["macro_f1"] < 1
    assert set(scores) == {"macro_f1", "macro_f1_plain", "balanced_accuracy", "balanced_accuracy_plain"}


def test_both_verdicts_are_decided_alike():
    rng = np.random.default_rng(0)
    labels = rng.choice(3, p=[0.6, 0.3, 0.1], size=200)
    features = rng.normal(size=(200, len(FEATURES))) + (labels == 0)[:, None]
    weights = verification.fit(features, labels).weights
    supported, refuted = weights["supports"], weights["refutes"]
    for size in ("sentence", "window", "passage"):
        assert supported[f"entailment_{size}"] == pytest.approx(refuted[f"contradiction_{size}"], abs=1e-3)
        assert supported[f"contradiction_{size}"] == pytest.approx(refuted[f"entailment_{size}"], abs=1e-3)
    assert supported["intercept"] == pytest.approx(refuted["intercept"], abs=1e-3)


def write(folder, name, rows):
    path = folder / f"{name}.jsonl.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row._asdict()) + "\n" for row in rows)


def test_the_command_writes_weights_and_hashes(tmp_path, nli_folder, monkeypatch):
    model = tmp_path / "model"
    shutil.copytree(nli_folder, model)
    (model / "training.json").write_text(json.dumps({"sources": {"b/train": {}}}), encoding="utf-8")
    rows = [
        Pair(f"the mayor said {word} {k}", f"the bridge {k}", label)
        for k in range(6)
        for word, label in (("safe", "entailment"), ("that", "neutral"), ("not", "contradiction"))
    ]
    write(tmp_path, "a/train", rows)
    write(tmp_path, "b/train", rows)
    command = [
        "--nli",
        str(model),
        "--data",
        str(tmp_path),
        "--source",
        "a/train=12",
        "--source",
        "b/train=99",
    ]
    monkeypatch.setattr(sys, "argv", ["verification", *command])
    verification.main()
    written = json.loads((model / NAME).read_text(encoding="utf-8"))
    assert written["record"]["sources"] == {"a/train": 12, "b/train": 99}
    assert written["record"]["trained_on"] == ["b/train"]
    assert NAME in (model / HASHES).read_text(encoding="utf-8")
    verify(model)
    assert NLI.from_pretrained(model).verification == Aggregation(written["weights"])


def test_samples_are_of_the_sizes_asked_for(tmp_path):
    write(tmp_path, "a/train", SOME)
    rows = verification.read_sources(tmp_path, {"a/train": 50}, seed=0)
    assert len(rows) == 100
    asked = {row.hypothesis for row in rows[:50]}
    assert len(asked) == 50
    assert asked == {row.hypothesis for row in rows[50:]}  # each as it is, and resized
    assert set(rows[:50]) <= set(SOME)
    assert Counter(row.label for row in rows).keys() == {"entailment", "neutral"}
    assert rows == verification.read_sources(tmp_path, {"a/train": 50}, seed=0)


def test_two_way_sources_are_refused(tmp_path):
    write(tmp_path, "a/train", [Pair("x", "y", "not_entailment")])
    with pytest.raises(InputError, match="a/train has the label 'not_entailment'"):
        verification.read_sources(tmp_path, {"a/train": 50}, seed=0)
