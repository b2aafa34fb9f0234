"""Why two claims are related: in one sentence, what a reader can check about the pair and how the model read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import regex

from claimcheck.claims import is_question
from claimcheck.numerals import numbers
from claimcheck.pairing import stems
from claimcheck.records import Claim, RelationLabel
from claimcheck.statements import TEXT_CHARACTERS, speakers_of

Triple = tuple[float, float, float]

MOST_WORDS = 3  # that are named of those in common
NAME_CHARACTERS = 60
WORD_CHARACTERS = 30

_WORD = regex.compile(r"\p{L}{4,}|\d+(?:[.,:]\d+)*")  # numbers whole: the 1 of "1,200" is no word in common
_READ_AS = {"contradicts": (2, "contradicting"), "corroborates": (0, "implying")}
_PLACES = ("the first", "the second")
_TWO = {  # who speaks, where it is not one speaker twice
    "some speaker": "two statements",
    "other speaker": "two speakers",
    "other speaker, same side": "two speakers of one party",
    "other speaker, other side": "two parties",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a pair was read, for :func:`explain`.

    ``forward`` and ``backward`` are (entailment, neutral, contradiction); ``backward`` is None where the pair was not
    read the other way round. ``plain`` is the label's probability without speaker, cue and context, None where that was
    not looked at. ``framed``: speaker, cue and context were read. ``weighed``: the score rests on more than the two
    readings. ``settled``: the same words decide.
    """

    forward: Triple
    backward: Triple | None
    plain: float | None = None
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


def _standing(a: Claim, b: Claim, distance: int | None, common: tuple[str, str]) -> str:
    """Return who speaks, of what, when and where; ``common`` is said of two, and of one who speaks twice."""
    two, twice = common
    speakers = speakers_of(a, b)
    if speakers == "same speaker":
        who, does = _clip(a.speaker or "", NAME_CHARACTERS), twice
    else:
        who, does = _TWO[speakers], two
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
    words = _shared(a.text, b.text)
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
        (_PLACES[1], _shared(a.text, b.context)),
        (_PLACES[0], _shared(b.text, a.context)),
        ("both", _shared(a.context, b.context)),
    ):
        if words:
            return f", but {_named(words)} {'stand' if len(words) > 1 else 'stands'} before {where}"
    return ""


def _shared(text: str, other: str) -> list[str]:
    """Return the words that a text shares with another, in its order: of many, names, numbers and long ones."""
    if not other:
        return []
    found = _words(text)
    found = {stem: found[stem] for stem in found.keys() & _words(other).keys()}

    def rank(place: tuple[int, str]) -> tuple[bool, int, int]:
        start, word = place
        return word[0].islower() or (start == 0 and word[0].isalpha()), -len(word), start

    best = sorted(set(found.values()), key=rank)[:MOST_WORDS]
    return [word for _, word in sorted(best)]


def _words(text: str) -> dict[str, tuple[int, str]]:
    """Return where each stem and each number of a text first stands, and the word that it is of."""
    found: dict[str, tuple[int, str]] = {}
    for match in _WORD.finditer(text):
        word = match[0]
        for stem in [word] if word[0].isdigit() else stems(word):
            found.setdefault(stem, (match.start(), word))
    return found


def _polarity(a: Claim, b: Claim) -> list[str]:
    """Return who denies and who questions what, and which is a question itself."""
    denying = [claim for claim in (a, b) if claim.force == "denies"]
    told = []
    if len(denying) == 2:
        cues = ", ".join(_quoted(claim.cue) for claim in denying if claim.cue)
        told.append(f"both deny what is quoted of them{f' ({cues})' if cues else ''}")
    for place, claim in zip(_PLACES, (a, b), strict=True):
        who = _clip(claim.speaker, NAME_CHARACTERS) if claim.speaker else "an unnamed source"
        cue = f" ({_quoted(claim.cue)})" if claim.cue else ""
        if claim.force == "denies" and len(denying) == 1:
            told.append(f"{who} denies {place}{cue}")
        elif claim.force == "questions" and is_question(claim.text):
            told.append(f"{place} is a question")
        elif claim.force == "questions":
            told.append(f"{who} questions {place}{cue}")
    return told


def _read(label: RelationLabel, reading: Reading, context: bool) -> str:
    """Return how the model read the two, each way; ``context`` says whether anything stands before either."""
    forward, backward = reading.forward, reading.backward
    sure = False
    if backward is None:
        k, read_as = max(_READ_AS.values(), key=lambda known: forward[known[0]])
        if forward[1] >= forward[k]:
            told = f"the first is read as neutral towards the second ({forward[1]:.2f})"
        else:
            told = (
                f"the first is read as {read_as} the second ({forward[k]:.2f}), not read the other way round"
            )
    elif label == "neither":
        return _read_as_neither(forward, backward)
    else:
        k, read_as = _READ_AS[label]
        there, back = forward[k], backward[k]
        sure = max(there, back) >= 0.5
        if min(there, back) >= 0.5:
            told = f"each is read as {read_as} the other ({there:.2f}, {back:.2f})"
        elif sure:
            one, other = _PLACES if there > back else _PLACES[::-1]
            told = f"{one} is read as {read_as} {other} ({max(there, back):.2f}), less so the other way ({min(there, back):.2f})"
        else:
            told = f"neither is read as {read_as} the other ({there:.2f}, {back:.2f})"
        if there >= 0.5 and context and reading.plain is not None:
            alone = "also" if reading.plain >= 0.5 else "but not"
            told += f", {alone} without their context ({reading.plain:.2f})"
    if not sure and reading.settled:
        told += ", but the words are the same"
    elif not sure and reading.weighed:
        told += ", so the score rests on what each says alone, on where they stand and on the statements around them"
    return told


def _read_as_neither(forward: Triple, backward: Triple) -> str:
    """Return how the model read two of which no label passed its threshold; the score decides, not the readings."""
    if min(forward[1], backward[1]) >= 0.5:
        return f"each is read as neutral towards the other ({forward[1]:.2f}, {backward[1]:.2f})"
    most = {read_as: max(forward[k], backward[k]) for k, read_as in _READ_AS.values()}
    sure = [f"{read_as} ({chance:.2f})" for read_as, chance in most.items() if chance >= 0.5]
    if sure:
        return f"read as {' and as '.join(sure)}, but the score stays below the threshold"
    at_most = ", ".join(f"{read_as} {chance:.2f}" for read_as, chance in most.items())
    return f"no reading is sure enough ({at_most} at most)"


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
