"""Pairs of attributed statements as NLI examples: from annotated articles, and from hand-written pairs."""

from __future__ import annotations

import json
import random
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from claimcheck.pairing import Pair, every_pair, stems
from claimcheck.records import Claim, Span, spans
from claimcheck.segmentation import split_sentences
from claimcheck.statements import CONTEXT_CHARACTERS, context_before, render_pair

RELATION_TO_NLI = {"corroborates": "entailment", "neither": "neutral", "contradicts": "contradiction"}

StatementPair = tuple[Claim, Claim, int | None, str]  # a, b, distance, relation label


def article_claims(article: Mapping[str, Any]) -> list[Claim]:
    """Return one claim per annotated attribution, in the order of the article."""
    text = article["text"]
    sentences = split_sentences(text)
    claims = []
    for attribution in article["attributions"]:
        content = spans(attribution["content"])
        claims.append(
            Claim(
                id=attribution["id"],
                text=" ".join(span.of(text) for span in content),
                speaker=attribution.get("speaker"),
                party=attribution.get("party"),
                cue=" ".join(span.of(text) for span in spans(attribution["cue"])),
                start=content[0].start,
                context=context_before(text, sentences, content[0].start),
            )
        )
    return claims


def pair_labels(article: Mapping[str, Any], claims: Sequence[Claim], pairs: Sequence[Pair]) -> list[str]:
    """Return the annotated label of each pair: "contradicts", "corroborates" or "neither"."""
    known = {frozenset((r["a"], r["b"])): str(r["label"]) for r in article["relations"]}
    return [known.get(frozenset((claims[i].id, claims[j].id)), "neither") for i, j, _ in pairs]


def article_pairs(article: Mapping[str, Any]) -> Iterator[StatementPair]:
    """Yield every pair of an article's statements with its label, the earlier one first."""
    claims = article_claims(article)
    pairs = every_pair(len(claims))
    for (i, j, distance), label in zip(pairs, pair_labels(article, claims, pairs), strict=True):
        yield claims[i], claims[j], distance, label


def written_pairs(path: Path, held_out: frozenset[str] = frozenset()) -> Iterator[StatementPair]:
    """Yield the hand-written pairs of a JSONL file whose scene is not held out."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row.get("scene") not in held_out:
                a, b = (
                    Claim(
                        f"{row['id']}{side}", s["text"], speaker=s["speaker"], party=s["party"], cue=s["cue"]
                    )
                    for side, s in (("a", row["a"]), ("b", row["b"]))
                )
                yield a, b, None, row["label"]


@dataclass(frozen=True, slots=True)
class Told:
    """A claim of an annotated article and the sentence in which its content begins."""

    claim: Claim
    sentence: str


def told_claims(article: Mapping[str, Any]) -> list[Told]:
    """Return the claims of an annotated article, named after it, each with its sentence."""
    text = article["text"]
    sentences = split_sentences(text)
    starts = [sentence.start for sentence in sentences]
    told = []
    for claim in article_claims(article):
        sentence = sentences[bisect_right(starts, claim.start or 0) - 1]
        party = claim.party and f"{article['id']}:{claim.party}"
        told.append(Told(replace(claim, id=f"{article['id']}:{claim.id}", party=party), sentence.of(text)))
    return told


def mix(first: Sequence[Told], second: Sequence[Told], rng: random.Random, most: int = 3) -> list[Claim]:
    """Return one to ``most`` neighbouring claims of each of two articles, told by turns as if one short text held them.

    What stands before a claim are the sentences of the claims before it.
    """
    parts = []
    for told in (first, second):
        size = rng.randint(1, min(most, len(told)))
        at = rng.randint(0, len(told) - size)
        parts.append([*told[at : at + size]])
    chosen: list[Told] = []
    while parts[0] or parts[1]:
        chosen.append(rng.choice([part for part in parts if part]).pop(0))
    text = " ".join(told.sentence for told in chosen)
    ends = accumulate(len(told.sentence) + 1 for told in chosen)
    sentences = [Span(end - 1 - len(told.sentence), end - 1) for told, end in zip(chosen, ends, strict=True)]
    return [
        replace(told.claim, context=context_before(text, sentences, sentence.start))
        for told, sentence in zip(chosen, sentences, strict=True)
    ]


def stranger_pairs(
    articles: Sequence[Mapping[str, Any]], count: int, rng: random.Random
) -> Iterator[StatementPair]:
    """Yield ``count`` pairs of claims of different articles in one made-up text, or in no one text: all "neither".

    Within an annotated article neighbours mostly argue; here they have nothing to do with each other.
    """
    told = [found for article in articles if (found := told_claims(article))]
    while count > 0:
        one, other = rng.sample(told, 2)
        claims = mix(one, other, rng)
        home = {t.claim.id for t in one}
        for i, j, distance in every_pair(len(claims)):
            if (claims[i].id in home) != (claims[j].id in home) and count > 0:
                count -= 1
                yield claims[i], claims[j], distance if rng.random() < 0.7 else None, "neither"


def is_close(a: Claim, b: Claim, distance: int | None) -> bool:
    """Whether a pair could be about one thing: neighbours, a shared word, or two statements of no one article."""
    if distance is None or distance <= 2:
        return True
    first, second = stems(a.text), stems(b.text)
    return bool(first & (second | stems(b.context)) or second & stems(a.context))


def sample_examples(
    pairs: Iterable[StatementPair], neither: Mapping[str, float], rng: random.Random
) -> Iterator[tuple[str, str, str]]:
    """Yield framed (premise, hypothesis, NLI label) in random direction, with a share of the "neither" pairs.

    ``neither`` holds the shares of ``close`` pairs (:func:`is_close`) and of those ``apart``, which are easily told.
    In a quarter of the examples the parties are left out, as they are where nobody could tell them; a tenth are shown
    as if they came from different articles, the way statements are compared across articles.
    """
    for a, b, distance, label in pairs:
        if label == "neither" and rng.random() >= neither["close" if is_close(a, b, distance) else "apart"]:
            continue
        if rng.random() < 0.25:
            a, b = replace(a, party=None), replace(b, party=None)
        if rng.random() < 0.1:
            distance = None
        if rng.random() < 0.5:
            a, b = b, a
        yield *render_pair(a, b, distance, "framed", context=CONTEXT_CHARACTERS), RELATION_TO_NLI[label]
