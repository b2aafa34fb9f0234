"""Resolve noun phrases: a name, a name in apposition, an owner and what it owns, an office, a common noun."""

from __future__ import annotations

from collections.abc import Callable

import regex

from claimcheck import lexicon
from claimcheck.entities import Entity
from claimcheck.lexicon import word_set
from claimcheck.lookups import ARTICLES, INDEFINITE, POSSESSIVES, PRONOUNS, WORD, Lookups, Phrase
from claimcheck.names import STOP, Name, clean_name, fold
from claimcheck.records import Attribution

_HEAD_END = regex.compile(
    r",\s|;|\s[—–]\s|\s--\s|\s\(|\s(?:who|which|whose|that|where|when|whom|as|in|on|after|before|under|over|against|about|dated|issued|seen|circulated|published|signed|released|filed|obtained|posted|headed|reached|polled|interviewed|quoted|entitled|titled|called|hired|waiting|working|speaking|holding|standing|living|close|familiar|briefed)\s"
)
_BRACKETED = regex.compile(r"\((?:the\s)?[\p{Lu}\p{N}][\p{L}\p{N}&.\-]{1,9}\)")
_OWNED_BY = regex.compile(
    r"\s(?:of|for|from|by|at|with|to|in)\s(?:the\s|both\s|its\s|his\s|her\s|their\s)?", regex.IGNORECASE
)
_STAFF = word_set(
    "technicians bosses lawyers researchers officials engineers scientists inspectors investigators "
    "prosecutors executives managers directors analysts economists authors doctors statisticians "
    "leaders chiefs owners organisers organizers makers attorneys auditors accountants people staff "
    "management officers lawyers experts members"
)
_TRAILING = regex.compile(
    r"(?:\s(?:said|says|say|told|tells|has|have|had|is|was|will|would|also|that|later|then|yesterday|and|but"
    r"|wrote|writes|thinks|put|puts|(?!accused|deceased|injured|wounded|unemployed)\p{Ll}{3,}ed))+$"
)
_NOUNS = (
    lexicon.ROLES
    | lexicon.ORGANISATIONS
    | lexicon.SPOKES
    | lexicon.OFFICIALS
    | lexicon.DOCUMENTS
    | lexicon.UNNAMED
)
_LINKS = word_set("of for from by at with to in on and the a an")
_MADE = word_set(
    "deck sheet repeat replication experiment trial team seismograph sensor inquest investigation"
)
_CALLED = regex.compile(
    r"(?:\bgave (?:his|her|their) (?:first )?name (?:only |just )?as|\b(?:sign|call)(?:s|ed) (?:him|her)self|\bby the name"
    r"(?: of)?|\b(?:identified|written|named|known|quoted) (?:only |just )?as|\bgoes by|\bwho is called|\band called)\s"
)
_READERS = regex.compile(r"\b(?:by|in|to|with)\s(?:the\s)?$")
_OFFICES = word_set(
    "auditor governor secretary minister mayor coroner ombudsman commissioner ambassador chancellor master "
    "prosecutor president premier sheriff regulator comptroller judge treasurer bishop archbishop prefect commandant"
)

_VAGUE = frozenset({"secretary", "master"})  # of whom nothing is known without another word


class Phrases:
    """A reader of noun phrases. ``pronoun`` resolves a pronoun by word, position and attribution."""

    def __init__(
        self, look: Lookups, pronoun: Callable[[str, int, Attribution | None], Entity | None]
    ) -> None:
        self.look = look
        self.table = look.table
        self.text = look.text
        self.title_end = look.title_end
        self.pronoun = pronoun

    def resolve(self, start: int, end: int, attribution: Attribution | None = None) -> Entity | None:
        """Return the entity that the noun phrase in a span names, or None."""
        while start < end and self.text[start] in " \t\n,.:;\"'“”‘’(—–-\xa0":
            start += 1
        while end > start and self.text[end - 1] in ' \t\n,.:;"“”(—–-\xa0':
            end -= 1
        trailing = _TRAILING.search(self.text, start, end)
        if trailing is not None and trailing.start() > start:
            end = trailing.start()
        if start >= end:
            return None
        whole = self.text[start:end].lower()
        if whole in PRONOUNS:
            return self.pronoun(whole, start, attribution)
        pieces = self._split(start, end)
        head = self.look.phrase(*pieces[0])
        if whole == "who" or whole == "which":
            return self._relative(start)
        if attribution is not None and self._possessive_name(head, attribution):
            return self._forced(head.start, head.end)
        if self._starts_with_name(head):
            return self._named(head, head.names[0])
        called = self._called(start, end) or self._holder(head, pieces)
        if called is not None:
            return self.table.of_name[called.start]
        for piece in [p for p in pieces[1:3] if not self._acronym(*p)][:1]:
            after = self.look.phrase(*piece)
            apposed = set(self.text[pieces[0][1] : piece[0]]) & set(",—–(-:")
            if apposed and self._starts_with_name(after):
                return self._named(after, after.names[0], relative_of=head)
        found = self._described(head, start, end)
        if found is None and not head.names and self._all_capitals(head):
            return self._forced(head.start, head.end)
        return found

    def _called(self, start: int, end: int) -> Name | None:
        """Return the name that somebody is said to give or bear: "a driver who gave his name as Ina"."""
        match = _CALLED.search(self.text, start, end)
        names = self.table.names_in(match.end(), match.end() + 2) if match else []
        return names[0] if names else None

    def _holder(self, head: Phrase, pieces: list[tuple[int, int]]) -> Name | None:
        """Return the full name that a description ends in: "the farmer who found the bell, Ina Tolk"."""
        if len(pieces) < 2 or head.first not in ARTICLES | POSSESSIVES:
            return None
        noun = self.look.head(head.start, head.end)
        start, end = pieces[-1]
        names = self.table.names_in(start, end)
        if not names or noun in lexicon.ORGANISATIONS | lexicon.DOCUMENTS:
            return None
        name = names[0]
        whole = name.outer - start <= 1 and end - name.end <= 1 and self.text[start - 2 : start] == ", "
        return name if whole and not name.organization and len(name.words) > 1 else None

    def _acronym(self, start: int, end: int) -> bool:
        """Whether a piece is an abbreviation in brackets, which says nothing new: "(KWC)"."""
        return bool(_BRACKETED.match(self.text, max(0, start - 1), end + 1))

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

    def _starts_with_name(self, phrase: Phrase) -> bool:
        """Whether the phrase is a name, perhaps behind a title or an office, and not "a spokesman for X"."""
        if not phrase.names:
            return False
        name = phrase.names[0]
        if len(phrase.names) > 1 and phrase.end - phrase.names[-1].end <= 1:
            last = phrase.names[-1]
            between = [w.group() for w in WORD.finditer(self.text[name.end : last.outer])]
            full = len(last.words) > 1 and not last.organization
            if (
                between
                and not set(between) & _LINKS
                and all(w.islower() for w in between)
                and (full or between[-1] in lexicon.ROLES or between[-1] in lexicon.ORGANISATIONS)
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
        words = [w.group() for w in WORD.finditer(before)]
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
            noun = tail.group().strip()
            plain = phrase.first in ARTICLES or phrase.first in POSSESSIVES or phrase.indefinite
            if (
                plain
                or name.article
                or noun in _NOUNS
                or noun[:-1] in _NOUNS
                or phrase.end > name.end + tail.end()
            ):
                return False
        return not (phrase.indefinite and len(words) > 1 and name.organization)

    def _ends_with_person(self, phrase: Phrase) -> bool:
        """Whether an office with a complement ends in its holder: "the head of the bank Zarina Tolk"."""
        last = phrase.names[-1]
        if phrase.end - last.end > 1 or last.organization or phrase.indefinite:
            return False
        if len(last.words) < 2 and not last.title:
            return False
        before = [w.lower() for w in WORD.findall(self.text[phrase.start : last.outer])]
        linked = _OWNED_BY.search(self.text[phrase.start : last.outer])
        if not linked or not before or before[-1] in _LINKS:
            return False
        return bool(set(before) & lexicon.ROLES)

    def _owner_break(self, phrase: Phrase) -> int | None:
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

    def _link_break(self, phrase: Phrase) -> tuple[int, int] | None:
        for match in _OWNED_BY.finditer(phrase.text):
            at = phrase.start + match.start()
            if not any(n.start <= at < n.end for n in phrase.names):
                return at, phrase.start + match.end()
        return None

    def _named(self, phrase: Phrase, name: Name, relative_of: Phrase | None = None) -> Entity:
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
            longer = self.look.body_with_prefix(entity.words[0])
            if longer is not None:
                return longer
        return entity

    def _relative(self, position: int) -> Entity | None:
        """Return what "who" refers to: the name that ends in front of it."""
        for _, end, entity in self.table.before(position, 3):
            if len(self.text[end:position].strip(" ,")) == 0:
                return entity
        return None

    def _possessive_name(self, phrase: Phrase, attribution: Attribution) -> bool:
        """Whether the phrase is a shop's name ("Brindle's said") and not an owner ("Brindle's claim")."""
        if not regex.search(r"\p{Lu}\p{L}+['’]s$", phrase.text) or not attribution.cue:
            return False
        cue = attribution.cue[0]
        if cue.end > len(self.text):
            return False
        return self.look.head(cue.start, cue.end) not in lexicon.DOCUMENTS or cue.start > phrase.end + 1

    def _all_capitals(self, phrase: Phrase) -> bool:
        """Whether a phrase that is no known name is still written as one."""
        words = [w.group() for w in WORD.finditer(phrase.text)]
        if not words or words[0].lower() in INDEFINITE | STOP:
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
        words = tuple(fold(w.group()) for w in WORD.finditer(surface))
        entity = self.table.find(words, position=start)
        if entity is not None and entity.kind == "person" and surface.endswith(("'s", "’s")):
            entity = None
        for other in self.table.by_word.get(words[-1], [])[:20] if entity is None else []:
            if other.described and other.words == words:
                return other
        if entity is None:
            entity = self.table.add(Entity(surface, words, "unknown", described=True, position=start))
            if surface.endswith(("'s", "’s")) or "&" in surface:
                entity.kind = "organization"
        return entity

    def _described(self, phrase: Phrase, start: int, end: int) -> Entity | None:
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
            if (
                not named
                and self.look.head(owner, phrase.end) in lexicon.ORGANISATIONS
                and not phrase.indefinite
            ):
                return self.look.body(phrase, start)
        if owner is not None:
            return self._owned(phrase, owner, start)
        if words[0] in POSSESSIVES and len(words) > 1:
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

    def _owned(self, phrase: Phrase, owner_end: int, position: int) -> Entity | None:
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
            said = self.look.phrase(phrase.start, stop)
            owner = self._described(said, position, stop)
            return self._belonging(owner, owner_end, phrase.end, position, clean_name(said.text))
        return self._belonging(owner, owner_end, phrase.end, position)

    def _belonging(
        self, owner: Entity | None, start: int, end: int, position: int, said: str | None = None
    ) -> Entity | None:
        """Resolve what belongs to somebody: its documents and staff speak for it, its officers for themselves.

        ``said`` is what the owner is called here, if not by name.
        """
        if owner is None:
            return None
        cut = _OWNED_BY.search(self.text[start:end])
        head = self.look.head(start, start + cut.start() if cut else end)
        role = self.look.by_role(
            head, frozenset(fold(w.group()) for w in WORD.finditer(self.text[start:end])), position, owner
        )
        if role is not None:
            return role
        if head in lexicon.DOCUMENTS or head in lexicon.SPOKES:
            return owner
        if owner.kind == "organization" or owner.kind == "unknown":
            if head in _STAFF or (head in lexicon.OFFICIALS and head not in lexicon.ROLES):
                return owner
            if head in ("office", "department", "headquarters", "team", "bureau", "board"):
                return self.look.body(self.look.phrase(start, end), position, owner, create=False) or owner
            if head in lexicon.ORGANISATIONS:
                return self.look.own_body(self.look.phrase(start, end), position, owner, said)
            if head not in lexicon.ROLES and head not in lexicon.UNNAMED and owner.kind == "organization":
                return owner
            known = owner.heads or lexicon.country_of(owner.name) or self.table.place(owner)
            if head in _OFFICES and known and not owner.described:
                return self.look.office(self.look.phrase(start, end), owner)
            return None
        if head in lexicon.ORGANISATIONS:
            return self.look.own_body(self.look.phrase(start, end), position, owner, said)
        return owner if head in _STAFF and head.startswith("law") else None

    def _possessive(self, phrase: Phrase, position: int) -> Entity | None:
        word = phrase.words[0]
        owner: Entity | None
        if word in ("its", "their"):
            owner = self.look.organization_before(position)
        else:
            owner = self.pronoun({"his": "he", "her": "she"}.get(word, "we"), position, None)
        start = min(phrase.start + len(word) + 1, phrase.end)
        if word == "their" and self.look.head(start, phrase.end) in lexicon.GROUPS:
            return self.look.body(
                self.look.phrase(start, phrase.end), position
            )  # that of people, not of a body
        return self._belonging(owner, start, phrase.end, position)

    def _linked(self, phrase: Phrase, link: tuple[int, int], start: int, end: int) -> Entity | None:
        """Resolve "a spokesman for X", "the head of X", "a report by X"."""
        head = self.look.head(phrase.start, link[0])
        names = [n for n in phrase.names if n.outer >= link[0] - 1]
        definite = phrase.first in ARTICLES
        owner: Entity | None = None
        if names and names[0].outer - link[1] <= 5:
            owner = self.table.of_name[names[0].start]
        elif link[1] < phrase.end:
            rest = self.look.phrase(link[1], phrase.end)
            if self.look.head(
                link[1], phrase.end
            ) in lexicon.ORGANISATIONS | lexicon.PORTFOLIOS or self._owner_break(rest):
                owner = self._described(rest, start, phrase.end)
        words = frozenset(fold(w) for w in phrase.words)
        if head in lexicon.ROLES and not phrase.indefinite:
            known = self.look.by_role(head, words, start, owner)
            if known is not None:
                return known
        preposition = self.text[link[0] : link[1]].split()[0].lower()
        if head in lexicon.SPOKES or head in lexicon.DOCUMENTS or words & {"press", "duty", "media"}:
            return owner
        if head in lexicon.ORGANISATIONS:
            if phrase.indefinite and owner is not None and preposition in ("of", "from", "at"):
                return owner
            return (
                self.look.body(self.look.phrase(phrase.start, link[0]), start, owner)
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

    def _maker(self, phrase: Phrase, start: int, end: int) -> Entity | None:
        """Return who made a document, where the phrase says so: "an audit carried out in May by X"."""
        head = next((w for w in phrase.words[:6] if w in lexicon.DOCUMENTS or w in _MADE), None)
        if head is None:
            return None
        by = regex.search(
            r"(?<!seen|obtained|reviewed|read)\sby\s|,?\s(?:which|that)\s(?=(?:the\s)?\p{L}+\s(?:\p{L}+\s)?\p{Ll}+)",
            self.text[start:end],
        )
        if by is None:
            if not phrase.indefinite and phrase.first in ARTICLES:
                return None
            for name in self.table.names_in(start, end):
                entity = self.table.of_name[name.start]
                before = self.text[max(0, name.outer - 16) : name.outer]
                if entity.kind == "organization" and not _READERS.search(before):
                    return entity
            return None
        rest = self.look.phrase(start + by.end(), end)
        if self._starts_with_name(rest):
            return self._named(rest, rest.names[0])
        near = [n for n in rest.names if n.outer - rest.start < 30]
        return self.table.of_name[near[0].start] if near else self._described(rest, rest.start, end)

    def _modified(self, phrase: Phrase, name: Name, position: int) -> Entity | None:
        """Resolve "a Vellmar spokesman", "the Vellmar researchers": a name in front of a noun."""
        head = self.look.head(name.end, phrase.end)
        owner = self.table.of_name[name.start]
        if not head:
            return owner if not phrase.indefinite else None
        if head in lexicon.ROLES and not phrase.indefinite:
            words = frozenset(fold(w) for w in phrase.words)
            known = self.look.by_role(head, words, position, owner)
            if known is not None:
                return known
        if head in lexicon.SPOKES or head in lexicon.DOCUMENTS or head in _STAFF or head == "side":
            return owner
        if phrase.indefinite and head in lexicon.OFFICIALS:
            return owner
        if head in lexicon.ORGANISATIONS:
            return self.look.body(phrase, position)
        if (
            head.endswith("s")
            and not head.endswith("ss")
            and phrase.first not in INDEFINITE
            and owner.kind == "organization"
        ):
            return owner
        return None

    def _plain(self, phrase: Phrase, start: int, end: int) -> Entity | None:
        """Resolve a phrase of common nouns: "the minister", "the company", "police"."""
        words = [fold(w) for w in phrase.words]
        head = words[-1]
        content = frozenset(words)
        in_title = bool(self.title_end) and start < self.title_end
        if phrase.indefinite:
            if head in lexicon.SPOKES and len(words) > 2 and words[-2] in lexicon.ORGANISATIONS:
                return self.look.body(self.look.phrase(phrase.start, phrase.end - len(words[-1])), start)
            if (
                head in lexicon.DOCUMENTS | {"sheet"}
                and len(words) > 2
                and set(words[1:-1]) & lexicon.ORGANISATIONS
            ):
                body = next(w for w in words[1:-1] if w in lexicon.ORGANISATIONS)
                at = phrase.start + phrase.text.lower().find(body)
                return self.look.body(self.look.phrase(at, at + len(body)), start, create=False)
            if head in lexicon.SPOKES and len(words) > 2 and words[-2] == "government":
                return self.look.body(self.look.phrase(phrase.start, phrase.end - len(words[-1])), start)
            return None
        definite = phrase.first in ARTICLES
        if (
            not definite
            and not in_title
            and head not in lexicon.ORGANISATIONS
            and head not in lexicon.DOCUMENTS
        ):
            return None
        if head in lexicon.SPOKES and len(words) > 1 and words[-2] in lexicon.ORGANISATIONS:
            return self.look.by_role(head, content, start, None) or self.look.body(
                self.look.phrase(phrase.start, phrase.end - len(words[-1])), start
            )
        age = regex.search(r"(\d{1,3})-year-old", phrase.text)
        if age:
            return self.look.aged(age.group(1), start)
        known = self.look.by_role(head, content, start, None)
        if known is not None:
            return known
        if (
            head in lexicon.DOCUMENTS
            and len(words) > 1
            and (words[-2] in lexicon.ORGANISATIONS or words[-2] == "police")
        ):
            return self.look.body(self.look.phrase(phrase.start, phrase.end - len(words[-1]) - 1), start)
        if head in lexicon.DOCUMENTS and head not in ("newspaper",) and definite:
            return self.look.document(head, start) or self.look.organization_before(start, sourced=True)
        if head in lexicon.ORGANISATIONS or head == "police":
            return self.look.body(phrase, start)
        if definite and not in_title:
            described = [e for e, r in self.table.by_description.get(head, []) if r.start <= start]
            if described:
                return described[-1]
        if definite and not in_title and head in _OFFICES and (len(words) > 2 or head not in _VAGUE):
            holders = {id(e): e for e, _ in self.table.by_role.get(lexicon.SYNONYMS.get(head, head), [])}
            return next(iter(holders.values())) if len(holders) == 1 else self.look.office(phrase)
        return None
