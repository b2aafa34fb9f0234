"""Verdicts on claims as schema.org ``ClaimReview``, the markup that fact-checkers publish.

A contradiction is not a falsity: it says that two statements cannot both hold, not which one is false. So nothing here is
made from relations or scores. The caller gives the verdicts, and with each who reached it and where it can be read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from claimcheck.errors import InputError
from claimcheck.records import Claim, Document, Speaker, date_problem
from claimcheck.report import Report
from claimcheck.statements import plain

CONTEXT = "https://schema.org"
NEEDED = ("rating", "author", "url")
FIELDS = (*NEEDED, "author_url", "date", "value", "best", "worst", "text")

_TYPES: dict[str, Literal["Person", "Organization"]] = {"person": "Person", "organization": "Organization"}


def to_claim_review(report: Report, verdicts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return verdicts on claims of a report as schema.org ``ClaimReview`` (JSON-LD), in the order of ``verdicts``.

    Parameters
    ----------
    verdicts
        By claim id, a mapping with ``rating`` (the verdict in words, such as "False"), ``author`` (who reached it) and
        ``url`` (where the review is), and optionally ``author_url``, ``date`` (ISO 8601, of the review), ``text`` (the
        reasons), and ``value`` with ``worst`` and ``best`` (the verdict as a number and the ends of its scale).

    Returns
    -------
    dict
        One object with ``@context`` and ``@graph``, a list of one ``ClaimReview`` for each verdict. What is reviewed is
        what the speaker is held to: a denial is spelt out. The article is where the claim appears.

    Raises
    ------
    InputError
        If there is no verdict, no such claim, a field is missing, unknown or of the wrong form, or the author is
        claimcheck itself, whose scores are no verdicts.

    References
    ----------
    https://schema.org/ClaimReview

    Examples
    --------
    >>> report = Report(claims=(Claim("c1", "the bridge was checked", speaker="Per Lund", cue="denied", force="denies"),))
    >>> verdict = {"rating": "False", "author": "Vestby Fact Desk", "url": "https://example.org/checks/bridge"}
    >>> (review,) = to_claim_review(report, {"c1": verdict})["@graph"]
    >>> review["claimReviewed"], review["reviewRating"]["alternateName"]
    ('It is not true that the bridge was checked.', 'False')
    """
    if not isinstance(verdicts, Mapping):
        raise InputError(
            f"verdicts is a {type(verdicts).__name__}, expected a mapping from claim ids to verdicts"
        )
    if not verdicts:
        raise InputError(
            "there are no verdicts: a contradiction is not a falsity, so a review needs the verdict of somebody"
        )
    documents = {d.id: d for d in report.documents}
    only = report.documents[0] if len(report.documents) == 1 else None
    speakers = {s.name: s for s in report.speakers}
    graph = []
    for identity, verdict in verdicts.items():
        claim = report.claim(identity)
        checked = _checked(f"verdict on {identity!r}", verdict)
        document = documents.get(claim.document or "", only)
        graph.append(_review(claim, document, speakers.get(claim.speaker or ""), checked))
    return {"@context": CONTEXT, "@graph": graph}


def _checked(who: str, verdict: Any) -> dict[str, Any]:
    """Return the fields of a verdict that are there, after looking at each."""
    if not isinstance(verdict, Mapping):
        raise InputError(
            f"{who} is {verdict!r:.60}, expected a mapping with {', '.join(NEEDED)}: a score of claimcheck is no verdict"
        )
    unknown = [str(key) for key in verdict if key not in FIELDS]
    if unknown:
        raise InputError(f"{who} has the field {unknown[0]!r}, expected some of {', '.join(FIELDS)}")
    found = {key: value for key, value in verdict.items() if value is not None}
    for name in ("rating", "author", "url", "author_url", "text"):
        value = found.get(name)
        if (name in NEEDED or value is not None) and not (isinstance(value, str) and value.strip()):
            raise InputError(f"{who}: {name} is {value!r:.60}, expected a str that is not blank")
    for name in ("url", "author_url"):
        if name in found and not _is_web(found[name]):
            raise InputError(
                f"{who}: {name} is {found[name]!r:.60}, expected an address such as https://example.org/x"
            )
    if found["author"].strip().casefold() == "claimcheck":
        raise InputError(f"{who}: the author is claimcheck, expected a person or an organisation that judged")
    if problem := date_problem(found.get("date")):
        raise InputError(f"{who}: {problem}")
    _check_scale(who, found)
    return found


def _check_scale(who: str, found: Mapping[str, Any]) -> None:
    numbers = {name: found[name] for name in ("value", "worst", "best") if name in found}
    for name, number in numbers.items():
        # JSON has no NaN or infinity
        if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < math.inf:
            raise InputError(f"{who}: {name} is {number!r:.60}, expected a finite number")
    if numbers and len(numbers) < 3:
        raise InputError(
            f"{who} has {', '.join(numbers)}, expected value, worst and best together, or none of them"
        )
    if numbers and not numbers["worst"] <= numbers["value"] <= numbers["best"]:
        raise InputError(
            f"{who}: value {numbers['value']} does not lie between worst {numbers['worst']} and best {numbers['best']}"
        )


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not any(c.isspace() for c in url)


def _review(
    claim: Claim, document: Document | None, speaker: Speaker | None, verdict: Mapping[str, Any]
) -> dict[str, Any]:
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": verdict["rating"]}
    if "value" in verdict:
        rating |= {
            "ratingValue": verdict["value"],
            "worstRating": verdict["worst"],
            "bestRating": verdict["best"],
        }
    author = {"@type": "Organization", "name": verdict["author"]}
    if "author_url" in verdict:
        author["url"] = verdict["author_url"]
    review: dict[str, Any] = {
        "@type": "ClaimReview",
        "url": verdict["url"],
        "author": author,
        "claimReviewed": plain(claim),
        "itemReviewed": _claim(claim, document, speaker),
        "reviewRating": rating,
    }
    if "date" in verdict:
        review["datePublished"] = verdict["date"]
    if "text" in verdict:
        review["reviewBody"] = verdict["text"]
    return review


def _claim(claim: Claim, document: Document | None, speaker: Speaker | None) -> dict[str, Any]:
    item: dict[str, Any] = {"@type": "Claim", "name": plain(claim)}
    if claim.speaker is not None:
        kind = _TYPES.get(speaker.kind if speaker else "", "Person")
        item["author"] = {"@type": kind, "name": claim.speaker}
    date = claim.date or (document.date if document else None)
    if date is not None:
        item["datePublished"] = date
    if document is not None and (document.title or _is_web(document.url or "")):
        appearance: dict[str, Any] = {"@type": "NewsArticle"}
        if document.title:
            appearance["headline"] = document.title
        if document.date:
            appearance["datePublished"] = document.date
        if _is_web(document.url or ""):
            appearance["url"] = document.url
        item["appearance"] = appearance
    return item
