"""The report in two forms of the W3C: Web Annotation for the spans, PROV for how it was made.

Both hold nothing that the report does not: no date of making, so that the same report gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import claimcheck
from claimcheck.records import Attribution, Claim, Document, Relation, Span
from claimcheck.report import Report

ANNO = "http://www.w3.org/ns/anno.jsonld"
NAMESPACE = "urn:claimcheck:"
AROUND = 32  # characters of a quotation's prefix and suffix

_MOTIVATIONS = {"source": "identifying", "cue": "tagging", "content": "classifying"}


def iri(*parts: str, base: str = NAMESPACE) -> str:
    """Return the name of something, its parts escaped so that no two things share one.

    >>> iri("document", "a/b: ö")
    'urn:claimcheck:document/a%2Fb%3A%20%C3%B6'
    """
    return base + "/".join(quote(part, safe="", errors="replace") for part in parts)


def _whole(report: Report) -> str:
    """Return an id of the report: that of its only document, or a hash over those of its documents and claims."""
    if len(report.documents) == 1:
        return report.documents[0].id
    ids = repr(([d.id for d in report.documents], [(c.id, c.text) for c in report.claims]))
    return hashlib.sha256(ids.encode("utf-8", "replace")).hexdigest()[:16]


# Web Annotation -------------------------------------------------------------------------------------------------------


def to_annotations(report: Report, *, base: str = NAMESPACE) -> dict[str, Any]:
    """Return the report as a Web Annotation collection with one page (JSON-LD).

    Sources, cues and contents are annotations of their own; the bodies of a content are its speaker, party, force and
    kind, and their ``claimcheck:field`` says which is which. A contradiction or corroboration links two contents.
    Positions count code points, as the model asks, of the text that was checked; where the page at the document's
    ``url`` holds more than that text, the quotation finds the place. Claims without a place in a text are left out.

    Parameters
    ----------
    base
        What the IRIs of the annotations begin with.

    References
    ----------
    Web Annotation Data Model, W3C Recommendation, 23 February 2017.
    """
    items = list(_annotations(report, base))
    collection = iri("annotations", _whole(report), base=base)
    found: dict[str, Any] = {
        "@context": [ANNO, {"claimcheck": NAMESPACE}],
        "id": collection,
        "type": "AnnotationCollection",
        "label": "Who said what, and who contradicts whom",
        "generator": _generator(report),
        "total": len(items),
    }
    if items:
        page = {"id": f"{collection}/1", "type": "AnnotationPage", "partOf": collection, "startIndex": 0}
        found["first"] = {**page, "items": items}
    return found


def _annotations(report: Report, base: str) -> Iterator[dict[str, Any]]:
    claim_of = {c.attribution: c for c in report.claims if c.attribution is not None}
    documents = {d.id: d for d in report.documents}
    document_of = report.attribution_documents()
    parties = report.party_labels()
    places: dict[str, str] = {}  # of claims, the IRIs of their contents
    for attribution in report.attributions:
        document = documents.get(document_of[attribution.id] or "")
        if document is None:
            continue
        claim = claim_of.get(attribution.id)
        for role in ("source", "cue", "content"):
            spans: tuple[Span, ...] = getattr(attribution, role)
            if not spans:
                continue
            name = iri("document", document.id, attribution.id, role, base=base)
            if claim is not None and role == "content":
                places[claim.id] = name
            yield {
                "id": name,
                "type": "Annotation",
                "motivation": _MOTIVATIONS[role],
                "body": list(_bodies(role, attribution, claim, parties)),
                "target": [_target(document, span, base) for span in spans],
            }
    for relation in report.relations:
        if relation.label != "neither" and relation.a in places and relation.b in places:
            yield {
                "id": iri("relation", relation.a, relation.b, relation.label, base=base),
                "type": "Annotation",
                "motivation": "linking",
                "body": list(_relation_bodies(relation)),
                "target": [places[relation.a], places[relation.b]],
            }


def _bodies(
    role: str, attribution: Attribution, claim: Claim | None, parties: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    yield _body("role", role, "tagging")
    if claim is not None and claim.speaker and role != "cue":
        yield _body("speaker", claim.speaker, "identifying")
    if role != "content":
        return
    if claim is not None:
        if claim.party is not None:
            yield _body("party", parties[claim.party], "identifying")
        yield _body("force", claim.force, "classifying", hedged=claim.hedged)
    yield _body("kind", attribution.kind, "classifying", score=float(attribution.score))


def _relation_bodies(relation: Relation) -> Iterator[dict[str, Any]]:
    yield _body("relation", relation.label, "classifying", score=float(relation.score))
    if relation.why:
        yield _body("why", relation.why, "describing")


def _body(field: str, value: str, purpose: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "TextualBody",
        "value": value,
        "format": "text/plain",
        "purpose": purpose,
        "claimcheck:field": field,
        **{f"claimcheck:{name}": extra for name, extra in more.items()},
    }


def _target(document: Document, span: Span, base: str) -> dict[str, Any]:
    text, url = document.text, document.url or ""
    web = url.lower().startswith(("http://", "https://")) and not any(c.isspace() for c in url)
    return {
        "type": "SpecificResource",
        "source": url if web else iri("document", document.id, base=base),
        "selector": [
            {
                "type": "TextQuoteSelector",
                "exact": span.of(text),
                "prefix": text[max(0, span.start - AROUND) : span.start],
                "suffix": text[span.end : span.end + AROUND],
            },
            {"type": "TextPositionSelector", "start": span.start, "end": span.end},
        ],
    }


def _generator(report: Report) -> dict[str, Any]:
    version = str(report.provenance.get("claimcheck", claimcheck.__version__))
    return {"id": iri("software", version), "type": "Software", "name": f"claimcheck {version}"}


# PROV -----------------------------------------------------------------------------------------------------------------


def to_prov(report: Report) -> dict[str, Any]:
    """Return how the report was made, as PROV-JSON.

    The report is generated by an activity, which used the documents and the models and is associated with this
    software; thresholds and flags are the activity's. Claims with a place in a document are members of the report, and
    quotations of it.

    References
    ----------
    PROV-DM: The PROV Data Model, W3C Recommendation, 30 April 2013; The PROV-JSON Serialization, W3C Member Submission.
    """
    prov: dict[str, dict[str, Any]] = {
        "prefix": {"claimcheck": NAMESPACE},
        "entity": {},
        "activity": {},
        "agent": {},
    }
    made = report.provenance
    entity = prov["entity"]
    whole, activity = _name("report", _whole(report)), _name("check", _whole(report))
    version = str(made.get("claimcheck", claimcheck.__version__))
    agent = _name("software", version)
    prov["agent"][agent] = {
        "prov:type": _qualified("prov:SoftwareAgent"),
        "prov:label": f"claimcheck {version}",
    }
    prov["activity"][activity] = _settings(made)
    entity[whole] = {"prov:type": _qualified("prov:Collection"), "prov:label": "claimcheck report"}
    _relate(prov, "wasGeneratedBy", entity=whole, activity=activity)
    _relate(prov, "wasAssociatedWith", activity=activity, agent=agent)
    _relate(prov, "wasAttributedTo", entity=whole, agent=agent)
    for kind, digest in _mapping(made.get("models")).items():
        if digest is not None:
            model = _name("model", kind, str(digest))
            entity[model] = {
                "prov:type": _qualified("claimcheck:Model"),
                "prov:label": f"{kind} model",
                "claimcheck:hash": str(digest),
            }
            _relate(prov, "used", activity=activity, entity=model)
    texts = set()
    for document in report.documents:
        text = _name("document", document.id)
        texts.add(document.id)
        entity[text] = {
            "prov:type": _qualified("claimcheck:Document"),
            "prov:label": document.title or document.id,
            "claimcheck:sha256": hashlib.sha256(document.text.encode()).hexdigest(),
        }
        _relate(prov, "used", activity=activity, entity=text)
        _relate(prov, "wasDerivedFrom", generatedEntity=whole, usedEntity=text)
    document_of = report.attribution_documents()
    for claim in report.claims:
        document_id = document_of.get(claim.attribution or "")
        if document_id in texts and document_id is not None:
            said = _name("document", document_id, claim.id)
            entity[said] = {"prov:type": _qualified("claimcheck:Claim"), "prov:value": claim.text}
            _relate(prov, "hadMember", collection=whole, entity=said)
            quoted = _relate(
                prov, "wasDerivedFrom", generatedEntity=said, usedEntity=_name("document", document_id)
            )
            quoted["prov:type"] = _qualified("prov:Quotation")
    return prov


def _name(*parts: str) -> str:
    return iri(*parts, base="claimcheck:")


def _qualified(name: str) -> dict[str, str]:
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def _relate(prov: dict[str, dict[str, Any]], relation: str, **ends: str) -> dict[str, Any]:
    """Add a relation between named things, and return it."""
    rows = prov.setdefault(relation, {})
    row: dict[str, Any] = {f"prov:{role}": name for role, name in ends.items()}
    rows[f"_:{relation}{len(rows) + 1}"] = row
    return row


def _settings(made: Mapping[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {"prov:label": "finding claims and relations"}
    for name, value in _mapping(made.get("thresholds")).items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        settings[f"claimcheck:{quote(name, safe='')}"] = {"$": repr(float(value)), "type": "xsd:double"}
    flags = made.get("flags")
    if isinstance(flags, list | tuple) and flags:
        settings["claimcheck:flag"] = [str(flag) for flag in flags]
    return settings


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
