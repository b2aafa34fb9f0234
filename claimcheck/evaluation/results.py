"""Results files of benchmarks: JSON tables, each with the commit, command, hardware and versions it was made with.

::

    {"tables": {"nli": {"provenance": {…}, "rows": [{"set": …, "system": …, "n": …, "metrics": {…}}, …]}, …}}

A metric is a number, or ``{"value": …, "low": …, "high": …}`` with its 95% interval.
"""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from claimcheck.errors import InputError

PACKAGES = (
    "claimcheck",
    "torch",
    "transformers",
    "tokenizers",
    "sentence-transformers",
    "scikit-learn",
    "numpy",
)


def provenance(
    root: Path,
    *,
    command: str,
    seed: int,
    models: Sequence[Path] = (),
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what a reader needs to run a table again: commit, command, seed, hardware, versions, model hashes.

    ``root`` is the checkout; without git the commit is None. ``dirty`` tells whether the library, the models or the
    benchmarks differ from the commit, results aside. ``models`` are checkpoint folders.
    """
    return {
        "command": command,
        "commit": _git(root, "rev-parse", "HEAD"),
        "dirty": bool(_git(root, "status", "--porcelain", "--", "claimcheck", "models", "benchmarks/*.py")),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seed": seed,
        "hardware": hardware(),
        "versions": versions(),
        "models": {folder.name: model_hash(folder) for folder in models},
        **(options or {}),
    }


def hardware() -> dict[str, Any]:
    """Return the CPU model, the number of cores this process may use, and the memory in GiB."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    except (AttributeError, ValueError, OSError):  # no such figure on this system
        memory = None
    return {"cpu": _cpu_model(), "cores": cores, "memory_gib": memory}


def versions() -> dict[str, str | None]:
    """Return the versions of Python and of the packages that results depend on; None for one not installed."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def model_hash(folder: Path) -> str:
    """Return the SHA-256 of a checkpoint's weights: all its safetensors files, in the order of their names.

    Raises
    ------
    FileNotFoundError
        If the folder has none.
    """
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        raise FileNotFoundError(
            f"{folder} has no .safetensors file: expected the folder of a trained checkpoint"
        )
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def shown_command(arguments: Sequence[str], root: Path) -> str:
    """Return a command line for others to read: paths inside ``root`` relative to it, others by their option's name.

    >>> shown_command(["/home/me/claimcheck/benchmarks/accuracy.py", "--data", "/mnt/data"], Path("/home/me/claimcheck"))
    'python benchmarks/accuracy.py --data DATA'
    """
    shown = ["python"]
    option = "path"
    for argument in arguments:
        name, equals, value = argument.partition("=") if argument.startswith("--") else ("", "", argument)
        if name and not equals:
            option = name.lstrip("-")
            shown.append(name)
            continue
        option = name.lstrip("-") or option
        path = Path(value)
        if path.is_relative_to(root):
            value = path.relative_to(root).as_posix()
        elif path.is_absolute() or ".." in path.parts:
            value = option.upper().replace("-", "_")
        shown.append(f"{name}{equals}{value}")
    return " ".join(shown)


def write_tables(path: Path, tables: Mapping[str, Mapping[str, Any]]) -> None:
    """Put ``tables`` into the results file at ``path``; tables of other names in it stay as they are.

    The file is replaced in one step, so that a run that is cut off leaves the old one.

    Raises
    ------
    InputError
        If the file is there but is not a results file.
    """
    merged = {**(read_tables(path) if path.exists() else {}), **tables}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps({"tables": merged}, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)


def read_tables(path: Path) -> dict[str, Any]:
    """Return the tables of a results file by name.

    Raises
    ------
    InputError
        If it is not a results file.
    """
    try:
        tables = json.loads(path.read_text(encoding="utf-8"))["tables"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError(f'{path} is not a results file of the form {{"tables": …}}: {error!r}') from None
    if not isinstance(tables, dict):
        raise InputError(f"{path}: tables must be an object, got {type(tables).__name__}")
    return tables


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or sys.platform
