"""Measure speed and memory: pairs per second against the stock libraries, articles per second, time to a first result.

::

    python benchmarks/throughput.py                                  every table, texts of the project
    python benchmarks/throughput.py --table pairs --pairs DEV.jsonl.gz --sample 2000
    python benchmarks/throughput.py --table articles --articles FOLDER

pairs     the same checkpoint on the same pairs: claimcheck, ``transformers.pipeline`` at batch 1 and 32,
          ``CrossEncoder.predict`` with its defaults, and both in float32; repeats are interleaved, medians reported
articles  ``Checker.pipe`` over articles, and ``Checker.check`` one by one
jobs      whole batch jobs as processes of their own, with 1 and 2 workers: articles per second, loading included;
          and the peak memory of one over N and one over 10 N articles
matrix    the multiplications of the NLI model per second, tokenisation included, against those of a product of large
          matrices in the same number type
start     whole processes: import, load, check the seed article, with a warm file cache; peak memory
candidates
          recall of candidate retrieval across articles against all pairs, and its cost by the number of claims, on one
          core and without reading the pairs; ``--plot FILE.svg`` draws it

``--pairs`` takes JSON lines with premise and hypothesis, gzipped or plain. The default are pairs of statements of the
seed article and of texts.txt.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import candidates
import numpy as np

from claimcheck.errors import InputError
from claimcheck.evaluation.articles import statement_rows
from claimcheck.evaluation.baselines import extract_quotes
from claimcheck.evaluation.readers import read_articles, read_pairs
from claimcheck.evaluation.results import provenance, shown_command, write_tables

ROOT = Path(__file__).resolve().parent.parent
LABELS = ("entailment", "neutral", "contradiction")
MIN_AGREEMENT = 0.995
Rows = list[dict[str, Any]]
TextPairs = list[tuple[str, str]]

# What a process prints about itself: seconds by step, and the peak of its memory from the kernel's own count.
FIRST_RESULT = """
import json, sys, time
start = time.perf_counter()
import claimcheck
imported = time.perf_counter()
checker = claimcheck.load()
loaded = time.perf_counter()
with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
checker.check(text)
checked = time.perf_counter()
times = {"import": imported - start, "load": loaded - imported, "check": checked - loaded}
"""
BATCH_JOB = """
import json, sys
import claimcheck
from claimcheck.batch import run_batch
done = run_batch(claimcheck.load, sys.argv[1], sys.argv[2], workers=int(sys.argv[3]))
times = {"articles_per_second": done.rate, "failed": done.failed}
"""
IMPORT_ONLY = """
import json, time
start = time.perf_counter()
import claimcheck
times = {"import": time.perf_counter() - start}
"""
PRINT_PEAK = """
try:
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
except OSError:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
print(json.dumps({**times, "peak_mib": peak}))
"""


def pairs_table(args: argparse.Namespace) -> Rows:
    """Time every system on the same pairs, the repeats of all of them interleaved."""
    import torch

    torch.manual_seed(args.seed)
    systems = load_systems(args.nli, more=args.more)
    pairs = fitting(load_pairs(args), systems["claimcheck"].__self__)  # type: ignore[attr-defined]
    results = {name: predict(pairs[:64]) for name, predict in systems.items()}  # to warm up
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    for repeat in range(args.repeats):
        for name, predict in systems.items():
            begin = time.perf_counter()
            results[name] = predict(pairs)
            seconds[name].append(time.perf_counter() - begin)
            print(f"repeat {repeat + 1}: {name} {len(pairs) / seconds[name][-1]:.1f} pairs/s", flush=True)
    rates = {name: len(pairs) / statistics.median(taken) for name, taken in seconds.items()}
    ours = results["claimcheck"]
    return [
        {
            "system": name,
            "n": len(pairs),
            "metrics": {
                "pairs_per_second": rates[name],
                "claimcheck_times_faster": rates["claimcheck"] / rates[name],
                "same_label_as_claimcheck": float((results[name].argmax(1) == ours.argmax(1)).mean()),
                "largest_probability_difference": float(np.abs(results[name] - ours).max()),
            },
            "seconds": taken,
        }
        for name, taken in seconds.items()
    ]


def load_systems(checkpoint: Path, *, more: bool) -> dict[str, Callable[[TextPairs], Any]]:
    """Return predictors of (n, 3) probabilities in the order of LABELS, all of one checkpoint on the CPU."""
    import torch
    from sentence_transformers import CrossEncoder

    import claimcheck

    folder = str(checkpoint)
    softmax = torch.nn.Softmax(dim=-1)
    systems: dict[str, Callable[[TextPairs], Any]] = {
        "claimcheck": claimcheck.NLI.from_pretrained(folder, device="cpu").predict
    }
    dtypes: dict[str, Any] = {"defaults": None, "float32": torch.float32}
    if more:
        dtypes["bfloat16"] = torch.bfloat16
    for title, dtype in dtypes.items():
        kwargs = {} if dtype is None else {"dtype": dtype}
        encoder = CrossEncoder(folder, device="cpu", activation_fn=softmax, model_kwargs=kwargs)
        systems[f"CrossEncoder.predict, {title}"] = cross_encoder(encoder)
        stock = stock_pipeline(folder, kwargs)
        for size in (1, 32):
            systems[f"transformers.pipeline, batch {size}, {title}"] = pipeline_of(stock, size)
    return systems


def stock_pipeline(folder: str, kwargs: Mapping[str, Any]) -> Any:
    """Return the stock text-classification pipeline on the CPU."""
    from transformers import pipeline

    return pipeline("text-classification", model=folder, device="cpu", **kwargs)


def pipeline_of(stock: Any, batch_size: int) -> Callable[[TextPairs], Any]:
    """Return a predictor that calls the pipeline."""

    def predict(pairs: TextPairs) -> Any:
        rows = [{"text": premise, "text_pair": hypothesis} for premise, hypothesis in pairs]
        found = stock(rows, batch_size=batch_size, top_k=None, truncation=True)
        scores = ({item["label"]: item["score"] for item in row} for row in found)
        return np.array([[row[label] for label in LABELS] for row in scores])

    return predict


def cross_encoder(encoder: Any) -> Callable[[TextPairs], Any]:
    """Return a predictor that calls ``CrossEncoder.predict`` with its defaults, columns put in the order of LABELS."""
    names = encoder.model.config.id2label
    order = [next(index for index, name in names.items() if name == label) for label in LABELS]

    def predict(pairs: TextPairs) -> Any:
        return np.asarray(encoder.predict(pairs), dtype=np.float64)[:, order]

    return predict


def load_pairs(args: argparse.Namespace) -> TextPairs:
    """Return the pairs of ``--pairs``, or of the project's own texts; at most ``--sample``, chosen by the seed."""
    if args.pairs:
        pairs = [(pair.premise, pair.hypothesis) for pair in read_pairs(args.pairs)]
    else:
        [seed] = read_articles(ROOT / "seeds" / "seed.json")
        groups = [[row["text"] for row in statement_rows(seed)]]
        for text in packaged_texts():
            groups.append([" ".join(s.of(text) for s in item.content) for item in extract_quotes(text)])
        pairs = [pair for group in groups for pair in itertools.permutations(group, 2)]
    if args.sample and args.sample < len(pairs):
        pairs = random.Random(args.seed).sample(pairs, args.sample)
    return pairs


def fitting(pairs: TextPairs, nli: Any) -> TextPairs:
    """Return the pairs that fit the model's window: the others cut longer ones, claimcheck reads them in windows."""
    long = nli.needs_windows(pairs)
    kept = [pair for pair, windows in zip(pairs, long, strict=True) if not windows]
    if not kept:
        raise InputError(f"none of {len(pairs)} pairs fits the model's window of {nli.max_length} tokens")
    return kept


def articles_table(args: argparse.Namespace) -> Rows:
    """Time ``pipe`` and ``check`` over the same articles."""
    import claimcheck

    texts = load_texts(args)
    checker = claimcheck.load()
    calls: dict[str, Callable[[], object]] = {
        "Checker.pipe": lambda: list(checker.pipe(texts)),
        "Checker.check, one by one": lambda: [checker.check(text) for text in texts],
    }
    checker.check(texts[0])  # to warm up
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for repeat in range(args.repeats):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - begin)
            print(f"repeat {repeat + 1}: {name} {len(texts) / seconds[name][-1]:.2f} articles/s", flush=True)
    words = sum(len(text.split()) for text in texts)
    return [
        {
            "system": name,
            "n": len(texts),
            "metrics": {
                "articles_per_second": len(texts) / statistics.median(taken),
                "words_per_second": words / statistics.median(taken),
            },
            "seconds": taken,
        }
        for name, taken in seconds.items()
    ]


def jobs_table(args: argparse.Namespace) -> Rows:
    """Run batch jobs over N and 10 N articles, each text another, and take their rates and their peaks of memory."""
    texts = load_texts(args)
    rows: Rows = []
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
        for number, workers in ((args.job, 1), (10 * args.job, 1), (10 * args.job, 2)):
            many = list(itertools.islice(itertools.cycle(texts), number))
            lines = (
                json.dumps({"id": n, "text": f"{text}\n\nNo. {n}"}) + "\n" for n, text in enumerate(many)
            )
            source.write_text("".join(lines), encoding="utf-8")
            target.unlink(missing_ok=True)
            command = [sys.executable, "-c", BATCH_JOB + PRINT_PEAK, str(source), str(target), str(workers)]
            done = timed_process(command)
            if done["failed"]:
                raise RuntimeError(f"{done['failed']:.0f} of {number} articles failed")
            words = sum(len(text.split()) for text in many)
            metrics: dict[str, float] = {
                "articles_per_second": done["articles_per_second"],
                "words_per_second": done["articles_per_second"] * words / number,
            }
            if workers == 1:
                metrics["peak_mib"] = done["peak_mib"]  # with workers it is theirs that counts
            system = f"batch, {workers} worker{'s' if workers > 1 else ''}, {number} articles"
            rows.append({"system": system, "n": number, "metrics": metrics, "seconds": [done["process"]]})
            print(system, {key: round(value, 2) for key, value in metrics.items()}, flush=True)
    rows[1]["metrics"]["peak_over_that_of_a_tenth"] = (
        rows[1]["metrics"]["peak_mib"] / rows[0]["metrics"]["peak_mib"]
    )
    return rows


def matrix_table(args: argparse.Namespace) -> Rows:
    """Compare the multiplications that the NLI model does in a second with those of a product of matrices."""
    import torch

    import claimcheck

    nli = claimcheck.NLI.from_pretrained(args.nli)
    pairs = fitting(load_pairs(args), nli)
    lengths = [len(row["input_ids"]) for row in nli._encode(list(dict.fromkeys(pairs)))[1]]
    flops = encoder_flops(lengths, nli.model.config)
    size = 2048
    left, right = (torch.ones(size, size, dtype=nli.dtype, device=nli.device) for _ in range(2))
    nli.predict(pairs[:64])  # to warm up
    left @ right
    taken: list[float] = []
    products: list[float] = []
    for _ in range(args.repeats):
        begin = time.perf_counter()
        (left @ right).sum().item()
        products.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        nli.predict(pairs)
        taken.append(time.perf_counter() - begin)
    peak = 2 * size**3 / min(products)
    reached = flops / statistics.median(taken)
    return [
        {
            "system": f"claimcheck, {str(nli.dtype).removeprefix('torch.')}",
            "n": len(lengths),
            "metrics": {
                "matrix_gflops_per_second": peak / 1e9,
                "nli_gflops_per_second": reached / 1e9,
                "share_of_matrix_rate": reached / peak,
                "tokens_per_second": sum(lengths) / statistics.median(taken),
            },
            "seconds": taken,
        }
    ]


def encoder_flops(lengths: Sequence[int], config: Any) -> int:
    """Return the multiplications and additions of a BERT classifier over sequences, of its last layer what it needs.

    The last layer's queries, output and feed-forward part are those of the first piece alone.
    """
    hidden, inner = config.hidden_size, config.intermediate_size
    flops = 0
    for n in lengths:
        whole = 2 * n * (4 * hidden**2 + 2 * hidden * inner) + 4 * n**2 * hidden
        last = 2 * n * 2 * hidden**2 + 2 * (2 * hidden**2 + 2 * hidden * inner) + 4 * n * hidden
        flops += (config.num_hidden_layers - 1) * whole + last
    return flops


def load_texts(args: argparse.Namespace) -> list[str]:
    """Return the articles of ``--articles``, *.txt or the gold form, or of the project; at most ``--sample``."""
    if args.articles:
        texts = [file.read_text(encoding="utf-8") for file in sorted(args.articles.glob("*.txt"))]
        texts = texts or [article["text"] for article in read_articles(args.articles)]
    else:
        texts = [read_articles(ROOT / "seeds" / "seed.json")[0]["text"], *packaged_texts()]
    return texts[: args.sample] if args.sample else texts


def packaged_texts() -> list[str]:
    """Return the articles in texts.txt, invented for this benchmark."""
    return [
        text.strip()
        for text in (ROOT / "benchmarks" / "texts.txt").read_text(encoding="utf-8").split("=====")
    ]


def start_table(args: argparse.Namespace) -> Rows:
    """Time whole processes; the first run of each warms the file cache and is not counted."""
    [seed] = (ROOT / "seeds").glob("*.txt")
    programs = {
        "import claimcheck": [sys.executable, "-c", IMPORT_ONLY + "import sys\n" + PRINT_PEAK],
        "import, load, check the seed article": [sys.executable, "-c", FIRST_RESULT + PRINT_PEAK, str(seed)],
    }
    rows = []
    for name, command in programs.items():
        runs = [timed_process(command) for _ in range(args.repeats + 1)][1:]
        metrics = {
            key: statistics.median(run[key] for run in runs)
            for key in runs[0]
            if key not in ("process", "peak_mib")
        }
        rows.append(
            {
                "system": name,
                "n": len(runs),
                "metrics": {
                    "process_seconds": statistics.median(run["process"] for run in runs),
                    **{f"{key}_seconds": value for key, value in metrics.items()},
                    "peak_mib": max(run["peak_mib"] for run in runs),
                },
                "seconds": [run["process"] for run in runs],
            }
        )
        print(name, {key: round(value, 3) for key, value in rows[-1]["metrics"].items()}, flush=True)
    return rows


def timed_process(command: Sequence[str]) -> dict[str, float]:
    """Run a program that prints a JSON object of numbers last; returns them and ``process``, its seconds."""
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - begin
    if done.returncode:
        raise RuntimeError(f"the process ended with status {done.returncode}:\n{done.stderr[-2000:]}")
    return {**json.loads(done.stdout.splitlines()[-1]), "process": taken}


def candidates_table(args: argparse.Namespace) -> Rows:
    """Measure candidate retrieval against all pairs."""
    import claimcheck

    articles = candidates.read_halves(args.corpus, args.seed)
    unseen = held_out_ids()
    held_out = [halves for halves in articles if halves.claims[0].id.partition(":")[0] in unseen]
    rows = candidates.recall_rows(candidates.grow(articles, sum(len(halves.claims) for halves in articles)))
    rows += candidates.retold_rows(articles)
    rows += candidates.cost_rows(articles, args.repeats)
    rows += candidates.model_rows(held_out[: args.sample or 10], claimcheck.load())
    if args.plot:
        candidates.plot(rows, args.plot)
    return rows


def held_out_ids() -> set[str]:
    """Return the ids of the articles that the NLI model was not trained on."""
    config = json.loads((ROOT / "models" / "nli" / "training.json").read_text(encoding="utf-8"))
    return set(config["config"]["statements"]["held_out"])


TABLES: dict[str, tuple[Callable[[argparse.Namespace], Rows], tuple[str, ...]]] = {
    "start": (start_table, ("nli", "attribution")),
    "pairs": (pairs_table, ("nli",)),
    "articles": (articles_table, ("nli", "attribution")),
    "jobs": (jobs_table, ("nli", "attribution")),
    "matrix": (matrix_table, ("nli",)),
    "candidates": (candidates_table, ("nli",)),
}


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--table", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--pairs", type=Path, help="pairs: JSON lines with premise, hypothesis and label")
    parser.add_argument(
        "--articles", type=Path, help="articles: a folder of *.txt, or of JSON in the gold form"
    )
    parser.add_argument(
        "--job", type=int, default=100, help="jobs: articles of the small job; the large has 10 x"
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        default=ROOT / "claimcheck" / "training" / "corpus" / "articles.jsonl",
        help="candidates: articles in the gold form, one a line",
    )
    parser.add_argument("--plot", type=Path, help="candidates: draw cost against the number of claims")
    parser.add_argument(
        "--sample", type=int, help="at most so many pairs, and articles; candidates: read by the model (10)"
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--more", action="store_true", help="pairs: the stock libraries in bfloat16 as well")
    parser.add_argument("--nli", type=Path, default=ROOT / "models" / "nli", help="pairs: the checkpoint")
    parser.add_argument("--seed", type=int, default=0, help="of the sample of pairs")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "throughput.json")
    args = parser.parse_args(argv)
    args.attribution = ROOT / "models" / "attribution"
    for name in ("repeats", "job"):
        if getattr(args, name) < 1:
            parser.error(f"--{name} {getattr(args, name)}: at least 1")
    return args


def disagreeing(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the systems that give too many pairs another label than claimcheck: their speeds compare nothing."""
    shares = {row["system"]: row["metrics"].get("same_label_as_claimcheck", 1.0) for row in rows}
    return [f"{name}: {share:.2%}" for name, share in shares.items() if share < MIN_AGREEMENT]


def main() -> None:
    """Run from the command line; the exit status is 1 if the systems do not agree."""
    import torch

    args = parse()
    disagreements: list[str] = []
    for name in args.table:
        make, models = TABLES[name]
        made = provenance(
            ROOT,
            command=shown_command(sys.argv, ROOT),
            seed=args.seed,
            models=[getattr(args, model) for model in models],
            options={"repeats": args.repeats, "sample": args.sample, "threads": torch.get_num_threads()},
        )
        rows = make(args)
        write_tables(args.out, {name: {"provenance": made, "rows": rows}})
        disagreements += disagreeing(rows)
    print(f"wrote {args.out}")
    if disagreements:
        sys.exit(f"less than {MIN_AGREEMENT:.1%} of labels agree with claimcheck: {', '.join(disagreements)}")


if __name__ == "__main__":
    main()
