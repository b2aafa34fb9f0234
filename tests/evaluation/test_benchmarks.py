"""The scripts in benchmarks/, without models."""

import gzip
import importlib.util
import itertools
import json
import re
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pytest
import tiny

from claimcheck.errors import InputError
from claimcheck.evaluation.classification import LABELS
from claimcheck.evaluation.results import write_tables
from claimcheck.records import Force, Stance, Verdict

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
MADE = {
    "command": "python benchmarks/accuracy.py --data DATA",
    "commit": "0123456789abcdef",
    "dirty": False,
    "date": "2030-01-02T03:04:05+00:00",
    "seed": 0,
    "hardware": {"cpu": "Some CPU", "cores": 2, "memory_gib": 24},
    "versions": {"torch": "2.9", "transformers": None},
    "models": {"nli": "f" * 64},
    "limit": None,
}
TABLE = {
    "provenance": MADE,
    "rows": [
        {"set": "dev", "system": "claimcheck", "n": 1234, "metrics": {"accuracy": {"value": 0.761, "low": 0.75, "high": 0.77}}},
        {"set": "dev", "system": "majority", "n": 1234, "metrics": {"accuracy": {"value": 0.3333, "low": 0.3, "high": 0.35}}},
        {"set": "given", "system": "claimcheck", "n": 9, "metrics": {"f1": {"value": 0.5, "precision": 0.75, "recall": 0.375}}},
    ],
}  # fmt: skip


sys.path.insert(0, str(BENCHMARKS))  # as it is when one of the scripts runs: they import each other


def script(name):
    spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tables = script("tables")


def test_render():
    assert tables.render(TABLE) == (
        "| set | system | n | accuracy |\n"
        "| --- | --- | --: | --: |\n"
        "| dev | claimcheck | 1,234 | 76.1% [75.0%, 77.0%] |\n"
        "| dev | majority | 1,234 | 33.3% [30.0%, 35.0%] |\n"
        "\n"
        "| set | system | n | f1 |\n"
        "| --- | --- | --: | --: |\n"
        "| given | claimcheck | 9 | 0.500 P 0.750 R 0.375 |"
    )


def test_provenance_line():
    assert tables.render_provenance(MADE) == (
        "`python benchmarks/accuracy.py --data DATA` · commit 0123456789 · 2030-01-02 · seed 0 · "
        "2 cores of Some CPU, 24 GiB · torch 2.9 · models nli ffffffffffff"
    )


def test_a_trial_and_a_dirty_tree_are_said_so():
    line = tables.render_provenance({**MADE, "limit": 10, "dirty": True})
    assert "**trial: at most 10 items of each set**" in line
    assert "commit 0123456789 with changes" in line


def test_check_finds_what_is_stale(tmp_path, capsys):
    results, readme = tmp_path / "results", tmp_path / "README.md"
    write_tables(results / "accuracy.json", {"nli": TABLE})
    readme.write_text("Before\n<!-- table:accuracy.nli -->\nold\n<!-- /table -->\nafter\n", encoding="utf-8")
    options = ["--results", str(results), "--readme", str(readme)]
    assert tables.main([*options, "--check"]) == 1
    assert capsys.readouterr().err.count("is stale") == 2
    assert tables.main(options) == 0
    assert tables.main([*options, "--check"]) == 0
    text = readme.read_text(encoding="utf-8")
    assert "old" not in text
    assert text.startswith("Before\n<!-- table:accuracy.nli -->\n| set |")
    assert text.endswith("ffffffffffff\n<!-- /table -->\nafter\n")
    write_tables(results / "accuracy.json", {"nli": {**TABLE, "rows": TABLE["rows"][:1]}})
    assert tables.main([*options, "--check"]) == 1


def test_a_block_without_its_table():
    with pytest.raises(InputError, match="no table 'speed'"):
        tables.update_blocks("<!-- table:speed -->\n<!-- /table -->", {"accuracy.nli": TABLE})


def test_figures_set_ours_beside_a_baseline(monkeypatch):
    figure = ("right labels", "accuracy.nli", "dev", "accuracy", "majority")
    monkeypatch.setattr(tables, "FIGURES", (figure,))
    page = tables.update_blocks(
        "<!-- table:figures -->\nold\n<!-- /table -->\n",
        {"accuracy.nli": {**TABLE, "rows": TABLE["rows"][:2]}},
    )
    assert page.splitlines()[3] == "| right labels | dev | 1,234 | 76.1% [75.0%, 77.0%] | 33.3%, majority |"
    with pytest.raises(InputError, match="no 'dev' of claimcheck and of majority"):
        tables.render_figures({})


def test_the_published_page_is_not_stale():
    assert tables.main(["--check"]) == 0


def test_stock_relations_take_the_higher_of_both_directions():
    accuracy = script("accuracy")

    class NLI:
        def predict(self, pairs):
            known = {("x", "y"): (0.1, 0.8, 0.1), ("y", "x"): (0.1, 0.2, 0.7), ("x", "z"): (0.6, 0.3, 0.1)}
            return np.array([known.get(pair, (0.0, 1.0, 0.0)) for pair in pairs])

    rows = [{"id": name.upper(), "text": name} for name in "xyz"]
    assert accuracy.nli_relations(rows, NLI()) == [
        {"a": "X", "b": "Y", "label": "contradicts", "score": 0.7},
        {"a": "X", "b": "Z", "label": "corroborates", "score": 0.6},
    ]


@pytest.mark.parametrize(("split", "least"), [("development", 15), ("test", 8)])
def test_propositions_cover_forces_and_labels(split, least):
    accuracy = script("accuracy")
    claims, propositions, labels = accuracy.read_propositions(accuracy.PROPOSITIONS, split)
    assert len(claims) == len(propositions) == len(labels) > 3 * least
    assert {claim.force for claim in claims} == set(get_args(Force))
    assert {label: labels.count(label) >= least for label in set(labels)} == dict.fromkeys(LABELS, True)


def test_verdicts_are_scored_as_nli_labels(capsys):
    accuracy = script("accuracy")
    verdicts = [
        Verdict("c", "supports", 0.7, 0.7, 0.1),
        Verdict("c", "not enough information", 0.6, 0.3, 0.1),
        Verdict("c", "refutes", 0.8, 0.1, 0.8),
    ]
    chances = accuracy.verdict_chances(verdicts)
    assert chances == pytest.approx(np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.1, 0.1, 0.8]]))
    args = accuracy.parse(["--table", "seed", "--samples", "20"])
    row = accuracy.verification_row("set", "claimcheck", ["entailment", "neutral", "neutral"], chances, args)
    assert row["n"] == 3
    assert {name: metric["value"] for name, metric in row["metrics"].items()} == dict.fromkeys(
        ("balanced_accuracy", "macro_f1", "accuracy"), 1.0
    )
    assert tables.render({"rows": [row]}).splitlines()[2].startswith("| set | claimcheck | 3 | 100.0% [")
    assert "balanced_accuracy 1.000" in capsys.readouterr().out


class ContradictsEverything:
    """Stands in for a checker: finds both statements of a text, and calls every pair contradicting."""

    nli = None

    def __init__(self):
        self.calls = Counter()

    def check(self, text):
        self.calls["check"] += 1
        ends = [(match.start(1), match.end(1)) for match in re.finditer(r"said ([^.]+)", text)]
        found = [{"id": f"a{n}", "content": [span], "source": []} for n, span in enumerate(ends)]
        return self.report({"text": text, "attributions": found}, [item["id"] for item in found])

    def compare(self, statements):
        self.calls["compare"] += 1
        return self.report({}, [f"s{n}" for n in range(1, len(statements) + 1)])

    def report(self, fields, ids):
        pairs = itertools.combinations(ids, 2)
        relations = [{"a": a, "b": b, "label": "contradicts"} for a, b in pairs]
        return SimpleNamespace(to_dict=lambda: fields | {"relations": relations})


BEHAVIOUR = [
    {"text": "Al said the river froze. Bo said the river did not freeze. Cy sang.", "pair": ["the river froze", "the river did not freeze"], "label": "contradicts"},
    {"text": "Al said the river froze. Bo said the river did not freeze. Cy sang.", "pair": ["the river froze", "sang"], "label": "neither"},
    {"statements": [{"text": "the shop is open"}, {"text": "the shop is open today"}], "pair": [0, 1], "label": "corroborates"},
    {"statements": [{"text": "the mill is old"}, {"text": "eels are dear"}], "pair": [0, 1], "label": "neither"},
]  # fmt: skip


def test_the_behaviour_table(tmp_path, monkeypatch, capsys):
    accuracy, checker = script("accuracy"), ContradictsEverything()
    suite = tmp_path / "suite.jsonl"
    rows = [{"id": str(n), "capability": "ab"[n // 2], **row} for n, row in enumerate(BEHAVIOUR)]
    suite.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    monkeypatch.setattr(accuracy, "BEHAVIOUR", suite)
    monkeypatch.setattr(accuracy, "load_checker", lambda args: checker)
    monkeypatch.setattr(accuracy, "nli_relations", lambda rows, nli: [])
    args = accuracy.parse(["--table", "behaviour", "--samples", "20"])
    table = accuracy.behaviour_table(args)
    assert checker.calls == {"check": 1, "compare": 2}  # a text with several pairs is read once
    overall = {row["system"]: row["metrics"] for row in table[:4]}
    assert {row["set"] for row in table[:4]} == {"all capabilities"}
    assert [row["set"] for row in table[4:]] == ["a", "b"]
    values = {
        system: (m["accuracy"]["value"], m["false_contradictions"]["value"], m["not_found"])
        for system, m in overall.items()
    }
    assert values == {
        "claimcheck": (0.25, 0.5, 1),
        "NLI on the contents alone": (0.5, 0.0, 0),
        "word overlap": (1.0, 0.0, 0),
        "majority": (0.5, 0.0, 0),
    }
    a, b = (row["metrics"] for row in table[4:])
    assert (a["neither"], a["not_found"], a["accuracy"]["value"], a["false_contradictions"]) == (1, 1, 0.5, 0)
    assert (b["neither"], b["not_found"], b["accuracy"]["value"], b["false_contradictions"]) == (1, 0, 0, 1)
    assert (b["overlap_accuracy"], b["nli_accuracy"], b["majority_accuracy"]) == (1.0, 0.5, 0.5)
    page = tables.render({"rows": table}).splitlines()
    assert page[0].startswith(
        "| set | system | n | accuracy | false contradictions | contradicts recall | not found"
    )
    assert page[-1].startswith("| b | 2 | 1 | 0 | 0.0% [0.0%, 0.0%] | 50.0% | 100.0% | 50.0% | 100.0% |")
    assert "b | n=2 | neither 1.000" in capsys.readouterr().out


def test_behaviour_takes_the_packaged_attribution(tmp_path, capsys):
    with pytest.raises(SystemExit):
        script("accuracy").parse(["--table", "behaviour", "--attribution", str(tmp_path)])
    assert "whole articles take the packaged checkpoint" in capsys.readouterr().err


def test_tables_ask_for_their_folders(capsys):
    accuracy = script("accuracy")
    with pytest.raises(SystemExit):
        accuracy.parse(["--table", "articles"])
    assert "table articles needs --gold FOLDER" in capsys.readouterr().err
    assert accuracy.parse(["--table", "seed"]).gold is None


def stance_rows():
    """Return rows of the four sets of the stance table, three for training and two for the test in each."""
    favor = {"vast": "pro", "perspectrum": "support", "emergent_test": "for", "fnc1": "agree"}
    against = {"vast": "con", "perspectrum": "oppose", "emergent_test": "against", "fnc1": "disagree"}
    for name in favor:
        texts = [("train", favor), ("train", favor), ("train", against), ("test", favor), ("test", against)]
        yield (
            name,
            [
                {
                    "target": "The toll must go",
                    "text": f"Text {n}",
                    "label": of[name],
                    "split": split,
                    "seen": "0",
                }
                for n, (split, of) in enumerate(texts)
            ],
        )


def test_the_stance_table(tmp_path, capsys):
    accuracy = script("accuracy")
    for name, rows in stance_rows():
        (tmp_path / "stance" / name).mkdir(parents=True)
        with gzip.open(tmp_path / "stance" / name / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    nli = tiny.save_nli(tmp_path / "nli")
    weights = {
        "related": {"intercept": 9},
        "sides": {"agree": {}, "discuss": {}, "disagree": {"intercept": 9}},
    }
    (nli / "headlines.json").write_text(json.dumps(weights), encoding="utf-8")
    args = accuracy.parse(
        ["--table", "stance", "--data", str(tmp_path), "--nli", str(nli), "--samples", "20"]
    )
    rows = accuracy.stance_table(args)
    assert [(row["set"], row["system"]) for row in rows] == [
        (name, system)
        for name in ("FNC-1 test", "VAST test, zero-shot", "Perspectrum test", "Emergent test")
        for system in ("claimcheck", "word overlap", "majority")
    ]
    assert all(row["n"] == 2 for row in rows)
    values = {(row["set"], row["system"]): {k: m["value"] for k, m in row["metrics"].items()} for row in rows}
    assert values["FNC-1 test", "claimcheck"] == pytest.approx(
        {"fnc_score": 0.625, "macro_f1": 1 / 3, "accuracy": 0.5}
    )
    for name in ("VAST test, zero-shot", "Perspectrum test", "Emergent test"):
        assert values[name, "majority"] == pytest.approx({"accuracy": 0.5, "macro_f1": 1 / 3})
    assert capsys.readouterr().out.count("n=2") == 12


@pytest.mark.parametrize(
    ("labels", "expected"), [(("favor", "none", "against"), "none"), (("favor", "against"), "against")]
)
def test_two_way_sets_have_no_none(labels, expected):
    stance = Stance("0", "the toll", "none", 0.6, 0.1, 0.3)
    assert script("accuracy").side(stance, labels) == expected


def test_default_pairs_and_articles_are_the_projects_own():
    throughput = script("throughput")
    args = throughput.parse([])
    pairs = throughput.load_pairs(args)
    assert len(pairs) > 500
    assert all(premise and hypothesis for premise, hypothesis in pairs)
    assert throughput.load_pairs(throughput.parse(["--sample", "5"])) == throughput.load_pairs(
        throughput.parse(["--sample", "5"])
    )
    assert len(throughput.load_texts(args)) == 9


def test_systems_that_disagree_are_named():
    throughput = script("throughput")
    rows = [
        {"system": name, "metrics": {"same_label_as_claimcheck": share}}
        for name, share in (("a", 0.995), ("b", 0.99))
    ]
    assert throughput.disagreeing([*rows, {"system": "c", "metrics": {}}]) == ["b: 99.00%"]


def test_pipeline_scores_are_put_in_order():
    throughput = script("throughput")

    def stock(rows, **options):
        assert (options["batch_size"], options["top_k"]) == (32, None)
        assert rows == [{"text": "p", "text_pair": "h"}]
        scores = {"contradiction": 0.5, "entailment": 0.3, "neutral": 0.2}
        return [[{"label": label, "score": score} for label, score in scores.items()]]

    assert throughput.pipeline_of(stock, 32)([("p", "h")]).tolist() == [[0.3, 0.2, 0.5]]


def test_the_multiplications_of_an_encoder_are_those_that_torch_counts(nli_folder):
    from torch.utils.flop_counter import FlopCounterMode

    import claimcheck

    throughput = script("throughput")
    nli = claimcheck.NLI.from_pretrained(nli_folder, dtype="float32")
    pairs = [("the mayor said that", "not safe"), ("the bridge", "the minister denied")]
    _, encoded = nli._encode(pairs)
    lengths = [len(row["input_ids"]) for row in encoded]
    with FlopCounterMode(display=False) as counter:
        for pair in pairs:
            nli.predict([pair])
    heads = 2 * 2 * (32 * 32 + 32 * 3)  # pooler and classifier, which are left out
    attention = sum(4 * 32 * (n * n + n) for n in lengths)  # which torch does not count on a CPU
    flops = throughput.encoder_flops(lengths, nli.model.config)
    assert flops - attention == counter.get_total_flops() - heads > 300_000


def test_batch_jobs_are_measured(monkeypatch):
    throughput = script("throughput")
    asked = []

    def timed(command):
        rows = [json.loads(line) for line in Path(command[3]).read_text().splitlines()]
        asked.append((len(rows), len({row["text"] for row in rows}), command[5]))
        return {"articles_per_second": 2.0, "failed": 0, "peak_mib": 100.0 + len(rows), "process": 9.0}

    monkeypatch.setattr(throughput, "timed_process", timed)
    rows = throughput.jobs_table(throughput.parse(["--job", "3"]))
    assert asked == [(3, 3, "1"), (30, 30, "1"), (30, 30, "2")]
    assert rows[1]["metrics"]["peak_over_that_of_a_tenth"] == 130 / 103
    assert "peak_mib" not in rows[2]["metrics"]


def test_a_process_reports_its_time_and_memory():
    throughput = script("throughput")
    code = "import json, sys\ntimes = {'import': 0.5}\n" + throughput.PRINT_PEAK
    measured = throughput.timed_process([sys.executable, "-c", code])
    assert measured["import"] == 0.5
    assert measured["process"] > 0
    assert 2 < measured["peak_mib"] < 200
    with pytest.raises(RuntimeError, match="status 3"):
        throughput.timed_process([sys.executable, "-c", "raise SystemExit(3)"])
