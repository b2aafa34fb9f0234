"""Devices, number types, and batches by length."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from claimcheck import engine
from claimcheck.engine import DTYPES, length_batches, pick_device, pick_dtype
from claimcheck.errors import InputError

BATCHES = {
    "nothing": ([], 10, []),
    "one": ([5], 10, [[0]]),
    "longest-first": ([3, 9, 4], 10, [[1], [2, 0]]),
    "equal-lengths-keep-order": ([2, 2, 2, 2], 4, [[0, 1], [2, 3]]),
    "just-fits": ([5, 5], 10, [[0, 1]]),
    "just-does-not-fit": ([5, 5], 9, [[0], [1]]),
    "longer-than-the-budget": ([50, 1, 60], 10, [[2], [0], [1]]),
    "padding-counts": ([6, 1, 1], 12, [[0, 1], [2]]),
}


@pytest.mark.parametrize(("lengths", "budget", "expected"), BATCHES.values(), ids=BATCHES)
def test_length_batches(lengths, budget, expected):
    assert list(length_batches(lengths, budget)) == expected


@given(st.lists(st.integers(1, 400), max_size=60), st.integers(1, 2000))
def test_length_batches_hold_every_index_once_within_the_budget(lengths, budget):
    batches = list(length_batches(lengths, budget))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(lengths[i] for i in batch) * len(batch) <= budget
    flat = [lengths[i] for batch in batches for i in batch]
    assert flat == sorted(flat, reverse=True)


def test_auto_device_is_cuda_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device() == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("auto") == torch.device("cuda")


def test_a_named_device_is_taken():
    assert pick_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["bogus", "", "cpu:x", "cuda:99"])
def test_a_device_that_is_not_there_is_refused_with_its_name(name):
    with pytest.raises(InputError, match=rf"^device '{name}' cannot be used here: \S"):
        pick_device(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("float32", torch.float32), ("bfloat16", torch.bfloat16), ("float16", torch.float16)],
)
def test_a_named_dtype_is_taken(name, expected):
    assert pick_dtype(name, torch.device("cpu")) == expected


def test_an_unknown_dtype_is_refused():
    with pytest.raises(InputError, match="^dtype 'int8' is not one of auto, float32, bfloat16, float16$"):
        pick_dtype("int8", torch.device("cpu"))
    assert DTYPES == ("auto", "float32", "bfloat16", "float16")


@pytest.mark.parametrize(
    ("avx512", "faster", "amx", "expected"),
    [
        (False, True, False, torch.float32),
        (True, True, False, torch.bfloat16),
        (True, False, False, torch.float32),
        (False, False, True, torch.bfloat16),
    ],
)
def test_auto_dtype_follows_the_processor(monkeypatch, avx512, faster, amx, expected):
    monkeypatch.setattr(engine, "_bfloat16_is_faster", lambda: faster)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx, raising=False)
    assert pick_dtype("auto", torch.device("cpu")) == expected


def test_auto_dtype_is_float32_on_other_devices():
    assert pick_dtype("auto", torch.device("meta")) == torch.float32
