"""Contrast sets as NLI examples: a statement, others that come to the same, that conflict, and that merely stand beside it.

Small changes that turn a label teach what decides it (Gardner et al., Evaluating Models' Local Decision Boundaries via
Contrast Sets, Findings of EMNLP 2020). The statements stand alone, with no sentence around them, as they do in a table.
Passages are the same for longer premises: what each supports, what it refutes, and what it leaves open.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

from claimcheck.claims import find_force
from claimcheck.lexicon import word_set
from claimcheck.pairing import Pair
from claimcheck.records import Claim
from claimcheck.statements import CONTEXT_CHARACTERS, plain, render_pair
from claimcheck.training.statements import RELATION_TO_NLI

HELD_OUT = 10  # one set in ten is kept from training
DENIALS = ("denied", "denied that", "dismissed the claim that", "rejected the suggestion that", "disputed")
TELLING = ("said", "said", "said", "says", "told reporters", "wrote", "insisted", "added", "")
_SMALL = word_set(
    "a all an any both each every few half he her his if in it its last many most much neither never no nobody none "
    "nothing on one only our she some that the their there these they this those three two until we what when who with "
    "without your"
)

Example = tuple[str, str, str]  # premise, hypothesis, NLI label
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who makes statements."""

    speaker: str
    party: str | None


def read_contrast_rows(path: Path, *, held_out: bool) -> list[dict[str, Any]]:
    """Return the rows of a JSONL file that are trained on, or the tenth of them that is held out.

    A row is held out if the number at the end of its ``id`` is a multiple of ten.
    """
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if (int(row["id"].rpartition("-")[2]) % HELD_OUT == 0) == held_out]


def known_pairs(row: Row) -> Iterator[tuple[str, str, str]]:
    """Yield (first, second, label) of the pairs of a contrast set whose label is known.

    Examples
    --------
    >>> row = {"statement": "It is safe", "same": ["No danger"], "against": ["It is not"], "beside": ["It is new"]}
    >>> [label for _, _, label in known_pairs(row)]
    ['corroborates', 'contradicts', 'contradicts', 'neither', 'neither']
    """
    alike = [row["statement"], *row["same"]]
    for first, second in combinations(alike, 2):
        yield first, second, "corroborates"
    for kind, label in (("against", "contradicts"), ("beside", "neither")):
        for first, second in product(alike, row[kind]):
            yield first, second, label


def as_content(text: str) -> str:
    """Return a sentence as the content of indirect speech.

    >>> as_content("The bridge is safe."), as_content("Berlin is calm.")
    ('the bridge is safe', 'Berlin is calm')
    """
    text = text.strip().removesuffix(".")
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first.lower() in _SMALL else text


def voices_of(articles: Iterable[Row]) -> list[Voice]:
    """Return who speaks in annotated articles, with a party named after the article."""
    found = {
        (attribution["speaker"], f"{article['id']}:{party}" if (party := attribution.get("party")) else None)
        for article in articles
        for attribution in article["attributions"]
        if attribution.get("speaker")
    }
    return [Voice(*voice) for voice in sorted(found, key=str)]


def tell(text: str, voice: Voice | None, rng: random.Random) -> Claim:
    """Return a statement as a claim of somebody, or of nobody that is known."""
    if voice is None:
        return Claim("", as_content(text) if rng.random() < 0.3 else text)
    quoted = rng.random() < 0.3
    return Claim(
        "",
        text if quoted else as_content(text),
        speaker=voice.speaker,
        party=voice.party,
        cue=rng.choice(TELLING),
    )


def sentence_of(claim: Claim) -> str:
    """Return a claim as a sentence of an article."""
    return f"{claim.speaker} {claim.cue or 'said'} {as_content(claim.text)}."


def sample_contrasts(
    rows: Sequence[Row], voices: Sequence[Voice], rng: random.Random, *, strangers: float = 0.3
) -> Iterator[Example]:
    """Yield every known pair of contrast sets once, and ``strangers`` times as many pairs of two sets, as "neither".

    Four in ten are shown as plain sentences, three as statements of a table, and three as neighbours in a short text,
    where the second may have an unrelated one before it. A twelfth of agreements are turned into conflicts by a cue of
    denial.
    """
    texts = [[row["statement"], *row["same"], *row["against"], *row["beside"]] for row in rows]
    for row in rows:
        for first, second, label in known_pairs(row):
            yield from _show(first, second, label, texts, voices, rng)
            if rng.random() < strangers:
                other = rng.choice(texts)
                if first not in other:
                    yield from _show(first, rng.choice(other), "neither", texts, voices, rng)


def _show(
    first: str,
    second: str,
    label: str,
    texts: Sequence[Sequence[str]],
    voices: Sequence[Voice],
    rng: random.Random,
) -> Iterator[Example]:
    """Yield one example of a pair."""
    if rng.random() < 0.5:
        first, second = second, first
    way = rng.random()
    if way < 0.4:
        yield plain(Claim("", first)), plain(Claim("", second)), RELATION_TO_NLI[label]
        return
    known = way >= 0.7 or rng.random() < 0.6
    who = [rng.choice(voices) if known else None for _ in range(2)]
    a, b = (tell(text, voice, rng) for text, voice in zip((first, second), who, strict=True))
    if known and label == "corroborates" and rng.random() < 1 / 12:
        b, label = replace(b, cue=rng.choice(DENIALS), force="denies"), "contradicts"
        a, b = (b, a) if rng.random() < 0.5 else (a, b)
    distance = None
    if way >= 0.7:
        between = [sentence_of(a)]
        if rng.random() < 0.3:
            between.append(sentence_of(tell(rng.choice(rng.choice(texts)), rng.choice(voices), rng)))
        b, distance = replace(b, context=" ".join(between)), len(between)
        if rng.random() < 0.5:
            a, b = b, a
    yield *render_pair(a, b, distance, "framed", context=CONTEXT_CHARACTERS), RELATION_TO_NLI[label]


def sample_passages(rows: Iterable[Row]) -> Iterator[Example]:
    """Yield each claim of evidence passages, with its passage as the premise."""
    kinds = {"supports": "entailment", "refutes": "contradiction", "unknown": "neutral"}
    for row in rows:
        premise = " ".join(part for part in (row.get("title"), row["passage"]) if part)
        for kind, label in kinds.items():
            for claim in row[kind]:
                yield premise, claim, label


def contrast_tables(
    rows: Sequence[Row], voices: Sequence[Voice], rng: random.Random, *, repeat: int = 2
) -> Iterator[tuple[int, tuple[list[Claim], list[Pair], list[str]]]]:
    """Yield small tables of statements, each with its number: their claims, all pairs and the pairs' labels.

    Each table takes one to four sets, and two statements of each: the set's own or one that comes to the same, and another
    one, in half of the cases of those that merely stand beside it. Statements of different sets are "neither". Of every
    group of sets ``repeat`` tables are made, with one number: what is fitted to one must not be measured on another.
    """
    kinds = [
        ("same", "corroborates"),
        ("against", "contradicts"),
        ("beside", "neither"),
        ("beside", "neither"),
    ]
    order = rng.sample([*rows], len(rows))
    number = 0
    while order:
        size = rng.randint(1, 4)
        chosen, order = order[:size], order[size:]
        for _ in range(repeat):
            named = rng.random() < 0.5
            told: list[tuple[int, Claim]] = []
            known: list[str] = []
            for n, row in enumerate(chosen):
                kind, label = rng.choice(kinds)
                known.append(label)
                first = rng.choice([row["statement"], *(row["same"] if kind != "same" else ())])
                for text in (first, rng.choice(row[kind])):
                    claim = tell(text, rng.choice(voices) if named else None, rng)
                    told.append((n, replace(claim, force=find_force(claim.cue, claim.text))))
            rng.shuffle(told)
            pairs: list[Pair] = [(i, j, None) for i, j in combinations(range(len(told)), 2)]
            labels = [known[told[i][0]] if told[i][0] == told[j][0] else "neither" for i, j, _ in pairs]
            yield number, ([claim for _, claim in told], pairs, labels)
        number += 1
