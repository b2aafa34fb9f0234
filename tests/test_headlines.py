"""Headline and body: surface features, both rounds, and what is read."""

import json
import shutil

import numpy as np
import pytest
import tiny

import claimcheck
from claimcheck.errors import InputError, ModelError
from claimcheck.headlines import FEATURES, HARDLY, LABELS, SURFACE, Body, HeadlineModel, Prepared, surface

BODY = (
    "Ferry traffic stopped in Vestby on Monday. Police said the ferry Aurora hit the quay. Nobody was hurt, they said.\n"
    "Reports that the captain was drunk are false, the owner said. It reportedly sails again on Friday."
)


def features_of(headline, body=BODY):
    made = Body.of(body)
    return dict(zip(SURFACE, surface(headline, made, made.window(headline)), strict=True))


# stems of BODY: ferry (2 sentences), traff, stopp, vestb, monda, polic, auror, quay, nobod, hurt, …
SURFACES = {
    "all shared": ("Ferry hurt in Vestby", {"shared_body": 1, "shared_lead": 1, "shared_sentence": 2 / 3}),
    "half shared": ("Ferry sinks", {"shared_body": 0.5, "repeated": np.log(3)}),
    "none shared": ("Elections in Norland", {"shared_body": 0, "shared_pairs": 0, "repeated": 0}),
    "names": ("Aurora and Borealis collide", {"shared_names": 0.5}),
    "pairs": ("the ferry Aurora sank", {"shared_pairs": 2 / 3}),
    "doubt": ("Ferry allegedly sank, reports claim", {"headline_doubts": np.log(4), "headline_asks": 0}),
    "refutation": ("No, the captain is not drunk", {"headline_refutes": np.log(3), "refutes_alone": 0}),
    "only the body refutes": ("Captain drunk", {"refutes_alone": 1, "body_refutes": np.log(2)}),
    "question": ("Was it the captain?", {"headline_asks": 1}),
    "no stems": ("Oh no", {"no_stems": 1, "shared_body": 0}),
}


@pytest.mark.parametrize(("headline", "expected"), SURFACES.values(), ids=SURFACES)
def test_surface(headline, expected):
    found = features_of(headline)
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_an_empty_body():
    found = features_of("Ferry sinks", "")
    assert found["shared_body"] == found["shared_lead"] == found["body_length"] == 0


class Reader:
    """An NLI model that says contradiction where the premise says false, and counts what it is asked."""

    def __init__(self):
        self.pairs = []

    def predict(self, pairs):
        self.pairs += pairs
        return np.array([[0.1, 0.1, 0.8] if "false" in p else [0.8, 0.1, 0.1] for p, _ in pairs])


MODEL = HeadlineModel(
    {"shared_body": 10.0, "intercept": -5.0},
    {
        "agree": {"window_entailment": 1.0},
        "disagree": {"window_contradiction": 1.0},
        "discuss": {"intercept": -5.0},
    },
)
PAIRS = [
    ("Captain was drunk", BODY),
    ("Ferry stopped in Vestby", BODY.partition("Reports")[0]),
    ("Elections near", BODY),
]


def test_predict():
    nli = Reader()
    chances = MODEL.predict(PAIRS, nli)
    assert [LABELS[k] for k in chances.argmax(axis=1)] == ["disagree", "agree", "unrelated"]
    assert chances.sum(axis=1) == pytest.approx(1)
    assert chances[0, 3] == pytest.approx(1 / (1 + np.exp(5)))
    assert chances[0, 1] / chances[0, 0] == pytest.approx(8)  # exp(log 0.8 - log 0.1)
    assert chances[2, 3] > 1 - HARDLY
    assert {hypothesis for _, hypothesis in nli.pairs} == {"Captain was drunk", "Ferry stopped in Vestby"}


def test_no_pairs_and_nothing_to_read():
    nli = Reader()
    assert MODEL.predict([], nli).shape == (0, 4)
    assert MODEL.predict([("Elections near", "")], nli).argmax() == 3
    assert nli.pairs == []


def test_together_as_one_by_one():
    together = MODEL.predict(PAIRS, Reader())
    alone = np.vstack([MODEL.predict([pair], Reader()) for pair in PAIRS])
    np.testing.assert_allclose(together, alone)


def test_features_have_names():
    rows = Prepared.of(PAIRS).read([0, 2], Reader())
    assert rows.shape == (2, len(FEATURES))
    named = dict(zip(FEATURES, rows[0], strict=True))
    assert named["window_contradiction"] == pytest.approx(np.log(0.8))
    assert named["headline_asks"] == 0


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tiny.save_nli(tmp_path_factory.mktemp("nli") / "nli")
    weights = {"related": MODEL.related, "sides": MODEL.sides}
    (folder / "headlines.json").write_text(json.dumps(weights), encoding="utf-8")
    return folder


def test_a_checkpoint_with_weights(checkpoint):
    chances = claimcheck.headline_stances(PAIRS, nli=checkpoint)
    np.testing.assert_allclose(
        chances, MODEL.predict(PAIRS, claimcheck.NLI.from_pretrained(checkpoint)), atol=1e-6
    )
    assert chances[2].argmax() == 3


DAMAGED = {
    "none": (None, "has no headlines.json"),
    "no sides": ('{"related": {}}', "holds no weights for headlines: 'sides'"),
    "a label missing": (
        '{"related": {}, "sides": {"agree": {}}}',
        "holds no weights for headlines: 'disagree'",
    ),
    "infinite": (
        '{"related": {"x": Infinity}, "sides": {"agree": {}, "disagree": {}, "discuss": {}}}',
        "holds no weights for headlines: a weight is not finite",
    ),
    "text": (
        '{"related": {"x": "1"}, "sides": {"agree": {}, "disagree": {}, "discuss": {}}}',
        "must be real",
    ),
}


@pytest.mark.parametrize(("text", "message"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_weights(checkpoint, tmp_path, text, message):
    folder = shutil.copytree(checkpoint, tmp_path / "nli")
    (folder / "headlines.json").unlink()
    if text is not None:
        (folder / "headlines.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        claimcheck.headline_stances(PAIRS, nli=folder)


@pytest.mark.parametrize("pair", ["ab", ("a",), ("a", None)])
def test_refused_pairs(pair):
    with pytest.raises(InputError, match=r"pair 1 must be \(headline, body\), two str, not"):
        claimcheck.headline_stances([("a", "b"), pair])


def test_pairs_may_come_from_a_generator(checkpoint):
    given = [("Dam bursts", BODY), ("Dam holds", BODY)]
    np.testing.assert_array_equal(
        claimcheck.headline_stances(iter(given), nli=checkpoint),
        claimcheck.headline_stances(given, nli=checkpoint),
    )
