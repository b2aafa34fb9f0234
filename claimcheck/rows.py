"""Statements that someone already has: from mappings to claims and parties."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import count
from typing import Any

from claimcheck.claims import find_force, is_hedged
from claimcheck.errors import InputError
from claimcheck.pairing import article_members
from claimcheck.parties import check_parties, given_party
from claimcheck.records import Claim, Party, Span, date_problem, lone_surrogate
from claimcheck.segmentation import split_sentences
from claimcheck.statements import context_before

FIELDS = ("text", "speaker", "id", "party", "cue", "date", "context", "start")


def read_statements(
    rows: Iterable[Mapping[str, Any]], parties: Mapping[str, Sequence[str]] | None = None
) -> tuple[list[Claim], tuple[Party, ...], list[tuple[str | None, int]]]:
    """Return claims, parties, and for each claim its article and its place among the article's statements.

    Parameters
    ----------
    parties
        Party names and their members, by full name or surname; it wins over the rows' own ``party``.

    Raises
    ------
    InputError
        If a row is not a mapping, lacks a text, holds a value of the wrong type, or repeats an id.

    Warns
    -----
    UserWarning
        Once, if rows have keys that are not used.
    """
    if isinstance(rows, str | Mapping) or not isinstance(rows, Iterable):
        raise InputError(
            f"statements is a {type(rows).__name__}, expected rows: mappings with a text and a speaker"
        )
    rows = list(rows)
    _warn_of_unused(rows)
    check_parties(parties)
    side_of: dict[str, str | None] = {}
    given = {key for row in rows if isinstance(row, Mapping) and isinstance(key := row.get("id"), str)}
    names = (name for k in count(1) if (name := f"s{k}") not in given)
    sentences: dict[str, tuple[Span, ...]] = {}
    claims: list[Claim] = []
    members: dict[str, dict[str, None]] = {}
    articles: list[tuple[str | None, int]] = []
    seen: set[str] = set()
    for n, row in enumerate(rows):
        values = _values(n, row)
        text, speaker, context = values["text"], values["speaker"], values["context"]
        start = values["start"]
        if context is not None and start is None:
            found = context.find(text)
            start = found if found >= 0 else None
        if start is not None and context is not None and start >= len(context):
            raise InputError(
                f"statement {n}: start {start} is outside its context of {len(context)} characters"
            )
        party = values["party"]
        if speaker is not None and parties:
            if speaker not in side_of:
                side_of[speaker] = given_party(speaker, parties)
            party = side_of[speaker] or party
        default = next(names)
        identity = default if values["id"] is None else values["id"]
        if identity in seen:
            raise InputError(f"statement {n}: id {identity!r} occurs twice: ids must be unique")
        seen.add(identity)
        if party is not None:
            members.setdefault(party, {})
            if speaker:
                members[party][speaker] = None
        before = ""
        if context is not None and start is not None:
            if context not in sentences:
                sentences[context] = split_sentences(context)
            before = context_before(context, sentences[context], start)
        cue = values["cue"] or ""
        claims.append(
            Claim(
                id=identity,
                text=text,
                speaker=speaker,
                party=party,
                cue=cue,
                force=find_force(cue, text),
                hedged=is_hedged(cue, text),
                date=values["date"],
                start=start,
                context=before,
            )
        )
        articles.append((context if start is not None else None, start or 0))
    found_parties = tuple(Party(name, name, tuple(names)) for name, names in members.items())
    return claims, found_parties, _places(articles)


def _warn_of_unused(rows: Sequence[Any]) -> None:
    """Name the keys that no statement has, and what may have been meant."""
    keys = dict.fromkeys(str(key) for row in rows if isinstance(row, Mapping) for key in row)
    unused = [key for key in keys if key not in FIELDS]
    if unused:
        guesses = {key: get_close_matches(key.casefold(), FIELDS, n=1) for key in unused}
        hints = [f"{key!r} for {found[0]!r}" for key, found in guesses.items() if found]
        warnings.warn(
            f"statements have the keys {', '.join(map(repr, unused[:9]))}, which are not used (known are "
            f"{', '.join(FIELDS)})" + (f": is {', '.join(hints)}?" if hints else ""),
            UserWarning,
            stacklevel=4,  # who called Checker.compare
        )


def _values(n: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a row, missing and blank ones as None, after checking their types."""
    if not isinstance(row, Mapping):
        raise InputError(f"statement {n} must be a mapping with text and speaker, not {type(row).__name__}")
    values = {name: row.get(name) for name in FIELDS}
    if not isinstance(values["text"], str) or not values["text"].strip():
        raise InputError(f"statement {n}: text is {values['text']!r}, expected a str that is not blank")
    for name in FIELDS[:-1]:
        value = values[name]
        if value is None:
            continue
        if not isinstance(value, str):
            raise InputError(f"statement {n}: {name} is {value!r}, expected str or None")
        if lone_surrogate(value) is not None:
            raise InputError(f"statement {n}: {name} holds a lone surrogate: repair the text first")
        if not value.strip():
            values[name] = None  # an empty cell of a table
    if problem := date_problem(values["date"]):
        raise InputError(f"statement {n}: {problem}")
    start = values["start"]
    if start is not None and (not isinstance(start, int) or isinstance(start, bool)):
        raise InputError(f"statement {n}: start is {start!r}, expected int or None")
    if start is not None and start < 0:
        raise InputError(f"statement {n}: start is {start}, expected 0 or more")
    return values


def _places(articles: Sequence[tuple[str | None, int]]) -> list[tuple[str | None, int]]:
    """Replace offsets by ranks among the statements of one article."""
    places: list[tuple[str | None, int]] = list(articles)
    for article, members in article_members(articles).items():
        for rank, k in enumerate(members):
            places[k] = (article, rank)
    return places
