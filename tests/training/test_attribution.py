"""Training the attribution model: what it is shown, and a whole small run."""

import itertools
import json
import random

import pytest
import tiny
import torch

from claimcheck.attribution import Attributor
from claimcheck.attribution.model import AttributionModel
from claimcheck.records import Document
from claimcheck.training.attribution import (
    Example,
    attribution_loss,
    build,
    cut_windows,
    make_example,
    run,
    window_labels,
)

TOKENIZER = tiny.raw_tokenizer()


def article(marked: str, id: str = "t1") -> dict:
    """Read [source] <cue> {content} groups, one attribution for each sentence that has a content."""
    text, opened = "", {}
    attributions: list[dict] = []
    current: dict = {"source": [], "cue": [], "content": []}
    names = {"]": ("[", "source"), ">": ("<", "cue"), "}": ("{", "content")}
    for char in marked:
        if char in "[<{":
            opened[char] = len(text)
        elif char in names:
            mark, role = names[char]
            current[role].append([opened[mark], len(text)])
        else:
            text += char
            if char == "." and current["content"]:
                attributions.append(current)
                current = {"source": [], "cue": [], "content": []}
    return {"id": id, "text": text, "attributions": attributions}


SMALL = article("[Mayor] <said> {the bridge}. “{Not safe},” [the minister] <told>. {That is}.")


def pieces(example, ranges):
    return [TOKENIZER.decode(example.encoding.ids[a:b].tolist()).replace(" ##", "") for a, b in ranges]


def test_make_example_turns_spans_into_pieces():
    example = make_example(SMALL, "news", TOKENIZER)
    shown = [
        {role: pieces(example, ranges) for role, ranges in roles.items()} for roles in example.attributions
    ]
    assert shown == [
        {"source": ["mayor"], "cue": ["said"], "content": ["the bridge"]},
        {"source": ["the minister"], "cue": ["told"], "content": ["not safe"]},
        {"source": [], "cue": [], "content": ["that is"]},
    ]
    assert [int(example.encoding.starts[f]) for f in example.firsts] == [0, 23, 54]
    assert example.convention == "news"


def test_attributions_without_content_are_left_out():
    empty = {
        "id": "t",
        "text": "Ada said.",
        "attributions": [{"source": [[0, 3]], "cue": [[4, 8]], "content": []}],
    }
    assert make_example(empty, "news", TOKENIZER).attributions == []


def test_window_labels():
    example = make_example(article("[Mayor] <said> {the bridge}. {Not safe}."), "news", TOKENIZER)
    # pieces: mayor said the bridge . not safe .
    anchors, positions, tables = window_labels(example, 0, 8)
    assert anchors == [0, 1, 0, 0, 0, 2, 0, 0]
    assert positions == [1, 5]
    assert tables == [[1, 2, 3, 3, 0, 0, 0, 0], [0, 0, 0, 0, 0, 3, 3, 0]]


def test_window_labels_are_those_of_the_window():
    example = make_example(article("[Mayor] <said> {the bridge}. {Not safe}."), "news", TOKENIZER)
    assert window_labels(example, 1, 4) == ([1, 0, 0], [0], [[2, 3, 3]])
    assert window_labels(example, 2, 5) == ([0, 0, 0], [], [])
    assert window_labels(example, 4, 7) == ([0, 2, 0], [1], [[0, 3, 3]])


def test_two_attributions_of_one_cue_share_its_anchor():
    example = make_example(article("<said> {the bridge}."), "news", TOKENIZER)
    twice = Example(example.encoding, example.firsts, example.attributions * 2, "news")
    assert window_labels(twice, 0, 4) == ([1, 0, 0, 0], [0], [[2, 3, 3, 0]])


LONG = article("[Mayor] <said> {the bridge}. " * 30)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("size", [7, 20, 33, 1000])
def test_windows_are_a_partition_at_sentences(seed, size):
    example = make_example(LONG, "news", TOKENIZER)
    cut = cut_windows(example, size, random.Random(seed))
    assert cut[0][0] == 0
    assert cut[-1][1] == len(example.encoding)
    assert all(a < b and b - a <= size for a, b in cut)
    assert all(b == c for (_, b), (c, _) in itertools.pairwise(cut))
    if size >= 20:  # a window that holds a whole sentence of five pieces ends with one
        assert all(end in {*example.firsts, len(example.encoding)} for _, end in cut)


def test_cuts_differ_between_repetitions():
    example = make_example(LONG, "news", TOKENIZER)
    rng = random.Random(0)
    assert len({tuple(cut_windows(example, 40, rng)) for _ in range(10)}) > 1


@pytest.mark.parametrize(("repeat", "copies"), [(0, 0), (0.5, 1), (1, 2), (2.5, 5)])
def test_build_repeats_articles(repeat, copies):
    articles = [article("<said> {the bridge}."), article("<told> {not safe}.")]
    built = build([("news", articles, repeat)], TOKENIZER, 100, random.Random(0))
    assert len(built) == copies


def test_build_keeps_conventions_apart():
    built = build([("news", [SMALL], 1), ("polnear", [SMALL], 2)], TOKENIZER, 100, random.Random(0))
    assert [example.convention for example, _, _ in built] == ["news", "polnear", "polnear"]


def test_loss_by_hand():
    """Uniform anchors and roles cost log 3 per piece, and a fifth of log 4 per piece and attribution."""

    class Uniform(AttributionModel):
        def __init__(self):
            torch.nn.Module.__init__(self)

        def encode(self, input_ids, attention_mask, features):
            return torch.zeros(*input_ids.shape, 2)

        def anchors(self, states):
            return torch.zeros(*states.shape[:2], 3)

        def roles(self, states, attention_mask, row, position):
            return torch.zeros(len(row), states.shape[1], 4)

    batch = {
        "input_ids": torch.zeros(1, 6, dtype=torch.long),
        "attention_mask": torch.ones(1, 6, dtype=torch.long),
        "features": torch.zeros(1, 6, 3, dtype=torch.long),
        "anchors": torch.tensor([[-1, -1, 0, 1, 2, -1]]),
        "row": torch.tensor([0, 0]),
        "position": torch.tensor([3, 4]),
        "roles": torch.tensor([[-1, -1, 1, 2, 3, -1], [-1, -1, 0, 0, 3, -1]]),
    }
    expected = (3 * torch.log(torch.tensor(3.0)) + 0.2 * 6 * torch.log(torch.tensor(4.0))) / 2
    assert attribution_loss(Uniform(), batch).item() == pytest.approx(expected.item(), abs=1e-5)
    none = {**batch, "row": torch.zeros(0, dtype=torch.long), "position": torch.zeros(0, dtype=torch.long)}
    assert attribution_loss(Uniform(), none).item() == pytest.approx(
        3 * torch.log(torch.tensor(3.0)).item(), abs=1e-5
    )


def test_loss_refuses_another_model():
    with pytest.raises(TypeError, match="expected an AttributionModel, got Linear"):
        attribution_loss(torch.nn.Linear(1, 1), {})


ARTICLES = [
    article("[Mayor] <said> {the bridge is safe}. [The minister] <denied> {that}.", "t1"),
    article("“{Not safe},” [the mayor] <said>. The bridge is. “{Safe},” <told> [the minister].", "t2"),
]


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setattr("claimcheck.training.loop.pick_device", lambda: torch.device("cpu"))


def config(encoder_folder, **loop):
    return {
        "init": str(encoder_folder),
        "head": {"head_size": 16, "window": 40, "overlap": 10},
        "loop": {"tokens_per_batch": 60, "learning_rate": 3e-3, "autocast": False, **loop},
    }


def test_a_run_writes_a_checkpoint_that_loads(encoder_folder, tmp_path, no_network):
    given = config(encoder_folder)
    record = run(given, [("news", ARTICLES, 2.0), ("polnear", ARTICLES, 1.0)], tmp_path)
    assert record["windows"] == 6
    assert record["steps"] >= 3
    attributor = Attributor.from_pretrained(tmp_path, threshold=0.0, dtype="float32")
    assert attributor.model.config.window == 40
    found = attributor.attribute(Document("d", ARTICLES[0]["text"]))
    assert all(s.end <= len(ARTICLES[0]["text"]) for a in found for s in a.content)
    assert json.loads((tmp_path / "training.json").read_text())["config"] == given
    assert Attributor.from_pretrained(tmp_path, convention="polnear").hash == attributor.hash


def test_a_run_goes_on_from_given_weights(encoder_folder, tmp_path):
    sources = [("news", ARTICLES, 1.0)]
    first, second = tmp_path / "first", tmp_path / "second"
    run(config(encoder_folder), sources, first)
    run({**config(encoder_folder, learning_rate=0.0), "weights": str(first)}, sources, second)
    assert (second / "model.safetensors").read_bytes() == (first / "model.safetensors").read_bytes()


def test_a_run_keeps_the_windows_and_thresholds_of_what_it_goes_on_from(encoder_folder, tmp_path):
    sources = [("news", ARTICLES, 1.0)]
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    thresholds = {"news": 0.2, "polnear": 0.7}
    run({**config(encoder_folder), "inference": {"window": 60, "thresholds": thresholds}}, sources, first)
    run({**config(encoder_folder), "weights": str(first)}, sources, second)
    run({**config(encoder_folder), "weights": str(first), "inference": {"window": 50}}, sources, third)
    kept, changed = (Attributor.from_pretrained(folder).model.config for folder in (second, third))
    assert (kept.window, kept.overlap, kept.thresholds) == (60, 10, thresholds)
    assert (changed.window, changed.thresholds) == (50, thresholds)


def test_training_learns_its_articles(encoder_folder, tmp_path):
    run(
        config(encoder_folder, learning_rate=1e-2, tokens_per_batch=80), [("news", ARTICLES, 500.0)], tmp_path
    )
    attributor = Attributor.from_pretrained(tmp_path, dtype="float32")
    for given in ARTICLES:
        found = attributor.attribute(Document("d", given["text"]))
        shown = [[s.of(given["text"]) for s in a.content] for a in found]
        assert shown == [[given["text"][a:b] for a, b in row["content"]] for row in given["attributions"]]
