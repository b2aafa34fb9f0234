"""The report: documents, who said what in them, and how the claims stand to each other.

What a report looks like elsewhere is in modules of its own: JSON in ``serial``, tables in ``tables``, standards of the
W3C in ``w3c``, HTML in ``html``, plots in ``plots``, the terminal in ``text``. They are imported when first used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from claimcheck.errors import InputError, SpanError
from claimcheck.records import (
    Attribution,
    Claim,
    Document,
    Party,
    PartyVerdict,
    Relation,
    RelationLabel,
    Speaker,
    Stance,
)

if TYPE_CHECKING:
    import datasets
    import pandas as pd
    from matplotlib.axes import Axes

    from claimcheck.relations import SupportsPredict
    from claimcheck.tables import Table
    from claimcheck.targets import Holder, Model
    from claimcheck.verification import By

_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """Documents, the claims made in them, and the relations between those claims.

    Usually of one article, in which every attribution has one claim with its id. ``Checker.compare`` makes one
    without attributions and perhaps without documents; ``Checker.cross`` one of several documents, where ids are
    ``"document:a1"``. ``provenance`` holds what is needed to make the report again: versions, model hashes,
    thresholds, flags. It and ``Document.meta`` must be JSON values for the report to be saved.

    Raises
    ------
    InputError
        If the id of a document, an attribution, a claim or a party occurs twice, or a relation, a claim or an
        attribution names one that is not there.
    SpanError
        If a span of an attribution reaches past the end of its document.

    Examples
    --------
    Those of the methods go on with this report.

    >>> article = Document("bridge", "Ada Holm said the bridge was open. Per Lund denied it.")
    >>> yes = Claim("c1", "the bridge was open", "Ada Holm", "p1", "said", date="2024-03-02")
    >>> no = Claim("c2", "the bridge was open", "Per Lund", "p2", "denied", "denies", date="2024-03-03")
    >>> clash = Relation("c1", "c2", "contradicts", 0.97, (0.01, 0.02, 0.97), (0.01, 0.02, 0.97))
    >>> sides = Party("p1", "City", ("Ada Holm",)), Party("p2", "Union", ("Per Lund",))
    >>> report = Report((article,), parties=sides, claims=(yes, no), relations=(clash,))
    >>> report
    Report('bridge', 2 claims, 2 parties, 1 contradiction, 0 corroborations)
    """

    documents: tuple[Document, ...] = ()
    attributions: tuple[Attribution, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    parties: tuple[Party, ...] = ()
    claims: tuple[Claim, ...] = ()
    relations: tuple[Relation, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for name in ("documents", "attributions", "speakers", "parties", "claims", "relations"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        documents = _unique("document", self.documents)
        attributions = _unique("attribution", self.attributions)
        parties = _unique("party", self.parties)
        claims = _unique("claim", self.claims)
        claimed: dict[str, str] = {}
        for claim in self.claims:
            who = f"claim {claim.id!r}"
            _known(who, "party", claim.party, parties)
            _known(who, "attribution", claim.attribution, attributions)
            if claim.attribution is not None:
                first = claimed.setdefault(claim.attribution, claim.id)
                if first != claim.id:
                    raise InputError(
                        f"claims {first!r} and {claim.id!r} both have attribution {claim.attribution!r}: expected one each"
                    )
        for relation in self.relations:
            for end in (relation.a, relation.b):
                _known(f"relation {relation.a!r} - {relation.b!r}", "claim", end, claims)
        document_of = self.attribution_documents()
        for attribution in self.attributions:
            _known(f"attribution {attribution.id!r}", "parent", attribution.parent, attributions)
            document = documents.get(document_of.get(attribution.id) or "")
            if document is not None:
                _check_spans(attribution, document)

    def attribution_documents(self) -> dict[str, str | None]:
        """Return the document id of every attribution: its claim's, else the only document's, else None.

        >>> from claimcheck.records import Span
        >>> said = Attribution("a1", (), (), (Span(0, 9),), "indirect")
        >>> Report((Document("bridge", "It leaks."),), (said,)).attribution_documents()
        {'a1': 'bridge'}
        """
        only = self.documents[0].id if len(self.documents) == 1 else None
        found: dict[str, str | None] = {a.id: only for a in self.attributions}
        for claim in self.claims:
            if claim.attribution is not None:
                found[claim.attribution] = claim.document or only
        return found

    # the single article ------------------------------------------------------------------------------------------

    def _document(self) -> Document:
        if len(self.documents) != 1:
            raise InputError(
                f"a report of {len(self.documents)} documents has no single id and text: use report.documents"
            )
        return self.documents[0]

    @property
    def id(self) -> str:
        """The id of the article; InputError unless the report is of exactly one.

        Examples
        --------
        >>> report.id
        'bridge'
        """
        return self._document().id

    @property
    def text(self) -> str:
        """The text of the article; InputError unless the report is of exactly one.

        Examples
        --------
        >>> report.text[:8]
        'Ada Holm'
        """
        return self._document().text

    # questions ---------------------------------------------------------------------------------------------------

    def contradictions(self, min_score: float = 0.0) -> tuple[Relation, ...]:
        """Return the contradicting pairs of at least ``min_score``, the surest first.

        Examples
        --------
        >>> [(relation.a, relation.b, relation.score) for relation in report.contradictions(min_score=0.5)]
        [('c1', 'c2', 0.97)]
        """
        return self._ranked("contradicts", min_score)

    def corroborations(self, min_score: float = 0.0) -> tuple[Relation, ...]:
        """Return the corroborating pairs of at least ``min_score``, the surest first.

        Examples
        --------
        >>> report.corroborations()
        ()
        """
        return self._ranked("corroborates", min_score)

    def _ranked(self, label: RelationLabel, min_score: float) -> tuple[Relation, ...]:
        found = (r for r in self.relations if r.label == label and r.score >= min_score)
        return tuple(sorted(found, key=lambda relation: -relation.score))

    def claim(self, id: str) -> Claim:
        """Return the claim of that id.

        Raises
        ------
        InputError
            If there is none.

        Examples
        --------
        >>> report.claim("c2").force
        'denies'
        """
        for claim in self.claims:
            if claim.id == id:
                return claim
        raise InputError(
            f"no claim {id!r} in this report: its {_some('claims', (c.id for c in self.claims))}"
        )

    def claims_by(self, name: str) -> tuple[Claim, ...]:
        """Return the claims of a speaker or a party, in the report's order.

        ``name`` is a speaker's canonical name or the end of one ("Holm" for "Ada Holm"), or a party's name or id, in
        any case. A speaker that is known but made no claim gives an empty tuple.

        Raises
        ------
        InputError
            If nobody has that name, or if it is the end of several speakers' names.

        Examples
        --------
        >>> [claim.id for claim in report.claims_by("lund")], [claim.id for claim in report.claims_by("City")]
        (['c2'], ['c1'])
        """
        wanted = _words(name)
        parties = {p.id for p in self.parties if wanted in (_words(p.name), _words(p.id))}
        everyone = dict.fromkeys(
            [s.name for s in self.speakers]
            + [c.speaker for c in self.claims if c.speaker is not None]
            + [member for p in self.parties for member in p.members]
        )
        speakers = {s for s in everyone if wanted and _words(s) == wanted}
        if not parties and not speakers:
            speakers = {s for s in everyone if wanted and _ends_with(_words(s), wanted)}
            if len({tuple(_words(s)) for s in speakers}) > 1:
                names = ", ".join(sorted(speakers))
                raise InputError(f"{name!r} may be any of {names}: give the full name")
        if not parties and not speakers:
            known = [*everyone, *(p.name for p in self.parties)]
            raise InputError(f"nobody named {name!r} in this report: its {_some('names', known)}")
        return tuple(c for c in self.claims if c.speaker in speakers or c.party in parties)

    def party_labels(self) -> dict[str, str]:
        """Return the name of each party by its id, with the id added where two names are equal.

        >>> Report(parties=(Party("p1", "Council"), Party("p2", "Council"), Party("p3", "Union"))).party_labels()
        {'p1': 'Council (p1)', 'p2': 'Council (p2)', 'p3': 'Union'}
        """
        times = Counter(p.name for p in self.parties)
        return {p.id: p.name if times[p.name] == 1 else f"{p.name} ({p.id})" for p in self.parties}

    def sides(self) -> tuple[list[str], dict[str, int]]:
        """Return the names of the sides, and by claim id the number of the side of every claim that has one.

        The sides are the parties, in their order and named as in ``party_labels``; of a report without parties they are
        the speakers, in the order in which they speak. Matrices and plots have a row for each.

        >>> one, two = Claim("c1", "it leaks", speaker="Ada Holm"), Claim("c2", "it holds", speaker="Per Lund")
        >>> Report(claims=(one, two)).sides()
        (['Ada Holm', 'Per Lund'], {'c1': 0, 'c2': 1})
        """
        if self.parties:
            row = {p.id: i for i, p in enumerate(self.parties)}
            return list(self.party_labels().values()), {
                c.id: row[c.party] for c in self.claims if c.party is not None
            }
        names = list(dict.fromkeys(c.speaker for c in self.claims if c.speaker))
        number = {name: i for i, name in enumerate(names)}
        return names, {c.id: number[c.speaker] for c in self.claims if c.speaker}

    def counts(self, label: RelationLabel = "contradicts", *, min_score: float = 0.0) -> list[list[int]]:
        """Return how many relations there are between every two ``sides``, in their order.

        Symmetric; the diagonal counts pairs within one side. Claims without a side are left out.

        Raises
        ------
        InputError
            If ``label`` is not a relation label.

        Examples
        --------
        >>> report.counts()
        [[0, 1], [1, 0]]
        """
        if label not in get_args(RelationLabel):
            raise InputError(f"label {label!r} is none of {', '.join(get_args(RelationLabel))}")
        names, side = self.sides()
        table = [[0] * len(names) for _ in names]
        for relation in self.relations:
            a, b = side.get(relation.a), side.get(relation.b)
            if relation.label == label and relation.score >= min_score and a is not None and b is not None:
                table[a][b] += 1
                if a != b:
                    table[b][a] += 1
        return table

    def matrix(self, label: RelationLabel = "contradicts", *, min_score: float = 0.0) -> pd.DataFrame:
        """Return ``counts`` as a parties × parties frame, or speakers × speakers where there are no parties.

        Rows and columns are labelled with the names of the ``sides``.

        Raises
        ------
        InputError
            If ``label`` is not a relation label.

        Examples
        --------
        >>> print(report.matrix())
               City  Union
        City      0      1
        Union     1      0
        """
        import numpy as np
        import pandas as pd

        names, _ = self.sides()
        counts = np.array(self.counts(label, min_score=min_score), dtype=np.int64)
        return pd.DataFrame(counts.reshape(len(names), len(names)), index=names, columns=names)

    def stances(
        self, target: str, *, by: Holder = "party", nli: Model = None, template: str | None = None
    ) -> tuple[Stance, ...]:
        """Return where each party stands towards a target, or each speaker or claim.

        Parameters
        ----------
        target
            A topic ("the toll") or a claim ("the toll should be abolished").
        by
            "party" (holders are ids), "speaker" (names) or "claim" (ids).
        nli
            An NLI checkpoint, or an object with ``predict(pairs)``; default: the packaged model, loaded once.
        template
            Hypothesis, with ``{}`` for the target; see :func:`claimcheck.stances`.

        Raises
        ------
        InputError
            If the target is blank, the template has no place for it, or ``by`` is none of these.

        Examples
        --------
        >>> [stance.holder for stance in report.stances("the bridge")]
        ['p1', 'p2']
        """
        from claimcheck import targets

        return targets.report_stances(self, target, by=by, nli=nli, template=template)

    def verify(
        self,
        proposition: str,
        *,
        nli: str | Path | SupportsPredict | None = None,
        by: By = "party",
    ) -> tuple[PartyVerdict, ...]:
        """Say for each party whether what it says supports a proposition, refutes it, or says nothing of it.

        The parties come first, in their order, then speakers without a party, then claims of nobody named. Polarity
        and force count: "X denied that P" refutes P, and a demand that P says nothing of whether it is so.

        Parameters
        ----------
        nli
            As for :func:`claimcheck.verify`: ``checker.nli``, or by default the packaged model, loaded once.
        by
            "party", "speaker" or "claim": whose verdicts they are.

        Raises
        ------
        InputError
            If the proposition is blank or not ``str``, or ``by`` is none of these.

        Examples
        --------
        >>> [(verdict.name, verdict.label) for verdict in report.verify("The bridge was open.")]
        [('City', 'supports'), ('Union', 'refutes')]
        """
        from claimcheck.verification import verify_claims

        return verify_claims(proposition, self.claims, nli=nli, by=by, names=self.party_labels())

    # other forms -------------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values; ``from_dict`` gives it back exactly.

        One article stands at the top level (``id``, ``text``, ``title``, ``date``); otherwise these are None and
        ``documents`` is a list. ``attributions`` carry the ``speaker`` and ``party`` of their claims.

        Raises
        ------
        InputError
            If ``meta`` or ``provenance`` hold what JSON cannot.

        Examples
        --------
        >>> report.to_dict()["relations"][0]["label"]
        'contradicts'
        """
        from claimcheck import serial

        return serial.to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """Return the report that ``to_dict`` wrote.

        Raises
        ------
        InputError
            If ``data`` is of another schema version, or misses or garbles a field.

        Examples
        --------
        >>> Report.from_dict(report.to_dict()) == report
        True
        """
        from claimcheck import serial

        return serial.from_dict(data)

    def to_json(self, path: str | Path | None = None, *, indent: int | None = None) -> str:
        """Return the report as JSON text, and write it to ``path`` if one is given.

        Raises
        ------
        InputError
            If a value cannot be JSON: NaN, infinity, a lone surrogate, or an object in ``meta`` or ``provenance``.

        Examples
        --------
        >>> report.to_json()[:20]
        '{"schema_version": 1'
        """
        from claimcheck import serial

        return serial.write(serial.to_json(self, indent=indent), path)

    def save(self, path: str | Path) -> None:
        """Write the report to ``path`` as JSON; ``load`` reads it.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     report.save(Path(folder, "report.json"))
        ...     Report.load(Path(folder, "report.json")) == report
        True
        """
        self.to_json(path)

    @classmethod
    def load(cls, path: str | Path) -> Report:
        """Return the report saved at ``path``.

        Raises
        ------
        InputError
            If the file is not a report, or one of another schema version.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     report.save(Path(folder, "report.json"))
        ...     Report.load(Path(folder, "report.json")).id
        'bridge'
        """
        from claimcheck import serial

        return serial.load(path)

    def to_pandas(self, table: Table = "claims") -> pd.DataFrame:
        """Return the claims, relations, parties or speakers, one to a row.

        Text columns are ``string``, sets of a few values ``category``, offsets ``Int64``; they are the same when the
        table is empty.

        Raises
        ------
        InputError
            If there is no such table.

        Examples
        --------
        >>> report.to_pandas()[["id", "speaker", "party", "force"]].values.tolist()
        [['c1', 'Ada Holm', 'City', 'asserts'], ['c2', 'Per Lund', 'Union', 'denies']]
        """
        from claimcheck import tables

        return tables.to_pandas(self, table)

    def to_dataset(self, table: Table = "claims") -> datasets.Dataset:
        """Return the same table as a Hugging Face dataset.

        Raises
        ------
        InputError
            If there is no such table.

        Examples
        --------
        >>> report.to_dataset("relations")[0]["score"]
        0.97
        """
        from claimcheck import tables

        return tables.to_dataset(self, table)

    def to_csv(
        self, path: str | Path | None = None, table: Table = "claims", *, safe_for_spreadsheets: bool = False
    ) -> str:
        """Return the same table as CSV in UTF-8, and write it to ``path`` if one is given.

        Lists are JSON. Other values stand as they are, so that a program reads back what was written. Texts come from
        elsewhere and may begin like a formula: for a file that is opened in a spreadsheet, ``safe_for_spreadsheets``
        puts an apostrophe before a text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break, as OWASP
        advises (*CSV Injection*).

        Raises
        ------
        InputError
            If there is no such table, or a text holds a lone surrogate.

        Examples
        --------
        >>> print(report.to_csv(table="parties"), end="")
        id,name,members,claims,contradictions,corroborations
        p1,City,"[""Ada Holm""]",1,1,0
        p2,Union,"[""Per Lund""]",1,1,0
        """
        from claimcheck import serial, tables

        made = tables.to_csv(self, table, safe_for_spreadsheets=safe_for_spreadsheets)
        return serial.write(made, path)

    def to_parquet(self, path: str | Path, table: Table = "claims") -> None:
        """Write the same table to ``path`` as Parquet, with the types of ``to_dataset``.

        Raises
        ------
        InputError
            If there is no such table.

        Examples
        --------
        >>> import pandas as pd
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     report.to_parquet(Path(folder, "claims.parquet"))
        ...     list(pd.read_parquet(Path(folder, "claims.parquet"))["id"])
        ['c1', 'c2']
        """
        from claimcheck import tables

        tables.to_parquet(self, path, table)

    def to_annotations(
        self, path: str | Path | None = None, *, base: str = "urn:claimcheck:"
    ) -> dict[str, Any]:
        """Return the report as a W3C Web Annotation collection (JSON-LD), and write it to ``path`` if one is given.

        Sources, cues and contents are annotations of spans, contradictions and corroborations link two contents.
        ``base`` is what the IRIs of the annotations begin with. See :func:`claimcheck.w3c.to_annotations`.

        Examples
        --------
        >>> report.to_annotations()["type"]  # of claims with a place in their text, of which there are none here
        'AnnotationCollection'
        """
        from claimcheck import serial, w3c

        found = w3c.to_annotations(self, base=base)
        serial.write(serial.dump(found), path)
        return found

    def to_prov(self, path: str | Path | None = None) -> dict[str, Any]:
        """Return how the report was made as W3C PROV-JSON, and write it to ``path`` if one is given.

        See :func:`claimcheck.w3c.to_prov`.

        Examples
        --------
        >>> report.to_prov()["entity"]["claimcheck:document/bridge"]["prov:label"]
        'bridge'
        """
        from claimcheck import serial, w3c

        found = w3c.to_prov(self)
        serial.write(serial.dump(found), path)
        return found

    def to_claim_review(
        self, verdicts: Mapping[str, Mapping[str, Any]], path: str | Path | None = None
    ) -> dict[str, Any]:
        """Return verdicts on claims as schema.org ``ClaimReview`` (JSON-LD), and write it to ``path`` if one is given.

        ``verdicts`` are those of people: by claim id, a mapping with ``rating``, ``author`` and ``url``. Nothing is made
        from relations, for a contradiction is not a falsity. See :func:`claimcheck.claim_review.to_claim_review`.

        Raises
        ------
        InputError
            If there is no verdict, no such claim, or a verdict lacks or garbles a field.

        Examples
        --------
        >>> report = Report(claims=(Claim("c1", "the bridge is safe", speaker="Ada Holm"),))
        >>> verdict = {"rating": "Mostly true", "author": "Vestby Fact Desk", "url": "https://example.org/checks/7"}
        >>> report.to_claim_review({"c1": verdict})["@graph"][0]["claimReviewed"]
        'The bridge is safe.'
        """
        from claimcheck import claim_review, serial

        found = claim_review.to_claim_review(self, verdicts)
        serial.write(serial.dump(found), path)
        return found

    def to_html(self, path: str | Path | None = None) -> str:
        """Return the report as one HTML page that needs nothing else, and write it to ``path`` if one is given.

        Examples
        --------
        >>> report.to_html()[:15]
        '<!doctype html>'
        """
        from claimcheck import html, serial

        return serial.write(html.page(self), path)

    def plot_matrix(
        self, label: RelationLabel = "contradicts", *, min_score: float = 0.0, ax: Axes | None = None
    ) -> Axes:
        """Draw how many relations of a label there are between every two parties; needs the extra ``plot``.

        See :func:`claimcheck.plots.plot_matrix`.

        Examples
        --------
        >>> report.plot_matrix().get_title()
        'contradictions'
        """
        from claimcheck import plots

        return plots.plot_matrix(self, label, min_score=min_score, ax=ax)

    def plot_network(self, *, min_score: float = 0.0, ax: Axes | None = None) -> Axes:
        """Draw the parties, joined by contradictions and corroborations; needs the extra ``plot``.

        See :func:`claimcheck.plots.plot_network`.

        Examples
        --------
        >>> [text.get_text() for text in report.plot_network().get_legend().get_texts()]
        ['contradictions', 'corroborations']
        """
        from claimcheck import plots

        return plots.plot_network(self, min_score=min_score, ax=ax)

    def plot_timeline(self, *, min_score: float = 0.0, ax: Axes | None = None) -> Axes:
        """Draw the claims of several articles by date and party, joined where they clash; needs the extra ``plot``.

        See :func:`claimcheck.plots.plot_timeline`.

        Examples
        --------
        >>> [label.get_text() for label in report.plot_timeline().get_yticklabels()]
        ['City', 'Union']
        """
        from claimcheck import plots

        return plots.plot_timeline(self, min_score=min_score, ax=ax)

    def summary(self, *, color: bool = False, width: int | None = None) -> str:
        r"""Return the report as plain text: parties, claims, contradictions and corroborations.

        ``width`` is in columns (default: the terminal's, at most 100).

        Examples
        --------
        >>> print(report.summary(width=60).split("\n\n")[1])
        PARTIES
          City   Ada Holm (1)
          Union  Per Lund (1)
        """
        from claimcheck import text

        return text.render(self, color=color, width=width)

    def _repr_html_(self) -> str:
        from claimcheck import html

        return html.fragment(self)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        what = repr(self.id) if len(self.documents) == 1 else count(len(self.documents), "document")
        return (
            f"Report({what}, {count(len(self.claims), 'claim')}, {count(len(self.parties), 'party', 'parties')}, "
            f"{count(len(self.contradictions()), 'contradiction')}, "
            f"{count(len(self.corroborations()), 'corroboration')})"
        )


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    >>> count(1, "party", "parties"), count(2, "claim")
    ('1 party', '2 claims')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def _unique(kind: str, records: tuple[Any, ...]) -> dict[str, Any]:
    by_id = {record.id: record for record in records}
    if len(by_id) != len(records):
        id, times = Counter(record.id for record in records).most_common(1)[0]
        raise InputError(f"{kind} id {id!r} occurs {times} times: ids must be unique")
    return by_id


def _known(who: str, what: str, id: str | None, there: Mapping[str, Any]) -> None:
    if id is not None and id not in there:
        raise InputError(f"{who} names {what} {id!r}, which is not in the report")


def _check_spans(attribution: Attribution, document: Document) -> None:
    for span in (*attribution.source, *attribution.cue, *attribution.content):
        if span.end > len(document.text):
            raise SpanError(
                f"attribution {attribution.id!r}: span ({span.start}, {span.end}) exceeds document "
                f"{document.id!r} of {len(document.text)} characters"
            )


def _words(name: str) -> list[str]:
    words = name.casefold().split()
    return words[1:] if len(words) > 1 and words[0] == "the" else words


def _ends_with(words: list[str], tail: list[str]) -> bool:
    if words and words[-1] in _SUFFIXES and tail[-1] not in _SUFFIXES:
        words = words[:-1]
    return words[-len(tail) :] == tail


def _some(what: str, values: Iterable[str], limit: int = 30) -> str:
    listed = list(dict.fromkeys(values))
    if not listed:
        return f"{what} are none"
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return f"{what} are {', '.join(listed[:limit])}{more}"
