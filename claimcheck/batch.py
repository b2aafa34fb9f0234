"""Batch jobs: files of articles in, files of reports out, safe to kill at any moment.

Rows are written in order to ``OUT.partial``, as JSON Lines, which becomes ``OUT`` when the last one is done. A resumed
job compares what is there with the input, drops a half-written last line, and goes on behind it; so every row comes
out exactly once. The file being written is locked, so that two jobs cannot share it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

from tqdm import tqdm

from claimcheck.errors import InputError, WorkerError
from claimcheck.parties import check_parties
from claimcheck.readers import Row, open_input
from claimcheck.records import Document
from claimcheck.rowfiles import convert, is_converted, loads, read_outputs, read_rows, size_of
from claimcheck.workers import Lost, run_chunks

T = TypeVar("T")
Parties = Mapping[str, Sequence[str]]
Output = tuple[bytes, bool]  # a line of the output, and whether it records a failure


class ReportLike(Protocol):
    """What a batch job needs of a report."""

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""


class CheckerLike(Protocol):
    """What a batch job needs of a checker; ``pipe`` gets ``parties=`` as well where there are any."""

    def pipe(self, documents: Iterable[Document], /, *, batch_size: int) -> Iterable[ReportLike]:
        """Yield one report for each document, in order."""


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What a batch job did.

    ``rows`` are all rows of the output, ``failed`` those recorded with an error, ``resumed`` those that an earlier
    run had written. ``seconds`` is the time of this run.
    """

    rows: int
    failed: int
    resumed: int
    seconds: float

    @property
    def rate(self) -> float:
        """Rows a second in this run.

        >>> BatchSummary(rows=30, failed=1, resumed=10, seconds=4.0).rate
        5.0
        """
        return (self.rows - self.resumed) / self.seconds if self.seconds else 0.0


def run_batch(
    checker: CheckerLike | Callable[[], CheckerLike],
    source: str | Path,
    target: str | Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    batch_size: int = 64,
    workers: int = 1,
    parties: Parties | None = None,
    text_column: str = "text",
    id_column: str = "id",
    show_progress: bool | None = None,
) -> BatchSummary:
    """Check every row of a file.

    Files are JSON Lines, CSV (``.csv``, ``.tsv``) or Parquet (``.parquet``, ``.pq``), by their names; all but Parquet
    may be ``.gz``. An input row has an id (a string or an integer) and a text; blank lines are skipped. An output row is
    ``report.to_dict()`` with the ``id`` of the row, as a string, and its ``line`` in the input. A row that cannot be
    read or checked gives ``{"id": … or null, "line": n, "error": {"type": …, "message": …}}``, and the rest goes on.
    Output rows stand in the order of the input. An empty input gives an empty output. In CSV and Parquet an output row
    has the columns :data:`claimcheck.rowfiles.COLUMNS`; these, and ``.gz``, are made of the JSON Lines at the end.

    Parameters
    ----------
    checker
        A `Checker`, or anything with its ``pipe``; or a function that loads one, called in each worker.
    source
        The input, UTF-8. It is streamed; only a hash of each id stays in memory.
    target
        The output. Until the job is done, the rows are in a file of the same name with ``.partial`` added.
    resume
        Go on with an unfinished job. If there is none, begin; if the output is there and complete, do nothing.
    overwrite
        Replace an output, and without ``resume`` an unfinished job, that is already there.
    batch_size
        Rows given to ``checker.pipe`` at once. A kill loses the work on at most as many, and on twice as many for each
        worker.
    workers
        Processes that check rows; 1 is this one. Others share the cores between them, and take one GPU each in turn.
        Where one dies, its rows are tried once more, each alone; at a second death a row is recorded as failed.
    parties
        Party names and who belongs to them, as for ``Checker.check``.
    text_column, id_column
        The keys or columns to read.
    show_progress
        Whether to draw a progress bar on standard error; None draws it on a terminal only.

    Raises
    ------
    InputError
        If the input cannot be read, the output is there already or is being written by another job, an unfinished
        job was begun from another input, or ``parties`` cannot be used.
    WorkerError
        If the workers die before they can work.
    """
    for name, value in (("batch_size", batch_size), ("workers", workers)):
        if value < 1:
            raise InputError(f"{name} must be at least 1, not {value}")
    check_parties(parties)
    source, target = Path(source), Path(target)
    check_paths(source, target, resume=resume, overwrite=overwrite)
    began = time.perf_counter()
    part = _partial(target)
    rows = read_rows(source, text_column=text_column, id_column=id_column)
    with _locked(part) as stream, _bar(source, show_progress) as bar:
        check_paths(source, target, resume=resume, overwrite=overwrite)  # now that no other job can change it
        unfinished = os.fstat(stream.fileno()).st_size > 0
        if resume and target.exists() and not overwrite:
            done = _verify(target, rows, source)
            _remove(part)  # empty, or what the target was made of
            return BatchSummary(done.rows, done.failed, done.rows, time.perf_counter() - began)
        if unfinished and not resume and not overwrite:
            raise InputError(
                f"{part}: an unfinished job: resume it (--resume), or overwrite it (--overwrite) to begin again"
            )
        done = _compare(_lines(stream, part), rows, part, source) if resume else _Done()
        stream.truncate(done.size)
        stream.seek(done.size)
        bar.initial = bar.n = done.end
        count, failed = done.rows, done.failed
        make = partial(_worker, checker, parties, batch_size)
        for chunk in _chunks(make, rows, batch_size, workers):
            for row, (line, bad) in chunk:
                stream.write(line)
                stream.flush()
                count, failed = count + 1, failed + bad
                rate = (count - done.rows) / (time.perf_counter() - began)
                bar.set_postfix_str(f"{count:,} articles, {failed:,} failed, {rate:.1f}/s", refresh=False)
                bar.update(row.end - bar.n)
            os.fsync(stream.fileno())
        os.fsync(stream.fileno())
        if is_converted(target):
            convert(part, target)
            _remove(part)
        else:
            os.replace(part, target)
    return BatchSummary(count, failed, done.rows, time.perf_counter() - began)


def one_line(text: str) -> str:
    r"""Escape the line breaks that JSON allows in a string, for readers that split lines at them.

    >>> one_line('{"text": "a\u2028b"}')
    '{"text": "a\\u2028b"}'
    """
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085")


def check_paths(source: Path, target: Path, *, resume: bool = False, overwrite: bool = False) -> None:
    """Refuse an input that cannot be read and an output that may not be written, before any work is done.

    Raises
    ------
    InputError
        With the path and what to do.
    """
    open_input(source).close()
    if not source.is_file():
        raise InputError(f"{source}: not a regular file: a batch job must be able to read it again")
    if not target.parent.is_dir():
        raise InputError(f"{target}: no directory {str(target.parent)!r}: make it first")
    for path in (target, _partial(target)):
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: not a regular file: name another output")
        if path.exists() and path.samefile(source):
            raise InputError(f"{path}: the input itself: name another output")
    if target.exists() and not overwrite:
        if not resume:
            raise InputError(f"{target}: already there: overwrite it (--overwrite) or name another output")
        if _partial(target).exists() and _partial(target).stat().st_size and not _just_converted(target):
            raise InputError(
                f"{target}: already there, beside an unfinished job: to replace it when the job is done, resume with overwrite"
            )


def _just_converted(target: Path) -> bool:
    """Return whether a job was killed between making its output and removing what it was made of."""
    return is_converted(target) and target.stat().st_mtime_ns >= _partial(target).stat().st_mtime_ns


@dataclass(frozen=True, slots=True)
class _Done:
    """How far an output reaches: whole rows, failed ones, the bytes they take, and the end of the last in the input."""

    rows: int = 0
    failed: int = 0
    size: int = 0
    end: int = 0


def _partial(target: Path) -> Path:
    return target.with_name(target.name + ".partial")


def _remove(path: Path) -> None:
    path.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read and append, made if need be, and hold a lock on it; leave no empty file behind."""
    try:
        stream = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None
    with stream:
        _lock(stream, path)
        try:
            yield stream
        finally:
            with suppress(FileNotFoundError):
                if not path.stat().st_size and os.path.samestat(os.fstat(stream.fileno()), path.stat()):
                    path.unlink()


def _lock(stream: BinaryIO, path: Path) -> None:
    if sys.platform == "win32":
        return
    import fcntl

    busy = InputError(f"{path}: another job is writing it: wait for its end or name another output")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between opening and locking, the other job may have ended and renamed the file.
        if not os.path.samestat(os.fstat(stream.fileno()), path.stat()):
            raise busy
    except (BlockingIOError, FileNotFoundError):
        raise busy from None
    except OSError as error:
        raise InputError(f"{path}: cannot be locked: {error.strerror or error}") from None


def _lines(stream: BinaryIO, path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the rows in a JSON Lines file and the bytes they take; a half-written last line is left out.

    Raises
    ------
    InputError
        If another line is none.
    """
    stream.seek(0)
    for number, raw in enumerate(stream, start=1):
        out = loads(raw) if raw.endswith(b"\n") else None
        if out is None:
            if stream.read(1):
                raise InputError(f"{path}: line {number} is damaged: overwrite the job to begin again")
            return
        yield out, len(raw)


def _compare(
    outs: Iterable[tuple[dict[str, Any], int]], rows: Iterator[Row], path: Path, source: Path
) -> _Done:
    """Read what an output holds along with the input it should come from.

    Raises
    ------
    InputError
        If it holds anything but the first rows of the input, in order.
    """
    done = _Done()
    for out, size in outs:
        row = next(rows, None)
        if row is None or not _matches(out, row):
            raise InputError(
                f"{path}: line {done.rows + 1} holds line {out.get('line')} with id {out.get('id')!r}, but {source} "
                + (f"has id {row.id!r} on line {row.line}" if row else f"ends after {done.rows} rows")
                + (" and another text or error" if row and row.id == out.get("id") else "")
                + ": it was begun from another input, overwrite it to begin again"
            )
        done = _Done(done.rows + 1, done.failed + ("error" in out), done.size + size, row.end)
    return done


def _verify(target: Path, rows: Iterator[Row], source: Path) -> _Done:
    """Read a finished output and make sure that it covers the input."""

    def outs() -> Iterator[tuple[dict[str, Any], int]]:
        for number, out in enumerate(read_outputs(target), start=1):
            if out is None:
                raise InputError(f"{target}: row {number} is damaged: overwrite it or name another output")
            yield out, 0

    done = _compare(outs(), rows, target, source)
    row = next(rows, None)
    if row is not None:
        raise InputError(
            f"{target}: already there, but ends before line {row.line} of {source}: overwrite it or name another output"
        )
    return done


def _matches(out: dict[str, Any], row: Row) -> bool:
    """Whether an output row comes from an input row: same line and id, and same text or error."""
    if out.get("line") != row.line or out.get("id") != row.id:
        return False
    if row.error is not None:
        return bool(out.get("error") == _error(row.error))
    return bool(out.get("text", row.text) == row.text)


def _chunks(
    make: Callable[[], Callable[[list[Row]], Iterator[Output]]],
    rows: Iterator[Row],
    batch_size: int,
    workers: int,
) -> Iterator[Iterable[tuple[Row, Output]]]:
    """Yield rows and their outputs, some at a time, in order; checked here, or by workers."""
    if workers == 1:
        work = None
        while chunk := list(islice(rows, batch_size)):
            work = work or make()  # only now: where the input cannot be read, no model is loaded
            yield zip(chunk, work(chunk), strict=True)
        return
    sent: list[list[Row]] = []

    def read() -> Iterator[list[Row]]:
        while chunk := list(islice(rows, batch_size)):
            sent.append(chunk)
            yield chunk

    for outputs in run_chunks(make, read(), workers=workers):
        chunk = sent.pop(0)
        yield [
            (row, _failure(row, WorkerError.__name__, str(output)) if isinstance(output, Lost) else output)
            for row, output in zip(chunk, outputs, strict=True)
        ]


def _worker(
    checker: CheckerLike | Callable[[], CheckerLike], parties: Parties | None, batch_size: int
) -> Callable[[list[Row]], Iterator[Output]]:
    """Return the function that checks rows: what is called in each worker, and here where there is none."""
    ready = checker if hasattr(checker, "pipe") and not isinstance(checker, type) else checker()
    options: dict[str, Any] = {"batch_size": batch_size, **({} if parties is None else {"parties": parties})}
    return partial(_outputs, ready, options)


def _outputs(checker: CheckerLike, options: dict[str, Any], rows: list[Row]) -> Iterator[Output]:
    """Yield the output of each row."""
    checked = check_apart(checker, [row for row in rows if row.error is None], _line, options)
    for row in rows:
        if row.error is not None:
            yield _failure(row, InputError.__name__, row.error)
            continue
        result = next(checked)
        if isinstance(result, Exception):
            message = str(result).encode("utf-8", "backslashreplace").decode("utf-8")
            yield _failure(row, type(result).__name__, message)
        else:
            yield result, False


def check_apart(
    checker: CheckerLike,
    rows: Sequence[Row],
    render: Callable[[Row, ReportLike], T],
    options: Mapping[str, Any],
) -> Iterator[T | Exception]:
    """Yield what ``render`` makes of each row's report, or what was raised at the row.

    Rows are checked together; where something is raised, what is left is checked in halves, to lose only the row at
    fault.
    """
    if not rows:
        return
    done = 0
    try:
        documents = [Document(row.id or "", row.text) for row in rows]
        for report in checker.pipe(documents, **options):
            if done == len(rows):
                break
            rendered = render(rows[done], report)
            done += 1
            yield rendered
        if done < len(rows):
            raise RuntimeError(f"the checker gave {done} reports for {len(rows)} texts")
    except Exception as error:
        rest = rows[done:]
        failure = error
    else:
        return
    if len(rest) == 1:
        yield failure
    else:
        half = len(rest) // 2
        yield from check_apart(checker, rest[:half], render, options)
        yield from check_apart(checker, rest[half:], render, options)


def _line(row: Row, report: ReportLike) -> bytes:
    own = {"id": row.id, "line": row.line}
    return _render({**own, **report.to_dict(), **own})


def _failure(row: Row, kind: str, message: str) -> Output:
    return _render({"id": row.id, "line": row.line, "error": {"type": kind, "message": message}}), True


def _render(out: dict[str, Any]) -> bytes:
    return one_line(json.dumps(out, ensure_ascii=False, allow_nan=False)).encode("utf-8") + b"\n"


def _error(message: str) -> dict[str, str]:
    return {"type": InputError.__name__, "message": message}


def _bar(source: Path, show: bool | None) -> tqdm[Any]:
    """Return a bar over the bytes of the input, or the rows of a Parquet file, which needs no other count."""
    return tqdm(
        total=size_of(source),
        disable=None if show is None else not show,
        bar_format="{percentage:3.0f}%|{bar}| {postfix} [{elapsed}<{remaining}]",
    )
