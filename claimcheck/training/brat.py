"""Read attributions annotated with brat (Stenetorp et al., EACL 2012): ``NAME.txt`` beside ``NAME.ann``.

Text-bound annotations are of type ``Source``, ``Cue`` or ``Content`` (in any case; other types are passed over). What
belongs together is said by relations of any name between two of them, or by events whose trigger is the cue::

    T1	Source 0 9	The mayor
    T2	Cue 10 14	said
    T3	Content 20 33;40 51	the bridge is in good order
    R1	from Arg1:T2 Arg2:T1
    R2	reports Arg1:T2 Arg2:T3

Every cue, and every content that no cue is linked to, is one attribution with all that is linked to it directly.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from claimcheck.errors import InputError
from claimcheck.evaluation.spans import ROLES

_TEXT_BOUND = re.compile(r"(T\d+)\t(\S+) ([0-9]{1,12} [0-9]{1,12}(?:;[0-9]{1,12} [0-9]{1,12})*)(?:\t.*)?")
_RELATION = re.compile(r"R\d+\t\S+ Arg1:(T\d+) Arg2:(T\d+)\s*")
_EVENT = re.compile(r"E\d+\t((?:\S+:[TE]\d+\s*)+)")


def read_brat(folder: Path) -> list[dict[str, Any]]:
    """Return the articles of a folder with brat annotations, in the form that the trainers read.

    Raises
    ------
    InputError
        If an annotation file has no text beside it, a line cannot be read, or a span lies outside the text.
    """
    return [_read(path) for path in sorted(folder.glob("*.ann"))]


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.with_suffix(".txt").read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(f"{path}: no text beside it: {error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path.with_suffix('.txt')}: not UTF-8: {error}") from None
    try:
        lines = path.read_bytes().decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8: {error}") from None
    roles: dict[str, str] = {}
    found: dict[str, list[list[int]]] = {}
    links: dict[str, set[str]] = {}
    for number, line in enumerate(lines, 1):
        if match := _TEXT_BOUND.fullmatch(line):
            name, role, places = match.groups()
            if role.lower() not in ROLES:
                continue
            found[name] = [[int(x) for x in place.split()] for place in places.split(";")]
            roles[name] = role.lower()
            for start, end in found[name]:
                if not start < end <= len(text):
                    raise InputError(
                        f"{path}:{number}: span {start} {end} lies outside the text of {len(text)} characters"
                    )
        elif match := _RELATION.fullmatch(line):
            _link(links, *match.groups())
        elif match := _EVENT.fullmatch(line):
            trigger, *arguments = (part.split(":")[1] for part in match[1].split())
            for argument in arguments:
                _link(links, trigger, argument)
        elif line[:1] in {"T", "R", "E"}:
            raise InputError(f"{path}:{number}: cannot read {line!r:.80} as a brat annotation")
    attributions = []
    for name, role in roles.items():
        partners = [other for other in links.get(name, ()) if other in roles]
        if role == "cue" or (role == "content" and all(roles[other] != "cue" for other in partners)):
            members = [name, *partners]
            spans = {r: sorted(s for m in members if roles[m] == r for s in found[m]) for r in ROLES}
            attributions.append({"id": name, **spans})
    return {"id": path.stem, "text": text, "attributions": attributions}


def _link(links: dict[str, set[str]], a: str, b: str) -> None:
    links.setdefault(a, set()).add(b)
    links.setdefault(b, set()).add(a)
