"""Fitting the weights for headlines: which pairs they come from, and that they learn."""

import gzip
import json
import logging
import sys

import numpy as np
import pytest
import tiny

from claimcheck.headlines import LABELS, SURFACE, HeadlineModel
from claimcheck.training import headlines
from claimcheck.training.headlines import fit, fit_round, held_out_rows

TOWNS = [f"Vest{letter}" for letter in "abcdefghijklmnop"]
BODIES = {
    "agree": "The {} ferry hit the quay. It sank within the hour.",
    "disagree": "The {} ferry is fine. That it sank is false, the owner said.",
    "discuss": "Whether the {} ferry sank is unknown. Reports of it could be wrong, police said.",
    "unrelated": "Elections were held today. The turnout was low.",
}


def write(folder, name, rows, file=None):
    (folder / name).mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / name / f"{file or name}.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path):
    pairs, bodies = [], []
    for town in TOWNS:
        for label, text in BODIES.items():
            number = str(len(bodies))
            bodies.append({"body_id": number, "split": "train/dev", "text": text.format(town)})
            row = {"target": f"{town} ferry sank", "body_id": number, "label": label, "split": "train"}
            pairs.append(row)
    pairs[0]["split"] = "dev"
    pairs.append({**pairs[1], "target": "Seen in training"})
    write(tmp_path, "fnc1", pairs)
    write(tmp_path, "fnc1", bodies, "bodies")
    emergent = [
        {"target": "x", "text": f"{town} Ferry sank!", "label": "for", "split": "test"} for town in TOWNS
    ]
    write(tmp_path, "emergent_test", emergent)
    return tmp_path


class Reader:
    """An NLI model that knows the bodies."""

    def predict(self, pairs):
        entails = ["within the hour" in premise for premise, _ in pairs]
        contradicts = ["false" in premise for premise, _ in pairs]
        return np.array(
            [[0.1 + 0.8 * e, 0.1, 0.1 + 0.8 * c] for e, c in zip(entails, contradicts, strict=True)]
        )


def test_pairs_come_from_headlines_that_training_leaves_out(folder):
    rows = held_out_rows(folder)
    assert len(rows) == 4 * len(TOWNS)
    assert "Seen in training" not in {row["target"] for row in rows}
    assert {row["split"] for row in rows} == {"train", "dev"}


def test_the_weights_learn(folder):
    rows = held_out_rows(folder)
    model, record = fit(Reader(), rows)
    assert record["pairs"] == 64
    assert record["headlines"] == 16
    assert record["cross_validated"]["fnc_score"][0] == 1
    assert np.trace(record["confusion"]) == 64
    chances = model.predict([(row["target"], row["text"]) for row in rows], Reader())
    assert [LABELS[k] for k in chances.argmax(axis=1)] == [row["label"] for row in rows]


def test_weights_are_in_the_units_of_the_features():
    rng = np.random.default_rng(0)
    rows = rng.normal(5, 3, (400, len(SURFACE)))
    labels = np.where(rows[:, 2] > 6, "related", "apart")
    weights = fit_round(rows, labels, SURFACE)["related"]
    assert max(SURFACE, key=lambda name: abs(weights[name])) == "shared_lead"
    assert -weights["intercept"] / weights["shared_lead"] == pytest.approx(6, abs=1)


def test_from_the_command_line(folder, tmp_path, monkeypatch, caplog):
    nli = tiny.save_nli(tmp_path / "nli")
    monkeypatch.setattr(sys, "argv", ["headlines", "--nli", str(nli), "--stances", str(folder)])
    with caplog.at_level(logging.INFO):
        headlines.main()
    model = HeadlineModel.load(nli)
    assert set(model.sides) == {"agree", "disagree", "discuss"}
    assert "headlines.json" in (nli / "SHA256SUMS").read_text()
    assert json.loads((nli / "headlines.json").read_text())["record"]["pairs"] == 64
