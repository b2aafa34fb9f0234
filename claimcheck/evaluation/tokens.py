"""Spans in text that comes as tokens with BIO labels: one label for each token, so that no two spans overlap.

CofeNet (Wang et al., COLING 2022) and its like are measured on such items, cut from articles. An item is made into a
text, and the spans found in it are laid over its tokens again. The score is theirs: a span is right when its role, its
first and its last token are, and counts are summed over items.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from claimcheck.errors import InputError
from claimcheck.evaluation.spans import PRF, ROLES, Annotated, merge_fragments

Place = tuple[int, int]  # start and end offset; the same where a token is not written out
TokenSpan = tuple[str, int, int]  # role, first token, end token

_WRITTEN = {
    "``": "“",
    "''": "”",
    "`": "‘",
    "'": "’",
    "-LRB-": "(",
    "-RRB-": ")",
    "-LSB-": "[",
    "-RSB-": "]",
    "-LCB-": "{",
    "-RCB-": "}",
}
_CLITICS = frozenset({"’s", "’m", "’d", "’re", "’ve", "’ll", "n’t"})
_CLOSING = frozenset(",.;:!?%)]}”’")
_OPENING = frozenset("([{“‘$#£€")


@dataclass(frozen=True, slots=True)
class TokenItem:
    """Tokens as the Penn Treebank writes them, and their labels: ``O``, or ``B-`` or ``I-`` and a role.

    Raises
    ------
    InputError
        If there are not as many labels as tokens, or a label is none of these.
    """

    id: str
    tokens: tuple[str, ...]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.tokens) != len(self.labels):
            raise InputError(f"item {self.id!r} has {len(self.tokens)} tokens and {len(self.labels)} labels")
        known = {"O", *(f"{mark}-{role}" for mark in "BI" for role in ROLES)}
        for label in self.labels:
            if label not in known:
                raise InputError(f"item {self.id!r}: label {label!r} is not one of {sorted(known)}")


def detokenize(tokens: Sequence[str]) -> tuple[str, tuple[Place, ...]]:
    """Return tokens as running text, and where each of them stands in it.

    A full stop that repeats the one of an abbreviation is left out; its place is empty. A straight ``"`` opens a
    quotation, or closes the one that is open.

    Examples
    --------
    >>> text, places = detokenize(["``", "It", "is", "n't", "safe", ",", "''", "said", "Ann", "-LRB-", "U.S.", "-RRB-"])
    >>> text
    '“It isn’t safe,” said Ann (U.S.)'
    >>> places[:4]
    ((0, 1), (1, 3), (4, 6), (6, 9))
    """
    text = ""
    last = ""
    inside = False
    places: list[Place] = []
    for token in tokens:
        shown = _WRITTEN.get(token, token.replace("'", "’"))
        if shown == '"':
            shown = "”" if inside else "“"
        if shown in ("“", "”"):
            inside = shown == "“"
        if shown == "." and len(last) > 1 and last.endswith(".") and last.strip("."):
            places.append((len(text), len(text)))
            continue
        if text and last not in _OPENING and shown not in _CLOSING and shown.lower() not in _CLITICS:
            text += " "
        places.append((len(text), len(text) + len(shown)))
        text += shown
        last = shown
    return text, tuple(places)


def bio_spans(labels: Iterable[str]) -> set[TokenSpan]:
    """Return the spans of BIO labels; an ``I-`` that continues nothing of its role is outside, as in CofeNet's score.

    >>> sorted(bio_spans(["B-cue", "I-cue", "I-content", "B-content", "B-content"]))
    [('content', 3, 4), ('content', 4, 5), ('cue', 0, 2)]
    """
    found: set[TokenSpan] = set()
    role, first = "", 0
    for k, label in enumerate([*labels, "O"]):
        if role and label != f"I-{role}":
            found.add((role, first, k))
            role = ""
        if label.startswith("B-"):
            role, first = label[2:], k
    return found


def without_overlaps(attributions: Iterable[Annotated], text: str, places: Sequence[Place]) -> set[TokenSpan]:
    """Return the token spans of attributions, of which no two overlap: the longest first, then the earliest.

    So a content hides the attributions that are nested in it.
    """
    found: set[TokenSpan] = set()
    for attribution in attributions:
        for role, spans in zip(
            ROLES, (attribution.source, attribution.cue, attribution.content), strict=True
        ):
            for span in merge_fragments(spans, text):
                inside = [k for k, (start, end) in enumerate(places) if start < span.end and span.start < end]
                if inside:
                    found.add((role, inside[0], inside[-1] + 1))
    taken: set[int] = set()
    kept: set[TokenSpan] = set()
    for role, first, end in sorted(found, key=lambda span: (span[1] - span[2], span[1], span[0])):
        if taken.isdisjoint(range(first, end)):
            taken.update(range(first, end))
            kept.add((role, first, end))
    return kept


def score_item(item: TokenItem, predicted: Iterable[TokenSpan]) -> dict[str, PRF]:
    """Score the spans of one item: ``source``, ``cue`` and ``content``."""
    want, got = bio_spans(item.labels), set(predicted)
    return {
        role: PRF.of({span for span in want if span[0] == role}, {span for span in got if span[0] == role})
        for role in ROLES
    }
