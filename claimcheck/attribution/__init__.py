"""Attribution: from a document and its quotations to sources, cues and contents."""

from claimcheck.attribution.attributor import Attributor

__all__ = ["Attributor"]
