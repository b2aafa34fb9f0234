"""Who said what in news text, and who contradicts whom.

>>> import claimcheck
>>> checker = claimcheck.load()  # doctest: +SKIP
>>> report = checker.check(text)  # doctest: +SKIP
>>> report.contradictions()  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from claimcheck.errors import ClaimcheckError, InputError, ModelError, SpanError, WorkerError
from claimcheck.records import (
    Attribution,
    Claim,
    Document,
    Party,
    PartyVerdict,
    Quotation,
    Relation,
    Span,
    Speaker,
    Stance,
    Verdict,
)

if TYPE_CHECKING:
    from claimcheck.headlines import headline_stances
    from claimcheck.nli import NLI
    from claimcheck.pipeline import Checker, load
    from claimcheck.report import Report
    from claimcheck.serial import schema
    from claimcheck.stance import StanceClassifier
    from claimcheck.targets import stances
    from claimcheck.verification import verify

__version__ = "0.1.0"

__all__ = [
    "NLI",
    "Attribution",
    "Checker",
    "Claim",
    "ClaimcheckError",
    "Document",
    "InputError",
    "ModelError",
    "Party",
    "PartyVerdict",
    "Quotation",
    "Relation",
    "Report",
    "Span",
    "SpanError",
    "Speaker",
    "Stance",
    "StanceClassifier",
    "Verdict",
    "WorkerError",
    "headline_stances",
    "load",
    "schema",
    "stances",
    "verify",
]

# What needs numpy or more is imported when first asked for, so that `import claimcheck` stays instant.
_LAZY = {
    "NLI": "claimcheck.nli",
    "Checker": "claimcheck.pipeline",
    "Report": "claimcheck.report",
    "StanceClassifier": "claimcheck.stance",
    "headline_stances": "claimcheck.headlines",
    "load": "claimcheck.pipeline",
    "schema": "claimcheck.serial",
    "stances": "claimcheck.targets",
    "verify": "claimcheck.verification",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'claimcheck' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
