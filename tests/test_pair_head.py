"""The head that looks at the claims of a pair apart."""

import numpy as np
import pytest
import torch

from claimcheck import ModelError, pair_head
from claimcheck.pair_head import LABELS, NAME, PairHead
from claimcheck.pairing import FEATURES, pair_features
from claimcheck.records import Claim

N, H, S = 8, 6, 4
CLAIMS = [Claim(f"c{n}", f"the weir number {n} leaks", speaker=f"Person {n % 3}") for n in range(N)]
NEAR = [(0, 1, 1), (0, 7, 7), (3, 4, 1)]
APART = [(i, j, None) for i, j, _ in NEAR]


@pytest.fixture
def head():
    torch.manual_seed(3)
    made = PairHead(H, S, size=5, hidden=7, networks=2)
    for name in ("vector", "state", "surface"):
        made.get_buffer(f"{name}_mean").uniform_(-1, 1)
        made.get_buffer(f"{name}_scale").uniform_(0.5, 2)
    made.attribution = "abc"
    return made.eval()


@pytest.fixture
def given():
    rng = np.random.default_rng(0)
    vectors, states = (rng.normal(size=(N, size)).astype(np.float32) for size in (H, S))
    return vectors, states


def chances(head, vectors, states, pairs):
    return head.chances(vectors, states, pairs, pair_features(CLAIMS, pairs))


def test_rows_are_probabilities(head, given):
    rows = chances(head, *given, NEAR)
    assert rows.shape == (len(NEAR), len(LABELS))
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-6)
    assert len(np.unique(rows.round(4), axis=0)) == len(NEAR)
    assert chances(head, *given, []).shape == (0, len(LABELS))


def test_the_networks_are_averaged(head, given):
    both = chances(head, *given, NEAR)
    networks = list(head.networks)
    alone = []
    for network in networks:
        head.networks = torch.nn.ModuleList([network])
        alone.append(chances(head, *given, NEAR))
    np.testing.assert_allclose(both, np.mean(alone, axis=0), atol=1e-6)


def test_only_claims_of_one_long_article_are_seen_in_it(head, given):
    vectors, states = given
    assert (abs(chances(head, vectors, states, NEAR) - chances(head, vectors, -states, NEAR)) > 1e-3).any()
    np.testing.assert_array_equal(
        chances(head, vectors, states, APART), chances(head, vectors, -states, APART)
    )


def test_a_state_of_zeros_is_an_unknown_one(head, given):
    vectors, states = given
    np.testing.assert_array_equal(
        chances(head, vectors, np.zeros_like(states), NEAR), chances(head, vectors, None, NEAR)
    )
    states[:2] = 0
    part = chances(head, vectors, states, NEAR)
    np.testing.assert_allclose(part[0], chances(head, vectors, None, NEAR)[0], atol=1e-6)
    np.testing.assert_allclose(part[2], chances(head, *given, NEAR)[2], atol=1e-6)


def test_a_pair_has_its_chances_whatever_stands_beside_it(head, given, monkeypatch):
    mixed = [NEAR[0], APART[1], NEAR[2], APART[0]]
    together = chances(head, *given, mixed)
    monkeypatch.setattr(pair_head, "BLOCK", 1)
    np.testing.assert_allclose(chances(head, *given, mixed), together, atol=1e-6)


def test_what_is_saved_is_loaded(head, given, tmp_path):
    head.save(tmp_path)
    loaded = PairHead.load(tmp_path, H)
    assert (loaded.attribution, loaded.state_size, len(loaded.networks)) == ("abc", S, 2)
    np.testing.assert_allclose(chances(loaded, *given, NEAR), chances(head, *given, NEAR), atol=2e-3)


def test_a_checkpoint_without_a_head_has_none(tmp_path):
    assert PairHead.load(tmp_path, H) is None


def test_vectors_of_another_size_are_refused(head, tmp_path):
    head.save(tmp_path)
    with pytest.raises(ModelError, match=f"{NAME} is not a pair head of this checkpoint"):
        PairHead.load(tmp_path, H + 1)


@pytest.mark.parametrize("keep", [0, 5, 200, -1])
def test_a_cut_file_is_refused(head, tmp_path, keep):
    head.save(tmp_path)
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole[:keep])
    with pytest.raises(ModelError, match=NAME):
        PairHead.load(tmp_path, H)


def test_a_weight_that_is_not_finite_is_refused(head, tmp_path):
    head.networks[1].output.bias.data[0] = float("nan")
    head.save(tmp_path)
    with pytest.raises(ModelError, match="the weights networks.1.output.bias in .* are not finite"):
        PairHead.load(tmp_path, H)


def test_a_file_of_other_tensors_is_refused(tmp_path):
    from safetensors.torch import save_file

    save_file({"state_mean": torch.zeros(S), "x": torch.zeros(len(FEATURES))}, tmp_path / NAME)
    with pytest.raises(ModelError, match="is not a pair head"):
        PairHead.load(tmp_path, H)
