"""Turns docstrings into what mkdocstrings reads well: it knows neither roles nor examples without a heading.

A role becomes a link where its target is on the site; of parameters that are described together each gets its own
row, with its own type and default.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

import claimcheck

_ROLE = re.compile(r":(?:func|class|mod|meth|data|attr):`~?([^`<>]+?)(?: <([^`<>]+)>)?`")
_PARAMETERS = re.compile(r"^Parameters\n-+\n(?:(?:\w+(?:, \w+)*|    .*|)\n)+", re.MULTILINE)
_TOGETHER = re.compile(r"^(\w+(?:, \w+)+)\n((?:    .*\n|\n(?=    ))+)", re.MULTILINE)
_EXAMPLE = re.compile(r"^>>> ", re.MULTILINE)


class Docstrings(griffe.Extension):
    """Rewrites every docstring once the package has been read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring is not None:
            text = split_parameters(f"{obj.docstring.value}\n")
            text = head_examples(text).replace("\n::\n", "\n")
            obj.docstring.value = _ROLE.sub(lambda role: link(role, obj), text).rstrip()


def split_parameters(text: str) -> str:
    r"""Return a docstring with an entry of its own for each parameter.

    >>> split_parameters("Parameters\n----------\na, b\n    Two.\n")
    'Parameters\n----------\na\n    Two.\nb\n    Two.\n'
    """
    return _PARAMETERS.sub(
        lambda section: _TOGETHER.sub(
            lambda entry: "".join(f"{name}\n{entry[2]}" for name in entry[1].split(", ")), section[0]
        ),
        text,
    )


def head_examples(text: str) -> str:
    r"""Return a docstring with a heading over its examples.

    >>> head_examples("Do it.\n\n>>> 1 + 1\n2\n")
    'Do it.\n\nExamples\n--------\n>>> 1 + 1\n2\n'
    """
    if "\nExamples\n---" in text:
        return text
    return _EXAMPLE.sub("Examples\n--------\n>>> ", text, count=1)


def link(role: re.Match[str], obj: griffe.Object) -> str:
    """Return what a role shows, linked to where its target is documented."""
    shown, target = role[1], role[2] or role[1]
    return f'<autoref identifier="{full_name(target, obj)}" optional><code>{shown}</code></autoref>'


def full_name(name: str, obj: griffe.Object) -> str:
    """Return the dotted name of a target under which its documentation stands."""
    if name.startswith("claimcheck."):
        first, *rest = name.removeprefix("claimcheck.").split(".")
        if first in claimcheck.__all__:
            return ".".join([getattr(claimcheck, first).__module__, first, *rest])
        return name
    if name.split(".")[0] in claimcheck.__all__:
        return full_name(f"claimcheck.{name}", obj)
    beside = obj.parent if obj.is_function and obj.parent else obj
    return f"{beside.path}.{name}"
