"""Examples of methods go on from the example of their class: its names are there when a doctest runs."""

from __future__ import annotations

import doctest
from functools import cache
from importlib import import_module
from typing import Any

import pytest

CLASSES = ("claimcheck.report.Report", "claimcheck.pipeline.Checker", "claimcheck.nli.NLI")


@cache
def names_of(path: str) -> dict[str, Any]:
    """Return the names that the example of a class makes."""
    module, _, name = path.rpartition(".")
    found = dict(vars(import_module(module)))
    before = set(found)
    for example in doctest.DocTestParser().get_examples(getattr(import_module(module), name).__doc__):
        exec(compile(example.source, path, "single"), found)
    return {key: value for key, value in found.items() if key not in before}


@pytest.fixture(autouse=True)
def _examples(request: pytest.FixtureRequest) -> None:
    if isinstance(request.node, pytest.DoctestItem):
        for path in CLASSES:
            if request.node.name.startswith(f"{path}."):
                request.node.dtest.globs.update(names_of(path))
