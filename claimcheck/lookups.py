"""Look up what a common noun stands for: "the minister", "the company", "the report".

Every lookup takes a position in the text and prefers what was introduced last before it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

import regex

from claimcheck import lexicon
from claimcheck.entities import Entities, Entity
from claimcheck.lexicon import word_set
from claimcheck.names import Name, clean_name, fold
from claimcheck.roles import Role

WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}\-]*(?:['’]\p{L}+)*['’]?")
INDEFINITE = word_set(
    "a an one two three four five six seven eight nine ten some several many few most another other "
    "others both no someone somebody everyone nobody dozens hundreds thousands unnamed unidentified"
)
POSSESSIVES = frozenset({"its", "his", "her", "their", "our", "my"})
ARTICLES = frozenset({"the", "this", "that", "these", "those", "both"})
WINDOW = 4000
MALE, FEMALE = frozenset({"he", "him", "himself", "his"}), frozenset({"she", "her", "herself", "hers"})
NEUTER, PLURAL = frozenset({"it", "itself"}), frozenset({"they", "them", "themselves"})
FIRST = frozenset({"i", "we", "me", "us"})
PRONOUNS = MALE | FEMALE | NEUTER | PLURAL | FIRST
_LED = word_set("it them inspection survey study experiment trial search")
_OFFICE_OF = regex.compile(r"(?i)(?P<head>[\p{L}\-]+)['’]s office$")
_FIRMS = word_set(
    "company firm maker manufacturer carmaker drugmaker insurer airline carrier operator retailer lender"
)

_PERSONAL = word_set("office team campaign camp staff secretariat family")


@dataclass(slots=True)
class Phrase:
    """A noun phrase without the commas: determiner, words, names."""

    start: int
    end: int
    text: str
    names: list[Name]
    words: list[str] = field(default_factory=list)

    @property
    def first(self) -> str:
        """Return the first word, lower case."""
        return self.words[0] if self.words else ""

    @property
    def indefinite(self) -> bool:
        """Whether it begins with "a", "some", a number."""
        return self.first in INDEFINITE or (self.first[:1].isdigit() and len(self.words) > 1)


class Lookups:
    """What nouns stand for in one text.

    ``recent`` holds the sources resolved so far with their positions: a source is the likelier antecedent.
    ``title_end`` is where the headline ends; what it leaves out, the body introduces.
    """

    def __init__(self, table: Entities, title_end: int = 0) -> None:
        self.table = table
        self.text = table.text
        self.title_end = title_end
        self.recent: list[tuple[int, Entity]] = []

    def phrase(self, start: int, end: int) -> Phrase:
        """Return the noun phrase in a stretch of text."""
        text = self.text[start:end]
        names = [n for n in self.table.names_in(start, end) if n.end <= end + 2]
        return Phrase(start, end, text, names, [w.group().lower() for w in WORD.finditer(text)])

    def head(self, start: int, end: int) -> str:
        """Return the last word of a stretch of text, folded."""
        words = [fold(w.group()) for w in WORD.finditer(self.text[start:end])]
        return words[-1] if words else ""

    def by_role(self, head: str, words: frozenset[str], position: int, owner: Entity | None) -> Entity | None:
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
                other = mine is not None and mine is not owner and not set(mine.words) & set(owner.words)
                if other and mine is not None and (owner.kind != "person" or mine.kind == "person"):
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

    def _officer_of(self, heads: frozenset[str], position: int) -> Entity | None:
        """Return the last person whose role has an organisation with one of these nouns ("the union leader")."""
        for _, _, entity in self.table.before(position):
            for role in entity.roles:
                mine = self.owner_of(role)
                if mine is not None and entity.kind == "person" and set(mine.words) & heads:
                    return entity
        return None

    def owner_of(self, role: Role) -> Entity | None:
        """Return whom a role belongs to: the company of its chief executive."""
        if role.owner is None:
            return None
        names = self.table.names_in(*role.owner)
        if names:
            return self.table.of_name[names[0].start]
        start, end = role.owner
        word = self.text[start:end].lower()
        if word in ("its", "their"):
            return self.organization_before(start)
        office = _OFFICE_OF.search(self.text, start, end)
        if office and fold(office.group("head")) in lexicon.ROLES:
            return self.holder_at(start, office.end("head"))
        head = self.head(start, end)
        if head in _LED:
            return self.organization_before(start)
        if head in lexicon.ORGANISATIONS:
            return self.body(self.phrase(start, end), start, create=False)
        return self.holder_at(start, end)

    def holder_at(self, start: int, end: int) -> Entity | None:
        """Return the person whose office a stretch of text names, None where it names none: "the mayor"."""
        head = self.head(start, end)
        return self.holder(head, self.phrase(start, end), start) if head in lexicon.ROLES else None

    def holder(self, head: str, phrase: Phrase, position: int) -> Entity | None:
        """Return the named person last introduced with an office, whatever belongs to whom."""
        key = lexicon.SYNONYMS.get(head, head)
        words = {fold(w) for w in phrase.words} - ARTICLES - {head}
        known = [(e, r) for e, r in self.table.by_role.get(key, [])[-60:] if e.kind == "person"]
        fitting = [(e, r) for e, r in known if not words or words & r.words] or known
        before = [e for e, r in fitting if r.start < position]
        return before[-1] if before else next((e for e, _ in fitting), None)

    def body(
        self, phrase: Phrase, position: int, owner: Entity | None = None, *, create: bool = True
    ) -> Entity | None:
        """Return the organisation that "the union" stands for: the last one with that noun, or a new one."""
        words = [fold(w) for w in phrase.words if w not in ARTICLES and w not in POSSESSIVES and w != "own"]
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
            known = self.by_noun(head, position) or self.kin(head, position)
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

    def kin(self, head: str, position: int) -> Entity | None:
        """Return the organisation with a noun of the same kind, the last one named: "the union", a federation."""
        nouns = frozenset().union(*(kind for kind in lexicon.KIN if head in kind))
        pool = self.table.timeline[:80] if self._before_title(position) else self.table.before(position)
        for _, _, entity in pool:
            if entity.kind == "organization" and entity.names and entity.heads & nouns:
                return entity
        return None

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
        for rank, (_, _, entity) in enumerate(pool):
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
            value += 2 * any(e is entity for _, e in self.recent[-12:])
            value += 0.4 * min(len(entity.names), 8)
            value += 1.0 * any(r.head in lexicon.COMPANIES for r in entity.roles)
            if best is None or value > best[0]:
                best = (value, entity)
        return best[1] if best is not None and best[0] > 0 else None

    def organization_before(self, position: int, *, sourced: bool = False) -> Entity | None:
        """Return the likeliest organisation for "it" or "its" at a position; ``sourced``: among the recent sources."""
        best: tuple[float, Entity] | None = None
        here = self.table.sentence(position)
        for start, _, entity in self.table.before(position, 30):
            if entity.kind == "person" or start < position - WINDOW or lexicon.country_of(entity.name):
                continue
            distance = here - self.table.sentence(start)
            source = any(e is entity for _, e in self.recent[-12:])
            value = (
                -float(distance) + (2.0 if source else 0) + (1.0 if entity.kind == "organization" else -1.0)
            )
            value -= 1.0 if self.table.quoted(start) else 0.0
            value -= 1.5 if self.table.place(entity) else 0.0
            if sourced and not source:
                continue
            if best is None or value > best[0]:
                best = (value, entity)
        return best[1] if best else None

    def body_with_prefix(self, word: str) -> Entity | None:
        """Return the one organisation whose name begins with a word ("Ostrey" → "Ostrey Council")."""
        options = {
            id(e): e
            for e in self.table.by_word.get(word, [])[:50]
            if e.kind == "organization" and len(e.words) > 1 and e.words[0] == word
        }
        return next(iter(options.values())) if len(options) == 1 else None

    def document(self, head: str, position: int) -> Entity | None:
        """Return whose "the report" is: the owner of the last report named before."""
        text = self.text[max(0, position - WINDOW) : position]
        base = max(0, position - WINDOW)
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

    def own_body(self, phrase: Phrase, position: int, owner: Entity, said: str | None = None) -> Entity:
        """Return the organisation that belongs to somebody, "Ostria's army": no other owner's, and named by its owner.

        ``said`` is what the text calls the owner here, if not by name: "the governor".
        """
        found = self.body(phrase, position, create=False)
        if found is not None and not (found.owned and not set(found.owned) & set(owner.words)):
            return found
        words = tuple(fold(w) for w in phrase.words if w not in ARTICLES and w != "own")
        surface = " ".join(w for w in self.text[phrase.start : phrase.end].split() if w.lower() != "own")
        named = owner.kind != "person" or words[-1] in _PERSONAL
        name = f"{said or clean_name(owner.name)}'s {surface}" if named else surface
        entity = Entity(name, words, "organization", described=True, position=phrase.start, owned=owner.words)
        return self.table.add(entity)

    def office(self, phrase: Phrase, owner: Entity | None = None) -> Entity:
        """Return the holder of an office whom the text never names: "the county auditor", "Ostria's premier"."""
        surface = clean_name(self.text[phrase.start : phrase.end])
        key = tuple(fold(w) for w in phrase.words if w not in ARTICLES and w not in POSSESSIVES)
        for entity in self.table.by_word.get(key[-1], [])[:20]:
            mine = owner is None or set(entity.owned) & set(owner.words)
            if entity.described and entity.words == key and mine:
                return entity
        name = surface if owner is None else f"{clean_name(owner.name)}'s {surface}"
        owned = () if owner is None else owner.words
        entity = Entity(name, key, "person", described=True, position=phrase.start, owned=owned)
        if owner is not None and owner.names:
            start, end = next((n for n in reversed(owner.names) if n[0] <= phrase.start), owner.names[0])
            words = frozenset(key) | frozenset(owner.words)
            entity.roles.append(Role(key[-1], words, (start, end), start, phrase.end, "'s"))
        return self.table.add(entity)

    def aged(self, age: str, position: int) -> Entity | None:
        """Return who "the 36-year-old" is: whose name an age follows, else the last person."""
        for entity in self.table.all[:400]:
            for _, stop in entity.names[:3]:
                if regex.match(rf",? \(?{age}\b", self.text[stop : stop + 8]):
                    return entity
        near = [e for _, _, e in self.table.before(position) if e.kind == "person"]
        return near[0] if near else None

    def _before_title(self, position: int) -> bool:
        return bool(self.title_end) and position < self.title_end

    def _last(self, entity: Entity, position: int) -> int:
        k = bisect_left(entity.names, (position, 0)) - 1
        if k >= 0:
            return entity.names[k][0]
        return entity.position if entity.position <= position else -entity.position - 2
