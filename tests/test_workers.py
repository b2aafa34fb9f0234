"""Work shared between processes: its order, and what happens when one of them dies."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial
from multiprocessing import connection
from pathlib import Path
from types import SimpleNamespace

import pytest
from tqdm import tqdm

from claimcheck import workers as module
from claimcheck.errors import InputError, WorkerError
from claimcheck.workers import Lost, available_cores, gpu_ids, run_chunks

ROOT = Path(__file__).resolve().parent.parent


def make(folder=None):
    """Return work that doubles numbers, and does what strings say."""
    return partial(do_all, folder)


def do_all(folder, items):
    for item in items:
        yield do(folder, item)


def do(folder, item):
    if item == "die" or (item == "die once" and not (folder / "died").exists()):
        if item == "die once":
            (folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "exit":
        os._exit(3)
    if item == "raise":
        raise ValueError("no such number")
    if item == "odd":
        raise Odd(1, 2)
    if isinstance(item, str) and item.startswith("environment"):
        return [os.environ.get(name) for name in item.split()[1:]]
    if item == "pid":
        time.sleep(0.2)
        return os.getpid()
    return item if isinstance(item, str) else 2 * item


class Odd(Exception):
    """Does not survive pickling."""

    def __init__(self, a, b):
        super().__init__("one argument")


def tidies_up(folder):
    """Return work that takes a while to end after its last result."""

    def work(items):
        yield from items
        time.sleep(0.5)
        (folder / "tidied up").touch()

    return work


def dies_after_its_last_result(folder):
    """Return work that dies at once when it is first tried, and from then on when it has given all results.

    "slow" waits until that has happened.
    """
    tried, given = folder / "tried", folder / "given"

    def work(items):
        if items == ["slow"]:
            while not given.exists():
                time.sleep(0.05)
            time.sleep(1)  # the parent hears of the death meanwhile
            yield "slow"
            return
        if not tried.exists():
            tried.touch()
            os._exit(3)
        yield from items
        given.touch()
        os._exit(3)

    return work


def draws_bars():
    """Return work that draws progress bars, as the models do, and dies at what says so."""

    def work(items):
        for item in items:
            list(tqdm([item], disable=True))
            yield do(None, item)

    return work


def cannot_start():
    os._exit(7)


def raises():
    raise InputError("no model here")


def forgets():
    return lambda items: items[1:]


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(workers):
    chunks = [list(range(n, n + 3)) for n in range(0, 30, 3)]
    expected = [[2 * item for item in chunk] for chunk in chunks]
    assert list(run_chunks(make, chunks, workers=workers)) == expected


@pytest.mark.parametrize("chunks", [[], [[]], [[], []]])
def test_nothing_to_do_starts_nothing(chunks, monkeypatch):
    monkeypatch.setattr(module, "get_context", None)
    assert list(run_chunks(make, chunks, workers=2)) == []


def test_two_workers_work_at_once():
    pids = [pid for chunk in run_chunks(make, [["pid"]] * 8, workers=2) for pid in chunk]
    assert len(set(pids)) == 2
    assert os.getpid() not in pids


def test_only_some_chunks_are_read_ahead():
    read = []
    chunks = (read.append(n) or [n] for n in range(100))
    results = run_chunks(make, chunks, workers=1)
    assert next(results) == [0]
    assert len(read) == 2
    assert next(results) == [2]
    assert len(read) <= 4
    results.close()


@pytest.mark.parametrize("place", [0, 1, 3])
def test_an_item_that_kills_twice_is_lost_and_its_neighbours_are_not(place):
    items = [1, 2, 3]
    items.insert(place, "die")
    expected = [2, 4, 6]
    expected.insert(place, Lost(-signal.SIGKILL))
    assert list(run_chunks(make, [items, [4]], workers=1)) == [expected, [8]]


def test_what_dies_once_is_done_again(tmp_path):
    chunks = [[1, "die once", 2], [3]]
    assert list(run_chunks(partial(make, tmp_path), chunks, workers=1)) == [[2, "die once", 4], [6]]
    assert (tmp_path / "died").exists()


def test_a_worker_that_has_given_its_last_result_may_end_its_work(tmp_path):
    assert list(run_chunks(partial(tidies_up, tmp_path), [[1, 2]], workers=1)) == [[1, 2]]
    assert (tmp_path / "tidied up").exists()


@pytest.mark.parametrize(
    ("chunks", "workers"),
    [
        pytest.param([[1, 2], [3]], 1, id="before another item"),
        pytest.param([["slow"], [1]], 2, id="at the end of a chunk that waits for another"),
    ],
)
def test_a_worker_that_dies_after_its_last_result_loses_nothing(tmp_path, monkeypatch, chunks, workers):
    def wait(pipes):
        assert pipes, "waits for nobody, forever"
        return connection.wait(pipes)

    monkeypatch.setattr(module, "connection", SimpleNamespace(wait=wait))
    made = partial(dies_after_its_last_result, tmp_path)
    assert list(run_chunks(made, chunks, workers=workers)) == chunks


def test_a_worker_that_dies_leaves_no_semaphore_behind(tmp_path):
    """What it leaves, the tracker of a process reports on standard error when the process ends."""
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            """
            import test_workers
            from claimcheck.workers import run_chunks
            if __name__ == "__main__":
                print(list(run_chunks(test_workers.draws_bars, [[1, "die"]], workers=1)))
            """
        )
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("[[2, Lost(exit_code=-9)]]\n", "")


def test_every_way_to_die_is_told():
    [[killed, left]] = run_chunks(make, [["die", "exit"]], workers=1)
    assert str(killed) == ("the worker that checked it died twice: ended by SIGKILL (for want of memory?)")
    assert str(left) == "the worker that checked it died twice: exit code 3"


def test_workers_that_cannot_start_end_the_work():
    with pytest.raises(WorkerError, match=r"^3 workers died before they could work: exit code 7: try fewer"):
        list(run_chunks(cannot_start, [[1]], workers=1))


@pytest.mark.parametrize(
    ("start", "item", "kind", "message"),
    [
        pytest.param(raises, 1, InputError, "no model here", id="while it loads"),
        pytest.param(make, "raise", ValueError, "no such number", id="at work"),
        pytest.param(make, "odd", RuntimeError, "Odd: one argument", id="that does not pickle"),
        pytest.param(forgets, 1, InputError, "cannot be sent", id="a function that does not pickle"),
    ],
)
def test_an_error_in_a_worker_is_raised_here(start, item, kind, message):
    broken = start if start is not forgets else forgets()
    with pytest.raises(kind, match=message) as caught:
        list(run_chunks(broken, [[item]], workers=1))
    if kind is not InputError or start is raises:
        assert "in a worker process:\nTraceback" in caught.value.__notes__[0]


def test_work_that_gives_too_few_results_is_found_out():
    with pytest.raises(WorkerError, match="^a worker gave 0 results for 1 items$"):
        list(run_chunks(forgets, [[1]], workers=1))


def repeats():
    return lambda items: [*items, *items]


def test_work_that_gives_too_many_results_is_found_out():
    with pytest.raises(WorkerError, match="^a worker gave more than the 1 results of its items$"):
        list(run_chunks(repeats, [[1], [2]], workers=1))


def test_workers_is_positive():
    with pytest.raises(InputError, match="^workers is 0, expected at least 1$"):
        list(run_chunks(make, [[1]], workers=0))


def test_the_cores_are_shared(monkeypatch):
    for name in module.THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(module, "available_cores", lambda: 7)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    [[seen]] = run_chunks(make, [["environment " + " ".join(module.THREAD_VARIABLES)]], workers=3)
    assert seen == ["1", "2", "2"]
    assert os.environ["OMP_NUM_THREADS"] == "1"
    assert "MKL_NUM_THREADS" not in os.environ
    assert available_cores() >= 1


def test_each_worker_has_a_gpu(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,GPU-9")
    asked = ["environment CUDA_VISIBLE_DEVICES", "pid"]
    seen = {chunk[0][0] for chunk in run_chunks(make, [asked] * 8, workers=2)}
    assert seen == {"4", "GPU-9"}
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "4,GPU-9"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", []), ("-1", []), ("0", ["0"]), ("1, 0", ["1", "0"]), ("2,-1,3", ["2"])],
)
def test_gpu_ids_follow_the_environment(monkeypatch, value, expected):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
    assert gpu_ids() == expected


def test_gpu_ids_follow_the_driver(monkeypatch, tmp_path):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(module, "_GPUS", tmp_path / "gpus")
    assert gpu_ids() == []
    for name in ("0000:01", "0000:02"):
        (tmp_path / "gpus" / name).mkdir(parents=True)
    assert gpu_ids() == ["0", "1"]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_end_with_their_parent(tmp_path, number):
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            """
            import test_workers
            from claimcheck.workers import run_chunks
            if __name__ == "__main__":
                for [pid] in run_chunks(test_workers.make, [["pid"]] * 1000, workers=2):
                    print(pid, flush=True)
            """
        )
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    process = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        start_new_session=True,
    )
    pids = {int(process.stdout.readline()) for _ in range(6)}
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does
    else:
        process.send_signal(number)
    _, stderr = process.communicate(timeout=20)
    assert len(pids) == 2
    deadline = time.monotonic() + 10
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(alive, pids))
    assert stderr.count("Traceback") == (number == signal.SIGINT)  # the parent's own


class Unpacked:
    """Pickles here and cannot be made again in a worker."""

    def __reduce__(self):
        return refuse, ()


def refuse():
    raise InputError("no such class here")


def test_what_cannot_be_unpickled_in_a_worker_is_told():
    with pytest.raises(InputError, match="no such class here") as caught:
        list(run_chunks(Unpacked(), [[1]], workers=1))
    assert "in a worker process:\nTraceback" in caught.value.__notes__[0]
