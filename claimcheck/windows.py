"""Windows of sentences: what of a long text is put before the NLI model for a given hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claimcheck.pairing import stems
from claimcheck.segmentation import split_sentences

WORDS = 90  # of a window: with its hypothesis about 128 word pieces, as the model sees them in training


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with white space made plain, its number of words and its stems."""

    text: str
    size: int
    stems: frozenset[str]


def cut(text: str, limit: int = WORDS) -> tuple[Sentence, ...]:
    """Return the sentences of a text; one of more than ``limit`` words is cut into several.

    >>> [part.text for part in cut("One came. Two went away then.", limit=3)]
    ['One came.', 'Two went away', 'then.']
    """
    parts = []
    for span in split_sentences(text):
        words = span.of(text).split()
        for at in range(0, len(words), limit):
            piece = words[at : at + limit]
            joined = " ".join(piece)
            parts.append(Sentence(joined, len(piece), stems(joined)))
    return tuple(parts)


def nearest(
    sentences: Sequence[Sentence], query: str, *, limit: int = WORDS, count: int = 1
) -> tuple[str, ...]:
    """Return up to ``count`` disjoint windows of neighbouring sentences that share the most words with ``query``.

    A window has at most ``limit`` words, as long as no sentence has more. What counts first is how many different
    stems of the query it holds, then how often; of equals, the earlier. No sentences give no windows.

    Examples
    --------
    >>> sentences = cut("The mayor came. It rained. The bridge will open in May. Nobody clapped.")
    >>> nearest(sentences, "the bridge opens", limit=8)
    ('It rained. The bridge will open in May.',)
    """
    wanted = stems(query)
    shared = [sentence.stems & wanted for sentence in sentences]
    ranked = []
    for first in range(len(sentences)):
        last, size = first, 0
        while last < len(sentences) and (last == first or size + sentences[last].size <= limit):
            size += sentences[last].size
            last += 1
        found = shared[first:last]
        ranked.append((-len(frozenset().union(*found)), -sum(map(len, found)), first, last))
    chosen: list[tuple[int, int]] = []
    for *_, first, last in sorted(ranked):
        if all(last <= begin or end <= first for begin, end in chosen):
            chosen.append((first, last))
        if len(chosen) == count:
            break
    return tuple(" ".join(s.text for s in sentences[first:last]) for first, last in chosen)
