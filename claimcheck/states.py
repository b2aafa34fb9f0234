"""Tell which state a body or an office belongs to: real countries, and those that a text's ministries make known.

"The Morvian Foreign Ministry" and "the ambassador of Morvia" name the same state, whether or not a gazetteer holds it.
Where a text has two such states, it sets them against each other, and every office and agency of one is its side.
"""

from __future__ import annotations

import regex

from claimcheck import lexicon
from claimcheck.entities import Entities, Entity
from claimcheck.lexicon import word_set
from claimcheck.names import clean_name, fold
from claimcheck.roles import Role

_ENDING = regex.compile(r"(?:ians?|eans?|ans?|ese|ish|ia|[ou]s|[ae]|(?<=[aeiou])n)$")
_ADJECTIVE = regex.compile(r"(?:ian|ean|an|ese|ish|[aeiou]n)$")
_MARKERS = word_set(
    "staff command guard ministry government army navy republic kingdom emirate sultanate confederation federation presidency embassy "
    "parliament forces"
)
POLITIES = word_set("republic federation kingdom emirate confederation")
_HEADS_OF_STATE = word_set("minister ambassador premier consul envoy")
_PLAIN = (
    lexicon.PORTFOLIOS
    | lexicon.ORGANISATIONS
    | lexicon.ROLES
    | word_set(
        "upper lower royal national federal joint general armed forces south north east west eastern western "
        "northern southern republic kingdom emirate sultanate confederation federation people's democratic united "
        "transitional special emergency affairs external new old the of and for provisional central civil public"
    )
)
_PRIVATE = word_set(
    "union guild league society club association party newspaper channel company firm charity foundation front "
    "paper magazine station portal radio shop hotel restaurant movement coalition alliance "
    "campaign network hospital university"
)
_EVERYWHERE = lexicon.MINISTER_ROLES | word_set(
    "commander colonel general captain major lieutenant marshal admiral brigadier negotiator president governor"
)
_SINGLE = word_set("ministry government army parliament presidency cabinet treasury")
_LOCAL = word_set(
    "city county town borough parish village school college university hospital court museum library bank fire station"
)
_OFFICIAL = (
    lexicon.MINISTER_ROLES
    | lexicon.POLICE_ROLES
    | lexicon.CORPORATE_ROLES
    | lexicon.LOCAL_ROLES
    | word_set(
        "ambassador envoy consul diplomat negotiator commander colonel general captain major lieutenant marshal "
        "admiral brigadier commodore spokesman spokeswoman spokesperson governor adviser advisor king queen head "
        "co-chairman commissioner prosecutor investigator representative speaker ombudsman engineer counsel lawyer"
    )
)


def stem(word: str) -> str:
    """Return what the name of a state and its adjective share.

    >>> stem("morvia"), stem("morvian"), stem("gelland")
    ('morv', 'morv', 'gelland')
    """
    short = _ENDING.sub("", word)
    return short if len(short) > 2 else word


class States:
    """The states of one text. ``several`` tells whether there are at least two."""

    def __init__(self, table: Entities) -> None:
        self.table = table
        self.labels: dict[str, str] = {}
        for entity in table.all:
            if set(entity.words) & _MARKERS and entity.names:
                self._learn(entity.words)
                key = stem(entity.words[0])
                if entity.words[-1] in POLITIES and len(entity.words) > 1 and key in self.labels:
                    self.labels[key] = clean_name(
                        entity.name
                    )  # "Lorn People's Republic", whose place may be Lorn
            for role in entity.roles:
                if role.owner is not None and (
                    role.head in _HEADS_OF_STATE or (role.head == "secretary" and "foreign" in role.words)
                ):
                    for name in table.names_in(*role.owner)[:1]:
                        self._learn(name.words)
        self._learn_adjectives()
        if self.labels:
            self._learn_bodies()
        self._name_by_nouns()
        self.several = len(self.labels) > 1

    def _learn(self, words: tuple[str, ...]) -> None:
        """Take the one word that is neither an office nor a portfolio for the name of a state."""
        country = self._country(words)
        rest = [w for w in words if w not in _PLAIN and len(w) > 2]
        if country is not None:
            self.labels[country] = country
        elif rest and len(rest) <= 2 and not set(words) & _PRIVATE and not self._common(rest[0]):
            self.labels.setdefault(stem(rest[0]), clean_name(rest[0]).capitalize())

    def _common(self, word: str) -> bool:
        """Whether the text also writes a word small, as it does no state's name."""
        return regex.search(rf"(?<!\p{{L}}){regex.escape(word)}(?!\p{{L}})", self.table.text) is not None

    def _learn_adjectives(self) -> None:
        """Take a name that the text also uses as an adjective for a state: Morvia, Morvian."""
        alone: dict[str, set[str]] = {}
        for entity in self.table.all:
            if len(entity.words) == 1 and len(entity.words[0]) > 3 and entity.kind != "person":
                alone.setdefault(stem(entity.words[0]), set()).add(entity.words[0])
        for word in {e.words[0] for e in self.table.all if e.kind != "person"} - _PLAIN:
            nouns = {noun for noun in alone.get(stem(word), ()) if not _ADJECTIVE.search(noun)} - {word}
            if _ADJECTIVE.search(word) and nouns and stem(word) != word:
                self._learn((min(nouns, key=len),))

    def _learn_bodies(self) -> None:
        """Where a text knows one state, take names that its public bodies and offices carry for states too."""
        alone = {stem(e.words[0]) for e in self.table.all if len(e.words) == 1 and e.kind != "person"}
        for entity in self.table.all:
            if entity.heads & lexicon.PUBLIC_BODIES and not set(entity.words) & (_PRIVATE | _LOCAL):
                for word in (entity.words[0], entity.words[-1]):
                    adjective = word.endswith(("ian", "ean", "ish", "ese")) and len(word) > 5
                    if word not in _PLAIN and (adjective or stem(word) in alone):
                        self._learn((word,))

    def _name_by_nouns(self) -> None:
        """Name a state known by its adjective, "Morvian", by its noun where the text has it, else by the likely one."""
        for entity in self.table.all:
            if len(entity.words) != 1 or not entity.names or entity.kind == "person":
                continue
            key, word = stem(entity.words[0]), clean_name(entity.name)
            label = self.labels.get(key, "")
            if label.lower().startswith(key) and _ADJECTIVE.search(label) and not _ADJECTIVE.search(word):
                self.labels[key] = word
        for key, label in self.labels.items():
            if label.endswith("ian") and key != label:
                self.labels[key] = label[:-1]

    def is_name(self, words: tuple[str, ...]) -> bool:
        """Whether the words of a name are just that of a state."""
        return len(words) == 1 and words[0] == self.labels.get(stem(words[0]), "").lower()

    def name_of(self, word: str) -> str:
        """Return the name of the state that a lone name or adjective stands for, else the word itself."""
        return self.labels.get(stem(word.lower()), word) if " " not in word else word

    def nearest(self, position: int) -> str | None:
        """Return the state spoken of last before a position."""
        for _, _, entity in self.table.before(position):
            key = self.of_words(entity.words) or next(
                (k for r in entity.roles if (k := self.of_role(r))), None
            )
            if key is not None:
                return key
        return None

    def _country(self, words: tuple[str, ...]) -> str | None:
        return lexicon.country_of(" ".join(words)) or lexicon.country_in(words)

    def of_words(self, words: tuple[str, ...]) -> str | None:
        """Return the key of the state that a name or a description mentions, or None."""
        country = self._country(words)
        if country is not None:
            return country
        for word in words:
            if stem(word) in self.labels and word not in _PLAIN:
                return stem(word)
            behind = self.table.acronyms.get(word)
            if behind is not None and len(behind.words) > 1:
                return self.of_words(behind.words)
        return None

    def of_body(self, entity: Entity) -> str | None:
        """Return the state that an organisation is a part of, or None: its name has to say so."""
        if set(entity.words) & _PRIVATE:
            return None
        key = self.of_words(entity.words)
        if key is not None or not self.several:
            return key
        for _, end in entity.names:
            place = regex.match(r"\s(?:of|in)\s(?:the\s)?", self.table.text[end : end + 8])
            for name in self.table.names_in(end, end + place.end() + 1) if place else ():
                return self.of_words(name.words)
        return None

    def around(self, role: Role) -> str | None:
        """Return the state spoken of last before an office that every state has one of."""
        return self.nearest(role.start) if role.head in _EVERYWHERE and role.owner is None else None

    def public(self, entity: Entity) -> bool:
        """Whether an organisation can be a part of a state at all."""
        return bool(entity.heads & _SINGLE) and not set(entity.words) & _PRIVATE

    def of_role(self, role: Role) -> str | None:
        """Return the state that an office belongs to, as far as its description says."""
        if role.head not in _OFFICIAL:
            return None
        text = self.table.text[role.start : role.end]
        words = tuple(fold(w) for w in regex.findall(r"\p{Lu}[\p{L}\-]+(?:['’]s)?", text))
        return None if set(words) & _PRIVATE else self.of_words(words)
