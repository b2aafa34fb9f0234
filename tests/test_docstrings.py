"""Every public name has a docstring with an example that runs (the doctests themselves run with the rest)."""

import doctest
import inspect

import pytest

import claimcheck

CLASSES = ("Report", "Checker", "NLI")


def public_objects():
    """Return what is documented by its dotted name: the public names, and what the main classes offer."""
    found = {name: getattr(claimcheck, name) for name in claimcheck.__all__}
    for name in CLASSES:
        for member, value in vars(found[name]).items():
            if not member.startswith("_") and (
                inspect.isfunction(value) or isinstance(value, property | classmethod | staticmethod)
            ):
                found[f"{name}.{member}"] = value
    return found


OBJECTS = public_objects()
MISSING = {"headline_stances": "the packaged model has no weights for headlines yet"}
NAMES = [
    pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=MISSING[name]))
    if name in MISSING
    else name
    for name in OBJECTS
]


def examples(text):
    """Return the examples of a docstring that are run."""
    return [e for e in doctest.DocTestParser().get_examples(text) if not e.options.get(doctest.SKIP)]


@pytest.mark.parametrize("name", NAMES)
def test_it_has_an_example_that_runs(name):
    found = OBJECTS[name]
    text = inspect.getdoc(found.__func__ if isinstance(found, classmethod | staticmethod) else found)
    assert text, f"{name} has no docstring"
    assert not inspect.isclass(found) or "__doc__" in vars(found), (
        f"{name} has only the docstring of its parent"
    )
    shown = examples(text)
    assert any(example.want for example in shown), f"{name} has no example with a result"


def test_an_example_that_is_skipped_is_none():
    assert examples(">>> 1 + 1  # doctest: +SKIP\n3\n") == []
    assert [e.want for e in examples(">>> 1 + 1\n2\n")] == ["2\n"]


def test_the_methods_are_looked_at():
    assert {"Report.matrix", "Report.load", "Report.text", "Checker.pipe", "NLI.predict"} <= set(OBJECTS)
