"""Fitting the pair head."""

import json
import random
import shutil

import numpy as np
import pytest

from claimcheck import load
from claimcheck.attribution import Attributor
from claimcheck.checkpoints import verify
from claimcheck.nli import NLI
from claimcheck.pair_head import LABELS, NAME, PairHead
from claimcheck.pairing import FEATURES
from claimcheck.training import pairs
from claimcheck.training.pairs import Examples, fit_head, gather, training_groups

from .test_relations import ARTICLES


def examples(n, seed):
    """Two claims contradict each other where their first numbers have different signs, and are related where the states'
    first numbers have the same."""
    rng = np.random.default_rng(seed)
    vectors, states = rng.normal(size=(n, 8)).astype(np.float32), rng.normal(size=(n, 6)).astype(np.float32)
    first, second = rng.integers(0, n, (2, 20 * n))
    related = states[first, 0] * states[second, 0] > 0
    opposed = vectors[first, 0] * vectors[second, 0] < 0
    targets = np.where(related, np.where(opposed, 1, 2), 0)
    surface = np.zeros((len(first), len(FEATURES)))
    surface[:, FEATURES.index("next")] = 1
    return Examples(vectors, states, first, second, surface, targets)


def test_it_learns_what_vectors_and_states_tell(monkeypatch):
    monkeypatch.setattr(pairs, "NETWORKS", 1)
    head = fit_head(examples(300, 0), "abc", epochs=25)
    assert head.attribution == "abc"
    unseen = examples(200, 1)
    found = [(int(i), int(j), 1) for i, j in zip(unseen.first, unseen.second, strict=True)]
    right = (
        head.chances(unseen.vectors, unseen.states, found, unseen.surface).argmax(axis=1) == unseen.targets
    )
    assert right.mean() > 0.75
    alone = head.chances(unseen.vectors, None, found, unseen.surface)
    assert (
        alone.argmax(axis=1) == unseen.targets
    ).mean() < 0.65  # nothing but the states tells who is related


def test_texts_to_learn_from_are_long_with_states_and_loose_without():
    states = [np.full((8, 4), n + 1, dtype=np.float32) for n in range(5)]
    contrast = {
        "id": "c-1",
        "statement": "It is safe",
        "same": ["No danger"],
        "against": ["It is not"],
        "beside": ["It is new"],
    }
    groups, known = training_groups(ARTICLES[:5], states, [contrast], random.Random(0))
    assert all(np.array_equal(a, b) for a, b in zip(known[:5], states, strict=True))
    assert len(groups) == len(known) > 10
    assert all(found is None for found in known[5:])

    class Lengths:
        def encode(self, texts):
            return np.array([[len(text)] for text in texts], dtype=np.float32)

    made = gather(groups, known, Lengths(), 4)
    assert len(made.targets) == sum(len(found) for _, found, _ in groups)
    assert (made.states[made.first[~made.loose]] > 0).all()
    assert not made.states[made.first[made.loose]].any()
    assert made.loose.sum() == sum(len(found) for _, found, _ in groups[5:])
    third = sum(len(found) for _, found, _ in groups[:2])
    assert made.first[third] == len(groups[0][0]) + len(groups[1][0])
    assert set(made.targets) == set(range(len(LABELS)))


@pytest.fixture
def folder(nli_folder, tmp_path):
    made = tmp_path / "nli"
    shutil.copytree(nli_folder, made)
    (made / "training.json").write_text(json.dumps({"config": {"statements": {"held_out": ["t0"]}}}))
    return made


def test_a_head_goes_into_the_checkpoint_and_is_used(folder, attribution_folder, tmp_path, monkeypatch):
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES[:6]))
    monkeypatch.setattr(pairs, "EPOCHS", 1)
    monkeypatch.setattr(
        "sys.argv",
        ["pairs", "--nli", str(folder), "--attribution", str(attribution_folder), "--articles", str(path)],
    )
    pairs.main()
    verify(folder)
    assert NAME in (folder / "SHA256SUMS").read_text()
    nli, attributor = NLI.from_pretrained(folder), Attributor.from_pretrained(attribution_folder)
    assert isinstance(nli.pair_head, PairHead)
    assert nli.pair_head.attribution == attributor.hash
    checker = load(nli=folder, attribution=attribution_folder)
    assert checker.nli.pair_head is not None
    assert checker.check(ARTICLES[0]["text"]).claims
