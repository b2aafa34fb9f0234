"""Web Annotations hold what the model says they MUST, and point at their words; PROV is read by the prov package."""

import json
import re
from urllib.parse import urlsplit

import fixtures
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from prov.model import ProvDocument, ProvElement, ProvRelation
from strategies import patient, reports

from claimcheck.records import Claim, Document
from claimcheck.report import Report
from claimcheck.w3c import NAMESPACE, iri, to_annotations

IRI = {"type": "string", "pattern": '^[A-Za-z][A-Za-z0-9+.-]*:[^\\s<>"{}|\\\\^`]*$'}
MOTIVATIONS = [
    "assessing",
    "bookmarking",
    "classifying",
    "commenting",
    "describing",
    "editing",
    "highlighting",
    "identifying",
    "linking",
    "moderating",
    "questioning",
    "replying",
    "tagging",
]

# The MUSTs of the Web Annotation Data Model (Recommendation of 23 February 2017), by section, as far as they concern
# the kinds of things that we write; unknown properties may only be our own.
MODEL = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$ref": "#/$defs/collection",
    "$defs": {
        "iri": IRI,
        "collection": {  # 5.1
            "type": "object",
            "required": ["@context", "id", "type"],
            "properties": {
                "@context": {"type": "array", "contains": {"const": "http://www.w3.org/ns/anno.jsonld"}},
                "id": IRI,
                "type": {"const": "AnnotationCollection"},
                "label": {"type": "string"},
                "generator": {"$ref": "#/$defs/software"},
                "total": {"type": "integer", "minimum": 0},
                "first": {"$ref": "#/$defs/page"},
            },
            "if": {"properties": {"total": {"minimum": 1}}},
            "then": {"required": ["first"]},
            "additionalProperties": False,
        },
        "page": {  # 5.2; an embedded page has no @context of its own
            "type": "object",
            "required": ["id", "type", "items"],
            "properties": {
                "id": IRI,
                "type": {"const": "AnnotationPage"},
                "partOf": IRI,
                "startIndex": {"type": "integer", "minimum": 0},
                "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/annotation"}},
            },
            "additionalProperties": False,
        },
        "annotation": {  # 3.1
            "type": "object",
            "required": ["id", "type", "target"],
            "properties": {
                "id": IRI,
                "type": {"const": "Annotation"},
                "motivation": {"enum": MOTIVATIONS},  # 3.3.5
                "body": {"type": "array", "items": {"$ref": "#/$defs/body"}},
                "target": {
                    "type": "array",
                    "minItems": 1,
                    "items": {"oneOf": [IRI, {"$ref": "#/$defs/specific"}]},
                },
            },
            "additionalProperties": False,
        },
        "body": {  # 3.2.4
            "type": "object",
            "required": ["type", "value"],
            "properties": {
                "type": {"const": "TextualBody"},
                "value": {"type": "string"},
                "format": {"const": "text/plain"},
                "purpose": {"enum": MOTIVATIONS},
            },
            "patternProperties": {"^claimcheck:": {"type": ["string", "number", "boolean"]}},
            "additionalProperties": False,
        },
        "specific": {  # 4
            "type": "object",
            "required": ["source"],
            "properties": {
                "type": {"const": "SpecificResource"},
                "source": IRI,
                "selector": {
                    "type": "array",
                    "items": {"oneOf": [{"$ref": "#/$defs/quote"}, {"$ref": "#/$defs/position"}]},
                },
            },
            "additionalProperties": False,
        },
        "quote": {  # 4.2.4
            "type": "object",
            "required": ["type", "exact"],
            "properties": {
                "type": {"const": "TextQuoteSelector"},
                "exact": {"type": "string"},
                "prefix": {"type": "string"},
                "suffix": {"type": "string"},
            },
            "additionalProperties": False,
        },
        "position": {  # 4.2.5
            "type": "object",
            "required": ["type", "start", "end"],
            "properties": {
                "type": {"const": "TextPositionSelector"},
                "start": {"type": "integer", "minimum": 0},
                "end": {"type": "integer", "minimum": 0},
            },
            "additionalProperties": False,
        },
        "software": {  # 3.3.2
            "type": "object",
            "properties": {"id": IRI, "type": {"const": "Software"}, "name": {"type": "string"}},
            "additionalProperties": False,
        },
    },
}
VALIDATOR = Draft202012Validator(MODEL)
REPORTS = [fixtures.small, fixtures.seed, fixtures.statements, fixtures.crossed, Report]


def annotations(report, **options):
    return report.to_annotations(**options).get("first", {"items": []})["items"]


def by_field(annotation):
    return {body["claimcheck:field"]: body["value"] for body in annotation["body"]}


def check_against_the_model(report):
    found = report.to_annotations()
    VALIDATOR.validate(found)
    items = annotations(report)
    assert found["total"] == len(items)
    ids = {item["id"] for item in items}
    texts = {iri("document", d.id): d.text for d in report.documents} | {
        d.url: d.text for d in report.documents
    }
    for target in (target for item in items for target in item["target"]):
        if isinstance(target, str):
            assert target in ids
            continue
        text = texts[target["source"]]
        quote, position = target["selector"]
        assert text[position["start"] : position["end"]] == quote["exact"]
        assert quote["prefix"] + quote["exact"] + quote["suffix"] in text


@pytest.mark.parametrize("make", REPORTS, ids=lambda make: make.__name__)
def test_annotations_are_what_the_model_says_they_must_be(make):
    check_against_the_model(make())


@patient
@given(reports())
def test_annotations_of_any_report_are_too(report):
    check_against_the_model(report)


def test_an_attribution_is_three_annotations():
    source, cue, content = annotations(fixtures.small())[6:9]
    assert [by_field(item) for item in (source, cue, content)] == [
        {"role": "source", "speaker": "Per Lund"},
        {"role": "cue"},
        {"role": "content", "speaker": "Per Lund", "party": "Union", "force": "denies", "kind": "indirect"},
    ]
    assert content["id"] == "urn:claimcheck:document/bridge/a3/content"
    assert content["target"][0]["selector"][0] == {
        "type": "TextQuoteSelector",
        "exact": "the bridge was safe",
        "prefix": fixtures.TEXT[content["target"][0]["selector"][1]["start"] - 32 :][:32],
        "suffix": ". Lund said Holm had told him it",
    }


def test_a_relation_links_two_contents_and_neither_is_not_written():
    links = [item for item in annotations(fixtures.small()) if item["motivation"] == "linking"]
    assert [by_field(link)["relation"] for link in links] == ["contradicts", "contradicts", "corroborates"]
    assert links[1]["target"] == [f"urn:claimcheck:document/bridge/{id}/content" for id in ("a2", "a3")]
    assert by_field(links[1])["why"] == "a denial of the same"
    assert links[1]["body"][0]["claimcheck:score"] == 0.97


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://example.org/bridge", "https://example.org/bridge"),
        ("HTTP://example.org/x", "HTTP://example.org/x"),
        ("example.org/bridge", "urn:claimcheck:document/d"),
        ("javascript:alert(1)", "urn:claimcheck:document/d"),
        ("https://example.org/a b", "urn:claimcheck:document/d"),
        (None, "urn:claimcheck:document/d"),
    ],
)
def test_the_source_is_the_address_where_there_is_one(url, source):
    small = fixtures.small()
    document = Document("d", small.text, url=url)
    claims = tuple(Claim(c.id, c.text, attribution=c.attribution, document="d") for c in small.claims)
    report = Report((document,), small.attributions, claims=claims)
    assert {target["source"] for item in annotations(report) for target in item["target"]} == {source}


def test_the_base_is_what_every_name_begins_with(tmp_path):
    found = fixtures.crossed().to_annotations(tmp_path / "a.jsonld", base="https://news.example/a/")
    assert json.loads((tmp_path / "a.jsonld").read_text(encoding="utf-8")) == found
    items = found["first"]["items"]
    assert items[0]["id"] == "https://news.example/a/document/x/x%3Aa1/source"
    assert {urlsplit(name).netloc for name in re.findall(r'"id": "(http[^"]+)"', json.dumps(items))} == {
        "news.example"
    }


# PROV


def read(report):
    """Return the PROV document of a report as the prov package reads it, by name and as relations."""
    document = ProvDocument.deserialize(content=json.dumps(report.to_prov()), format="json")
    elements = {str(record.identifier): record for record in document.get_records(ProvElement)}
    return document, elements, list(document.get_records(ProvRelation))


def check_prov(report):
    document, elements, relations = read(report)
    for relation in relations:
        for role, name in relation.formal_attributes:
            assert name is None or str(name) in elements, f"{relation}: {role}"
    assert {str(space.uri) for space in document.namespaces} == {NAMESPACE}
    assert json.loads(document.serialize(format="json")).keys() == report.to_prov().keys()
    return elements, relations


@pytest.mark.parametrize("make", REPORTS, ids=lambda make: make.__name__)
def test_prov_is_read_and_every_name_in_it_is_declared(make):
    check_prov(make())


@patient
@given(reports())
def test_prov_of_any_report_is_too(report):
    check_prov(report)


def test_prov_says_what_was_used(tmp_path):
    report = fixtures.small()
    report.to_prov(tmp_path / "prov.json")
    assert json.loads((tmp_path / "prov.json").read_text(encoding="utf-8")) == report.to_prov()
    elements, relations = check_prov(report)
    assert {name for name in elements if "/a" not in name} == {
        "claimcheck:report/bridge",
        "claimcheck:check/bridge",
        "claimcheck:software/0.1.0",
        "claimcheck:model/nli/0f3a",
        "claimcheck:document/bridge",
    }
    activity = elements["claimcheck:check/bridge"]
    assert activity.get_attribute("claimcheck:contradicts") == {0.5}
    kinds = [type(relation).__name__ for relation in relations]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "ProvGeneration": 1,
        "ProvAssociation": 1,
        "ProvAttribution": 1,
        "ProvUsage": 2,
        "ProvDerivation": 6,
        "ProvMembership": 5,
    }


def test_a_claim_is_a_quotation_of_its_document():
    quotations = [
        r for r in read(fixtures.crossed())[2] if "prov:Quotation" in map(str, r.get_asserted_types())
    ]
    ends = [tuple(str(name) for _, name in r.formal_attributes[:2]) for r in quotations]
    assert ends == [
        ("claimcheck:document/x/x%3Aa1", "claimcheck:document/x"),
        ("claimcheck:document/y/y%3Aa1", "claimcheck:document/y"),
    ]


def test_the_same_report_gives_the_same_bytes():
    for form in (to_annotations, Report.to_prov):
        assert json.dumps(form(fixtures.crossed())) == json.dumps(form(fixtures.crossed()))
