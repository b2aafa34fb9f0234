"""Worker processes that share a stream of work, in order, and whose deaths are noticed.

Workers are fresh processes ("spawn"), because the threads of the models do not survive a fork. Each gets its share of
the cores, or a GPU of its own. A worker ends when its parent does, however that ends.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from pathlib import Path
from typing import Any, Generic, TypeVar

from tqdm import tqdm

from claimcheck.errors import InputError, WorkerError

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[list[Item]], Iterable[Result]]

MAX_FAILED_STARTS = 3
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "RAYON_NUM_THREADS",
)  # torch twice, and the tokenizer
GPU_VARIABLE = "CUDA_VISIBLE_DEVICES"
_GPUS = Path("/proc/driver/nvidia/gpus")


@dataclass(frozen=True, slots=True)
class Lost:
    """Stands for the result of an item at which a worker died twice."""

    exit_code: int | None

    def __str__(self) -> str:
        return f"the worker that checked it died twice: {_death(self.exit_code)}"


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gpu_ids() -> list[str]:
    """Return the NVIDIA GPUs that this process may use, as ``CUDA_VISIBLE_DEVICES`` names them; CUDA is not started."""
    visible = os.environ.get(GPU_VARIABLE)
    if visible is not None:
        names = [name.strip() for name in visible.split(",")]
        return names[: next((n for n, name in enumerate(names) if name in ("", "-1")), len(names))]
    return [str(n) for n in range(len(list(_GPUS.iterdir())))] if _GPUS.is_dir() else []


def run_chunks(
    make: Callable[[], Work[Item, Result]], chunks: Iterable[list[Item]], *, workers: int
) -> Iterator[list[Result | Lost]]:
    """Yield the results of each chunk, in order; at most ``2 * workers`` chunks are read ahead.

    When a worker dies, another takes its place, and what it had not given back is tried once more, one item at a time:
    an item at which a worker dies twice gets a :class:`Lost`, and its neighbours get their results.

    Parameters
    ----------
    make
        Called in each worker; returns the function that is given chunks there and returns one result for each item.
        ``make``, the items and the results must pickle.
    workers
        Processes. They are started as there is work for them.

    Raises
    ------
    InputError
        If ``workers`` is not positive, or ``make`` cannot be pickled.
    WorkerError
        If workers die before they can work.
    Exception
        Whatever ``make`` or the function raises in a worker, with a note of where.
    """
    if workers < 1:
        raise InputError(f"workers is {workers}, expected at least 1")
    try:
        packed = pickle.dumps(make)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise InputError(
            f"the checker cannot be sent to worker processes: {error}: use one process, or parts that pickle"
        ) from None
    pool = _Pool[Item, Result](packed, iter(chunks), workers)
    try:
        yield from pool.run()
    finally:
        pool.close()


@dataclass
class _Chunk(Generic[Item, Result]):
    items: list[Item]
    results: dict[int, Result | Lost] = field(default_factory=dict)


@dataclass
class _Task(Generic[Item, Result]):
    """Items of a chunk that a worker is to do: those from ``done`` on, up to ``end``."""

    chunk: _Chunk[Item, Result]
    done: int
    end: int
    again: bool = False


@dataclass
class _Worker(Generic[Item, Result]):
    process: Any
    pipe: connection.Connection
    gpu: str | None
    ready: bool = False
    task: _Task[Item, Result] | None = None


class _Pool(Generic[Item, Result]):
    def __init__(self, packed: bytes, chunks: Iterator[list[Item]], size: int) -> None:
        self.packed, self.chunks, self.size = packed, chunks, size  # packed: the pickled ``make``
        self.workers: list[_Worker[Item, Result]] = []
        self.queue: deque[_Task[Item, Result]] = deque()
        self.waiting: deque[_Chunk[Item, Result]] = deque()
        self.gpus = gpu_ids()
        self.failed_starts = 0
        self.read_all = False

    def run(self) -> Iterator[list[Result | Lost]]:
        while True:
            while self.waiting and len(self.waiting[0].results) == len(self.waiting[0].items):
                chunk = self.waiting.popleft()
                yield [chunk.results[n] for n in range(len(chunk.items))]
            self._read()
            if not self.waiting:
                return
            self._give()
            busy = {worker.pipe: worker for worker in self.workers if worker.task or not worker.ready}
            for pipe in connection.wait(list(busy)):
                self._hear(busy[pipe])  # type: ignore[index]

    def close(self) -> None:
        """End all workers: the idle ones by closing their pipes, the others by a signal."""
        for worker in self.workers:
            worker.pipe.close()
            # The 'done' message may not have been read yet: a worker that has given all results is idle.
            if not worker.ready or (worker.task is not None and worker.task.done < worker.task.end):
                worker.process.terminate()
        for worker in self.workers:
            worker.process.join(5)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self.workers.clear()

    def _read(self) -> None:
        while not self.read_all and len(self.waiting) < 2 * self.size:
            items = next(self.chunks, None)
            if items is None:
                self.read_all = True
            elif items:
                chunk: _Chunk[Item, Result] = _Chunk(items)
                self.waiting.append(chunk)
                self.queue.append(_Task(chunk, 0, len(items)))

    def _give(self) -> None:
        """Give tasks to idle workers, and start workers while there are more tasks than those will take."""
        for worker in list(self.workers):
            if self.queue and worker.ready and worker.task is None:
                task = self.queue[0]
                try:
                    worker.pipe.send(task.chunk.items[task.done : task.end])
                except OSError:  # it died while it was idle: not by this task
                    self._bury(worker)
                    continue
                worker.task = self.queue.popleft()
        starting = sum(not worker.ready for worker in self.workers)
        for _ in range(min(self.size - len(self.workers), len(self.queue) - starting)):
            self._start()

    def _start(self) -> None:
        ours, theirs = get_context("spawn").Pipe()
        gpu = min(self.gpus, key=[worker.gpu for worker in self.workers].count, default=None)
        threads = max(1, available_cores() // self.size)
        process = get_context("spawn").Process(target=_work, args=(self.packed, theirs, threads), daemon=True)
        with _environment(threads, gpu), _no_interrupts():
            process.start()
        theirs.close()  # so that the death of the worker ends the pipe
        self.workers.append(_Worker(process, ours, gpu))

    def _hear(self, worker: _Worker[Item, Result]) -> None:
        try:
            kind, value = worker.pipe.recv()
        except (EOFError, OSError):
            self._bury(worker)
            return
        if kind == "error":
            raise value
        if kind == "ready":
            worker.ready = True
            self.failed_starts = 0
        task = worker.task
        if task is not None and kind == "result":
            if task.done == task.end:
                raise WorkerError(f"a worker gave more than the {task.end} results of its items")
            task.chunk.results[task.done] = value
            task.done += 1
        elif task is not None and kind == "done":
            worker.task = None
            if task.done < task.end:
                raise WorkerError(f"a worker gave {task.done} results for {task.end} items")

    def _bury(self, worker: _Worker[Item, Result]) -> None:
        """Take a dead worker out, and put what it had not done back at the head of the queue, item by item."""
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        code, task = worker.process.exitcode, worker.task
        if task is None:
            self.failed_starts += not worker.ready
            if self.failed_starts >= MAX_FAILED_STARTS:
                raise WorkerError(
                    f"{self.failed_starts} workers died before they could work: {_death(code)}: try fewer of them, and "
                    'in a script keep what starts them under if __name__ == "__main__":'
                )
            return
        if task.done == task.end:  # it died between its last result and "done"
            return
        if task.again:
            task.chunk.results[task.done] = Lost(code)
            return
        for at in reversed(range(task.done, task.end)):
            self.queue.appendleft(_Task(task.chunk, at, at + 1, again=True))


def _work(
    packed: bytes,
    pipe: connection.Connection,
    threads: int,
) -> None:
    """Work, in a worker process, until the pipe ends."""
    # In a spawned process tqdm's default lock is a named semaphore; a killed worker would leak it.
    tqdm.set_lock(threading.RLock())
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            make: Callable[[], Work[Any, Any]] = pickle.loads(packed)  # noqa: S301 - our own bytes
            work = make()
            _limit_threads(threads)
            pipe.send(("ready", None))
            while True:
                for result in work(pipe.recv()):
                    pipe.send(("result", result))
                pipe.send(("done", None))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:
            pipe.send(("error", _sendable(error)))


def _limit_threads(threads: int) -> None:
    """Hold torch to its share where ``make`` has loaded it; the environment does not reach every build of it."""
    import sys

    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(min(threads, torch.get_num_threads()))


def _sendable(error: Exception) -> Exception:
    """Return the error with a note of its traceback; as a RuntimeError if it does not survive pickling."""
    note = "in a worker process:\n" + "".join(traceback.format_exception(error))
    try:
        sent: Exception = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:
        sent = RuntimeError(f"{type(error).__name__}: {error}")
    sent.add_note(note)
    return sent


def _death(code: int | None) -> str:
    """Say how a process ended.

    >>> _death(-9)
    'ended by SIGKILL (for want of memory?)'
    >>> _death(3)
    'exit code 3'
    """
    if code is None or code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name if -code in list(signal.Signals) else f"signal {-code}"
    return f"ended by {name}" + (" (for want of memory?)" if name == "SIGKILL" else "")


@contextmanager
def _environment(threads: int, gpu: str | None) -> Iterator[None]:
    """Set what a worker inherits: its threads, unless fewer are asked for already, and its GPU."""
    wanted = {name: str(threads) for name in THREAD_VARIABLES}
    for name in THREAD_VARIABLES:
        given = os.environ.get(name, "")
        if given.isdecimal() and 0 < int(given) < threads:
            wanted[name] = given
    if gpu is not None:
        wanted[GPU_VARIABLE] = gpu
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Let a process started meanwhile ignore Ctrl-C, which reaches all of the terminal's: its parent ends it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
