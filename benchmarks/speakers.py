"""Measure the resolving of speakers and parties on annotated articles, given their gold attributions.

    python benchmarks/speakers.py FOLDER [--only fgij] [--errors]

Prints: speaker accuracy over attributions with a gold speaker; false alarms, the share of those without one that got
one; party F1 over pairs of attributions; milliseconds an article.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from claimcheck.evaluation.articles import same_name
from claimcheck.parties import find_sides
from claimcheck.records import Attribution, Document, Quotation, Span, spans
from claimcheck.speakers import resolve_speakers

_QUOTES = re.compile(r"“([^“”\n]+)”|\"([^\"\n]+)\"|(?<!\w)‘([^‘\n]+?)’(?!\w)")


def quotations(text: str) -> list[Quotation]:
    """Find plain quotations, good enough to mark names inside them."""
    found = []
    for match in _QUOTES.finditer(text):
        start, end = match.span()
        if end - start > 2:
            found.append(Quotation(Span(start, end), Span(start + 1, end - 1)))
    return found


def predict(article: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str | None, str | None]]:
    """Yield each gold attribution with the speaker's name and the party's id that come out for it."""
    document = Document(article["id"], article["text"], title=article.get("title"))
    attributions = [
        Attribution(a["id"], spans(a["source"]), spans(a["cue"]), spans(a["content"]), a["kind"], a["parent"])
        for a in article["attributions"]
    ]
    speakers = resolve_speakers(document, attributions, quotations(article["text"]))
    sides = find_sides(document, speakers, attributions)
    party_of = {member: party.id for party in sides.parties for member in party.members}
    speaker_of = {a: s for s in speakers for a in s.attributions}
    for gold in article["attributions"]:
        speaker = speaker_of.get(gold["id"])
        party = party_of.get(speaker.name) if speaker else sides.unnamed.get(gold["id"])
        yield gold, speaker.name if speaker else None, party


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="first letters of the article ids to use")
    parser.add_argument("--errors", action="store_true", help="print every attribution that went wrong")
    args = parser.parse_args()
    right = known = alarms = unknown = tp = n_predicted = n_gold = 0
    took, count = 0.0, 0
    for path in sorted(args.folder.glob("*.json")):
        if args.only and path.name[0] not in args.only:
            continue
        article = json.loads(path.read_text(encoding="utf-8"))
        begin = time.process_time()
        rows = list(predict(article))
        took += time.process_time() - begin
        count += 1
        for gold, speaker, _ in rows:
            source = " / ".join(article["text"][s:e] for s, e in gold["source"])
            if gold["speaker"]:
                known += 1
                right += same_name(gold["speaker"], speaker)
                if args.errors and not same_name(gold["speaker"], speaker):
                    print(
                        f"{article['id']} {gold['id']:4s} {source!r}: gold {gold['speaker']}, got {speaker}"
                    )
            else:
                unknown += 1
                alarms += speaker is not None
                if args.errors and speaker is not None:
                    print(f"{article['id']} {gold['id']:4s} {source!r}: gold none, got {speaker}")
        for (a, _, p), (b, _, q) in itertools.combinations(rows, 2):
            if a["party"] is None or b["party"] is None:
                continue
            same, guess = a["party"] == b["party"], p is not None and p == q
            tp, n_predicted, n_gold = tp + (same and guess), n_predicted + guess, n_gold + same
    precision, recall = tp / max(n_predicted, 1), tp / max(n_gold, 1)
    print(f"articles            {count}")
    print(f"speaker accuracy    {right / max(known, 1):.3f}  ({right} of {known})")
    print(f"null false alarms   {alarms / max(unknown, 1):.3f}  ({alarms} of {unknown})")
    print(
        f"party pairs         P {precision:.3f}  R {recall:.3f}  F1 {2 * tp / max(n_predicted + n_gold, 1):.3f}"
    )
    print(f"time                {1000 * took / max(count, 1):.1f} ms of processor time an article")


if __name__ == "__main__":
    main()
