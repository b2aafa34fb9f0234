"""A batch job loses nothing and repeats nothing, whatever stops it."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
KILLS = 200
COVERAGE = ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")


def start(source, target, *options, delay=0.0, largest=None):
    """Start a batch job with the checker of tests/fakes.py; ``largest`` is the size that its files may reach."""
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    environment = {**os.environ, "PYTHONPATH": path, "FAKE_DELAY": str(delay)}
    if largest:
        for name in COVERAGE:  # its data file would be too large as well
            environment.pop(name, None)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a full disk is an error, not a signal
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    return subprocess.Popen(
        [sys.executable, str(TESTS / "fakes.py"), "batch", str(source), str(target), *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit if largest else None,
    )


def run(*arguments, **options):
    process = start(*arguments, **options)
    _, stderr = process.communicate(timeout=60)
    return process.returncode, stderr


def write(path, rows, text="text {} ü"):
    lines = [json.dumps({"id": n, "text": (text * 30).replace("{}", str(n))}) + "\n" for n in range(rows)]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def partial(target):
    return target.with_name(target.name + ".partial")


def size(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:  # not begun, or renamed a moment ago
        return 0


def lines(path):
    return [json.loads(line)["line"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_killed_at_random_points(tmp_path, full, figures):
    """Every output row comes out once, and the final name never holds half an output."""
    chance = random.Random(0)
    wanted, kills, jobs, rows = KILLS if full else 4, 0, 0, 60
    began = time.perf_counter()
    while kills < wanted:
        source = write(tmp_path / f"in{jobs}.jsonl", rows)
        target = tmp_path / f"out{jobs}.jsonl"
        jobs += 1
        while not target.exists():
            process = start(source, target, "--resume", "--batch-size", "8", delay=0.01)
            before = size(partial(target))
            while process.poll() is None and size(partial(target)) == before and chance.random() > 0.001:
                time.sleep(0.002)  # until it is at work; now and then it is killed before that
            at = time.monotonic() + chance.uniform(0, 0.3)
            while process.poll() is None and time.monotonic() < at:
                if target.exists():
                    assert lines(target) == list(range(1, rows + 1))  # whole from the moment it is there
                time.sleep(0.002)
            kills += process.poll() is None
            process.kill()
            process.communicate()
        assert lines(target) == list(range(1, rows + 1))
        assert not partial(target).exists()
    if full:
        elapsed = round(time.perf_counter() - began, 1)
        figures("killed with SIGKILL and resumed", kills, failures=0, elapsed_seconds=elapsed)


@pytest.mark.parametrize("largest", [1, 100, 5_000, 20_001])
def test_a_full_disk_ends_the_job_and_it_goes_on_when_there_is_room(tmp_path, largest):
    source, target = write(tmp_path / "in.jsonl", 60), tmp_path / "out.jsonl"
    status, stderr = run(source, target, "--batch-size", "4", largest=largest)
    assert status == 1
    assert "File too large" in stderr
    assert "Traceback" not in stderr
    assert not target.exists()
    assert run(source, target, "--resume")[0] == 0
    assert lines(target) == list(range(1, 61))


def test_an_output_that_may_not_be_written(tmp_path):
    source, target = write(tmp_path / "in.jsonl", 3), Path("/proc/claimcheck.jsonl")
    status, stderr = run(source, target)
    assert status == 1
    assert "Traceback" not in stderr
    assert f"{target}.partial: cannot be written" in stderr


@pytest.mark.parametrize("cut", [1, 40, 150, 301])
def test_an_input_cut_off_in_a_row(tmp_path, cut):
    source, target = write(tmp_path / "in.jsonl", 10), tmp_path / "out.jsonl"
    source.write_bytes(source.read_bytes()[:-cut])
    rows = source.read_bytes().count(b"\n") + (not source.read_bytes().endswith(b"\n"))
    status, _ = run(source, target)
    out = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [row["line"] for row in out] == list(range(1, rows + 1))
    broken = cut > 1  # without its line break alone, the last row is whole
    assert [("error" in row) for row in out] == [False] * (rows - 1) + [broken]
    assert status == int(broken)


def test_two_jobs_at_once_on_one_output(tmp_path):
    source, target = write(tmp_path / "in.jsonl", 60), tmp_path / "out.jsonl"
    jobs = [start(source, target, "--resume", "--batch-size", "4", delay=0.03) for _ in range(4)]
    ends = [(job.communicate(timeout=60)[1], job.returncode) for job in jobs]
    assert [code for _, code in ends].count(0) >= 1
    for stderr, code in ends:
        assert code == 0 or "another job is writing it" in stderr
    assert lines(target) == list(range(1, 61))
