"""Write the tables of ``benchmarks/results/*.json`` as Markdown: no number is typed by hand.

::

    python benchmarks/tables.py           write benchmarks/results/README.md, and the marked blocks in README.md
    python benchmarks/tables.py --check   write nothing; exit 1 if either is stale

A marked block in README.md is everything between ``<!-- table:NAME -->`` and ``<!-- /table -->``. NAME is a results
file, one table of it (``accuracy``, ``accuracy.nli``), or ``figures``: the measures of FIGURES, a line each.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from claimcheck.errors import InputError
from claimcheck.evaluation.results import read_tables

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- table:([\w.]+) -->\n).*?(<!-- /table -->)", re.DOTALL)
TITLES = {
    "accuracy.nli": "Natural language inference",
    "accuracy.stress": "Natural language inference: other sets, and stress tests",
    "accuracy.verification": "Claims against evidence",
    "accuracy.attribution": "Attribution: exact span F1, document level, micro",
    "accuracy.cofenet": "Attribution: exact span F1 on CofeNet's test items, micro",
    "accuracy.articles": "Whole articles",
    "accuracy.seed": "The seed article",
    "accuracy.behaviour": "Behaviour of relations, by capability",
    "accuracy.stance": "Stance towards a target",
    "throughput.pairs": "Pairs per second, one checkpoint",
    "throughput.articles": "Articles per second",
    "throughput.start": "Time to a first result",
    "throughput.matrix": "Share of the machine's rate of multiplication",
    "throughput.jobs": "Batch jobs",
    "throughput.candidates": "Candidates across articles against all pairs",
    "torture.offsets": "Offsets into generated and mutated texts",
    "torture.time": "Time by length, outside the models",
    "torture.kill": "Batch jobs killed",
    "torture.page": "Hostile strings in a browser",
    "torture.same": "Same in, same out",
    "torture.fuzz": "Readers and steps on mutated bytes",
    "torture.fuzz_guided": "Readers and steps on bytes that atheris finds",
    "torture.memory": "Memory of a long job",
}
# what is measured, on which set of which table, by which metric, and what it is set against
FIGURES = (
    (
        "who says what, in articles: F1",
        "accuracy.articles",
        "gold articles",
        "attribution",
        "regular expressions",
    ),
    (
        "… whose source is right too: F1",
        "accuracy.articles",
        "gold articles",
        "source",
        "regular expressions",
    ),
    (
        "speaker of a statement: accuracy",
        "accuracy.articles",
        "gold articles",
        "speaker_accuracy",
        "regular expressions",
    ),
    ("statements of one party: F1", "accuracy.articles", "gold articles", "party", "regular expressions"),
    (
        "contradictions, end to end: F1",
        "accuracy.articles",
        "gold articles",
        "contradicts",
        "regular expressions",
    ),
    (
        "corroborations, end to end: F1",
        "accuracy.articles",
        "gold articles",
        "corroborates",
        "regular expressions",
    ),
    (
        "contradictions of given statements: F1",
        "accuracy.articles",
        "gold articles, attributions given",
        "contradicts",
        "NLI on the contents alone",
    ),
    (
        "unrelated pairs called contradicting",
        "accuracy.articles",
        "gold articles, attributions given",
        "false_alarms",
        "NLI on the contents alone",
    ),
    ("exact spans, source: F1", "accuracy.attribution", "PolNeAR test", "source", "regular expressions"),
    ("exact spans, cue: F1", "accuracy.attribution", "PolNeAR test", "cue", "regular expressions"),
    ("exact spans, content: F1", "accuracy.attribution", "PolNeAR test", "content", "regular expressions"),
    ("inference: accuracy", "accuracy.nli", "MultiNLI dev matched", "accuracy", "word overlap"),
    ("inference: accuracy", "accuracy.nli", "MultiNLI dev mismatched", "accuracy", "word overlap"),
    (
        "relations in the behaviour suite: accuracy",
        "accuracy.behaviour",
        "all capabilities",
        "accuracy",
        "NLI on the contents alone",
    ),
)
PLAIN = {
    "pairs_per_second",
    "articles_per_second",
    "words_per_second",
    "peak_mib",
    "growth_mib",
    "claimcheck_times_faster",
    "pairs_per_claim",
    "all_pairs_per_claim",
}
COUNTS = {"failures", "findings", "neither", "not_found"}
PERCENT = {
    "accuracy",
    "balanced_accuracy",
    "nli_accuracy",
    "overlap_accuracy",
    "majority_accuracy",
    "false_contradictions",
    "nli_false_contradictions",
    "overlap_false_contradictions",
    "contradicts_recall",
    "same_label_as_claimcheck",
    "recall",
    "corroborates_recall",
    "share_of_all_pairs",
}


def render_all(results: Path) -> str:
    """Return the page of every table in a folder of results."""
    parts = [
        "# Results",
        "Made by `python benchmarks/tables.py` from the JSON files beside it. Brackets are 95% bootstrap intervals over "
        "documents, articles or pairs; P and R are precision and recall.",
        "Of articles: an attribution is found where the contents share half of their words (IoU of at least 0.5), and exact "
        "where they have the same; source: its source overlaps as much; nested: both found, with the right parent; "
        "decoys taken: quotations of nobody that were taken for speech; ap: average precision over what is reported; "
        "precision at half: of the surest contradictions that make up half of the gold ones; false alarms: share of the "
        "pairs that are neither which are called contradicting. triple: source, cue and content all exact. ece: expected "
        "calibration error. not found: items in which a statement has no attribution of its own.",
    ]
    for name, table in all_tables(results).items():
        parts += [f"## {TITLES.get(name, name)}", render(table), render_provenance(table["provenance"])]
    return "\n\n".join(parts) + "\n"


def all_tables(results: Path) -> dict[str, Any]:
    """Return the tables of a folder by ``file.table``, in the order of TITLES, others after them."""
    tables = {
        f"{file.stem}.{name}": table
        for file in sorted(results.glob("*.json"))
        for name, table in read_tables(file).items()
    }
    known = list(TITLES)
    order = sorted(tables, key=lambda name: (known.index(name) if name in known else len(known), name))
    return {name: tables[name] for name in order}


def render(table: Mapping[str, Any]) -> str:
    """Return the rows of a table in Markdown: a block for every group of rows with the same metrics."""
    blocks: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in table["rows"]:
        blocks.setdefault(tuple(row["metrics"]), []).append(row)
    return "\n\n".join(_block(names, rows) for names, rows in blocks.items())


def _block(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    labels = [name for name in ("set", "system", "check") if any(name in row for row in rows)]
    heads = [*labels, "n", *(name.replace("_", " ") for name in names)]
    lines = [heads, ["---"] * len(labels) + ["--:"] * (len(names) + 1)]
    for row in rows:
        first = [row.get(label, "") for label in labels]
        lines.append([*first, f"{row['n']:,}", *(cell(name, row["metrics"][name]) for name in names)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell(name: str, metric: Any) -> str:
    """Return one metric as text: value, interval, and precision and recall where it has them."""
    text = _interval(name, metric)
    if isinstance(metric, dict) and "precision" in metric:
        text += f" P {number(name, metric['precision'])} R {number(name, metric['recall'])}"
    return text


def _interval(name: str, metric: Any) -> str:
    """Return a metric as text: value, and its interval where it has one."""
    if not isinstance(metric, dict):
        return number(name, metric)
    text = number(name, metric["value"])
    if "low" in metric:
        text += f" [{number(name, metric['low'])}, {number(name, metric['high'])}]"
    return text


def number(name: str, value: float) -> str:
    """Return a number as its metric is usually written.

    >>> number("accuracy", 0.7612), number("f1", 0.7612), number("pairs_per_second", 1234.5)
    ('76.1%', '0.761', '1,234')
    """
    if name in COUNTS:
        return f"{value:,}"
    if name in PERCENT:
        return f"{100 * value:.1f}%"
    if name in PLAIN:
        return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
    if name.endswith("_seconds"):
        return f"{value:.2f} s"
    if name.endswith("_difference"):
        return f"{value:.4f}"
    return f"{value:.3f}"


def render_provenance(made: Mapping[str, Any]) -> str:
    """Return a line on how a table was made."""
    hardware = made["hardware"]
    versions = [
        f"{name} {made['versions'][name]}" for name in ("torch", "transformers") if made["versions"].get(name)
    ]
    commit = (made["commit"] or "no commit")[:10] + (" with changes" if made["dirty"] else "")
    models = [f"{name} {digest[:12]}" for name, digest in made["models"].items()]
    limited = [f"**trial: at most {made['limit']} items of each set**"] if made.get("limit") else []
    facts: Iterable[str] = [
        f"`{made['command']}`",
        *limited,
        f"commit {commit}",
        f"{made['date'][:10]}",
        f"seed {made['seed']}",
        *([f"{made['repeats']} repeats, {made['threads']} threads"] if made.get("repeats") else []),
        f"{hardware['cores']} cores of {hardware['cpu']}, {hardware['memory_gib']} GiB",
        ", ".join(versions),
        *([f"models {', '.join(models)}"] if models else []),
    ]
    return " · ".join(fact for fact in facts if fact)


def render_figures(tables: Mapping[str, Any]) -> str:
    """Return the measures of FIGURES in Markdown: claimcheck's figure, and that of what it is set against.

    Raises
    ------
    InputError
        If the results lack one of them.
    """
    lines = [("measure", "set", "n", "claimcheck", "for comparison"), ("---", "---", "--:", "--:", "---")]
    for measure, table, chosen, metric, rival in FIGURES:
        rows = {
            row["system"]: row
            for row in tables.get(table, {"rows": []})["rows"]
            if row.get("set", chosen) == chosen
        }
        if not rows.keys() >= {"claimcheck", rival}:
            raise InputError(
                f"{table} has no {chosen!r} of claimcheck and of {rival}: run benchmarks/accuracy.py"
            )
        ours, theirs = (rows[system]["metrics"][metric] for system in ("claimcheck", rival))
        plain = theirs["value"] if isinstance(theirs, dict) else theirs
        lines.append(
            (
                measure,
                chosen,
                f"{rows['claimcheck']['n']:,}",
                _interval(metric, ours),
                f"{number(metric, plain)}, {rival}",
            )
        )
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def update_blocks(text: str, tables: Mapping[str, Any]) -> str:
    """Return ``text`` with its marked blocks replaced by the tables they name.

    Raises
    ------
    InputError
        If a block names no table.
    """

    def replace(match: re.Match[str]) -> str:
        name = match[2]
        if name == "figures":
            return f"{match[1]}{render_figures(tables)}\n{match[3]}"
        chosen = [table for key, table in tables.items() if key == name or key.partition(".")[0] == name]
        if not chosen:
            raise InputError(f"no table {name!r} for a block of README.md: there are {sorted(tables)}")
        body = "\n\n".join(f"{render(table)}\n\n{render_provenance(table['provenance'])}" for table in chosen)
        return f"{match[1]}{body}\n{match[3]}"

    return BLOCK.sub(replace, text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line; the exit status is 1 if ``--check`` finds a stale file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md")
    args = parser.parse_args(argv)
    wanted = {args.results / "README.md": render_all(args.results)}
    if args.readme.exists():
        wanted[args.readme] = update_blocks(args.readme.read_text(encoding="utf-8"), all_tables(args.results))
    stale = [
        path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        if args.check:
            print(f"{path} is stale: run python benchmarks/tables.py", file=sys.stderr)
        else:
            path.write_text(wanted[path], encoding="utf-8")
            print(f"wrote {path}")
    return 1 if args.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
