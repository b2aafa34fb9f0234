"""Where training finds its encoder and its articles."""

import gzip
import importlib.util
import json
from pathlib import Path

import pytest

from claimcheck.training.data import encoder_folder, read_articles

ROWS = [{"id": "b", "text": "é"}, {"id": "a", "text": "x"}]


def test_articles_of_a_folder_come_in_the_order_of_their_names(tmp_path):
    for row in ROWS:
        (tmp_path / f"{row['id']}.json").write_text(json.dumps(row), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not an article")
    assert read_articles(tmp_path) == ROWS[::-1]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_articles_of_a_file_come_in_its_order(tmp_path, name):
    opener = gzip.open if name.endswith(".gz") else open
    with opener(tmp_path / name, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
    assert read_articles(tmp_path / name) == ROWS


def test_an_encoder_is_a_path_unless_it_is_minilm():
    assert encoder_folder("some/folder") == Path("some/folder")


def test_a_missing_encoder_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install '\.\[train\]'"):
        encoder_folder("minilm")
