"""Articles and statements from where people have them: web pages, data frames, CoreNLP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from claimcheck.errors import InputError
from claimcheck.extras import require
from claimcheck.records import Document

if TYPE_CHECKING:
    import pandas as pd

_MARKS = "\"“”„‟«»‘’'`"


def from_html(page: str | bytes, *, id: str | None = None, url: str | None = None) -> Document:
    """Return the article of a web page, without menus, comments and the like; needs the extra ``html``.

    The text is what trafilatura extracts, its paragraphs apart by blank lines: offsets count in that text, not in the
    page. Title, date and address are those that the page states; nothing is fetched.

    Parameters
    ----------
    page
        The HTML. Bytes are decoded as the page says.
    id
        Default: made from a hash of the text.
    url
        The address; default: the canonical one that the page states.

    Raises
    ------
    InputError
        If ``page`` is neither ``str`` nor ``bytes``, or there is no article in it.
    ImportError
        If trafilatura is not installed.
    """
    from claimcheck.pipeline import make_document

    if not isinstance(page, str | bytes):
        raise InputError(f"page is a {type(page).__name__}, expected HTML as str or bytes")
    extract = require("trafilatura", "html").bare_extraction
    found = extract(page, url=url, include_comments=False, include_tables=False, with_metadata=True)
    if found is None or not (found.text or "").strip():
        unit = "bytes" if isinstance(page, bytes) else "characters"
        raise InputError(f"no article was found in a page of {len(page)} {unit}")
    text = "\n\n".join(found.text.splitlines())
    return make_document(
        text, id=id, title=found.title or None, date=found.date or None, url=url or found.url or None
    )


def from_pandas(
    frame: pd.DataFrame,
    *,
    text: str = "text",
    id: str | None = None,
    title: str | None = None,
    date: str | None = None,
    url: str | None = None,
) -> Iterator[Document]:
    """Yield the articles of a frame, one to a row, for :meth:`Checker.pipe <claimcheck.Checker.pipe>`.

    Parameters
    ----------
    text, id, title, date, url
        Names of columns. Of those not named here, the ones called "id", "title", "date" and "url" are taken where they
        are. A missing value is left out, a date of pandas becomes ISO 8601, and any other becomes a ``str``.

    Raises
    ------
    InputError
        If a column is missing or named twice, or a text is no ``str``; its row is named.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"body": ["It rained."], "date": pd.to_datetime(["2024-03-02"])})
    >>> next(from_pandas(frame, text="body")).date
    '2024-03-02'
    """
    from claimcheck.pipeline import make_document

    named = {"id": id, "title": title, "date": date, "url": url}
    columns = {name: column or name for name, column in named.items() if column or name in frame.columns}
    for column in (text, *columns.values()):
        times = list(frame.columns).count(column)
        if times != 1:
            raise InputError(
                f"column {column!r} occurs {times} times among {', '.join(map(repr, frame.columns))}: expected once"
            )
    texts = frame[text].tolist()
    others = {name: [_plain(value) for value in frame[column].tolist()] for name, column in columns.items()}
    for n, value in enumerate(texts):
        fields = {name: None if values[n] is None else str(values[n]) for name, values in others.items()}
        try:
            yield make_document(value, **fields)
        except InputError as error:
            raise InputError(f"row {n}: {error}") from None


def statement_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as statements, missing values as None; other columns are ignored.

    :meth:`Checker.compare <claimcheck.Checker.compare>` calls it when it is given a frame. A ``start`` that pandas made
    a float, as it does beside missing values, becomes an ``int`` again, and an id a ``str``.

    Examples
    --------
    >>> import pandas as pd
    >>> statement_rows(pd.DataFrame({"text": ["It leaks."], "speaker": [None], "start": [3.0]}))
    [{'text': 'It leaks.', 'speaker': None, 'start': 3}]
    """
    from claimcheck.rows import FIELDS

    if "text" not in frame.columns:
        raise InputError(f"no column 'text' among {', '.join(map(repr, frame.columns))}")
    for name in FIELDS:
        if list(frame.columns).count(name) > 1:
            raise InputError(
                f"column {name!r} occurs twice among {', '.join(map(repr, frame.columns))}: expected once"
            )
    columns = {
        name: [_plain(value) for value in frame[name].tolist()] for name in FIELDS if name in frame.columns
    }
    if "start" in columns:
        columns["start"] = [
            int(v) if isinstance(v, float) and v.is_integer() else v for v in columns["start"]
        ]
    if "id" in columns:
        columns["id"] = [None if value is None else str(value) for value in columns["id"]]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    """Return a cell as a plain value: None if missing, a time as ISO 8601, and as a date where it is midnight."""
    import pandas as pd

    if not isinstance(value, str) and pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat().removesuffix("T00:00:00")
    return value


def from_corenlp(data: Mapping[str, Any], text: str) -> list[dict[str, Any]]:
    """Return the quotations that CoreNLP attributed as statements for :meth:`Checker.compare`.

    Parameters
    ----------
    data
        The JSON output of CoreNLP's ``quote`` annotator: ``quotes`` with ``text``, ``beginIndex``, ``speaker`` and
        ``canonicalSpeaker``. CoreNLP has no cues, and counts UTF-16 units; a speaker "Unknown" becomes None.
    text
        The article, as CoreNLP was given it.

    Returns
    -------
    list
        Dicts with ``id``, ``text`` (without its quotation marks), ``speaker``, ``context`` and ``start``.

    Raises
    ------
    InputError
        If a quotation lacks one of these, or does not stand in the text where it says; or if there is no list of
        quotations, or a lone surrogate in the text.

    Examples
    --------
    >>> text = '"It leaks," said Ada Holm.'
    >>> quote = {"id": 0, "text": '"It leaks,"', "beginIndex": 0, "speaker": "Ada Holm", "canonicalSpeaker": "Unknown"}
    >>> [(row["text"], row["speaker"], row["start"]) for row in from_corenlp({"quotes": [quote]}, text)]
    [('It leaks,', 'Ada Holm', 1)]
    """
    quotes = data.get("quotes", ()) if isinstance(data, Mapping) else None
    if not isinstance(quotes, Sequence) or isinstance(quotes, str):
        raise InputError(f"data is {data!r:.80}, expected a dict with a list of quotes")
    try:
        units = text.encode("utf-16-le")
    except UnicodeEncodeError as error:
        raise InputError(
            f"lone surrogate {text[error.start]!r} at {error.start}: decode the bytes with errors='replace' or repair the text first"
        ) from None
    rows = []
    for n, found in enumerate(quotes):
        try:
            quoted, begin = "".join(found["text"]), found["beginIndex"]
            start = len(units[: 2 * begin].decode("utf-16-le"))
            names = [found.get(name) for name in ("canonicalSpeaker", "speaker")]
        except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
            raise InputError(
                f"quotation {n} is {found!r:.80}, expected text and beginIndex: {error}"
            ) from None
        if text[start : start + len(quoted)] != quoted:
            raise InputError(f"quotation {n}: {quoted!r:.60} does not stand at {begin}: is it another text?")
        content = quoted.lstrip(_MARKS)
        start += len(quoted) - len(content)
        content = content.rstrip(_MARKS)
        if content.strip():
            speaker = next((name for name in names if name and name != "Unknown"), None)
            identity = f"q{found.get('id', n)}"
            rows.append(
                {"id": identity, "text": content, "speaker": speaker, "context": text, "start": start}
            )
    return rows
