"""The same text gives the same report: whatever stands beside it, in whatever order, process or thread."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import claimcheck

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("Ada Holm", "Per Lund", "Cleo Vinter", "Ina Tolk", "Odo Brask")
SUBJECTS = ("the bridge", "the budget of the harbour", "the old mill, which burned in May,", "a second ferry")
CLAIMS = (
    "is safe",
    "is not safe",
    "will be closed before the winter",
    "will not be closed",
    "cost 40 million",
)
TOLERANCE = 1e-3


def articles(n):
    chance = random.Random(0)
    made = []
    for k in range(n):
        sentences = [
            f"{chance.choice(NAMES)} {chance.choice(('said', 'denied'))} {chance.choice(SUBJECTS)} {chance.choice(CLAIMS)}."
            for _ in range(chance.randrange(1, 9))
        ]
        made.append(f"Report {k}\n\n" + "\n\n".join(sentences))
    return made


@pytest.fixture(scope="module")
def checker():
    return claimcheck.load(device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def texts(full):
    return articles(100 if full else 12)


@pytest.fixture(scope="module")
def alone(checker, texts):
    """The report of each text, checked by itself."""
    return [checker.check(text).to_dict() for text in texts]


def difference(a, b):
    """Return the largest difference between the numbers of two reports, which must be equal otherwise."""
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        return max((difference(a[key], b[key]) for key in a), default=0.0)
    if isinstance(a, list):
        assert len(a) == len(b)
        return max((difference(x, y) for x, y in zip(a, b, strict=True)), default=0.0)
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b)
    assert a == b
    return 0.0


def largest(alone, others):
    found = max(difference(a, b) for a, b in zip(alone, others, strict=True))
    assert found < TOLERANCE
    return found


@pytest.mark.parametrize("batch_size", [1, 2, 7, 64])
def test_batch_size(checker, texts, alone, figures, batch_size):
    others = [report.to_dict() for report in checker.pipe(texts, batch_size=batch_size)]
    figures(f"batches of {batch_size}", len(texts), score_difference=largest(alone, others))


def test_order(checker, texts, alone, figures):
    order = random.Random(1).sample(range(len(texts)), len(texts))
    others = dict(zip(order, checker.pipe([texts[k] for k in order], batch_size=16), strict=True))
    moved = [others[k].to_dict() for k in range(len(texts))]
    figures("another order", len(texts), score_difference=largest(alone, moved))


def test_eight_threads_on_one_checker(checker, texts, alone, figures):
    jobs = texts * 4
    with ThreadPoolExecutor(8) as pool:
        others = [report.to_dict() for report in pool.map(checker.check, jobs)]
    figures("8 threads on one checker", len(jobs), score_difference=largest(alone * 4, others))


@pytest.mark.slow
def test_eight_threads_read_long_pairs_on_one_model(checker, figures):
    """Pairs of several windows change the tokenizer's truncation while others use it."""
    long = "The mayor said that the bridge is safe and that it will stay open. " * 60
    pairs = [(long, f"Bridge {k} is safe."[: 8 + k % 9]) for k in range(8)] + [
        ("It is safe.", "It is not.")
    ] * 8
    expected = [checker.nli.predict([pair]) for pair in pairs]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda pair: checker.nli.predict([pair]), pairs * 3))
    worst = max(float(abs(a - b).max()) for a, b in zip(expected * 3, found, strict=True))
    assert worst < TOLERANCE
    figures("8 threads, pairs of several windows", len(pairs) * 3, score_difference=worst)


PROCESS = """
import json, sys, torch, claimcheck
torch.set_num_threads(int(sys.argv[1]))
checker = claimcheck.load(device="cpu", dtype="float32")
print(json.dumps([r.to_dict() for r in checker.pipe(json.load(sys.stdin))]))
"""


@pytest.mark.parametrize(
    ("threads", "seed"),
    [
        pytest.param(1, "0", marks=pytest.mark.slow),
        (2, "1"),
        pytest.param(2, "12345", marks=pytest.mark.slow),
    ],
)
def test_process(texts, alone, figures, threads, seed):
    """Another process, with another number of torch's threads and another order of its sets."""
    done = subprocess.run(
        [sys.executable, "-c", PROCESS, str(threads)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": str(threads)},
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    others = json.loads(done.stdout)
    check = f"another process, {threads} torch threads, hash seed {seed}"
    figures(check, len(texts), score_difference=largest(alone, others))


def test_map_with_workers(checker, texts, alone, figures, tmp_path, monkeypatch):
    """Worker processes of datasets.map, started by fork."""
    import torch
    from datasets import Dataset

    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path))
    torch.set_num_threads(1)  # a forked child cannot use the threads of its parent
    rows = Dataset.from_dict({"text": texts})
    made = rows.map(checker.map_batch, batched=True, batch_size=5, num_proc=2, new_fingerprint="torture")
    others = [json.loads(row) for row in made["report"]]
    figures("2 workers of datasets.map", len(texts), score_difference=largest(alone, others))
