"""Verdicts as schema.org ClaimReview: only those of people, with properties that the vocabulary has."""

import json
import re

import fixtures
import pytest

from claimcheck.claim_review import to_claim_review
from claimcheck.errors import InputError
from claimcheck.records import Claim, Document, Speaker
from claimcheck.report import Report

VERDICT = {"rating": "False", "author": "Vestby Fact Desk", "url": "https://example.org/checks/bridge"}
FULL = {
    **VERDICT,
    "author_url": "https://example.org",
    "date": "2024-03-05",
    "value": 1,
    "worst": 1,
    "best": 5,
    "text": "The inspection of 2 March found cracks.",
}


def test_a_verdict_becomes_a_review():
    assert fixtures.small().to_claim_review({"a3": FULL}) == {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "ClaimReview",
                "url": "https://example.org/checks/bridge",
                "author": {"@type": "Organization", "name": "Vestby Fact Desk", "url": "https://example.org"},
                "claimReviewed": "It is not true that the bridge was safe.",
                "itemReviewed": {
                    "@type": "Claim",
                    "name": "It is not true that the bridge was safe.",
                    "author": {"@type": "Person", "name": "Per Lund"},
                    "datePublished": "2024-03-02",
                    "appearance": {
                        "@type": "NewsArticle",
                        "headline": "Bridge row deepens in Vestby",
                        "datePublished": "2024-03-02",
                    },
                },
                "reviewRating": {
                    "@type": "Rating",
                    "alternateName": "False",
                    "ratingValue": 1,
                    "worstRating": 1,
                    "bestRating": 5,
                },
                "datePublished": "2024-03-05",
                "reviewBody": "The inspection of 2 March found cracks.",
            }
        ],
    }


def test_only_claims_with_a_verdict_are_reviewed_in_the_order_of_the_verdicts():
    graph = fixtures.small().to_claim_review({"a4": VERDICT, "a1": {**VERDICT, "rating": "True"}})["@graph"]
    assert [(r["itemReviewed"]["author"]["name"], r["reviewRating"]["alternateName"]) for r in graph] == [
        ("Per Lund", "False"),
        ("Ada Holm", "True"),
    ]


def test_what_is_not_known_is_left_out():
    report = Report(claims=(Claim("c1", "it rained"),))
    (review,) = to_claim_review(report, {"c1": {**VERDICT, "date": None, "value": None}})["@graph"]
    assert review["itemReviewed"] == {"@type": "Claim", "name": "It rained."}
    assert set(review) == {"@type", "url", "author", "claimReviewed", "itemReviewed", "reviewRating"}
    assert review["reviewRating"] == {"@type": "Rating", "alternateName": "False"}


@pytest.mark.parametrize(
    ("url", "appearance"),
    [
        ("https://example.org/row", {"@type": "NewsArticle", "url": "https://example.org/row"}),
        ("javascript:alert(1)", None),
        ("example.org", None),
        ("https://exa mple.org", None),
        ("https://[x", None),
        (None, None),
    ],
)
def test_a_claim_appears_at_web_addresses_only(url, appearance):
    report = Report((Document("d", "x", url=url),), claims=(Claim("c1", "x", document="d"),))
    item = to_claim_review(report, {"c1": VERDICT})["@graph"][0]["itemReviewed"]
    assert item.get("appearance") == appearance


@pytest.mark.parametrize(
    ("kind", "type"), [("person", "Person"), ("organization", "Organization"), ("unknown", "Person")]
)
def test_speakers_are_persons_or_organisations(kind, type):
    report = Report(
        speakers=(Speaker("s1", "The Union", kind),), claims=(Claim("c1", "x", speaker="The Union"),)
    )
    item = to_claim_review(report, {"c1": VERDICT})["@graph"][0]["itemReviewed"]
    assert item["author"] == {"@type": type, "name": "The Union"}


BAD = {
    "none": ({}, "there are no verdicts: a contradiction is not a falsity"),
    "list": ([VERDICT], "verdicts is a list, expected a mapping from claim ids to verdicts"),
    "no-claim": ({"a9": VERDICT}, "no claim 'a9' in this report: its claims are a1, a2"),
    "score": (
        {"a1": 0.97},
        "verdict on 'a1' is 0.97, expected a mapping with rating, author, url: a score of",
    ),
    "no-rating": ({"a1": {**VERDICT, "rating": None}}, "verdict on 'a1': rating is None, expected a str"),
    "no-author": (
        {"a1": {"rating": "False", "url": "https://x.org"}},
        "verdict on 'a1': author is None, expected",
    ),
    "blank-author": (
        {"a1": {**VERDICT, "author": " "}},
        "verdict on 'a1': author is ' ', expected a str that is not",
    ),
    "ourselves": (
        {"a1": {**VERDICT, "author": "Claimcheck"}},
        "verdict on 'a1': the author is claimcheck, expected",
    ),
    "unknown": (
        {"a1": {**VERDICT, "verdict": "x"}},
        "verdict on 'a1' has the field 'verdict', expected some of rating",
    ),
    "no-url": (
        {"a1": {**VERDICT, "url": "checks/7"}},
        "verdict on 'a1': url is 'checks/7', expected an address such",
    ),
    "script": (
        {"a1": {**VERDICT, "author_url": "javascript:x"}},
        "verdict on 'a1': author_url is 'javascript:x'",
    ),
    "date": ({"a1": {**VERDICT, "date": "March"}}, "verdict on 'a1': date is 'March', expected ISO 8601"),
    "text": ({"a1": {**VERDICT, "text": 3}}, "verdict on 'a1': text is 3, expected a str"),
    "half-a-scale": (
        {"a1": {**VERDICT, "value": 3}},
        "verdict on 'a1' has value, expected value, worst and best",
    ),
    "word-value": (
        {"a1": {**VERDICT, "value": "3", "worst": 1, "best": 5}},
        "verdict on 'a1': value is '3', expected a finite number",
    ),
    "infinite": (
        {"a1": {**VERDICT, "value": 3, "worst": 1, "best": float("inf")}},
        "verdict on 'a1': best is inf, expected a finite number",
    ),
    "nan": (
        {"a1": {**VERDICT, "value": float("nan"), "worst": 1, "best": 5}},
        "verdict on 'a1': value is nan, expected a finite number",
    ),
    "off-the-scale": (
        {"a1": {**VERDICT, "value": 6, "worst": 1, "best": 5}},
        "verdict on 'a1': value 6 does not lie between worst 1 and best 5",
    ),
}


@pytest.mark.parametrize(("verdicts", "message"), BAD.values(), ids=BAD)
def test_what_is_no_verdict_is_refused(verdicts, message, tmp_path):
    path = tmp_path / "review.json"
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        fixtures.small().to_claim_review(verdicts, path)
    assert not path.exists()


def test_the_file_holds_what_is_returned(tmp_path):
    path = tmp_path / "review.json"
    made = fixtures.small().to_claim_review({"a1": FULL}, path)
    assert json.loads(path.read_text(encoding="utf-8")) == made


def properties(cls):
    """Return the properties of a type of schema.org, its parents' included, with the types of their values."""
    found = {}
    for parent in reversed(cls.__mro__):
        found.update(vars(parent).get("__annotations__", {}))
    return found


def check(item):
    models = pytest.importorskip("msgspec_schemaorg.models")
    cls = getattr(models, item["@type"])
    known = properties(cls)
    for name, value in item.items():
        if name == "@type":
            continue
        assert name in known, f"{item['@type']} has no property {name}"
        expected = re.findall(r"\w+", str(known[name]))
        if isinstance(value, dict):
            parents = {parent.__name__ for parent in getattr(models, value["@type"]).__mro__} - {
                "object",
                "Struct",
            }
            assert parents & set(expected), f"{name} of {item['@type']} is no {value['@type']}: {expected}"
            check(value)
        else:
            assert {"str", "int", "float", "URL", "date"} & set(expected), f"{name} is {value!r}: {expected}"


def test_types_and_properties_are_those_of_schema_org():
    for review in fixtures.small().to_claim_review({"a1": FULL, "a3": VERDICT})["@graph"]:
        check(review)
    with pytest.raises(AssertionError, match="ClaimReview has no property verdict"):
        check({"@type": "ClaimReview", "verdict": "False"})
    with pytest.raises(AssertionError, match="reviewRating of ClaimReview is no Claim"):
        check({"@type": "ClaimReview", "reviewRating": {"@type": "Claim"}})
