"""Putting two claims before an NLI model: what was said, by whom, in answer to what.

The contents alone seldom show a conflict ("Not before autumn" against "by June 30"): the cue carries the polarity, and
what "it" is stands in the sentences before. A *framed* statement therefore holds the speaker, the cue, the content and
the text before it, and the pair holds how far apart the two stand and who speaks for whom. A model that was not
trained on frames gets the *plain* contents, with a denial spelt out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from claimcheck.records import Claim, Span

StatementFormat = Literal["framed", "plain"]

CONTEXT_SENTENCES = 2
CONTEXT_CHARACTERS = 260
READ_CONTEXT = 130  # characters of it that stand in a pair: more takes longer to read and decides no better
TEXT_CHARACTERS = 600


def context_before(text: str, sentences: Sequence[Span], start: int) -> str:
    """Return what stands before the sentence at ``start``: at most two sentences, the nearest 260 characters.

    Examples
    --------
    >>> from claimcheck.segmentation import split_sentences
    >>> text = "One came. Two went. Three stayed, he said."
    >>> context_before(text, split_sentences(text), text.index("Three"))
    'One came. Two went.'
    """
    low, high = 0, len(sentences)
    while low < high:  # the last sentence that begins at or before start
        middle = (low + high) // 2
        low, high = (middle + 1, high) if sentences[middle].start <= start else (low, middle)
    before = sentences[max(0, low - 1 - CONTEXT_SENTENCES) : max(0, low - 1)]
    if not before:
        return ""
    first, last, size = before[0].start, before[-1].end, 2 * CONTEXT_CHARACTERS
    while True:  # no more of a sentence than is needed: it may be megabytes long
        begin = max(first, last - size)
        joined = " ".join(text[begin:last].split())
        if len(joined) > CONTEXT_CHARACTERS:
            return joined[-CONTEXT_CHARACTERS:].partition(" ")[2]
        if begin == first:
            return joined
        size *= 2


def frame(claim: Claim) -> str:
    """Return a claim as speaker, cue and content.

    >>> frame(Claim("c1", "any talks had taken place", speaker="Ada Brook", cue="denied"))
    'Ada Brook denied: any talks had taken place'
    """
    head = " ".join(part for part in (claim.speaker or "somebody", claim.cue or "said") if part)
    return f"{head}: {' '.join(claim.text.split())[:TEXT_CHARACTERS]}"


def plain(claim: Claim) -> str:
    """Return a claim's content as a sentence of its own, a denial spelt out.

    >>> plain(Claim("c1", "any talks had taken place", speaker="Ada Brook", cue="denied", force="denies"))
    'It is not true that any talks had taken place.'
    """
    text = " ".join(claim.text.split())
    if claim.force == "denies":
        text = f"It is not true that {text}"
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def standing(a: Claim, b: Claim, distance: int | None) -> str:
    """Return in words how two claims stand to each other.

    Parameters
    ----------
    distance
        How many places apart they are in the order of their article; None if they are not from one article.

    Examples
    --------
    >>> standing(Claim("c1", "x", speaker="Ada", party="p1"), Claim("c2", "y", speaker="Ben", party="p2"), 2)
    'near, other speaker, other side'
    """
    place = "apart" if distance is None else "next" if distance <= 1 else "near" if distance <= 3 else "far"
    return f"{place}, {speakers_of(a, b)}"


def speakers_of(a: Claim, b: Claim) -> str:
    """Return in words whether one speaker makes both claims, and whether two are of one side.

    >>> speakers_of(Claim("c1", "x", speaker="Ada"), Claim("c2", "y", speaker="Ada")), speakers_of(Claim("c1", "x"), Claim("c2", "y"))
    ('same speaker', 'some speaker')
    """
    if a.speaker is None or b.speaker is None:
        return "some speaker"
    if a.speaker == b.speaker:
        return "same speaker"
    if a.party is None or b.party is None:
        return "other speaker"
    return f"other speaker, {'same' if a.party == b.party else 'other'} side"


def single(claim: Claim) -> str:
    """Return a claim as it is read alone: the frame, and the text before it.

    >>> single(Claim("c1", "the bridge is safe", speaker="Ada", cue="said", context="The bridge was shut."))
    'Ada said: the bridge is safe | The bridge was shut.'
    """
    return f"{frame(claim)} | {claim.context}" if claim.context else frame(claim)


def render_pair(
    a: Claim, b: Claim, distance: int | None, form: StatementFormat, *, context: int = READ_CONTEXT
) -> tuple[str, str]:
    """Return the premise and the hypothesis for ``a`` against ``b``.

    Parameters
    ----------
    context
        At most so many characters, the nearest, of what stands before each claim.

    Examples
    --------
    >>> a = Claim("c1", "the bridge is safe", speaker="Ada", cue="said", context="The bridge was shut.")
    >>> b = Claim("c2", "nobody has checked it", speaker="Ben", cue="said")
    >>> render_pair(a, b, 1, "framed")
    ('Ada said: the bridge is safe | next, other speaker | The bridge was shut.', 'Ben said: nobody has checked it')
    >>> render_pair(a, b, 1, "plain")
    ('The bridge is safe.', 'Nobody has checked it.')
    """
    if form == "plain":
        return plain(a), plain(b)
    premise, hypothesis = frame(a), frame(b)
    premise = f"{premise} | {standing(a, b, distance)}"
    if before := _nearest(a.context, context):
        premise = f"{premise} | {before}"
    if before := _nearest(b.context, context):
        hypothesis = f"{hypothesis} | {before}"
    return premise, hypothesis


def _nearest(context: str, size: int) -> str:
    """Return the end of a context, from a whole word on."""
    return context if len(context) <= size else context[-size - 1 :].partition(" ")[2]
