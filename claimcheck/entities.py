"""Group the names of a text into people and organisations, and read what each is introduced as.

"Ada Lund, chief executive of Vellmar" and "Vellmar's chief executive, Ada Lund" both give Ada Lund the role *chief
executive* with the complement *Vellmar*. Roles are what "the chief executive" is looked up in later, and what a
speaker's party is read from.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import regex

from claimcheck import lexicon
from claimcheck.names import Name, find_names, fold, sentence_starts
from claimcheck.roles import Role, descriptions, parse_description, possessed, related

_IN = regex.compile(r"(?<!\p{L})(?:in|at|near|from|to|into|outside|across|around)\s(?:the\s)?$")
_ACRONYM_BEFORE = regex.compile(r"(\p{Lu}{2,6})\s\((?:the )?$")
_ACRONYM_AFTER = regex.compile(r"\s\((?:the )?(\p{Lu}[\p{Lu}\p{Ll}&.]{1,9})\)")
_AGE_OR_WHO = regex.compile(r",? \d{2}\b[,. ]|,? who\b")
_PRONOUN = regex.compile(r"\b(?:(he|his|him|himself)|(she|her|hers|herself))\b")


@dataclass(slots=True)
class Entity:
    """A person or an organisation under construction.

    ``described`` tells that no proper name stands for it, ``owned`` holds the words of whose it is: "Ostria's army".
    """

    name: str
    words: tuple[str, ...]
    kind: Literal["person", "organization", "unknown"]
    gender: lexicon.Gender | None = None
    roles: list[Role] = field(default_factory=list)
    names: list[tuple[int, int]] = field(default_factory=list)
    mentions: list[tuple[int, int]] = field(default_factory=list)
    heads: frozenset[str] = frozenset()
    described: bool = False
    position: int = 0
    owned: tuple[str, ...] = ()


class Entities:
    """The people and organisations of one text, with lookups by name, by role and by noun.

    Parameters
    ----------
    text
        The text.
    quoted
        Stretches inside quotation marks, sorted: names there are worse antecedents.
    """

    def __init__(self, text: str, quoted: Sequence[tuple[int, int]] = ()) -> None:
        self.text = text
        self.starts = sentence_starts(text)
        self.names = find_names(text)
        self.name_starts = [n.start for n in self.names]
        self._quoted = merge(quoted)
        self._quoted_starts = [s for s, _ in self._quoted]
        self.all: list[Entity] = []
        self.by_word: dict[str, list[Entity]] = {}
        self.by_head: dict[str, list[Entity]] = {}
        self.by_role: dict[str, list[tuple[Entity, Role]]] = {}
        self.by_description: dict[str, list[tuple[Entity, Role]]] = {}
        self.of_name: dict[int, Entity] = {}
        self.acronyms: dict[str, Entity] = {}
        self._link()
        self._describe()
        self.timeline: list[tuple[int, int, Entity]] = sorted(
            ((s, e, entity) for entity in self.all for s, e in entity.mentions), key=lambda m: m[:2]
        )
        self.times = [m[0] for m in self.timeline]
        self.chain: list[tuple[int, int, Entity]] = []
        self._placed: dict[int, bool] = {}
        self._guess_genders()

    def sentence(self, position: int) -> int:
        """Return the number of the sentence at a position."""
        return bisect_right(self.starts, position) - 1

    def quoted(self, position: int) -> bool:
        """Whether a position lies inside a quotation."""
        i = bisect_right(self._quoted_starts, position) - 1
        return i >= 0 and position < self._quoted[i][1]

    def place(self, entity: Entity) -> bool:
        """Whether a name without a noun for a body stands mostly where a place would: "in Gardvik"."""
        if entity.heads or not entity.names:
            return False
        if id(entity) not in self._placed:
            placed = sum(bool(_IN.search(self.text, max(0, s - 13), s)) for s, _ in entity.names)
            self._placed[id(entity)] = placed * 2 >= len(entity.names)
        return self._placed[id(entity)]

    def names_in(self, start: int, end: int) -> list[Name]:
        """Return the names that begin in a stretch of text."""
        return self.names[bisect_left(self.name_starts, start) : bisect_left(self.name_starts, end)]

    def add(self, entity: Entity) -> Entity:
        """Register an entity under its words."""
        entity.heads = frozenset(head for word in entity.words if (head := body_noun(word)))
        self.all.append(entity)
        for word in set(entity.words):
            self.by_word.setdefault(word, []).append(entity)
        for head in entity.heads:
            self.by_head.setdefault(head, []).append(entity)
        return entity

    def _link(self) -> None:
        """Give every name an entity: full names first, then short forms."""
        order = sorted(range(len(self.names)), key=lambda i: (-min(len(self.names[i].words), 2), i))
        for i in order:
            name = self.names[i]
            entity = self.find(name.words, titled=name.title, position=name.start, article=name.article)
            if entity is None:
                surface = self.text[name.start : name.end]
                entity = self.add(Entity(surface, name.words, self._kind(name), position=name.start))
            elif len(name.words) > len(entity.words):
                for word in set(name.words) - set(entity.words):
                    self.by_word.setdefault(word, []).append(entity)
                    if word in lexicon.ORGANISATIONS:
                        entity.heads |= {word}
                        self.by_head.setdefault(word, []).append(entity)
                entity.name, entity.words = self.text[name.start : name.end], name.words
            if self._kind(name) == "person" and entity.kind == "unknown":
                entity.kind = "person"
            entity.names.append((name.start, name.end))
            entity.mentions.append((name.outer, name.end))
            for title in name.title:
                if title in lexicon.MALE_TITLES or title in lexicon.FEMALE_TITLES:
                    entity.gender = "m" if title in lexicon.MALE_TITLES else "f"
            if entity.gender is None and entity.kind != "organization" and len(name.words) > 1:
                entity.gender = lexicon.gender_of_first_name(name.words[0])
            self.of_name[name.start] = entity
            self._acronym(name, entity)

    def _acronym(self, name: Name, entity: Entity) -> None:
        """Join "Dockers' Union (DU)" and "the DU (Dockers' Union)"."""
        before = _ACRONYM_BEFORE.search(self.text[max(0, name.start - 13) : name.start])
        if before and len(name.words) > 1:
            self.acronyms[fold(before.group(1))] = entity
            entity.kind = "organization"
        after = _ACRONYM_AFTER.match(self.text[name.end : name.end + 16])
        if after and len(name.words) > 1:
            self.acronyms[fold(after.group(1))] = entity
            entity.kind = "organization"

    def _kind(self, name: Name) -> Literal["person", "organization", "unknown"]:
        if name.organization:
            return "organization"
        if name.title:
            return "person"
        after = self.text[name.end : name.end + 8]
        if _AGE_OR_WHO.match(after):
            return "person"
        if len(name.words) > 1 and lexicon.gender_of_first_name(name.words[0]):
            return "person"
        if after.startswith(", which") or name.article or self.text[name.start : name.end].isupper():
            return "organization" if len(name.words) == 1 or name.article else "unknown"
        return "unknown"

    def find(
        self,
        words: Sequence[str],
        *,
        titled: Sequence[str] = (),
        position: int | None = None,
        article: bool = False,
    ) -> Entity | None:
        """Return the known entity that the words of a name stand for, or None.

        The same words; a person's surname or first name; the first words or the last ones of an organisation. Of
        several people the one of the title's gender is taken, then the one named last before ``position``.
        """
        words = tuple(words)
        if not words:
            return None
        if len(words) == 1 and words[0] in self.acronyms:
            return self.acronyms[words[0]]
        rare = min((self.by_word.get(w, []) for w in (words[0], words[-1])), key=len, default=[])
        options = []
        for entity in rare[-50:]:
            mine = entity.words
            if mine == words:
                rank = 3.0
            elif _covers(mine, words, entity.kind) or (len(words) > 1 and _covers(words, mine, entity.kind)):
                rank = 2.0 if entity.kind == "person" or len(words) > 1 else 1.0
                rank += 0.3 * (entity.kind == "organization" and entity.words[-1] in lexicon.ORG_SUFFIXES)
                rank -= 0.5 * (len(words) == 1 and entity.words[-1] in lexicon.GROUPS)
            elif article and len(words) == 1 < len(mine) and entity.kind != "person" and mine[-1] == words[0]:
                rank = 1.0  # "the Bloc": the Republican Bloc
            else:
                continue
            if titled and entity.kind == "organization":
                continue
            wanted = {"m" for t in titled if t in lexicon.MALE_TITLES} | {
                "f" for t in titled if t in lexicon.FEMALE_TITLES
            }
            if wanted and entity.gender and entity.gender not in wanted:
                continue
            last = entity.names[-1][0] if entity.names else 0
            if position is not None and entity.names:
                k = bisect_left(entity.names, (position, 0)) - 1
                last = entity.names[k][0] if k >= 0 else -entity.names[0][0]
            options.append((rank, last, entity))
        if not options:
            return None
        return max(options, key=lambda o: o[:2])[2]

    def _describe(self) -> None:
        """Read the roles around every name."""
        for name in self.names:
            entity = self.of_name[name.start]
            sentence = self.starts[self.sentence(name.outer)]
            for start, end in descriptions(self.text, self.names_in, name, sentence):
                role = parse_description(self.text, start, end)
                if role is None:
                    continue
                self._give(entity, role)
            if name.title:
                self._give(
                    entity, Role(name.title[-1], frozenset(name.title), None, name.outer, name.start - 1)
                )
            for role in (
                *related(self.text, self.names_in, name),
                *possessed(self.text, self.names_in, name),
            ):
                person = entity.kind == "person" or len(entity.words) > 1
                if entity.kind != "organization" and (person or role.relation == "who"):
                    self._give(entity, role)

    def _give(self, entity: Entity, role: Role) -> None:
        if role.head in lexicon.ORGANISATIONS and role.head not in lexicon.ROLES:
            if entity.kind == "person":
                return
            entity.kind = "organization"
        elif entity.kind == "organization" and role.head not in lexicon.ORGANISATIONS:
            return
        elif entity.kind == "unknown" and role.head not in lexicon.ORGANISATIONS:
            entity.kind = "person"
        if entity.gender is None and role.head in lexicon.GENDERED and role.head not in lexicon.WEAK_GENDER:
            entity.gender = lexicon.GENDERED[role.head]
        entity.roles.append(role)
        for word in role.words:
            self.by_description.setdefault(word, []).append((entity, role))
        self.by_role.setdefault(lexicon.SYNONYMS.get(role.head, role.head), []).append((entity, role))

    def _guess_genders(self) -> None:
        """Take the gender of a person without one from the pronouns that follow in the same sentence."""
        votes: dict[int, int] = {}
        people = {
            id(e): e
            for e in self.all
            if e.gender is None and (e.kind == "person" or (e.kind == "unknown" and len(e.words) > 1))
        }
        for k, (_, end, entity) in enumerate(self.timeline):
            if id(entity) not in people:
                continue
            s = self.sentence(end)
            stop = self.starts[s + 1] if s + 1 < len(self.starts) else len(self.text)
            if k + 1 < len(self.timeline):
                stop = min(stop, self.timeline[k + 1][0])
            for match in _PRONOUN.finditer(self.text[end : min(stop, end + 200)]):
                if not self.quoted(end + match.start()):
                    votes[id(entity)] = votes.get(id(entity), 0) + (1 if match.group(1) else -1)
                    break
        for key, vote in votes.items():
            if vote:
                people[key].gender = "m" if vote > 0 else "f"

    def before(self, position: int, limit: int = 60) -> list[tuple[int, int, Entity]]:
        """Return the last mentions before a position, nearest first."""
        k = bisect_left(self.times, position)
        static = self.timeline[max(0, k - limit) : k]
        c = bisect_left(self.chain, position, key=_start)
        if c:
            static = _merged(static, self.chain[max(0, c - limit) : c])
        return static[-limit:][::-1]

    def record(self, start: int, end: int, entity: Entity) -> None:
        """Add a mention found later to the time line."""
        entity.mentions.append((start, end))
        self.follow(start, end, entity)

    def follow(self, start: int, end: int, entity: Entity) -> None:
        """Note that a phrase or pronoun refers to an entity, for what comes after it."""
        if not self.chain or start >= self.chain[-1][0]:
            self.chain.append((start, end, entity))


def body_noun(word: str) -> str | None:
    """Return the noun for an organisation that a word is or ends in, or None.

    >>> body_noun("tolkmuseum"), body_noun("union"), body_noun("lund")
    ('museum', 'union', None)
    """
    if word in lexicon.ORGANISATIONS:
        return word
    for length in range(10, 4, -1):
        if len(word) > length + 2 and word[-length:] in lexicon.ORGANISATIONS:
            return word[-length:]
    return None


def _start(mention: tuple[int, int, Entity]) -> int:
    return mention[0]


def _merged(
    first: list[tuple[int, int, Entity]], second: list[tuple[int, int, Entity]]
) -> list[tuple[int, int, Entity]]:
    """Merge two runs of mentions by position, each mention once."""
    seen: dict[tuple[int, int, int], tuple[int, int, Entity]] = {}
    for mention in (*first, *second):
        seen[mention[0], mention[1], id(mention[2])] = mention
    return sorted(seen.values(), key=_start)


def merge(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return sorted, disjoint stretches that cover the same characters.

    >>> merge([(5, 9), (0, 3), (2, 4)])
    [(0, 4), (5, 9)]
    """
    out: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def _covers(full: Sequence[str], short: Sequence[str], kind: str) -> bool:
    """Whether ``short`` is a usual short form of ``full``."""
    if len(short) >= len(full):
        return False
    if kind == "organization" or full[-1] in lexicon.ORG_SUFFIXES:
        if tuple(full[-len(short) :]) == tuple(short):
            return len(short) > 1
        if tuple(full[: len(short)]) != tuple(short):
            return False
        return len(short) > 1 or full[-1] not in lexicon.PUBLIC_BODIES
    if len(short) == 1:
        return short[0] in (full[-1], full[0])
    return short[-1] == full[-1] and (
        short[0] == full[0] or (len(short[0]) == 1 and full[0].startswith(short[0])) or len(full) > 2
    )
