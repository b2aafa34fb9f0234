"""Reading checkpoint folders: what is refused, and that the message names the file."""

import hashlib
import re
import shutil

import pytest

from claimcheck import checkpoints
from claimcheck.checkpoints import (
    HASHES,
    check_weights,
    packaged,
    read_json,
    read_weights,
    verify,
    write_hashes,
)
from claimcheck.errors import ModelError


@pytest.fixture
def folder(nli_folder, tmp_path):
    return shutil.copytree(nli_folder, tmp_path / "copy")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_verify_returns_the_hash_of_the_weights(folder):
    assert verify(folder) == sha256(folder / "model.safetensors")


def test_write_hashes_lists_what_code_reads(folder):
    (folder / "README.md").write_text("a card")
    write_hashes(folder)
    lines = (folder / HASHES).read_text().splitlines()
    names = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    assert lines == [f"{sha256(folder / name)}  {name}" for name in names]
    assert verify(folder) == sha256(folder / "model.safetensors")


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_changed_byte_is_found(folder, name):
    write_hashes(folder)
    data = bytearray((folder / name).read_bytes())
    data[-2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ModelError, match=rf"{re.escape(name)} has the SHA-256 [0-9a-f]{{12}}…, expected"):
        verify(folder)


def test_a_change_after_a_first_look_is_found(folder):
    write_hashes(folder)
    before = verify(folder)
    (folder / HASHES).unlink()
    with (folder / "model.safetensors").open("ab") as file:
        file.write(b"x")
    assert verify(folder) != before


def test_a_listed_file_that_is_missing_is_named(folder):
    write_hashes(folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"has no tokenizer\.json: reinstall claimcheck"):
        verify(folder)


@pytest.mark.parametrize("line", ["", "0123", "\ud7ff no", "0123 model.safetensors"])
def test_a_damaged_list_of_hashes_is_named(folder, line):
    (folder / HASHES).write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ModelError, match="SHA256SUMS has the line"):
        verify(folder)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ModelError, match=rf"^no checkpoint folder {re.escape(str(tmp_path / 'none'))}: give"):
        verify(tmp_path / "none")


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(ModelError, match=r"has no model\.safetensors$"):
        verify(tmp_path)


def test_pickled_weights_are_refused(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(
        ModelError, match=r"no model\.safetensors; pytorch_model\.bin is a pickle and is never"
    ):
        verify(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not valid JSON: "),
        ("", "is not valid JSON: "),
        ("[1]", "holds a list, expected a JSON object"),
        ("null", "holds a NoneType, expected a JSON object"),
        (b"\xff\xfe", "is not valid JSON: "),
    ],
)
def test_damaged_json_is_named(tmp_path, content, message):
    path = tmp_path / "config.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ModelError, match=rf"^{re.escape(str(path))} {message}"):
        read_json(path)


def test_missing_json_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"^checkpoint .* has no config\.json$"):
        read_json(tmp_path / "config.json")


@pytest.mark.parametrize("read", [check_weights, read_weights])
@pytest.mark.parametrize("keep", [0, 4, 100, -10])
def test_truncated_weights_are_named(folder, read, keep):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelError, match=rf"^{re.escape(str(path))} cannot be read: "):
        read(folder)


def test_read_weights_returns_the_tensors(folder):
    weights = read_weights(folder)
    assert tuple(weights["classifier.weight"].shape) == (3, 32)
    check_weights(folder)


def test_packaged_prefers_the_wheel_to_the_checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "__file__", str(tmp_path / "claimcheck" / "checkpoints.py"))
    checkout, wheel = tmp_path / "models" / "nli", tmp_path / "claimcheck" / "models" / "nli"
    with pytest.raises(ModelError, match="^the packaged model 'nli' is in none of .*: reinstall claimcheck"):
        packaged("nli")
    checkout.mkdir(parents=True)
    assert packaged("nli") == checkout
    wheel.mkdir(parents=True)
    assert packaged("nli") == wheel
