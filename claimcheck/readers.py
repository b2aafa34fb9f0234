"""Read what users bring: articles, statements, parties, and the rows of a batch job.

Whatever cannot be used is named with its place and value. Files that are read whole (`read_text`,
`read_statements`, `read_parties`) raise `InputError`; `iter_rows` gives a bad row as a `Row` with an error, so that
the rows after it can still be read.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import reprlib
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from claimcheck.errors import InputError
from claimcheck.records import date_problem, lone_surrogate

MAX_LINE_BYTES = 64 * 2**20
"""Longest line of a batch input that is parsed; a longer one is skipped and recorded as an error."""

STATEMENT_TEXTS = ("party", "cue", "date", "context")
"""The optional text columns of a statement."""

_BOM = b"\xef\xbb\xbf"
_KINDS = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a batch input.

    ``line`` counts from 1 and counts blank lines too; ``end`` is the byte offset behind the line, in a compressed file
    about that of what has been read. ``id`` is None where the row has no usable one. ``error`` says what is wrong with the row, and is None if it can be used.
    """

    line: int
    end: int
    id: str | None
    text: str
    error: str | None = None


def open_input(path: str | Path) -> BinaryIO:
    """Open a file for reading bytes; ``-`` is standard input.

    Raises
    ------
    InputError
        If the file is missing, is a directory or may not be read.
    """
    if str(path) == "-":
        return sys.stdin.buffer
    try:
        return open(path, "rb")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a directory, not a file: name the files in it") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def read_text(path: str | Path, *, encoding: str = "utf-8") -> str:
    r"""Read a text file whole; ``-`` is standard input.

    Line ends stay as they are. A byte order mark at the beginning is dropped, and offsets count from behind it. An
    empty file gives an empty string.

    Raises
    ------
    InputError
        If the file cannot be read, is not in ``encoding``, or holds NUL characters, as binary files do.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     article = Path(folder, "article.txt")
    ...     _ = article.write_bytes(b"\xef\xbb\xbfThe mayor said no.\r\n")
    ...     read_text(article)
    'The mayor said no.\r\n'
    """
    check_encoding(encoding)
    name = "standard input" if str(path) == "-" else str(path)
    stream = open_input(path)
    try:
        data = stream.read()
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}") from None
    finally:
        if str(path) != "-":
            stream.close()
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: byte 0x{data[error.start]:02x} at offset {error.start} is not {encoding.upper()}: "
            "name the encoding of the file, for example --encoding cp1252"
        ) from None
    except UnicodeError as error:
        raise InputError(f"{name}: is not {encoding.upper()}: {error}") from None
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise InputError(
            f"{name}: NUL at character {text.index(chr(0))}: a binary file, or a text in another encoding, "
            "for example --encoding utf-16"
        )
    return text


def check_encoding(encoding: str) -> None:
    """Refuse a name that is not that of a text encoding.

    Raises
    ------
    InputError
        If Python knows no such text encoding.

    Examples
    --------
    >>> check_encoding("rot13")
    Traceback (most recent call last):
    claimcheck.errors.InputError: unknown encoding 'rot13': name one that Python knows, for example cp1252
    """
    try:
        "a".encode(encoding)
    except (LookupError, ValueError):
        raise InputError(
            f"unknown encoding {encoding!r}: name one that Python knows, for example cp1252"
        ) from None


def read_parties(path: str | Path) -> dict[str, list[str]]:
    """Read parties and their members from a JSON object such as ``{"Quarry": ["Ada Holm", "Holm"]}``.

    Raises
    ------
    InputError
        If the file cannot be read or holds anything else, or a name is given to two parties.
    """
    from claimcheck.parties import check_parties

    value, error = _parse_json(read_text(path))
    if error is not None:
        raise InputError(f"{path}: {error}")
    if not isinstance(value, dict):
        raise InputError(
            f"{path}: expected an object of party names and lists of members, not {_what(value)}"
        )
    for party, members in value.items():
        if not isinstance(members, list):
            raise InputError(f"{path}: party {party!r}: expected a list of names, not {_what(members)}")
        for member in members:
            if not isinstance(member, str) or not member.strip():
                raise InputError(f"{path}: party {party!r}: expected names, not {_what(member)}")
        for name in (party, *members):
            if (problem := _surrogate(name)) is not None:
                raise InputError(f"{path}: party {party!r}: {problem}")
    try:
        check_parties(value)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return value


def read_statements(path: str | Path, *, encoding: str = "utf-8") -> list[dict[str, Any]]:
    r"""Read statements for `Checker.compare` from CSV (a header line first) or JSON Lines.

    A name that ends in ``.csv`` or ``.tsv`` is CSV, in ``.jsonl``, ``.ndjson`` or ``.json`` JSON Lines; any other is
    JSON Lines if it begins with ``{``. ``text`` and ``speaker`` are needed; ``id``, ``party``, ``cue``, ``date``,
    ``context`` and ``start`` are optional, and other columns are ignored. An empty speaker, or in JSON Lines a
    missing one, becomes None: a statement of nobody in particular. Empty optional values are left out, and an integer
    id becomes a string. Blank lines are skipped.

    Returns
    -------
    list
        Dicts with ``text``, ``speaker`` and what else was given.

    Raises
    ------
    InputError
        At the first row that cannot be used, with its line and value; or if there is no row at all.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     table = Path(folder, "table.csv")
    ...     _ = table.write_text('text,speaker,start\n"It leaks, badly.",Ada Holm,\n', encoding="utf-8")
    ...     read_statements(table)
    [{'text': 'It leaks, badly.', 'speaker': 'Ada Holm'}]
    """
    text = read_text(path, encoding=encoding)
    suffix = Path(path).suffix.lower()
    name = "standard input" if str(path) == "-" else str(path)
    if suffix in {".jsonl", ".ndjson", ".json"} or (
        suffix not in {".csv", ".tsv"} and text.lstrip().startswith("{")
    ):
        rows = _json_rows(text, name)
    else:
        rows = _csv_rows(text, name, "\t" if suffix == ".tsv" else ",")
    statements: list[dict[str, Any]] = []
    lines: dict[str, int] = {}
    for line, row in rows:
        statement, error = _statement(row)
        if error is not None:
            raise InputError(f"{name}: line {line}: {error}")
        key = statement.get("id")
        if key is not None and lines.setdefault(key, line) != line:
            raise InputError(f"{name}: line {line}: id {key!r} is that of line {lines[key]}: ids must differ")
        statements.append(statement)
    if not statements:
        raise InputError(f"{name}: no statements: expected rows with text and speaker")
    return statements


def iter_rows(
    path: str | Path,
    *,
    text_column: str = "text",
    id_column: str = "id",
    max_line_bytes: int = MAX_LINE_BYTES,
) -> Iterator[Row]:
    """Read a JSON Lines file, plain or ``.gz``, row by row, in flat memory except for a hash of each id.

    Blank lines are skipped, a byte order mark is dropped, and lines may end in CRLF. An integer id becomes a string.
    Of several rows with one id, the first that can be used is given and the others are errors.

    Yields
    ------
    Row
        One for each line that is not blank, in order.

    Raises
    ------
    InputError
        If the file cannot be read, is UTF-16, or is damaged gzip.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "articles.jsonl")
    ...     _ = file.write_text('{"id": 7, "text": "Rain."}', encoding="utf-8")
    ...     list(iter_rows(file))
    [Row(line=1, end=26, id='7', text='Rain.', error=None)]
    """
    return without_repeats(_json_lines(Path(path), text_column, id_column, max_line_bytes))


def without_repeats(rows: Iterable[Row]) -> Iterator[Row]:
    """Pass rows on, as errors where their id is that of an earlier row that can be used."""
    seen: dict[int, int] = {}
    for row in rows:
        first = row.line if row.error is not None else seen.setdefault(hash(row.id), row.line)
        if first != row.line:
            error = f"id {row.id!r} is that of line {first}: ids must differ"
            yield replace(row, text="", error=error)
        else:
            yield row


@contextmanager
def open_plain(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO | None]]:
    """Open a file that may end in ``.gz``: the stream to read and, if that is unpacked, the one beneath it.

    Raises
    ------
    InputError
        If the file cannot be read, or, while it is read, if it is damaged gzip.
    """
    with open_input(path) as raw:
        if path.suffix.lower() != ".gz":
            yield raw, None
            return
        try:
            with gzip.open(raw) as stream:
                yield stream, raw  # type: ignore[misc]
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise InputError(f"{path}: damaged or cut off gzip file: {error}") from None


def _json_lines(path: Path, text_column: str, id_column: str, max_line_bytes: int) -> Iterator[Row]:
    with open_plain(path) as (stream, packed):
        for line, (raw, end) in enumerate(_lines(stream, max_line_bytes), start=1):
            if packed is not None:
                end = packed.tell()
            if line == 1:
                check_mark(path, raw)
                raw = raw and raw.removeprefix(_BOM)
            if raw is None:
                yield Row(
                    line, end, None, "", f"line of more than {max_line_bytes:,} bytes: is it JSON Lines?"
                )
            elif raw.strip():
                key, text, error = parse_row(raw, text_column=text_column, id_column=id_column)
                yield Row(line, end, key, text, error)


def check_mark(path: Path, raw: bytes | None) -> None:
    """Refuse a file that begins with the byte order mark of UTF-16.

    Raises
    ------
    InputError
        If it does.
    """
    if raw is not None and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path}: UTF-16: batch reads UTF-8, convert the file first")


def parse_row(
    raw: bytes, *, text_column: str = "text", id_column: str = "id"
) -> tuple[str | None, str, str | None]:
    r"""Return the id, the text and the error of a JSON line; never raises.

    Examples
    --------
    >>> parse_row(b'{"id": "a", "text": "Rain."}\r\n')
    ('a', 'Rain.', None)
    >>> parse_row(b'{"id": "a", "text": null}')
    ('a', '', "'text' must be a string, not null")
    """
    try:
        line = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return (
            None,
            "",
            f"byte 0x{raw[error.start]:02x} at offset {error.start} of the line is not UTF-8: re-encode the row",
        )
    value, problem = _parse_json(line)
    if problem is not None:
        return None, "", problem
    if not isinstance(value, dict):
        return None, "", f"expected an object with {id_column!r} and {text_column!r}, not {_what(value)}"
    return read_row(value, text_column=text_column, id_column=id_column)


def read_row(
    value: dict[str, Any], *, text_column: str = "text", id_column: str = "id"
) -> tuple[str | None, str, str | None]:
    """Return the id, the text and the error of a row's values by column; never raises."""
    key, problem = _id(value, id_column)
    if problem is not None:
        return None, "", problem
    if text_column not in value:
        return key, "", _missing(text_column, value)
    text = value[text_column]
    if not isinstance(text, str):
        return key, "", f"{text_column!r} must be a string, not {_what(text)}"
    if (problem := _surrogate(text)) is not None:
        return key, "", f"{text_column!r}: {problem}"
    return key, text, None


def _lines(stream: BinaryIO, limit: int) -> Iterator[tuple[bytes | None, int]]:
    """Yield each line and the byte offset behind it; None for a line that is longer than ``limit`` bytes."""
    end = 0
    while raw := stream.readline(limit + 1):
        end += len(raw)
        if len(raw) <= limit or raw.endswith(b"\n"):
            yield raw, end
            continue
        while raw and not raw.endswith(b"\n"):
            raw = stream.readline(2**20)
            end += len(raw)
        yield None, end


def _parse_json(text: str) -> tuple[Any, str | None]:
    """Return the value and None, or None and what is wrong."""
    try:
        return json.loads(text), None
    except json.JSONDecodeError as error:
        where = f"character {error.pos}" if "\n" not in text.strip() else f"line {error.lineno}"
        return None, f"not valid JSON: {error.msg} at {where}"
    except RecursionError:
        return None, "not valid JSON: nested too deeply"
    except ValueError as error:  # an integer of thousands of digits
        return None, f"not valid JSON: {error}"


def _id(row: dict[str, Any], column: str) -> tuple[str | None, str | None]:
    """Return the id as a string and None, or None and what is wrong."""
    if column not in row:
        return None, _missing(column, row)
    value = row[column]
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None, f"{column!r} must be a string or an integer, not {_what(value)}"
    key = str(value)
    if not key.strip():
        return None, f"{column!r} is empty"
    problem = _surrogate(key)
    return (key, None) if problem is None else (None, f"{column!r}: {problem}")


def _statement(row: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return the statement in a row and None, or an empty dict and what is wrong."""
    if "text" not in row:
        return {}, _missing("text", row)
    statement: dict[str, Any] = {}
    for column in ("text", "speaker", *STATEMENT_TEXTS):
        value = row.get(column)
        if value is not None and not isinstance(value, str):
            return {}, f"{column!r} must be a string, not {_what(value)}"
        if value is not None and (problem := _surrogate(value)) is not None:
            return {}, f"{column!r}: {problem}"
        if value is not None and value.strip():
            statement[column] = value
    if problem := date_problem(statement.get("date")):
        return {}, problem
    if "text" not in statement:
        return {}, "'text' is empty"
    statement.setdefault("speaker", None)
    if row.get("id") not in (None, ""):
        statement["id"], problem = _id(row, "id")
        if problem is not None:
            return {}, problem
    if row.get("start") not in (None, ""):
        start = _whole(row["start"])
        length = len(statement.get("context", ""))
        if start is None:
            return {}, f"'start' must be a whole number, not {_what(row['start'])}"
        if not 0 <= start < length:
            return {}, f"'start' {start} does not lie in a context of {length} characters"
        statement["start"] = start
    return statement, None


def _json_rows(text: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        value, error = _parse_json(line)
        if error is None and not isinstance(value, dict):
            error = f"expected an object with 'text' and 'speaker', not {_what(value)}"
        if error is not None:
            raise InputError(f"{name}: line {number}: {error}")
        yield number, value


def _csv_rows(text: str, name: str, delimiter: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line each record begins at, and its values by column."""
    limit = csv.field_size_limit(max(len(text), 1))  # a context may be a whole article
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        columns: list[str] = []
        begins = 1
        while True:
            try:
                values = next(reader, None)
            except csv.Error as error:
                raise InputError(f"{name}: line {begins}: not valid CSV: {error}") from None
            line, begins = begins, reader.line_num + 1
            if values is None:
                return
            if not any(value.strip() for value in values):
                continue
            if not columns:
                columns = _header(values, f"{name}: line {line}")
            elif len(values) != len(columns):
                raise InputError(
                    f"{name}: line {line}: {len(values)} values for {len(columns)} columns: {_short(values)}"
                )
            else:
                yield line, dict(zip(columns, values, strict=True))
    finally:
        csv.field_size_limit(limit)


def _header(values: list[str], where: str) -> list[str]:
    columns = [value.strip() for value in values]
    for column in columns:
        if column and columns.count(column) > 1:
            raise InputError(f"{where}: column {column!r} stands in the header twice")
    for column in ("text", "speaker"):
        if column not in columns:
            found = ", ".join(map(_short, columns))
            hint = "separate by commas" if len(columns) < 2 else "name it so, in small letters"
            raise InputError(f"{where}: no column {column!r} in the header, which has {found}: {hint}")
    return columns


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _missing(column: str, row: dict[str, Any]) -> str:
    found = ", ".join(_short(key) for key in list(row)[:8])
    return f"no {column!r} in the row, which has {found or 'nothing'}"


def _surrogate(text: str) -> str | None:
    at = lone_surrogate(text)
    return None if at is None else f"lone surrogate {text[at]!r} at character {at}: repair the text first"


def _what(value: Any) -> str:
    kind = _KINDS.get(type(value), f"of type {type(value).__name__}")
    return "null" if value is None else f"{kind} ({_short(value)})"


def _short(value: Any) -> str:
    return _SHORT.repr(value)
