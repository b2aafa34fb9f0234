"""The spaCy component: ``nlp.add_pipe("claimcheck")``; needs the extra ``spacy``.

spaCy finds it by its entry point, without an import of claimcheck.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from claimcheck.report import Report

if TYPE_CHECKING:
    from claimcheck.pipeline import Checker


class ClaimcheckComponent:
    """Adds the spans of the attributions and the report to a ``Doc``.

    ``doc.spans[spans_key]`` holds a span for every source, cue and content: ``label_`` says which it is, ``id_`` is
    the id of its attribution. A span that begins or ends within a token is widened to the whole token; the report has
    the exact offsets. ``doc.user_data["claimcheck"]`` is the report as ``Report.to_dict`` writes it, so that the
    ``Doc`` can be serialized; :func:`report_of` gives it back.

    Examples
    --------
    >>> nlp = spacy.blank("en")  # doctest: +SKIP
    >>> nlp.add_pipe("claimcheck")  # doctest: +SKIP
    >>> doc = nlp("The mayor said the bridge was safe.")  # doctest: +SKIP
    >>> [(span.text, span.label_) for span in doc.spans["claimcheck"]]  # doctest: +SKIP
    [('The mayor', 'source'), ('said', 'cue'), ('the bridge was safe', 'content')]
    """

    def __init__(self, checker: Checker, *, spans_key: str = "claimcheck") -> None:
        self.checker = checker
        self.spans_key = spans_key

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one ``Doc``."""
        return self._annotate(doc, self.checker.check(doc.text))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Annotate many, ``batch_size`` of them through the models together."""
        source = iter(stream)
        while docs := list(islice(source, batch_size)):
            reports = self.checker.pipe([doc.text for doc in docs], batch_size=batch_size)
            for doc, report in zip(docs, reports, strict=True):
                yield self._annotate(doc, report)

    def _annotate(self, doc: Doc, report: Report) -> Doc:
        found = (
            doc.char_span(span.start, span.end, label=role, span_id=attribution.id, alignment_mode="expand")
            for attribution in report.attributions
            for role in ("source", "cue", "content")
            for span in getattr(attribution, role)
        )
        spans = [span for span in found if span is not None]
        doc.spans[self.spans_key] = SpanGroup(doc, name=self.spans_key, spans=spans)
        doc.user_data["claimcheck"] = report.to_dict()
        return doc


def report_of(doc: Doc) -> Report:
    """Return the report that the component left in a ``Doc``.

    Raises
    ------
    KeyError
        If the component did not see the ``Doc``.
    """
    return Report.from_dict(doc.user_data["claimcheck"])


def make_component(
    nlp: Language, name: str, nli: str | None, attribution: str | None, device: str, spans_key: str
) -> ClaimcheckComponent:
    """Make the component from its config; the arguments are those of :func:`claimcheck.load`."""
    import claimcheck

    checker = claimcheck.load(nli=nli, attribution=attribution, device=device)
    return ClaimcheckComponent(checker, spans_key=spans_key)


Language.factory(
    "claimcheck",
    assigns=["doc.spans"],
    default_config={"nli": None, "attribution": None, "device": "auto", "spans_key": "claimcheck"},
    func=make_component,
)
