"""Stance towards a target: favor, against or none, read by an NLI model."""

from __future__ import annotations

TOPIC = "The author supports {}."  # of twelve tried on dev splits, the best before any training on stances
CLAIM = "{}"
