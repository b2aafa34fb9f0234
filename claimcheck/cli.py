"""The command line: ``claimcheck check``, ``claimcheck compare``, ``claimcheck verify`` and ``claimcheck batch``.

Inputs are read and outputs are looked at before the models are loaded, so that a mistake is told at once.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from claimcheck import readers
from claimcheck.errors import ClaimcheckError, InputError
from claimcheck.records import Document

if TYPE_CHECKING:
    from claimcheck.pipeline import Checker
    from claimcheck.report import Report

__all__ = ["app", "load_checker"]

INTERRUPTED = 130  # 128 + SIGINT
BROKEN_PIPE = 141  # 128 + SIGPIPE

_CONTROLS = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
_STYLED = re.compile(r"(\x1b\[[0-9;]*m)")

app = typer.Typer(
    name="claimcheck",
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


class Format(StrEnum):
    """How a report is written."""

    text = "text"
    json = "json"
    html = "html"


class VerdictFormat(StrEnum):
    """How verdicts are written."""

    text = "text"
    json = "json"


FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="text to read; json, one line a report; html, a page.")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="PATH", help="Write to PATH, not to standard output.")
]
EncodingOption = Annotated[str, typer.Option(help="Encoding of the input.")]
PartiesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.json",
        help='A file with parties and their members, as in {"Quarry": ["Ada Holm", "Holm"]}.',
    ),
]
NliOption = Annotated[
    str | None,
    typer.Option(
        "--nli", metavar="MODEL", help="Path or hub name of another NLI checkpoint than the packaged one."
    ),
]


def load_checker(nli: str | None = None) -> Checker:
    """Load the models. The commands take their checker from here, so that a test can replace it."""
    import claimcheck

    return claimcheck.load() if nli is None else claimcheck.load(nli=nli)


def _article(page: str, name: str) -> Document:
    """Return the article of a web page."""
    from claimcheck.sources import from_html

    try:
        return from_html(page, id=name)
    except (InputError, ImportError) as error:
        raise InputError(f"{name}: {error}") from None


def _read_article(name: str, label: str, id: str, encoding: str, *, empty: bool = False) -> str | Document:
    """Return the text of a file, or the article of a web page; an ``empty`` text is refused, or taken with a word."""
    text = readers.read_text(name, encoding=encoding)
    if not text.strip():
        message = f"{label}: empty: there is no text to check"
        if not empty:
            raise InputError(message)
        _say(message)
    return _article(text, id) if name.lower().endswith((".html", ".htm")) else text


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("claimcheck")
        except PackageNotFoundError:
            number = "(not installed)"
        typer.echo(f"claimcheck {number}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Find who said what in news text, and who contradicts whom.

    \b
    Examples:
      claimcheck check article.txt
      claimcheck compare statements.csv
      claimcheck verify "The bridge is open." article.txt
      claimcheck batch articles.jsonl reports.jsonl
      claimcheck check *.txt --format json | jq .claims
      claimcheck --install-completion

    Colour is for terminals only, and not where NO_COLOR is set.

    \b
    Exit codes:
      0    all went well
      1    some input or row failed, or the models could not be loaded
      2    wrong usage
      130  interrupted (Ctrl-C)
      141  the reader of the output went away
    """  # noqa: D301 - \b keeps the lines of the next paragraph apart
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Text or HTML files; - is standard input.")
    ],
    format: FormatOption = Format.text,
    output: OutputOption = None,
    parties: PartiesOption = None,
    encoding: EncodingOption = "utf-8",
    nli: NliOption = None,
) -> None:
    """Show the claims, parties and contradictions of articles.

    Each file is one article: text, or a web page where the name ends in .html or .htm (that needs the extra "html").
    With --format json there is one line for each of them. With --format html and several
    files, --output is a directory, which gets a page for each. A file that cannot be used is told on standard error,
    the others go on, and the exit code is 1. An empty text is told there too; it has a report without claims, as in
    batch and in Python.

    \b
    Examples:
      claimcheck check article.txt
      claimcheck check *.txt --format json > reports.jsonl
      claimcheck check article.txt --format html --output article.html
      curl -s https://example.org/article.txt | claimcheck check -

    \b
    Exit codes: 0 all went well, 1 some input failed, 2 wrong usage.
    """  # noqa: D301 - \b keeps the lines of the next paragraph apart
    with _guard():
        _check_encoding(encoding)
        pages = _pages(files, output) if format is Format.html and len(files) > 1 else {}
        if not pages:
            _check_output(output, files)
        if files.count("-") > 1:
            raise typer.BadParameter("standard input (-) can be read only once", param_hint="FILE")
        with _usage("--parties"):
            sides = None if parties is None else readers.read_parties(parties)
        checker: Checker | None = None
        failed = False
        shown = 0
        for name in files:
            label = "standard input" if name == "-" else name
            id = "stdin" if name == "-" else name
            try:
                article = _read_article(name, label, id, encoding, empty=True)
            except InputError as error:
                _say(str(error))
                failed = True
                continue
            checker = checker or load_checker(nli)
            try:
                report = checker.check(article, id=id, parties=sides)
            except InputError as error:
                _say(f"{label}: {error}")
                failed = True
                continue
            target = pages.get(name, output)
            title = f"==> {label} <==\n" if len(files) > 1 and format is Format.text else ""
            _write(
                report,
                format,
                target,
                title="\n" * bool(title and shown) + title,
                append=bool(shown and not pages),
            )
            shown += 1
    raise typer.Exit(int(failed))


@app.command()
def compare(
    statements: Annotated[
        str, typer.Argument(metavar="STATEMENTS", help="CSV or JSON Lines; - is standard input.")
    ],
    format: FormatOption = Format.text,
    output: OutputOption = None,
    encoding: EncodingOption = "utf-8",
    nli: NliOption = None,
) -> None:
    """Compare statements, and show which contradict each other.

    A row has text and speaker, and optionally id, party, cue, date, context (the article) and start (where text
    begins in the context). Other columns are ignored. A row without a speaker is a statement of nobody in particular.

    \b
    Examples:
      claimcheck compare statements.csv
      claimcheck compare statements.jsonl --format json --output report.json

    \b
    Exit codes: 0 all went well, 1 the statements cannot be used, 2 wrong usage.
    """  # noqa: D301 - \b keeps the lines of the next paragraph apart
    with _guard():
        _check_encoding(encoding)
        _check_output(output, [statements])
        rows = readers.read_statements(statements, encoding=encoding)
        _write(load_checker(nli).compare(rows), format, output)


@app.command()
def verify(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="A sentence.")],
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Text or HTML files; - is standard input.")
    ],
    parties: Annotated[
        bool,
        typer.Option("--parties", help="What each party of the article says of it, not the text itself."),
    ] = False,
    format: Annotated[
        VerdictFormat, typer.Option("--format", "-f", help="text to read; json, one line a verdict.")
    ] = VerdictFormat.text,
    encoding: EncodingOption = "utf-8",
    nli: NliOption = None,
) -> None:
    """Say whether texts support a claim, refute it, or have not enough information.

    With --parties, the text is an article, and there is a verdict for each party: supports, refutes, or says nothing.
    A file that cannot be used is told on standard error, the others go on, and the exit code is 1.

    \b
    Examples:
      claimcheck verify "The bridge is open." report.txt
      claimcheck verify "The bridge is open." article.txt --parties --format json

    \b
    Exit codes: 0 all went well, 1 some input failed, 2 wrong usage.
    """  # noqa: D301 - \b keeps the lines of the next paragraph apart
    from claimcheck.batch import one_line
    from claimcheck.verification import check_text, verdict_line

    with _guard():
        _check_encoding(encoding)
        with _usage("CLAIM"):
            check_text(claim, "claim")
        if files.count("-") > 1:
            raise typer.BadParameter("standard input (-) can be read only once", param_hint="FILE")
        checker: Checker | None = None
        failed = False
        for name in files:
            label, id = ("standard input", "stdin") if name == "-" else (name, name)
            try:
                text = _read_article(name, label, id, encoding)
                checker = checker or load_checker(nli)
                if parties:
                    found: Sequence[Any] = checker.check(text, id=id).verify(claim, nli=checker.nli)
                else:
                    found = [checker.verify(claim, text if isinstance(text, str) else text.text)]
            except InputError as error:
                _say(str(error) if str(error).startswith(label) else f"{label}: {error}")
                failed = True
                continue
            for verdict in found:
                if format is VerdictFormat.json:
                    row = {"file": id, **asdict(verdict)}
                    _print(one_line(json.dumps(row, ensure_ascii=False)) + "\n", exact=True)
                else:
                    title = f"{label}: " if len(files) > 1 else ""
                    _print(_printable(title + verdict_line(verdict)) + "\n", exact=False)
    raise typer.Exit(int(failed))


@app.command()
def batch(
    source: Annotated[
        Path,
        typer.Argument(metavar="IN", help="JSON Lines, CSV or Parquet with an id and a text in each row."),
    ],
    target: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="JSON Lines, CSV or Parquet: one report for each row, in order."),
    ],
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a job that was stopped.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUT, and without --resume an unfinished job.")
    ] = False,
    batch_size: Annotated[int, typer.Option(min=1, help="Articles given to the models at once.")] = 64,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes (default: one for each GPU, and 1 without)."),
    ] = None,
    text_column: Annotated[str, typer.Option(help="Key or column of the text.")] = "text",
    id_column: Annotated[str, typer.Option(help="Key or column of the id.")] = "id",
    parties: PartiesOption = None,
    progress: Annotated[
        bool | None,
        typer.Option("--progress/--no-progress", help="Draw a progress bar (default: on a terminal)."),
    ] = None,
    nli: NliOption = None,
) -> None:
    """Check many articles, and go on after a kill.

    Nothing is lost or repeated by a kill. Files are JSON Lines, CSV (.csv, .tsv) or Parquet (.parquet, .pq), by their
    names; all but Parquet may be .gz. A row has an id (a string or an integer) and a text. A row that fails is written
    as {"id": ..., "line": ..., "error": {"type": ..., "message": ...}}, and the rest goes on; so it is at which a
    worker dies twice. Every row of the output has the line of its input. Blank lines are skipped. Until the job is
    done, the rows are in OUT.partial, as JSON Lines.

    \b
    Examples:
      claimcheck batch articles.jsonl reports.jsonl
      claimcheck batch articles.jsonl reports.jsonl --resume
      claimcheck batch news.parquet out.parquet --text-column body --id-column url
      claimcheck batch news.csv.gz reports.jsonl --workers 2 --parties sides.json

    \b
    Exit codes: 0 all rows went well; 1 some rows are recorded with an error,
    or the job could not be done; 2 wrong usage; 130 interrupted.
    """  # noqa: D301 - \b keeps the lines of the next paragraph apart
    from claimcheck.batch import check_paths, run_batch
    from claimcheck.workers import gpu_ids

    with _guard(f"go on with --resume: what is done is in {target}.partial"):
        check_paths(source, target, resume=resume, overwrite=overwrite)
        with _usage("--parties"):
            sides = None if parties is None else readers.read_parties(parties)
        workers = workers or len(gpu_ids()) or 1
        done = run_batch(
            partial(load_checker, nli),
            source,
            target,
            resume=resume,
            overwrite=overwrite,
            batch_size=batch_size,
            workers=workers,
            parties=sides,
            text_column=text_column,
            id_column=id_column,
            show_progress=progress,
        )
        earlier = f" ({done.resumed:,} from before)" if done.resumed else ""
        _say(
            f"{target}: {done.rows:,} rows{earlier}, {done.failed:,} failed, "
            f"{done.rate:.1f} articles/s, {done.seconds:.1f} s"
        )
    raise typer.Exit(int(done.failed > 0))


@contextmanager
def _guard(hint: str = "") -> Iterator[None]:
    """Turn what users cause or meet into one line on standard error and an exit code."""
    try:
        yield
        sys.stdout.flush()
    except ClaimcheckError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        _say("interrupted" + (f": {hint}" if hint else ""))
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush when Python ends
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _fail(f"{place}{error.strerror or error}" + (f": {hint}" if hint else ""))


def _say(message: str) -> None:
    typer.echo("claimcheck: " + _printable(message.replace("\n", " ")), err=True)


def _fail(message: str) -> NoReturn:
    _say(message)
    raise typer.Exit(1)


@contextmanager
def _usage(option: str) -> Iterator[None]:
    """Turn a value that cannot be used into a usage error of ``option``."""
    try:
        yield
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _check_encoding(encoding: str) -> None:
    with _usage("--encoding"):
        readers.check_encoding(encoding)


def _check_output(output: Path | None, inputs: list[str]) -> None:
    """Refuse an output that cannot be written, or that is one of the inputs."""
    if output is None:
        return
    if output.is_dir():
        raise typer.BadParameter(f"{output} is a directory: name a file", param_hint="--output")
    if not output.parent.is_dir():
        raise typer.BadParameter(f"{output}: no directory {str(output.parent)!r}", param_hint="--output")
    for name in inputs:
        if name != "-" and output.exists() and os.path.exists(name) and output.samefile(name):
            raise typer.BadParameter(f"{output} is an input: name another file", param_hint="--output")


def _pages(files: list[str], output: Path | None) -> dict[str, Path]:
    """Return the HTML file of each input, in the directory ``output``, which is made."""
    if output is None or (output.exists() and not output.is_dir()):
        raise typer.BadParameter(
            "html for several files needs a directory: --output DIR", param_hint="--output"
        )
    pages: dict[str, Path] = {}
    for name in files:
        page = output / ("stdin.html" if name == "-" else Path(name).stem + ".html")
        if page in pages.values():
            raise typer.BadParameter(f"two files would be written to {page}", param_hint="FILE")
        _check_output(page if output.is_dir() else None, files)
        pages[name] = page
    output.mkdir(parents=True, exist_ok=True)
    return pages


def _write(
    report: Report, format: Format, target: Path | None, *, title: str = "", append: bool = False
) -> None:
    color = target is None and _color()
    if format is Format.json:
        from claimcheck.batch import one_line

        text = one_line(report.to_json())
    elif format is Format.html:
        text = report.to_html()
    else:
        text = title + _printable(report.summary(color=color), styled=color)
    text = text.rstrip("\n") + "\n"
    if target is not None:
        with open(target, "a" if append else "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        return
    _print(text, exact=format is not Format.text)


def _print(text: str, *, exact: bool) -> None:
    """Write to standard output: what a program reads ``exact``, in UTF-8, and what is to be read as it can be shown."""
    if exact:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    else:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.stdout.write(text)
    sys.stdout.flush()


def _color() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _printable(text: str, *, styled: bool = False) -> str:
    r"""Replace control characters, which a hostile text could use on the terminal; ``styled`` keeps colours.

    >>> _printable("\x1b[2Jno")
    '\ufffd[2Jno'
    """
    text = text.replace("\r\n", "\n")
    if not styled:
        return text.translate(_CONTROLS)
    pieces = _STYLED.split(text)
    return "".join(piece if odd % 2 else piece.translate(_CONTROLS) for odd, piece in enumerate(pieces))
