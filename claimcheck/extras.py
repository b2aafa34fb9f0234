"""Libraries that only some uses need: imported when first used, and asked for by the extra that brings them."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def require(module: str, extra: str) -> Any:
    """Return the module of that name.

    Raises
    ------
    ImportError
        If it is not installed; the message names the extra that brings it.

    Examples
    --------
    >>> require("json", "plot").__name__
    'json'
    >>> require("no_such_library", "plot")
    Traceback (most recent call last):
    ImportError: no_such_library is not installed: in a checkout of claimcheck, pip install '.[plot]'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        top = module.partition(".")[0]
        if (error.name or "").partition(".")[0] != top:
            raise
        raise ImportError(
            f"{top} is not installed: in a checkout of claimcheck, pip install '.[{extra}]'", name=top
        ) from None
