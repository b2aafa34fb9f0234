"""The training loop: its plan, and that a run that was cut off ends where an uninterrupted one does."""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.training.loop import LoopConfig, _parameter_groups, plan_batches, train


@given(
    st.lists(st.integers(1, 300), max_size=80), st.integers(1, 1000), st.integers(0, 5), st.integers(1, 40)
)
def test_a_plan_holds_every_example_once_within_the_budget(lengths, budget, seed, pool):
    batches = plan_batches(lengths, budget, seed, pool)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert all(batches)
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget


def test_a_plan_depends_on_its_seed_alone():
    lengths = [n % 17 + 1 for n in range(200)]
    assert plan_batches(lengths, 60, seed=1) == plan_batches(list(lengths), 60, seed=1)
    assert plan_batches(lengths, 60, seed=1) != plan_batches(lengths, 60, seed=2)


def test_batches_hold_examples_of_similar_length():
    lengths = [1, 100] * 50
    for batch in plan_batches(lengths, 200, seed=3):
        assert len({lengths[i] for i in batch}) == 1 or len(batch) <= 2


def test_an_empty_plan_is_empty():
    assert plan_batches([], 100, seed=0) == []


INPUTS = torch.linspace(-1, 1, 60).reshape(20, 3)
TARGETS = (INPUTS @ torch.tensor([1.0, -2.0, 0.5])).unsqueeze(1)


def new_model():
    torch.manual_seed(5)
    return torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Dropout(0.3), torch.nn.Linear(8, 1))


def collate(indices):
    return {"input_ids": INPUTS[list(indices)], "target": TARGETS[list(indices)]}


def loss(model, batch):
    return torch.nn.functional.mse_loss(model(batch["input_ids"]), batch["target"])


BATCHES = [[k, (k + 7) % 20] for k in range(20)]
CONFIG = LoopConfig(learning_rate=0.05, checkpoint_every=4, log_every=5, autocast=False, seed=3)


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setattr("claimcheck.training.loop.pick_device", lambda: torch.device("cpu"))


def run(folder, config=CONFIG, batches=BATCHES, loss=loss):
    model = new_model()
    record = train(model, batches, collate, loss, config, folder)
    return {name: value.clone() for name, value in model.state_dict().items()}, record


def equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_training_lowers_the_loss(tmp_path):
    everything = collate(range(20))
    model = new_model()
    before = loss(model.eval(), everything).item()
    train(model, BATCHES * 4, collate, loss, CONFIG, tmp_path)
    assert loss(model, everything).item() < before / 5


def test_the_same_run_twice_is_the_same(tmp_path):
    assert equal(run(tmp_path / "a")[0], run(tmp_path / "b")[0])


@pytest.mark.parametrize("crash_at", [1, 4, 6, 19])
def test_a_run_that_was_cut_off_ends_where_an_uninterrupted_one_does(tmp_path, crash_at):
    whole, _ = run(tmp_path / "whole")
    calls = []

    def crashing(model, batch):
        calls.append(1)
        if len(calls) > crash_at:
            raise KeyboardInterrupt
        return loss(model, batch)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", loss=crashing)
    assert (tmp_path / "cut" / "checkpoint.pt").exists() == (crash_at >= 4)
    resumed, _ = run(tmp_path / "cut")
    assert equal(resumed, whole)


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    whole, record = run(tmp_path / "whole")
    assert record["steps"] == 20
    stopped, record = run(tmp_path / "parts", LoopConfig(**{**vars_of(CONFIG), "stop_at": 9}))
    assert record["steps"] == 9
    assert not equal(stopped, whole)
    assert torch.load(tmp_path / "parts" / "checkpoint.pt", weights_only=True)["step"] == 8
    resumed, _ = run(tmp_path / "parts")
    assert equal(resumed, whole)


def vars_of(config):
    return {name: getattr(config, name) for name in config.__dataclass_fields__}


def test_a_checkpoint_of_another_plan_is_refused(tmp_path):
    run(tmp_path)
    with pytest.raises(
        ValueError, match="belongs to a run of 20 steps, this one has 12: remove it or use another --out"
    ):
        run(tmp_path, batches=BATCHES[:12])


def test_log_and_record_tell_what_happened(tmp_path):
    _, record = run(tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [5, 10, 15, 20]
    assert {row["steps"] for row in rows} == {20}
    assert record["tokens"] == 20 * 2 * 3
    assert record["device"] == "cpu"


def test_the_model_is_left_ready_for_use(tmp_path):
    model = new_model()
    train(model, BATCHES[:2], collate, loss, CONFIG, tmp_path)
    assert not model.training


def test_matrices_decay_and_the_head_has_its_own_rate():
    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = torch.nn.Linear(2, 2)
            self.head = torch.nn.Linear(2, 2)
            self.frozen = torch.nn.Linear(2, 2).requires_grad_(False)

    model = Model()
    groups = _parameter_groups(
        model, LoopConfig(learning_rate=1e-4, head_learning_rate=1e-3, weight_decay=0.1)
    )
    found = {id(p): (g["weight_decay"], g["lr"]) for g in groups for p in g["params"]}
    assert found == {
        id(model.encoder.weight): (0.1, 1e-4),
        id(model.encoder.bias): (0.0, 1e-4),
        id(model.head.weight): (0.1, 1e-3),
        id(model.head.bias): (0.0, 1e-3),
    }
