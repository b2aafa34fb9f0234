"""Training the NLI model: its loss, its data, and a whole small run."""

import gzip
import json
import math
import random

import numpy as np
import pytest
import tiny
import torch

from claimcheck import NLI
from claimcheck.nli import LABELS
from claimcheck.training.nli import (
    NOT_ENTAILMENT,
    encode_pairs,
    nli_loss,
    read_public,
    read_statements,
    repeat_examples,
    run,
)

CHANCES = [[0.7, 0.2, 0.1], [0.2, 0.3, 0.5]]

LOSSES = {
    "entailment": ([0, 0], -(math.log(0.7) + math.log(0.2)) / 2),
    "neutral": ([1, 1], -(math.log(0.2) + math.log(0.3)) / 2),
    "contradiction": ([2, 2], -(math.log(0.1) + math.log(0.5)) / 2),
    "not-entailment": ([3, 3], -(math.log(0.3) + math.log(0.8)) / 2),
    "mixed": ([0, 3], -(math.log(0.7) + math.log(0.8)) / 2),
}


@pytest.mark.parametrize(("labels", "expected"), LOSSES.values(), ids=LOSSES)
def test_loss(labels, expected):
    def model(input_ids):
        return type("Output", (), {"logits": input_ids})

    batch = {"input_ids": torch.tensor(CHANCES).log() + 5.0, "labels": torch.tensor(labels)}
    assert nli_loss(model, batch).item() == pytest.approx(expected, abs=1e-6)


def test_not_entailment_pulls_at_both_other_labels():
    logits = torch.zeros(1, 3, requires_grad=True)
    model = lambda input_ids: type("Output", (), {"logits": input_ids})  # noqa: E731
    nli_loss(model, {"input_ids": logits, "labels": torch.tensor([NOT_ENTAILMENT])}).backward()
    entailment, neutral, contradiction = logits.grad[0].tolist()
    assert entailment == pytest.approx(1 / 3)
    assert neutral == contradiction == pytest.approx(-1 / 6)


@pytest.mark.parametrize(("times", "size"), [(0, 0), (0.5, 5), (1, 10), (2.3, 23)])
def test_repeat_examples(times, size):
    rows = list(range(10))
    repeated = repeat_examples(rows, times, random.Random(1))
    assert len(repeated) == size
    counts = [repeated.count(row) for row in rows]
    assert set(counts) <= {int(times), int(times) + 1}


def write_public(folder, rows):
    (folder / "set").mkdir(parents=True)
    with gzip.open(folder / "set" / "train.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(
            json.dumps(dict(zip(("premise", "hypothesis", "label"), row, strict=True))) + "\n" for row in rows
        )


PUBLIC = [
    ("the mayor said", "the mayor told", "entailment"),
    ("the bridge", "safe", "neutral"),
    ("the bridge is safe", "the bridge is not safe", "contradiction"),
    ("é “quoted”", "not", "not_entailment"),
]


def test_read_public(tmp_path):
    write_public(tmp_path, PUBLIC)
    assert list(read_public("set/train", tmp_path)) == [(p, h, k) for k, (p, h, _) in enumerate(PUBLIC)]


def test_a_missing_source_is_named(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"other/train\.jsonl\.gz does not exist: --data takes a folder"
    ):
        list(read_public("other/train", tmp_path))


def test_an_unknown_label_is_refused(tmp_path):
    write_public(tmp_path, [*PUBLIC, ("a", "b", "maybe")])
    rows = read_public("set/train", tmp_path)
    assert len([next(rows) for _ in PUBLIC]) == 4
    with pytest.raises(ValueError, match="not in tuple"):
        next(rows)


def test_encode_pairs_tells_where_the_second_text_begins():
    tokenizer = tiny.hf_tokenizer()
    rows = encode_pairs(
        tokenizer, [("the mayor said", "not safe", 0), ("the", "the " * 50, 1)], max_length=16
    )
    ids, second = rows[0]
    assert tokenizer.convert_ids_to_tokens(ids.tolist()) == [
        "[CLS]",
        "the",
        "mayor",
        "said",
        "[SEP]",
        "not",
        "safe",
        "[SEP]",
    ]
    assert second == 5
    assert ids.dtype == np.uint16
    assert [len(ids) for ids, _ in rows] == [8, 16]


ARTICLE = {
    "id": "t1",
    "text": "Ada said we won. Ben said they lost.",
    "attributions": [
        {
            "id": "a1",
            "source": [[0, 3]],
            "cue": [[4, 8]],
            "content": [[9, 15]],
            "speaker": "Ada",
            "party": "p1",
        },
        {
            "id": "a2",
            "source": [[17, 20]],
            "cue": [[21, 25]],
            "content": [[26, 35]],
            "speaker": "Ben",
            "party": "p2",
        },
    ],
    "relations": [{"a": "a2", "b": "a1", "label": "contradicts"}],
}


def side(text, speaker):
    return {"text": text, "speaker": speaker, "party": None, "cue": "said"}


WRITTEN = [
    {
        "id": "w1",
        "scene": "s1",
        "a": side("we won", "Ada"),
        "b": side("they lost", "Ben"),
        "label": "corroborates",
    },
    {
        "id": "w2",
        "scene": "s2",
        "a": side("we won", "Ada"),
        "b": side("rain fell", "Ben"),
        "label": "neither",
    },
]


@pytest.fixture
def files(tmp_path):
    articles, pairs = tmp_path / "articles.jsonl", tmp_path / "pairs.jsonl"
    articles.write_text(json.dumps(ARTICLE) + "\n" + json.dumps({**ARTICLE, "id": "t2"}) + "\n")
    pairs.write_text("".join(json.dumps(row) + "\n" for row in WRITTEN))
    return articles, pairs


ALL = {"repeat": 1, "neither": {"close": 1.0, "apart": 1.0}}


@pytest.mark.parametrize(
    ("held_out", "labels"),
    [
        ([], ["contradiction", "contradiction", "entailment", "neutral"]),
        (["t2"], ["contradiction", "entailment", "neutral"]),
        (["t1", "s1"], ["contradiction", "neutral"]),
    ],
)
def test_held_out_articles_and_scenes_are_left_out(files, held_out, labels):
    found = read_statements({**ALL, "held_out": held_out}, [files[0]], [files[1]], random.Random(0))
    assert [LABELS[label] for *_, label in found] == labels


def test_statements_that_are_all_held_out_are_refused(files):
    with pytest.raises(ValueError, match="give --articles, --pairs or both"):
        read_statements(
            {**ALL, "held_out": ["t1", "t2", "s1", "s2"]}, [files[0]], [files[1]], random.Random(0)
        )


def test_strangers_are_added_as_neutral_examples(files):
    found = read_statements({**ALL, "strangers": 5}, [files[0]], [files[1]], random.Random(0))
    assert [LABELS[label] for *_, label in found[4:]] == ["neutral"] * 5


LOOP = {"tokens_per_batch": 64, "learning_rate": 1e-3, "checkpoint_every": 2, "autocast": False}


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setattr("claimcheck.training.loop.pick_device", lambda: torch.device("cpu"))


def test_a_run_writes_a_checkpoint_that_loads(encoder_folder, files, tmp_path, no_network):
    write_public(tmp_path / "data", PUBLIC)
    config = {
        "init": str(encoder_folder),
        "max_length": 48,
        "loop": LOOP,
        "sources": {"set/train": {"repeat": 1.5}},
        "statements": {"repeat": 2, "neither": {"close": 1.0, "apart": 1.0}},
    }
    out = tmp_path / "out"
    record = run(config, out, data=tmp_path / "data", articles=[files[0]], pairs=[files[1]])
    assert record["examples"] == {"set/train": 6, "statements": 8}
    nli = NLI.from_pretrained(out, dtype="float32")
    assert nli.order == [0, 1, 2]
    assert nli.statement_format == "framed"
    np.testing.assert_allclose(nli.predict([("the mayor", "said")]).sum(), 1, atol=1e-4)
    from claimcheck.checkpoints import read_weights

    assert {value.dtype for value in read_weights(out).values()} == {torch.float16}
    assert json.loads((out / "training.json").read_text())["config"] == config


SET = {
    "statement": "The bridge is safe.",
    "same": ["No danger.", "It is sound."],
    "against": ["It is not safe.", "It fell.", "Beware."],
    "beside": ["It is old.", "It was dear.", "They like it."],
}
PASSAGE = {
    "title": "",
    "passage": "The mayor said that.",
    "supports": ["a"],
    "refutes": ["b"],
    "unknown": ["c"],
}


def test_contrast_sets_and_passages_are_trained_on_but_for_the_tenth(encoder_folder, files, tmp_path):
    paths = {}
    for name, row in (("contrasts", SET), ("passages", PASSAGE)):
        paths[name] = tmp_path / f"{name}.jsonl"
        paths[name].write_text("".join(json.dumps({"id": f"x-{n}", **row}) + "\n" for n in (9, 10)))
    config = {
        "init": str(encoder_folder),
        "max_length": 48,
        "loop": LOOP,
        "contrasts": {"repeat": 2},
        "passages": {"repeat": 3},
    }
    record = run(config, tmp_path / "out", articles=[files[0]], **paths)
    assert record["examples"] == {"contrasts": 42, "passages": 9}


def test_examples_made_by_rule_are_trained_on(encoder_folder, tmp_path):
    rows = [("the mayor is safe", "the mayor is that", label) for label in LABELS] * 4
    write_public(tmp_path / "data", [*rows, ("the mayor is safe", "the bridge", "not_entailment")])
    lexicon = tmp_path / "lexicon.json"
    empty = {"exclusive": {}, "synonyms": [], "hypernyms": [], "verb_forms": {}}
    lexicon.write_text(json.dumps({"antonyms": [["mayor", "bridge"]], **empty}))
    config = {
        "init": str(encoder_folder),
        "max_length": 32,
        "loop": LOOP,
        "negations": {"set/train": 5},
        "exchanges": {"set/train": 7},
    }
    record = run(config, tmp_path / "out", data=tmp_path / "data", lexicon=lexicon)
    assert record["examples"] == {"negations": 5, "exchanges": 7}
    with pytest.raises(ValueError, match="negations: give --lexicon"):
        run(config, tmp_path / "other", data=tmp_path / "data")


def test_open_claims_can_be_made_of_decided_ones(encoder_folder, tmp_path):
    rows = [
        ("mayor Lund said that", "mayor Lund is safe"),
        ("mayor Lund bought harbours from sailors", "harbours are dear"),
    ]
    labels = ("entailment", "contradiction")
    write_public(
        tmp_path / "data", [*((*row, label) for row in rows for label in labels), (*rows[0], "neutral")]
    )
    config = {
        "init": str(encoder_folder),
        "max_length": 32,
        "loop": LOOP,
        "sources": {"set/train": {"repeat": 1.0, "neutral": False}},
        "other_evidence": {"set/train": 9},
    }
    record = run(config, tmp_path / "out", data=tmp_path / "data")
    assert record["examples"] == {"set/train": 4, "other_evidence": 1}


def test_training_learns_its_examples(encoder_folder, tmp_path):
    write_public(tmp_path / "data", PUBLIC[:3])
    config = {
        "init": str(encoder_folder),
        "max_length": 32,
        "loop": {**LOOP, "learning_rate": 5e-3},
        "sources": {"set/train": {"repeat": 40.0}},
    }
    run(config, tmp_path / "out", data=tmp_path / "data")
    nli = NLI.from_pretrained(tmp_path / "out", dtype="float32")
    assert nli.predict([(p, h) for p, h, _ in PUBLIC[:3]]).argmax(1).tolist() == [0, 1, 2]
    assert nli.statement_format == "plain"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"sources": {"set/train": {"repeat": 1}}}, "the config names the source set/train: give --data"),
        (
            {"statements": {"repeat": 1, "neither": {"close": 1.0, "apart": 1.0}}},
            "the config asks for statements: give --articles, --pairs",
        ),
        ({"contrasts": {"repeat": 1}}, "give --contrasts, and --articles for their speakers"),
        ({"passages": {"repeat": 1}}, "give --passages"),
        ({"negations": {"set/train": 1}}, "are made of labelled pairs: give --data"),
    ],
)
def test_what_the_config_asks_for_must_be_given(encoder_folder, tmp_path, part, message):
    with pytest.raises(ValueError, match=message):
        run({"init": str(encoder_folder), "max_length": 32, **part}, tmp_path / "out")
