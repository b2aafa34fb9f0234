"""The training loop: its plan, and that a run that was cut off ends where an uninterrupted one does."""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import InputError
from claimcheck.training.loop import (
    BestWeights,
    LoopConfig,
    _parameter_groups,
    mean_loss,
    plan_batches,
    train,
)


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


# a held-out part


def scripted(*losses):
    """Return an evaluation that gives these losses in turn, and the weights that it saw."""
    given, seen = iter(losses), []

    def evaluate(model):
        assert not model.training
        assert not torch.is_grad_enabled()
        seen.append({name: value.clone() for name, value in model.state_dict().items()})
        return next(given)

    return evaluate, seen


def watched(folder, evaluate, model=None, **options):
    model = model or new_model()
    config = LoopConfig(**{**vars_of(CONFIG), "evaluate_every": 5, **options})
    record = train(model, BATCHES, collate, loss, config, folder, evaluate=evaluate)
    return dict(model.state_dict()), record


RUNS = {
    "falls-to-the-end": ([5, 4, 3, 2, 1], None, 4, 20, False),
    "rises-again": ([5, 2, 3, 4, 5], None, 1, 20, False),
    "patience": ([5, 2, 3, 4], 2, 1, 15, True),
    "patience-of-one": ([5, 6], 1, 0, 5, True),
    "patience-not-used-up": ([5, 6, 4, 6, 3], 2, 4, 20, False),
    "equal-losses": ([5, 2, 2, 2, 2], None, 1, 20, False),
    "start-is-best": ([1, 2, 3, 4, 5], None, 0, 20, False),
    "not-a-number": ([float("nan"), 2, 3, 4, 5], None, 1, 20, False),
}


@pytest.mark.parametrize(("losses", "patience", "best", "steps", "early"), RUNS.values(), ids=RUNS)
def test_the_best_weights_are_kept(tmp_path, losses, patience, best, steps, early):
    evaluate, seen = scripted(*losses)
    weights, record = watched(tmp_path, evaluate, patience=patience)
    assert len(seen) == len(losses)
    assert equal(weights, seen[best])
    assert (record["best_step"], record["steps"], record["stopped_early"]) == (5 * best, steps, early)
    assert [step for step, _ in record["held_out_losses"]] == [5 * k for k in range(len(losses))]


def test_looking_changes_nothing(tmp_path):
    plain, _ = run(tmp_path / "plain")
    evaluate, _ = scripted(5, 4, 3, 2, 1)
    assert equal(watched(tmp_path / "watched", evaluate)[0], plain)


@pytest.mark.parametrize("crash_at", [3, 9, 17])
def test_a_watched_run_that_was_cut_off_ends_where_an_uninterrupted_one_does(tmp_path, crash_at):
    held_out = mean_loss([[1, 2, 3], [4, 5]], collate, loss)
    whole, expected = watched(tmp_path / "whole", held_out)
    calls = []

    def crashing(model, batch):
        calls.append(1)
        if len(calls) > crash_at:
            raise KeyboardInterrupt
        return loss(model, batch)

    config = LoopConfig(**{**vars_of(CONFIG), "evaluate_every": 5})
    with pytest.raises(KeyboardInterrupt):
        train(new_model(), BATCHES, collate, crashing, config, tmp_path / "cut", evaluate=held_out)
    resumed, record = watched(tmp_path / "cut", held_out)
    assert equal(resumed, whole)
    assert record["held_out_losses"] == expected["held_out_losses"]


def test_a_checkpoint_of_other_data_is_refused(tmp_path):
    train(new_model(), BATCHES, collate, loss, CONFIG, tmp_path, key="mine")
    train(new_model(), BATCHES, collate, loss, CONFIG, tmp_path, key="mine")
    with pytest.raises(
        InputError, match="belongs to a run on other data or options: remove it or use another"
    ):
        train(new_model(), BATCHES, collate, loss, CONFIG, tmp_path, key="yours")


def test_the_held_out_loss_is_a_mean_over_examples():
    model = new_model().eval()
    expected = loss(model, collate(range(5))).item()
    assert mean_loss([[0, 1, 2], [3], [4]], collate, loss)(model) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(InputError, match="the held-out part is empty"):
        mean_loss([], collate, loss)


def test_no_patience_never_ends():
    watch = BestWeights(lambda model: 1.0, None)
    for step in range(5):
        watch.look(new_model(), step)
    assert not watch.over
