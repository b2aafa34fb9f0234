"""Claims: what each attribution holds its speaker to, with its force, hedging and context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import regex

from claimcheck.records import Attribution, Claim, Document, Force, Party, Speaker
from claimcheck.segmentation import Segmentation
from claimcheck.statements import context_before

# Reporting expressions by the force they give to their content; stems are matched at word starts.
_CUES: dict[Force, str] = {
    "denies": (
        "deny|denies|denied|denying|denial|disput|dismiss|reject|refut|rebut|repudiat|disown|disavow|contradict"
        "|rul(?:e[sd]?|ing) out|brush\\w* (?:off|aside)|wav\\w* away|scoff|pooh-pooh|contest|contests|contested"
        # "does not think that Y" is said by who thinks that Y is not so (Horn, 1978, on neg-raising)
        "|(?:no|not|cannot|\\w*n['’]t|never|nobody|neither|nor|hardly) "
        "(?!only|just|merely|simply|help|but|doubt|wonder|matter|surpris)(?:\\w+ )?"
        "(?:recogni[sz]|accept|acknowledg|admit|agree|say|said|believ|think|thought|suppos|reckon|consider|feels?\\b|felt\\b"
        "|suspect|expect|anticipat|foresee|foresaw|want(?:s|ed)?\\b)"
    ),
    "demands": (
        "demand|call(?:s|ed|ing)? (?:for|on|upon)|urg(?:e|es|ed|ing)|insist\\w* on|order|appeal|beg(?:s|ged)?\\b|request"
        "|press(?:es|ed|ing)? (?:for|to)|want(?:s|ed)?\\b|propos|recommend|advis|plead|petition|instruct|summon|require"
    ),
    "promises": "promis|vow|pledg|commit|guarantee|swor|swear|undertook|undertak|offer",
    "predicts": "predict|forecast|expect|project|foresee|foresaw|anticipat|warn|prophes",
    "questions": "question|wonder|inquir|enquir|doubt",
    "believes": "believ|think|thought|feels?\\b|felt\\b|consider|suspect|suppos|reckon|hop(?:e|es|ed|ing)\\b|fear|guess|view",
}
_CUE_PATTERNS = {force: regex.compile(rf"\b(?:{words})", regex.IGNORECASE) for force, words in _CUES.items()}
_ASK = regex.compile(r"\bask(?:s|ed|ing)?\b", regex.IGNORECASE)
_NOT_DENIED = regex.compile(
    r"\b(?:no|not|nobody|neither|nor|hardly|scarcely|cannot|\w*n['’]t|never|without|stop\w* short of|declin\w+ to"
    r"|refus\w+ to)\b.{0,20}?\b(?:den(?:y|ies|ied|ying)|disput|dismiss|reject|rul(?:e|es|ed|ing) out)",
    regex.IGNORECASE,
)
_NO_DOUBT = regex.compile(
    r"\b(?:no|not|cannot|\w*n['’]t|never|without|beyond|little|hardly)\b.{0,20}?\bdoubt", regex.IGNORECASE
)
_DEMAND = regex.compile(r"\b(?:must|should|ought to|ha(?:s|ve) to|needs? to)\b", regex.IGNORECASE)
_PROMISE = regex.compile(r"\b(?:I|we)(?:['’]ll| will| shall| won['’]t)\b", regex.IGNORECASE)
_FUTURE = regex.compile(r"\b(?:will|won['’]t|shall|is going to|are going to)\b", regex.IGNORECASE)
_HEDGE = regex.compile(
    r"\b(?:(?-i:may)|might|could|possibly|perhaps|maybe|probably|likely|unlikely|appears?|appeared|seems?|seemed|apparently"
    r"|reportedly|allegedly|presumably|suggests?|suggested|estimat\w+|believ\w+|suspect\w*|think|thinks|thought)\b",
    regex.IGNORECASE,
)


def find_force(cue: str, content: str) -> Force:
    """Return what a speaker does with a content: the cue decides, then the content.

    A denial that is itself negated ("did not rule out") asserts; a belief or a wish that is negated ("does not think")
    denies.

    Examples
    --------
    >>> find_force("denied", "any talks had taken place")
    'denies'
    >>> find_force("did not rule out", "a second vote")
    'asserts'
    >>> find_force("did not think", "the dam was safe")
    'denies'
    >>> find_force("said", "We will rebuild the bridge")
    'promises'
    >>> find_force("asked", "to be heard"), find_force("asked", "Who paid for it?")
    ('demands', 'questions')
    """
    if is_question(content):
        return "questions"
    if _ASK.search(cue):
        return "demands" if content.lower().startswith("to ") else "questions"
    if _CUE_PATTERNS["denies"].search(cue):
        return "asserts" if _NOT_DENIED.search(cue) else "denies"
    if _NO_DOUBT.search(cue):
        return "believes"
    for force, pattern in _CUE_PATTERNS.items():
        if pattern.search(cue):
            return force
    if _PROMISE.search(content):
        return "promises"
    if _DEMAND.search(content):
        return "demands"
    return "predicts" if _FUTURE.search(content) else "asserts"


def is_question(content: str) -> bool:
    """Return whether a content ends in a question mark.

    >>> is_question("“Who paid for it?”"), is_question("who paid for it")
    (True, False)
    """
    return content.rstrip(" \"'”’").endswith("?")


def is_hedged(cue: str, content: str) -> bool:
    """Return whether cue or content leaves room for doubt.

    >>> is_hedged("said", "the dam may have been damaged"), is_hedged("said", "the dam broke")
    (True, False)
    >>> is_hedged("said", "the dam would be repaired in May")
    False
    """
    return bool(_HEDGE.search(cue) or _HEDGE.search(content))


def make_claims(
    document: Document,
    segmentation: Segmentation,
    attributions: Sequence[Attribution],
    speakers: Sequence[Speaker],
    parties: Sequence[Party],
    unnamed: Mapping[str, str] | None = None,
) -> tuple[Claim, ...]:
    """Return one claim per attribution, with its id, in the same order.

    An attribution that belongs to no speaker has a claim with ``speaker=None``, and the party id that ``unnamed``
    holds for it, if any; nothing is dropped.
    """
    text = document.text
    speaker_of = {a: speaker.name for speaker in speakers for a in speaker.attributions}
    party_of = {name: party.id for party in parties for name in party.members}
    claims = []
    for attribution in attributions:
        content = " ".join(span.of(text) for span in attribution.content)
        cue = " ".join(span.of(text) for span in attribution.cue)
        speaker = speaker_of.get(attribution.id)
        claims.append(
            Claim(
                id=attribution.id,
                text=content,
                speaker=speaker,
                party=party_of.get(speaker) if speaker else (unnamed or {}).get(attribution.id),
                cue=cue,
                force=find_force(cue, content),
                hedged=is_hedged(cue, content),
                attribution=attribution.id,
                document=document.id,
                date=document.date,
                start=attribution.content[0].start,
                end=attribution.content[-1].end,
                context=context_before(text, segmentation.sentences, attribution.content[0].start),
            )
        )
    return tuple(claims)
