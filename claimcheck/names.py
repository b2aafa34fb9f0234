"""Find the names in a text: people, organisations, places, with the titles in front of them.

A name is a run of capitalised words, joined over ``&``, particles ("van der") and, after a noun for an organisation,
over "of the" ("Federation of Mill Hands"). Capitals that only open a sentence are left out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from claimcheck import lexicon
from claimcheck.lexicon import word_set

_CAPITAL = regex.compile(
    r"(?<![\p{L}\p{N}_@])(?:@\w{2,}|(?:\p{Lu}\.){2,4}|\p{Lu}\.(?=\s?\p{Lu})|\p{Lu}[\p{L}\p{M}\p{N}]{0,40}(?:['’\-–]\p{L}[\p{L}\p{M}]{0,40}){0,4})"
)
_LOWER_WORD = regex.compile(r"(?<![\p{L}\p{N}'’\-])\p{Ll}[\p{L}\p{M}]*")
_SENTENCE_END = regex.compile(
    # a run of white space is entered only at its beginning: a blank megabyte is read once
    r"(?:[.!?…][\"'”’»)\]]{0,3}\s++|(?<!\s)[^\S\n]*+\n\s*+)(?=[\"'“‘«(\[]{0,2}[\p{Lu}\p{N}@])"
)
_OPENING = frozenset(" \"'“‘«([")
_MOST_WORDS = 12  # of a name: a longer run of capitals is a list or a headline
_PARTICLES = word_set(
    "de van von der den da do dos del della di du la le el al bin ibn ben y van|der von|der de|la"
)
_ABBREVIATIONS = word_set(
    "mr mrs ms mx dr prof rev sen rep gov gen col capt lt sgt st fr supt cllr insp maj hon jr sr "
    "messrs no vs inc ltd co corp cr coun"
)
STOP = word_set(
    "the a an and or but nor so yet for in on at by to of from with without about after before under "
    "over between into since until while as if when where what who whom whose which why how that "
    "this these those there here then than he she it they we i you his her its their our my your him "
    "them us me both all some any no not none each every few many most much more less other another "
    "others such one two three four five six seven eight nine ten is are was were be been has have "
    "had do does did will would can could may might must shall should monday tuesday wednesday "
    "thursday friday saturday sunday january february march april may june july august september "
    "october november december jan feb mar apr jun jul aug sept sep oct nov dec yesterday today "
    "tomorrow tonight later earlier now once still even only also just according asked speaking "
    "meanwhile however although though because despite during within against among near last next "
    "yes no well oh god lord's very too again never always often ever neither either instead perhaps "
    "maybe nobody everybody somebody someone everyone nothing everything something old new first "
    "second third half mr's read mr’s said says dear thanks thank please nor nearly almost inside "
    "outside behind across along around through past on-line updated q a.m p.m english"
) - {"may", "june", "april", "august"}
# letters behind a name that are no part of it: "Ina Tolk KC", "Odo Brask MP"
POSTNOMINALS = frozenset(
    {"KC", "QC", "SC", "TD", "MP", "MPs", "MLA", "MEP", "MSP", "JP", "OBE", "MBE", "CBE", "MD"}
)
_DATELINE = regex.compile(r"[^\n.:;]{0,25}?\s(?:—|–|--)\s")
_OFFICE_OF = regex.compile(r"(?P<role>[\p{L}\-]+)\s(?:of|to)\s(?:the\s)?$")
_MAKERS = frozenset(
    {
        "broker",
        "brokers",
        "maker",
        "makers",
        "mum",
        "dad",
        "gran",
        "consultants",
        "publisher",
        "publishers",
        "drugmaker",
        "carmaker",
        "chipmaker",
        "retailer",
        "insurer",
    }
)
_COMPOUND_ENDS = ("-based", "-born", "-owned", "-backed", "-led", "-run", "-trained", "-year-old", "-mile")
_MONTHS = frozenset(["may", "june", "april", "august"])
_KEPT = lexicon.HONORIFICS | lexicon.ROLES | lexicon.ORGANISATIONS | lexicon.PORTFOLIOS
_CAPITALS = regex.compile(r"(?:\p{Lu}[\p{L}\-]*[ \xa0]){0,3}\p{Lu}[\p{L}\-]*")
_PREDICATE = regex.compile(r"['’]s\b|[,:]|\)| (?:said|says|told|is|was|has|had|will|would|\p{Ll}+(?:ed|s)\b)")
_JOIN_AFTER = lexicon.ORGANISATIONS | word_set(
    "port city house friends ministry minister's department bank university republic kingdom knights "
    "sons daughters sisters brothers farmers workers order school college church office"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the text.

    ``start`` and ``end`` hold the name alone, ``outer`` is where its title begins, ``title`` the lower-cased words of
    the title, ``words`` those of the name, ``article`` whether "the" stands before it.
    """

    start: int
    end: int
    outer: int
    title: tuple[str, ...]
    words: tuple[str, ...]
    article: bool
    organization: bool


def sentence_starts(text: str) -> list[int]:
    """Return where each sentence begins; 0 is the first.

    >>> sentence_starts("Mr. Oss spoke. Nobody heard.")
    [0, 15]
    """
    starts = [0]
    for match in _SENTENCE_END.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()]
        word = before.rsplit(None, 1)[-1].strip("(\"'“‘").lower() if before.strip() else ""
        if (
            match.group().startswith(".")
            and "\n" not in match.group()
            and (word in _ABBREVIATIONS or len(word) == 1)
        ):
            continue
        starts.append(match.end())
    return starts


def fold(word: str) -> str:
    """Lower-case a word of a name and take off its possessive and accents of apostrophes.

    >>> fold("Brindle’s"), fold("Workers'")
    ('brindle', 'workers')
    """
    word = word.lower().replace("’", "'").rstrip(".")
    if word.endswith("'s"):
        return word[:-2]
    return word.rstrip("'")


def clean_name(name: str) -> str:
    """Return a name on one line, without an article, quotation marks or a possessive.

    >>> clean_name("the Bank of  Ossery’s")
    'Bank of Ossery'
    """
    name = " ".join(name.split()).strip(" ,.;:\"“”‘'()")
    name = regex.sub(r"(?i)^(?:the|an?|its|his|her|their)\s", "", name)
    return regex.sub(r"['’]s$", "", name) or name


def find_names(text: str) -> list[Name]:
    """Return the names of a text, in order; time is linear in its length.

    >>> text = "Chief Executive Ada Lund spoke for the Bank of Ossery. Lund's deputy did not."
    >>> [(text[n.start:n.end], n.title) for n in find_names(text)]
    [('Ada Lund', ('chief', 'executive')), ('Bank of Ossery', ()), ('Lund', ())]
    """
    starts = sentence_starts(text)
    common = {m.group() for m in _LOWER_WORD.finditer(text)}
    runs = [(part, _opens(text, part[0][0], starts)) for run in _runs(text) for part in _cut(text, run)]
    inside = {fold(text[s:e]) for run, opens in runs for i, (s, e) in enumerate(run) if i or not opens}
    found = []
    for run, opens in runs:
        name = _name(text, run, opens, common, inside)
        if name is not None:
            found.append(name)
    return found


def _opens(text: str, start: int, starts: Sequence[int]) -> bool:
    """Whether a sentence, a quotation or a clause after a colon opens here."""
    begin = lead = starts[bisect_right(starts, start) - 1]
    while lead < start and text[lead] in _OPENING:
        lead += 1
    if lead == start:
        return True
    before = text[max(0, start - 3) : start].rstrip()
    return before[-1:] in tuple('“‘"«:—([') or (
        before[-1:] in ("'", ".") and start - begin > 3 and before[-1:] == "'"
    )


def _runs(text: str) -> Iterator[list[tuple[int, int]]]:
    run: list[tuple[int, int]] = []
    for match in _CAPITAL.finditer(text):
        start, end = match.span()
        word = match.group()
        while word[-2:] in ("'s", "’s"):
            end -= 2
            word = word[:-2]
        low = word.lower()
        if run and word in POSTNOMINALS and _joined(text, run, start):
            yield run
            run = []
            continue
        if low in STOP or low.endswith(_COMPOUND_ENDS) or (low in _MONTHS and _is_date(text, start, end)):
            if run:
                yield run
            run = []
            continue
        if run and (len(run) == _MOST_WORDS or not _joined(text, run, start)):
            yield run
            run = []
        run.append((start, end))
    if run:
        yield run


def _cut(text: str, run: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Cut "National Bank Zarina Tolk" before the person: after a body's noun, or before a first name."""
    if len(run) < 3:
        return [run]
    low = [fold(text[s:e]) for s, e in run]
    if low[-1] in lexicon.ORG_SUFFIXES or low[0] in lexicon.HONORIFICS or "&" in text[run[0][0] : run[-1][1]]:
        return [run]
    if k := _country_in_office(text, run, low):
        return [run[:k], run[k:]]
    office = _OFFICE_OF.search(text[max(0, run[0][0] - 40) : run[0][0]]) is not None
    for k in range(len(run) - 2, 0, -1):
        body = (
            low[k - 1] in lexicon.ORGANISATIONS
            and low[k - 1] not in lexicon.ROLES
            and low[k] not in lexicon.ROLES
        )
        gap = text[run[k - 1][1] : run[k][0]].strip()
        first = lexicon.gender_of_first_name(low[k]) and not lexicon.gender_of_first_name(low[k - 1])
        title = low[k - 1] in lexicon.HONORIFICS or low[k - 1] in lexicon.ROLES or len(low[k - 1]) == 1
        if not gap and (body or (first and not title and (k > 1 or office) and len(run) - k == 2)):
            return [run[:k], run[k:]]
    return [run]


def _country_in_office(text: str, run: list[tuple[int, int]], low: list[str]) -> int:
    """Return how many words name the country in "the President of Ostria Ina Tolk", or 0 where none do."""
    office = _OFFICE_OF.search(text[max(0, run[0][0] - 40) : run[0][0]])
    if not office or office.group("role").lower() not in lexicon.ROLES or low[-1] in lexicon.ORGANISATIONS:
        return 0
    lengths = (k for k in (3, 2, 1) if k <= len(run) - 2)
    return next((k for k in lengths if lexicon.country_of(text[run[0][0] : run[k - 1][1]])), 0)


def _is_date(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 4) : start].lower()
    return (
        text[end : end + 2].strip()[:1].isdigit()
        or before.endswith(("in ", "of ", "by "))
        or before.strip()[-1:].isdigit()
    )


def _joined(text: str, run: list[tuple[int, int]], start: int) -> bool:
    last = text[run[-1][0] : run[-1][1]]
    gap = text[run[-1][1] : start]
    if len(gap) > 14 or "\n" in gap:
        return False
    if gap in (" ", "\xa0"):
        return not (last.endswith(("'s", "’s")))
    word = gap.strip()
    low = last.lower()
    if word == "&":
        return True
    if word == ".":
        return low in _ABBREVIATIONS or len(last) == 1
    if word in ("'", "’"):
        return (
            low.endswith("s") and gap[:1] in "'’" and gap[1:2] in (" ", "\xa0") and _owned_body(text, start)
        )
    if word in ("'s", "’s"):
        return low.endswith(("men", "children", "people")) and _owned_body(text, start)
    if word.replace(" ", "|") in _PARTICLES or word in _PARTICLES:
        return low not in lexicon.ORGANISATIONS and low not in lexicon.ROLES
    if word in ("of", "of the", "for", "for the"):
        return low in _JOIN_AFTER and not low.endswith("man")
    if word == "and":
        head = text[run[0][0] : run[-1][1]].lower()
        following = _CAPITAL.match(text, start)
        after = text[following.end() : following.end() + 1] if following else ""
        return (" of " in head or " for " in head) and head.split()[0] in _JOIN_AFTER and after != "'"
    return False


def _owned_body(text: str, start: int) -> bool:
    """Whether the words after "Farmers'" end in a noun for an organisation."""
    words = _CAPITALS.match(text[start : start + 60])
    return words is not None and any(
        w.lower() in lexicon.ORG_SUFFIXES or w.lower() in lexicon.ORGANISATIONS for w in words.group().split()
    )


def _name(
    text: str, run: list[tuple[int, int]], opens: bool, common: set[str], inside: set[str]
) -> Name | None:
    words = [text[s:e] for s, e in run]
    low = [fold(w) for w in words]
    first = 0
    if opens and len(run) > 1 and low[0] in common and low[0] not in inside:
        keep = low[0] in _KEPT
        if not keep and lexicon.gender_of_first_name(low[0]) is None and low[-1] not in lexicon.ORG_SUFFIXES:
            first = 1
    if opens and len(run) - first > 1 and (low[first] in _MAKERS or low[first].startswith(("mum-", "dad-"))):
        first += 1
    suffix = low[-1] in lexicon.ORG_SUFFIXES or "&" in text[run[0][0] : run[-1][1]]
    joined = any(
        text[run[i][1] : run[i + 1][0]].strip() in ("of", "of the", "for", "for the")
        for i in range(len(run) - 1)
    )
    organization = (suffix and len(run) - first > 1) or joined
    title_end = first
    if not organization or low[first] in ("mr", "mrs", "ms", "miss", "dr", "sir"):
        for i in range(first, len(run) - 1):
            if low[i] in lexicon.HONORIFICS or low[i] in lexicon.ROLES:
                title_end = i + 1
    core = low[title_end:]
    titled = title_end > first
    if len(core) == 1 and not titled:
        word, surface = core[0], words[-1]
        if (
            word in lexicon.ORGANISATIONS
            or word in lexicon.UNNAMED
            or word in lexicon.ROLES
            or word in lexicon.HONORIFICS
            or len(word) < 2
        ):
            return None
        known = word in inside or lexicon.gender_of_first_name(word) is not None or surface.startswith("@")
        if opens and not known and (word in common or not _like_subject(text, run[-1][1])):
            return None
    if all(w in lexicon.ROLES or w in lexicon.HONORIFICS or w == "prime" for w in core):
        return None
    office = core[-1] in lexicon.ROLES and text[max(0, run[first][0] - 4) : run[first][0]].lower() == "the "
    if office and not titled and lexicon.gender_of_first_name(core[0]) is None:
        return None
    start, end = run[title_end][0], run[-1][1]
    if (
        text[start:end].isupper()
        and text[max(0, start - 1) : start] in ("", "\n")
        and _DATELINE.match(text, end)
    ):
        return None
    outer = run[first][0]
    article = text[max(0, outer - 4) : outer].lower() == "the "
    return Name(
        start, end, outer, tuple(low[first:title_end]), tuple(core), article, organization and not titled
    )


def _like_subject(text: str, end: int) -> bool:
    """Whether a lone capitalised word that opens a sentence is followed as a name would be."""
    tail = text[end : end + 14]
    return _PREDICATE.match(tail) is not None
