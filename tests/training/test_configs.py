"""The configurations that the shipped models were trained with."""

import json
import tomllib
from pathlib import Path

import pytest

from claimcheck.attribution.model import ModelConfig
from claimcheck.training import data
from claimcheck.training.loop import LoopConfig

FOLDER = Path(data.__file__).parent
CONFIGS = sorted((FOLDER / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_config_names_what_the_trainers_know(path):
    config = tomllib.loads(path.read_text(encoding="utf-8"))
    LoopConfig(**config["loop"])
    if path.stem.startswith("attribution"):
        model = ModelConfig(**{**config["head"], **config.get("inference", {})})
        assert model.window >= 64
        assert set(model.thresholds) == {"news", "polnear"}
        assert set(config["repeat"]) == {"news", "polnear"}
    else:
        assert all(0 < options["repeat"] <= 3 for options in config["sources"].values())


def test_held_out_articles_are_in_the_corpus():
    lines = (FOLDER / "corpus" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    ids = {json.loads(line)["id"] for line in lines}
    for path in CONFIGS:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
        held_out = config.get("held_out", config.get("statements", {}).get("held_out", []))
        assert set(held_out) <= ids
        assert len(set(held_out)) == len(held_out)
