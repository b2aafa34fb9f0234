"""Build the wheel and the sdist twice and compare them byte by byte; look at what is in them.

::

    python tests/torture/build.py       needs hatchling; exit status 1 says what differs or does not belong
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WANTED = (
    "claimcheck/__init__.py", "claimcheck/templates/report.html.j2", "claimcheck/models/nli/model.safetensors",
    "claimcheck/models/nli/SHA256SUMS", "claimcheck/models/nli/pair_head.safetensors", "claimcheck/models/attribution/model.safetensors",
)  # fmt: skip
UNWANTED = re.compile(
    r"(?:^|/)(?:tests?|benchmarks|notebooks|corpus|__pycache__|\.git|\.venv|\.hypothesis)/|\.(?:pyc|bin|pt|pkl|partial)$"
)
BUILD = (
    "import sys, hatchling.build as b; print(b.build_wheel(sys.argv[1])); print(b.build_sdist(sys.argv[1]))"
)


def build(folder: Path) -> dict[str, str]:
    """Build both into a folder and return the hash of each."""
    made = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, env=made, check=True, capture_output=True
    )
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def problems(wheel: Path, sdist: Path) -> list[str]:
    """Return what is missing from the wheel and what belongs in neither."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    found = [f"{wheel.name} lacks {name}" for name in WANTED if name not in inside]
    found += [f"{wheel.name} holds {name}" for name in sorted(inside) if UNWANTED.search(name)]
    with tarfile.open(sdist) as archive:
        found += [
            f"{sdist.name} holds {member.name}"
            for member in archive
            if re.search(r"\.(?:pyc|bin|pt|pkl)$|/\.git/|/\.venv/", member.name)
            or not (member.isfile() or member.isdir())
        ]
    return found


def main() -> int:
    """Run from the command line."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        once, again = build(Path(first)), build(Path(second))
        found = [
            f"{name} differs from one build to the next" for name in once if once[name] != again.get(name)
        ]
        wheel, sdist = next(Path(first).glob("*.whl")), next(Path(first).glob("*.tar.gz"))
        found += problems(wheel, sdist)
        sizes = {path.name: path.stat().st_size for path in (wheel, sdist)}
    for name, digest in once.items():
        print(f"{digest}  {name}  {sizes[name]:,} bytes")
    print("\n".join(found) or "reproducible, contents as expected")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
