"""Training: of the shipped models (:mod:`~claimcheck.training.nli`, :mod:`~claimcheck.training.attribution`), and by users.

>>> from claimcheck.training import finetune_nli
>>> made = finetune_nli("mine.jsonl", "my-nli")  # doctest: +SKIP
>>> made.after["accuracy"]  # doctest: +SKIP
0.84
>>> checker = claimcheck.load(nli=made.folder)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from claimcheck.training.finetune import FineTuned, finetune_attribution, finetune_nli

__all__ = ["FineTuned", "finetune_attribution", "finetune_nli"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'claimcheck.training' has no attribute {name!r}")
    from claimcheck.training import finetune  # torch and transformers

    return getattr(finetune, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
