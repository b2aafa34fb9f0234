"""List the licences of all that is installed with claimcheck, dependencies of dependencies included.

::

    python tests/torture/licences.py [EXTRA …]      exit status 1 names what states none, or one that binds its users

What a package says of itself in its metadata is listed, nothing else: read the licence before you rely on it.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterable

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

BINDING = re.compile(r"\bA?GPL|(?<!Lesser )General Public|Affero|Proprietary|Commercial", re.IGNORECASE)
CHOICE = re.compile(r"\bOR\b")


def stated(metadata: importlib.metadata.PackageMetadata) -> str:
    """Return the licence that a package states: its SPDX expression, its classifiers, or the first line of its field.

    >>> from email.message import Message
    >>> package = Message()
    >>> package["License"] = "MIT"
    >>> stated(package)
    'MIT'
    """
    expression: str = metadata["License-Expression"] or ""
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in metadata.get_all("Classifier", [])
        if text.startswith("License :: ") and text != "License :: OSI Approved"
    ]
    field = (metadata["License"] or "").strip()
    short = field if field != "UNKNOWN" and "\n" not in field and len(field) < 80 else ""
    return expression or "; ".join(classifiers) or short


def installed(names: Iterable[str], extras: Iterable[str] = ()) -> dict[str, tuple[str, str]]:
    """Return version and licence of the named packages and of all that they need, by name."""
    found: dict[str, tuple[str, str]] = {}
    waiting = [(canonicalize_name(name), frozenset(extras)) for name in names]
    seen = set(waiting)
    while waiting:
        name, chosen = waiting.pop()
        try:
            package = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ("not installed", "")
            continue
        found[name] = (package.version, stated(package.metadata))
        for line in package.requires or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in ("", *chosen)):
                item = (canonicalize_name(needed.name), frozenset(needed.extras))
                if item not in seen:
                    seen.add(item)
                    waiting.append(item)
    return dict(sorted(found.items()))


def problems(found: dict[str, tuple[str, str]]) -> list[str]:
    """Return what has to be looked at: no licence stated, or one whose terms reach the programs that use it."""
    said = []
    for name, (version, licence) in found.items():
        if not licence:
            said.append(f"{name} {version} states no licence")
        elif BINDING.search(licence) and not CHOICE.search(licence):
            said.append(f"{name} {version}: {licence}")
    return said


def main() -> int:
    """Run from the command line."""
    found = installed(["claimcheck"], sys.argv[1:])
    print("| package | version | licence |\n| --- | --- | --- |")
    for name, (version, licence) in found.items():
        print(f"| {name} | {version} | {licence} |")
    said = problems(found)
    print(
        "\n"
        + ("\n".join(said) or "every package states a licence that leaves the programs that use it alone")
    )
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main())
