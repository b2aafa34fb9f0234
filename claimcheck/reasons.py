"""Why two claims are related: in one sentence, what a reader can check about the pair and how the model read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import regex

from claimcheck.pairing import stems
from claimcheck.records import Claim, RelationLabel
from claimcheck.statements import TEXT_CHARACTERS

Triple = tuple[float, float, float]

MOST_WORDS = 3  # that are named of those in common
NAME_CHARACTERS = 60
WORD_CHARACTERS = 30

_WORD = regex.compile(r"\p{L}{4,}|\d+")
_UNITS = ["two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {word: n for n, word in enumerate([*_UNITS, *_TEENS], 2)} | {
    word: 10 * n for n, word in enumerate(_TENS, 2)
}  # "one" is left out: it is seldom a number
_NUMBER = regex.compile(
    rf"\d+(?:[.,:]\d+)*|\b(?:{'|'.join(_TENS)})-(?:one|{'|'.join(_UNITS)})\b|\b(?:{'|'.join(_VALUES)})\b",
    regex.IGNORECASE,
)
_READ_AS = {"contradicts": (2, "contradicting"), "corroborates": (0, "implying")}
_PLACES = ("the first", "the second")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a pair was read, for :func:`explain`.

    ``forward`` and ``backward`` are (entailment, neutral, contradiction); ``backward`` is None where the pair was not
    read the other way round. ``bare`` is the label's probability without speaker, cue and context, None where that was
    not looked at. ``framed``: speaker, cue and context were read. ``weighed``: the score rests on more than the two
    readings. ``settled``: the same words decide.
    """

    forward: Triple
    backward: Triple | None
    bare: float | None = None
    framed: bool = False
    weighed: bool = False
    settled: bool = False


def explain(a: Claim, b: Claim, label: RelationLabel, distance: int | None, reading: Reading) -> str:
    """Say in one sentence what a relation rests on.

    Who speaks, which words and numbers the two share, who denies what, which way the model read them and how surely,
    and whether they only meet in what stands before them. "The first" is the claim ``a``.

    Parameters
    ----------
    distance
        How many places apart they are in the order of their article; None if they are not from one article.

    Examples
    --------
    >>> a = Claim("c1", "the bridge is safe", speaker="Ada Holm", party="p1", cue="said")
    >>> b = Claim("c2", "the bridge was safe", speaker="Per Lund", party="p2", cue="denied", force="denies")
    >>> print(explain(a, b, "contradicts", 1, Reading((0.01, 0.02, 0.97), (0.03, 0.05, 0.92))))
    Two parties speak of “bridge” and “safe”, one directly after the other; Per Lund denies the second (“denied”); each is read as contradicting the other (0.97, 0.92).
    """
    clauses = [
        _standing(a, b, distance, _in_common(a, b, label, reading)),
        *_polarity(a, b),
        _read(label, reading, bool(a.context or b.context)),
    ]
    cut = [place for place, claim in zip(_PLACES, (a, b), strict=True) if reading.framed and is_cut(claim)]
    if cut:
        clauses.append(f"of {' and '.join(cut)} only the first {TEXT_CHARACTERS} characters were read")
    told = "; ".join(clauses)
    return f"{told[:1].upper()}{told[1:]}."


def is_cut(claim: Claim) -> bool:
    """Whether a framed claim is longer than what is read of it.

    >>> is_cut(Claim("c1", "it leaks")), is_cut(Claim("c1", "it leaks, " * 99))
    (False, True)
    """
    return len(claim.text) > TEXT_CHARACTERS and len(" ".join(claim.text.split())) > TEXT_CHARACTERS


def numbers(text: str) -> dict[str, str]:
    """Return the numbers of a text, by what they are written as in digits.

    >>> numbers("Twenty-one of 1,200 left, two by 3.5 km")
    {'21': 'Twenty-one', '1200': '1,200', '2': 'two', '3.5': '3.5'}
    """
    found: dict[str, str] = {}
    for match in _NUMBER.finditer(text):
        shown = match[0]
        tens, _, unit = shown.lower().partition("-")
        if tens in _VALUES:
            key = str(_VALUES[tens] + (_VALUES.get(unit, 1) if unit else 0))
        else:
            key = regex.sub(r",(?=\d{3}\b)", "", shown)
        found.setdefault(key, shown)
    return found


def _standing(a: Claim, b: Claim, distance: int | None, common: tuple[str, str]) -> str:
    """Return who speaks, of what, when and where; ``common`` is said of two, and of one who speaks twice."""
    two, twice = common
    if a.speaker is not None and a.speaker == b.speaker:
        who, does = _clip(a.speaker, NAME_CHARACTERS), twice
    elif a.speaker is None or b.speaker is None:
        who, does = "two statements", two
    elif a.party is None or b.party is None:
        who, does = "two speakers", two
    else:
        who, does = ("two speakers of one party" if a.party == b.party else "two parties"), two
    days = [claim.date[:10] for claim in (a, b) if claim.date]
    when = f", on {days[0]} and {days[1]}" if len(set(days)) == 2 else ""
    where = ""
    if distance == 1:
        where = ", one directly after the other"
    elif distance is None and a.document is not None and b.document is not None and a.document != b.document:
        where = ", in different articles"
    return f"{who} {does}{when}{where}"


def _in_common(a: Claim, b: Claim, label: RelationLabel, reading: Reading) -> tuple[str, str]:
    """Return what the contents share, as said of two speakers and of one."""
    if a.text.casefold().strip(" .") == b.text.casefold().strip(" ."):
        return "use the same words", "uses the same words twice"
    of_a, of_b = numbers(a.text), numbers(b.text)
    other_a = [shown for key, shown in of_a.items() if key not in of_b]
    other_b = [shown for key, shown in of_b.items() if key not in of_a]
    differ = ""
    if other_a and other_b:
        between = "against" if label == "contradicts" else "beside"
        differ = f", with {_named(other_a[:2])} {between} {_named(other_b[:2])}"
    words = _shared(a.text, stems(b.text))
    if words:
        return f"speak of {_named(words)}{differ}", f"speaks twice of {_named(words)}{differ}"
    before = _before(a, b) if reading.framed else ""
    return (
        f"have no word in common{differ}{before}",
        f"speaks twice without a word in common{differ}{before}",
    )


def _before(a: Claim, b: Claim) -> str:
    """Return what only the sentences before the claims join, in words; "" if nothing does."""
    for where, words in (
        (_PLACES[1], _shared(a.text, stems(b.context))),
        (_PLACES[0], _shared(b.text, stems(a.context))),
        ("both", _shared(a.context, stems(b.context))),
    ):
        if words:
            return f", but {_named(words)} {'stand' if len(words) > 1 else 'stands'} before {where}"
    return ""


def _shared(text: str, others: frozenset[str]) -> list[str]:
    """Return the words of a text whose stems are among others, in its order: of many, names, numbers and long ones."""
    if not others:
        return []
    found: dict[str, tuple[int, str]] = {}
    for match in _WORD.finditer(text):
        word = match[0]
        for stem in stems(word) & others:
            found.setdefault(stem, (match.start(), word))

    def rank(place: tuple[int, str]) -> tuple[bool, int, int]:
        start, word = place
        return word[0].islower() or (start == 0 and word[0].isalpha()), -len(word), start

    best = sorted(found.values(), key=rank)[:MOST_WORDS]
    return [word for _, word in sorted(best)]


def _polarity(a: Claim, b: Claim) -> list[str]:
    """Return who denies what, and which is a question."""
    denying = [claim for claim in (a, b) if claim.force == "denies"]
    told = []
    if len(denying) == 2:
        cues = ", ".join(_quoted(claim.cue) for claim in denying if claim.cue)
        told.append(f"both deny what is quoted of them{f' ({cues})' if cues else ''}")
    for place, claim in zip(_PLACES, (a, b), strict=True):
        if claim.force == "denies" and len(denying) == 1:
            who = _clip(claim.speaker, NAME_CHARACTERS) if claim.speaker else "an unnamed source"
            told.append(f"{who} denies {place}{f' ({_quoted(claim.cue)})' if claim.cue else ''}")
        elif claim.force == "questions":
            told.append(f"{place} is a question")
    return told


def _read(label: RelationLabel, reading: Reading, context: bool) -> str:
    """Return how the model read the two, each way; ``context`` says whether anything stands before either."""
    forward, backward = reading.forward, reading.backward
    if label == "neither":
        both = [forward, backward or forward]
        if all(row[1] >= 0.5 for row in both):
            return f"each is read as neutral towards the other ({both[0][1]:.2f}, {both[1][1]:.2f})"
        contradicting, implying = (max(row[k] for row in both) for k in (2, 0))
        return (
            f"no reading is sure enough (contradicting {contradicting:.2f}, implying {implying:.2f} at most)"
        )
    k, read_as = _READ_AS[label]
    there = forward[k]
    if backward is None:
        told = f"the first is read as neutral towards the second ({forward[1]:.2f})"
        sure = False
    else:
        back = backward[k]
        sure = max(there, back) >= 0.5
        if min(there, back) >= 0.5:
            told = f"each is read as {read_as} the other ({there:.2f}, {back:.2f})"
        elif sure:
            one, other = _PLACES if there > back else _PLACES[::-1]
            told = f"{one} is read as {read_as} {other} ({max(there, back):.2f}), less so the other way ({min(there, back):.2f})"
        else:
            told = f"neither is read as {read_as} the other ({there:.2f}, {back:.2f})"
    if sure and context and reading.bare is not None:
        alone = "also" if reading.bare >= 0.5 else "but not"
        told += f", {alone} without their context ({reading.bare:.2f})"
    if not sure and reading.settled:
        told += ", but the words are the same"
    elif not sure and reading.weighed:
        told += ", so the score rests on where they stand and on the statements around them"
    return told


def _quoted(text: str) -> str:
    return f"“{_clip(text, WORD_CHARACTERS)}”"


def _named(words: Iterable[str]) -> str:
    """Return words in quotation marks as a list in prose.

    >>> _named(["bridge"]), _named(["bridge", "safe", "12"])
    ('“bridge”', '“bridge”, “safe” and “12”')
    """
    *most, last = (_quoted(word) for word in words)
    return f"{', '.join(most)} and {last}" if most else last


def _clip(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
