"""Verification: whether a text, or what a party says, supports a claim or refutes it.

:func:`verify` takes evidence as it is. :func:`verify_claims` takes attributed claims and looks at what their speakers
do with the content: "X denied that P" refutes P, and a demand or a question says nothing of what is the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt
import regex

from claimcheck.aggregation import FEATURES, Aggregation, evidence_features, windows
from claimcheck.errors import InputError
from claimcheck.nli import shared
from claimcheck.pairing import FloatArray
from claimcheck.records import Claim, PartyVerdict, Span, Verdict, VerdictLabel, lone_surrogate
from claimcheck.relations import SupportsPredict, predict_checked
from claimcheck.segmentation import split_sentences
from claimcheck.statements import CONTEXT_CHARACTERS, plain, render_pair

Texts = list[str] | tuple[str, ...]
By = Literal["party", "speaker", "claim"]
OPPOSED = 0.5  # from this probability on, a reading to the contrary is told
NEAR = 0.1  # of readings that are almost as strong, the shortest one decides
_HEAD = regex.compile(
    r"^(?:(?:(?:the|any|all|such|these|those|his|her|its|their)\s+)?(?:rumou?rs?|reports?|claims?|accusations?|allegations?"
    r"|charges?|suggestions?|assertions?|findings?|fears?|speculation|talk|notion|idea)\s+that|that|whether|if)\s+",
    regex.IGNORECASE,
)
_TO = regex.compile(r"^((?:never|not)\s+)?to\s+", regex.IGNORECASE)
_OPEN = regex.compile(
    r"\b(?:must|should|ought|need(?:s|ed)?|ha(?:s|ve) to|want(?:s|ed)?|demand\w*|call(?:s|ed)? for|urg\w+|insist\w*"
    r"|will|would|shall|won['’]t|going to|may|might|can|cannot|could|plan(?:s|ned)?|intend\w*|promis\w+|pledg\w+|vow\w*"
    r"|commit\w*|right|wrong|good|bad|better|necessary|favou?r\w*|support\w*|oppos\w*|against)\b",
    regex.IGNORECASE,
)


@overload
def verify(
    claim: str,
    evidence: str,
    *,
    nli: str | Path | SupportsPredict | None = None,
    show_progress_bar: bool | None = None,
) -> Verdict: ...


@overload
def verify(
    claim: Texts,
    evidence: Texts,
    *,
    nli: str | Path | SupportsPredict | None = None,
    show_progress_bar: bool | None = None,
) -> tuple[Verdict, ...]: ...


def verify(
    claim: str | Texts,
    evidence: str | Texts,
    *,
    nli: str | Path | SupportsPredict | None = None,
    show_progress_bar: bool | None = None,
) -> Verdict | tuple[Verdict, ...]:
    """Say whether an evidence supports a claim, refutes it, or has not enough information.

    Evidence of any length is read sentence by sentence, in windows of three sentences and in passages of up to eight, and
    as a whole where it has at most 24. Where one part supports the claim and another refutes it, the verdict is
    ``contested``, and says which part is to the contrary.

    Parameters
    ----------
    claim, evidence
        One text each, or as many claims as evidences, which share the model's batches. Empty evidence has not
        enough information.
    nli
        An NLI checkpoint (folder or hub name), or an object with ``predict(pairs)``, such as ``checker.nli``; default:
        the packaged model, loaded once.

    Raises
    ------
    InputError
        If a text is not ``str``, a claim is blank, or there are not as many claims as evidences.

    Examples
    --------
    >>> class Words:
    ...     def predict(self, pairs):
    ...         rows = {"shut": [0.0, 0.1, 0.9], "open": [0.9, 0.1, 0.0]}
    ...         return np.array([rows.get(premise[-5:-1], [0.1, 0.8, 0.1]) for premise, _ in pairs])
    >>> found = verify("The pier is open.", "It was painted. The pier is shut.", nli=Words())
    >>> found.label, found.text, found.start, found.contested
    ('refutes', 'The pier is shut.', 16, False)
    """
    if isinstance(claim, str) != isinstance(evidence, str):
        raise InputError(
            f"claim is a {type(claim).__name__} and evidence a {type(evidence).__name__}: expected two str, or two "
            "sequences of one length (join several passages with blank lines if they are one evidence)"
        )
    if isinstance(claim, str):
        return _verify_all([claim], [evidence], nli, show_progress_bar)[0]
    claims, evidences = list(claim), list(evidence)
    if len(claims) != len(evidences):
        raise InputError(f"{len(claims)} claims and {len(evidences)} evidences: expected as many of each")
    return _verify_all(claims, evidences, nli, show_progress_bar)


def _verify_all(
    claims: Sequence[Any],
    evidences: Sequence[Any],
    nli: str | Path | SupportsPredict | None,
    show_progress_bar: bool | None,
) -> tuple[Verdict, ...]:
    for n, (claim, evidence) in enumerate(zip(claims, evidences, strict=True)):
        check_text(claim, f"claim {n}")
        check_text(evidence, f"evidence {n}", blank=True)
    model = shared(nli)
    aggregation = getattr(model, "verification", None) or Aggregation()
    verdicts = []
    for claim, evidence, read in zip(
        claims, evidences, read_evidence(model, claims, evidences, show_progress_bar), strict=True
    ):
        if not read.spans:
            verdicts.append(Verdict(claim, "not enough information", 1.0, 0.0, 0.0))
            continue
        chances = aggregation.decide(read.features[None])[0]
        verdicts.append(_verdict(claim, evidence, read.spans, read.rows, chances))
    return tuple(verdicts)


@dataclass(frozen=True, slots=True)
class Read:
    """The windows of an evidence, their readings (n, 3), and the features (8,) of all of them together."""

    spans: tuple[Span, ...]
    rows: npt.NDArray[np.float32]
    features: FloatArray


def read_evidence(
    nli: SupportsPredict,
    claims: Sequence[str],
    evidences: Sequence[str],
    show_progress_bar: bool | None = None,
    *,
    reverse: Sequence[bool] | None = None,
) -> list[Read]:
    """Read every window of each evidence against its claim; those of all evidences share the model's batches.

    Where ``reverse`` says so, the claim is the premise. Blank evidence has no windows, and features of zero.
    """
    sentences = [split_sentences(evidence) for evidence in evidences]
    places = [tuple(_join(found, place) for place in windows(found)) for found in sentences]
    turned = reverse or [False] * len(claims)
    pairs = [
        (claim, span.of(evidence)) if turn else (span.of(evidence), claim)
        for claim, evidence, spans, turn in zip(claims, evidences, places, turned, strict=True)
        for span in spans
    ]
    rows = predict_checked(nli, pairs, {"show_progress_bar": True} if show_progress_bar else {})
    parts = np.split(rows, np.cumsum([len(spans) for spans in places])[:-1]) if places else []
    return [
        Read(
            spans,
            part,
            evidence_features(part, len(found)) if found else np.zeros(len(FEATURES)),
        )
        for found, spans, part in zip(sentences, places, parts, strict=True)
    ]


def _verdict(
    claim: str, evidence: str, spans: Sequence[Span], rows: npt.NDArray[np.float32], chances: FloatArray
) -> Verdict:
    """Return the verdict of probabilities (3,), with the windows that decide and that stand against it."""
    best = int(chances.argmax())
    lengths = [span.end - span.start for span in spans]
    yes, no = _strongest(rows[:, 0], lengths), _strongest(rows[:, 2], lengths)
    if yes == no:
        yes, no = int(rows[:, 0].argmax()), int(rows[:, 2].argmax())
    contested = min(rows[:, 0].max(), rows[:, 2].max()) >= OPPOSED
    decides, against = (
        (None, None) if best == 1 else (spans[yes], spans[no]) if best == 0 else (spans[no], spans[yes])
    )
    if not contested:
        against = None
    return Verdict(
        claim=claim,
        label=_label(best, "not enough information"),
        score=round(float(chances[best]), 4),
        supports=round(float(chances[0]), 4),
        refutes=round(float(chances[2]), 4),
        text=decides.of(evidence) if decides else "",
        start=decides.start if decides else None,
        end=decides.end if decides else None,
        contested=bool(contested),
        against=against.of(evidence) if against else "",
        against_start=against.start if against else None,
        against_end=against.end if against else None,
    )


def verify_claims(
    proposition: str,
    claims: Sequence[Claim],
    *,
    nli: str | Path | SupportsPredict | None = None,
    by: By = "party",
    names: dict[str, str] | None = None,
) -> tuple[PartyVerdict, ...]:
    """Say for each holder of claims whether it supports a proposition, refutes it, or says nothing of it.

    A denial is read the other way round: "X denied that P" refutes what implies P, and supports what P excludes. A
    question says nothing, and neither do demands and promises of a proposition that states a fact. The claim that is
    surest decides for its holder; one to the contrary is told.

    Parameters
    ----------
    by
        "party": the parties, then the speakers that have none, then claims of nobody named; "speaker"; or "claim".
    names
        Names of the parties by id, those of parties without a claim included.

    Raises
    ------
    InputError
        If the proposition is blank or not ``str``, or ``by`` is none of these.
    """
    check_text(proposition, "proposition")
    if by not in ("party", "speaker", "claim"):
        raise InputError(f"by is {by!r}, expected 'party', 'speaker' or 'claim'")
    chances = claim_chances(proposition, claims, shared(nli))
    holders: dict[tuple[str, str | None], list[int]] = {}
    if by == "party":
        holders = {("party", id): [] for id in names or {}}
    for k, claim in enumerate(claims):
        if by == "party" and claim.party is not None:
            key: tuple[str, str | None] = ("party", claim.party)
        elif by != "claim" and claim.speaker is not None:
            key = ("speaker", claim.speaker)
        else:
            key = ("claim", claim.id)
        holders.setdefault(key, []).append(k)
    order = {"party": 0, "speaker": 1, "claim": 2}
    found = []
    for (kind, id), owned in sorted(holders.items(), key=lambda item: order[item[0][0]]):
        name = (names or {}).get(id or "", id) if kind == "party" else id if kind == "speaker" else None
        if kind == "claim":
            name = claims[owned[0]].speaker
        found.append(
            _party_verdict(proposition, id if kind == "party" else None, name, claims, owned, chances)
        )
    return tuple(found)


def _party_verdict(
    proposition: str,
    party: str | None,
    name: str | None,
    claims: Sequence[Claim],
    owned: Sequence[int],
    chances: FloatArray,
) -> PartyVerdict:
    if not owned:
        return PartyVerdict(proposition, party, name, "says nothing", 1.0, 0.0, 0.0)
    own = chances[list(owned)]
    surest = int(own[:, [0, 2]].max(axis=1).argmax())
    best = int(own[surest].argmax())
    opposite = 2 - best
    against = [k for k in range(len(owned)) if best != 1 and own[k].argmax() == opposite]
    other = max(against, key=lambda k: float(own[k, opposite]), default=None)
    decides = claims[owned[surest]]
    return PartyVerdict(
        proposition=proposition,
        party=party,
        name=name,
        label=_label(best, "says nothing"),
        score=round(float(own[surest, best]), 4),
        supports=round(float(own[surest, 0]), 4),
        refutes=round(float(own[surest, 2]), 4),
        claim=decides.id if best != 1 else None,
        text=decides.text if best != 1 else "",
        contested=other is not None,
        against=claims[owned[other]].id if other is not None else None,
    )


def claim_chances(proposition: str, claims: Sequence[Claim], nli: SupportsPredict) -> FloatArray:
    """Return the probabilities (n, 3) that each claim supports, leaves open and refutes a proposition.

    A model that was trained on framed statements reads each claim as such too, with its speaker, cue and context: the
    contents alone look opposed too often where two statements are of different things. The result is the geometric
    mean of both.
    """
    bearing = [k for k, claim in enumerate(claims) if bears_on(claim, proposition)]
    chances = np.tile([0.0, 1.0, 0.0], (len(claims), 1))
    if not bearing:
        return chances
    denied = [claims[k].force == "denies" for k in bearing]
    texts = [plain_content(claims[k]) for k in bearing]
    read = read_evidence(nli, [proposition] * len(bearing), texts, reverse=denied)
    aggregation = getattr(nli, "verification", None) or Aggregation()
    decided = aggregation.decide(np.stack([found.features for found in read]))
    decided[denied] = decided[denied][:, ::-1]
    if getattr(nli, "statement_format", "plain") == "framed":
        asked = Claim("proposition", proposition)
        shown = [render_pair(claims[k], asked, None, "framed", context=CONTEXT_CHARACTERS) for k in bearing]
        framed = predict_checked(nli, shown, {})
        decided = np.sqrt(decided * framed.clip(1e-6))
        decided /= decided.sum(axis=1, keepdims=True)
    chances[bearing] = decided
    return chances


def plain_content(claim: Claim) -> str:
    """Return what a claim is about as a sentence, without its polarity.

    Examples
    --------
    >>> plain_content(Claim("c1", "rumours that the depot had been sold", cue="dismissed", force="denies"))
    'The depot had been sold.'
    >>> plain_content(Claim("c1", "never to sell the depot", cue="vowed", force="promises"))
    'They will never sell the depot.'
    """
    text = _HEAD.sub("", claim.text.strip())
    if claim.force == "promises":
        text = _TO.sub(lambda match: f"They will {match[1] or ''}", text)
    return plain(Claim(claim.id, text))


def bears_on(claim: Claim, proposition: str) -> bool:
    """Return whether a claim of its force can settle a proposition.

    Nobody who asks says how it is; who demands or promises something says that it should or will be, not that it is.

    Examples
    --------
    >>> demand = Claim("c1", "an end to night flights", cue="called for", force="demands")
    >>> bears_on(demand, "Night flights should end."), bears_on(demand, "Night flights have ended.")
    (True, False)
    """
    if claim.force == "questions" or not claim.text.strip():
        return False
    return claim.force not in ("demands", "promises") or bool(_OPEN.search(proposition))


def check_text(text: Any, what: str, *, blank: bool = False) -> None:
    """Refuse what is no text.

    Raises
    ------
    InputError
        If it is not ``str``, holds a lone surrogate or, unless allowed, is ``blank``.
    """
    if not isinstance(text, str):
        raise InputError(f"{what} is {text!r:.60}, expected str")
    if lone_surrogate(text) is not None:
        raise InputError(f"{what} holds a lone surrogate: {text!r:.60}: repair the text first")
    if not blank and not text.strip():
        raise InputError(f"{what} is blank: expected a statement, such as 'The bridge is open.'")


def _strongest(chances: npt.NDArray[np.float32], lengths: Sequence[int]) -> int:
    """Return the shortest of the windows whose probability is near the highest."""
    best = float(chances.max())
    near = [k for k in range(len(chances)) if chances[k] >= best - NEAR]
    return min(near, key=lambda k: (lengths[k], -float(chances[k])))


def _join(sentences: Sequence[Span], place: tuple[int, int]) -> Span:
    return Span(sentences[place[0]].start, sentences[place[1] - 1].end)


def _label(best: int, neither: Literal["not enough information", "says nothing"]) -> VerdictLabel:
    labels: tuple[VerdictLabel, VerdictLabel, VerdictLabel] = ("supports", neither, "refutes")
    return labels[best]


def verdict_line(verdict: Verdict | PartyVerdict) -> str:
    """Return a verdict as a line to read.

    >>> verdict_line(Verdict("It is open.", "refutes", 0.9, 0.02, 0.9, "It is shut.", 0, 11))
    'refutes 0.90: “It is shut.”'
    >>> verdict_line(PartyVerdict("It is open.", "p1", "Council", "says nothing", 0.9, 0.05, 0.05))
    'Council says nothing 0.90'
    """
    who = f"{verdict.name or '(nobody named)'} " if isinstance(verdict, PartyVerdict) else ""
    where = f": “{' '.join(verdict.text.split())}”" if verdict.text else ""
    against = (
        f"; but {' '.join(str(verdict.against).split())!r}" if verdict.contested and verdict.against else ""
    )
    return f"{who}{verdict.label} {verdict.score:.2f}{where}{against}"
