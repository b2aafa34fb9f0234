"""Texts with sources and contents marked in them, for the tests of speakers and parties."""

from __future__ import annotations

from claimcheck.records import Attribution, Document, Quotation, Span


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
