"""Tie speakers to whom they speak for, as far as the text says: "Vellmar's chief executive", "her lawyer"."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import islice

import regex

from claimcheck import lexicon
from claimcheck.entities import Entities, Entity
from claimcheck.lookups import Lookups
from claimcheck.names import clean_name, fold
from claimcheck.records import Document, Speaker
from claimcheck.roles import Role
from claimcheck.states import POLITIES, States

_JUDGES = frozenset({"judge", "justice", "magistrate", "coroner"})
_PROSECUTORS = frozenset({"prosecutor", "attorney"})
# which body a title without one belongs to
_SEATS: dict[str, frozenset[str]] = {
    "governor": frozenset({"bank", "state", "province", "prison"}),
    "commissioner": frozenset({"commission", "police", "authority"}),
    "mayor": frozenset({"city", "council", "town", "hall", "shire", "borough", "municipality"}),
    "councillor": frozenset({"council", "city", "borough"}),
    "cllr": frozenset({"council", "city", "borough"}),
    "councilman": frozenset({"council", "city"}),
    "councilwoman": frozenset({"council", "city"}),
    "councilmember": frozenset({"council", "city"}),
    "alderman": frozenset({"council", "city"}),
    "alderwoman": frozenset({"council", "city"}),
    "rector": frozenset({"university", "college"}),
    "dean": frozenset({"university", "college", "school", "cathedral"}),
    "provost": frozenset({"university", "college"}),
    "bishop": frozenset({"diocese", "church"}),
    "archbishop": frozenset({"archdiocese", "diocese", "church"}),
    "abbot": frozenset({"abbey"}),
    "abbess": frozenset({"abbey"}),
    "vicar": frozenset({"church", "parish"}),
    "priest": frozenset({"church", "parish"}),
    "principal": frozenset({"school", "college", "academy"}),
    "headteacher": frozenset({"school", "academy"}),
    "headmaster": frozenset({"school", "academy"}),
    "curator": frozenset({"museum", "gallery"}),
    "librarian": frozenset({"library"}),
    "judge": frozenset({"court", "tribunal"}),
    "justice": frozenset({"court", "tribunal"}),
    "magistrate": frozenset({"court"}),
    "harbourmaster": frozenset({"port", "harbour"}),
    "captain": frozenset({"lines", "ferries", "airline", "airways", "air", "team", "club"}),
    "umpire": frozenset({"league", "association"}),
    "matron": frozenset({"hospital"}),
    "surgeon": frozenset({"hospital", "clinic"}),
    "warden": frozenset({"reserve", "park"}),
}
_EXECUTIVE = frozenset(
    {"executive", "managing", "ceo", "cfo", "founder", "co-founder", "boss", "chairman", "chairwoman"}
)
_SENIOR = frozenset({"head", "chief", "director", "manager", "executive", "president"})
_STAFF = frozenset(
    {
        "organiser",
        "organizer",
        "registrar",
        "arbiter",
        "convenor",
        "convener",
        "controller",
        "spokesman",
        "spokeswoman",
    }
)
_UNRUN = frozenset(
    {"police", "ministry", "court", "government", "regulator", "union", "parliament", "newspaper"}
)
_ENVOYS = frozenset({"president", "ambassador", "spokesman", "spokeswoman", "envoy"})
_TOWN_HALL = frozenset({"solicitor", "manager", "attorney", "clerk", "treasurer", "planner", "engineer"})
_VOTE = regex.compile(
    r"(?:^|\b(?:for|of|the|runs|heads|leads)\s)(?P<side>Yes|No|yes|no)(?:\s(?:campaign|side|case|camp|committee|vote)|$)"
)
_NO_POLES = frozenset({"government", "police", "town hall"})
_DOMAIN = regex.compile(r"\.(?:com|org|net|info|[a-z]{2})\b(?=\P{L})")
_NEWS = frozenset({"news", "press", "telegraph"})
_OUTLETS = _NEWS | {
    "newspaper", "broadcaster", "magazine", "portal", "website", "outlet", "herald", "times", "post", "gazette",
    "tribune", "courier", "chronicle", "sentinel", "journal",
}  # fmt: skip
_OFFICES = frozenset({"office", "secretariat", "campaign", "camp"})
_GOVERNMENT = frozenset({"government", "ministry", "cabinet", "treasury", "presidency", "administration"})


def name_words(name: str) -> tuple[str, ...]:
    """Return the folded words that a name is matched by: its capitalised ones, without titles.

    >>> name_words("Dr. Ina Tolk"), name_words("the harbour police")
    (('ina', 'tolk'), ('harbour', 'police'))
    """
    parts = [w for w in clean_name(name).split() if w != "&"]
    words = tuple(fold(w) for w in parts if not w[:1].islower()) or tuple(fold(w) for w in parts)
    kept = tuple(w for w in words if w not in lexicon.HONORIFICS)
    return kept or words


class Ties:
    """A union of the speakers, organisations and governments of one article that stand together."""

    def __init__(self, document: Document, speakers: Sequence[Speaker]) -> None:
        self.table = Entities(document.text)
        self.look = Lookups(self.table)
        self.parent: dict[Hashable, Hashable] = {}
        self.outright: dict[Hashable, Hashable] = {}
        self.label: dict[Hashable, str] = {}
        self.entity_of: dict[str, Entity] = {}
        self._groups: dict[bool, dict[Hashable, list[Hashable]]] = {}
        self.size = {s.name: len(s.attributions) for s in speakers}
        self._governments = 0
        for speaker in speakers:
            self._adopt(speaker)
        self.speaking = {id(e) for e in self.entity_of.values()}
        self.states = States(self.table)
        self.look.recent.sort(key=lambda pair: pair[0])
        for speaker in speakers:
            entity = self.entity_of[speaker.id]
            self._join(("speaker", speaker.id), self.node(entity))
            self._institution(speaker, entity)
            self._attach(entity)
        self._families(speakers)

    def _families(self, speakers: Sequence[Speaker]) -> None:
        """Join people of one surname who are tied to nobody else."""
        families: dict[str, list[Hashable]] = {}
        for speaker in speakers:
            entity = self.entity_of[speaker.id]
            if entity.kind != "organization" and len(entity.words) > 1:
                families.setdefault(entity.words[-1], []).append(self.node(entity))
        tied = {self.find(node) for node, name in self.label.items() if name}
        for nodes in families.values():
            alone = [n for n in nodes if self.find(n) not in tied]
            for node in alone[1:]:
                self._join(node, alone[0])

    def _adopt(self, speaker: Speaker) -> None:
        entity = self.table.find(name_words(speaker.name), position=None)
        if entity is None or (speaker.kind == "person" and entity.kind == "organization"):
            entity = self.table.add(
                Entity(speaker.name, name_words(speaker.name), speaker.kind, described=True)
            )
            if speaker.mentions:
                entity.position = speaker.mentions[0].start
        if speaker.kind != "unknown":
            entity.kind = speaker.kind
        self.entity_of[speaker.id] = entity
        for span in speaker.mentions:
            if span.end <= len(self.table.text):
                self.table.record(span.start, span.end, entity)
                self.look.recent.append((span.start, entity))

    def node(self, entity: Entity) -> Hashable:
        """Return the key of an entity in the union."""
        key = ("entity", id(entity))
        if key not in self.label and entity.kind != "person":
            self.label[key] = clean_name(entity.name)
        return key

    def find(self, key: Hashable, *, outright: bool = False) -> Hashable:
        """Return the representative of the group that a key is in; ``outright``: as far as the text says so."""
        parent = self.outright if outright else self.parent
        while parent.get(key, key) != key:
            parent[key] = parent.get(parent[key], parent[key])
            key = parent[key]
        return key

    def _join(self, a: Hashable, b: Hashable, *, guess: bool = False) -> None:
        for parent in (self.parent,) if guess else (self.parent, self.outright):
            outright = parent is self.outright
            ra, rb = self.find(a, outright=outright), self.find(b, outright=outright)
            if ra != rb:
                parent[ra] = rb

    def root(self, speaker_id: str, *, outright: bool = False) -> Hashable:
        """Return the representative of a speaker's group; ``outright``: as far as the text says so."""
        return self.find(("speaker", speaker_id), outright=outright)

    def labels(self, key: Hashable, *, outright: bool = False) -> list[str]:
        """Return the names of the organisations in a group."""
        return [self._name(node) for node in self._labelled(key, outright)]

    def _name(self, node: Hashable) -> str:
        return self.states.name_of(self.label[node])

    def _labelled(self, key: Hashable, outright: bool) -> list[Hashable]:
        """Return the nodes of a group that have a name; they are sorted into groups once."""
        groups = self._groups.get(outright)
        if groups is None:
            groups = self._groups[outright] = {}
            for node, name in self.label.items():
                if name:
                    groups.setdefault(self.find(node, outright=outright), []).append(node)
        return groups.get(key, [])

    def name(self, key: Hashable, members: Sequence[Speaker], *, outright: bool = False) -> str:
        """Return the name of a group: its government, its speaking organisation, its organisation, or its speaker."""
        people = tuple(f"{s.name}'s " for s in members if s.kind == "person")
        nodes = [k for k in self._labelled(key, outright) if not self.label[k].startswith(people)]
        governments = [self._name(k) for k in nodes if isinstance(k, tuple) and k[0] == "body"]
        organizations = [
            s.name for s in members if s.kind == "organization" and not s.name.startswith(people)
        ]
        if governments and not (
            len(organizations) == 1 and len(set(governments)) == 1 and governments[0] in ("Police", "Court")
        ):
            polities = [n for n in organizations if n.split()[-1].lower() in POLITIES and governments[0] in n]
            return (polities or governments)[0]
        if organizations:
            return max(organizations, key=lambda name: self.size.get(name, 0))
        if nodes and (len(members) > 1 or members[0].kind == "person"):
            return self._name(nodes[0])
        return max(members, key=lambda s: len(s.attributions)).name

    def pole(self, speaker_id: str) -> str | None:
        """Return the country, the vote or the part in court that a speaker stands for outright, or None."""
        nodes = self._labelled(self.root(speaker_id, outright=True), outright=True)
        poles = (k[1] for k in nodes if isinstance(k, tuple) and k[0] == "body" and k[1] not in _NO_POLES)
        return next(poles, None)

    def outlet(self, entity: Entity) -> bool:
        """Whether a text calls somebody a newspaper, a station or a site, or gives the address of one."""
        if entity.kind == "person":
            return False
        words, text = entity.words, self.table.text
        agency = words[-1] == "agency" and bool(set(words) & _NEWS)
        return (
            agency
            or (len(words) > 1 and words[-1] in _OUTLETS)
            or any(r.head in _OUTLETS or (r.head == "agency" and r.words & _NEWS) for r in entity.roles[:20])
            or any(_DOMAIN.match(text, end) for _, end in entity.names[:20])
        )

    def _body(self, kind: str, name: str) -> Hashable:
        key = ("body", kind)
        self.label.setdefault(key, name)
        return key

    def _hall(self) -> Hashable:
        """Return the node of the town hall. Where the text does not speak of it, it is no name that a reader knows."""
        for hall in self.table.by_word.get("hall", [])[:20]:
            if hall.words[0] in ("city", "town") and hall.kind != "person":
                return self.node(hall)
        return self._body("town hall", "")

    def _state(self, key: str) -> Hashable:
        return self._body(key, self.states.labels.get(key, key))

    def _institution(self, speaker: Speaker, entity: Entity) -> None:
        """Join ministries to their state or government, offices to their holders, police to police."""
        node = self.node(entity)
        words = entity.words
        country = lexicon.country_of(speaker.name) or lexicon.country_of(" ".join(words))
        if country:
            self._join(node, self._body(country, country))
            return
        if self.states.several and (entity.kind != "person" or self.states.is_name(words)):
            state = self.states.of_body(entity)
            if state is None and self.states.public(entity):
                state = self.states.nearest(entity.position)
            if state is not None:
                self._join(node, self._state(state))
                return
        keeper = self._keeper(words)
        if keeper is not None:
            self._join(node, self.node(keeper))
            return
        if entity.kind != "organization":
            return
        heads = set(words)
        if (
            "side" in heads
            or heads & _GOVERNMENT
            or ("department" in heads and (heads & lexicon.PORTFOLIOS or len(heads) == 1))
        ):
            country = lexicon.country_in(words)
            self._join(node, self._body(country or "government", country or "Government"))
        elif "police" in heads:
            self._join(node, self._body("police", "Police"))

    def _keeper(self, words: tuple[str, ...]) -> Entity | None:
        """Return whose office, campaign or camp an organisation is: "the governor's office" is the governor's."""
        if words[-1] not in _OFFICES:
            return None
        text = self.table.text
        owned = regex.search(
            rf"(?i)(?P<who>[\p{{L}}\-]+)['’]s?\s(?:\p{{Ll}}+\s)?{regex.escape(words[-1])}\b", text
        )
        if owned is None:
            return None
        end = owned.end("who")
        named = [n for n in self.table.names_in(max(0, end - 60), end) if n.end == end]
        entity = self.table.of_name[named[0].start] if named else self.look.holder_at(owned.start(), end)
        return entity if entity is not None and entity.kind == "person" else None

    def _roles(self, entity: Entity) -> Iterable[Role]:
        seen: set[tuple[int, int]] = set()
        for role in entity.roles[:40]:
            if (role.start, role.end) not in seen:
                seen.add((role.start, role.end))
                yield role

    def _attach(self, entity: Entity) -> None:
        """Join a person to what the roles say outright, else to the first guess that a role allows."""
        if entity.kind == "organization":
            return
        node = self.node(entity)
        roles = list(self._roles(entity))
        said = [target for role in roles if (target := self._said(entity, role)) is not None]
        for target in said:
            self._join(node, target)
        if not said:
            guesses = (guess for role in roles if (guess := self._guess(role)) is not None)
            for target in islice(guesses, 1):
                self._join(node, target, guess=True)

    def _said(self, entity: Entity, role: Role) -> Hashable | None:
        """Return the group that a role names."""
        side = self._side(role)
        if side is not None:
            return side
        if self.states.several and (state := self.states.of_role(role)):
            return self._state(state)
        if role.head in lexicon.MINISTER_ROLES and (
            role.words & lexicon.PORTFOLIOS or "minister" in role.words
        ):
            country = lexicon.country_in(sorted(role.words))
            guess = self.states.around(role) if self.states.several else None
            if guess is None and (role.owner is None or country or not self._organization_owner(role)):
                return self._body(country or "government", country or "Government")
        if role.owner is None:
            return None
        target = self._target(entity, role)
        if target is None or target is entity:
            return None
        country = lexicon.country_of(target.name)
        return self._body(country, country) if country else self.node(target)

    def _side(self, role: Role) -> Hashable | None:
        """Return the side of a court or of a vote: the defence, the prosecution, Yes, No."""
        text = self.table.text[role.start : role.end]
        vote = _VOTE.search(text)
        if vote is not None:
            word = vote.group("side").capitalize()
            return self._body(word, f"{word} campaign")
        owner = self.table.text[slice(*role.owner)].lower().split() if role.owner else []
        if owner[-1:] in (["defence"], ["defense"]) or (
            role.head in _PROSECUTORS | {"lawyer"} and role.words & {"defence", "defense"}
        ):
            return self._body("defence", "Defence")
        if (
            owner[-1:] == ["prosecution"]
            or role.head == "prosecutor"
            or role.words >= {"district", "attorney"}
        ):
            return self._body("prosecution", "Prosecution")
        return None

    def _guess(self, role: Role) -> Hashable | None:
        """Return the group that a role without a known complement most likely belongs to."""
        if role.head in _TOWN_HALL and role.words & {"city", "town"}:
            return self._hall()
        if role.owner is not None:
            house = self._house_of(role) if role.head in _SENIOR else None
            return self.node(house) if house is not None else None
        if self.states.several and (state := self.states.around(role)):
            return self._state(state)
        seat = self._seat(role)
        if seat is not None:
            return self.node(seat)
        if role.head in ("mayor", "mayoress"):
            return self._hall()
        country = lexicon.country_in(sorted(role.words))
        if country and role.head in lexicon.MINISTER_ROLES | _ENVOYS:
            return self._body(country, country)
        corporate = role.head in lexicon.CORPORATE_ROLES | _STAFF or role.words >= {"chief", "officer"}
        if role.head in lexicon.POLICE_ROLES and not corporate and not role.words & {"fire", "school"}:
            return self._body("police", "Police")
        house = self._house(role) if corporate else None
        return self.node(house) if house is not None else None

    def _house(self, role: Role) -> Entity | None:
        """Return the organisation that "the chief executive" runs: near, named often, and one that speaks here."""
        executive = bool(role.words & _EXECUTIVE)
        best: tuple[float, Entity] | None = None
        seen: set[int] = set()
        here = self.table.sentence(role.start)
        for start, _, entity in self.table.before(role.start) or self.table.timeline[:40]:
            if id(entity) in seen or not self._houses(entity, executive):
                continue
            seen.add(id(entity))
            distance = min(6, abs(here - self.table.sentence(start)))
            value = -0.5 * distance + 0.35 * min(len(entity.names), 6)
            value += 1.5 * (id(entity) in self.speaking) + 1.0 * (entity.kind == "organization")
            if best is None or value > best[0]:
                best = (value, entity)
        return best[1] if best is not None and best[0] > 0 else None

    def _houses(self, entity: Entity, executive: bool) -> bool:
        """Whether an organisation can have an office of that kind: police have no chief executive."""
        if entity.kind == "person" or lexicon.country_of(entity.name):
            return False
        if self.table.place(entity):
            return False
        return not (executive and entity.heads & _UNRUN)

    def _house_of(self, role: Role) -> Entity | None:
        """Return the organisation before "the head of operations", where the complement is a part of it."""
        start, end = role.owner or (role.start, role.end)
        words = self.table.text[start:end].lower().split()
        if any(w in ("his", "her", "their", "our") for w in words[:1]) or self.table.names_in(start, end):
            return None
        house = self.look.organization_before(role.start)
        if (
            house is None
            or self.table.sentence(role.start)
            - self.table.sentence(house.mentions[0][0] if house.mentions else 0)
            < 0
        ):
            return None
        return house

    def _seat(self, role: Role) -> Entity | None:
        """Return the body that an office without a complement belongs to: the last one of its kind, else the first."""
        heads = _SEATS.get(role.head)
        if heads is None:
            return None
        options = {
            id(e): e
            for h in sorted(heads)
            for e in self.table.by_head.get(h, [])[:40]
            if e.kind == "organization"
        }
        for _, _, entity in self.table.before(role.start):
            if id(entity) in options:
                return entity
        return next(iter(options.values()), None)

    def _organization_owner(self, role: Role) -> bool:
        target = self.look.owner_of(role)
        return target is not None and target.kind == "organization"

    def _target(self, entity: Entity, role: Role) -> Entity | None:
        """Return whom a role's complement names: an organisation, or a person that somebody speaks or works for."""
        if role.owner is None:
            return None
        word = self.table.text[role.owner[0] : role.owner[1]].lower()
        personal = role.head in lexicon.PERSONAL_RELATIONS or role.relation == "for"
        if word in ("his", "her"):
            if not personal and role.head not in _SENIOR:
                return None
            return self._person_before(role.owner[0], "m" if word == "his" else "f", entity)
        target = self.look.owner_of(role)
        if target is None or (target.kind == "person" and not personal and role.head not in _SENIOR):
            return None
        return target

    def _person_before(self, position: int, gender: str, but: Entity) -> Entity | None:
        for _, _, entity in self.table.before(position, 12):
            if entity is not but and entity.kind != "organization" and entity.gender in (gender, None):
                return entity
        return None
