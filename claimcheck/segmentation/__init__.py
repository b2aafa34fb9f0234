"""Paragraphs, sentences and quotations of an article, as exact offsets into its original text.

Rules only: no model is loaded, and the time is linear in the length of the text.
"""

from __future__ import annotations

from dataclasses import dataclass

from claimcheck.records import Quotation, Span
from claimcheck.segmentation.paragraphs import find_paragraphs
from claimcheck.segmentation.quotations import match_marks
from claimcheck.segmentation.sentences import split_paragraphs

__all__ = ["Segmentation", "find_quotations", "segment", "split_sentences"]


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The parts of a text, each in text order.

    ``paragraphs`` and ``sentences`` are disjoint and cover every character that is not white space; a sentence lies
    inside one paragraph. ``quotations`` are properly nested, an outer one before those inside it.
    """

    paragraphs: tuple[Span, ...]
    sentences: tuple[Span, ...]
    quotations: tuple[Quotation, ...]


def segment(text: str) -> Segmentation:
    r"""Split a text into paragraphs and sentences, and find its quotations.

    Any ``str`` is accepted. Text that is empty or only white space gives three empty tuples.

    Examples
    --------
    >>> text = 'Mayor quits\n\n"Why now?" asked Dr. Ames. "We had a plan. It worked."'
    >>> parts = segment(text)
    >>> [sentence.of(text) for sentence in parts.sentences]
    ['Mayor quits', '"Why now?" asked Dr. Ames.', '"We had a plan.', 'It worked."']
    >>> [quotation.inner.of(text) for quotation in parts.quotations]
    ['Why now?', 'We had a plan. It worked.']
    """
    paragraphs = find_paragraphs(text)
    quotations = match_marks(text, paragraphs)
    return Segmentation(paragraphs, split_paragraphs(text, paragraphs, quotations), quotations)


def split_sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences of a text; empty for text without any visible character.

    A closing quotation mark belongs to the sentence before it, and a reporting clause to the sentence that it
    reports. A paragraph without a final stop, such as a headline, ends its sentence.

    Examples
    --------
    >>> text = "Mr. Orr paid $2.50. He left at 5 p.m. on Friday."
    >>> [sentence.of(text) for sentence in split_sentences(text)]
    ['Mr. Orr paid $2.50.', 'He left at 5 p.m. on Friday.']
    """
    return segment(text).sentences


def find_quotations(text: str) -> tuple[Quotation, ...]:
    r"""Return the quotations of a text, outer before inner; empty where there is none.

    Straight and curly marks, guillemets and LaTeX marks are read, single and double; apostrophes and inch marks are
    not. A quotation that is opened again at the start of each paragraph is one object; one that is neither closed
    nor opened again ends with its paragraph and has ``closed=False``. Marks around nothing are left out.

    Examples
    --------
    >>> text = '"They want to "fix" it," she said. \'Not in my brother\'s house,\' he said.'
    >>> [quotation.inner.of(text) for quotation in find_quotations(text)]
    ['They want to "fix" it,', 'fix', "Not in my brother's house,"]
    >>> [quotation.closed for quotation in find_quotations('"We go.\n\n"We stay.\n\nThey went.')]
    [False]
    """
    return match_marks(text, find_paragraphs(text))
