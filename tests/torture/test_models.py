"""Checkpoints are input too: nothing in one is run, and what is wrong with one is said."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import struct
import sys
import warnings

import numpy as np
import pytest

import claimcheck
from claimcheck import NLI, ModelError
from claimcheck.attribution import Attributor
from claimcheck.checkpoints import HASHES, packaged

LOADERS = {"attribution": Attributor.from_pretrained, "nli": NLI.from_pretrained}
ARTICLE = "Mayor Ada Holm said the bridge is safe. Per Lund denied the bridge is safe."


class Bomb:
    """Leaves a file behind if it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.fixture
def bomb(tmp_path):
    return pickle.dumps(Bomb(tmp_path / "went off"))


@pytest.fixture(params=LOADERS)
def checkpoint(request, tmp_path, nli_folder, attribution_folder):
    """Return the loader and a copy of a tiny checkpoint, without hashes, as a download would be."""
    source = {"nli": nli_folder, "attribution": attribution_folder}[request.param]
    return LOADERS[request.param], shutil.copytree(source, tmp_path / request.param)


def assert_refused(load, folder, tmp_path, match=None):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ModelError, match=match) as error:
            load(folder)
    assert str(folder) in str(error.value)
    assert not (tmp_path / "went off").exists()


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.pkl", "model.safetensors"])
def test_a_pickle_is_never_run(checkpoint, bomb, tmp_path, name):
    load, folder = checkpoint
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(bomb)
    assert_refused(load, folder, tmp_path)


def test_a_pickle_beside_the_weights_is_not_looked_at(checkpoint, bomb, tmp_path):
    load, folder = checkpoint
    for name in ("pytorch_model.bin", "training_args.bin", "optimizer.pt"):
        (folder / name).write_bytes(bomb)
    load(folder)
    assert not (tmp_path / "went off").exists()


def header(data):
    size = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def packed(head, body):
    text = json.dumps(head).encode()
    return struct.pack("<Q", len(text)) + text + body


def _oversized(data):
    return struct.pack("<Q", 2**62) + data[8:]


def _beyond(data):
    head, body = header(data)
    name = next(n for n in head if n != "__metadata__")
    head[name]["data_offsets"][1] += 2**40
    return packed(head, body)


def _overlapping(data):
    head, body = header(data)
    first, second = [n for n in head if n != "__metadata__"][:2]
    head[first]["data_offsets"] = head[second]["data_offsets"]
    return packed(head, body)


def _another_type(data):
    head, body = header(data)
    name = next(n for n in head if n != "__metadata__")
    head[name]["dtype"] = "F99"
    return packed(head, body)


def _another_shape(data):
    head, body = header(data)
    name = next(n for n in head if n != "__metadata__")
    head[name]["shape"] = [*head[name]["shape"][::-1], 1]
    return packed(head, body)


def _left_out(data):
    head, body = header(data)
    last = max((n for n in head if n != "__metadata__"), key=lambda n: head[n]["data_offsets"][1])
    begin = head.pop(last)["data_offsets"][0]
    return packed(head, body[:begin])


def _renamed(data):
    head, body = header(data)
    name = next(n for n in head if n != "__metadata__")
    head["__reduce__"] = head.pop(name)
    return packed(head, body)


DAMAGE = {
    "empty": lambda data: b"",
    "header cut": lambda data: data[:20],
    "half": lambda data: data[: len(data) // 2],
    "one byte short": lambda data: data[:-1],
    "one byte more": lambda data: data + b"\0",
    "oversized header": _oversized,
    "offsets beyond the file": _beyond,
    "overlapping tensors": _overlapping,
    "unknown type": _another_type,
    "another shape": _another_shape,
    "a tensor left out": _left_out,
    "a tensor renamed": _renamed,
    "no safetensors": lambda data: b"PK\x03\x04" + data,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damaged_weights_are_refused(checkpoint, tmp_path, damage):
    load, folder = checkpoint
    path = folder / "model.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    assert_refused(load, folder, tmp_path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_poisoned_weights_are_refused(checkpoint, tmp_path, value):
    """Weights that are no numbers give no probabilities: better found at load than in a million rows."""
    from safetensors.torch import load_file, save_file

    load, folder = checkpoint
    weights = load_file(folder / "model.safetensors")
    name = next(n for n, w in weights.items() if w.ndim == 2)
    weights[name][0, 0] = value
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert_refused(load, folder, tmp_path, "not finite")


def test_swapped_weights_are_refused(tmp_path, nli_folder, attribution_folder):
    for name, own, other in (
        ("nli", nli_folder, attribution_folder),
        ("attribution", attribution_folder, nli_folder),
    ):
        folder = shutil.copytree(own, tmp_path / name)
        shutil.copy(other / "model.safetensors", folder)
        assert_refused(LOADERS[name], folder, tmp_path)


@pytest.mark.parametrize("name", LOADERS)
def test_the_hashes_of_the_packaged_models_are_checked(name, tmp_path):
    folder = shutil.copytree(packaged(name), tmp_path / name)
    listed = [line.split("  ")[1] for line in (folder / HASHES).read_text().splitlines()]
    for file in listed:
        data = (folder / file).read_bytes()
        (folder / file).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(ModelError, match=rf"{re.escape(file)} has the SHA-256"):
            LOADERS[name](folder)
        (folder / file).write_bytes(data)


@pytest.mark.parametrize(
    "labels",
    [
        {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"},
        {"0": "yes", "1": "no", "2": "perhaps"},
        {"0": "entailment", "1": "entailment", "2": "contradiction"},
        {"0": "entailment", "1": "neutral"},
        {"0": "entailment", "1": "neutral", "2": "contradiction", "3": "other"},
        {"0": "entailment", "1": "neutral", "7": "contradiction"},
        {"a": "entailment", "b": "neutral", "c": "contradiction"},
        {"0": ["entailment"], "1": None, "2": 3},
        {},
        [],
        "entailment",
        None,
    ],
    ids=str,
)
def test_wrong_label_names_are_refused(nli_folder, tmp_path, labels):
    folder = shutil.copytree(nli_folder, tmp_path / "nli")
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = labels
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError):
        NLI.from_pretrained(folder)


SIZES = {
    "nli": ["hidden_size", "num_attention_heads", "vocab_size", "num_hidden_layers", "intermediate_size"],
    "attribution": ["hidden_size", "num_attention_heads", "vocab_size", "num_hidden_layers"],
}


@pytest.mark.parametrize("value", [0, -1, 3, "32", None, [], 1e9, 2**40], ids=str)
@pytest.mark.parametrize(("name", "field"), [(name, f) for name, fields in SIZES.items() for f in fields])
def test_a_config_that_does_not_fit_is_refused(name, field, value, tmp_path, nli_folder, attribution_folder):
    source = {"nli": nli_folder, "attribution": attribution_folder}[name]
    folder = shutil.copytree(source, tmp_path / name)
    config = json.loads((folder / "config.json").read_text())
    (config if name == "nli" else config["encoder"])[field] = value
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError):
        LOADERS[name](folder)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"null", b'{"version": "1.0", "model": {}}'])
def test_a_wrong_tokenizer_is_refused(checkpoint, tmp_path, content):
    load, folder = checkpoint
    (folder / "tokenizer.json").write_bytes(content)
    with pytest.raises(ModelError):
        load(folder)


def test_a_tokenizer_of_another_vocabulary_is_refused(checkpoint):
    """Ids beyond the embedding table would end a job in an IndexError, and a wrong piece in silence."""
    load, folder = checkpoint
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["gargantuan"] = max(vocabulary.values()) + 1000
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(ModelError, match="tokenizer"):
        load(folder)


def test_a_tokenizer_without_the_special_pieces_is_refused(checkpoint):
    load, folder = checkpoint
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    for piece in ("[PAD]", "[unused1]", "[SEP]"):
        vocabulary[piece[1:]] = vocabulary.pop(piece)
    tokenizer["added_tokens"] = []
    tokenizer["post_processor"] = None
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(ModelError):
        load(folder)


@pytest.mark.parametrize("trusted", [{"trust_remote_code": True}, {}], ids=["asks to be trusted", "plain"])
@pytest.mark.parametrize("model_type", ["bert", "evil"])
def test_no_code_of_a_checkpoint_is_run(nli_folder, tmp_path, trusted, model_type, no_network):
    folder = shutil.copytree(nli_folder, tmp_path / "nli")
    code = f"open({str(tmp_path / 'went off')!r}, 'w')\n"
    for module in ("configuration_evil", "modeling_evil", "tokenization_evil"):
        (folder / f"{module}.py").write_text(code)
    config = json.loads((folder / "config.json").read_text())
    config |= {
        **trusted,
        "model_type": model_type,
        "auto_map": {
            "AutoConfig": "configuration_evil.C",
            "AutoModelForSequenceClassification": "modeling_evil.M",
        },
    }
    (folder / "config.json").write_text(json.dumps(config))
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    tokenizer |= {**trusted, "auto_map": {"AutoTokenizer": [None, "tokenization_evil.T"]}}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    if model_type == "evil":
        with pytest.raises(ModelError):
            NLI.from_pretrained(folder)
    else:
        NLI.from_pretrained(folder)
    assert not (tmp_path / "went off").exists()
    assert not {"configuration_evil", "modeling_evil", "tokenization_evil"} & set(sys.modules)


@pytest.mark.parametrize(
    "decision", [b"", b"[]", b"{}", b'{"gate": 1, "alone": 2, "together": 3, "thresholds": 4}',
                 b'{"gate": {"next": "x"}, "alone": {}, "together": {}, "thresholds": {"gate": 0.1}}',
                 b'{"gate": {}, "alone": {}, "together": {"contradicts": {"next": 1}}, '
                 b'"thresholds": {"gate": 0.1, "contradicts": 0.5, "corroborates": 0.5}}',
                 b'{"gate": {"next": null, "intercept": NaN}, "alone": {}, "together": {}, '
                 b'"thresholds": {"gate": 0.1, "contradicts": 0.5, "corroborates": 0.5}}'],
)  # fmt: skip
def test_a_damaged_decision_is_refused(nli_folder, tmp_path, decision):
    folder = shutil.copytree(nli_folder, tmp_path / "nli")
    (folder / "relations.json").write_bytes(decision)
    with pytest.raises(ModelError, match=r"relations\.json"):
        NLI.from_pretrained(folder)


@pytest.mark.parametrize("head", [b"", b"PK\x03\x04", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_a_damaged_pair_head_is_refused(nli_folder, tmp_path, head):
    folder = shutil.copytree(nli_folder, tmp_path / "nli")
    (folder / "pair_head.safetensors").write_bytes(head)
    with pytest.raises(ModelError, match=r"pair_head\.safetensors is not a pair head"):
        NLI.from_pretrained(folder)


def test_no_socket_is_opened_from_loading_to_the_page(no_network):
    checker = claimcheck.load(dtype="float32")
    report = checker.check(ARTICLE)
    assert np.isfinite(checker.nli.predict([("a", "b")])).all()
    assert report.to_html()
    assert report.to_pandas().shape[0] == len(report.claims)
