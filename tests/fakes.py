"""A checker without models, for tests of what stands around it. Run as a script, it is the command line."""

import json
import os
import signal
import sys
import time
from pathlib import Path

from claimcheck.errors import InputError
from claimcheck.records import PartyVerdict, Verdict


class FakeReport:
    def __init__(self, id, text, parties=None):
        self.id, self.text, self.parties = id, text, parties

    def to_dict(self):
        claims = [{"id": "a1", "document": self.id, "text": self.text[:9]}]
        return {"id": self.id, "text": self.text, "parties": self.parties or [], "claims": claims}

    def to_json(self):
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_html(self):
        return f"<!doctype html><title>{self.id}</title>"

    def verify(self, proposition, *, nli=None):
        return (
            PartyVerdict(proposition, "p1", "Council", "refutes", 0.9, 0.05, 0.9, "a1", self.text[:9]),
            PartyVerdict(proposition, None, None, "says nothing", 0.8, 0.1, 0.1),
        )

    def summary(self, *, color=False):
        return f"\x1b[1m{self.id}\x1b[0m: {self.text}" if color else f"{self.id}: {self.text}"


class FakeChecker:
    """Refuses empty texts and texts with "bomb"; ``calls`` holds the texts of each ``pipe``.

    At "killer" its process dies; at "killer until PATH" only if there is no file PATH, which it makes.
    """

    nli = None

    def __init__(self, delay=0.0):
        self.delay, self.calls = delay, []

    def check(self, text, *, id=None, title=None, date=None, parties=None):
        time.sleep(self.delay)
        text = getattr(text, "text", text)  # of a document
        if not text.strip():
            raise InputError("text is empty")
        if "bomb" in text:
            raise RuntimeError(f"cannot stand {text[:20]!r}")
        if text.startswith("killer"):
            die(text.removeprefix("killer").removeprefix(" until "))
        return FakeReport(id or "?", text, parties)

    def pipe(self, documents, *, batch_size=64, parties=None):
        documents = list(documents)
        self.calls.append([document.text for document in documents])
        for document in documents:
            yield self.check(document.text, id=document.id, parties=parties)

    def verify(self, claim, evidence):
        return Verdict(claim, "supports", 0.75, 0.75, 0.05, evidence.strip()[:9], 0, 9)

    def compare(self, statements):
        return FakeReport(None, " | ".join(f"{s['speaker']}: {s['text']}" for s in statements))


def die(path):
    if path and Path(path).exists():
        return
    if path:
        Path(path).touch()
    os.kill(os.getpid(), signal.SIGKILL)


def load(nli=None):
    return FakeChecker(float(os.environ.get("FAKE_DELAY", "0")))


if __name__ == "__main__":
    from claimcheck import cli

    cli.load_checker = load
    cli.app(sys.argv[1:], prog_name="claimcheck")
