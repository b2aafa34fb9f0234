"""Training of the shipped models: ``python -m claimcheck.training.nli`` and ``python -m claimcheck.training.attribution``."""
