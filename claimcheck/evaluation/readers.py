"""Read annotated data: NLI pairs, attribution corpora, articles in the gold form.

None of it comes with claimcheck. An error for a path that is missing says where the data is from.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from claimcheck.errors import InputError
from claimcheck.evaluation.classification import LABELS, TWO_WAY
from claimcheck.evaluation.spans import Triple
from claimcheck.evaluation.tokens import TokenItem
from claimcheck.records import Document, Span, spans

ARTICLE_FIELDS = ("id", "text", "attributions", "relations")

GET_NLI = (
    "give one JSON object a line with premise, hypothesis and label (entailment, neutral, contradiction or "
    "not_entailment), gzipped. MultiNLI is at https://cims.nyu.edu/~sbowman/multinli, SNLI at "
    "https://nlp.stanford.edu/projects/snli, HANS at https://github.com/tommccoy1/hans"
)
GET_ATTRIBUTION = (
    "give one JSON object a line with id, text, split and attributions (source, cue and content as lists of "
    "[start, end]), gzipped. PolNeAR is at https://github.com/networkdynamics/PolNeAR"
)
GET_TOKENS = (
    "give one JSON object a line with id, tokens and labels (O, B-source, I-source and so on), gzipped. CofeNet's items "
    "are at https://github.com/cofe-ai/CofeNet"
)
GET_ARTICLES = (
    "give a folder of JSON files, one article each, with id, text, parties, attributions and relations; "
    "seeds/seed.json of this project is one"
)


class Pair(NamedTuple):
    """A premise, a hypothesis, and the label between them."""

    premise: str
    hypothesis: str
    label: str


@dataclass(frozen=True, slots=True)
class AnnotatedDocument:
    """A document and the attributions that people marked in it."""

    document: Document
    attributions: tuple[Triple, ...]


def read_pairs(path: Path, *, limit: int | None = None) -> list[Pair]:
    """Read NLI pairs from JSON lines, gzipped or plain; at most the first ``limit``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InputError
        If a row is not JSON, lacks a field, or has a label of no known set.
    """
    pairs: list[Pair] = []
    for where, row in _rows(path, GET_NLI):
        if limit is not None and len(pairs) >= limit:
            break
        pair = Pair(*(str(_field(row, name, where)) for name in Pair._fields))
        if pair.label not in (*LABELS, *TWO_WAY):
            raise InputError(f"{where}: label {pair.label!r} is not one of {sorted({*LABELS, *TWO_WAY})}")
        pairs.append(pair)
    return pairs


def read_attribution_corpus(
    path: Path, *, split: str | None = None, limit: int | None = None
) -> list[AnnotatedDocument]:
    """Read documents with attributions from JSON lines, gzipped or plain; of one ``split``, or of all.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InputError
        If a row is not JSON, lacks a field or has a span outside its text; or if no document is of ``split``.
    """
    documents: list[AnnotatedDocument] = []
    seen = set()
    for where, row in _rows(path, GET_ATTRIBUTION):
        seen.add(str(row.get("split")))
        if split is not None and row.get("split") != split:
            continue
        if limit is not None and len(documents) >= limit:
            break
        document = Document(id=str(_field(row, "id", where)), text=_field(row, "text", where))
        triples = tuple(
            Triple(*(_spans(item, role, document.text, where) for role in ("source", "cue", "content")))
            for item in _list(row, "attributions", where)
        )
        documents.append(AnnotatedDocument(document, triples))
    if split is not None and split not in seen:
        raise InputError(f"{path} has no document of split {split!r}, only of {sorted(map(str, seen))}")
    return documents


def read_token_items(path: Path, *, limit: int | None = None) -> list[TokenItem]:
    """Read items of tokens and BIO labels from JSON lines, gzipped or plain; at most the first ``limit``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InputError
        If a row is not JSON or lacks a field, or has labels that do not fit its tokens.
    """
    items: list[TokenItem] = []
    for where, row in _rows(path, GET_TOKENS):
        if limit is not None and len(items) >= limit:
            break
        tokens, labels = (
            tuple(str(part) for part in _list(row, name, where)) for name in ("tokens", "labels")
        )
        try:
            items.append(TokenItem(str(_field(row, "id", where)), tokens, labels))
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
    return items


def read_articles(path: Path, *, limit: int | None = None) -> list[dict[str, Any]]:
    """Read articles in the gold form, in the order of their file names: a folder of JSON files, or one file.

    Raises
    ------
    FileNotFoundError
        If there is no such path, or no JSON file in the folder.
    InputError
        If a file is not JSON or lacks a field.
    """
    files = [path] if path.is_file() else sorted(path.glob("*.json"))[:limit]
    if not files:
        raise FileNotFoundError(f"{path} has no article: {GET_ARTICLES}")
    articles = []
    for file in files:
        article = _object(file.read_bytes(), str(file))
        for name in ARTICLE_FIELDS:
            _field(article, name, str(file))
        document = Document(str(article["id"]), article["text"])
        for number, item in enumerate(_list(article, "attributions", str(file)), start=1):
            for role in ("source", "cue", "content"):
                _spans(item, role, document.text, f"{file}, attribution {number}")
        articles.append(dict(article))
    return articles


def _rows(path: Path, hint: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist: {hint}")
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        try:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    where = f"{path}:{number}"
                    yield where, _object(line, where)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(f"{path}: not a whole gzip file: {error}") from None


def _object(data: bytes, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON in UTF-8: {error}") from None
    if not isinstance(row, dict):
        raise InputError(f"{where}: expected a JSON object, got {type(row).__name__}")
    return row


def _field(row: Mapping[str, Any], name: str, where: str) -> Any:
    if not isinstance(row, Mapping):
        raise InputError(f"{where}: expected an object with {name!r}, got {type(row).__name__}")
    if name not in row:
        raise InputError(f"{where}: no field {name!r}, only {sorted(row)}")
    return row[name]


def _list(row: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = _field(row, name, where)
    if not isinstance(value, list):
        raise InputError(f"{where}: {name} must be a list, got {type(value).__name__}")
    return value


def _spans(item: Mapping[str, Any], role: str, text: str, where: str) -> tuple[Span, ...]:
    places = _list(item, role, where)
    for place in places:
        if not (isinstance(place, list) and [type(number) for number in place] == [int, int]):
            raise InputError(f"{where}: {role} {place!r:.80} is not of the form [start, end]")
    found = spans(places)
    for span in found:
        if span.end > len(text):
            raise InputError(
                f"{where}: {role} ({span.start}, {span.end}) exceeds a text of {len(text)} characters"
            )
    return found
