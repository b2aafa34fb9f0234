"""Models and checkers that go to other processes, by loading their checkpoints again there."""

import os
import pickle
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import claimcheck
from claimcheck import NLI, Checker, ModelError
from claimcheck.attribution import Attributor
from claimcheck.checkpoints import packaged
from claimcheck.engine import pick_dtype

ROOT = Path(__file__).resolve().parent.parent
PAIRS = [("the mayor said", "the bridge"), ("not safe", "the minister denied that")]
TEXTS = [f"The mayor said the bridge {n} is safe. The minister denied that." for n in range(5)]


@pytest.fixture
def checker(nli_folder, attribution_folder):
    return claimcheck.load(
        nli=nli_folder, attribution=attribution_folder, dtype="float32", thresholds={"contradicts": 0.35}
    )


def copy(thing):
    return pickle.loads(pickle.dumps(thing))


def test_an_nli_model_is_loaded_again(nli_folder):
    nli = NLI.from_pretrained(nli_folder, dtype="float32", max_length=40)
    nli.tokens_per_batch = 77
    nli.statement_format = "framed"
    again = copy(nli)
    assert np.array_equal(again.predict(PAIRS), nli.predict(PAIRS))
    assert (again.hash, again.max_length, again.dtype) == (nli.hash, 40, nli.dtype)
    assert (again.tokens_per_batch, again.statement_format) == (77, "framed")
    assert len(pickle.dumps(nli)) < 5_000  # no weights


def test_a_label_map_is_kept(tmp_path):
    import tiny

    names = ("LABEL_0", "LABEL_1", "LABEL_2")
    order = dict(zip(names, ("contradiction", "neutral", "entailment"), strict=True))
    nli = NLI.from_pretrained(tiny.save_nli(tmp_path / "nli", names), label_map=order)
    assert copy(nli).order == nli.order == [2, 1, 0]


def test_an_attributor_is_loaded_again(attribution_folder):
    attributor = Attributor.from_pretrained(attribution_folder, dtype="float32")
    attributor.threshold = 0.8
    again = copy(attributor)
    assert again.threshold == 0.8
    document = claimcheck.Document("d", TEXTS[0])
    found = attributor.attribute(document)
    assert len(found) > 0
    assert again.attribute(document) == found


def test_a_checker_is_loaded_again(checker):
    again = copy(checker)
    assert again.decision == checker.decision
    report = checker.check(TEXTS[0])
    assert len(report.claims) > 0
    assert again.check(TEXTS[0]) == report
    assert pickle.loads(pickle.dumps(report)) == report


def test_a_number_type_that_was_found_stays(nli_folder, monkeypatch):
    monkeypatch.setattr("claimcheck.nli.pick_dtype", lambda dtype, device: pick_dtype("bfloat16", device))
    data = pickle.dumps(NLI.from_pretrained(nli_folder))
    monkeypatch.setattr("claimcheck.nli.pick_dtype", pick_dtype)
    monkeypatch.setattr("claimcheck.engine._bfloat16_is_faster", lambda: False)
    assert str(pickle.loads(data).dtype) == "torch.bfloat16"


def test_a_relative_path_is_found_from_elsewhere(nli_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(nli_folder.parent)
    data = pickle.dumps(NLI.from_pretrained(nli_folder.name))
    monkeypatch.chdir(tmp_path)
    assert pickle.loads(data).predict(PAIRS).shape == (2, 3)


def test_a_packaged_model_is_found_wherever_it_is():
    data = pickle.dumps(Attributor.from_pretrained(packaged("attribution")))
    assert str(packaged("attribution").parent).encode() not in data
    assert pickle.loads(data).hash is not None


def test_weights_that_changed_are_refused(nli_folder, tmp_path):
    import tiny

    folder = shutil.copytree(nli_folder, tmp_path / "nli")
    data = pickle.dumps(NLI.from_pretrained(folder))
    shutil.rmtree(folder)
    tiny.save_nli(folder, initializer_range=0.2)
    with pytest.raises(ModelError, match=r"holds the weights \w{12}…, but those of the pickled model were"):
        pickle.loads(data)


def test_a_model_in_memory_is_refused(nli_folder):
    nli = NLI.from_pretrained(nli_folder)
    made = NLI(nli.model, nli.tokenizer)
    with pytest.raises(pickle.PicklingError, match="^this NLI was made of a model in memory: only one of"):
        pickle.dumps(made)
    checker = Checker(Attributor.from_pretrained(packaged("attribution")), made)
    with pytest.raises(claimcheck.InputError, match="cannot be sent to worker processes: this NLI was made"):
        list(checker.pipe(TEXTS, n_process=2))


def test_pipe_in_processes_gives_what_one_process_gives(checker):
    pairs = [(text, n) for n, text in enumerate(TEXTS)]
    expected = list(checker.pipe(pairs, as_tuples=True, batch_size=2))
    assert [context for _, context in expected] == [0, 1, 2, 3, 4]
    assert list(checker.pipe(pairs, as_tuples=True, batch_size=2, n_process=2)) == expected


@pytest.mark.slow
def test_processes_fork_off_one_that_has_used_its_threads(nli_folder, attribution_folder, tmp_path):
    """As ``Dataset.map`` does on Linux; what OpenMP does not survive is a wait for threads that are not there."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import json, sys
            import datasets, torch
            import claimcheck

            if __name__ == "__main__":
                nli, attribution, *texts = sys.argv[1:]
                torch.set_num_threads(2)
                torch.ones(2000, 2000) @ torch.ones(2000, 2000)
                checker = claimcheck.load(nli=nli, attribution=attribution, dtype="float32")
                checker.check(texts[0])
                options = {"batched": True, "batch_size": 2, "load_from_cache_file": False}
                dataset = datasets.Dataset.from_dict({"text": texts})
                mapped = dataset.map(checker.map_batch, num_proc=2, **options)
                assert mapped["report"][:] == dataset.map(checker.map_batch, **options)["report"][:]
                print([json.loads(report)["text"] for report in mapped["report"]] == texts)
            """
        )
    )
    done = subprocess.run(
        [sys.executable, str(script), str(nli_folder), str(attribution_folder), *TEXTS],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2", "HF_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.stdout == "True\n", done.stderr
