"""Pairs of attributed statements as NLI examples: from annotated articles, and from hand-written pairs."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from claimcheck.pairing import Pair, every_pair, stems
from claimcheck.records import Claim, spans
from claimcheck.segmentation import split_sentences
from claimcheck.statements import context_before, render_pair

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


def is_close(a: Claim, b: Claim, distance: int | None) -> bool:
    """Whether a pair could be about one thing: neighbours, a shared word, or two statements of no one article."""
    if distance is None or distance <= 2:
        return True
    first, second = stems(a.text), stems(b.text)
    return bool(first & (second | stems(b.context)) or second & stems(a.context))


def sample_examples(
    pairs: Sequence[StatementPair], neither: Mapping[str, float], rng: random.Random
) -> Iterator[tuple[str, str, str]]:
    """Yield framed (premise, hypothesis, NLI label) in random direction, with a share of the "neither" pairs.

    ``neither`` holds the shares of ``close`` pairs (:func:`is_close`) and of those ``apart``, which are easily told.
    In a quarter of the examples the parties are left out, as they are where nobody could tell them.
    """
    for a, b, distance, label in pairs:
        if label == "neither" and rng.random() >= neither["close" if is_close(a, b, distance) else "apart"]:
            continue
        if rng.random() < 0.25:
            a, b = replace(a, party=None), replace(b, party=None)
        if rng.random() < 0.5:
            a, b = b, a
        yield *render_pair(a, b, distance, "framed"), RELATION_TO_NLI[label]
