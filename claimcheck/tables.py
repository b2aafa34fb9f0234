"""A report's records as tables: pandas frames, Hugging Face datasets and CSV with the same columns."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from claimcheck.errors import InputError
from claimcheck.records import Force, Kind, RelationLabel
from claimcheck.report import Report

if TYPE_CHECKING:
    import datasets
    import pandas as pd

Table = Literal["claims", "relations", "parties", "speakers"]
_Row = dict[str, Any]

# column -> str, int, float, bool, list (of str), or the values of a category
_CLAIMS: dict[str, Any] = {
    "id": str,
    "document": str,
    "speaker": str,
    "party": str,
    "party_id": str,
    "force": get_args(Force),
    "hedged": bool,
    "kind": get_args(Kind),
    "cue": str,
    "text": str,
    "source": str,
    "date": str,
    "start": int,
    "end": int,
    "attribution": str,
    "parent": str,
    "score": float,
}
_RELATIONS: dict[str, Any] = {
    "a": str,
    "b": str,
    "label": get_args(RelationLabel),
    "score": float,
    "a_speaker": str,
    "b_speaker": str,
    "a_party": str,
    "b_party": str,
    "a_text": str,
    "b_text": str,
    "a_start": int,
    "a_end": int,
    "b_start": int,
    "b_end": int,
    "a_denied": bool,
    "b_denied": bool,
    "why": str,
    "forward_entailment": float,
    "forward_neutral": float,
    "forward_contradiction": float,
    "backward_entailment": float,
    "backward_neutral": float,
    "backward_contradiction": float,
}
_PARTIES: dict[str, Any] = {
    "id": str,
    "name": str,
    "members": list,
    "claims": int,
    "contradictions": int,
    "corroborations": int,
}
_SPEAKERS: dict[str, Any] = {
    "id": str,
    "name": str,
    "kind": ("person", "organization", "unknown"),
    "party": str,
    "claims": int,
    "mentions": int,
}


# what OWASP lists: the signs that begin a formula, their full-width forms, tabs and line breaks
_FORMULA = re.compile(r"\A[=+\-@＝＋－＠\t\r\n]")


def _claims(report: Report) -> Iterator[_Row]:
    party = report.party_labels()
    attributions = {a.id: a for a in report.attributions}
    texts = {d.id: d.text for d in report.documents}
    document_of = report.attribution_documents()
    for claim in report.claims:
        found = attributions.get(claim.attribution or "")
        document = claim.document or (document_of[found.id] if found else None)
        text = texts.get(document or "")
        source = " ".join(s.of(text) for s in found.source) if found and text is not None else None
        yield {
            "id": claim.id,
            "document": document,
            "speaker": claim.speaker,
            "party": party.get(claim.party or ""),
            "party_id": claim.party,
            "force": claim.force,
            "hedged": claim.hedged,
            "kind": found.kind if found else None,
            "cue": claim.cue,
            "text": claim.text,
            "source": source,
            "date": claim.date,
            "start": claim.start,
            "end": claim.end,
            "attribution": claim.attribution,
            "parent": found.parent if found else None,
            "score": float(found.score) if found else None,
        }


def _relations(report: Report) -> Iterator[_Row]:
    party = report.party_labels()
    claims = {c.id: c for c in report.claims}
    for relation in report.relations:
        row: _Row = {
            "a": relation.a,
            "b": relation.b,
            "label": relation.label,
            "score": float(relation.score),
            "why": relation.why,
        }
        ends = (("a", claims[relation.a]), ("b", claims[relation.b]))
        for (side, claim), denied in zip(ends, relation.denied, strict=True):
            row[f"{side}_speaker"] = claim.speaker
            row[f"{side}_party"] = party.get(claim.party or "")
            row[f"{side}_text"] = claim.text
            row[f"{side}_start"], row[f"{side}_end"] = claim.start, claim.end
            row[f"{side}_denied"] = denied
        for way, values in (("forward", relation.forward), ("backward", relation.backward)):
            for name, value in zip(("entailment", "neutral", "contradiction"), values, strict=True):
                row[f"{way}_{name}"] = float(value)
        yield row


def _parties(report: Report) -> Iterator[_Row]:
    claims = Counter(c.party for c in report.claims)
    party = {c.id: c.party for c in report.claims}
    relations = Counter(
        (side, r.label) for r in report.relations for side in {party[r.a], party[r.b]} if side is not None
    )
    for p in report.parties:
        yield {
            "id": p.id,
            "name": p.name,
            "members": list(p.members),
            "claims": claims[p.id],
            "contradictions": relations[p.id, "contradicts"],
            "corroborations": relations[p.id, "corroborates"],
        }


def _speakers(report: Report) -> Iterator[_Row]:
    labels = report.party_labels()
    claims = Counter(c.speaker for c in report.claims)
    party = {c.speaker: c.party for c in report.claims if c.party is not None}
    party |= {member: p.id for p in report.parties for member in p.members}
    for s in report.speakers:
        yield {
            "id": s.id,
            "name": s.name,
            "kind": s.kind,
            "party": labels.get(party.get(s.name) or ""),
            "claims": claims[s.name],
            "mentions": len(s.mentions),
        }


_TABLES: dict[str, tuple[dict[str, Any], Callable[[Report], Iterator[_Row]]]] = {
    "claims": (_CLAIMS, _claims),
    "relations": (_RELATIONS, _relations),
    "parties": (_PARTIES, _parties),
    "speakers": (_SPEAKERS, _speakers),
}


def _table(report: Report, table: str) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    if table not in _TABLES:
        raise InputError(f"no table {table!r}: expected one of {', '.join(get_args(Table))}")
    schema, rows_of = _TABLES[table]
    rows = list(rows_of(report))
    return schema, {name: [row[name] for row in rows] for name in schema}


def to_pandas(report: Report, table: Table = "claims") -> pd.DataFrame:
    """Return a table of the report, one record to a row.

    Columns have the same types whatever is in them: ``string``, ``category`` for fixed sets of values, ``bool``,
    ``Int64`` for offsets and counts, ``float64``; ``members`` holds lists.

    Raises
    ------
    InputError
        If there is no such table.
    """
    import pandas as pd

    schema, columns = _table(report, table)
    dtypes = {str: "string", int: "Int64", float: "float64", bool: "bool", list: "object"}
    return pd.DataFrame(
        {
            name: pd.Series(
                columns[name],
                dtype=pd.CategoricalDtype(list(kind)) if isinstance(kind, tuple) else dtypes[kind],
            )
            for name, kind in schema.items()
        }
    )


def to_dataset(report: Report, table: Table = "claims") -> datasets.Dataset:
    """Return a table of the report as a Hugging Face dataset; categories are strings.

    Raises
    ------
    InputError
        If there is no such table.
    """
    from datasets import Dataset, Features, Value

    schema, columns = _table(report, table)
    dtypes = {int: "int64", float: "float64", bool: "bool"}
    features = Features(
        {
            name: [Value("string")]
            if kind is list
            else Value("string" if isinstance(kind, tuple) else dtypes.get(kind, "string"))
            for name, kind in schema.items()
        }
    )
    return Dataset.from_dict(columns, features=features)


def to_csv(report: Report, table: Table = "claims", *, safe_for_spreadsheets: bool = False) -> str:
    """Return a table of the report as CSV with a header line; lists are JSON, missing and empty texts are both empty.

    Values stand as they are, so that a program reads back what was written. ``safe_for_spreadsheets`` puts an
    apostrophe before texts that a spreadsheet would take for a formula, as OWASP advises (*CSV Injection*).

    Raises
    ------
    InputError
        If there is no such table.
    """
    frame = to_pandas(report, table)
    for name, kind in _TABLES[table][0].items():
        if kind is list:
            frame[name] = [json.dumps(values, ensure_ascii=False) for values in frame[name]]
        elif kind is str and safe_for_spreadsheets:
            frame[name] = frame[name].str.replace(_FORMULA, r"'\g<0>", regex=True)
    text: str = frame.to_csv(index=False, lineterminator="\n")
    if "\r" in text:  # which Python before 3.13 does not quote by itself
        text = frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    return text


def to_parquet(report: Report, path: str | Path, table: Table = "claims") -> None:
    """Write a table of the report as Parquet; ``datasets`` and ``pandas`` read it with its types.

    Raises
    ------
    InputError
        If there is no such table.
    """
    import pyarrow.parquet

    pyarrow.parquet.write_table(to_dataset(report, table).data.table, path)
