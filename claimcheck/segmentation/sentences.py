"""Sentence ends: which stops end a sentence, and which belong to an abbreviation, a number or a quotation."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from claimcheck.records import Quotation, Span
from claimcheck.segmentation.words import (
    BEFORE_NUMBER,
    MAY_END,
    MONTHS_AND_DAYS,
    NEVER_END,
    NEVER_END_LOWER,
    REPORTING_TAIL,
    REPORTING_VERBS,
    STARTERS,
    TIMES,
    TIMES_FOLLOW,
)

_WIDE_STOPS = "。！？"
_STOP = regex.compile(r"\.(?:[ \u00a0]\.){2,3}(?!\w)|[.!?…‽؟।۔]++|[。！？]++")
_ALNUM = regex.compile(r"[\p{L}\p{N}]")
_EMOJI = regex.compile(
    r"(?:[ \u00a0]?[\p{Extended_Pictographic}\p{Emoji_Modifier}\U0001F1E6-\U0001F1FF\u200d\ufe0f\u20e3])++"
)
_NOTE = regex.compile(r"\[[0-9]{1,3}\]")
_LEAD = regex.compile(r"[^\p{L}\p{N}\s]{0,8}+")
_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}'’\-]{0,40}")
_LIST_MARKER = regex.compile(r"(?:[0-9]{1,3}|\p{L}|[ivxIVX]{2,4})\Z")
_DOTTED = regex.compile(r"\p{L}{1,3}(?:\.\p{L}{1,3})++\Z")
_CLAUSE_WORD = regex.compile(r"(?:[\p{L}\p{N}][\p{L}\p{N}'’\-]{0,40}|(?<=[\p{L}])\.(?=\s)|,)")
_CLOSERS = frozenset("\"'”’»›)]}")


def split_paragraphs(
    text: str, paragraphs: Sequence[Span], quotations: Sequence[Quotation]
) -> tuple[Span, ...]:
    """Return the sentences of a text with the given paragraphs and quotations."""
    openers = {quotation.span.start for quotation in quotations}
    closers = {quotation.inner.end: quotation.span.end for quotation in quotations if quotation.closed}
    sentences: list[Span] = []
    for paragraph in paragraphs:
        start = paragraph.start
        first = _ALNUM.search(text, start, paragraph.end)
        for stop in _STOP.finditer(text, paragraph.start, paragraph.end):
            if first is None:
                break
            if stop.start() <= first.start():
                continue
            end, quoted = _after_closers(text, stop.end(), paragraph.end, openers, closers)
            following = end
            while following < paragraph.end and text[following].isspace():
                following += 1
            if following == paragraph.end:
                break
            if following == end and end not in openers and stop[0][-1] not in _WIDE_STOPS:
                continue
            marker = start == paragraph.start and stop[0] == "." and stop.start() - first.start() <= 4
            if marker and _LIST_MARKER.match(text, first.start(), stop.start()):
                continue
            if _ends(text, stop.start(), stop[0], following, paragraph.end, quoted, openers):
                sentences.append(Span(start, end))
                start = following
                first = _ALNUM.search(text, start, paragraph.end)
        sentences.append(Span(start, paragraph.end))
    return tuple(sentences)


def _after_closers(
    text: str, position: int, limit: int, openers: set[int], closers: dict[int, int]
) -> tuple[int, bool]:
    """Return where the closing marks, brackets, notes and emoji after a stop end, and whether a quotation did."""
    quoted = False
    while position < limit:
        if position in closers:
            position, quoted = closers[position], True
        elif text[position] in _CLOSERS and position not in openers:
            position += 1
        elif note := _NOTE.match(text, position, limit):
            position = note.end()
        elif text[position] in " \u00a0\u202f\u2009" and position + 1 in closers:
            position, quoted = closers[position + 1], True
        else:
            break
    emoji = _EMOJI.match(text, position, limit)
    if emoji and (emoji.end() == limit or text[emoji.end()].isspace()):
        position = emoji.end()
    return position, quoted


def _ends(
    text: str, start: int, stop: str, following: int, limit: int, quoted: bool, openers: set[int]
) -> bool:
    """Whether the stop at ``start`` ends its sentence, given that visible text follows at ``following``."""
    if stop[-1] in _WIDE_STOPS:
        return True
    if text[start - 1] in "([" and stop[-1] in "!?":  # "the heir (!) of"
        return False
    if text[following] in "-–—―":  # '"We won." — A. Coach', "OSLO. — The"
        return False
    lead = _LEAD.match(text, following, limit)
    word_start = lead.end() if lead else following
    match = _WORD.match(text, word_start, limit)
    word = match[0] if match else ""
    if word[:1].islower() and not word[1:2].isupper():
        plain = word_start == following or not (openers & set(range(following, word_start)))
        if plain and text[following] not in "@#$":
            return False
    if quoted and stop != "." and word_start == following and _reports(text, following, limit):
        return False
    if stop != ".":
        return True
    initial = match is not None and len(word) == 1 and text[match.end() : match.end() + 1] == "."
    quotes = word[:1].isupper() and following in openers
    return not _abbreviates(text, start, word, initial=initial, quotes=quotes)


def _abbreviates(
    text: str, start: int, following: str, *, initial: bool = False, quotes: bool = False
) -> bool:
    """Whether the full stop at ``start`` belongs to an abbreviation that goes on with the word ``following``.

    ``initial`` says that the word is an initial itself, ``quotes`` that it begins a quotation with a capital.
    """
    begin = start
    while begin > max(0, start - 24) and (text[begin - 1].isalnum() or text[begin - 1] in ".&"):
        begin -= 1
    word = text[begin:start].lstrip(".&")
    key = word.casefold()
    starts = following in STARTERS and not initial
    if key in (NEVER_END_LOWER if word.islower() else NEVER_END):
        return True
    if key in BEFORE_NUMBER and (len(word) > 1 or word.islower()):
        return following[:1].isnumeric()
    if key in MONTHS_AND_DAYS and word[:1].isupper():
        return following[:1].isnumeric() or following.casefold() in MONTHS_AND_DAYS
    if key in TIMES:
        return following[:1].isnumeric() or following in TIMES_FOLLOW
    if key in MAY_END or _DOTTED.match(word):
        return not (starts or quotes)
    return len(word) == 1 and word.isupper() and not starts


def _reports(text: str, start: int, limit: int) -> bool:
    """Whether a clause such as ``Anna Orr asked.`` begins at ``start``, after a quotation with its own stop."""
    words = 0
    for match in _CLAUSE_WORD.finditer(text, start, min(limit, start + 160)):
        token = match[0]
        if token == ".":
            begin = text.rfind(" ", start, match.start()) + 1 or start
            if not _abbreviates(text, match.start(), "Xx") and match.start() - begin > 1:
                return False
        elif token != ",":
            words += 1
            if words > 1 and token in REPORTING_VERBS:
                tail = _WORD.match(text, match.end() + 1, limit)
                after = text[match.end() : match.end() + 1]
                closes = match.end() >= limit or after in ".,;:"
                return closes or token == "told" or (tail is not None and tail[0] in REPORTING_TAIL)
            if words > 9:
                return False
    return False
