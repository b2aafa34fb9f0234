"""What is written is what the published schema says, and the schema says all that is written."""

import copy
import dataclasses
import json
from typing import get_args, get_type_hints

import fixtures
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from strategies import patient, reports

import claimcheck
from claimcheck.records import (
    Attribution,
    Claim,
    Document,
    Force,
    Kind,
    Party,
    Relation,
    RelationLabel,
    Speaker,
)
from claimcheck.report import Report
from claimcheck.serial import SCHEMA_VERSION

SCHEMA = claimcheck.schema()
VALIDATOR = Draft202012Validator(SCHEMA)
ADDED = {"denied", "truncated", "gate", "features"}  # to relations, within version 1
REPORTS = [fixtures.small, fixtures.seed, fixtures.statements, fixtures.crossed, Report]


def test_the_schema_is_one_and_has_the_version_that_is_written():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema_version"] == {"const": SCHEMA_VERSION}
    assert SCHEMA["$id"].endswith(f":{SCHEMA_VERSION}")


@pytest.mark.parametrize("make", REPORTS, ids=lambda make: make.__name__)
def test_reports_made_by_hand_validate(make):
    VALIDATOR.validate(json.loads(make().to_json()))


@patient
@given(reports())
def test_any_report_validates(report):
    VALIDATOR.validate(report.to_dict())


@pytest.mark.parametrize(
    ("name", "record", "beside", "added"),
    [
        pytest.param("document", Document, set(), set(), id="document"),
        pytest.param("party", Party, set(), set(), id="party"),
        pytest.param("speaker", Speaker, set(), set(), id="speaker"),
        pytest.param("attribution", Attribution, {"speaker", "party"}, set(), id="attribution"),
        pytest.param("claim", Claim, set(), set(), id="claim"),
        pytest.param("relation", Relation, set(), ADDED, id="relation"),
    ],
)
def test_the_schema_names_every_field_of_a_record(name, record, beside, added):
    fields = {field.name for field in dataclasses.fields(record)} | beside
    assert set(SCHEMA["$defs"][name]["properties"]) == fields
    assert set(SCHEMA["$defs"][name]["required"]) == fields - added


def test_a_report_without_what_was_added_later_is_read():
    report = fixtures.small()
    old = report.to_dict()
    for row in old["relations"]:
        for name in ADDED:
            del row[name]
    VALIDATOR.validate(old)
    assert any(relation.features and relation.gate for relation in report.relations)
    assert Report.from_dict(old) == dataclasses.replace(
        report,
        relations=tuple(
            Relation(r.a, r.b, r.label, r.score, r.forward, r.backward, r.why) for r in report.relations
        ),
    )


def test_the_schema_names_every_field_of_a_report():
    written = set(fixtures.small().to_dict()) | set(fixtures.crossed().to_dict())
    assert set(SCHEMA["properties"]) == written


@pytest.mark.parametrize(
    ("name", "field", "values"),
    [
        ("attribution", "kind", Kind),
        ("claim", "force", Force),
        ("relation", "label", RelationLabel),
        ("speaker", "kind", get_type_hints(Speaker)["kind"]),
    ],
    ids=["kind", "force", "label", "speaker"],
)
def test_the_schema_has_the_words_of_the_records(name, field, values):
    assert SCHEMA["$defs"][name]["properties"][field]["enum"] == list(get_args(values))


def change(*path, value):
    def apply(data):
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return apply


def drop(*path):
    def apply(data):
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return apply


@pytest.mark.parametrize(
    ("make", "damage"),
    [
        pytest.param(fixtures.small, change("schema_version", value=2), id="another version"),
        pytest.param(fixtures.small, drop("claims"), id="no claims"),
        pytest.param(fixtures.small, change("text", value=None), id="one article without text"),
        pytest.param(fixtures.small, drop("meta"), id="one article without meta"),
        pytest.param(fixtures.crossed, change("text", value="x"), id="several articles with a text"),
        pytest.param(fixtures.small, change("claims", 0, "force", value="says"), id="unknown force"),
        pytest.param(fixtures.small, change("claims", 0, "hedged", value=1), id="hedged is a number"),
        pytest.param(fixtures.small, drop("claims", 0, "context"), id="claim without context"),
        pytest.param(fixtures.small, change("attributions", 0, "content", value=[]), id="no content"),
        pytest.param(fixtures.small, change("attributions", 0, "cue", value=[[1, 2, 3]]), id="span of three"),
        pytest.param(fixtures.small, change("attributions", 0, "cue", value=[[-1, 2]]), id="span below zero"),
        pytest.param(fixtures.small, change("relations", 0, "forward", value=[0.5, 0.5]), id="two readings"),
        pytest.param(fixtures.small, change("relations", 0, "denied", value=[True]), id="denied of one"),
        pytest.param(
            fixtures.small, change("relations", 0, "truncated", value=[0, 1]), id="flags of numbers"
        ),
        pytest.param(fixtures.small, change("relations", 0, "gate", value="0.5"), id="gate is a string"),
        pytest.param(
            fixtures.small, change("relations", 0, "features", value=[1.0]), id="features is a list"
        ),
        pytest.param(
            fixtures.small, change("relations", 0, "features", value={"next": True}), id="a feature is true"
        ),
        pytest.param(fixtures.small, change("parties", 0, "members", value="Ada"), id="members is a string"),
    ],
)
def test_damaged_reports_neither_validate_nor_load(make, damage):
    data = make().to_dict()
    VALIDATOR.validate(data)
    damaged = copy.deepcopy(data)
    damage(damaged)
    assert not VALIDATOR.is_valid(damaged)
    if damaged.get("documents") is None:  # a text beside documents is passed over when a report is loaded
        with pytest.raises(claimcheck.InputError):
            Report.from_dict(damaged)
