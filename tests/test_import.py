"""What importing the package costs, and what it offers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import claimcheck

ROOT = Path(__file__).resolve().parent.parent

NAMES = [
    "NLI",
    "Attribution",
    "Checker",
    "Claim",
    "ClaimcheckError",
    "Document",
    "InputError",
    "ModelError",
    "Party",
    "PartyVerdict",
    "Quotation",
    "Relation",
    "Report",
    "Span",
    "SpanError",
    "Speaker",
    "Stance",
    "StanceClassifier",
    "Verdict",
    "WorkerError",
    "headline_stances",
    "load",
    "schema",
    "stances",
    "verify",
]

MEASURE = """
import json, sys, time
began, cpu = time.perf_counter(), time.process_time()
import claimcheck
seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
heavy = ["torch", "transformers", "tokenizers", "pandas", "numpy", "datasets", "sklearn", "jinja2", "typer"]
print(json.dumps({"seconds": seconds, "cpu": cpu, "loaded": [name for name in heavy if name in sys.modules]}))
"""


def test_names_are_the_documented_ones():
    assert claimcheck.__all__ == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_name_resolves(name):
    assert getattr(claimcheck, name).__name__ == name
    assert name in dir(claimcheck)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'claimcheck' has no attribute 'Chekker'"):
        _ = claimcheck.Chekker


def test_version_equals_that_of_the_project():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert claimcheck.__version__ == project["version"]
    assert f"\nversion: {project['version']}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_import_is_fast_and_loads_nothing_heavy():
    command = [sys.executable, "-c", MEASURE]
    done = [
        json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
        for _ in range(2)
    ]
    assert done[0]["loaded"] == []
    assert min(run["cpu"] for run in done) < 0.3  # processor time: a busy machine does not make it fail
