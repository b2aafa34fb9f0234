import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from claimcheck import NLI, InputError
from claimcheck.training.average import average


@pytest.fixture
def pair(nli_folder, tmp_path):
    """Two checkpoints; the second one's weights are shifted by two."""
    folders = [shutil.copytree(nli_folder, tmp_path / name) for name in ("first", "second")]
    state = load_file(folders[1] / "model.safetensors")
    save_file(
        {name: weight + 2 for name, weight in state.items()},
        folders[1] / "model.safetensors",
        {"format": "pt"},
    )
    for folder in folders:
        (folder / "training.json").write_text(json.dumps({"config": {"seed": folder.name}}))
        (folder / "SHA256SUMS").unlink(missing_ok=True)
    return folders


def test_the_mean_of_two_checkpoints_loads(pair, tmp_path):
    average(pair, tmp_path / "mean")
    first, mean = load_file(pair[0] / "model.safetensors"), load_file(tmp_path / "mean" / "model.safetensors")
    for name, weight in first.items():
        assert mean[name].dtype == torch.float16
        torch.testing.assert_close(mean[name].float(), weight.float() + 1, atol=2e-3, rtol=2e-3)
    assert NLI.from_pretrained(tmp_path / "mean").predict([("a", "b")]).shape == (1, 3)
    record = json.loads((tmp_path / "mean" / "training.json").read_text())
    assert record == {"config": {"seed": "second"}, "average_of": [{"config": {"seed": "first"}}]}


def test_one_checkpoint_is_refused(pair, tmp_path):
    with pytest.raises(InputError, match="1 checkpoints given, expected at least two"):
        average(pair[:1], tmp_path / "mean")


def test_checkpoints_of_another_shape_are_refused(pair, tmp_path):
    state = load_file(pair[1] / "model.safetensors")
    save_file(
        {name: weight[..., :1].clone() for name, weight in state.items()}, pair[1] / "model.safetensors"
    )
    with pytest.raises(InputError, match=r"second differ in name or shape from those in .*first"):
        average(pair, tmp_path / "mean")
