"""Rows of a batch job in files of every form: JSON Lines, CSV and Parquet, by the name of the file.

Inputs are streamed. Outputs in CSV, Parquet or gzip are made of the JSON Lines of a job that is done, as such files
cannot be gone on with after a kill; they get their name when they are whole.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from claimcheck.errors import InputError
from claimcheck.readers import (
    MAX_LINE_BYTES,
    Row,
    check_mark,
    iter_rows,
    open_input,
    open_plain,
    read_row,
    without_repeats,
)

Form = Literal["json", "csv", "parquet"]

COLUMNS = (
    "id",
    "line",
    "claims",
    "contradictions",
    "corroborations",
    "error_type",
    "error_message",
    "report",
)
"""The columns of a table of reports; ``report`` is the JSON of the output row, and empty where ``error_type`` is not."""

_NUMBERS = ("line", "claims", "contradictions", "corroborations")
_READ_AT_ONCE = 64  # rows of a Parquet file


def form_of(path: Path) -> Form:
    """Return the form that a name stands for; a final ``.gz`` counts for nothing, and JSON Lines is any other name.

    >>> form_of(Path("news.csv.gz")), form_of(Path("news.PARQUET")), form_of(Path("news"))
    ('csv', 'parquet', 'json')
    """
    last = _last_suffix(path)
    if last in (".csv", ".tsv"):
        return "csv"
    return "parquet" if last in (".parquet", ".pq") else "json"


def _last_suffix(path: Path) -> str:
    """Return the last suffix of a name, in lower case and without a final ``.gz``."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def is_converted(path: Path) -> bool:
    """Return whether an output of that name is made of JSON Lines when the job is done."""
    return form_of(path) != "json" or path.suffix.lower() == ".gz"


def read_rows(path: Path, *, text_column: str = "text", id_column: str = "id") -> Iterator[Row]:
    """Read a batch input of any form, as :func:`claimcheck.readers.iter_rows` reads JSON Lines.

    Of a CSV file the first line is the header, and a row's ``line`` is the one it begins at. Of a Parquet file ``line``
    counts rows, and so does ``end``; its two columns are read as a stream, some rows at a time.

    Raises
    ------
    InputError
        If the file cannot be read or is of another form, or a table lacks a column.
    """
    form = form_of(path)
    if form == "json":
        return iter_rows(path, text_column=text_column, id_column=id_column)
    read = _csv_rows if form == "csv" else _parquet_rows
    return without_repeats(read(path, text_column, id_column))


def size_of(path: Path) -> int:
    """Return how far ``Row.end`` counts in this file: to its rows if it is Parquet, otherwise to its bytes."""
    if form_of(path) == "parquet":
        with _parquet(path) as file:
            return int(file.metadata.num_rows)
    return path.stat().st_size


def _csv_rows(path: Path, text_column: str, id_column: str) -> Iterator[Row]:
    columns: list[str] = []
    for line, end, values, problem in _csv_records(path):
        if problem is not None:
            yield Row(line, end, None, "", problem)
        elif not columns:
            columns = [value.strip() for value in values]
            _check_columns(path, columns, id_column, text_column)
        elif len(values) != len(columns):
            yield Row(line, end, None, "", f"{len(values)} values for the {len(columns)} columns")
        else:
            row = dict(zip(columns, values, strict=True))
            bad = next((row[name] for name in (id_column, text_column) if not _decoded(row[name])), None)
            if bad is not None:
                at = next(n for n, char in enumerate(bad) if "\udc80" <= char <= "\udcff")
                problem = f"byte 0x{ord(bad[at]) - 0xDC00:02x} is not UTF-8: re-encode the row"
                yield Row(line, end, None, "", problem)
            else:
                yield Row(line, end, *read_row(row, text_column=text_column, id_column=id_column))


def _csv_records(path: Path) -> Iterator[tuple[int, int, list[str], str | None]]:
    """Yield the line at which a record begins, the bytes read so far, and its values or what is wrong with it."""
    delimiter = _delimiter(path)
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES))
    with open_plain(path) as (stream, packed):
        check_mark(path, stream.peek(2)[:2])  # type: ignore[attr-defined]
        beneath = packed or stream
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        begins = 1
        while True:
            values: list[str] | None = []
            problem = None
            try:
                values = next(reader, None)
            except csv.Error as error:
                problem = f"not valid CSV: {error}"
            line, begins = begins, reader.line_num + 1
            if values is None:
                return
            if problem is not None or any(value.strip() for value in values):
                yield line, beneath.tell(), values, problem


def _decoded(value: str) -> bool:
    return value.isascii() or not any("\udc80" <= char <= "\udcff" for char in value)


def _check_columns(path: Path, columns: list[str], *needed: str) -> None:
    for column in needed:
        if columns.count(column) != 1:
            found = ", ".join(map(repr, columns[:20])) or "none"
            raise InputError(
                f"{path}: column {column!r} occurs {columns.count(column)} times among {found}: expected once; name "
                "the columns of the text and of the id"
            )


@contextmanager
def _parquet(path: Path) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    open_input(path).close()
    try:
        with pq.ParquetFile(path, buffer_size=2**20, pre_buffer=False) as file:
            yield file
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # the last: names of columns
        raise InputError(f"{path}: cannot be read as Parquet: {error}") from None


def _parquet_rows(path: Path, text_column: str, id_column: str) -> Iterator[Row]:
    with _parquet(path) as file:
        _check_columns(path, list(file.schema_arrow.names), id_column, text_column)
        line = 0
        names = list(dict.fromkeys([id_column, text_column]))
        for batch in file.iter_batches(_READ_AT_ONCE, columns=names, use_threads=False):
            columns = [batch.column(name) for name in (id_column, text_column)]
            for key, text in zip(*map(_values, columns), strict=True):
                line += 1
                row = {id_column: key, text_column: text}
                yield Row(line, line, *read_row(row, text_column=text_column, id_column=id_column))


def _values(column: Any) -> list[Any]:
    """Return the values of an Arrow array; those that are not UTF-8 as bytes, which no reader takes for text.

    Some times of Arrow are beyond those of Python: such a column is returned as its Arrow type, which readers refuse, as
    they refuse any time.
    """
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        import pyarrow as pa

        values = column.cast(pa.binary()).to_pylist()
        for n, value in enumerate(values):
            with suppress(UnicodeDecodeError, AttributeError):
                values[n] = value.decode("utf-8")
    except (ValueError, OverflowError):
        values = [column.type] * len(column)
    return values


def read_outputs(path: Path) -> Iterator[dict[str, Any] | None]:
    """Read the rows of a finished output of any form; None for one that cannot be read."""
    form = form_of(path)
    if form == "json":
        with open_plain(path) as (stream, _):
            for raw in stream:
                yield loads(raw)
    elif form == "csv":
        header: list[str] = []
        for _, _, values, _ in _csv_records(path):
            if not header:
                header = values
            else:
                yield _from_table(dict(zip(header, values, strict=False)))
    else:
        with _parquet(path) as file:
            for batch in file.iter_batches(_READ_AT_ONCE, use_threads=False):
                for cells in zip(*map(_values, batch.columns), strict=True):
                    yield _from_table(dict(zip(batch.schema.names, cells, strict=True)))


def loads(raw: Any) -> dict[str, Any] | None:
    """Return the JSON object in a line, or None; a table of another origin may hold a number in its place."""
    with suppress(ValueError, RecursionError, TypeError):
        value = json.loads(raw)
        if isinstance(value, dict):
            return value
    return None


def _from_table(row: dict[str, Any]) -> dict[str, Any] | None:
    """Return the output row in a row of a table."""
    if row.get("report"):
        return loads(row["report"])
    with suppress(KeyError, TypeError, ValueError):
        error = {"type": row["error_type"], "message": row["error_message"]}
        if all(isinstance(value, str | None) for value in (row["id"], *error.values())):
            return {"id": row["id"] or None, "line": int(row["line"]), "error": error}
    return None


def convert(source: Path, target: Path) -> None:
    """Make the output ``target`` of the JSON Lines of a job, under another name until it is whole.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left behind then.
    """
    made = target.with_name(target.name + ".converting")
    try:
        with open(made, "wb") as stream, open(source, "rb") as lines:
            form = form_of(target)
            if form == "json":
                with gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packed:
                    shutil.copyfileobj(lines, packed)
            elif form == "parquet":
                _write_parquet(map(_to_table, lines), stream)
            elif target.suffix.lower() == ".gz":
                with gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packed:
                    _write_csv(map(_to_table, lines), packed, target)
            else:
                _write_csv(map(_to_table, lines), stream, target)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(made, target)
    finally:
        made.unlink(missing_ok=True)


def _to_table(raw: bytes) -> dict[str, Any]:
    """Return the row of a table for an output row."""
    out = json.loads(raw)
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row.update(id=out["id"], line=out["line"])
    if "error" in out:
        row.update(error_type=out["error"]["type"], error_message=out["error"]["message"])
        return row
    labels = [relation["label"] for relation in out.get("relations", ())]
    row.update(
        claims=len(out.get("claims", ())),
        contradictions=labels.count("contradicts"),
        corroborations=labels.count("corroborates"),
        report=raw.decode("utf-8").rstrip("\n"),
    )
    return row


def _delimiter(path: Path) -> str:
    r"""Return what stands between the values of a table with such a name.

    >>> _delimiter(Path("a.tsv.gz")), _delimiter(Path("a.tsv.csv"))
    ('\t', ',')
    """
    return "\t" if _last_suffix(path) == ".tsv" else ","


def _write_csv(rows: Iterable[dict[str, Any]], stream: Any, target: Path) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    # every string quoted: before Python 3.13, csv leaves a lone carriage return bare
    writer = csv.DictWriter(
        text, COLUMNS, delimiter=_delimiter(target), lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC
    )
    writer.writeheader()
    writer.writerows(rows)
    text.detach()


def _write_parquet(rows: Iterator[dict[str, Any]], stream: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.int64() if name in _NUMBERS else pa.string()) for name in COLUMNS])
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        chunk: list[dict[str, Any]] = []
        size = 0
        for row in rows:
            chunk.append(row)
            size += len(row["report"] or "")
            if size > 16 * 2**20 or len(chunk) == 4096:
                writer.write_table(pa.Table.from_pylist(chunk, schema=schema))
                chunk, size = [], 0
        if chunk:
            writer.write_table(pa.Table.from_pylist(chunk, schema=schema))
