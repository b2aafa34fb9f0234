"""The NLI cross-encoder: label order, batches, windows, and checkpoints that cannot be used."""

import json
import re
import shutil
import time

import numpy as np
import pytest
import tiny
from huggingface_hub.errors import HFValidationError, OfflineModeIsEnabled
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck import NLI, InputError, ModelError
from claimcheck.nli import LABELS, hub_problem, label_order

PAIRS = [
    ("The mayor said the bridge is safe.", "The bridge is not safe."),
    ("Nobody came.", "Ten people came to the old bridge and stayed."),
    ("x", "y"),
    ("The minister denied that.", "The minister said that."),
    ("", ""),
    ("Жили 42 naïve “quotes” — and so on", "…"),
]


@pytest.fixture(scope="module")
def nli(nli_folder):
    return NLI.from_pretrained(nli_folder, dtype="float32")


ORDERS = {
    "canonical": ({0: "entailment", 1: "neutral", 2: "contradiction"}, [0, 1, 2]),
    "mnli": ({0: "CONTRADICTION", 1: "NEUTRAL", 2: "ENTAILMENT"}, [2, 1, 0]),
    "rotated": ({0: "contradiction", 1: "entailment", 2: "neutral"}, [1, 2, 0]),
    "verbs": ({0: "Neutral", 1: "contradicts", 2: "entails"}, [2, 0, 1]),
    "unordered-keys": ({2: "entailment", 0: "neutral", 1: "contradiction"}, [2, 0, 1]),
    "string-keys": ({"0": "neutral", "1": "entailment", "2": "contradiction"}, [1, 0, 2]),
}


@pytest.mark.parametrize(("names", "expected"), ORDERS.values(), ids=ORDERS)
def test_label_order_is_read_from_the_names(names, expected):
    assert label_order(names) == expected


def test_label_map_names_what_the_checkpoint_does_not():
    names = {0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}
    label_map = {"LABEL_0": "contradiction", "LABEL_1": "entailment", "LABEL_2": "neutral"}
    assert label_order(names, label_map) == [1, 2, 0]


REFUSED = {
    "unnamed": ({0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}, "are not one each of entailment, neutral"),
    "two-way": ({0: "entailment", 1: "not_entailment"}, "are not one each of"),
    "one-unknown": ({0: "entailment", 1: "neutral", 2: "other"}, "are not one each of"),
    "four": ({0: "entailment", 1: "neutral", 2: "contradiction", 3: "none"}, "are not one each of"),
    "sentiment": ({0: "negative", 1: "positive"}, r"label_map=\{"),
    "nothing": ({}, "are not one each of"),
    "twice": ({0: "entailment", 1: "entails", 2: "neutral"}, "name 'entailment' twice"),
}


@pytest.mark.parametrize(("names", "message"), REFUSED.values(), ids=REFUSED)
def test_label_order_refuses(names, message):
    with pytest.raises(ModelError, match=message):
        label_order(names)


def test_an_incomplete_label_map_is_refused():
    with pytest.raises(ModelError, match="pass label_map="):
        label_order({0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}, {"LABEL_0": "entailment"})


def test_no_pairs_give_an_empty_array(nli):
    result = nli.predict([])
    assert result.shape == (0, 3)
    assert result.dtype == np.float32


def test_rows_are_probabilities_in_the_order_of_the_pairs(nli):
    result = nli.predict(PAIRS)
    assert result.shape == (len(PAIRS), 3)
    np.testing.assert_allclose(result.sum(1), 1, atol=1e-5)
    assert len({tuple(row) for row in result.round(4)}) == len(PAIRS)  # the tiny model tells them apart
    np.testing.assert_allclose(nli.predict(PAIRS[::-1]), result[::-1], atol=1e-5)


@pytest.mark.parametrize("batch_size", [None, 1, 2, 100])
def test_batched_equals_one_by_one(nli, batch_size):
    single = np.concatenate([nli.predict([pair]) for pair in PAIRS])
    np.testing.assert_allclose(nli.predict(PAIRS, batch_size=batch_size), single, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), max_size=5))
def test_any_text_gives_probabilities_that_do_not_depend_on_the_batch(nli, pairs):
    batch = nli.predict(pairs)
    assert batch.shape == (len(pairs), 3)
    for pair, row in zip(pairs, batch, strict=True):
        np.testing.assert_allclose(nli.predict([pair])[0], row, atol=1e-5)


def test_the_result_is_that_of_transformers(nli, nli_folder):
    import torch
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(nli_folder).eval()
    for pair, row in zip(PAIRS, nli.predict(PAIRS), strict=True):
        with torch.no_grad():
            expected = (
                model(**tiny.hf_tokenizer()(*[[text] for text in pair], return_tensors="pt"))
                .logits.softmax(-1)[0]
                .numpy()
            )
        np.testing.assert_allclose(row, expected, atol=1e-5)


def test_a_vector_is_the_mean_of_the_last_states(nli, nli_folder):
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(nli_folder).eval()
    texts = ["The bridge is safe.", "x", "", "The minister denied that the old bridge was safe."]
    for text, row in zip(texts, nli.encode(texts), strict=True):
        with torch.no_grad():
            states = model(**tiny.hf_tokenizer()(text, return_tensors="pt")).last_hidden_state
        np.testing.assert_allclose(row, states[0].mean(0).numpy(), atol=1e-5)


def test_vectors_do_not_depend_on_the_batch_and_equal_texts_share_one(nli, monkeypatch):
    texts = ["The bridge is safe.", "x", "The bridge is safe.", "The minister denied that." * 40]
    together = nli.encode(texts)
    monkeypatch.setattr(nli, "tokens_per_batch", 1)
    np.testing.assert_allclose(nli.encode(texts), together, atol=1e-5)
    np.testing.assert_array_equal(together[0], together[2])
    assert nli.encode([]).shape == (0, 32)


def test_only_bert_gives_vectors(tmp_path):
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    config = DistilBertConfig(
        vocab_size=len(tiny.vocabulary()), dim=8, n_layers=1, n_heads=1, hidden_dim=8, num_labels=3
    )
    config.id2label = dict(enumerate(LABELS))
    DistilBertForSequenceClassification(config).save_pretrained(tmp_path)
    tiny.hf_tokenizer().save_pretrained(tmp_path)
    with pytest.raises(InputError, match="needs a BERT classifier, this is a DistilBert"):
        NLI.from_pretrained(tmp_path).encode(["x"])


@pytest.mark.parametrize("kind", ["DistilBert", "Electra"])
def test_other_architectures_are_read_too(tmp_path, kind):
    import torch
    import transformers

    sizes = {"distilbert": {"dim": 32, "hidden_dim": 64, "n_layers": 1, "n_heads": 2}}
    config = getattr(transformers, f"{kind}Config")(
        vocab_size=len(tiny.vocabulary()),
        max_position_embeddings=64,
        id2label={0: "contradiction", 1: "entailment", 2: "neutral"},
        **sizes.get(
            kind.lower(),
            {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64},
        ),
    )
    torch.manual_seed(3)
    model = getattr(transformers, f"{kind}ForSequenceClassification")(config).eval()
    model.save_pretrained(tmp_path)
    tokenizer = tiny.hf_tokenizer()
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    tokenizer.save_pretrained(tmp_path)
    nli = NLI.from_pretrained(tmp_path, dtype="float32")
    with torch.no_grad():
        inputs = tokenizer(*PAIRS[0], return_tensors="pt")
        expected = model(**inputs).logits.softmax(-1)[0].numpy()[[1, 2, 0]]
    result = nli.predict(PAIRS)
    np.testing.assert_allclose(result[0], expected, atol=1e-5)
    np.testing.assert_allclose(np.concatenate([nli.predict([pair]) for pair in PAIRS]), result, atol=1e-5)


class Counting:
    """Stands in for the model and notes the size of each batch that it is given."""

    def __init__(self, model):
        self.model, self.sizes = model, []

    def __call__(self, **inputs):
        self.sizes.append(tuple(inputs["input_ids"].shape))
        return self.model(**inputs)


@pytest.fixture
def counting(nli, monkeypatch):
    counter = Counting(nli.model)
    monkeypatch.setattr(nli, "model", counter)
    return counter


def test_equal_pairs_are_computed_once(nli, counting):
    result = nli.predict([PAIRS[0], PAIRS[1], PAIRS[0], list(PAIRS[0]), PAIRS[1]])
    assert sum(rows for rows, _ in counting.sizes) == 2
    assert (result[0] == result[2]).all()
    assert (result[0] == result[3]).all()
    assert (result[1] == result[4]).all()


def test_batch_size_and_token_budget_bound_the_batches(nli, counting, monkeypatch):
    pairs = [(f"the bridge {n}", "safe") for n in range(7)]
    nli.predict(pairs, batch_size=3)
    assert [rows for rows, _ in counting.sizes] == [3, 3, 1]
    counting.sizes.clear()
    monkeypatch.setattr(nli, "tokens_per_batch", 20)
    nli.predict(pairs)
    assert [rows for rows, _ in counting.sizes] == [2, 2, 2, 1]  # 7 pieces each


def test_batches_hold_pairs_of_similar_length(nli, counting, monkeypatch):
    monkeypatch.setattr(nli, "tokens_per_batch", 48)
    nli.predict([("the " * words, "safe") for words in (1, 20, 2, 19)])
    assert counting.sizes == [(2, 24), (2, 6)]


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_size_that_is_not_positive_is_refused(nli, batch_size):
    with pytest.raises(InputError, match=f"^batch_size is {batch_size}, expected at least 1$"):
        nli.predict(PAIRS, batch_size=batch_size)


BAD_PAIRS = {
    "str": ("ab", r"pair 1 must be \(premise, hypothesis\), two str, not 'ab'"),
    "one": (("a",), "pair 1 must be"),
    "three": (("a", "b", "c"), r"not \('a', 'b', 'c'\)"),
    "none": (("a", None), r"not \('a', None\)"),
    "bytes": ((b"a", "b"), "pair 1 must be"),
    "number": (7, "not 7"),
    "surrogate": (("a\ud800", "b"), r"pair 1 holds a lone surrogate: \('a\\ud800', 'b'\)"),
}


@pytest.mark.parametrize(("pair", "message"), BAD_PAIRS.values(), ids=BAD_PAIRS)
def test_what_is_no_pair_is_refused_with_its_place(nli, pair, message):
    with pytest.raises(InputError, match=message):
        nli.predict([("a", "b"), pair])


def test_a_progress_bar_is_shown_only_on_request(nli, capsys):
    nli.predict(PAIRS)
    nli.predict(PAIRS, show_progress_bar=False)
    assert "NLI" not in capsys.readouterr().err
    nli.predict(PAIRS, show_progress_bar=True)
    assert "6/6" in capsys.readouterr().err


LONG = " ".join(["the mayor said that the minister denied that"] * 12)


def test_needs_windows_tells_long_pairs(nli):
    assert nli.needs_windows([]) == []
    assert nli.needs_windows([("x", "y"), (LONG, "x"), ("x", LONG), (LONG, LONG)]) == [
        False,
        True,
        True,
        True,
    ]
    fits = "the " * (nli.max_length - 4)
    assert nli.needs_windows([(fits, "x"), (f"{fits} the", "x")]) == [False, True]


@pytest.mark.parametrize("pair", [(LONG, "the bridge"), ("the bridge", LONG), (LONG, LONG)])
def test_windows_fit_the_model_and_cover_both_texts(nli, pair):
    owner, rows = nli._encode([pair])
    assert set(owner) == {0}
    assert len(rows) > 1
    assert all(len(row["input_ids"]) <= nli.max_length for row in rows)
    windows = nli._windows(*pair)
    for side, text in enumerate(pair):
        covered = np.zeros(len(text), dtype=bool)
        for window in windows:
            begin = -1
            while (begin := text.find(window[side], begin + 1)) >= 0:
                covered[begin : begin + len(window[side])] = True
        assert covered.all()
    assert len(windows) == len(rows)


def test_a_long_pair_has_the_result_of_its_most_decided_window(nli):
    windows = nli._windows(LONG + " the bridge is not safe", "the bridge")
    each = nli.predict(windows)
    expected = each[each[:, 1].argmin()]
    np.testing.assert_allclose(
        nli.predict([(LONG + " the bridge is not safe", "the bridge")])[0], expected, atol=1e-5
    )


def test_long_and_short_pairs_keep_their_order(nli):
    pairs = [PAIRS[0], (LONG, "x"), PAIRS[1], ("y", LONG), PAIRS[0]]
    single = np.concatenate([nli.predict([pair]) for pair in pairs])
    np.testing.assert_allclose(nli.predict(pairs), single, atol=1e-5)


def test_max_length_shortens_the_window(nli_folder):
    nli = NLI.from_pretrained(nli_folder, dtype="float32", max_length=16)
    assert nli.max_length == 16
    assert nli.needs_windows([("the " * 16, "x")]) == [True]
    assert all(len(row["input_ids"]) <= 16 for row in nli._encode([(LONG, LONG)])[1])
    assert NLI.from_pretrained(nli_folder, max_length=9999).max_length == 64


@pytest.mark.parametrize("length", [0, 3, -5])
def test_a_window_without_room_is_refused(nli_folder, length):
    with pytest.raises(InputError, match=f"^max_length is {length}, expected at least 8 tokens"):
        NLI.from_pretrained(nli_folder, max_length=length)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_permuted_labels_are_put_right(tmp_path, nli, order):
    """The same weights with their rows and names permuted give the same columns."""
    from safetensors.torch import load_file, save_file

    names = tuple(LABELS[k] for k in order)
    folder = tiny.save_nli(tmp_path / "nli", names)
    weights = load_file(folder / "model.safetensors")
    for name in ("classifier.weight", "classifier.bias"):
        weights[name] = weights[name][list(order)].contiguous()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    permuted = NLI.from_pretrained(folder, dtype="float32")
    assert [permuted.model.config.id2label[k] for k in permuted.order] == list(LABELS)
    np.testing.assert_allclose(permuted.predict(PAIRS), nli.predict(PAIRS), atol=1e-5)


def test_unnamed_labels_need_a_map(tmp_path):
    folder = tiny.save_nli(tmp_path / "nli", ("LABEL_0", "LABEL_1", "LABEL_2"))
    with pytest.raises(ModelError, match="LABEL_0"):
        NLI.from_pretrained(folder)
    label_map = dict(
        zip(("LABEL_0", "LABEL_1", "LABEL_2"), ("neutral", "contradiction", "entailment"), strict=True)
    )
    assert NLI.from_pretrained(folder, label_map=label_map).order == [2, 0, 1]


def test_two_way_checkpoints_are_refused(tmp_path):
    folder = tiny.save_nli(tmp_path / "nli", ("entailment", "not_entailment"))
    with pytest.raises(ModelError, match="not_entailment"):
        NLI.from_pretrained(folder)


def test_bfloat16_stays_close_to_float32(nli, nli_folder):
    half = NLI.from_pretrained(nli_folder, dtype="bfloat16")
    np.testing.assert_allclose(half.predict(PAIRS), nli.predict(PAIRS), atol=0.06)


def test_the_hash_is_that_of_the_weights(nli, nli_folder):
    import hashlib

    assert nli.hash == hashlib.sha256((nli_folder / "model.safetensors").read_bytes()).hexdigest()
    assert nli.statement_format == "plain"


def test_the_statement_format_is_read_from_the_config(tmp_path):
    assert (
        NLI.from_pretrained(tiny.save_nli(tmp_path, statement_format="framed")).statement_format == "framed"
    )


def test_loading_and_reading_touch_no_network(nli_folder, no_network):
    assert NLI.from_pretrained(nli_folder).predict(PAIRS).shape == (6, 3)


@pytest.fixture
def folder(nli_folder, tmp_path):
    return shutil.copytree(nli_folder, tmp_path / "copy")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_damaged_file_is_named(folder, name):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match=re.escape(name)):
        NLI.from_pretrained(folder)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match=re.escape(name)):
        NLI.from_pretrained(folder)


def test_a_missing_tokenizer_is_a_model_error(folder, no_network):
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=re.escape(str(folder))):
        NLI.from_pretrained(folder)


def test_a_pickle_is_never_loaded(folder):
    import torch

    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"pytorch_model\.bin is a pickle and is never loaded"):
        NLI.from_pretrained(folder)


def test_a_changed_packaged_file_is_refused(folder):
    from claimcheck.checkpoints import write_hashes

    write_hashes(folder)
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {"0": "neutral", "1": "entailment", "2": "contradiction"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"config\.json has the SHA-256"):
        NLI.from_pretrained(folder)


@pytest.mark.parametrize("model_type", ["claimcheck-attribution", "no-such-thing", None])
def test_another_kind_of_model_is_refused(folder, model_type):
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = model_type
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(
        ModelError, match=rf"^{re.escape(str(folder))} cannot be loaded as an NLI checkpoint: "
    ):
        NLI.from_pretrained(folder)


def test_an_encoder_without_a_trained_head_is_refused(encoder_folder, tmp_path):
    folder = shutil.copytree(encoder_folder, tmp_path / "copy")
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = dict(enumerate(LABELS))
    config["label2id"] = {name: k for k, name in enumerate(LABELS)}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"has no weights for classifier\.bias, classifier\.weight"):
        NLI.from_pretrained(folder)


@pytest.mark.parametrize("name", ["./none", "~/none-such", "/none/such"])
def test_a_path_that_is_not_there_is_not_looked_up_on_the_hub(name, no_network):
    with pytest.raises(ModelError, match="^no checkpoint folder .*: give the path of a folder"):
        NLI.from_pretrained(name)


class Unreachable:
    """A hub that cannot be reached; ``asked`` counts how often it was tried."""

    asked = 0

    def model_info(self, name, timeout):
        type(self).asked += 1
        raise OSError("Name or service not known")


def test_a_hub_that_cannot_be_reached_is_asked_once(monkeypatch, tmp_path, no_network, caplog):
    monkeypatch.setattr("huggingface_hub.HfApi", Unreachable)
    monkeypatch.setattr(Unreachable, "asked", 0)
    began = time.monotonic()
    with pytest.raises(
        ModelError,
        match=r"^some-org/some-nli cannot be loaded: it is no folder here, the hub cannot be reached \(Name or service not "
        r"known\), and it is not in the local cache: connect, or name a folder$",
    ):
        NLI.from_pretrained("some-org/some-nli")
    assert Unreachable.asked == 1
    assert time.monotonic() - began < 10
    assert "Retrying" not in caplog.text


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (OfflineModeIsEnabled("no"), "HF_HUB_OFFLINE is set"),
        (HFValidationError("no such name"), ""),
        (TimeoutError(), "TimeoutError"),
        (None, ""),
    ],
    ids=["offline", "name", "timeout", "answer"],
)
def test_what_keeps_the_hub_away_is_told(monkeypatch, error, problem):
    class Hub:
        def model_info(self, name, timeout):
            if error is not None:
                raise error

    monkeypatch.setattr("huggingface_hub.HfApi", Hub)
    assert hub_problem("some-org/some-nli") == problem


def test_a_file_is_no_checkpoint(tmp_path, no_network):
    (tmp_path / "model.bin").write_bytes(b"")
    with pytest.raises(ModelError, match="no checkpoint folder"):
        NLI.from_pretrained(tmp_path / "model.bin")
