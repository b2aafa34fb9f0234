"""Resolve sources to speakers: who the span "the company", "she" or "Mr. Lusk" names.

Rules and word lists, in one pass in text order over the names of the document (`claimcheck.entities`). A source that
names nobody known stays unresolved: a missing speaker costs a reader less than a wrong one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

import regex

from claimcheck import lexicon
from claimcheck.lexicon import word_set
from claimcheck.entities import Entities, Entity, Role
from claimcheck.names import STOP, Name, fold
from claimcheck.records import Attribution, Document, Quotation, Span, Speaker

_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}\-]*(?:['’]\p{L}+)*['’]?")
_HEAD_END = regex.compile(
    r",\s|;|\s[—–]\s|\s--\s|\s\(|\s(?:who|which|whose|that|where|when|whom|as|in|on|after|before|under|over|against|about|dated|issued|seen|circulated|published|signed|released|filed|obtained|posted|headed|reached|polled|interviewed|quoted|entitled|titled|called|hired|waiting|working|speaking|holding|standing|living|close|familiar|briefed)\s"
)
_OWNED_BY = regex.compile(
    r"\s(?:of|for|from|by|at|with|to|in)\s(?:the\s|both\s|its\s|his\s|her\s|their\s)?", regex.IGNORECASE
)
_MALE, _FEMALE = frozenset({"he", "him", "himself", "his"}), frozenset({"she", "her", "herself", "hers"})
_NEUTER, _PLURAL = frozenset({"it", "itself"}), frozenset({"they", "them", "themselves"})
_FIRST = frozenset({"i", "we", "me", "us"})
_INDEFINITE = word_set(
    "a an one two three four five six seven eight nine ten some several many few most another other "
    "others both no someone somebody everyone nobody dozens hundreds thousands unnamed unidentified"
)
_POSSESSIVES = frozenset({"its", "his", "her", "their", "our", "my"})
_ARTICLES = frozenset({"the", "this", "that", "these", "those", "both"})
_STAFF = word_set(
    "technicians bosses lawyers researchers officials engineers scientists inspectors investigators "
    "prosecutors executives managers directors analysts economists authors doctors statisticians "
    "leaders chiefs owners organisers organizers makers attorneys auditors accountants people staff "
    "management officers lawyers experts members"
)
_BYLINE = regex.compile(
    r"(?m)^\s*(?:By|BY|by|From|—|–|-)\s*:?\s*(?P<name>\p{Lu}[^\n,.;:]{3,40})(?:,[^\n]{0,60})?\s*$"
)
_LINKS = lexicon.word_set("of for from by at with to in on and the a an")
_FIRMS = lexicon.word_set(
    "company firm maker manufacturer carmaker drugmaker insurer airline carrier operator retailer lender"
)
_MADE = lexicon.word_set(
    "deck sheet repeat replication experiment trial team seismograph sensor inquest investigation"
)
_READERS = regex.compile(r"\b(?:by|in|to|with|on)\s(?:the\s)?$")
_NARRATED = regex.compile(r"\b(?:[Hh]e|[Ss]he|[Hh]is|[Hh]er)\b")
_OFFICES = lexicon.word_set(
    "auditor governor secretary minister mayor coroner ombudsman commissioner ambassador chancellor master "
    "prosecutor president premier sheriff regulator comptroller judge treasurer"
)
_WINDOW = 4000


def resolve_speakers(
    document: Document, attributions: Sequence[Attribution], quotations: Sequence[Quotation]
) -> tuple[Speaker, ...]:
    """Resolve the sources of attributions to speakers.

    Parameters
    ----------
    document
        The article.
    attributions
        Its attributions, in any order. Spans may be a little too long or too short.
    quotations
        Its quotations: names inside them are worse antecedents, and a pronoun inside one is not the outer speaker.

    Returns
    -------
    tuple of Speaker
        In the order in which they are first a source, with ids ``s1``, ``s2``, ... An attribution that belongs to
        no speaker is in none of them: its source is missing, unnamed ("a driver") or unknown. Empty if no
        attribution is resolved.

    Examples
    --------
    >>> text = 'Orrin Steel made a loss. "We will recover," said Ada Lund, its chief executive. She blamed the weather.'
    >>> said = Attribution("a1", (Span(49, 78),), (Span(44, 48),), (Span(26, 41),), "direct")
    >>> blamed = Attribution("a2", (Span(80, 83),), (Span(84, 90),), (Span(91, 102),), "indirect")
    >>> [(s.name, s.kind, s.attributions) for s in resolve_speakers(Document("d", text), [said, blamed], [])]
    [('Ada Lund', 'person', ('a1', 'a2'))]
    """
    resolver = Resolver(document, attributions, quotations)
    found = resolver.run()
    of: dict[int, list[str]] = {}
    entities: dict[int, Entity] = {}
    for attribution in attributions:
        entity = found.get(attribution.id)
        if entity is not None:
            of.setdefault(id(entity), []).append(attribution.id)
            entities[id(entity)] = entity
    speakers = []
    for number, (key, ids) in enumerate(of.items(), 1):
        entity = entities[key]
        mentions = tuple(
            Span(s, e) for s, e in sorted(set(entity.mentions)) if 0 <= s < e <= len(document.text)
        )
        speakers.append(Speaker(f"s{number}", clean_name(entity.name), entity.kind, mentions, tuple(ids)))
    return tuple(speakers)


def clean_name(name: str) -> str:
    """Return a name on one line, without an article, quotation marks or a possessive.

    >>> clean_name("the Bank of  Orrin’s")
    'Bank of Orrin'
    """
    name = " ".join(name.split()).strip(" ,.;:\"“”‘'()")
    name = regex.sub(r"(?i)^(?:the|an?|its|his|her|their)\s", "", name)
    return regex.sub(r"['’]s$", "", name) or name


@dataclass(slots=True)
class _Phrase:
    """A noun phrase without the commas: determiner, words, names."""

    start: int
    end: int
    text: str
    names: list[Name]
    words: list[str] = field(default_factory=list)

    @property
    def first(self) -> str:
        return self.words[0] if self.words else ""

    @property
    def indefinite(self) -> bool:
        return self.first in _INDEFINITE or (self.first[:1].isdigit() and len(self.words) > 1)


class Resolver:
    """The state of one pass over a document."""

    def __init__(
        self, document: Document, attributions: Sequence[Attribution], quotations: Sequence[Quotation]
    ) -> None:
        self.text = document.text
        self.attributions = sorted(attributions, key=lambda a: (a.source or a.content)[0].start)
        self.by_id = {a.id: a for a in attributions}
        quoted = [(q.span.start, q.span.end) for q in quotations]
        quoted += [(c.start, c.end) for a in attributions if a.kind == "direct" for c in a.content]
        self.table = Entities(self.text, [(s, e) for s, e in quoted if s < e <= len(self.text)])
        self.found: dict[str, Entity] = {}
        self.sourced: set[tuple[int, int]] = set()
        self.source_times: list[tuple[int, Entity]] = []
        self.title_end = self._title_end(document)

    def _title_end(self, document: Document) -> int:
        """Return where the headline at the head of the text ends, 0 if there is none."""
        if document.title and document.title.strip():
            at = self.text[: len(document.title) + 2000].find(document.title.strip())
            if at >= 0:
                return at + len(document.title.strip())
        first = regex.match(r"\s*([^\n]{1,250})\n\s*\n", self.text)
        if first and not first.group(1).rstrip("\"'”’ ").endswith("."):
            return first.end(1)
        return 0

    def run(self) -> dict[str, Entity]:
        """Resolve the body in text order, then the headline, which the body explains."""
        body = [a for a in self.attributions if not self._in_title(a)]
        sources = {s.start for a in body for s in a.source}
        pronouns = _NARRATED.finditer(self.text, self.title_end) if body else iter(())
        pronoun = next(pronouns, None)
        for attribution in body:
            at = (attribution.source or attribution.content)[0].start
            while pronoun is not None and pronoun.start() < at:
                if pronoun.start() not in sources and not self.table.quoted(pronoun.start()):
                    entity = self._pronoun(pronoun.group().lower(), pronoun.start(), None)
                    if entity is not None:
                        self.table.follow(pronoun.start(), pronoun.end(), entity)
                pronoun = next(pronouns, None)
            self._one(attribution)
        for attribution in self.attributions:
            if self._in_title(attribution):
                self._one(attribution)
                if attribution.id not in self.found:
                    self._headline(attribution)
        return self.found

    def _in_title(self, attribution: Attribution) -> bool:
        return bool(self.title_end) and attribution.content[0].start < self.title_end

    def _one(self, attribution: Attribution) -> None:
        entity: Entity | None = None
        for span in attribution.source:
            if span.end > len(self.text):
                continue
            entity = self.resolve(span.start, span.end, attribution)
            if entity is not None:
                break
        if entity is None:
            return
        self.found[attribution.id] = entity
        for span in attribution.source:
            if span.end <= len(self.text):
                self.table.record(span.start, span.end, entity)
                self.sourced.add((span.start, span.end))
                self.source_times.append((span.start, entity))

    # -- noun phrases ---------------------------------------------------------------------------------------------

    def _phrase(self, start: int, end: int) -> _Phrase:
        text = self.text[start:end]
        names = [n for n in self.table.names_in(start, end) if n.end <= end + 2]
        return _Phrase(start, end, text, names, [w.group().lower() for w in _WORD.finditer(text)])

    def resolve(self, start: int, end: int, attribution: Attribution | None = None) -> Entity | None:
        """Return the entity that the noun phrase in a span names, or None."""
        while start < end and self.text[start] in " \t\n,.:;\"'“”‘’(—–-\xa0":
            start += 1
        while end > start and self.text[end - 1] in ' \t\n,.:;"“”(—–-\xa0':
            end -= 1
        if start >= end:
            return None
        whole = self.text[start:end].lower()
        if whole in _MALE | _FEMALE | _NEUTER | _PLURAL | _FIRST:
            return self._pronoun(whole, start, attribution)
        pieces = self._split(start, end)
        head = self._phrase(*pieces[0])
        if whole == "who" or whole == "which":
            return self._relative(start)
        if attribution is not None and self._possessive_name(head, attribution):
            return self._forced(head.start, head.end)
        if self._starts_with_name(head):
            return self._named(head, head.names[0])
        for piece in pieces[1:2]:
            after = self._phrase(*piece)
            apposed = set(self.text[pieces[0][1] : piece[0]]) & set(",—–(-:")
            if apposed and self._starts_with_name(after):
                return self._named(after, after.names[0], relative_of=head)
        found = self._described(head, start, end)
        if found is None and not head.names and self._all_capitals(head):
            return self._forced(head.start, head.end)
        return found

    def _relative(self, position: int) -> Entity | None:
        """Return what "who" refers to: the name that ends in front of it."""
        for _, end, entity in self.table.before(position, 3):
            if len(self.text[end:position].strip(" ,")) == 0:
                return entity
        return None

    def _possessive_name(self, phrase: _Phrase, attribution: Attribution) -> bool:
        """Whether the phrase is a shop's name ("Tinsley's said") and not an owner ("Tinsley's claim")."""
        if not regex.search(r"\p{Lu}\p{L}+['’]s$", phrase.text) or not attribution.cue:
            return False
        cue = attribution.cue[0]
        if cue.end > len(self.text):
            return False
        return self._head(cue.start, cue.end) not in lexicon.DOCUMENTS or cue.start > phrase.end + 1

    def _all_capitals(self, phrase: _Phrase) -> bool:
        """Whether a phrase that is no known name is still written as one."""
        words = [w.group() for w in _WORD.finditer(phrase.text)]
        if not words or words[0].lower() in _INDEFINITE | STOP:
            return False
        if len(words) == 1 and (
            fold(words[0]) in lexicon.UNNAMED
            or fold(words[0]) in lexicon.ROLES
            or fold(words[0]) in lexicon.DOCUMENTS
            or fold(words[0])[:-1] in lexicon.ROLES
        ):
            return False
        return all(w[:1].isupper() or w.startswith("@") for w in words)

    def _forced(self, start: int, end: int) -> Entity:
        """Make an entity of a span that the search for names passed over."""
        surface = self.text[start:end]
        words = tuple(fold(w.group()) for w in _WORD.finditer(surface))
        entity = self.table.find(words, position=start)
        if entity is not None and entity.kind == "person" and surface.endswith(("'s", "’s")):
            entity = None
        for other in self.table.by_word.get(words[-1], [])[:20] if entity is None else []:
            if other.described and other.words == words:
                return other
        if entity is None:
            kind = "organization" if surface.endswith(("'s", "’s")) or "&" in surface else "unknown"
            entity = self.table.add(Entity(surface, words, kind, described=True, position=start))
        return entity

    def _split(self, start: int, end: int) -> list[tuple[int, int]]:
        """Cut a noun phrase at the commas and clauses outside its names."""
        names = self.table.names_in(start, end)
        pieces, at = [], start
        for match in _HEAD_END.finditer(self.text, start, end):
            if any(n.start < match.start() + 1 and match.end() - 1 < n.end for n in names):
                continue
            if match.start() > at:
                pieces.append((at, match.start()))
            at = match.end()
        if at < end:
            pieces.append((at, end))
        return pieces or [(start, end)]

    def _starts_with_name(self, phrase: _Phrase) -> bool:
        """Whether the phrase is a name, perhaps behind a title or an office, and not "a spokesman for X"."""
        if not phrase.names:
            return False
        name = phrase.names[0]
        if len(phrase.names) > 1 and phrase.end - phrase.names[-1].end <= 1:
            last = phrase.names[-1]
            between = [w.group() for w in _WORD.finditer(self.text[name.end : last.outer])]
            if (
                between
                and all(w.islower() for w in between)
                and (between[-1] in lexicon.ROLES or between[-1] in lexicon.ORGANISATIONS)
            ):
                phrase.names = [last]
                return True
        if self._ends_with_person(phrase):
            phrase.names = phrase.names[-1:]
            return True
        before = self.text[phrase.start : max(name.outer, phrase.start)].lower()
        owner = self._owner_break(phrase)
        if owner is not None and name.start < owner:
            later = [n for n in phrase.names if n.start >= owner]
            if later and phrase.end - later[0].end <= 1:
                phrase.names = later
                return True
            return False
        words = [w.group() for w in _WORD.finditer(before)]
        if any(w in ("for", "of", "from", "by", "at", "with", "to", "in", "on", "and") for w in words):
            return False
        after = self.text[name.end : phrase.end]
        if self.text[name.end : name.end + 2] in ("'s", "’s"):
            return phrase.end <= name.end + 2
        tail = regex.match(r"\s\p{Ll}[\p{L}\-]*", after)
        if tail and not regex.match(
            r"\s(?:of|for|from|at|and|with|in|on|to|himself|herself|itself|alone|too|also|aged|de|van)\b",
            after,
        ):
            return False
        return not (phrase.indefinite and len(words) > 1 and name.organization)

    def _ends_with_person(self, phrase: _Phrase) -> bool:
        """Whether an office with a complement ends in its holder: "the head of the bank Zarina Mullo"."""
        last = phrase.names[-1]
        if phrase.end - last.end > 1 or last.organization or phrase.indefinite:
            return False
        if len(last.words) < 2 and not last.title:
            return False
        before = [w.lower() for w in _WORD.findall(self.text[phrase.start : last.outer])]
        linked = _OWNED_BY.search(self.text[phrase.start : last.outer])
        if not linked or not before or before[-1] in _LINKS:
            return False
        return bool(set(before) & lexicon.ROLES)

    def _owner_break(self, phrase: _Phrase) -> int | None:
        match = regex.search(r"(?:['’]s|s['’])\s", phrase.text)
        if not match:
            return None
        at = phrase.start + match.start()
        for name in phrase.names:
            if name.start <= at < name.end - 2:
                return None
        if _OWNED_BY.search(phrase.text[: match.start()]):
            return None
        return phrase.start + match.end()

    def _named(self, phrase: _Phrase, name: Name, relative_of: _Phrase | None = None) -> Entity:
        entity = self.table.of_name[name.start]
        if relative_of is not None and entity.gender is None:
            head = relative_of.words[-1] if relative_of.words else ""
            entity.gender = lexicon.GENDERED.get(head)
        if (
            self.title_end
            and name.start < self.title_end
            and entity.kind == "unknown"
            and len(entity.names) == 1
        ):
            other = self.table.find(name.words, position=name.start)
            return other or entity
        if len(entity.words) == 1 and entity.kind != "person":
            longer = self._body_with_prefix(entity.words[0])
            if longer is not None:
                return longer
        return entity

    def _body_with_prefix(self, word: str) -> Entity | None:
        """Return the one organisation whose name begins with a word ("Lisdarra" → "Lisdarra Council")."""
        options = {
            id(e): e
            for e in self.table.by_word.get(word, [])[:50]
            if e.kind == "organization" and len(e.words) > 1 and e.words[0] == word
        }
        return next(iter(options.values())) if len(options) == 1 else None

    # -- descriptions ---------------------------------------------------------------------------------------------

    def _described(self, phrase: _Phrase, start: int, end: int) -> Entity | None:
        """Resolve a phrase that is not headed by a name."""
        words = phrase.words
        if not words:
            return None
        if len(words) == 1 and phrase.text[:1].isupper():
            known = self.table.find((fold(words[0]),), position=start)
            if known is not None:
                return known
        owner = self._owner_break(phrase)
        if owner is not None and self.text[owner - 2] in "'’" and self.text[owner - 3] == "s":
            named = any(n.start < owner for n in phrase.names)
            if not named and self._head(owner, phrase.end) in lexicon.ORGANISATIONS and not phrase.indefinite:
                return self._body(phrase, start)
        if owner is not None:
            return self._owned(phrase, owner, start)
        if words[0] in _POSSESSIVES and len(words) > 1:
            return self._possessive(phrase, start)
        link = self._link_break(phrase)
        maker = self._maker(phrase, start, end)
        if maker is not None:
            return maker
        if link is not None:
            return self._linked(phrase, link, start, end)
        if phrase.names:
            return self._modified(phrase, phrase.names[0], start)
        return self._plain(phrase, start, end)

    def _link_break(self, phrase: _Phrase) -> tuple[int, int] | None:
        for match in _OWNED_BY.finditer(phrase.text):
            at = phrase.start + match.start()
            if not any(n.start <= at < n.end for n in phrase.names):
                return at, phrase.start + match.end()
        return None

    def _maker(self, phrase: _Phrase, start: int, end: int) -> Entity | None:
        """Return who made a document, where the phrase says so: "an audit carried out in May by X"."""
        head = next((w for w in phrase.words[:6] if w in lexicon.DOCUMENTS or w in _MADE), None)
        if head is None:
            return None
        by = regex.search(r"(?<!seen|obtained|reviewed|read)\sby\s", self.text[start:end])
        if by is None:
            if not phrase.indefinite and phrase.first in _ARTICLES:
                return None
            for name in self.table.names_in(start, end):
                entity = self.table.of_name[name.start]
                before = self.text[max(0, name.outer - 16) : name.outer]
                if entity.kind == "organization" and not _READERS.search(before):
                    return entity
            return None
        rest = self._phrase(start + by.end(), end)
        if self._starts_with_name(rest):
            return self._named(rest, rest.names[0])
        near = [n for n in rest.names if n.outer - rest.start < 30]
        return self.table.of_name[near[0].start] if near else self._described(rest, rest.start, end)

    def _document(self, head: str, position: int) -> Entity | None:
        """Return whose "the report" is: the owner of the last report named before."""
        text = self.text[max(0, position - _WINDOW) : position]
        base = max(0, position - _WINDOW)
        for match in list(regex.finditer(rf"(?<!\p{{L}}){regex.escape(head)}(?!\p{{L}})", text))[-6:][::-1]:
            at = base + match.start()
            after = regex.match(
                r"\s(?:by|from|of)\s(?:the\s)?", self.text[at + len(head) : at + len(head) + 20]
            )
            if after:
                names = self.table.names_in(
                    at + len(head) + after.end() - 4, at + len(head) + after.end() + 1
                )
                if names:
                    return self.table.of_name[names[0].start]
            for name in reversed(self.table.names_in(max(0, at - 60), at)):
                gap = self.text[name.end : at]
                if gap[:2] in ("'s", "’s") and len(gap) < 45 and not set(gap) & set(',.;:“”"\n'):
                    return self.table.of_name[name.start]
        return None

    def _head(self, start: int, end: int) -> str:
        words = [fold(w.group()) for w in _WORD.finditer(self.text[start:end])]
        return words[-1] if words else ""

    def _owned(self, phrase: _Phrase, owner_end: int, position: int) -> Entity | None:
        """Resolve "X's report", "the board's president"."""
        name = next((n for n in phrase.names if n.start < owner_end), None)
        owner: Entity | None
        if name is not None and name.end >= owner_end - 4:
            owner = (
                self._named(phrase, name)
                if name.outer - phrase.start <= 4
                else self.table.of_name[name.start]
            )
        else:
            stop = owner_end - 1
            while stop > phrase.start and self.text[stop - 1] in "'’ s":
                stop -= 1
                if self.text[stop] in "'’":
                    break
            owner = self._described(self._phrase(phrase.start, stop), position, stop)
        return self._belonging(owner, owner_end, phrase.end, position)

    def _belonging(self, owner: Entity | None, start: int, end: int, position: int) -> Entity | None:
        """Resolve what belongs to somebody: its documents and staff speak for it, its officers for themselves."""
        if owner is None:
            return None
        cut = _OWNED_BY.search(self.text[start:end])
        head = self._head(start, start + cut.start() if cut else end)
        role = self._by_role(
            head, frozenset(fold(w.group()) for w in _WORD.finditer(self.text[start:end])), position, owner
        )
        if role is not None:
            return role
        if head in lexicon.DOCUMENTS or head in lexicon.SPOKES:
            return owner
        if owner.kind == "organization" or owner.kind == "unknown":
            if head in _STAFF or (head in lexicon.OFFICIALS and head not in lexicon.ROLES):
                return owner
            if head in ("office", "department", "headquarters", "team", "bureau", "board"):
                return self._body(self._phrase(start, end), position, owner, create=False) or owner
            if head in lexicon.ORGANISATIONS:
                return self._body(self._phrase(start, end), position) or owner
            if head not in lexicon.ROLES and head not in lexicon.UNNAMED and owner.kind == "organization":
                return owner
            return None
        if head in lexicon.ORGANISATIONS:
            return self._body(self._phrase(start, end), position)
        return owner if head in _STAFF and head.startswith("law") else None

    def _possessive(self, phrase: _Phrase, position: int) -> Entity | None:
        word = phrase.words[0]
        owner: Entity | None
        if word in ("its", "their"):
            owner = self.organization_before(position)
        else:
            owner = self._pronoun({"his": "he", "her": "she"}.get(word, "we"), position, None)
        offset = phrase.start + len(word) + 1
        return self._belonging(owner, min(offset, phrase.end), phrase.end, position)

    def _linked(self, phrase: _Phrase, link: tuple[int, int], start: int, end: int) -> Entity | None:
        """Resolve "a spokesman for X", "the head of X", "a report by X"."""
        head = self._head(phrase.start, link[0])
        names = [n for n in phrase.names if n.outer >= link[0] - 1]
        definite = phrase.first in _ARTICLES
        owner: Entity | None = None
        if names and names[0].outer - link[1] <= 5:
            owner = self.table.of_name[names[0].start]
        elif link[1] < phrase.end:
            rest = self._phrase(link[1], phrase.end)
            if self._head(
                link[1], phrase.end
            ) in lexicon.ORGANISATIONS | lexicon.PORTFOLIOS or self._owner_break(rest):
                owner = self._described(rest, start, phrase.end)
        words = frozenset(fold(w) for w in phrase.words)
        if head in lexicon.ROLES and not phrase.indefinite:
            known = self._by_role(head, words, start, owner)
            if known is not None:
                return known
        preposition = self.text[link[0] : link[1]].split()[0].lower()
        if head in lexicon.SPOKES or head in lexicon.DOCUMENTS or words & {"press", "duty", "media"}:
            return owner
        if head in lexicon.ORGANISATIONS:
            if phrase.indefinite and owner is not None and preposition in ("of", "from", "at"):
                return owner
            return (
                self._body(self._phrase(phrase.start, link[0]), start, owner)
                if not phrase.indefinite or names
                else None
            )
        plural = head in _STAFF or (head[-1:] == "s" and head[:-1] in lexicon.ROLES and not phrase.indefinite)
        if (
            plural
            and head not in ("people", "members", "experts")
            and preposition
            in (
                "of",
                "for",
                "at",
                "from",
                "with",
            )
        ):
            return owner
        if phrase.indefinite and head in lexicon.OFFICIALS and preposition in ("for", "at", "of", "from"):
            return owner
        if head in lexicon.ROLES and definite:
            return None
        return None

    def _modified(self, phrase: _Phrase, name: Name, position: int) -> Entity | None:
        """Resolve "a Corvane spokesman", "the Tarn researchers": a name in front of a noun."""
        head = self._head(name.end, phrase.end)
        owner = self.table.of_name[name.start]
        if not head:
            return owner if not phrase.indefinite else None
        if head in lexicon.ROLES and not phrase.indefinite:
            words = frozenset(fold(w) for w in phrase.words)
            known = self._by_role(head, words, position, owner)
            if known is not None:
                return known
        if head in lexicon.SPOKES or head in lexicon.DOCUMENTS or head in _STAFF or head == "side":
            return owner
        if phrase.indefinite and head in lexicon.OFFICIALS:
            return owner
        if head in lexicon.ORGANISATIONS:
            return self._body(phrase, position)
        if (
            head.endswith("s")
            and not head.endswith("ss")
            and phrase.first not in _INDEFINITE
            and owner.kind == "organization"
        ):
            return owner
        return None

    def _plain(self, phrase: _Phrase, start: int, end: int) -> Entity | None:
        """Resolve a phrase of common nouns: "the minister", "the company", "police"."""
        words = [fold(w) for w in phrase.words]
        head = words[-1]
        content = frozenset(words)
        in_title = bool(self.title_end) and start < self.title_end
        if phrase.indefinite:
            if head in lexicon.SPOKES and len(words) > 2 and words[-2] in lexicon.ORGANISATIONS:
                return self._body(self._phrase(phrase.start, phrase.end - len(words[-1])), start)
            if (
                head in lexicon.DOCUMENTS | {"sheet"}
                and len(words) > 2
                and set(words[1:-1]) & lexicon.ORGANISATIONS
            ):
                body = next(w for w in words[1:-1] if w in lexicon.ORGANISATIONS)
                at = phrase.start + phrase.text.lower().find(body)
                return self._body(self._phrase(at, at + len(body)), start, create=False)
            if head in lexicon.SPOKES and len(words) > 2 and words[-2] == "government":
                return self._body(self._phrase(phrase.start, phrase.end - len(words[-1])), start)
            return None
        definite = phrase.first in _ARTICLES
        if (
            not definite
            and not in_title
            and head not in lexicon.ORGANISATIONS
            and head not in lexicon.DOCUMENTS
        ):
            return None
        if head in lexicon.SPOKES and len(words) > 1 and words[-2] in lexicon.ORGANISATIONS:
            return self._by_role(head, content, start, None) or self._body(
                self._phrase(phrase.start, phrase.end - len(words[-1])), start
            )
        age = regex.search(r"(\d{1,3})-year-old", phrase.text)
        if age:
            return self._aged(age.group(1), start)
        known = self._by_role(head, content, start, None)
        if known is not None:
            return known
        if (
            head in lexicon.DOCUMENTS
            and len(words) > 1
            and (words[-2] in lexicon.ORGANISATIONS or words[-2] == "police")
        ):
            return self._body(self._phrase(phrase.start, phrase.end - len(words[-1]) - 1), start)
        if head in lexicon.DOCUMENTS and head not in ("newspaper",) and definite:
            return self._document(head, start) or self.organization_before(start, sourced=True)
        if head in lexicon.ORGANISATIONS or head == "police":
            return self._body(phrase, start)
        if definite and not in_title:
            described = [e for e, r in self.table.by_description.get(head, []) if r.start <= start]
            if described:
                return described[-1]
        if definite and head in _OFFICES and len(words) > (2 if head in ("secretary", "master") else 1):
            return self._office(phrase, words)
        return None

    def _office(self, phrase: _Phrase, words: list[str]) -> Entity:
        """Return the holder of an office whom the text never names ("the county auditor")."""
        surface = clean_name(self.text[phrase.start : phrase.end])
        key = tuple(w for w in words if w not in _ARTICLES and w not in _POSSESSIVES)
        for entity in self.table.by_word.get(key[-1], [])[:20]:
            if entity.described and entity.words == key:
                return entity
        return self.table.add(Entity(surface, key, "person", described=True, position=phrase.start))

    def _aged(self, age: str, position: int) -> Entity | None:
        for entity in self.table.all:
            for _, stop in entity.names[:3]:
                if regex.match(rf",? \(?{age}\b", self.text[stop : stop + 8]):
                    return entity
        near = [e for _, _, e in self.table.before(position) if e.kind == "person"]
        return near[0] if near else None

    def _by_role(
        self, head: str, words: frozenset[str], position: int, owner: Entity | None
    ) -> Entity | None:
        """Return the person introduced with a role: same noun or a synonym, most words in common, then the last."""
        key = lexicon.SYNONYMS.get(head, head)
        gender = lexicon.GENDERED.get(head) if head not in lexicon.WEAK_GENDER else None
        best: tuple[float, int, Entity] | None = None
        modifiers = words - {head, "the", "a", "of", "for"}
        for entity, role in self.table.by_role.get(key, [])[-200:]:
            if gender and entity.gender and gender != entity.gender:
                continue
            value = len(modifiers & role.words) + 0.5 * (role.head == head)
            if owner is not None:
                mine = self.owner_of(role)
                if mine is not None and mine is not owner and not (set(mine.words) & set(owner.words)):
                    if owner.kind != "person" or mine.kind == "person":
                        continue
                value += 2 if mine is owner else 0
            elif modifiers and role.words and not modifiers & role.words:
                value -= 0.6
                if modifiers & lexicon.PORTFOLIOS and role.words & lexicon.PORTFOLIOS:
                    continue
            if role.start > position and not self._before_title(position):
                value -= 2
            if head in ("member",):
                continue
            rank = (value, role.start if role.start <= position else -role.start, entity)
            if best is None or rank[:2] > best[:2]:
                best = rank
        if best is not None and best[0] >= -1:
            return best[2]
        if owner is None and key in ("@head", "secretary", "@spokes") and modifiers & lexicon.ORGANISATIONS:
            return self._officer_of(modifiers & lexicon.ORGANISATIONS, position)
        return None

    def _before_title(self, position: int) -> bool:
        return bool(self.title_end) and position < self.title_end

    def _officer_of(self, heads: frozenset[str], position: int) -> Entity | None:
        """Return the last person whose role has an organisation with one of these nouns ("the union leader")."""
        for _, _, entity in self.table.before(position):
            for role in entity.roles:
                mine = self.owner_of(role)
                if mine is not None and entity.kind == "person" and set(mine.words) & heads:
                    return entity
        return None

    def owner_of(self, role: Role) -> Entity | None:
        if role.owner is None:
            return None
        names = self.table.names_in(*role.owner)
        if names:
            return self.table.of_name[names[0].start]
        start, end = role.owner
        word = self.text[start:end].lower()
        if word in ("its", "their"):
            return self.organization_before(start)
        head = self._head(start, end)
        if head in lexicon.ORGANISATIONS:
            return self._body(self._phrase(start, end), start, create=False)
        return None

    # -- organisations --------------------------------------------------------------------------------------------

    def _body(
        self, phrase: _Phrase, position: int, owner: Entity | None = None, *, create: bool = True
    ) -> Entity | None:
        """Return the organisation that "the union" stands for: the last one with that noun, or a new one."""
        words = [fold(w) for w in phrase.words if w not in _ARTICLES and w not in _POSSESSIVES and w != "own"]
        if not words:
            return None
        head = next((w for w in reversed(words) if w in lexicon.ORGANISATIONS), words[-1])
        modifiers = set(words) - {head}
        best: tuple[float, int, Entity] | None = None
        for entity in self.table.by_head.get(head, [])[-80:]:
            shared = len(modifiers & set(entity.words))
            if modifiers and not shared and len(entity.words) > 1 and entity.described:
                continue
            value = shared - 0.7 * len(modifiers - set(entity.words))
            if owner is not None and set(owner.words) & set(entity.words):
                value += 2
            if value < (-0.7 if not entity.described else -0.1) or (owner is not None and value <= 0):
                continue
            last = self._last(entity, position)
            rank = (value if last > -1 else value - 0.5, last, entity)
            if best is None or rank[:2] > best[:2]:
                best = rank
        if best is not None:
            return best[2]
        if not modifiers:
            known = self.by_noun(head, position)
            if known is not None:
                return known
        else:
            roles = [
                (e, r)
                for e, r in self.table.by_role.get(lexicon.SYNONYMS.get(head, head), [])
                if e.kind == "organization"
            ]
            for entity, role in reversed(roles[-20:]):
                if modifiers & role.words:
                    return entity
            if head in _FIRMS:
                known = self.by_noun(head, position)
                if known is not None:
                    return known
        if not create:
            return None
        surface = self.text[phrase.start : phrase.end]
        entity = Entity(
            clean_name(surface), tuple(words), "organization", described=True, position=phrase.start
        )
        return self.table.add(entity)

    def _last(self, entity: Entity, position: int) -> int:
        k = bisect_left(entity.names, (position, 0)) - 1
        if k >= 0:
            return entity.names[k][0]
        return entity.position if entity.position <= position else -entity.position - 2

    def by_noun(self, head: str, position: int) -> Entity | None:
        """Return the organisation described with a noun, or, for "the company", the last one that can be a company."""
        roles = [(e, r) for e, r in self.table.by_role.get(head, []) if e.kind != "person"]
        for entity, role in reversed(roles[-40:]):
            if role.start <= position or self._before_title(position):
                return entity
        if head not in lexicon.COMPANIES or head in (
            "shop",
            "hotel",
            "farm",
            "factory",
            "plant",
            "mill",
            "mine",
        ):
            return None
        best: tuple[float, Entity] | None = None
        seen: set[int] = set()
        pool = self.table.before(position) or (
            self.table.timeline[:80] if self._before_title(position) else []
        )
        if self._before_title(position):
            pool = self.table.timeline[:80]
        for rank, (start, _, entity) in enumerate(pool):
            if entity.kind == "person" or id(entity) in seen or lexicon.country_of(entity.name):
                continue
            seen.add(id(entity))
            last = entity.words[-1]
            public = (
                bool(entity.heads & (lexicon.PUBLIC_BODIES | lexicon.GROUPS))
                and not entity.heads & lexicon.COMPANIES
            )
            if public or (head in lexicon.ORGANISATIONS and entity.described and entity.words[-1] != head):
                continue
            value = -0.25 * rank
            value += 2.5 * (last in lexicon.ORG_SUFFIXES or entity.kind == "organization")
            value += 2 * any(e is entity for _, e in self.source_times[-12:])
            value += 0.4 * min(len(entity.names), 8)
            value += 1.0 * any(r.head in lexicon.COMPANIES for r in entity.roles)
            if best is None or value > best[0]:
                best = (value, entity)
        return best[1] if best is not None and best[0] > 0 else None

    def organization_before(self, position: int, *, sourced: bool = False) -> Entity | None:
        best: tuple[float, Entity] | None = None
        here = self.table.sentence(position)
        for start, _, entity in self.table.before(position, 30):
            if entity.kind == "person" or start < position - _WINDOW or lexicon.country_of(entity.name):
                continue
            distance = here - self.table.sentence(start)
            source = any(e is entity for _, e in self.source_times[-12:])
            value = (
                -float(distance) + (2.0 if source else 0) + (1.0 if entity.kind == "organization" else -1.0)
            )
            value -= 1.0 if self.table.quoted(start) else 0.0
            if sourced and not source:
                continue
            if best is None or value > best[0]:
                best = (value, entity)
        return best[1] if best else None

    # -- pronouns -------------------------------------------------------------------------------------------------

    def _pronoun(self, word: str, position: int, attribution: Attribution | None) -> Entity | None:
        """Return the nearest compatible antecedent; subjects and earlier sources are preferred."""
        parent = self.by_id.get(attribution.parent) if attribution and attribution.parent else None
        outer = self.found.get(parent.id) if parent else None
        inside = self.table.quoted(position)
        if word in _FIRST:
            return outer if outer is not None or inside else self._author()
        if word in _NEUTER | _PLURAL:
            return self.organization_before(position, sourced=False)
        gender: lexicon.Gender = "m" if word in _MALE else "f"
        anchor = position
        if attribution is not None and not inside:
            anchor = min(position, attribution.content[0].start)
        here = self.table.sentence(anchor)
        best: tuple[float, Entity] | None = None
        for start, end, entity in self.table.before(position, 40):
            if start < position - _WINDOW:
                break
            if entity.kind == "organization" or (entity.gender is not None and entity.gender != gender):
                continue
            if (
                entity.kind == "unknown"
                and len(entity.words) == 1
                and not lexicon.gender_of_first_name(entity.words[0])
            ):
                continue
            if not entity.words[0].isalpha() and entity.kind != "person":
                continue
            if inside and parent is not None and parent.kind == "direct" and entity is outer:
                continue
            value = -float(max(0, here - self.table.sentence(start)))
            value -= 0.6 * min(2, self.text.count("\n\n", end, max(end, anchor)))
            if start >= anchor and not inside:
                value -= 2.5
            value += self._salience(start, end, entity)
            value += 0.6 if entity.gender == gender else -0.4
            value += 0.2 if entity.kind == "person" else -0.3
            if not inside and self.table.quoted(start):
                value -= 2.0
            if best is None or value > best[0]:
                best = (value, entity)
        if best is None or best[0] < -9:
            return None
        if best[1].kind == "unknown":
            best[1].kind = "person"
        best[1].gender = best[1].gender or gender
        return best[1]

    def _author(self) -> Entity | None:
        """Return who signed the text, in a line of their own at either end."""
        head, tail = self.text[:800], self.text[-200:]
        for part, base in ((head, 0), (tail, len(self.text) - len(tail))):
            for match in _BYLINE.finditer(part):
                names = self.table.names_in(base + match.start("name"), base + match.end("name"))
                if names:
                    return self.table.of_name[names[0].start]
        return None

    def _salience(self, start: int, end: int, entity: Entity) -> float:
        value = 0.9 if (start, end) in self.sourced else 0.0
        begin = self.table.starts[self.table.sentence(start)]
        lead = self.text[begin:start].strip(" \"'“‘\n")
        if not lead or len(lead) < 4:
            value += 0.9
        elif lead.endswith((",", "and", "but", "when", "as", "that", "because", "while")):
            value += 0.4
        if regex.search(
            r"\b(?:of|with|to|by|for|at|from|against|than|about|on)\s(?:the\s)?$",
            self.text[max(0, start - 14) : start],
        ):
            value -= 0.7
        if self.text[end : end + 2] in ("'s", "’s"):
            value -= 0.3
        return value

    # -- headlines ------------------------------------------------------------------------------------------------

    def _headline(self, attribution: Attribution) -> None:
        """Give a headline's statement the speaker of the body's statement that it repeats."""
        mine = self._content_words(attribution)
        if len(mine) < 2:
            return
        best: tuple[float, Entity] | None = None
        for other in self.attributions[:400]:
            entity = self.found.get(other.id)
            if entity is None or self._in_title(other):
                continue
            share = len(mine & self._content_words(other)) / len(mine)
            if share >= (0.6 if not attribution.source else 0.5) and (best is None or share > best[0]):
                best = (share, entity)
        if best is not None:
            self.found[attribution.id] = best[1]
            for span in attribution.source:
                if span.end <= len(self.text):
                    self.table.record(span.start, span.end, best[1])

    def _content_words(self, attribution: Attribution) -> frozenset[str]:
        words = (
            fold(w.group())
            for c in attribution.content
            if c.end <= len(self.text)
            for w in _WORD.finditer(self.text[c.start : c.end])
        )
        return frozenset(w[:6] for w in words if len(w) > 2 and w not in _NOISE)


_NOISE = word_set(
    "the and was were that this not for with has have had are from but his her its their they you "
    "our out all will would"
)
