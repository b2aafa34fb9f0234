"""Memory stays flat: what an article takes is given back when its report is."""

from __future__ import annotations

import gc
import random
import time
from pathlib import Path

import pytest
from inputs import FakeNli, FakeTagger

import claimcheck
from claimcheck import Checker

STATUS = Path("/proc/self/statm")
NAMES = ("Ada Holm", "Per Lund", "Cleo Vinter", "the Dockers' Union", "the Morvian Foreign Ministry", "she")


def resident():
    """Return the memory of this process in MiB."""
    gc.collect()
    return int(STATUS.read_text().split()[1]) * 4096 / 2**20


def article(chance):
    said = [f"{chance.choice(NAMES)} said “bridge {chance.random()} is safe”." for _ in range(12)]
    return f"Report {chance.random()}\n\n" + "\n\n".join(said)


@pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc")
def test_memory_is_flat_with_the_packaged_models(full, figures):
    if not full:
        pytest.skip("with --full only")
    checker = claimcheck.load(device="cpu", dtype="float32")
    chance = random.Random(0)
    number, began, taken = 300, time.process_time(), {}
    for k in range(1, number + 1):
        # lengths that differ, so that torch's caches meet every shape before the measuring begins
        report = checker.check("\n\n".join(article(chance) for _ in range(chance.randrange(1, 4))))
        report.to_html()
        if k in (number // 3, number):
            taken[k] = resident()
    growth = taken[number] - taken[number // 3]
    assert growth < 40  # a report kept for each article would be more
    figures(
        "articles through one process, the packaged models",
        number,
        growth_mib=round(growth, 2),
        peak_mib=round(taken[number], 1),
        cpu_seconds=round(time.process_time() - began, 1),
    )


@pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc")
def test_memory_is_flat_after_warm_up(full, figures):
    checker = Checker(FakeTagger(), FakeNli())
    chance = random.Random(0)
    number = 5_000 if full else 300
    began = time.process_time()
    taken = []
    for k in range(number):
        report = checker.check(article(chance))
        if k % 50 == 0:
            report.to_html()
        if k in (number // 5, number - 1):  # the first fifth warms caches up
            taken.append(resident())
    warm, end = taken
    assert end - warm < 10
    figures(
        "articles through one process, outside the models",
        number,
        growth_mib=round(end - warm, 2),
        peak_mib=round(end, 1),
        cpu_seconds=round(time.process_time() - began, 1),
    )
