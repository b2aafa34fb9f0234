"""Exceptions, and which is a kind of which.

::

    ClaimcheckError
    ├── InputError          (also a ValueError)   text, statement, row or option that cannot be used
    │   └── SpanError                             offsets outside their text
    ├── ModelError          (also a ValueError)   checkpoint that is missing, damaged or of the wrong kind
    └── WorkerError         (also a RuntimeError) worker process that died
"""


class ClaimcheckError(Exception):
    """Base of every error that claimcheck raises on purpose.

    Examples
    --------
    >>> from claimcheck import Span
    >>> try:
    ...     Span(9, 4)
    ... except ClaimcheckError as error:
    ...     print(type(error).__name__, error, sep=": ")
    SpanError: span (9, 4) must satisfy 0 <= start < end
    """


class InputError(ClaimcheckError, ValueError):
    """A text, statement, row or option that cannot be used; the message says what came and what was expected.

    Examples
    --------
    >>> from claimcheck import Claim
    >>> Claim("c1", "it leaks", date="March 2")
    Traceback (most recent call last):
    claimcheck.errors.InputError: claim 'c1': date is 'March 2', expected ISO 8601 such as 2024-03-02 or 2024-03-02T10:30:00Z
    """


class SpanError(InputError):
    """Offsets that do not lie in their text.

    Examples
    --------
    >>> from claimcheck import Span
    >>> Span(0, 30).of("a shorter text")
    Traceback (most recent call last):
    claimcheck.errors.SpanError: span (0, 30) exceeds a text of 14 characters
    """


class ModelError(ClaimcheckError, ValueError):
    """A checkpoint that is missing, damaged, or not of the kind asked for.

    Examples
    --------
    >>> from claimcheck import NLI
    >>> NLI.from_pretrained("./no-such-model")
    Traceback (most recent call last):
    claimcheck.errors.ModelError: no checkpoint folder no-such-model: give the path of a folder with model.safetensors and config.json
    """


class WorkerError(ClaimcheckError, RuntimeError):
    """A worker process that died; the message says how, and at what.

    Examples
    --------
    >>> isinstance(WorkerError("worker 2 was killed at text 7"), RuntimeError)
    True
    """
