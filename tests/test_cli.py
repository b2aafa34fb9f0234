import errno
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeChecker, FakeReport

import claimcheck.cli as cli
from claimcheck.errors import ModelError

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = [sys.executable, str(ROOT / "tests" / "fakes.py")]
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run a command in an empty directory; return its exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "load_checker", lambda nli=None: FakeChecker())

    def call(*args, stdin=None):
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as done:
            cli.app(list(args), prog_name="claimcheck")
        return done.value.code, *capsys.readouterr()

    return call


def write(**files):
    for name, text in files.items():
        Path(name.replace("_", ".")).write_bytes(text if isinstance(text, bytes) else text.encode())


# help and version --------------------------------------------------------------------------------------------------


def test_without_arguments_it_helps(run):
    code, out, err = run()
    assert (code, err) == (0, "")
    assert out == run("--help")[1]
    assert "claimcheck batch articles.jsonl reports.jsonl" in out


@pytest.mark.parametrize("command", ["check", "compare", "verify", "batch"])
def test_help_has_examples_and_exit_codes(run, command):
    code, out, _ = run(command, "-h")
    assert code == 0
    assert f"  Examples:\n    claimcheck {command} " in out
    assert re.search(r"Exit codes: 0 all \w+", out)
    assert "\b" not in out


def test_the_exit_codes_of_the_documentation_are_those_of_the_help(run):
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| (\d+) \| (.+) \|$", page, re.MULTILINE))
    helped = dict(re.findall(r"^ {4}(\d+) +(.+)$", run("--help")[1], re.MULTILINE))
    assert documented == helped
    assert {cli.INTERRUPTED, cli.BROKEN_PIPE} < set(map(int, documented))


COMPLETIONS = {
    "commands": ("claimcheck ba", 1, ["batch"]),
    "options": ("claimcheck check --fo", 2, ["--format"]),
    "values": ("claimcheck check --format ", 3, ["text", "json", "html"]),
}


@pytest.mark.parametrize(("words", "word", "expected"), COMPLETIONS.values(), ids=COMPLETIONS)
def test_the_shell_completes(words, word, expected):
    variables = {"_CLAIMCHECK_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(word)}
    done = subprocess.run([*SCRIPT], env={**ENV, **variables}, capture_output=True, text=True)
    assert done.stdout.split() == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown(shell):
    variables = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(
        [*SCRIPT, "--show-completion", shell], env={**ENV, **variables}, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_CLAIMCHECK_COMPLETE=complete_{shell}" in done.stdout


def test_version(run):
    code, out, _ = run("--version")
    assert code == 0
    assert re.fullmatch(r"claimcheck (\d+\.\d+.*|\(not installed\))\n", out)


def test_module_can_be_run():
    done = subprocess.run(
        [sys.executable, "-m", "claimcheck", "--version"], env=ENV, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("claimcheck ")


def test_the_command_line_loads_no_models():
    code = "import sys, claimcheck.cli; print({'torch', 'transformers', 'pandas', 'rich'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], env=ENV, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")


# check -------------------------------------------------------------------------------------------------------------


def test_check_shows_a_text(run):
    write(a_txt="\ufeffIt rains,\r\nsaid Holm.\n")
    assert run("check", "a.txt") == (0, "a.txt: It rains,\nsaid Holm.\n", "")


def test_check_reads_standard_input(run):
    assert run("check", "-", stdin=b"Rain.") == (0, "stdin: Rain.\n", "")


def test_check_several(run):
    write(a_txt="Rain.", b_txt="Snow.")
    assert run("check", "a.txt", "b.txt") == (
        0,
        "==> a.txt <==\na.txt: Rain.\n\n==> b.txt <==\nb.txt: Snow.\n",
        "",
    )


def test_check_as_json(run):
    write(a_txt="“Rain”\u2028", b_txt="Snow.")
    code, out, _ = run("check", "a.txt", "--format", "json")
    assert code == 0
    assert json.loads(out)["text"] == "“Rain”\u2028"
    code, out, _ = run("check", "a.txt", "b.txt", "-f", "json")
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["a.txt", "b.txt"]
    assert run("check", "a.txt", "b.txt", "-f", "json", "-o", "o.jsonl") == (0, "", "")
    assert Path("o.jsonl").read_text("utf-8") == out
    assert run("check", "b.txt", "-f", "json", "-o", "o.jsonl")[0] == 0
    assert Path("o.jsonl").read_text("utf-8") == out.splitlines(keepends=True)[1]


def test_check_as_html(run):
    write(a_txt="Rain.", b_txt="Snow.", c_html="x")
    page = "<!doctype html><title>{}</title>\n"
    assert run("check", "a.txt", "-f", "html") == (0, page.format("a.txt"), "")
    assert run("check", "a.txt", "-f", "html", "-o", "a.html") == (0, "", "")
    assert Path("a.html").read_text() == page.format("a.txt")
    assert run("check", "a.txt", "b.txt", "-f", "html", "-o", "x/y") == (0, "", "")
    assert {p.name: p.read_text() for p in Path("x/y").iterdir()} == {
        f"{k}.html": page.format(f"{k}.txt") for k in "ab"
    }


def test_check_gives_the_parties_to_the_checker(run):
    write(a_txt="Rain.", p_json='{"Quarry": ["Holm"]}')
    out = run("check", "a.txt", "-f", "json", "--parties", "p.json")[1]
    assert json.loads(out)["parties"] == {"Quarry": ["Holm"]}


def test_check_reads_other_encodings(run):
    write(a_txt=b"caf\xe9")
    assert run("check", "a.txt", "--encoding", "latin-1") == (0, "a.txt: café\n", "")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("none.txt", None, "none.txt: no such file"),
        (".", None, ".: a directory, not a file: name the files in it"),
        (
            "l.txt",
            b"caf\xe9",
            "l.txt: byte 0xe9 at offset 3 is not UTF-8: name the encoding of the file, for example --encoding cp1252",
        ),
        (
            "n.txt",
            b"%PDF\0",
            "n.txt: NUL at character 4: a binary file, or a text in another encoding, for example --encoding utf-16",
        ),
        ("esc\x1b[2J.txt", None, "esc�[2J.txt: no such file"),
    ],
)
def test_check_goes_on_after_a_bad_file(run, name, data, message):
    write(good_txt="Rain.")
    if data is not None and name != "-":
        Path(name).write_bytes(data)
    assert run("check", name, stdin=data) == (1, "", f"claimcheck: {message}\n")
    code, out, err = run("check", name, "good.txt", "-f", "json", stdin=data)
    assert (code, err) == (1, f"claimcheck: {message}\n")
    assert json.loads(out)["id"] == "good.txt"


@pytest.mark.parametrize(
    ("name", "data", "label"),
    [("empty.txt", b"", "empty.txt"), ("blank.txt", b" \r\n", "blank.txt"), ("-", b"", "standard input")],
)
def test_an_empty_text_is_told_and_has_a_report(run, monkeypatch, name, data, label):
    class Lenient(FakeChecker):
        def check(self, text, *, id, parties):
            return FakeReport(id, text)

    monkeypatch.setattr(cli, "load_checker", lambda nli=None: Lenient())
    if name != "-":
        Path(name).write_bytes(data)
    code, out, err = run("check", name, "-f", "json", stdin=data)
    assert (code, err) == (0, f"claimcheck: {label}: empty: there is no text to check\n")
    assert json.loads(out)["id"] == ("stdin" if name == "-" else name)


def test_what_the_checker_refuses_is_told_with_the_file(run, monkeypatch):
    class Strict(FakeChecker):
        def check(self, text, **options):
            return super().check("" if "no" in text else text, **options)

    monkeypatch.setattr(cli, "load_checker", lambda nli=None: Strict())
    write(a_txt="no", b_txt="Rain.")
    code, out, err = run("check", "a.txt", "b.txt")
    assert (code, err) == (1, "claimcheck: a.txt: text is empty\n")
    assert out == "==> b.txt <==\nb.txt: Rain.\n"


def test_an_output_stays_if_no_input_can_be_read(run):
    write(o_txt="mine")
    assert run("check", "none.txt", "-o", "o.txt")[0] == 1
    assert Path("o.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["check"], "Missing argument"),
        (["check", "a.txt", "-f", "xml"], "xml"),
        (["check", "a.txt", "--no-such"], "--no-such"),
        (["check", "-", "-"], "standard input (-) can be read only once"),
        (["check", "a.txt", "--encoding", "klingon"], "unknown encoding 'klingon'"),
        (["check", "a.txt", "--parties", "none.json"], "none.json: no such file"),
        (["check", "a.txt", "--parties", "a.txt"], "a.txt: not valid JSON: Expecting value at character 0"),
        (["check", "a.txt", "-o", "a.txt"], "a.txt is an input: name another file"),
        (["check", "a.txt", "-o", "."], ". is a directory: name a file"),
        (["check", "a.txt", "-o", "x/o.txt"], "x/o.txt: no directory 'x'"),
        (["check", "a.txt", "b.txt", "-f", "html"], "html for several files needs a directory"),
        (
            ["check", "a.txt", "b.txt", "-f", "html", "-o", "a.txt"],
            "html for several files needs a directory",
        ),
        (["check", "a.txt", "./a.txt", "-f", "html", "-o", "d"], "two files would be written to d/a.html"),
        (["compare"], "Missing argument"),
        (["compare", "a.txt", "-o", "a.txt"], "a.txt is an input: name another file"),
        (["batch", "a.txt"], "Missing argument"),
        (["batch", "a.txt", "o", "--batch-size", "0"], "Invalid value for '--batch-size'"),
        (["no-such"], "No such command 'no-such'"),
    ],
)
def test_wrong_usage(run, args, message):
    write(a_txt="Rain.")
    code, out, err = run(*args)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert os.listdir() == ["a.txt"]


def test_models_that_cannot_be_loaded(run, monkeypatch):
    def broken(nli=None):
        raise ModelError("models/nli: no model.safetensors")

    monkeypatch.setattr(cli, "load_checker", broken)
    write(a_txt="Rain.", s_csv="text,speaker\na,b\n", i_jsonl='{"id": 1, "text": "a"}')
    for args in (["check", "a.txt", "a.txt"], ["compare", "s.csv"], ["batch", "i.jsonl", "o.jsonl"]):
        assert run(*args) == (1, "", "claimcheck: models/nli: no model.safetensors\n")
    assert "o.jsonl" not in os.listdir()


def test_the_nli_model_can_be_named(run, monkeypatch):
    asked = []
    monkeypatch.setattr(cli, "load_checker", lambda nli=None: asked.append(nli) or FakeChecker())
    write(a_txt="Rain.")
    run("check", "a.txt", "--nli", "some/model")
    run("check", "a.txt")
    assert asked == ["some/model", None]


# compare -----------------------------------------------------------------------------------------------------------


def test_compare(run):
    write(s_csv="text,speaker\nIt leaks,Holm\nIt holds,\n", s_jsonl='{"text": "It leaks", "speaker": "Holm"}')
    assert run("compare", "s.csv") == (0, "None: Holm: It leaks | None: It holds\n", "")
    assert run("compare", "s.jsonl") == (0, "None: Holm: It leaks\n", "")
    assert run("compare", "-", stdin=b"text,speaker\na,b\n") == (0, "None: b: a\n", "")
    assert run("compare", "s.csv", "-f", "json", "-o", "o.json") == (0, "", "")
    assert json.loads(Path("o.json").read_text())["text"] == "Holm: It leaks | None: It holds"


def test_compare_names_what_it_cannot_use(run):
    write(s_csv="id,text,speaker\n1,a,b\n1,c,d\n")
    assert run("compare", "s.csv") == (
        1,
        "",
        "claimcheck: s.csv: line 3: id '1' is that of line 2: ids must differ\n",
    )
    assert run("compare", "none.csv") == (1, "", "claimcheck: none.csv: no such file\n")


# batch -------------------------------------------------------------------------------------------------------------


def test_batch(run):
    write(i_jsonl='{"id": 1, "text": "Rain."}\n{"id": 2, "text": "Snow."}\n')
    code, out, err = run("batch", "i.jsonl", "o.jsonl")
    assert (code, out) == (0, "")
    assert re.fullmatch(r"claimcheck: o\.jsonl: 2 rows, 0 failed, [\d.]+ articles/s, \d+\.\d s\n", err)
    assert [json.loads(line)["id"] for line in Path("o.jsonl").read_text().splitlines()] == ["1", "2"]
    assert run("batch", "i.jsonl", "o.jsonl") == (
        1,
        "",
        "claimcheck: o.jsonl: already there: overwrite it (--overwrite) or name another output\n",
    )
    code, _, err = run("batch", "i.jsonl", "o.jsonl", "--resume")
    assert code == 0
    assert err.startswith("claimcheck: o.jsonl: 2 rows (2 from before), 0 failed, 0.0 articles/s")
    assert run("batch", "i.jsonl", "o.jsonl", "--overwrite")[0] == 0


def test_batch_with_failures(run):
    write(i_jsonl='{"url": 1, "body": "Rain."}\n{"url": 2}\n')
    code, _, err = run(
        "batch",
        "i.jsonl",
        "o.jsonl",
        "--id-column",
        "url",
        "--text-column",
        "body",
        "--batch-size",
        "1",
        "--progress",
    )
    assert code == 1
    assert "claimcheck: o.jsonl: 2 rows, 1 failed, " in err
    assert "100%" in err
    rows = [json.loads(line) for line in Path("o.jsonl").read_text().splitlines()]
    assert rows[1]["error"]["message"] == "no 'body' in the row, which has 'url'"


def test_batch_looks_at_the_paths_before_it_loads_the_models(run, monkeypatch):
    monkeypatch.setattr(cli, "load_checker", None)
    assert run("batch", "none.jsonl", "o.jsonl") == (1, "", "claimcheck: none.jsonl: no such file\n")


def test_a_full_disk_is_told_with_what_to_do(run, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    write(i_jsonl='{"id": 1, "text": "Rain."}\n')
    monkeypatch.setattr(os, "fsync", full)
    assert run("batch", "i.jsonl", "o.jsonl") == (
        1,
        "",
        "claimcheck: No space left on device: go on with --resume: what is done is in o.jsonl.partial\n",
    )


# the terminal ------------------------------------------------------------------------------------------------------


def test_an_interrupt_has_its_code_and_no_traceback(run, monkeypatch):
    def interrupted(nli=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "load_checker", interrupted)
    write(a_txt="Rain.")
    assert run("check", "a.txt") == (130, "", "claimcheck: interrupted\n")


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    article = tmp_path / "a.txt"
    article.write_text("Rain. " * 100_000)
    process = subprocess.Popen(
        [*SCRIPT, "check", *[str(article)] * 3], env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


@pytest.mark.parametrize(
    ("variables", "color"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_is_for_terminals_that_want_it(tmp_path, variables, color):
    article = tmp_path / "a.txt"
    article.write_text("Rain\x1b[2J.")
    base = {k: v for k, v in ENV.items() if k != "NO_COLOR"} | {"TERM": "xterm"}
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [*SCRIPT, "check", str(article)], env=base | variables, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the end, on Linux
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert done.returncode == 0
    name = f"\x1b[1m{article}\x1b[0m" if color else str(article)
    assert shown.decode() == f"{name}: Rain�[2J.\r\n"


def test_a_terminal_that_cannot_show_a_letter_gets_a_question_mark(tmp_path):
    article = tmp_path / "a.txt"
    article.write_text("“Rain”", encoding="utf-8")
    env = {**ENV, "PYTHONIOENCODING": "ascii"}
    text = subprocess.run([*SCRIPT, "check", str(article)], env=env, capture_output=True)
    assert text.stdout.endswith(b": ?Rain?\n")
    made = subprocess.run([*SCRIPT, "check", str(article), "-f", "json"], env=env, capture_output=True)
    assert json.loads(made.stdout.decode("utf-8"))["text"] == "“Rain”"


def test_a_web_page_is_read_as_its_article(run):
    pytest.importorskip("trafilatura", reason="the extra 'html' is not installed")
    paragraph = (
        "Mayor Ada Holm said the bridge would open in May, and that it was safe for all who crossed it."
    )
    write(
        a_html=f"<html><body><article><p>{paragraph}</p></article></body></html>",
        b_HTM="<p></p>",
    )
    code, out, err = run("check", "a.html", "b.HTM", "--format", "json")
    assert code == 1
    assert json.loads(out)["text"] == paragraph
    assert err == "claimcheck: b.HTM: no article was found in a page of 7 characters\n"


def test_a_web_page_needs_its_extra(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    write(a_html="<p>x</p>")
    code, out, err = run("check", "a.html")
    assert (code, out) == (1, "")
    assert (
        err
        == "claimcheck: a.html: trafilatura is not installed: in a checkout of claimcheck, pip install '.[html]'\n"
    )


# verify ------------------------------------------------------------------------------------------------------------


def test_verify_shows_the_verdict_and_what_decides(run):
    write(a_txt="The bridge is open.")
    assert run("verify", "It is open.", "a.txt") == (0, "supports 0.75: “The bridg”\n", "")


def test_verify_asks_the_parties(run):
    write(a_txt="The bridge is open.")
    code, out, err = run("verify", "It is open.", "a.txt", "--parties")
    assert (code, err) == (0, "")
    assert out.splitlines() == ["Council refutes 0.90: “The bridg”", "(nobody named) says nothing 0.80"]


def test_verify_writes_a_line_of_json_for_each_verdict(run):
    write(a_txt="Über uns.", b_txt="Naïve.")
    code, out, _ = run("verify", "It is open.", "a.txt", "b.txt", "-f", "json")
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["file"], row["claim"], row["label"], row["text"]) for row in rows] == [
        ("a.txt", "It is open.", "supports", "Über uns."),
        ("b.txt", "It is open.", "supports", "Naïve."),
    ]


def test_verify_goes_on_after_a_file_that_cannot_be_used(run):
    write(a_txt=" ", b_txt="Fine.")
    code, out, err = run("verify", "It is open.", "a.txt", "missing.txt", "b.txt")
    assert (code, out) == (1, "b.txt: supports 0.75: “Fine.”\n")
    assert err.splitlines()[0] == "claimcheck: a.txt: empty: there is no text to check"
    assert "missing.txt" in err.splitlines()[1]


def test_verify_needs_a_claim(run):
    write(a_txt="Fine.")
    code, _, err = run("verify", " ", "a.txt")
    assert code == 2
    assert "claim is ' '" in " ".join(err.split()) or "claim is blank" in " ".join(err.split())
