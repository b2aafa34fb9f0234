"""Reports as JSON and back, exactly.

The form is that of the gold annotation (spans as ``[start, end]`` lists, attributions with ``speaker`` and
``party``) with the rest of the records beside it, and a ``schema_version``. ``report.schema.json`` describes it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, get_args

from claimcheck.errors import InputError
from claimcheck.records import (
    Attribution,
    Claim,
    Document,
    Force,
    Kind,
    Party,
    Relation,
    RelationLabel,
    Span,
    Speaker,
)
from claimcheck.report import Report

SCHEMA_VERSION = 1

T = TypeVar("T")


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what ``Report.to_dict`` writes.

    A change that old readers would trip over raises ``schema_version``; fields may be added within a version.

    Examples
    --------
    >>> schema()["$id"], schema()["properties"]["schema_version"]
    ('urn:claimcheck:schema:report:1', {'const': 1})
    """
    text = (resources.files("claimcheck") / "report.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def to_dict(report: Report) -> dict[str, Any]:
    """Return the report as JSON values.

    Raises
    ------
    InputError
        If ``meta`` or ``provenance`` hold what JSON cannot.
    """
    documents = [_document_dict(d) for d in report.documents]
    top: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
    if len(documents) == 1:
        top.update(documents[0])
    else:
        top.update(id=None, text=None, title=None, date=None, documents=documents)
    claim_of = {c.attribution: c for c in report.claims if c.attribution is not None}
    return {
        **top,
        "parties": [{"id": p.id, "name": p.name, "members": list(p.members)} for p in report.parties],
        "speakers": [
            {
                "id": s.id,
                "name": s.name,
                "kind": s.kind,
                "mentions": _pairs(s.mentions),
                "attributions": list(s.attributions),
            }
            for s in report.speakers
        ],
        "attributions": [_attribution_dict(a, claim_of.get(a.id)) for a in report.attributions],
        "claims": [_claim_dict(c) for c in report.claims],
        "relations": [_relation_dict(r) for r in report.relations],
        "provenance": _jsonable(report.provenance, "provenance"),
    }


def _document_dict(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "text": document.text,
        "title": document.title,
        "date": document.date,
        "url": document.url,
        "meta": _jsonable(document.meta, f"meta of document {document.id!r}"),
    }


def _attribution_dict(attribution: Attribution, claim: Claim | None) -> dict[str, Any]:
    return {
        "id": attribution.id,
        "source": _pairs(attribution.source),
        "cue": _pairs(attribution.cue),
        "content": _pairs(attribution.content),
        "kind": attribution.kind,
        "speaker": claim.speaker if claim else None,
        "party": claim.party if claim else None,
        "parent": attribution.parent,
        "score": float(attribution.score),
    }


def _claim_dict(claim: Claim) -> dict[str, Any]:
    # written out: dataclasses.asdict is ten times as slow
    return {name: getattr(claim, name) for name in Claim.__slots__}


def _relation_dict(relation: Relation) -> dict[str, Any]:
    return {
        "a": relation.a,
        "b": relation.b,
        "label": relation.label,
        "score": float(relation.score),
        "forward": [float(p) for p in relation.forward],
        "backward": [float(p) for p in relation.backward],
        "why": relation.why,
        "denied": list(relation.denied),
        "truncated": list(relation.truncated),
        "gate": None if relation.gate is None else float(relation.gate),
        "features": {name: float(value) for name, value in relation.features.items()},
    }


def _pairs(spans: Sequence[Span]) -> list[list[int]]:
    return [[int(s.start), int(s.end)] for s in spans]


def _jsonable(value: Any, where: str) -> Any:
    """Return ``value`` as plain JSON values: mappings as dicts, sequences as lists, numpy scalars as numbers."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise InputError(f"{where}: key {key!r} is {type(key).__name__}: JSON keys must be str")
        return {key: _jsonable(item, f"{where}[{key!r}]") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{where}: {value} is not a JSON number")
    if isinstance(value, (str, int, float)):
        return value
    raise InputError(
        f"{where}: {type(value).__name__} is not a JSON value: make it a str, number, list or dict"
    )


def to_json(report: Report, *, indent: int | None = None) -> str:
    """Return the report as JSON text, without escapes for letters beyond ASCII.

    Raises
    ------
    InputError
        If a value cannot be JSON.
    """
    return dump(report.to_dict(), indent=indent)


def dump(values: Any, *, indent: int | None = None) -> str:
    """Return JSON values of a report as text.

    Raises
    ------
    InputError
        If one of them cannot be JSON.
    """
    try:
        return json.dumps(values, ensure_ascii=False, allow_nan=False, indent=indent)
    except (TypeError, ValueError) as error:
        raise InputError(f"report cannot be written as JSON: {error}") from error


def write(text: str, path: str | Path | None) -> str:
    """Write ``text`` to ``path`` as UTF-8, its line breaks as they are, and return it.

    Raises
    ------
    InputError
        If it holds a lone surrogate, which UTF-8 cannot represent.
    """
    if path is not None:
        try:
            data = text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InputError(
                f"report holds a lone surrogate {text[error.start]!r}, near {text[max(error.start - 30, 0) : error.start]!r}: "
                "repair the text first"
            ) from None
        Path(path).write_bytes(data)
    return text


def load(path: str | Path) -> Report:
    """Return the report saved at ``path``.

    Raises
    ------
    InputError
        If the file is not a report, or one of another schema version.
    """
    try:
        data = json.loads(Path(path).read_bytes().decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not a report: {error}") from error
    try:
        return from_dict(data)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _refuse(constant: str) -> None:
    raise InputError(f"{constant} is not JSON")


def from_dict(data: Any) -> Report:
    """Return the report that ``to_dict`` wrote.

    Raises
    ------
    InputError
        If ``data`` is of another schema version, or misses or garbles a field.
    """
    if not isinstance(data, Mapping):
        raise InputError(f"a report is a JSON object, not {type(data).__name__}")
    version = data.get("schema_version")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        came = "without schema_version" if version is None else f"of schema_version {version!r}"
        raise InputError(f"a report {came}: this claimcheck reads version {SCHEMA_VERSION}")
    if "documents" in data:
        documents = _all(data, "documents", _document)
    else:
        documents = (_document(_Row(data, "report")),)
    return Report(
        documents=documents,
        attributions=_all(data, "attributions", _attribution),
        speakers=_all(data, "speakers", _speaker),
        parties=_all(data, "parties", _party),
        claims=_all(data, "claims", _claim),
        relations=_all(data, "relations", _relation),
        provenance=_Row(data, "report").get("provenance", dict),
    )


class _Row:
    """A JSON object under conversion: reads fields of a given type, and says where a wrong one stood."""

    __slots__ = ("row", "where")

    def __init__(self, row: Any, where: str) -> None:
        if not isinstance(row, Mapping):
            raise InputError(f"{where} is {type(row).__name__}, expected an object")
        self.row, self.where = row, where

    def get(self, name: str, *types: type) -> Any:
        """Return the field ``name``, of one of ``types``; ``type(None)`` among them allows null."""
        if name not in self.row:
            raise InputError(f"{self.where} has no {name!r}")
        value = self.row[name]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            wanted = " or ".join("null" if t is type(None) else t.__name__ for t in types)
            raise InputError(f"{self.where}: {name!r} is {value!r:.80}, expected {wanted}")
        return value

    def text(self, name: str) -> Any:
        return self.get(name, str)

    def maybe(self, name: str, type_: type = str) -> Any:
        return self.get(name, type_, type(None))

    def number(self, name: str) -> float:
        return float(self.get(name, int, float))

    def maybe_number(self, name: str) -> float | None:
        value = self.get(name, int, float, type(None))
        return None if value is None else float(value)

    def one_of(self, name: str, values: tuple[str, ...]) -> Any:
        value = self.get(name, str)
        if value not in values:
            raise InputError(f"{self.where}: {name!r} is {value!r:.80}, expected one of {', '.join(values)}")
        return value

    def strings(self, name: str) -> tuple[str, ...]:
        values = self.get(name, list, tuple)
        if not all(isinstance(v, str) for v in values):
            raise InputError(f"{self.where}: {name!r} is {values!r:.80}, expected a list of str")
        return tuple(values)

    def spans(self, name: str) -> tuple[Span, ...]:
        pairs = self.get(name, list, tuple)
        found = []
        for pair in pairs:
            numbers = isinstance(pair, (list, tuple)) and [type(n) for n in pair] == [int, int]
            if not numbers:
                raise InputError(f"{self.where}: {name!r} holds {pair!r:.80}, expected [start, end]")
            try:
                found.append(Span(*pair))
            except InputError as error:
                raise InputError(f"{self.where}: {name!r}: {error}") from error
        return tuple(found)

    def pair_of_booleans(self, name: str) -> tuple[bool, bool]:
        values = self.get(name, list, tuple)
        if [type(v) for v in values] != [bool, bool]:
            raise InputError(f"{self.where}: {name!r} is {values!r:.80}, expected two of true and false")
        first, second = values
        return first, second

    def numbers(self, name: str) -> dict[str, float]:
        values = self.get(name, dict)
        if not all(isinstance(key, str) and type(v) in (int, float) for key, v in values.items()):
            raise InputError(f"{self.where}: {name!r} is {values!r:.80}, expected numbers by name")
        return {key: float(v) for key, v in values.items()}

    def probabilities(self, name: str) -> tuple[float, float, float]:
        values = self.get(name, list, tuple)
        if len(values) != 3 or not all(type(v) in (int, float) for v in values):
            raise InputError(f"{self.where}: {name!r} is {values!r:.80}, expected three numbers")
        first, second, third = map(float, values)
        return first, second, third


def _all(data: Mapping[str, Any], name: str, make: Callable[[_Row], T]) -> tuple[T, ...]:
    rows = _Row(data, "report").get(name, list, tuple)
    return tuple(make(_Row(row, f"{name}[{i}]")) for i, row in enumerate(rows))


def _document(row: _Row) -> Document:
    return Document(
        id=row.text("id"),
        text=row.text("text"),
        title=row.maybe("title"),
        date=row.maybe("date"),
        url=row.maybe("url"),
        meta=row.get("meta", dict),
    )


def _attribution(row: _Row) -> Attribution:
    return Attribution(
        id=row.text("id"),
        source=row.spans("source"),
        cue=row.spans("cue"),
        content=row.spans("content"),
        kind=row.one_of("kind", get_args(Kind)),
        parent=row.maybe("parent"),
        score=row.number("score"),
    )


def _speaker(row: _Row) -> Speaker:
    return Speaker(
        id=row.text("id"),
        name=row.text("name"),
        kind=row.one_of("kind", ("person", "organization", "unknown")),
        mentions=row.spans("mentions"),
        attributions=row.strings("attributions"),
    )


def _party(row: _Row) -> Party:
    return Party(id=row.text("id"), name=row.text("name"), members=row.strings("members"))


def _claim(row: _Row) -> Claim:
    return Claim(
        id=row.text("id"),
        text=row.text("text"),
        speaker=row.maybe("speaker"),
        party=row.maybe("party"),
        cue=row.text("cue"),
        force=row.one_of("force", get_args(Force)),
        hedged=row.get("hedged", bool),
        attribution=row.maybe("attribution"),
        document=row.maybe("document"),
        date=row.maybe("date"),
        start=row.maybe("start", int),
        end=row.maybe("end", int),
        context=row.text("context"),
    )


def _relation(row: _Row) -> Relation:
    return Relation(
        a=row.text("a"),
        b=row.text("b"),
        label=row.one_of("label", get_args(RelationLabel)),
        score=row.number("score"),
        forward=row.probabilities("forward"),
        backward=row.probabilities("backward"),
        why=row.text("why"),
        # the first reports of version 1 have none of these
        denied=row.pair_of_booleans("denied") if "denied" in row.row else (False, False),
        truncated=row.pair_of_booleans("truncated") if "truncated" in row.row else (False, False),
        gate=row.maybe_number("gate") if "gate" in row.row else None,
        features=row.numbers("features") if "features" in row.row else {},
    )
