import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from claimcheck.errors import InputError
from claimcheck.evaluation.results import (
    hardware,
    model_hash,
    provenance,
    read_tables,
    shown_command,
    write_tables,
)


def test_a_table_replaces_only_itself(tmp_path):
    path = tmp_path / "new" / "r.json"
    write_tables(path, {"nli": {"rows": [1]}, "seed": {"rows": [2]}})
    write_tables(path, {"nli": {"rows": [3]}})
    assert read_tables(path) == {"nli": {"rows": [3]}, "seed": {"rows": [2]}}
    assert [file.name for file in path.parent.iterdir()] == ["r.json"]


@pytest.mark.parametrize("text", ["[]", "{", '{"tables": 3}', "{}"])
def test_a_file_that_is_no_results_file_is_left_alone(tmp_path, text):
    path = tmp_path / "r.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"r\.json"):
        write_tables(path, {"nli": {}})
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["/p/benchmarks/a.py", "--data", "/elsewhere/data"], "python benchmarks/a.py --data DATA"),
        (
            ["benchmarks/a.py", "--data=../data", "--limit", "3"],
            "python benchmarks/a.py --data=DATA --limit 3",
        ),
        (
            ["/p/a.py", "--table", "nli", "seed", "--nli", "/p/models/nli"],
            "python a.py --table nli seed --nli models/nli",
        ),
        (["/p/a.py", "--gold-folder", "/x"], "python a.py --gold-folder GOLD_FOLDER"),
    ],
)
def test_shown_command_names_no_path_outside_the_project(arguments, expected):
    assert shown_command(arguments, Path("/p")) == expected


def test_model_hash(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    assert model_hash(tmp_path) == hashlib.sha256(b"weights").hexdigest()
    with pytest.raises(FileNotFoundError, match=r"no \.safetensors file"):
        model_hash(tmp_path / "empty")


def test_provenance(tmp_path):
    folder = tmp_path / "nli"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    made = provenance(tmp_path, command="python a.py", seed=7, models=[folder], options={"limit": 5})
    assert (made["command"], made["seed"], made["limit"]) == ("python a.py", 7, 5)
    assert made["models"] == {"nli": hashlib.sha256(b"weights").hexdigest()}
    assert made["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert set(made["hardware"]) == {"cpu", "cores", "memory_gib"}
    json.dumps(made)


def test_provenance_of_a_checkout(tmp_path):
    def git(*arguments):
        subprocess.run(
            ["git", "-C", tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", *arguments], check=True
        )

    git("init", "-q")
    (tmp_path / "claimcheck").mkdir()
    (tmp_path / "claimcheck" / "a.py").write_text("1\n", encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "Start")
    clean = provenance(tmp_path, command="", seed=0)
    assert (len(clean["commit"]), clean["dirty"]) == (40, False)
    (tmp_path / "notes").write_text("x", encoding="utf-8")  # no part of what is measured
    assert provenance(tmp_path, command="", seed=0)["dirty"] is False
    (tmp_path / "claimcheck" / "a.py").write_text("2\n", encoding="utf-8")
    assert provenance(tmp_path, command="", seed=0)["dirty"] is True


def test_hardware_counts_cores():
    assert hardware()["cores"] >= 1


def test_evaluation_loads_no_torch():
    code = (
        "import sys, claimcheck.evaluation.articles, claimcheck.evaluation.baselines, claimcheck.evaluation.results;"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
