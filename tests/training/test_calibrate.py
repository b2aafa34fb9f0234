import json
import shutil

import numpy as np
import pytest

from claimcheck import NLI, InputError
from claimcheck.nli import LABELS
from claimcheck.training.calibrate import best_temperature, calibrate

PAIRS = [
    ("A dog barks.", "An animal is heard."),
    ("A dog barks.", "No dog barks."),
    ("A dog barks.", "It rains."),
]


@pytest.fixture
def folder(nli_folder, tmp_path):
    copied = shutil.copytree(nli_folder, tmp_path / "nli")
    (copied / "training.json").write_text("{}")
    return copied


def written(path, labels):
    rows = [
        {"premise": p, "hypothesis": h, "label": label} for (p, h), label in zip(PAIRS, labels, strict=True)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_model_that_is_right_as_often_as_it_says_keeps_its_temperature():
    sure = np.tile(np.array([[0.8, 0.1, 0.1]], dtype=np.float32), (10, 1))
    assert best_temperature(sure, np.array([0] * 8 + [1, 2])) == pytest.approx(1, abs=0.01)


def test_labels_and_rows_must_agree():
    with pytest.raises(
        InputError, match=r"^2 labels for probabilities of shape \(1, 3\), expected one per row$"
    ):
        best_temperature(np.ones((1, 3), dtype=np.float32), np.array([0, 1]))


def test_probabilities_flatten_by_the_temperature_and_labels_stay(folder, tmp_path):
    before = NLI.from_pretrained(folder, dtype="float32").predict(PAIRS)
    wrong = [LABELS[i] for i in before.argmin(-1)]
    temperature = calibrate(folder, written(tmp_path / "dev.jsonl", wrong))
    assert temperature > 1
    after = NLI.from_pretrained(folder, dtype="float32").predict(PAIRS)
    expected = before ** (1 / temperature)
    np.testing.assert_allclose(after, expected / expected.sum(-1, keepdims=True), atol=2e-3)
    assert json.loads((folder / "training.json").read_text())["temperature"] == round(temperature, 4)


def test_two_way_labels_are_refused(folder, tmp_path):
    path = written(tmp_path / "dev.jsonl", ["entailment", "not_entailment", "entailment"])
    with pytest.raises(
        InputError, match="has the label 'not_entailment', expected entailment, neutral, contradiction"
    ):
        calibrate(folder, path)
