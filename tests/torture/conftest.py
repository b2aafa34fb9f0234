"""The torture tests: short in an ordinary run, long with ``--full``, which leaves what it measured in a results file.

``make torture`` runs all of them in full.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from claimcheck.evaluation.results import provenance, write_tables

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))


def pytest_addoption(parser):
    group = parser.getgroup("torture")
    group.addoption("--full", action="store_true", help="run the torture tests at full length, write figures")
    group.addoption(
        "--fuzz-seconds", type=float, default=60, help="how long each reader is fuzzed with --full"
    )
    group.addoption("--cases", type=int, default=100_000, help="how many texts offsets are checked in")
    group.addoption("--results", type=Path, default=ROOT / "benchmarks" / "results" / "torture.json")


@pytest.fixture(scope="session")
def full(request):
    """Whether to run at full length."""
    return bool(request.config.getoption("--full", False))


@pytest.fixture(scope="module")
def figures(request, full):
    """Return a function that keeps one row of the module's table: what was checked, how often, what was measured.

    The table is written when all tests of the module have passed in full, and only then.
    """
    rows: list[dict] = []
    name = request.module.__name__.rpartition(".")[2].removeprefix("test_")
    cases, seconds = request.config.getoption("--cases"), request.config.getoption("--fuzz-seconds")
    options = f"--full --cases {cases} --fuzz-seconds {seconds:g}"
    made = provenance(ROOT, command=f"python -m pytest tests/torture/test_{name}.py {options}", seed=0)
    failed = request.session.testsfailed

    def keep(check: str, n: int, **metrics: float) -> None:
        rows.append({"check": check, "n": n, "metrics": metrics})

    yield keep
    if full and rows and request.session.testsfailed == failed:
        write_tables(request.config.getoption("--results"), {name: {"provenance": made, "rows": rows}})
