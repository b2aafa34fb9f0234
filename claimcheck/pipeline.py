"""The whole path, composed: text, quotations, attributions, speakers and parties, claims, relations, report."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

import numpy as np
import numpy.typing as npt

import claimcheck
from claimcheck.attribution import Attributor
from claimcheck.checkpoints import packaged
from claimcheck.claims import make_claims
from claimcheck.crossing import merge_reports
from claimcheck.decision import Decision
from claimcheck.errors import InputError, WorkerError
from claimcheck.nli import NLI
from claimcheck.pairing import FEATURES, FEW_CLAIMS, Pair, article_members, grouped_features, pair_features
from claimcheck.parties import check_parties, find_sides
from claimcheck.records import Attribution, Claim, Document, Span, Verdict
from claimcheck.relations import (
    ALL_STATEMENTS,
    MAX_PAIRS,
    SupportsPredict,
    candidate_pairs,
    cross_pairs,
    relate,
    statement_pairs,
)
from claimcheck.report import Report
from claimcheck.retrieval import MAX_CANDIDATES
from claimcheck.rows import read_statements
from claimcheck.segmentation import Segmentation, segment
from claimcheck.sources import statement_rows
from claimcheck.speakers import resolve_speakers
from claimcheck.statements import StatementFormat
from claimcheck.verification import Texts, verify
from claimcheck.voices import MAX_VOICES
from claimcheck.workers import Lost, available_cores, run_chunks

if TYPE_CHECKING:
    import pandas as pd

Parties = Mapping[str, Sequence[str]]

EMPTY = "empty text"  # flag of a report of a blank article
HINTS = f"parties: hints not weighed, more than {MAX_VOICES} voices"  # flag of an article of a crowd
COPIES = (
    "equal texts numbered"  # flag of a report of articles that shared an id because their texts are equal
)


class SupportsSegment(Protocol):
    """The segmentation extension point."""

    def segment(self, text: str) -> Segmentation:
        """Return paragraphs, sentences and quotations of ``text``."""
        ...


class SupportsAttribute(Protocol):
    """The attribution extension point."""

    def attribute(self, document: Document, segmentation: Segmentation) -> tuple[Attribution, ...]:
        """Return the attributions of ``document``, in text order."""
        ...


class RuleSegmenter:
    """The segmenter that is used where no other is given: :func:`claimcheck.segmentation.segment`."""

    def segment(self, text: str) -> Segmentation:
        """Return paragraphs, sentences and quotations of ``text``."""
        return segment(text)


class Checker:
    """Finds claims and how they stand to each other.

    Parameters
    ----------
    segmenter, attributor, nli
        The three steps that can be exchanged: objects with ``segment(text)``, ``attribute(document, segmentation)``
        and ``predict(pairs)``.
    thresholds
        Scores from which a pair "contradicts" and "corroborates", and a "gate" below which it is not read at all;
        default: those that were fitted to the NLI checkpoint, or 0.5 and no gate for one that has none.
    max_pairs
        At most so many pairs are compared within one article; where that leaves some out, the report's provenance
        says so under ``flags``.
    max_candidates
        Across articles, and among more than 200 statements, each claim is compared with so many that are nearest to
        it where that leaves some out; ``flags`` say so.

    Examples
    --------
    Those of the methods go on with this checker.

    >>> checker = load()
    >>> report = checker.check("Ada Holm said the bridge was safe. Per Lund denied that the bridge was safe.")
    >>> [(claim.speaker, claim.force) for claim in report.claims]
    [('Ada Holm', 'asserts'), ('Per Lund', 'denies')]
    """

    def __init__(
        self,
        attributor: SupportsAttribute,
        nli: SupportsPredict,
        *,
        segmenter: SupportsSegment | None = None,
        thresholds: Mapping[str, float] | None = None,
        max_pairs: int = MAX_PAIRS,
        max_candidates: int = MAX_CANDIDATES,
    ) -> None:
        self.segmenter = segmenter or RuleSegmenter()
        self.attributor = attributor
        self.nli = nli
        self.form: StatementFormat = getattr(nli, "statement_format", "plain")
        tuned: Decision = getattr(nli, "decision", None) or Decision()
        self.decision = tuned.with_thresholds(thresholds)
        if tuned.looks_apart and getattr(nli, "pair_head", None) is None:
            raise InputError(
                "the NLI model's decision weighs what its pair_head says, and it has none: pass both on, or neither"
            )
        if max_pairs < 1:
            raise InputError(f"max_pairs is {max_pairs}, expected at least 1")
        self.max_pairs = max_pairs
        self.max_candidates = _at_least_one(max_candidates)

    def check(
        self,
        text: str | Document,
        *,
        id: str | None = None,
        title: str | None = None,
        date: str | None = None,
        url: str | None = None,
        parties: Parties | None = None,
    ) -> Report:
        """Return the report of one article.

        Parameters
        ----------
        text
            The article. Empty or blank text, and text without any attribution, give a report without claims; the
            provenance of the former says "empty text" under ``flags``.
        id
            Default: made from a hash of the text, so that the same text has the same id. It, ``title``, ``date`` and
            ``url`` go with a ``str`` only: a document has its own.
        parties
            Party names and who belongs to them, for example ``{"Russia": ["Putin", "Peskov"]}``; it wins over what
            the text says.

        Raises
        ------
        InputError
            If the text is not ``str`` or cannot be encoded, or ``parties`` gives one name to two parties.

        Examples
        --------
        >>> report = checker.check("Ada Holm said it leaked.", parties={"City": ["Ada Holm"]})
        >>> [(claim.speaker, claim.text) for claim in report.claims], report.parties[0].name
        ([('Ada Holm', 'it leaked')], 'City')
        """
        check_parties(parties)
        given = {"id": id, "title": title, "date": date, "url": url}
        if not isinstance(text, Document):
            return self._check_all([make_document(text, **given)], parties)[0]
        if unused := [name for name, value in given.items() if value is not None]:
            raise InputError(
                f"{', '.join(unused)} given with a Document, which has its own: use dataclasses.replace(document, ...)"
            )
        return self._check_all([text], parties)[0]

    @overload
    def pipe(
        self,
        texts: Iterable[str | Document],
        *,
        batch_size: int = ...,
        n_process: int = ...,
        as_tuples: Literal[False] = ...,
        parties: Parties | None = ...,
    ) -> Iterator[Report]: ...

    @overload
    def pipe(
        self,
        texts: Iterable[tuple[str | Document, Any]],
        *,
        batch_size: int = ...,
        n_process: int = ...,
        as_tuples: Literal[True],
        parties: Parties | None = ...,
    ) -> Iterator[tuple[Report, Any]]: ...

    def pipe(
        self,
        texts: Iterable[Any],
        *,
        batch_size: int = 64,
        n_process: int = 1,
        as_tuples: bool = False,
        parties: Parties | None = None,
    ) -> Iterator[Any]:
        """Yield the reports of many articles, in order, reading ``texts`` as it goes.

        Parameters
        ----------
        texts
            Strings or documents; with ``as_tuples``, (text, context) pairs.
        batch_size
            Articles that go through the models together.
        n_process
            Worker processes; 1 works in this one, -1 stands for as many as there are cores. Each loads the models, and
            they share the cores and the GPUs. A script that uses them needs ``if __name__ == "__main__":``.
        as_tuples
            Yield (report, context), whatever the context is.

        Raises
        ------
        InputError
            If ``batch_size`` is not positive, ``texts`` is one ``str``, or a text cannot be used; its place in
            ``texts`` is named. If ``n_process`` is 0, or the checker cannot be pickled for the workers.
        WorkerError
            If a worker dies at a text, and another at the same text again.

        Examples
        --------
        >>> [len(report.claims) for report in checker.pipe(["Ada Holm said it leaked.", ""])]
        [1, 0]
        """
        if isinstance(texts, str | Document) or not isinstance(texts, Iterable):
            raise InputError(
                f"texts is one {type(texts).__name__}, expected several texts: use check() for one, or put it in a list"
            )
        if batch_size < 1:
            raise InputError(f"batch_size is {batch_size}, expected at least 1")
        if n_process == 0 or n_process < -1:
            raise InputError(f"n_process is {n_process}, expected -1 or at least 1")
        check_parties(parties)
        contexts: deque[Any] = deque()
        chunks = _document_chunks(texts, batch_size, contexts if as_tuples else None)
        if n_process == 1:
            checked: Iterable[Sequence[Report | Lost]] = (self._check_all(chunk, parties) for chunk in chunks)
        else:
            make = partial(partial, self._check_all, parties=parties)
            workers = available_cores() if n_process == -1 else n_process
            checked = run_chunks(make, chunks, workers=workers)
        seen = 0
        for reports in checked:
            for report in reports:
                if isinstance(report, Lost):
                    raise WorkerError(f"text {seen}: {report}")
                seen += 1
                yield (report, contexts.popleft()) if as_tuples else report

    def map_batch(
        self, batch: Mapping[str, Sequence[Any]], *, text_column: str = "text"
    ) -> dict[str, list[str]]:
        """Return the reports of a batch of rows as JSON, for ``dataset.map(checker.map_batch, batched=True)``.

        Raises
        ------
        InputError
            If there is no column of that name, or a text cannot be used; its row in the batch is named.

        Examples
        --------
        >>> list(checker.map_batch({"text": ["Ada Holm said it leaked."]}))
        ['report']
        """
        if text_column not in batch:
            raise InputError(
                f"no column {text_column!r} among {', '.join(map(repr, batch)) or 'none'}: pass text_column="
            )
        ids = batch["id"] if "id" in batch else [None] * len(batch[text_column])
        documents = []
        for n, (text, id) in enumerate(zip(batch[text_column], ids, strict=True)):
            try:
                documents.append(make_document(text, id=None if id is None else str(id)))
            except InputError as error:
                raise InputError(f"row {n} of the batch: {error}") from None
        return {"report": [report.to_json() for report in self._check_all(documents, None)]}

    def compare(
        self,
        statements: Iterable[Mapping[str, Any]] | pd.DataFrame,
        *,
        parties: Parties | None = None,
        max_candidates: int | None = None,
        show_progress_bar: bool | None = None,
    ) -> Report:
        """Return the relations between statements that someone already has.

        Parameters
        ----------
        statements
            Mappings with ``text``, ``speaker`` (may be None) and optionally ``id``, ``party``, ``cue``, ``date``,
            ``context`` (the article) and ``start`` (where the text begins in it); or a pandas frame with such columns.
            Every pair of up to 200 is compared. Of more, those of one article (the same ``context``) are compared with
            each other up to ``max_pairs``, and each with the ``max_candidates`` nearest of the others: the report's
            provenance says so under ``flags``. Other keys are not used, and a warning names them; other columns of
            a frame are passed over in silence, and so are blank values.
        parties
            Party names and who belongs to them, as in :meth:`check`; it wins over the statements' own ``party``.
        max_candidates
            So many for each statement, however few there are; ``len(statements)`` compares every pair that is not of
            one article. Default: the checker's, for more than 200 statements.

        Raises
        ------
        InputError
            If a statement lacks a text, a value is of the wrong type, or an id occurs twice; its number is named.

        Examples
        --------
        >>> one = {"speaker": "Ada Holm", "cue": "said", "text": "the bridge is safe"}
        >>> other = {"speaker": "Per Lund", "cue": "denied", "text": "the bridge is safe"}
        >>> [relation.label for relation in checker.compare([one, other]).relations]
        ['contradicts']
        """
        frame: Any = statements if hasattr(statements, "columns") else None
        rows: Any = statements if frame is None else statement_rows(frame)
        claims, found, order = read_statements(rows, parties)
        candidates = None if max_candidates is None else _at_least_one(max_candidates)
        if len(claims) > ALL_STATEMENTS and candidates is None:
            candidates = self.max_candidates
        pairs, limited, nearest = statement_pairs(
            claims, order, max_pairs=self.max_pairs, max_candidates=candidates
        )
        flags = ["pairs limited"] if limited else []
        if nearest:
            flags.append(_nearest_flag(candidates or self.max_candidates))
        options = {"show_progress_bar": show_progress_bar} if show_progress_bar else {}
        relations = relate(
            claims,
            pairs,
            self.nli,
            form=self.form,
            decision=self.decision,
            surface=grouped_features(claims, pairs, order),
            states=self._states_of(claims, order),
            options=options,
        )
        return Report(
            parties=found, claims=tuple(claims), relations=tuple(relations), provenance=self.provenance(flags)
        )

    def cross(self, reports: Iterable[Report], *, max_candidates: int | None = None) -> Report:
        """Return one report of many articles, with the relations between claims of different articles as well.

        Ids become ``"document:a1"``; parties of the same name, and those that share a member, become one. Documents of
        equal text have equal ids unless they were given others: the second becomes ``"document-2"``, and the provenance
        says "equal texts numbered" under ``flags``, for copies corroborate each other.

        Every pair is compared while there are at most ``max_pairs`` for each article; of more, each claim is compared
        with the nearest ones, and the report's provenance says so under ``flags``.

        Parameters
        ----------
        max_candidates
            So many nearest claims of other articles for each claim, however few articles there are. Default: the
            checker's, where there are too many pairs.

        Raises
        ------
        InputError
            If they are not several reports, or two documents of different texts have one id.

        Examples
        --------
        >>> one = checker.check("Ada Holm said the bridge was safe.", id="x")
        >>> other = checker.check("Per Lund denied that the bridge was safe.", id="y")
        >>> [claim.id for claim in checker.cross([one, other]).claims]
        ['x:a1', 'y:a1']
        """
        if isinstance(reports, Report) or not isinstance(reports, Iterable):
            raise InputError(
                f"reports is a {type(reports).__name__}, expected several reports: put one in a list"
            )
        given = list(reports)
        for n, report in enumerate(given):
            if not isinstance(report, Report):
                raise InputError(
                    f"item {n} is a {type(report).__name__}, expected a Report: check() makes one of a text"
                )
        merged = merge_reports(given)
        claims = merged.claims
        few = 0 if max_candidates is not None else self.max_pairs * max(1, len(merged.documents))
        candidates = self.max_candidates if max_candidates is None else _at_least_one(max_candidates)
        apart, nearest = cross_pairs(claims, few, candidates)
        flags = dict.fromkeys(flag for report in given for flag in report.provenance.get("flags", ()))
        if nearest:
            flags[_nearest_flag(candidates)] = None
        if [d.id for d in merged.documents] != [d.id for report in given for d in report.documents]:
            flags[COPIES] = None
        relations = relate(claims, apart, self.nli, form=self.form, decision=self.decision)
        return replace(
            merged,
            relations=(*merged.relations, *relations),
            provenance=self.provenance(list(flags)),
        )

    @overload
    def verify(self, claim: str, evidence: str, *, show_progress_bar: bool | None = ...) -> Verdict: ...

    @overload
    def verify(
        self, claim: Texts, evidence: Texts, *, show_progress_bar: bool | None = ...
    ) -> tuple[Verdict, ...]: ...

    def verify(self, claim: Any, evidence: Any, *, show_progress_bar: bool | None = None) -> Any:
        """Say whether an evidence supports a claim, with this checker's NLI model: :func:`claimcheck.verify`.

        For what the parties of an article say of a proposition, ``report.verify(proposition, nli=checker.nli)``.

        Examples
        --------
        >>> checker.verify("The bridge is open.", "The mayor said that the bridge was shut on Monday.").label
        'refutes'
        """
        return verify(claim, evidence, nli=self.nli, show_progress_bar=show_progress_bar)

    def provenance(self, flags: Sequence[str] = ()) -> dict[str, Any]:
        """Return what is needed to make a report again: versions, model hashes, thresholds, and flags.

        Examples
        --------
        >>> checker.provenance(flags=["pairs limited"])["flags"]
        ['pairs limited']
        """
        return {
            "claimcheck": claimcheck.__version__,
            "models": {
                "attribution": getattr(self.attributor, "hash", None),
                "nli": getattr(self.nli, "hash", None),
            },
            "thresholds": dict(self.decision.thresholds),
            "flags": list(flags),
        }

    def _check_all(self, documents: Sequence[Document], parties: Parties | None) -> list[Report]:
        """Check documents together: windows and pairs of all of them share the models' batches."""
        segmentations = [self.segmenter.segment(document.text) for document in documents]
        found, states = self._attribute(documents, segmentations)
        reports: list[Report] = []
        pairs: list[Pair] = []
        owners: list[int] = []
        surfaces = [np.zeros((0, len(FEATURES)))]
        claims: list[Claim] = []
        for n, (document, segmentation, attributions) in enumerate(
            zip(documents, segmentations, found, strict=True)
        ):
            speakers = resolve_speakers(document, attributions, segmentation.quotations)
            sides = find_sides(document, speakers, attributions, parties)
            made = make_claims(document, segmentation, attributions, speakers, sides.parties, sides.unnamed)
            own, limited = candidate_pairs(made, self.max_pairs)
            pairs += [(i + len(claims), j + len(claims), d) for i, j, d in own]
            surfaces.append(pair_features(made, own))
            owners += [n] * len(made)
            claims += made
            flags = ["pairs limited"] if limited else []
            if sides.hints_left_out:
                flags.append(HINTS)
            if not document.text.strip():
                flags.append(EMPTY)
            reports.append(
                Report(
                    (document,),
                    attributions,
                    speakers,
                    sides.parties,
                    made,
                    provenance=self.provenance(flags),
                )
            )
        # claims of different articles share ids: their numbers stand in until the relations are back
        numbered = [replace(claim, id=str(k)) for k, claim in enumerate(claims)]
        relations: list[list[Any]] = [[] for _ in documents]
        surface = np.vstack(surfaces)
        for relation in relate(
            numbered, pairs, self.nli, form=self.form, decision=self.decision, surface=surface, states=states
        ):
            a, b = int(relation.a), int(relation.b)
            relations[owners[a]].append(replace(relation, a=claims[a].id, b=claims[b].id))
        return [replace(report, relations=tuple(own)) for report, own in zip(reports, relations, strict=True)]

    def _state_reader(self) -> Attributor | None:
        """Return the attributor if the NLI model's pair head was fitted to its states."""
        head, attributor = getattr(self.nli, "pair_head", None), self.attributor
        if head is None or head.attribution is None or type(attributor) is not Attributor:
            return None
        return attributor if (attributor.hash, attributor.convention) == (head.attribution, "news") else None

    def _attribute(
        self, documents: Sequence[Document], segmentations: Sequence[Segmentation]
    ) -> tuple[list[tuple[Attribution, ...]], npt.NDArray[np.float32] | None]:
        """Return the attributions of each document, and the states of all of them together, where they are of use."""
        reader = self._state_reader()
        if documents and reader is not None:
            read = reader.attribute_with_states(documents, segmentations)
            return [found for found, _ in read], np.concatenate([states for _, states in read])
        batched = getattr(self.attributor, "attribute_batch", None)
        if batched is not None:
            return batched(documents, segmentations), None
        return [
            self.attributor.attribute(document, segmentation)
            for document, segmentation in zip(documents, segmentations, strict=True)
        ], None

    def _states_of(
        self, claims: Sequence[Claim], places: Sequence[tuple[str | None, int]]
    ) -> npt.NDArray[np.float32] | None:
        """Return the states of claims whose article is known, zeros for others and those of a few; None if of no use."""
        groups = {article: own for article, own in article_members(places).items() if len(own) > FEW_CLAIMS}
        reader = self._state_reader()
        if reader is None or not groups:
            return None
        states = np.zeros((len(claims), reader.state_size), dtype=np.float32)
        for article, own in groups.items():
            starts = [claims[k].start or 0 for k in own]
            contents = [
                [Span(start, start + len(claims[k].text))] for k, start in zip(own, starts, strict=True)
            ]
            documents = [make_document(article)]
            (states[own],) = reader.states(documents, [self.segmenter.segment(article)], [contents])
        return states


def _document_chunks(
    texts: Iterable[Any], batch_size: int, contexts: deque[Any] | None
) -> Iterator[list[Document]]:
    """Yield texts as documents, some at a time; with ``contexts``, take (text, context) apart and add to them."""
    source = iter(texts)
    seen = 0
    while chunk := list(islice(source, batch_size)):
        documents = []
        for n, item in enumerate(chunk, seen):
            if contexts is not None and not (isinstance(item, tuple | list) and len(item) == 2):
                raise InputError(f"text {n} is {item!r:.60}, expected (text, context), as as_tuples says")
            text, context = (item, None) if contexts is None else item
            try:
                documents.append(text if isinstance(text, Document) else make_document(text))
            except InputError as error:
                raise InputError(f"text {n}: {error}") from None
            if contexts is not None:
                contexts.append(context)
        seen += len(chunk)
        yield documents


def _at_least_one(max_candidates: int) -> int:
    if max_candidates < 1:
        raise InputError(f"max_candidates is {max_candidates}, expected at least 1")
    return max_candidates


def _nearest_flag(candidates: int) -> str:
    return f"across articles: {candidates} nearest candidates of each claim"


def make_document(
    text: str,
    *,
    id: str | None = None,
    title: str | None = None,
    date: str | None = None,
    url: str | None = None,
) -> Document:
    """Return a document; without an ``id`` it gets one from a hash of the text.

    Examples
    --------
    >>> make_document("The mayor resigned.").id
    'doc-e972eba897ae'
    """
    document = Document("" if id is None else id, text, title=title, date=date, url=url)
    if id is None:
        digest = hashlib.sha256(document.text.encode()).hexdigest()
        return replace(document, id=f"doc-{digest[:12]}")
    return document


def load(
    *,
    nli: str | Path | SupportsPredict | None = None,
    attribution: str | Path | SupportsAttribute | None = None,
    segmenter: SupportsSegment | None = None,
    label_map: Mapping[str, str] | None = None,
    thresholds: Mapping[str, float] | None = None,
    max_pairs: int = MAX_PAIRS,
    max_candidates: int = MAX_CANDIDATES,
    device: str = "auto",
    dtype: str = "auto",
) -> Checker:
    """Load a checker; without arguments, the packaged models and no network.

    Parameters
    ----------
    nli
        A sequence-classification NLI checkpoint (folder or hub name), or an object with ``predict(pairs)``.
    attribution
        An attribution checkpoint (folder), or an object with ``attribute(document, segmentation)``.
    label_map
        From the NLI checkpoint's label names to entailment, neutral and contradiction, where they do not say.
    device, dtype
        "auto", or what torch calls them: "cpu", "cuda:1"; "float32", "bfloat16", "float16".

    Raises
    ------
    ModelError
        If a checkpoint is missing, damaged or of the wrong kind.

    Examples
    --------
    >>> checker = load(thresholds={"contradicts": 0.9})
    >>> checker.decision.thresholds["contradicts"]
    0.9
    """
    if nli is None or isinstance(nli, str | Path):
        nli = NLI.from_pretrained(
            packaged("nli") if nli is None else nli, label_map=label_map, device=device, dtype=dtype
        )
    if attribution is None or isinstance(attribution, str | Path):
        attribution = Attributor.from_pretrained(
            packaged("attribution") if attribution is None else attribution, device=device, dtype=dtype
        )
    return Checker(
        attribution,
        nli,
        segmenter=segmenter,
        thresholds=thresholds,
        max_pairs=max_pairs,
        max_candidates=max_candidates,
    )
