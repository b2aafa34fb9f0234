"""Measure accuracy against baselines, with 95% bootstrap intervals.

::

    python benchmarks/accuracy.py --data DATA --gold GOLD                     every table
    python benchmarks/accuracy.py --data DATA --table nli                     one table
    python benchmarks/accuracy.py --data DATA --table attribution --limit 10  a trial

nli          MultiNLI dev
stress       SNLI, FEVER-NLI, RTE-3, negation and lexical stress tests, HANS; of two-way sets, entailment against the
             rest
verification claims against evidence (HealthVer, SciFact, WiCE and others), and propositions against attributed
             statements
attribution  PolNeAR test: exact spans, document level, micro
cofenet      the test items of CofeNet (COLING 2022), each a text by itself: exact token spans, micro
articles     articles in the gold form: end to end, and relations between given attributions
seed         seeds/seed.json alone
behaviour    benchmarks/behaviour.jsonl: relations in short texts and between statements, by capability
stance       FNC-1 (headline and body), VAST zero-shot, Perspectrum, Emergent: test splits

``DATA`` has ``nli/<set>/<split>.jsonl.gz``, ``stance/<set>/<set>.jsonl.gz``, ``attribution/polnear/polnear.jsonl.gz``
and ``attribution/cofenet/polnear_test.jsonl.gz``; ``GOLD`` is a folder of articles in the form of ``seeds/seed.json``.
A table that is run again replaces only itself in the results file.

``benchmarks/behaviour.jsonl`` was written to measure alone: nothing is trained on it, and no rule, weight or threshold
is chosen by it. Its baselines are given the two contents that a label is about; claimcheck is given the text, and finds
them itself. Items with statements instead of a text are compared as they are.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from claimcheck.evaluation import baselines
from claimcheck.evaluation.articles import (
    F1_MEASURES,
    MEASURES,
    RELATION_MEASURES,
    Article,
    ArticleCounts,
    count_article,
    score_articles,
    statement_rows,
    total_counts,
)
from claimcheck.evaluation.behaviour import (
    BehaviourItem,
    pair_label,
    read_behaviour,
    report_label,
    score_behaviour,
)
from claimcheck.evaluation.bootstrap import bootstrap_counts
from claimcheck.evaluation.classification import score_labels
from claimcheck.evaluation.readers import (
    AnnotatedDocument,
    Pair,
    read_articles,
    read_attribution_corpus,
    read_pairs,
    read_token_items,
)
from claimcheck.evaluation.results import provenance, shown_command, write_tables
from claimcheck.evaluation.spans import PRF, ROLES, Annotated, score_document, score_documents
from claimcheck.evaluation.stances import FNC_LABELS, score_stances
from claimcheck.evaluation.tokens import detokenize, score_item, without_overlaps
from claimcheck.evaluation.verification import score_verdicts
from claimcheck.headlines import headline_stances
from claimcheck.records import Claim, Document, PartyVerdict, Stance, Verdict
from claimcheck.rows import read_statements
from claimcheck.targets import CLAIM, TOPIC, stances
from claimcheck.training.stances import NLI_LABELS, read_rows
from claimcheck.verification import verify, verify_claims

ROOT = Path(__file__).resolve().parent.parent
NLI = ROOT / "models" / "nli"
ATTRIBUTION = ROOT / "models" / "attribution"
NLI_SETS = {
    "MultiNLI dev matched": "mnli/dev_matched",
    "MultiNLI dev mismatched": "mnli/dev_mismatched",
}
STRESS_SETS = {
    "SNLI test": "snli/test",
    "FEVER-NLI test": "fever_nli/test",
    "RTE-3 test, three-way": "rte3_3way/test",
    "Negated MultiNLI": "neg_nli/mnli",
    "Negated SNLI": "neg_nli/snli",
    "Negated RTE, two-way": "neg_nli/rte",
    "Breaking NLI": "breaking_nli/test",
    "HANS, two-way": "hans/eval",
}
VERIFICATION_SETS = {
    "HealthVer test": "healthver/test",
    "SciFact dev, evidence given": "scifact/dev",
    "Climate-FEVER, sentences": "climate_fever/all_evidence_pairs",
    "Factcheck-GPT stances": "factcheck_gpt/stance",
    "Fool Me Twice test, two-way": "fool_me_twice/test",
    "WiCE claims test, chunks, two-way": "wice/claim_oracle_test",
    "WiCE claims test, gold sentences, two-way": "wice/claim_gold_test",
    "QAGS, two-way": "qags/eval",
    "SciTail test, two-way": "scitail/test",
}
PROPOSITIONS = ROOT / "benchmarks" / "propositions.jsonl"
BEHAVIOUR = ROOT / "benchmarks" / "behaviour.jsonl"
NLI_TRAIN = "mnli/train_partial"
STANCES = {"entailment": "favor", "neutral": "none", "contradiction": "against"}
STANCE_SETS: dict[str, tuple[str, str, Callable[[Mapping[str, Any]], bool]]] = {
    "VAST test, zero-shot": ("vast", TOPIC, lambda row: row["seen"] == "0"),
    "Perspectrum test": ("perspectrum", CLAIM, lambda row: True),
    "Emergent test": ("emergent_test", CLAIM, lambda row: True),
}
Rows = list[dict[str, Any]]
Item = TypeVar("Item")


def nli_table(args: argparse.Namespace) -> Rows:
    """Score the NLI model and three baselines on MultiNLI dev."""
    return nli_rows(NLI_SETS, args)


def stress_table(args: argparse.Namespace) -> Rows:
    """Score the same on sets that were made by others, or to show what such models rely on."""
    return nli_rows(STRESS_SETS, args)


def nli_rows(sets: Mapping[str, str], args: argparse.Namespace) -> Rows:
    """Score the NLI model and three baselines, which learn from the same share of MultiNLI."""
    folder = args.data / "nli"
    train = sample(read_pairs(folder / f"{NLI_TRAIN}.jsonl.gz"), args.limit and args.limit * 10, args.seed)
    systems: dict[str, Callable[[Sequence[tuple[str, str]]], Any]] = {
        "claimcheck": load_nli(args).predict,
        "word overlap": baselines.word_overlap(train),
        "hypothesis only": baselines.hypothesis_only(train),
        "majority": baselines.majority(train),
    }
    rows = []
    for name, source in sets.items():
        pairs = sample(read_pairs(folder / f"{source}.jsonl.gz"), args.limit, args.seed)
        for system, predict in systems.items():
            rows.append({"set": name, "system": system, **nli_scores(pairs, predict, args)})
            tell(rows[-1])
    return rows


def sample(pairs: list[Item], limit: int | None, seed: int) -> list[Item]:
    """Return at most ``limit`` pairs at random: files are sorted by label here and there."""
    return pairs if limit is None or limit >= len(pairs) else random.Random(seed).sample(pairs, limit)


def nli_scores(
    pairs: Sequence[Pair], predict: Callable[..., Any], args: argparse.Namespace
) -> dict[str, Any]:
    """Return the metrics of one system on one set."""
    probabilities = np.asarray(predict([(pair.premise, pair.hypothesis) for pair in pairs]))
    score = score_labels([pair.label for pair in pairs], probabilities, samples=args.samples, seed=args.seed)
    return {
        "n": score.n,
        "metrics": {
            "accuracy": interval(score.accuracy, *score.accuracy_interval),
            "macro_f1": interval(score.macro_f1, *score.macro_f1_interval),
            "ece": score.ece,
        },
        "confusion": {"labels": score.labels, "gold_by_predicted": score.confusion},
    }


def verification_table(args: argparse.Namespace) -> Rows:
    """Score verdicts on claims, against the whole evidence as one premise, and word overlap."""
    folder = args.data / "nli"
    train = sample(read_pairs(folder / f"{NLI_TRAIN}.jsonl.gz"), args.limit and args.limit * 10, args.seed)
    nli = load_nli(args)
    overlap, majority = baselines.word_overlap(train), baselines.majority(train)
    systems: dict[str, Callable[[Sequence[tuple[str, str]]], Any]] = {
        "claimcheck": lambda pairs: verdict_chances(
            verify([h for _, h in pairs], [p for p, _ in pairs], nli=nli)
        ),
        "whole evidence as one premise": nli.predict,
        "word overlap": overlap,
        "majority": majority,
    }
    rows = []
    for name, source in VERIFICATION_SETS.items():
        pairs = sample(read_pairs(folder / f"{source}.jsonl.gz"), args.limit, args.seed)
        texts = [(pair.premise, pair.hypothesis) for pair in pairs]
        for system, predict in systems.items():
            rows.append(verification_row(name, system, [p.label for p in pairs], predict(texts), args))
    for split in ("development", "test"):
        claims, propositions, labels = read_propositions(PROPOSITIONS, split)
        bare = [(claim.text, proposition) for claim, proposition in zip(claims, propositions, strict=True)]
        found = [
            verify_claims(proposition, [claim], nli=nli, by="claim")[0]
            for claim, proposition in zip(claims, propositions, strict=True)
        ]
        for system, chances in (
            ("claimcheck", verdict_chances(found)),
            ("content as premise", nli.predict(bare)),
            ("word overlap", overlap(bare)),
            ("majority", majority(bare)),
        ):
            rows.append(verification_row(f"attributed statements, {split}", system, labels, chances, args))
    return rows


def verdict_chances(verdicts: Iterable[Verdict | PartyVerdict]) -> Any:
    """Return the probabilities (n, 3) of verdicts in the order of NLI labels."""
    return np.array([(v.supports, 1 - v.supports - v.refutes, v.refutes) for v in verdicts])


def verification_row(
    name: str, system: str, labels: Sequence[str], chances: Any, args: argparse.Namespace
) -> dict[str, Any]:
    """Return one row of the table."""
    score = score_verdicts(labels, np.asarray(chances), samples=args.samples, seed=args.seed)
    row = {
        "set": name,
        "system": system,
        "n": score.n,
        "metrics": {
            "balanced_accuracy": interval(*score.balanced_accuracy),
            "macro_f1": interval(*score.macro_f1),
            "accuracy": interval(*score.accuracy),
        },
        "confusion": {"labels": score.labels, "gold_by_predicted": score.confusion},
    }
    tell(row)
    return row


def read_propositions(path: Path, split: str) -> tuple[list[Claim], list[str], list[str]]:
    """Return attributed claims, a proposition for each, and the label between them in the terms of NLI.

    The rules for force and polarity were chosen on the split "development". "test" was written after them, but was
    looked at before promises in "to …" and "rumours that …" were given theirs.
    """
    terms = {"supports": "entailment", "says nothing": "neutral", "refutes": "contradiction"}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["split"] == split]
    claims, _, _ = read_statements(
        {"text": row["text"], "cue": row["cue"], "speaker": "Ada Brook"} for row in rows
    )
    return claims, [row["proposition"] for row in rows], [terms[row["label"]] for row in rows]


def attribution_table(args: argparse.Namespace) -> Rows:
    """Score exact spans on PolNeAR test."""
    corpus = args.data / "attribution" / "polnear" / "polnear.jsonl.gz"
    documents = read_attribution_corpus(corpus, split="test", limit=args.limit)
    from claimcheck.attribution import Attributor

    attributor = Attributor.from_pretrained(args.attribution, convention="polnear")
    systems: dict[str, Callable[[AnnotatedDocument], Iterable[Annotated]]] = {
        "claimcheck": lambda item: attributor.attribute(item.document),
        "regular expressions": lambda item: baselines.extract_quotes(item.document.text, marks=True),
        "regular expressions, quotations only": lambda item: baselines.extract_quotes(
            item.document.text, marks=True, clauses=False
        ),
    }
    rows = []
    for system, attribute in systems.items():
        scores = [score_document(d.attributions, attribute(d), d.document.text) for d in documents]
        metrics = {
            role: prf(total, [score[role] for score in scores], args)
            for role, total in score_documents(scores).items()
        }
        rows.append({"set": "PolNeAR test", "system": system, "n": len(documents), "metrics": metrics})
        tell(rows[-1])
    return rows


def cofenet_table(args: argparse.Namespace) -> Rows:
    """Score exact token spans on CofeNet's test items, paragraphs of PolNeAR test; intervals over articles."""
    from claimcheck.attribution import Attributor

    items = read_token_items(
        args.data / "attribution" / "cofenet" / "polnear_test.jsonl.gz", limit=args.limit
    )
    texts = [detokenize(item.tokens) for item in items]
    documents = [Document(str(n), text) for n, (text, _) in enumerate(texts)]
    attributor = Attributor.from_pretrained(args.attribution, convention="polnear")
    systems: dict[str, Callable[[], Iterable[Iterable[Annotated]]]] = {
        "claimcheck": lambda: attributor.attribute_batch(documents),
        "regular expressions": lambda: [baselines.extract_quotes(d.text, marks=True) for d in documents],
    }
    rows = []
    for system, attribute in systems.items():
        articles: dict[str, dict[str, PRF]] = {}
        for item, (text, places), found in zip(items, texts, attribute(), strict=True):
            score = score_item(item, without_overlaps(found, text, places))
            known = articles.get(item.id)
            articles[item.id] = {r: score[r] + known[r] for r in score} if known else score
        metrics = {}
        for role in ROLES:
            counts = [article[role] for article in articles.values()]
            metrics[role] = prf(sum(counts, PRF()), counts, args)
        rows.append({"set": "CofeNet test items", "system": system, "n": len(items), "metrics": metrics})
        tell(rows[-1])
    return rows


def articles_table(args: argparse.Namespace) -> Rows:
    """Score articles end to end, and relations between given attributions."""
    return article_rows(read_articles(args.gold, limit=args.limit), "gold articles", args)


def seed_table(args: argparse.Namespace) -> Rows:
    """Score the seed article alone."""
    return article_rows(read_articles(ROOT / "seeds" / "seed.json"), "seed article", args)


def behaviour_table(args: argparse.Namespace) -> Rows:
    """Score the label of one pair in each item of the behaviour suite: all systems together, then by capability."""
    items = sample(read_behaviour(BEHAVIOUR), args.limit, args.seed)
    checker = load_checker(args)
    relate: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
        "NLI on the contents alone": lambda rows: nli_relations(rows, checker.nli),
        "word overlap": baselines.lexical_relations,
        "majority": lambda rows: [],
    }
    predicted = {
        "claimcheck": [report_label(item, report) for item, report in behaviour_reports(items, checker)]
    }
    for system, relations in relate.items():
        predicted[system] = [pair_label(relations(item.rows), ("a", "b")) for item in items]
    rows = []
    for system, labels in predicted.items():
        score = score_behaviour(items, labels, samples=args.samples, seed=args.seed)
        measures = ("accuracy", "false_contradictions", "contradicts_recall")
        metrics = {name: interval(*getattr(score, name)) for name in measures}
        metrics["not_found"] = score.not_found
        rows.append({"set": "all capabilities", "system": system, "n": score.n, "metrics": metrics})
        tell(rows[-1])
    return rows + capability_rows(items, predicted, args)


def behaviour_reports(
    items: Iterable[BehaviourItem], checker: Any
) -> Iterable[tuple[BehaviourItem, dict[str, Any]]]:
    """Yield each item with its report as a dict; items on one text or one set of statements follow each other."""
    for _, group in itertools.groupby(items, key=lambda item: item.text or item.statements):
        same = list(group)
        first = same[0]
        report = checker.compare(first.statements) if first.text is None else checker.check(first.text)
        yield from ((item, report.to_dict()) for item in same)


def capability_rows(
    items: Sequence[BehaviourItem], predicted: Mapping[str, Sequence[Any]], args: argparse.Namespace
) -> Rows:
    """Return one row per capability, with the systems side by side; the interval is that of claimcheck."""
    rows = []
    for capability in dict.fromkeys(item.capability for item in items):
        kept = [n for n, item in enumerate(items) if item.capability == capability]
        scores = {
            system: score_behaviour(
                [items[n] for n in kept], [labels[n] for n in kept], samples=args.samples, seed=args.seed
            )
            for system, labels in predicted.items()
        }
        own, nli, overlap, majority = scores.values()
        metrics: dict[str, Any] = {
            "neither": own.neither,
            "not_found": own.not_found,
            "accuracy": interval(*own.accuracy),
            "nli_accuracy": nli.accuracy[0],
            "overlap_accuracy": overlap.accuracy[0],
            "majority_accuracy": majority.accuracy[0],
            "false_contradictions": own.false_contradictions[0],
            "nli_false_contradictions": nli.false_contradictions[0],
            "overlap_false_contradictions": overlap.false_contradictions[0],
        }
        rows.append({"set": capability, "n": own.n, "metrics": metrics})
        tell(rows[-1])
    return rows


def stance_table(args: argparse.Namespace) -> Rows:
    """Score stances on test splits; of two-way sets, the more probable side.

    Baselines learn from the set's training split, those for Emergent from the related pairs of FNC-1's.
    """
    folder, rows = args.data / "stance", fnc_rows(args)
    nli = load_nli(args)
    for name, (source, template, wanted) in STANCE_SETS.items():
        items = [r for r in read_rows(folder, source) if r["split"] == "test" and wanted(r)]
        items = sample(items, args.limit, args.seed)
        labels = ("favor", "none", "against")[:: 2 if source == "perspectrum" else 1]
        found = stances([r["text"] for r in items], [r["target"] for r in items], nli=nli, template=template)
        predicted = {"claimcheck": [side(s, labels) for s in found]}
        train = read_rows(folder, "fnc1" if source == "emergent_test" else source)
        train = [r for r in train if r["split"] == "train" and r["label"] != "unrelated"]
        train = sample(train, 20_000, args.seed)
        pairs = [(r["text"], r["target"]) for r in items]
        for system, fit in (("word overlap", baselines.word_overlap), ("majority", baselines.majority)):
            chances = fit([Pair(r["text"], r["target"], nli_label(r)) for r in train])(pairs)
            kept = [k for k, label in enumerate(STANCES.values()) if label in labels]
            predicted[system] = [labels[k] for k in chances[:, kept].argmax(axis=1)]
        gold = [STANCES[nli_label(r)] for r in items]
        for system, given in predicted.items():
            rows.append(stance_row(name, system, gold, given, labels, ("accuracy", "macro_f1"), args))
    return rows


def fnc_rows(args: argparse.Namespace) -> Rows:
    """Score the four labels of headline and body on FNC-1's test split."""
    everything = read_rows(args.data / "stance", "fnc1")
    items = sample([r for r in everything if r["split"] == "test"], args.limit, args.seed)
    train = sample([r for r in everything if r["split"] == "train"], 20_000, args.seed)
    pairs = [(r["target"], r["text"]) for r in items]
    known = [r["label"] for r in train]
    overlap = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    overlap.fit(baselines.overlap_features([(r["text"], r["target"]) for r in train]), known)
    predicted = {
        "claimcheck": [FNC_LABELS[k] for k in headline_stances(pairs, nli=args.nli).argmax(axis=1)],
        "word overlap": overlap.predict(baselines.overlap_features([(b, h) for h, b in pairs])).tolist(),
        "majority": [max(set(known), key=known.count)] * len(items),
    }
    gold = [r["label"] for r in items]
    measures = ("fnc_score", "macro_f1", "accuracy")
    return [
        stance_row("FNC-1 test", s, gold, given, FNC_LABELS, measures, args) for s, given in predicted.items()
    ]


def nli_label(row: Mapping[str, Any]) -> str:
    """Return the label of a row in the terms of NLI."""
    return NLI_LABELS[row["label"].lower()]


def side(stance: Stance, labels: Sequence[str]) -> str:
    """Return the label of a stance, of those that a set has."""
    return stance.label if "none" in labels else "favor" if stance.favor >= stance.against else "against"


def stance_row(
    name: str,
    system: str,
    gold: Sequence[str],
    predicted: Sequence[str],
    labels: Sequence[str],
    measures: Sequence[str],
    args: argparse.Namespace,
) -> dict[str, Any]:
    """Return one row of the table."""
    scores, confusion = score_stances(
        gold, predicted, labels, measures=measures, samples=args.samples, seed=args.seed
    )
    row = {
        "set": name,
        "system": system,
        "n": len(gold),
        "metrics": {measure: interval(*score) for measure, score in scores.items()},
        "confusion": {"labels": labels, "gold_by_predicted": confusion},
    }
    tell(row)
    return row


def article_rows(articles: Sequence[Article], name: str, args: argparse.Namespace) -> Rows:
    """Score every system on ``articles``, both ways. One article has no interval."""
    checker = load_checker(args)
    given = f"{name}, attributions given"
    systems: list[tuple[str, str, Callable[[Article], Mapping[str, Any]]]] = [
        (name, "claimcheck", lambda a: checker.check(a["text"], id=a["id"]).to_dict()),
        (name, "regular expressions", baselines.predict_article),
        (given, "claimcheck", lambda a: checker.compare(statement_rows(a)).to_dict()),
        (
            given,
            "NLI on the contents alone",
            lambda a: {"relations": nli_relations(statement_rows(a), checker.nli)},
        ),
        (given, "word overlap", lambda a: {"relations": baselines.lexical_relations(statement_rows(a))}),
    ]
    rows = []
    for where, system, predict in systems:
        counts = []
        for article in articles:
            predicted = predict(article)
            if where == given:
                predicted = {"attributions": article["attributions"], "relations": predicted["relations"]}
            counts.append(count_article(article, predicted))
        measures = RELATION_MEASURES if where == given else MEASURES
        metrics = article_metrics(counts, measures, args)
        rows.append({"set": where, "system": system, "n": len(articles), "metrics": metrics})
        tell(rows[-1])
    return rows


def article_metrics(
    counts: Sequence[ArticleCounts], measures: Iterable[str], args: argparse.Namespace
) -> dict[str, Any]:
    """Return the measures of articles, with precision and recall where a measure has them."""
    total = total_counts(counts)
    scores = score_articles(counts, samples=args.samples, seed=args.seed)
    metrics: dict[str, Any] = {}
    for name in measures:
        value, low, high = scores[name]
        metrics[name] = interval(value, low, high) if len(counts) > 1 else {"value": value}
        if name in F1_MEASURES:
            metrics[name] |= parts(getattr(total, name))
    return metrics


def nli_relations(rows: Sequence[Mapping[str, Any]], nli: Any) -> list[dict[str, Any]]:
    """Relate statements by the NLI model on their bare texts, the stock way: the higher of both directions, from 0.5."""
    pairs = list(itertools.combinations(rows, 2))
    forward, backward = (
        nli.predict([(x["text"], y["text"]) for x, y in side]).astype(float)
        for side in (pairs, [(b, a) for a, b in pairs])
    )
    relations = []
    for (a, b), (entails, _, contradicts) in zip(pairs, np.maximum(forward, backward), strict=True):
        label, score = ("contradicts", contradicts) if contradicts >= entails else ("corroborates", entails)
        if score >= 0.5:
            relations.append({"a": a["id"], "b": b["id"], "label": label, "score": float(score)})
    return relations


def prf(total: PRF, scores: Sequence[PRF], args: argparse.Namespace) -> dict[str, Any]:
    """Return the F1 of ``total`` with its interval over documents, and what it is made of."""
    counts = np.array([(score.tp, score.fp, score.fn) for score in scores])
    low, high = bootstrap_counts(
        counts, lambda sums: PRF(*map(int, sums)).f1, samples=args.samples, seed=args.seed
    )
    return interval(total.f1, low, high) | parts(total)


def parts(score: PRF) -> dict[str, Any]:
    """Return precision, recall and the counts behind an F1."""
    return {
        "precision": score.precision,
        "recall": score.recall,
        "tp": score.tp,
        "fp": score.fp,
        "fn": score.fn,
    }


def interval(value: float, low: float, high: float) -> dict[str, Any]:
    """Return a metric with its interval."""
    return {"value": value, "low": low, "high": high}


@functools.cache
def _load(nli: Path | None) -> Any:
    import claimcheck

    return claimcheck.load() if nli is None else claimcheck.load(nli=str(nli))


def load_checker(args: argparse.Namespace) -> Any:
    """Return the checker with the packaged models, or with the NLI checkpoint that was named."""
    return _load(None if args.nli == NLI else args.nli)


def load_nli(args: argparse.Namespace) -> Any:
    """Return the NLI model alone."""
    import claimcheck

    return claimcheck.NLI.from_pretrained(args.nli)


def tell(row: Mapping[str, Any]) -> None:
    """Print one row."""
    values = {
        name: metric["value"] if isinstance(metric, dict) else metric
        for name, metric in row["metrics"].items()
    }
    shown = "  ".join(f"{name} {value:.3f}" for name, value in values.items())
    names = [row[name] for name in ("set", "system") if name in row]
    print(" | ".join([*names, f"n={row['n']}", shown]), flush=True)


TABLES: dict[str, tuple[Callable[[argparse.Namespace], Rows], tuple[str, ...], tuple[str, ...]]] = {
    "nli": (nli_table, ("data",), ("nli",)),
    "stress": (stress_table, ("data",), ("nli",)),
    "verification": (verification_table, ("data",), ("nli",)),
    "attribution": (attribution_table, ("data",), ("attribution",)),
    "cofenet": (cofenet_table, ("data",), ("attribution",)),
    "articles": (articles_table, ("gold",), ("nli", "attribution")),
    "seed": (seed_table, (), ("nli", "attribution")),
    "behaviour": (behaviour_table, (), ("nli", "attribution")),
    "stance": (stance_table, ("data",), ("nli",)),
}


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder with nli/, attribution/ and stance/")
    parser.add_argument("--gold", type=Path, help="folder of articles in the gold form")
    parser.add_argument("--table", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--limit", type=int, help="at most so many items of each set: for trials")
    parser.add_argument("--nli", type=Path, default=NLI, help="NLI checkpoint")
    parser.add_argument("--attribution", type=Path, default=ATTRIBUTION, help="attribution checkpoint")
    parser.add_argument("--samples", type=int, default=1000, help="bootstrap samples")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "accuracy.json")
    args = parser.parse_args(argv)
    for name in args.table:
        for option in TABLES[name][1]:
            if getattr(args, option) is None:
                parser.error(f"table {name} needs --{option} FOLDER")
    if args.attribution != ATTRIBUTION and {"articles", "seed", "behaviour"} & set(args.table):
        parser.error(
            "--attribution is for the tables attribution and cofenet: whole articles take the packaged checkpoint"
        )
    return args


def main() -> None:
    """Run from the command line."""
    args = parse()
    for name in args.table:
        make, _, models = TABLES[name]
        made = provenance(
            ROOT,
            command=shown_command(sys.argv, ROOT),
            seed=args.seed,
            models=[getattr(args, model) for model in models],
            options={"limit": args.limit, "bootstrap_samples": args.samples},
        )
        write_tables(args.out, {name: {"provenance": made, "rows": make(args)}})
    print(f"wrote {args.out}")


if __name__ == "__main__":
    main()
