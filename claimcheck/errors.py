"""Exceptions.

::

    ClaimcheckError
    ├── InputError          (also a ValueError)   text, statement, row or option that cannot be used
    │   └── SpanError                             offsets outside their text
    ├── ModelError          (also a ValueError)   checkpoint that is missing, damaged or of the wrong kind
    └── WorkerError         (also a RuntimeError) worker process that died
"""


class ClaimcheckError(Exception):
    """Base of every error that claimcheck raises on purpose."""


class InputError(ClaimcheckError, ValueError):
    """A text, statement, row or option that cannot be used; the message says what came and what was expected."""


class SpanError(InputError):
    """Offsets that do not lie in their text."""


class ModelError(ClaimcheckError, ValueError):
    """A checkpoint that is missing, damaged, or not of the kind asked for."""


class WorkerError(ClaimcheckError, RuntimeError):
    """A worker process that died; the message says how, and at what."""
