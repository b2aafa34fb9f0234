"""Texts with sources and contents marked in them, for the tests of speakers and parties."""

from __future__ import annotations

from claimcheck.records import Attribution, Document, Quotation, Span, Speaker
from claimcheck.speakers import resolve_speakers
from claimcheck.ties import Ties
from claimcheck.voices import Voice, find_voices


def read(marked: str) -> tuple[Document, list[Attribution], list[Quotation]]:
    """Read a text with sources in [brackets] and contents in {braces}, one pair for each attribution."""
    text, opened = "", {}
    sources: list[Span] = []
    contents: list[Span] = []
    for char in marked:
        if char in "[{":
            opened[char] = len(text)
        elif char == "]":
            sources.append(Span(opened["["], len(text)))
        elif char == "}":
            contents.append(Span(opened["{"], len(text)))
        else:
            text += char
    attributions, quotations = [], []
    assert len(sources) == len(contents)
    for number, (source, content) in enumerate(zip(sources, contents, strict=True), 1):
        quoted = text[content.start - 1] in '"“' if content.start else False
        kind = "direct" if quoted else "indirect"
        attributions.append(Attribution(f"a{number}", (source,), (), (content,), kind))
        if quoted:
            quotations.append(Quotation(Span(content.start - 1, content.end + 1), content))
    return Document("d", text), attributions, quotations


def voices_of(marked: str) -> list[Voice]:
    """Return the voices of a marked text."""
    document, attributions, quotations = read(marked)
    speakers = resolve_speakers(document, attributions, quotations)
    return find_voices(Ties(document, speakers), speakers, attributions)


_TEXT = (
    "Vellmar Foods shut its mill. The night porter of the company, Ina Tolk, wept. Finance Minister Odo Brask did "
    "not. A memo of the Treasury said so. He agreed."
)


def _said(id: str, source: str) -> Attribution:
    start = _TEXT.index(source)
    span = Span(start, start + len(source))
    return Attribution(id, (span,), (), (Span(len(_TEXT) - 2, len(_TEXT) - 1),), "indirect")


def voices() -> list[Voice]:
    """Return the voices of a firm, its porter, a minister and a memo that nobody is named for."""
    attributions = [
        _said("a1", "Vellmar Foods"),
        _said("a2", "The night porter of the company, Ina Tolk"),
        _said("a3", "Finance Minister Odo Brask"),
        _said("a4", "A memo of the Treasury"),
        _said("a5", "He"),
    ]
    speakers = [
        Speaker("s1", "Vellmar Foods", "organization", attributions[0].source, ("a1",)),
        Speaker("s2", "Ina Tolk", "person", attributions[1].source, ("a2",)),
        Speaker("s3", "Odo Brask", "person", attributions[2].source, ("a3",)),
    ]
    return find_voices(Ties(Document("d", _TEXT), speakers), speakers, attributions)
