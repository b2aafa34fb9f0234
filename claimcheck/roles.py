"""Read what a text introduces somebody as: the descriptions around a name, and what one says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import regex

from claimcheck import lexicon
from claimcheck.lexicon import word_set
from claimcheck.names import POSTNOMINALS, Name, fold

Names = Callable[[int, int], list[Name]]
_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}\-]*(?:['’]\p{L}+)*")
_RIGHT = regex.compile(
    r"(?:,? (?:aged )?\d{1,3}\b)?(?P<age>,? \(?\d{1,3}\)?,)?\s?(?:,|\(|—|–|--)\s?+(?P<desc>(?!said|says|who|which|whose|and|but|added|told|wrote|claimed|asked|replied|insisted|argued|warned)[^,.;:()“”\"—?!]{3,120})"
)
_WHO = regex.compile(
    r"(?:,? \d{1,3})?,?\s+who\s+(?:(?:also|now|once|has|had|have|is|was|still)\s+){0,2}(?P<verb>\p{L}+)\s+(?P<rest>[^,.;:“”\"]{2,100})"
)
_OF = regex.compile(r"(?P<comma>,?)\s+(?P<prep>of|from|at|for|with)\s+(?P<rest>(?:the\s+)?[^,.;:“”\"]{2,60})")
_LEFT = regex.compile(
    r"(?P<desc>(?:(?<![\p{L}])(?:the|its|his|her|their|our|a|an|former)\s|[\p{Lu}][\p{L}.&\-]*(?:\s[\p{Lu}&][\p{L}.\-]*){0,4}['’]s?\s|\b)(?:[^,.;:“”\"()?!\n]{2,90}))(?:\s\((?:the\s)?\p{Lu}[\p{L}\p{N}&.\-]{1,9}\))?(?P<comma>,)\s$",
    regex.IGNORECASE,
)
_OFFICE_LEFT = regex.compile(
    r"(?P<role>[\p{L}\-]+)\s(?:of|to)\s(?:the\s)?(?P<country>\p{Lu}[\p{L}\-]*(?:\s\p{Lu}[\p{L}\-]*){0,2})\s$"
)
_OFFICE_LINK = regex.compile(r"\s(?:of|to)\s")
_BARE_LEFT = regex.compile(r"(?P<desc>(?:[\p{L}\-]+(?:['’]s?)?[ \xa0]){1,6})$")
_COPULA = regex.compile(r",?\s(?:is|was|became|remains)\s(?P<desc>(?:the|a|an)\s[^,.;:“”\"]{3,80})")
_CALLED = regex.compile(
    r"(?P<desc>(?:the|its|their)\s[^,.;:“”\"]{2,50})\s(?:is|was)\s(?:called\s|named\s)?$", regex.IGNORECASE
)
_CALLED_ENDS = ("is", "was", "called", "named")
_OWNER = regex.compile(r"['’]s?\s$")
_WHOM = r"(?P<whom>(?:the\s)?(?:\p{Lu}[\p{L}&\-’']*(?:\s(?:of\s(?:the\s)?)?\p{Lu}[\p{L}&\-’']*){0,4}|(?:\p{Ll}[\p{L}\-]*(?:['’]s)?\s){0,1}\p{Ll}{4,}))(?=[,.;:—”\"]|\s\p{Ll})"
_WHO_FOR = regex.compile(r"(?:,? \d{1,3})?,?\swho\s(?:[\p{L}\-'’]+\s){1,6}?for\s" + _WHOM)
_BY_PARTY = regex.compile(
    r",?(?:\s[\p{L}\-]+){0,6}?\s(?:called|hired|instructed|retained|employed|appointed|engaged|commissioned)\sby\s"
    + _WHOM
)
_VOTE = regex.compile(r"(?:the\s)?(?:Yes|No)\b(?:\s(?:campaign|side|case|camp))?")
_WHOSE = regex.compile(r",?\swhose\s(?:\p{Ll}[\p{L}\-]*\s){0,2}\p{Ll}[\p{L}\-]*,?\s")
_SPLIT = regex.compile(r"\s(?:of|for|at|in|with|to|from|who|which|that|on|by|under|on|against|whose|and)\s|,")
_POSTNOMINAL = regex.compile(rf"(?:,?\s(?:{'|'.join(sorted(POSTNOMINALS))})\b|\s\(retd\.?\))")
_VERB_ROLES = {
    "chairs": "chairman", "chaired": "chairman", "leads": "leader", "led": "leader", "heads": "head", "headed": "head",
    "runs": "head", "ran": "head", "founded": "founder", "manages": "manager", "managed": "manager",
    "represents": "lawyer", "represented": "lawyer", "represent": "lawyer", "owns": "owner", "edits": "editor",
    "coaches": "coach", "coached": "coach", "teaches": "teacher", "presides": "judge", "works": "worker",
    "worked": "worker", "speaks": "spokesman", "directs": "director", "sits": "member", "serves": "member",
    "captains": "captain", "defends": "lawyer", "advises": "adviser", "answers": "head", "drives": "driver",
    "keeps": "keeper", "promotes": "promoter", "organised": "organiser", "organized": "organizer",
    "presented": "presenter", "presents": "presenter", "wrote": "author", "built": "builder", "designed": "designer",
}  # fmt: skip
_BARE_STOP = word_set(
    "said says told the a an and but as by from for of with at in to its his her their our added "
    "replied insisted warned that while when according according to argued asked countered retorted "
    "recalled"
)


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody is introduced as.

    ``head`` is the noun, ``words`` all content words of the description. ``owner`` is the span of the complement: whose
    chief executive, secretary of what. ``personal`` is False for a loose tie ("at", "in").
    """

    head: str
    words: frozenset[str]
    owner: tuple[int, int] | None
    start: int
    end: int
    relation: str = ""


def parse_description(text: str, start: int, end: int) -> Role | None:
    """Return the role that ``text[start:end]`` describes, or None where it has no noun for a person or body.

    >>> text = "the chief executive of Ossery Steel"
    >>> role = parse_description(text, 0, len(text))
    >>> role.head, text[slice(*role.owner)]
    ('executive', 'Ossery Steel')
    """
    part = text[start:end]
    cut = _SPLIT.search(part)
    left_end = cut.start() if cut else len(part)
    owner: tuple[int, int] | None = None
    relation = ""
    owned = regex.search(r"(?:['’]s|s['’])\s", part[:left_end])
    head_start = 0
    if owned:
        owner = (start, start + owned.start() + (1 if owned.group()[0] == "s" else 0))
        head_start, relation = owned.end(), "'s"
    else:
        pronoun = regex.match(r"(?:then\s)?(?P<word>(?i:its|his|her|their))\s", part)
        if pronoun:
            owner, relation = (start + pronoun.start("word"), start + pronoun.end("word")), "'s"
            head_start = pronoun.end()
    words = [w.group().lower() for w in _WORD.finditer(part[head_start:left_end])]
    if not words:
        return None
    head = words[-1].replace("’s", "").replace("'s", "")
    if head not in lexicon.ROLES and head not in lexicon.ORGANISATIONS:
        known = [w for w in words if w in lexicon.ROLES]
        if known:
            head = known[-1]
        elif relation != "'s" or owned is None:
            return None
    if cut and cut.group().strip() in ("of", "for", "at", "with", "to", "from", "in", "on") and owner is None:
        rest_start = start + cut.end()
        rest_end = end
        stop = regex.search(r",|\s(?:who|which|that|whose|and\s\p{Ll})\b", text[rest_start:end])
        if stop:
            rest_end = rest_start + stop.start()
        if rest_end > rest_start:
            owner, relation = (rest_start, rest_end), cut.group().strip()
    elif owner is None and len(words) > 1:
        first = regex.match(r"(?:(?i:the|a|an|former)\s)*(?P<org>(?:\p{Lu}[\p{L}\-&.]*\s)+)\p{Ll}", part)
        if first:
            owner, relation = (start + first.start("org"), start + first.end("org") - 1), "'s"
        elif words[-2] in lexicon.ORGANISATIONS:
            at = part.lower().find(words[-2])
            owner, relation = (start + at, start + at + len(words[-2])), "'s"
    return Role(head, frozenset(fold(w.group()) for w in _WORD.finditer(part)), owner, start, end, relation)


def descriptions(text: str, names: Names, name: Name, sentence: int) -> list[tuple[int, int]]:
    """Return where a name is described: "NAME, the head of X", "X's head, NAME", "finance chief NAME".

    ``sentence`` is where the name's sentence begins.
    """
    found = []
    name_end = _full_end(text, name)
    window = text[name_end : name_end + 140]
    right = _RIGHT.match(window)
    if right:
        desc = right.group("desc")
        follow = names(name_end + right.start("desc"), name_end + right.start("desc") + 1)
        if not follow or desc.lower().startswith(("the ", "a ", "an ")) or "'s " in desc or "’s " in desc:
            found.append((name_end + right.start("desc"), name_end + right.end("desc")))
    copula = _COPULA.match(window)
    if copula:
        found.append((name_end + copula.start("desc"), name_end + copula.end("desc")))
    base = max(0, name.outer - 110)
    base = max(base, sentence)
    window = text[base : name.outer]
    if name.article:
        window = window[:-4]
    # What each pattern ends in is looked for first: most names have none of it in front of them.
    tail = window.rstrip()
    left = _LEFT.search(window) if tail.endswith(",") else None
    office = _OFFICE_LEFT.search(window) if _OFFICE_LINK.search(window) else None
    if (
        office
        and office.group("role").lower() in lexicon.ROLES
        and lexicon.country_of(office.group("country"))
    ):
        found.append((base + office.start("role"), base + office.end("country")))
    elif left:
        desc = left.group("desc")
        start = base + left.start("desc") + (desc.rfind(" but ") + 5 if " but " in desc else 0)
        if not names(start, base + left.end("desc")) or _owned_end(desc):
            start = _trim(text, start, base + left.end("desc"))
            found.append((start, base + left.end("desc")))
    else:
        bare = _BARE_LEFT.search(window) if window[-2:].endswith((" ", "\xa0", "\n")) else None
        called = _CALLED.search(window) if tail.lower().endswith(_CALLED_ENDS) else None
        if called:
            found.append((base + called.start("desc"), base + called.end("desc")))
        elif bare:
            words = [(m.start(), m.group()) for m in _WORD.finditer(bare.group("desc"))]
            if words and fold(words[-1][1]) in lexicon.ROLES | lexicon.ORGANISATIONS | {
                "exec",
                "bosses",
                "champions",
            }:
                k = len(words) - 1
                while k > 0 and len(words) - k < 4 and words[k - 1][1].lower() not in _BARE_STOP:
                    k -= 1
                if k and words[k - 1][1].lower() in ("its", "his", "her", "their"):
                    k -= 1
                found.append((base + bare.start() + words[k][0], name.outer - 1))
    return found


def _full_end(text: str, name: Name) -> int:
    """Return where a name ends with the letters behind it: "Ina Tolk KC"."""
    letters = _POSTNOMINAL.match(text, name.end)
    return letters.end() if letters else name.end


def _trim(text: str, start: int, end: int) -> int:
    """Move the start of a description to its last determiner, so that a verb before it is left out."""
    part = text[start:end]
    best = 0
    for match in regex.finditer(r"(?i)(?<!\p{L})(?:the|its|his|her|their|an?)\s", part):
        before = part[: match.start()].rstrip().lower()
        if before.endswith(
            (" of", " for", " at", " in", " with", " to", " from", " by")
        ) and parse_description(text, start + best, end):
            continue
        best = match.start()
    return start + best


def related(text: str, names_in: Names, name: Name) -> Iterator[Role]:
    """Read "X, who chairs Y" and "X of Y"."""
    name_end = _full_end(text, name)
    window = text[name_end : name_end + 170]
    serving = _WHO_FOR.match(window) or _BY_PARTY.match(window)
    if serving:
        span = (name_end + serving.start("whom"), name_end + serving.end("whom"))
        yield Role("member", frozenset({"member"}), span, name_end, span[1], "for")
    who = _WHO.match(window)
    if who and who.group("verb").lower() in _VERB_ROLES:
        rest = regex.sub(r"^(?:for|at|on|in|as)\s", "", who.group("rest"))
        start = name_end + who.end("rest") - len(rest)
        head = _VERB_ROLES[who.group("verb").lower()]
        words = frozenset(fold(w.group()) for w in _WORD.finditer(who.group()))
        end = name_end + who.end("rest")
        cut = regex.search(r"\s(?:since|until|and|with|in|for|from|who|which|by|as)\s", text[start:end])
        if cut:
            end = start + cut.start()
        if end > start:
            yield Role(head, words, (start, end), name_end + who.start(), end, "who")
        return
    of = _OF.match(window)
    if of:
        start = name_end + of.start("rest")
        names = names_in(start, name_end + of.end("rest") + 5)
        word = regex.match(r"(?:the\s)?(?:\p{Ll}[\p{L}\-'’]*\s){0,2}?(\p{Ll}[\p{L}\-]*)", of.group("rest"))
        close = bool(names) and names[0].outer - start <= 5
        vote = _VOTE.match(of.group("rest"))
        if vote:
            body = (start, start + vote.end())
        elif close:
            body = (start, names[0].end)
        elif word and word.group(1) in _represented(of):
            body = (start, start + word.end())
        else:
            return
        head = "lawyer" if of.group("prep") == "for" and of.group("comma") else "member"
        yield Role(head, frozenset({head}), body, start, body[1], of.group("prep"))


def _represented(of: regex.Match[str]) -> frozenset[str]:
    """Return the nouns that can follow a name: "Tolk of the union"; after a comma, "for the minister" too."""
    offices = lexicon.ROLES if of.group("prep") == "for" and of.group("comma") else frozenset[str]()
    return lexicon.ORGANISATIONS | lexicon.SIDES | offices


def possessed(text: str, names_in: Names, name: Name) -> Iterator[Role]:
    """Read "Vellmar's Ada Lund" and "Ada Lund, whose firm, Vellmar, ..."."""
    before = _OWNER.search(text[max(0, name.outer - 40) : name.outer])
    if before:
        at = max(0, name.outer - 40) + before.start()
        owners = [n for n in names_in(max(0, at - 50), at + 1) if n.end == at]
        if owners:
            owner = owners[-1]
            yield Role("member", frozenset({"member"}), (owner.start, owner.end), owner.start, at, "of")
    name_end = _full_end(text, name)
    whose = _WHOSE.match(text[name_end : name_end + 60])
    if whose:
        names = names_in(name_end + whose.end(), name_end + whose.end() + 5)
        if names:
            span = (names[0].start, names[0].end)
            yield Role("owner", frozenset({"owner"}), span, name_end, span[1], "of")


def _owned_end(desc: str) -> bool:
    """Whether a description with a name in it still ends in a role or body ("Vellmar's finance chief")."""
    words = [fold(w.group()) for w in _WORD.finditer(desc)]
    cut = _SPLIT.search(desc)
    head = [fold(w.group()) for w in _WORD.finditer(desc[: cut.start()] if cut else desc)]
    return bool(words) and bool(head) and (head[-1] in lexicon.ROLES or head[-1] in lexicon.ORGANISATIONS)
