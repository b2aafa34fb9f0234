"""What comes with claimcheck may be used with it."""

from __future__ import annotations

from email.message import Message

import pytest
from licences import installed, problems, stated


def package(**fields):
    made = Message()
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            made[name.replace("_", "-")] = value
    return made


LESSER = "License :: OSI Approved :: GNU Lesser General Public License v2 (LGPLv2)"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"License_Expression": "MIT", "License": "see LICENSE"}, "MIT"),
        ({"Classifier": [LESSER, "Topic :: Text Processing"], "License": "LGPL"}, LESSER.rpartition(" :: ")[2]),
        ({"Classifier": "License :: OSI Approved", "License": "BSD"}, "BSD"),
        ({"License": "UNKNOWN"}, ""),
        ({"License": "Permission is hereby granted,\nfree of charge"}, ""),
        ({}, ""),
    ],
    ids=["expression first", "classifiers before the field", "an empty classifier", "unknown", "whole text", "none"],
)  # fmt: skip
def test_the_stated_licence(fields, expected):
    assert stated(package(**fields)) == expected


@pytest.mark.parametrize(
    ("licence", "wrong"),
    [
        ("MIT", False),
        ("LGPL-2.1-only", False),
        ("GNU Lesser General Public License v2 (LGPLv2)", False),
        ("MPL-2.0 AND MIT", False),
        ("GPL-2.0-only OR MIT", False),
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("Other/Proprietary License", True),
        ("", True),
    ],
)
def test_problems_name_what_binds_or_says_nothing(licence, wrong):
    said = problems({"some-package": ("1.0", licence)})
    assert bool(said) == wrong
    assert all(line.startswith("some-package 1.0") for line in said)


def test_no_dependency_binds_the_programs_that_use_it():
    found = installed(["claimcheck"])
    assert {"torch", "numpy", "markupsafe"} <= found.keys()  # the last is a dependency of a dependency
    assert problems(found) == []
