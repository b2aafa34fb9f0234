"""End-to-end scores of whole articles in the gold form (dicts, see ``seeds/seed.json``).

Spans are compared as sets of words, so that punctuation and quotation marks at their edges never matter.

==================  ====================================================================================
attribution         found: the content covers the gold content with word IoU >= 0.5, one to one
exact               found, with equal word sets
source              found, and the source overlaps the gold source with IoU >= 0.5, or both have none
speaker accuracy    of the found with a known gold speaker: the canonical name agrees
party               of pairs of found attributions: put into one party, against the gold parties
kind accuracy       direct, indirect or mixed, of the found
nested              of pairs of an attribution and its parent: both found, and the one the parent of the other
decoys taken        of the quotations that quote nobody in gold (scare quotes, titles, slogans): share of
                    which half or more of the words are predicted content, direct or mixed
contradicts,        unordered pairs with that label, end to end: a pair whose attributions were not found is
corroborates        missed, one that is not in the gold is a false alarm
contradicts AP      average precision of the predicted contradictions, ranked by their score
precision at half   precision of the surest contradictions that make up half of the gold ones; 0 if never
                    reached
false alarms        of the pairs of found attributions that are neither in gold: share called contradicting
contradicts ECE     expected calibration error of the scores of predicted contradictions, in ten bins
==================  ====================================================================================
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from typing import Any

from claimcheck.evaluation.bootstrap import bootstrap
from claimcheck.evaluation.spans import PRF
from claimcheck.segmentation import find_quotations

Article = Mapping[str, Any]

WORD = re.compile(r"\w+")
TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "sir",
        "the",
        "of",
        "president",
        "minister",
        "senator",
        "general",
        "colonel",
        "captain",
        "judge",
    ]
)
MIN_IOU = 0.5
F1_MEASURES = ("attribution", "exact", "source", "party", "contradicts", "corroborates", "nested")
RELATION_MEASURES = (
    "contradicts",
    "corroborates",
    "contradicts_ap",
    "precision_at_half",
    "false_alarms",
    "contradicts_ece",
)
MEASURES = (
    *F1_MEASURES,
    "speaker_accuracy",
    "kind_accuracy",
    "decoys_taken",
    *RELATION_MEASURES[2:],
)


NONE = PRF()


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """What was counted in one article; counts of several add up with ``+``.

    ``ranked`` has (score, right) of every predicted contradiction; ``unrelated`` counts the pairs of found attributions
    that are neither in gold, ``alarms`` those of them that are called contradicting. ``decoys`` counts the quotations
    that quote nobody in gold, ``decoys_taken`` those of them that are taken for speech.
    """

    attribution: PRF = NONE
    exact: PRF = NONE
    source: PRF = NONE
    party: PRF = NONE
    contradicts: PRF = NONE
    corroborates: PRF = NONE
    nested: PRF = NONE
    speaker_right: int = 0
    speaker_total: int = 0
    kind_right: int = 0
    kind_total: int = 0
    ranked: tuple[tuple[float, bool], ...] = ()
    unrelated: int = 0
    alarms: int = 0
    decoys: int = 0
    decoys_taken: int = 0

    def __add__(self, other: ArticleCounts) -> ArticleCounts:
        return ArticleCounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def measure(self, name: str) -> float:
        """Return one of ``MEASURES``; F1 for those that have it."""
        if name in F1_MEASURES:
            score: PRF = getattr(self, name)
            return score.f1
        wanted = self.contradicts.tp + self.contradicts.fn
        return {
            "speaker_accuracy": self.speaker_right / max(self.speaker_total, 1),
            "kind_accuracy": self.kind_right / max(self.kind_total, 1),
            "decoys_taken": self.decoys_taken / max(self.decoys, 1),
            "contradicts_ap": average_precision(self.ranked, wanted),
            "precision_at_half": precision_at_half(self.ranked, wanted),
            "false_alarms": self.alarms / max(self.unrelated, 1),
            "contradicts_ece": score_error(self.ranked),
        }[name]


def word_set(text: str, spans: Iterable[Sequence[int]]) -> frozenset[int]:
    """Return the numbers of the words of ``text`` that the spans touch.

    >>> sorted(word_set('He said: "No way."', [[9, 18]]))
    [2, 3]
    """
    found = [match.span() for match in WORD.finditer(text)]
    return frozenset(i for s, e in spans for i, (a, b) in enumerate(found) if a < e and s < b)


def iou(a: Set[Any], b: Set[Any]) -> float:
    """Return intersection over union; two empty sets agree.

    >>> iou({1, 2, 3}, {3, 4})
    0.25
    """
    return len(a & b) / len(a | b) if a | b else 1.0


def same_name(gold: str | None, predicted: str | None) -> bool:
    """Whether two names agree, titles aside: one within the other, or half of all their words shared.

    >>> same_name("Ana Lind", "Ms. Lind"), same_name("Ana Lind", "Ana Marsh"), same_name("Ana Lind", None)
    (True, False, False)
    """
    if not gold or not predicted:
        return False
    g = set(WORD.findall(gold.lower())) - TITLES
    p = set(WORD.findall(predicted.lower())) - TITLES
    return bool(g & p) and (g <= p or p <= g or iou(g, p) >= MIN_IOU)


def average_precision(ranked: Iterable[tuple[float, bool]], total: int) -> float:
    """Return the mean over ``total`` right answers of the precision at each one found; unfound ones count 0.

    Items of one score keep the order they come in.

    >>> average_precision([(0.9, True), (0.8, True), (0.7, False)], total=4)
    0.5
    """
    hits, value = 0, 0.0
    for rank, (_, right) in enumerate(sorted(ranked, key=lambda item: -item[0]), start=1):
        hits += right
        value += right * hits / rank
    return value / total if total else 0.0


def precision_at_half(ranked: Iterable[tuple[float, bool]], total: int) -> float:
    """Return the precision of the highest scores that hold half of ``total`` right answers; 0 if all of them do not.

    >>> precision_at_half([(0.9, True), (0.8, False), (0.7, True), (0.6, False)], total=4)
    0.6666666666666666
    """
    hits = 0
    for rank, (_, right) in enumerate(sorted(ranked, key=lambda item: -item[0]), start=1):
        hits += right
        if 2 * hits >= total:
            return hits / rank
    return 0.0


def score_error(ranked: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Return the expected calibration error of scores (Guo et al., ICML 2017): bins of equal width, by their size.

    >>> score_error([(0.75, True), (0.75, False), (0.35, False)])
    0.2833333333333333
    """
    binned: dict[int, list[tuple[float, bool]]] = {}
    for item in ranked:
        binned.setdefault(min(int(item[0] * bins), bins - 1), []).append(item)
    gaps = (abs(sum(score - right for score, right in items)) for items in binned.values())
    return sum(gaps) / max(len(ranked), 1)


def match_attributions(gold: Article, predicted: Article) -> dict[str, str]:
    """Pair gold with predicted attributions, one to one, by content IoU, best first.

    Ties go to the better source, so that two attributions with one content meet their own sources.
    """
    text = gold["text"]
    want, got = (
        {
            item["id"]: [word_set(text, item[role]) for role in ("content", "source")]
            for item in side["attributions"]
        }
        for side in (gold, predicted)
    )
    ranked = sorted(
        ((-iou(g[0], p[0]), -iou(g[1], p[1]), i, j) for i, g in want.items() for j, p in got.items())
    )
    to: dict[str, str] = {}
    used = set()
    for value, _, i, j in ranked:
        if -value < MIN_IOU:
            break
        if i not in to and j not in used:
            to[i] = j
            used.add(j)
    return to


def count_article(gold: Article, predicted: Article) -> ArticleCounts:
    """Count what ``predicted`` (``attributions`` and ``relations``) got right of one gold article."""
    text = gold["text"]
    want = {item["id"]: item for item in gold["attributions"]}
    got = {item["id"]: item for item in predicted["attributions"]}
    to = match_attributions(gold, predicted)
    found = [(want[i], got[j]) for i, j in to.items()]
    named = [(g, p) for g, p in found if g["speaker"]]
    exact = sum(word_set(text, g["content"]) == word_set(text, p["content"]) for g, p in found)
    source = sum(iou(word_set(text, g["source"]), word_set(text, p["source"])) >= MIN_IOU for g, p in found)
    contradicts, ranked = _count_relations(gold, predicted, to, "contradicts")
    corroborates, _ = _count_relations(gold, predicted, to, "corroborates")
    unrelated, alarms = _count_alarms(gold, predicted, to)
    decoys, decoys_taken = _count_decoys(gold, predicted)
    return ArticleCounts(
        attribution=_prf(len(to), len(got), len(want)),
        exact=_prf(exact, len(got), len(want)),
        source=_prf(source, len(got), len(want)),
        party=_count_parties(found),
        contradicts=contradicts,
        corroborates=corroborates,
        nested=_count_nested(want, got, to),
        speaker_right=sum(same_name(g["speaker"], p.get("speaker")) for g, p in named),
        speaker_total=len(named),
        kind_right=sum(g["kind"] == p.get("kind") for g, p in found),
        kind_total=len(found),
        ranked=ranked,
        unrelated=unrelated,
        alarms=alarms,
        decoys=decoys,
        decoys_taken=decoys_taken,
    )


def score_articles(
    counts: Sequence[ArticleCounts], *, samples: int = 1000, seed: int = 0
) -> dict[str, tuple[float, float, float]]:
    """Return value, low and high of each of ``MEASURES`` over articles: 95% intervals by resampling articles.

    Raises
    ------
    InputError
        If there are no articles.
    """

    def measured(name: str) -> tuple[float, float, float]:
        def statistic(chosen: Sequence[ArticleCounts]) -> float:
            return total_counts(chosen).measure(name)

        return (statistic(counts), *bootstrap(counts, statistic, samples=samples, seed=seed))

    return {name: measured(name) for name in MEASURES}


def total_counts(counts: Iterable[ArticleCounts]) -> ArticleCounts:
    """Sum the counts of several articles."""
    return sum(counts, ArticleCounts())


def statement_rows(article: Article) -> list[dict[str, Any]]:
    """Return the gold attributions of an article as rows for ``Checker.compare``: relations on given attributions."""
    text = article["text"]

    def joined(spans: Iterable[Sequence[int]]) -> str:
        return " ".join(text[start:end] for start, end in spans)

    return [
        {
            "id": item["id"],
            "speaker": item["speaker"],
            "party": item["party"],
            "cue": joined(item["cue"]),
            "text": joined(item["content"]),
            "context": text,
            "start": item["content"][0][0],
        }
        for item in article["attributions"]
    ]


def _prf(right: int, predicted: int, gold: int) -> PRF:
    return PRF(tp=right, fp=predicted - right, fn=gold - right)


def _count_parties(found: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> PRF:
    sided = [(g["party"], p.get("party")) for g, p in found if g["party"] is not None]
    tally = [(a[0] == b[0], a[1] is not None and a[1] == b[1]) for a, b in itertools.combinations(sided, 2)]
    return _prf(sum(g and p for g, p in tally), sum(p for _, p in tally), sum(g for g, _ in tally))


def _count_nested(
    want: Mapping[str, Mapping[str, Any]], got: Mapping[str, Mapping[str, Any]], to: Mapping[str, str]
) -> PRF:
    parents = {i: parent for i, item in want.items() if (parent := item.get("parent")) is not None}
    nested = {(to.get(i), to.get(parent)) for i, parent in parents.items()}
    found = {(j, parent) for j, item in got.items() if (parent := item.get("parent")) is not None}
    return _prf(len(nested & found), len(found), len(parents))


def _count_decoys(gold: Article, predicted: Article) -> tuple[int, int]:
    """Return how many quotations quote nobody in gold, and how many of these are taken for speech."""
    text = gold["text"]
    said, heard = (
        frozenset[int]().union(
            *(
                word_set(text, item["content"])
                for item in side["attributions"]
                if item.get("kind") != "indirect"
            )
        )
        for side in (gold, predicted)
    )
    quoted = [word_set(text, [(q.inner.start, q.inner.end)]) for q in find_quotations(text)]
    decoys = [words for words in quoted if words and not words & said]
    return len(decoys), sum(2 * len(words & heard) >= len(words) for words in decoys)


def _count_relations(
    gold: Article, predicted: Article, to: Mapping[str, str], label: str
) -> tuple[PRF, tuple[tuple[float, bool], ...]]:
    back: dict[str, Hashable] = {j: i for i, j in to.items()}
    want: dict[frozenset[Hashable], str] = {
        frozenset((r["a"], r["b"])): r["label"] for r in gold["relations"]
    }
    ranked: dict[frozenset[Hashable], tuple[float, bool]] = {}
    for relation in predicted.get("relations", ()):
        ends = frozenset(back.get(end, ("unmatched", end)) for end in (relation["a"], relation["b"]))
        if relation["label"] == label and ends not in ranked:
            ranked[ends] = (relation.get("score", 1.0), want.get(ends) == label)
    right = sum(hit for _, hit in ranked.values())
    wanted = sum(value == label for value in want.values())
    return _prf(right, len(ranked), wanted), tuple(ranked.values())


def _count_alarms(gold: Article, predicted: Article, to: Mapping[str, str]) -> tuple[int, int]:
    """Return how many pairs of found attributions are neither, and how many of these are called contradicting."""
    related = {frozenset((relation["a"], relation["b"])) for relation in gold["relations"]}
    called = {
        frozenset((relation["a"], relation["b"]))
        for relation in predicted.get("relations", ())
        if relation["label"] == "contradicts"
    }
    neither = [pair for pair in itertools.combinations(to, 2) if frozenset(pair) not in related]
    return len(neither), sum(frozenset((to[a], to[b])) in called for a, b in neither)
