import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import pandas as pd
import pytest
from fakes import FakeChecker, FakeReport
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck import batch as batch_module
from claimcheck.batch import BatchSummary, run_batch
from claimcheck.errors import InputError, ModelError
from claimcheck.rowfiles import form_of, read_outputs

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def job(tmp_path):
    """Write an input, and return it with the output that a job on it would make."""

    def write(*lines):
        source = tmp_path / "in.jsonl"
        source.write_bytes(b"".join(line if isinstance(line, bytes) else row(*line) for line in lines))
        return source, tmp_path / "out.jsonl"

    return write


def row(key, text):
    return json.dumps({"id": key, "text": text}).encode() + b"\n"


def report(key, line, text):
    claims = [{"id": "a1", "document": key, "text": text[:9]}]
    return {"id": key, "line": line, "text": text, "parties": [], "claims": claims}


def failure(key, line, message, type="InputError"):
    return {"id": key, "line": line, "error": {"type": type, "message": message}}


def read(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def partial(target):
    return target.with_name(target.name + ".partial")


def message(error):
    return str(error.value)


class Forgetful(FakeChecker):
    """Keeps no list of its calls."""

    def pipe(self, documents, *, batch_size):
        return (self.check(document.text, id=document.id) for document in documents)


# what comes out ----------------------------------------------------------------------------------------------------


def test_every_row_comes_out_in_order(job):
    source, target = job(
        ("a", "Rain."), b" \r\n", (7, "“Snow”\nand\u2028ice\x85\u2029"), b'{"text": "x", "id": "c"}\r\n'
    )
    summary = run_batch(FakeChecker(), source, target)
    assert read(target) == [
        report("a", 1, "Rain."),
        report("7", 3, "“Snow”\nand\u2028ice\x85\u2029"),
        report("c", 4, "x"),
    ]
    assert list(read(target)[0])[:2] == ["id", "line"]
    assert (summary.rows, summary.failed, summary.resumed) == (3, 0, 0)
    assert summary.rate == 3 / summary.seconds
    assert not partial(target).exists()


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (
            b'{"id": "b", "text"\n',
            failure(None, 2, "not valid JSON: Expecting ':' delimiter at character 19"),
        ),
        (b'{"id": "b"}\n', failure("b", 2, "no 'text' in the row, which has 'id'")),
        (b'{"text": "x"}\n', failure(None, 2, "no 'id' in the row, which has 'text'")),
        (b'{"id": "b", "text": ["x"]}\n', failure("b", 2, "'text' must be a string, not a list (['x'])")),
        (row("a", "Sleet."), failure("a", 2, "id 'a' is that of line 1: ids must differ")),
        (row("b", ""), failure("b", 2, "text is empty")),
        (
            row("b", "x\ud800"),
            failure("b", 2, r"'text': lone surrogate '\ud800' at character 1: repair the text first"),
        ),
        (
            b'{"id": "b", "text": "\xff"}\n',
            failure(None, 2, "byte 0xff at offset 21 of the line is not UTF-8: re-encode the row"),
        ),
        (
            row("b", "a bomb"),
            failure("b", 2, "cannot stand 'a bomb'", "RuntimeError"),
        ),
    ],
)
def test_a_bad_row_is_recorded_and_the_rest_goes_on(job, bad, expected):
    source, target = job(("a", "Rain."), bad, ("c", "Snow."))
    summary = run_batch(FakeChecker(), source, target)
    assert read(target) == [report("a", 1, "Rain."), expected, report("c", 3, "Snow.")]
    assert (summary.rows, summary.failed) == (3, 1)


def test_the_columns_can_be_named(job):
    source, target = job(b'{"url": "u", "body": "Rain."}\n')
    run_batch(FakeChecker(), source, target, text_column="body", id_column="url")
    assert read(target) == [report("u", 1, "Rain.")]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_input_gives_an_empty_output(job, data):
    source, target = job(data)
    assert run_batch(FakeChecker(), source, target).rows == 0
    assert target.read_bytes() == b""
    assert not partial(target).exists()


@pytest.mark.parametrize("bad", [0, 3, 7, 12])
def test_only_the_row_at_fault_is_checked_alone(job, bad):
    texts = [f"bomb {i}" if i == bad else f"text {i}" for i in range(13)]
    source, target = job(*enumerate(texts))
    checker = FakeChecker()
    run_batch(checker, source, target, batch_size=8)
    assert [("error" in out) for out in read(target)] == [i == bad for i in range(13)]
    assert len(checker.calls) <= 2 + 2 * 3


def test_a_report_that_cannot_be_json_is_that_row_s_failure(job):
    class Odd(FakeChecker):
        def check(self, text, **options):
            made = FakeReport("?", text)
            made.to_dict = lambda: {"id": "?", "score": {"nan": float("nan"), "set": {1}, "ok": 1.0}[text]}
            return made

    source, target = job(("a", "nan"), ("b", "ok"), ("c", "set"))
    run_batch(Odd(), source, target)
    assert [out.get("error", {}).get("type") for out in read(target)] == ["ValueError", None, "TypeError"]


@pytest.mark.parametrize("given", [0, 1, 2])
def test_a_checker_that_gives_too_few_reports_is_found_out(job, given):
    class Short(FakeChecker):
        def pipe(self, documents, *, batch_size):
            return [FakeReport(document.id, document.text) for document in documents][:given]

    source, target = job(("a", "x"), ("b", "y"), ("c", "z"))
    run_batch(Short(), source, target)
    lost = [
        failure(k, n, "the checker gave 0 reports for 1 texts", "RuntimeError")
        for k, n in (("a", 1), ("b", 2))
    ]
    assert len(read(target)) == 3
    assert read(target)[:2] == (lost if given == 0 else [report("a", 1, "x"), report("b", 2, "y")])


def test_rows_are_given_in_batches_and_written_as_they_are_done(job):
    source, target = job(*((i, f"text {i}") for i in range(5)))
    sizes = []

    class Spy(FakeChecker):
        def pipe(self, documents, *, batch_size):
            sizes.append((batch_size, len(documents)))
            for i, made in enumerate(super().pipe(documents)):
                assert len(partial(target).read_bytes().splitlines()) == (len(sizes) - 1) * 2 + i
                yield made

    assert run_batch(Spy(), source, target, batch_size=2).failed == 0
    assert sizes == [(2, 2), (2, 2), (2, 1)]


def test_rows_are_read_when_their_turn_comes(tmp_path):
    """The input grows only as its rows come out."""
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(row(0, "x" * 100_000))

    class Feeder(FakeChecker):
        def check(self, text, **options):
            if len(self.calls) < 50:
                with source.open("ab") as stream:
                    stream.write(row(len(self.calls), text))
            return super().check(text, **options)

    assert run_batch(Feeder(), source, target, batch_size=1).rows == 50


def test_memory_stays_flat(job):
    source, target = job(*((i, "rain " * 20_000) for i in range(300)))
    tracemalloc.start()
    try:
        run_batch(Forgetful(), source, target, batch_size=4)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000 < 30_000_000 < source.stat().st_size


def test_progress_is_on_standard_error_and_only_if_asked_for_or_on_a_terminal(job, capsys):
    source, target = job(("a", "Rain."), ("b", "bomb"))
    run_batch(FakeChecker(), source, target)
    assert capsys.readouterr() == ("", "")
    run_batch(FakeChecker(), source, target, overwrite=True, show_progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "100%" in shown.err
    assert "2 articles, 1 failed, " in shown.err


@given(st.lists(st.binary(max_size=30) | st.builds(row, st.integers(0, 9), st.text(max_size=9)), max_size=12))
@settings(max_examples=25, deadline=None)
def test_any_input_gives_one_output_row_for_each_line(lines):
    data = b" \n" + b"".join(line.strip(b"\n").replace(b"\n", b" ") + b"\n" for line in lines)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
        source.write_bytes(data)
        summary = run_batch(FakeChecker(), source, target, batch_size=3)
        out = [json.loads(line) for line in target.read_bytes().splitlines()]
    assert [o["line"] for o in out] == [
        n for n, line in enumerate(data.split(b"\n"), start=1) if line.strip()
    ]
    assert summary.failed == sum("error" in o for o in out)


# what is refused ---------------------------------------------------------------------------------------------------


def test_paths_that_cannot_be_used(job, tmp_path):
    source, target = job(("a", "Rain."))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for bad_source, bad_target, expected in [
        (tmp_path / "none", target, f"{tmp_path}/none: no such file"),
        (tmp_path, target, f"{tmp_path}: a directory, not a file: name the files in it"),
        (source, tmp_path / "x" / "out", f"{tmp_path}/x/out: no directory '{tmp_path}/x': make it first"),
        (source, tmp_path, f"{tmp_path}: not a regular file: name another output"),
        (source, pipe, f"{pipe}: not a regular file: name another output"),
        (source, source, f"{source}: the input itself: name another output"),
        ("/dev/null", target, "/dev/null: not a regular file: a batch job must be able to read it again"),
    ]:
        with pytest.raises(InputError) as error:
            run_batch(FakeChecker(), bad_source, bad_target, overwrite=True)
        assert message(error) == expected
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl", "pipe"]


def test_batch_size_is_positive(job):
    with pytest.raises(InputError) as error:
        run_batch(FakeChecker(), *job(), batch_size=0)
    assert message(error) == "batch_size must be at least 1, not 0"


def test_an_output_is_not_replaced_unless_told(job):
    source, target = job(("a", "Rain."))
    target.write_text("mine")
    with pytest.raises(InputError) as error:
        run_batch(FakeChecker(), source, target)
    assert message(error) == f"{target}: already there: overwrite it (--overwrite) or name another output"
    assert target.read_text() == "mine"
    run_batch(FakeChecker(), source, target, overwrite=True)
    assert read(target) == [report("a", 1, "Rain.")]


def test_a_replaced_output_stays_until_the_new_one_is_done(job):
    source, target = job(("a", "Rain."))
    target.write_text("mine")

    class Stopped(FakeChecker):
        def pipe(self, documents, *, batch_size):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch(Stopped(), source, target, overwrite=True)
    assert target.read_text() == "mine"
    assert not partial(target).exists()


def test_utf16_leaves_nothing_behind(job):
    source, target = job('{"id": "a"}\n'.encode("utf-16"))
    with pytest.raises(InputError, match="UTF-16"):
        run_batch(FakeChecker(), source, target)
    assert list(target.parent.iterdir()) == [source]


def test_two_jobs_do_not_share_an_output(job):
    source, target = job(("a", "Rain."), ("b", "Snow."))
    first = report("a", 1, "Rain.")
    partial(target).write_text(json.dumps(first) + "\n")
    for options in ({}, {"resume": True}, {"overwrite": True}):
        with partial(target).open("rb") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            with pytest.raises(InputError) as error:
                run_batch(FakeChecker(), source, target, **options)
        assert message(error) == (
            f"{partial(target)}: another job is writing it: wait for its end or name another output"
        )
        assert read(partial(target)) == [first]
    assert run_batch(FakeChecker(), source, target, resume=True).resumed == 1


def test_a_second_job_is_refused_while_the_first_runs(job):
    source, target = job(("a", "Rain."), ("b", "Snow."))
    errors = []

    class Nested(FakeChecker):
        def check(self, text, **options):
            with pytest.raises(InputError) as error:
                run_batch(FakeChecker(), source, target, resume=True)
            errors.append(message(error))
            return super().check(text, **options)

    run_batch(Nested(), source, target)
    assert len(read(target)) == 2
    assert ["another job is writing it" in error for error in errors] == [True, True]


# going on ----------------------------------------------------------------------------------------------------------

MIXED = (
    ("a", "Rain."),
    b"\n",
    b"{\n",
    ("c", "a bomb"),
    ("d", "Schnee fällt"),
    b'{"id": "e"}\n',
    ("f", "Hail."),
)


@pytest.fixture
def done(job):
    source, target = job(*MIXED)
    run_batch(FakeChecker(), source, target)
    data = target.read_bytes()
    target.unlink()
    return source, target, data


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_a_job_cut_at_any_byte_goes_on_without_loss_or_repetition(done, batch_size):
    source, target, data = done
    for cut in range(0, len(data) + 1, 5 if batch_size == 3 else 37):
        partial(target).write_bytes(data[:cut])
        checker = FakeChecker()
        summary = run_batch(checker, source, target, resume=True, batch_size=batch_size)
        assert target.read_bytes() == data
        assert summary.resumed == data[:cut].count(b"\n")
        assert (summary.rows, summary.failed) == (6, 3)
        expected = [o["line"] for o in read(target)[summary.resumed :] if o["line"] in (1, 4, 5, 7)]
        assert len({text for call in checker.calls for text in call}) == len(expected)
        target.unlink()


def test_an_unfinished_job_is_not_thrown_away_unless_told(done):
    source, target, data = done
    partial(target).write_bytes(data[:200])
    with pytest.raises(InputError) as error:
        run_batch(FakeChecker(), source, target)
    assert (
        message(error)
        == f"{partial(target)}: an unfinished job: resume it (--resume), or overwrite it (--overwrite) to begin again"
    )
    assert partial(target).read_bytes() == data[:200]
    assert run_batch(FakeChecker(), source, target, overwrite=True).resumed == 0
    assert target.read_bytes() == data


def test_resume_begins_a_job_that_never_began_and_leaves_a_finished_one(done):
    source, target, data = done
    assert run_batch(FakeChecker(), source, target, resume=True).resumed == 0
    checker = FakeChecker()
    assert run_batch(checker, source, target, resume=True) == BatchSummary(6, 3, 6, pytest.approx(0, abs=5))
    assert checker.calls == []
    assert target.read_bytes() == data
    assert not partial(target).exists()
    with source.open("ab") as stream:
        stream.write(row("g", "More."))
    with pytest.raises(InputError) as error:
        run_batch(checker, source, target, resume=True)
    assert message(error) == (
        f"{target}: already there, but ends before line 8 of {source}: overwrite it or name another output"
    )


def test_an_output_beside_an_unfinished_job_is_replaced_only_if_told(done):
    source, target, data = done
    target.write_text("mine")
    partial(target).write_bytes(data[:200])
    with pytest.raises(InputError) as error:
        run_batch(FakeChecker(), source, target, resume=True)
    assert message(error) == (
        f"{target}: already there, beside an unfinished job: to replace it when the job is done, resume with overwrite"
    )
    assert target.read_text() == "mine"
    assert run_batch(FakeChecker(), source, target, resume=True, overwrite=True).resumed == 1
    assert target.read_bytes() == data


OTHER = ": it was begun from another input, overwrite it to begin again"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            [("z", "Rain."), *MIXED[1:]],
            "line 1 holds line 1 with id 'a', but {} has id 'z' on line 1",
            id="another id",
        ),
        pytest.param(
            [("a", "Rain!"), *MIXED[1:]],
            "line 1 holds line 1 with id 'a', but {} has id 'a' on line 1 and another text or error",
            id="another text",
        ),
        pytest.param(
            MIXED[2:], "line 1 holds line 1 with id 'a', but {} has id None on line 1", id="lines cut off"
        ),
        pytest.param(
            [MIXED[0], *MIXED[2:]],
            "line 2 holds line 3 with id None, but {} has id None on line 2 and another text or error",
            id="a blank line less",
        ),
        pytest.param(MIXED[:1], "line 2 holds line 3 with id None, but {} ends after 1 rows", id="shorter"),
        pytest.param(
            [*MIXED[:2], b"}\n"],
            "line 2 holds line 3 with id None, but {} has id None on line 3 and another text or error",
            id="another error",
        ),
    ],
)
def test_a_job_on_another_input_is_not_resumed(done, job, lines, expected):
    _, target, data = done
    partial(target).write_bytes(data)
    source, target = job(*lines)
    with pytest.raises(InputError) as error:
        run_batch(FakeChecker(), source, target, resume=True)
    assert message(error) == f"{partial(target)}: " + expected.format(source) + OTHER
    assert partial(target).read_bytes() == data


def test_a_damaged_line_in_the_middle_is_told(done):
    source, target, data = done
    first, rest = data.split(b"\n", 1)
    partial(target).write_bytes(first + b"\n\0\0\0\n" + rest)
    with pytest.raises(InputError) as error:
        run_batch(FakeChecker(), source, target, resume=True)
    assert message(error) == f"{partial(target)}: line 2 is damaged: overwrite the job to begin again"
    partial(target).write_bytes(first + b"\n\0\0\0")
    assert run_batch(FakeChecker(), source, target, resume=True).resumed == 1
    assert target.read_bytes() == data


# killed for real ---------------------------------------------------------------------------------------------------


def start(source, target, *options, delay):
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, str(ROOT / "tests" / "fakes.py"), "batch", str(source), str(target), *options]
    return subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": path, "FAKE_DELAY": str(delay)},
        stderr=subprocess.PIPE,
        text=True,
        # a shell without job control starts background jobs, and so their children, with SIGINT ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def size(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:  # not begun, or renamed a moment ago
        return 0


def kill_until_done(folder, seed, rows=24, delay=0.01, options=(), name="out.jsonl"):
    """Kill a job at random moments until it is through; return how often it was killed at work."""
    source, target, whole = folder / "in.jsonl", folder / name, folder / "whole.jsonl"
    lines = [row(i, "bomb" if i % 7 == 3 else f"text {i} ü" * 50) for i in range(rows)]
    lines[5] = b"{\n"
    source.write_bytes(b"".join(lines))
    run_batch(FakeChecker(), source, whole)
    chance = random.Random(seed)
    kills = 0
    for _ in range(60):
        process = start(source, target, "--resume", "--batch-size", "4", *options, delay=delay)
        deadline = time.monotonic() + 20
        before = size(partial(target))
        while process.poll() is None and time.monotonic() < deadline:
            if size(partial(target)) != before:  # at work: let it go on for a while
                time.sleep(chance.uniform(0, 0.02 + 15 * delay))
                kills += process.poll() is None
                process.kill()
                break
            time.sleep(0.002)
        _, stderr = process.communicate()
        if process.returncode != -signal.SIGKILL:
            break
    assert (process.returncode, f"{rows} rows" in stderr) == (1, True), stderr  # done, with failures recorded
    assert list(read_outputs(target)) == read(whole)
    assert name != "out.jsonl" or target.read_bytes() == whole.read_bytes()
    assert not partial(target).exists()
    return kills


def test_a_killed_job_goes_on_without_loss_or_repetition(tmp_path):
    assert kill_until_done(tmp_path, seed=0, rows=40) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 13))
def test_killed_jobs_go_on_without_loss_or_repetition(tmp_path, seed):
    kill_until_done(tmp_path, seed, rows=60, delay=random.Random(seed).choice([0, 0.001, 0.01]))


def test_an_interrupted_job_says_how_to_go_on(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"".join(row(i, f"text {i}") for i in range(200)))
    process = start(source, target, "--batch-size", "2", delay=0.1)
    while not size(partial(target)):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert stderr == f"claimcheck: interrupted: go on with --resume: what is done is in {partial(target)}\n"
    assert 0 < run_batch(FakeChecker(), source, target, resume=True).resumed < 200
    assert [o["id"] for o in read(target)] == [str(i) for i in range(200)]


# tables and compressed files ---------------------------------------------------------------------------------------

FORMS = ["out.csv", "out.tsv.gz", "out.parquet", "out.jsonl.gz"]


@pytest.mark.parametrize("name", FORMS)
def test_an_output_of_every_form_holds_the_same_rows(job, name):
    source, plain = job(*MIXED)
    run_batch(FakeChecker(), source, plain)
    target = plain.with_name(name)
    summary = run_batch(FakeChecker(), source, target)
    assert (summary.rows, summary.failed) == (6, 3)
    assert list(read_outputs(target)) == read(plain)
    assert sorted(path.name for path in target.parent.iterdir()) == sorted(["in.jsonl", "out.jsonl", name])
    checker = FakeChecker()
    assert run_batch(checker, source, target, resume=True).resumed == 6
    assert checker.calls == []


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz", "in.parquet", "in.jsonl.gz"])
def test_an_input_of_every_form_goes_on_at_any_row(tmp_path, name):
    texts = {"id": [f"n{n}" for n in range(20)], "text": [f"text {n}, “ü”" for n in range(20)]}
    source, target = tmp_path / name, tmp_path / "out.jsonl"
    frame = pd.DataFrame(texts)
    {
        "csv": lambda: frame.to_csv(source, index=False),
        "parquet": lambda: frame.to_parquet(source),
        "json": lambda: frame.to_json(source, orient="records", lines=True),
    }[form_of(source)]()
    run_batch(FakeChecker(), source, target, batch_size=3)
    assert [out["id"] for out in read(target)] == texts["id"]
    assert [out["text"] for out in read(target)] == texts["text"]
    data = target.read_bytes()
    for cut in range(0, len(data), 211):
        target.unlink()
        partial(target).write_bytes(data[:cut])
        assert run_batch(FakeChecker(), source, target, resume=True).resumed == data[:cut].count(b"\n")
        assert target.read_bytes() == data


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("moment", ["convert", "replace", "unlink"])
def test_a_job_killed_while_it_makes_a_table_goes_on(job, monkeypatch, name, moment):
    source, plain = job(*MIXED)
    target = plain.with_name(name)

    def stop(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        if moment == "convert":
            patch.setattr("claimcheck.rowfiles._to_table", stop)
            patch.setattr("shutil.copyfileobj", stop)
        elif moment == "replace":
            patch.setattr(os, "replace", stop)
        else:
            patch.setattr("claimcheck.batch._remove", stop)
        run_batch(FakeChecker(), source, target)
    assert target.exists() == (moment == "unlink")
    assert len(read(partial(target))) == 6
    checker = FakeChecker()
    assert run_batch(checker, source, target, resume=True).resumed == 6
    assert checker.calls == []
    assert [out["line"] for out in read_outputs(target)] == [1, 3, 4, 5, 6, 7]
    assert not partial(target).exists()


def test_a_table_beside_a_newer_unfinished_job_is_replaced_only_if_told(job):
    source, plain = job(*MIXED)
    target = plain.with_name("out.parquet")
    run_batch(FakeChecker(), source, target)
    run_batch(FakeChecker(), source, plain)
    partial(target).write_bytes(plain.read_bytes()[:200])
    os.utime(target, ns=(0, 0))
    with pytest.raises(InputError, match="already there, beside an unfinished job"):
        run_batch(FakeChecker(), source, target, resume=True)
    assert run_batch(FakeChecker(), source, target, resume=True, overwrite=True).resumed == 1


def test_a_damaged_table_is_told(job):
    source, plain = job(*MIXED)
    target = plain.with_name("out.csv")
    target.write_text("id,line\n,x\n")
    with pytest.raises(InputError, match=r"out\.csv: row 1 is damaged: overwrite it"):
        run_batch(FakeChecker(), source, target, resume=True)


def test_parties_reach_the_checker(job):
    source, target = job(("a", "Rain."))
    run_batch(FakeChecker(), source, target, parties={"Quarry": ["Holm"]})
    assert read(target)[0]["parties"] == {"Quarry": ["Holm"]}


def test_progress_of_a_resumed_job_counts_from_where_it_was(done):
    source, target, data = done
    partial(target).write_bytes(data[: data.index(b"\n") + 1])
    bars = []
    with pytest.MonkeyPatch.context() as patch:
        bar = batch_module._bar
        patch.setattr(batch_module, "_bar", lambda *args: bars.append(bar(*args)) or bars[-1])
        run_batch(FakeChecker(), source, target, resume=True, show_progress=True)
    assert (bars[0].initial, bars[0].n) == (len(row(*MIXED[0])), source.stat().st_size)


# workers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("give", [FakeChecker, FakeChecker()], ids=["loader", "checker"])
def test_workers_give_what_one_process_gives(job, give):
    source, target = job(*(line for n in range(5) for line in ((n, f"text {n}"), (f"b{n}", "bomb"), b"{\n")))
    alone = target.with_name("alone.jsonl")
    assert run_batch(FakeChecker(), source, alone).failed == 10
    summary = run_batch(give, source, target, workers=2, batch_size=2)
    assert (summary.rows, summary.failed) == (15, 10)
    assert target.read_bytes() == alone.read_bytes()


def test_a_row_that_kills_its_worker_is_recorded_and_the_others_are_not_lost(job, tmp_path):
    died = tmp_path / "died"
    source, target = job(("a", "x"), ("b", "killer"), ("c", "y"), ("d", f"killer until {died}"), ("e", "z"))
    summary = run_batch(FakeChecker, source, target, workers=2, batch_size=3)
    told = "the worker that checked it died twice: ended by SIGKILL (for want of memory?)"
    assert died.exists()
    assert read(target) == [
        report("a", 1, "x"),
        failure("b", 2, told, "WorkerError"),
        report("c", 3, "y"),
        report("d", 4, f"killer until {died}"),
        report("e", 5, "z"),
    ]
    assert (summary.rows, summary.failed) == (5, 1)


def no_models():
    raise ModelError("checkpoint x has no config.json")


def test_workers_that_cannot_load_say_why(job):
    source, target = job(("a", "x"))
    with pytest.raises(ModelError, match="has no config"):
        run_batch(no_models, source, target, workers=2)
    assert list(target.parent.iterdir()) == [source]


def test_workers_is_positive(job):
    with pytest.raises(InputError, match="^workers must be at least 1, not 0$"):
        run_batch(FakeChecker(), *job(), workers=0)


def test_a_killed_job_with_workers_goes_on_without_loss_or_repetition(tmp_path):
    assert kill_until_done(tmp_path, seed=3, rows=40, options=["--workers", "2"]) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_killed_jobs_with_workers_and_tables_go_on(tmp_path, seed):
    options = ["--workers", str(2 + seed % 2)]
    kill_until_done(tmp_path, seed, rows=60, options=options, name=[*FORMS, "out.jsonl"][seed])


def test_parties_that_cannot_be_used_end_the_job_at_once(job):
    source, target = job(("a", "Rain."))
    with pytest.raises(InputError, match="is given to two parties"):
        run_batch(FakeChecker(), source, target, parties={"A": ["Holm"], "B": ["Holm"]})
    assert not target.exists()
    assert not partial(target).exists()


def test_nothing_is_loaded_where_there_is_nothing_to_do(job):
    source, target = job(("a", "Rain."))
    run_batch(FakeChecker(), source, target)

    def load():
        raise ModelError("loaded")

    assert run_batch(load, source, target, resume=True).rows == 1
