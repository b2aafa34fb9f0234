"""Candidate retrieval against all pairs, for the table ``candidates`` of throughput.py.

No public set has contradictions between articles, so articles are cut in two: the odd paragraphs are one article and
the even ones another, of the same matter and with no sentence in common. What was annotated between the halves is to be
found among the halves of all articles. To grow the corpus, articles are copied with other names and numbers.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from claimcheck.evaluation.articles import statement_rows
from claimcheck.records import Claim
from claimcheck.retrieval import MAX_CANDIDATES, nearest_pairs
from claimcheck.rows import read_statements

KS = (5, 10, 20, 50)
SIZES = (1_000, 10_000, 100_000)
NAME = re.compile(r"\b[A-Z][a-z]{2,}\b")
LOWER = re.compile(r"\b[a-z]{3,}\b")
FREQUENT = 300  # words that stay the same in all copies
DIGIT = re.compile(r"\d")
SYLLABLES = (
    "ba",
    "dor",
    "el",
    "fin",
    "gra",
    "hul",
    "ist",
    "ka",
    "lor",
    "mer",
    "nov",
    "os",
    "pel",
    "rin",
    "sta",
    "tul",
)

TextPair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Claims of many articles, and the label of each related pair (by ids) of different ones."""

    claims: list[Claim]
    truth: dict[TextPair, str]


def read_halves(path: Path, seed: int) -> list[Corpus]:
    """Return each article of a JSONL file in the gold form, cut in two, in an order given by ``seed``."""
    articles = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    random.Random(seed).shuffle(articles)
    return [halve(article) for article in articles if article["attributions"]]


def halve(article: Mapping[str, Any]) -> Corpus:
    """Cut an article in two by its paragraphs."""
    halves: tuple[list[str], list[str]] = ([], [])
    places: list[tuple[int, int, int]] = []  # end of the paragraph, its half, and how far it moves
    sizes = [0, 0]
    for n, match in enumerate(re.finditer(r"[^\n]+", article["text"])):
        places.append((match.end(), n % 2, sizes[n % 2] - match.start()))
        halves[n % 2].append(match[0])
        sizes[n % 2] += len(match[0]) + 2
    rows = statement_rows(article)
    half_of = {}
    for row in rows:
        _, half, shift = next(place for place in places if row["start"] < place[0])
        half_of[row["id"]] = f"{article['id']}.{half}"
        row.update(context="\n\n".join(halves[half]), start=row["start"] + shift)
    made, _, _ = read_statements(rows)
    claims = [replace(c, id=f"{article['id']}:{c.id}", document=half_of[c.id]) for c in made]
    truth = {
        (f"{article['id']}:{r['a']}", f"{article['id']}:{r['b']}"): r["label"]
        for r in article["relations"]
        if half_of[r["a"]] != half_of[r["b"]]
    }
    return Corpus(claims, truth)


def grow(articles: Sequence[Corpus], size: int, *, same_words: bool = False) -> Corpus:
    """Return a corpus of about ``size`` claims: the articles, then copies of them with other names and numbers.

    Copies have other words too, of about the same frequency, but for the most frequent ones; with ``same_words`` they
    tell the same story of other people, the hardest case.
    """
    counts = Counter(
        word for article in articles for claim in article.claims for word in LOWER.findall(claim.text)
    )
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    ranks = {word: rank for rank, word in enumerate(ranked)}
    claims: list[Claim] = []
    truth: dict[TextPair, str] = {}
    for copy in itertools.count():
        for n, article in enumerate(articles):
            if len(claims) >= size:
                return Corpus(claims, truth)
            if not copy:
                claims += article.claims
                truth |= article.truth
            else:
                claims += retold(article.claims, f"{copy}.{n}", ranks, [] if same_words else ranked)
    raise AssertionError


def retold(
    claims: Iterable[Claim], copy: str, ranks: Mapping[str, int], ranked: Sequence[str]
) -> list[Claim]:
    """Return claims with other names, numbers and words, the same in all of one copy of an article."""
    draw = random.Random(copy)
    shift = draw.randrange(1, 10)
    chosen: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        if match[0].lower() in ranks:
            return match[0]
        if match[0] not in chosen:
            chosen[match[0]] = "".join(draw.choices(SYLLABLES, k=3)).capitalize()
        return chosen[match[0]]

    def word(match: re.Match[str]) -> str:
        rank = ranks.get(match[0], 0)
        if rank < FREQUENT or not ranked:
            return match[0]
        if match[0] not in chosen:
            other = draw.randrange(max(FREQUENT, rank * 3 // 4), min(len(ranked), rank * 4 // 3 + 2))
            chosen[match[0]] = ranked[other]
        return chosen[match[0]]

    def change(text: str) -> str:
        return DIGIT.sub(
            lambda match: str((int(match[0]) + shift) % 10), LOWER.sub(word, NAME.sub(name, text))
        )

    return [
        replace(
            c,
            id=f"{c.id}/{copy}",
            document=f"{c.document}/{copy}",
            text=change(c.text),
            context=change(c.context),
            speaker=change(c.speaker) if c.speaker else None,
        )
        for c in claims
    ]


def retrieve(claims: Sequence[Claim], k: int) -> tuple[set[TextPair], float]:
    """Return the pairs (by ids, both ways) and the processor seconds they took."""
    begin = time.process_time()
    found = nearest_pairs(claims, k)
    taken = time.process_time() - begin
    ids = [(claims[i].id, claims[j].id) for i, j in found]
    return {*ids, *((b, a) for a, b in ids)}, taken


def recall(truth: Mapping[TextPair, str], found: set[TextPair], label: str) -> float:
    """Return the share of the pairs of one label that were found."""
    wanted = [pair for pair, given in truth.items() if given == label]
    return sum(pair in found for pair in wanted) / max(len(wanted), 1)


def recall_rows(corpus: Corpus) -> list[dict[str, Any]]:
    """Measure the recall of annotated pairs by k, and what contents alone would find."""
    bare = [Claim(claim.id, claim.text) for claim in corpus.claims]
    systems = [(f"k = {k}", corpus.claims, k) for k in KS]
    systems.append((f"k = {MAX_CANDIDATES}, by contents alone", bare, MAX_CANDIDATES))
    rows = []
    for name, claims, k in systems:
        found, _ = retrieve(claims, k)
        labels = ("contradicts", "corroborates")
        metrics = {f"{label}_recall": recall(corpus.truth, found, label) for label in labels}
        metrics["pairs_per_claim"] = len(found) / 2 / len(claims)
        rows.append({"set": "halved articles", "system": name, "n": len(corpus.truth), "metrics": metrics})
        print(name, {key: round(value, 3) for key, value in metrics.items()}, flush=True)
    return rows


def cost_rows(articles: Sequence[Corpus], repeats: int) -> list[dict[str, Any]]:
    """Measure the cost for each claim by the size of the corpus, and the recall in it."""
    rows: list[dict[str, Any]] = []
    retrieve(grow(articles, 100).claims, MAX_CANDIDATES)  # to warm up
    for size in SIZES:
        corpus = grow(articles, size)
        runs = [retrieve(corpus.claims, MAX_CANDIDATES) for _ in range(repeats)]
        found = runs[0][0]
        cost = 1000 * statistics.median(taken for _, taken in runs) / len(corpus.claims)
        first = rows[0]["metrics"]["milliseconds_per_claim"] if rows else cost
        metrics = {
            "milliseconds_per_claim": cost,
            "times_the_first": cost / first,
            "pairs_per_claim": len(found) / 2 / len(corpus.claims),
            "all_pairs_per_claim": (len(corpus.claims) - 1) / 2,
            "contradicts_recall": recall(corpus.truth, found, "contradicts"),
        }
        rows.append(
            {
                "set": "grown corpus",
                "system": f"k = {MAX_CANDIDATES}",
                "n": len(corpus.claims),
                "metrics": metrics,
                "seconds": [taken for _, taken in runs],
            }
        )
        print(len(corpus.claims), {key: round(value, 3) for key, value in metrics.items()}, flush=True)
    return rows


def retold_rows(articles: Sequence[Corpus], copies: int = 8) -> list[dict[str, Any]]:
    """Measure recall where every article is also told of other people, in the same words."""
    few = articles[: len(articles) // copies]
    size = copies * sum(len(article.claims) for article in few)
    corpus = grow(few, size, same_words=True)
    rows = []
    for k in KS:
        found, _ = retrieve(corpus.claims, k)
        metrics = {
            f"{label}_recall": recall(corpus.truth, found, label) for label in ("contradicts", "corroborates")
        }
        metrics["pairs_per_claim"] = len(found) / 2 / len(corpus.claims)
        rows.append(
            {
                "set": f"{copies} stories in the same words",
                "system": f"k = {k}",
                "n": len(corpus.truth),
                "metrics": metrics,
            }
        )
        print("retold", k, {key: round(value, 3) for key, value in metrics.items()}, flush=True)
    return rows


def model_rows(articles: Sequence[Corpus], checker: Any) -> list[dict[str, Any]]:
    """Measure the recall of what the model itself calls a contradiction when it reads every pair."""
    from claimcheck.relations import cross_pairs, relate

    claims = grow(articles, sum(len(article.claims) for article in articles)).claims
    every, _ = cross_pairs(claims, len(claims) ** 2)
    relations = relate(claims, every, checker.nli, form=checker.form, decision=checker.decision)
    document = {claim.id: str(claim.document).partition(".")[0] for claim in claims}
    contradictions = [(r.a, r.b) for r in relations if r.label == "contradicts"]
    parts = {
        "that the model finds": contradictions,
        "that the model finds within one matter": [
            p for p in contradictions if document[p[0]] == document[p[1]]
        ],
    }
    rows = []
    for k in KS:
        found, _ = retrieve(claims, k)
        for name, pairs in parts.items():
            share = sum(pair in found for pair in pairs) / max(len(pairs), 1)
            rows.append(
                {
                    "set": f"contradictions {name}, of {len(claims)} claims",
                    "system": f"k = {k}",
                    "n": len(pairs),
                    "metrics": {"recall": share, "share_of_all_pairs": len(found) / 2 / len(every)},
                }
            )
            print(name, k, len(pairs), round(share, 3), flush=True)
    return rows


def plot(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw cost and pairs for each claim against the size of the corpus."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    grown = [row for row in rows if row["set"] == "grown corpus"]
    sizes = [row["n"] for row in grown]
    with mpl.rc_context({"svg.hashsalt": "claimcheck"}):
        figure = Figure(figsize=(8, 3.2), layout="constrained")
        cost, pairs = figure.subplots(1, 2)
        cost.plot(sizes, [row["metrics"]["milliseconds_per_claim"] for row in grown], marker="o")
        cost.set(xscale="log", xlabel="claims", ylabel="milliseconds per claim", ylim=(0, None))
        pairs.plot(
            sizes, [row["metrics"]["all_pairs_per_claim"] for row in grown], marker="o", label="all pairs"
        )
        pairs.plot(
            sizes, [row["metrics"]["pairs_per_claim"] for row in grown], marker="o", label="candidates"
        )
        pairs.set(xscale="log", yscale="log", xlabel="claims", ylabel="pairs per claim")
        pairs.legend(frameon=False)
        figure.savefig(path)
