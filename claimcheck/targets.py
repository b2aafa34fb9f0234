"""Stance towards a target: favor, against or none, read by an NLI model without examples of the target.

A target that is a topic ("the toll") is put into a sentence that an author in favor would agree with; one that is a
claim ("the toll should be abolished") stands as it is. Entailment is favor, contradiction against: stance as textual
entailment (Yin et al., EMNLP 2019), with a model that has seen stance data.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt
import regex

from claimcheck.errors import InputError
from claimcheck.nli import shared
from claimcheck.records import Claim, Stance, StanceLabel
from claimcheck.relations import SupportsPredict
from claimcheck.statements import frame
from claimcheck.windows import cut, nearest

if TYPE_CHECKING:
    from claimcheck.report import Report

TOPIC = "The author supports {}."  # of twelve tried on dev splits, the best before any training on stances
CLAIM = "{}"
LABELS: tuple[StanceLabel, ...] = get_args(StanceLabel)  # in the order of entailment, neutral, contradiction

Holder = Literal["party", "speaker", "claim"]
Model = str | Path | SupportsPredict | None
FloatArray = npt.NDArray[np.float32]

_HOUSE = regex.compile(r"^This house (?:believes (?:that )?|(would) )", regex.IGNORECASE)
_AUXILIARY = (
    r"is|are|was|were|am|be|been|has|have|had|do|does|did|can|cannot|could|will|would|shall|should|must|may|might|ought"
    r"|\w+n['’]t|(?:i|we|he|she|it|they|you|there|that)['’](?:s|re|ve|ll|d|m)"
)
_PAST = (
    "rejected|won|lost|said|says|told|took|made|gave|went|came|left|knew|saw|kept|held|brought|bought|sold|paid|met|led"
    "|began|became|got|broke|hit|killed|died|sank|fell|rose"
)
_OBJECT = r"the|an?|its|their|his|her|our|my|no|all|every|any|more|less|\p{N}+"
_CLAUSE = regex.compile(
    rf"\b(?:{_AUXILIARY}|{_PAST})\b|\b\w{{2,}}(?:ed|[^su\W]s) (?:{_OBJECT})\b|ed (?:that|to|up|out|off)\b|[.!]$",
    regex.IGNORECASE,
)


def is_claim(target: str) -> bool:
    """Return whether a target can be true or false, by its verb or a full stop at its end; otherwise it is a topic.

    >>> is_claim("the withdrawal of troops"), is_claim("Ukraine rejected the plan"), is_claim("Cities work.")
    (False, True, True)
    """
    return _CLAUSE.search(target.strip()) is not None


def render_target(target: str, template: str | None = None) -> str:
    """Return the hypothesis for a target; the motion of a debate becomes a claim.

    Parameters
    ----------
    template
        Sentence with ``{}`` for the target; default: TOPIC or CLAIM, as :func:`is_claim` says.

    Examples
    --------
    >>> render_target("the toll"), render_target("the toll must go")
    ('The author supports the toll.', 'the toll must go')
    >>> render_target("This house would ban gambling"), render_target("This house believes that cities work", CLAIM)
    ('We should ban gambling', 'Cities work')
    """
    found = _HOUSE.match(target)
    if found:
        rest = target[found.end() :]
        target = f"We should {rest}" if found[1] else rest[:1].upper() + rest[1:]
    target = " ".join(target.split())
    return (template or (CLAIM if is_claim(target) else TOPIC)).replace("{}", target)


def read_texts(
    texts: Sequence[str], targets: Sequence[str], hypotheses: Sequence[str], nli: SupportsPredict
) -> FloatArray:
    """Return the probabilities (n, 3) of entailment, neutral and contradiction of each text with its hypothesis.

    Of a text of more than 90 words, the window nearest to its target is read: as good as the most decided or the mean
    of three on dev splits of FNC-1 and VAST. A text without any word is neutral.
    """
    windows = [nearest(cut(text), target) for text, target in zip(texts, targets, strict=True)]
    filled = [n for n, window in enumerate(windows) if window]
    result = np.tile(np.array([0, 1, 0], dtype=np.float32), (len(texts), 1))
    if filled:
        result[filled] = nli.predict([(windows[n][0], hypotheses[n]) for n in filled])
    return result


def stances(
    texts: Sequence[str], target: str | Sequence[str], *, nli: Model = None, template: str | None = None
) -> list[Stance]:
    """Return where each text stands towards the target: favor, against or none, with the label's probability.

    The ``holder`` of a stance is the place of its text, from "0". Of a long text, the 90 words nearest
    to the target are read.

    Parameters
    ----------
    target
        A topic ("the toll") or a claim ("the toll should be abolished"); one for all texts, or one each.
    nli
        An NLI checkpoint (folder or hub name), or an object with ``predict(pairs)``; default: the packaged model.
    template
        Hypothesis, with ``{}`` for the target; default: "The author supports {}." for topics, the target itself for
        claims. Give "{}" where a claim is taken for a topic.

    Raises
    ------
    InputError
        If ``texts`` is not a sequence of ``str``, targets are blank or not as many as texts, or the template has no
        place for them.

    Examples
    --------
    >>> class Praise:
    ...     def predict(self, pairs):
    ...         return np.array([[0.9, 0.1, 0.0] if "fine" in text else [0.0, 0.2, 0.8] for text, _ in pairs])
    >>> found = stances(["A fine idea.", "Who needs it?"], "the toll", nli=Praise())
    >>> [(stance.label, stance.score) for stance in found]
    [('favor', 0.9), ('against', 0.8)]
    """
    given = _texts(texts)
    targets = [target] * len(given) if isinstance(target, str) else list(target)
    if len(targets) != len(given):
        raise InputError(f"{len(targets)} targets for {len(given)} texts: give one for all, or one each")
    hypotheses = [_hypothesis(each, template) for each in targets]
    rows = read_texts(given, targets, hypotheses, shared(nli))
    return [_stance(str(n), each, row) for n, (each, row) in enumerate(zip(targets, rows, strict=True))]


def report_stances(
    report: Report, target: str, *, by: Holder = "party", nli: Model = None, template: str | None = None
) -> tuple[Stance, ...]:
    """Return where the parties, speakers or claims of a report stand: see :meth:`claimcheck.Report.stances`."""
    if by not in get_args(Holder):
        raise InputError(f"by is {by!r}, expected one of {', '.join(get_args(Holder))}")
    hypothesis = _hypothesis(target, template)
    rows = read_claims(report.claims, hypothesis, shared(nli))
    single = [
        _stance(claim.id, target, row, (claim.id,)) for claim, row in zip(report.claims, rows, strict=True)
    ]
    if by == "claim":
        return tuple(single)
    holders = [p.id for p in report.parties] if by == "party" else [s.name for s in report.speakers]
    members: dict[str, list[int]] = {holder: [] for holder in holders}
    for n, claim in enumerate(report.claims):
        holder = claim.party if by == "party" else claim.speaker
        if holder is not None:
            members.setdefault(holder, []).append(n)
    return tuple(combine(holder, target, [single[n] for n in places]) for holder, places in members.items())


def read_claims(claims: Sequence[Claim], hypothesis: str, nli: SupportsPredict) -> FloatArray:
    """Return the probabilities (n, 3) for claims as premises: speaker, cue and content, as the force is in the cue."""
    if not claims:
        return np.zeros((0, len(LABELS)), dtype=np.float32)
    framed = getattr(nli, "statement_format", "plain") == "framed"
    pairs = [(f"{frame(c)} | {c.context}" if framed and c.context else frame(c), hypothesis) for c in claims]
    return np.asarray(nli.predict(pairs), dtype=np.float32)


def combine(holder: str, target: str, found: Sequence[Stance]) -> Stance:
    """Return a holder's stance from those of its claims.

    Claims that take no side are passed over. The probability of a side is that of the surest claim on it, times the
    side's share of all probabilities of favor and against; the larger one is the holder's stance, which rests on the
    claims of that side. Where no claim takes a side, the stance is "none", as surely as the claim that comes nearest
    to taking one.

    Examples
    --------
    >>> rows = [("favor", 0.9, 0.9, 0.0), ("against", 0.9, 0.1, 0.9), ("favor", 0.8, 0.8, 0.0)]
    >>> found = [Stance(f"c{n}", "the toll", *row, (f"c{n}",)) for n, row in enumerate(rows)]
    >>> combine("p1", "the toll", found)
    Stance(holder='p1', target='the toll', label='favor', score=0.6, favor=0.6, against=0.3, claims=('c0', 'c2'))
    """
    decided = [stance for stance in found if stance.label != "none"]
    if not decided:
        nearest_to = min(found, key=lambda stance: stance.score, default=Stance("", "", "none", 1.0))
        return Stance(holder, target, "none", nearest_to.score, nearest_to.favor, nearest_to.against)
    sums = {"favor": sum(s.favor for s in decided), "against": sum(s.against for s in decided)}
    sides = {label: [s for s in decided if s.label == label] for label in sums}
    chances = {
        label: round(max((s.score for s in sides[label]), default=0.0) * total / sum(sums.values()), 4)
        for label, total in sums.items()
    }
    label: StanceLabel = "favor" if chances["favor"] >= chances["against"] else "against"
    ranked = sorted(sides[label], key=lambda stance: -stance.score)
    claims = tuple(claim for stance in ranked for claim in stance.claims)
    return Stance(holder, target, label, chances[label], chances["favor"], chances["against"], claims)


def _stance(holder: str, target: str, row: npt.NDArray[np.float32], claims: tuple[str, ...] = ()) -> Stance:
    favor, none, against = (round(float(chance), 4) for chance in row)
    best = int(row.argmax())
    return Stance(holder, target, LABELS[best], (favor, none, against)[best], favor, against, claims)


def _texts(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise InputError(f"texts is a str, expected a sequence of texts: {texts!r:.60}")
    given = list(texts)
    for n, text in enumerate(given):
        if not isinstance(text, str):
            raise InputError(f"text {n} is {text!r:.60}, expected a str")
    return given


def _hypothesis(target: str, template: str | None) -> str:
    if not isinstance(target, str) or not target.strip():
        raise InputError(f"target is {target!r:.60}, expected a topic or a claim in words")
    if template is not None and "{}" not in template:
        raise InputError(f"template {template!r} has no {{}} for the target")
    return render_target(target, template)
