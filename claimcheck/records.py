"""The records that pass between the steps: frozen, slotted, and holding offsets into the original text.

Offsets are Unicode code points (``str`` indices) into ``Document.text``, half open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from claimcheck.errors import InputError, SpanError

Kind = Literal["direct", "indirect", "mixed"]
Force = Literal["asserts", "denies", "demands", "promises", "predicts", "questions", "believes"]
RelationLabel = Literal["contradicts", "corroborates", "neither"]
StanceLabel = Literal["favor", "none", "against"]
VerdictLabel = Literal["supports", "refutes", "not enough information", "says nothing"]

_DATE = re.compile(r"\d{4}(-\d\d)?|\d{4}-\d\d-\d\d([T ]\d\d(:\d\d.*|Z|[+-].*)?)?", re.ASCII)


def date_problem(value: Any) -> str | None:
    """Return what is wrong with a date, or None for a year, a month, a day, or a day and a time in ISO 8601.

    Week dates, ordinal dates and the form without hyphens are refused: few readers know them. None is no date and
    nothing is wrong with it.

    Examples
    --------
    >>> [date_problem(date) for date in ("2024", "2024-03", "2024-02-29", "2024-03-02T10:30:00Z", "2024-03-02 10:30+01:00")]
    [None, None, None, None, None]
    >>> date_problem("2023-02-29")
    "date is '2023-02-29', expected ISO 8601 such as 2024-03-02 or 2024-03-02T10:30:00Z"
    """
    if value is None:
        return None
    if isinstance(value, str) and _DATE.fullmatch(value):
        with suppress(ValueError):
            datetime.fromisoformat(value + "0000-01-01"[len(value) :])
            return None
    return f"date is {value!r:.60}, expected ISO 8601 such as 2024-03-02 or 2024-03-02T10:30:00Z"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text, ``text[start:end]``.

    Raises
    ------
    SpanError
        If not ``0 <= start < end``.

    Examples
    --------
    >>> Span(4, 7).of("the cat")
    'cat'
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise SpanError(f"span ({self.start}, {self.end}) must satisfy 0 <= start < end")

    def of(self, text: str) -> str:
        """Return the text of the span.

        Raises
        ------
        SpanError
            If the span reaches past the end of ``text``.
        """
        if self.end > len(text):
            raise SpanError(f"span ({self.start}, {self.end}) exceeds a text of {len(text)} characters")
        return text[self.start : self.end]

    def contains(self, other: Span) -> bool:
        """Whether ``other`` lies inside this span.

        >>> Span(0, 9).contains(Span(3, 9))
        True
        """
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one character.

        >>> Span(0, 3).overlaps(Span(3, 5))
        False
        """
        return self.start < other.end and other.start < self.end


def lone_surrogate(text: str) -> int | None:
    r"""Return where a text holds its first lone surrogate, which UTF-8 cannot represent, or None.

    >>> lone_surrogate("bridge"), lone_surrogate("bri\ud800dge")
    (None, 3)
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


@dataclass(frozen=True, slots=True)
class Document:
    """An article. ``date`` is ISO 8601; ``meta`` is the caller's own and is passed through.

    Raises
    ------
    InputError
        If ``id`` or ``text`` is not a ``str``, the text holds a lone surrogate, which no encoder can represent, or ``date``
        is no date.

    Examples
    --------
    >>> Document("bridge", "The bridge is open.", date="2024-03-02").date
    '2024-03-02'
    """

    id: str
    text: str
    title: str | None = None
    date: str | None = None
    url: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not isinstance(self.id, str):
            raise InputError(f"document id is {self.id!r}, expected str: give str({self.id!r})")
        if not isinstance(self.text, str):
            raise InputError(
                f"document {self.id!r}: text must be str, not {type(self.text).__name__}: "
                + (
                    "decode it first"
                    if isinstance(self.text, bytes | bytearray)
                    else "leave it out, or give ''"
                )
            )
        if (at := lone_surrogate(self.text)) is not None:
            raise InputError(
                f"document {self.id!r}: lone surrogate {self.text[at]!r} at {at}: "
                "decode the bytes with errors='replace' or repair the text first"
            )
        if problem := date_problem(self.date):
            raise InputError(f"document {self.id!r}: {problem}")


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quoted stretch of text.

    ``span`` includes the quotation marks, ``inner`` does not. A quotation over several paragraphs, each opened again
    by a mark, is one object. ``closed`` is False where the closing mark is missing.

    Examples
    --------
    >>> Quotation(Span(0, 10), Span(1, 9)).inner.of('"It leaks", she said.')
    'It leaks'
    """

    span: Span
    inner: Span
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Attribution:
    """Something attributed to somebody: source, cue and content spans, in text order.

    ``source`` and ``cue`` are empty where none is expressed. ``parent`` is the id of the attribution in whose
    content this one lies. ``score`` is the model's probability.

    Raises
    ------
    InputError
        If there is no content.

    Examples
    --------
    >>> text = "Holm said the bridge was safe."
    >>> said = Attribution("a1", (Span(0, 4),), (Span(5, 9),), (Span(10, 29),), "indirect")
    >>> [span.of(text) for span in (*said.source, *said.cue, *said.content)]
    ['Holm', 'said', 'the bridge was safe']
    """

    id: str
    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]
    kind: Kind
    parent: str | None = None
    score: float = 1.0

    def __post_init__(self) -> None:
        if not self.content:
            raise InputError(f"attribution {self.id!r} has no content span: it needs at least one")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who a source names: a person, an organisation or a document.

    ``name`` is the canonical name, the fullest one in the text. ``mentions`` are the spans that refer to it, names,
    titles, descriptions and pronouns alike. ``attributions`` are the ids of what it is the source of.

    Examples
    --------
    >>> Speaker("s1", "Ada Holm", "person", mentions=(Span(0, 4),), attributions=("a1",)).name
    'Ada Holm'
    """

    id: str
    name: str
    kind: Literal["person", "organization", "unknown"] = "unknown"
    mentions: tuple[Span, ...] = ()
    attributions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """A side, and the canonical names of the speakers who stand for it.

    Examples
    --------
    >>> Party("p1", "City", members=("Ada Holm", "Per Lund")).members
    ('Ada Holm', 'Per Lund')
    """

    id: str
    name: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """What a speaker is held to.

    ``text`` is the content without its frame, ``cue`` the reporting expression. ``force`` and ``cue`` carry the
    polarity: the claim of "X denied that Y" has the text Y and the force "denies". ``context`` is what stands before
    it in its article, at most two sentences; ``start`` and ``end`` are where it begins and ends there, None for a
    statement that came without its article. ``date`` is ISO 8601.

    Raises
    ------
    InputError
        If ``date`` is no date.

    Examples
    --------
    >>> claim = Claim("c1", "any talks had taken place", speaker="Per Lund", cue="denied", force="denies")
    >>> claim.speaker, claim.force, claim.hedged
    ('Per Lund', 'denies', False)
    """

    id: str
    text: str
    speaker: str | None = None
    party: str | None = None
    cue: str = ""
    force: Force = "asserts"
    hedged: bool = False
    attribution: str | None = None
    document: str | None = None
    date: str | None = None
    start: int | None = None
    end: int | None = None
    context: str = ""

    def __post_init__(self) -> None:
        if problem := date_problem(self.date):
            raise InputError(f"claim {self.id!r}: {problem}")


@dataclass(frozen=True, slots=True)
class Relation:
    """How two claims stand to each other. Symmetric; ``a`` is the earlier one.

    ``score`` is the probability of ``label``. ``forward`` (a as premise) and ``backward`` (b as premise) are
    (entailment, neutral, contradiction) probabilities; a pair that is rather neutral one way is not read the other
    way, and both are the same then. ``why`` says in a sentence what decided.

    ``denied`` tells whether what a says and what b says is taken as denied, ``truncated`` whether a and b were too long
    to be read whole. ``gate`` is the probability with which the pair passed the gate, None where there is none, and
    ``features`` holds what it looked at, without zeros (:data:`claimcheck.decision.GATE`).

    Examples
    --------
    >>> relation = Relation("c1", "c2", "contradicts", 0.97, (0.01, 0.02, 0.97), (0.02, 0.02, 0.96), denied=(False, True))
    >>> relation.forward[2], relation.denied
    (0.97, (False, True))
    """

    a: str
    b: str
    label: RelationLabel
    score: float
    forward: tuple[float, float, float]
    backward: tuple[float, float, float]
    why: str = ""
    denied: tuple[bool, bool] = (False, False)
    truncated: tuple[bool, bool] = (False, False)
    gate: float | None = None
    features: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Stance:
    """Where a claim, a party (``holder``, an id) or a speaker (a name) stands towards a ``target``.

    ``score`` is the probability of ``label``, ``favor`` and ``against`` are those of these two. ``claims`` are the ids
    of the claims that it rests on, the surest first. Flat, so that ``pandas.DataFrame(stances)`` is a table.

    Examples
    --------
    >>> Stance("p1", "the toll", "against", 0.9).label
    'against'
    """

    holder: str
    target: str
    label: StanceLabel
    score: float
    favor: float = 0.0
    against: float = 0.0
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an evidence says of a claim.

    ``score`` is the probability of ``label``; ``supports`` and ``refutes`` are those of these two. ``text`` is the part
    of the evidence that decides, from ``start`` to ``end``; there is none where there is not enough information. Where
    another part is read the other way, the verdict is ``contested``, and ``against`` is that part. Flat, so that
    ``pandas.DataFrame(verdicts)`` is a table.

    Examples
    --------
    >>> Verdict("It leaks.", "refutes", 0.8, supports=0.1, refutes=0.8, text="It is dry.", start=0, end=10).label
    'refutes'
    """

    claim: str
    label: VerdictLabel
    score: float
    supports: float
    refutes: float
    text: str = ""
    start: int | None = None
    end: int | None = None
    contested: bool = False
    against: str = ""
    against_start: int | None = None
    against_end: int | None = None


@dataclass(frozen=True, slots=True)
class PartyVerdict:
    """What a party says of a proposition.

    ``party`` is its id, None for a speaker without a party, and ``name`` says who it is, None for nobody named.
    ``claim`` is the id of the claim that decides and ``text`` its text; ``against`` is the id of the surest claim of
    the same holder to the contrary, which makes the verdict ``contested``. Scores are those of :class:`Verdict`.

    Examples
    --------
    >>> PartyVerdict("It leaks.", "p1", "City", "supports", 0.8, 0.8, 0.1, "c1", "it leaks").name
    'City'
    """

    proposition: str
    party: str | None
    name: str | None
    label: VerdictLabel
    score: float
    supports: float
    refutes: float
    claim: str | None = None
    text: str = ""
    contested: bool = False
    against: str | None = None


def spans(pairs: Iterable[Iterable[int]]) -> tuple[Span, ...]:
    """Return spans from ``[start, end]`` lists, the JSON form.

    >>> spans([[0, 3], [5, 9]])
    (Span(start=0, end=3), Span(start=5, end=9))
    """
    return tuple(Span(*pair) for pair in pairs)
