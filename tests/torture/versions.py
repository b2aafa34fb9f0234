"""Run a part of the tests with the oldest, or the newest, versions of the dependencies that pyproject.toml allows.

::

    python tests/torture/versions.py                                   the oldest, with this Python
    python tests/torture/versions.py --newest --python 3.13            the newest, with another Python
    python tests/torture/versions.py --torch none                      all but torch and what runs models

needs uv (``pip install uv``), which resolves them. ``--torch`` names the build of torch in every case: its oldest
releases come from PyPI with gigabytes of CUDA, so the bound of torch itself is not tried unless it is named, as in
``--torch torch==2.6.0``. ``--find-links`` or the variable ``PIP_FIND_LINKS`` names a folder of wheels; to take the CPU
build from there, say ``--torch torch==2.13.0+cpu``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMPORTS = (
    "numpy", "pandas", "datasets", "pyarrow", "sklearn", "regex", "typer", "jinja2", "pycountry", "tqdm",
    "tokenizers", "safetensors", "transformers",
)  # fmt: skip
# What needs no model, and what does.
PLAIN = (
    "tests/test_text.py", "tests/test_segmentation.py", "tests/test_speakers.py", "tests/test_parties.py",
    "tests/test_claims.py", "tests/test_relations.py", "tests/test_report.py", "tests/test_serial.py",
    "tests/test_html.py", "tests/test_readers.py", "tests/test_rows.py", "tests/test_sources.py",
    "tests/test_w3c.py", "tests/test_pipeline.py", "tests/torture/test_offsets.py",
)  # fmt: skip
MODELS = ("tests/test_import.py", "tests/test_nli.py", "tests/test_bert.py", "tests/test_packaged.py",
          "tests/test_checkpoints.py", "tests/attribution", "tests/test_cli.py")  # fmt: skip


def uv(*arguments: str) -> None:
    """Run uv, quietly; its message says what went wrong."""
    subprocess.run(
        [sys.executable, "-m", "uv", "--quiet", "--no-python-downloads", *arguments], cwd=ROOT, check=True
    )


def resolve(folder: Path, arguments: argparse.Namespace) -> Path:
    """Write the versions that are to be installed, one a line, and return the file."""
    override, wanted = folder / "override.txt", folder / "requirements.txt"
    # "none" leaves torch out: no platform is called so
    torch = arguments.torch if arguments.torch != "none" else "torch ; sys_platform == 'none'"
    override.write_text(torch + "\n", encoding="utf-8")
    links = [part for link in arguments.find_links for part in ("--find-links", link)]
    uv(
        "pip", "compile", "pyproject.toml", "--extra", "test", "--no-annotate", "--no-header",
        "--python", arguments.python, "--override", str(override), *links,
        "--resolution", "highest" if arguments.newest else "lowest-direct", "--output-file", str(wanted),
    )  # fmt: skip
    return wanted


def install(folder: Path, wanted: Path, arguments: argparse.Namespace) -> Path:
    """Build an environment and return its Python; claimcheck itself is taken from the checkout."""
    python = folder / "venv" / "bin" / "python"
    uv("venv", "--clear", "--python", arguments.python, str(folder / "venv"))
    links = [part for link in arguments.find_links for part in ("--find-links", link)]
    uv("pip", "install", "--python", str(python), "--no-deps", *links, "--requirement", str(wanted))
    return python


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--newest", action="store_true", help="instead of the oldest")
    parser.add_argument("--python", default=sys.executable, help="a version that is installed, or a path")
    parser.add_argument("--torch", default="torch==2.13.0", help="a requirement, or none")
    links = os.environ.get("PIP_FIND_LINKS", "").split()
    parser.add_argument("--find-links", action="append", default=links, metavar="FOLDER")
    parser.add_argument("--folder", type=Path, help="keep the environment here and use it again")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        wanted = resolve(folder, arguments)
        print(wanted.read_text(encoding="utf-8"), flush=True)
        python = install(folder, wanted, arguments)
        made = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
        imports = [*IMPORTS, *(["torch"] if arguments.torch != "none" else []), "claimcheck"]
        subprocess.run([python, "-W", "error", "-c", "import " + ", ".join(imports)], env=made, check=True)
        tests = PLAIN if arguments.torch == "none" else (*PLAIN, *MODELS)
        chosen = [name for name in tests if (ROOT / name).exists()]
        done = subprocess.run(
            [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen], cwd=ROOT, env=made
        )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
