"""Finding checkpoints and reading them safely: safetensors only, hashes checked, errors that name the file."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimcheck.errors import ModelError

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

HASHES = "SHA256SUMS"
_PROCESS = os.getpid()  # that of the import: another one was forked off it


def _roots() -> tuple[Path, Path]:
    """Return where the shipped checkpoints lie in a wheel, and in a checkout."""
    here = Path(__file__).resolve().parent
    return here / "models", here.parent / "models"


def packaged(name: str) -> Path:
    """Return the folder of a shipped checkpoint, "attribution" or "nli".

    An installed wheel carries them inside the package; a checkout has them in ``models/`` beside it.

    Raises
    ------
    ModelError
        If neither is there.
    """
    candidates = [root / name for root in _roots()]
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise ModelError(
        f"the packaged model {name!r} is in none of {', '.join(map(str, candidates))}: reinstall claimcheck, "
        "or name a checkpoint folder"
    )


def pickled(
    model: Any, source: str | Path | None, options: Mapping[str, Any], state: Mapping[str, Any]
) -> tuple[Any, ...]:
    """Return what ``__reduce__`` of a model does: how to load its checkpoint again, and what was set since.

    A packaged checkpoint is found again wherever claimcheck is installed; another one by its path or hub name. A
    number type that "auto" stood for stays, on the same kind of device.

    Raises
    ------
    pickle.PicklingError
        If the model was not loaded from a checkpoint.
    """
    if source is None:
        raise pickle.PicklingError(
            f"this {type(model).__name__} was made of a model in memory: only one of from_pretrained can be pickled, "
            "as its checkpoint is loaded again"
        )
    found = model.device.type, str(model.dtype).removeprefix("torch.")
    return _reload, (type(model), _portable(source), dict(options), model.hash, found), dict(state)


def _portable(source: str | Path) -> tuple[str, str]:
    """Return whether a checkpoint is "packaged" or a "folder" or a "hub" model, and its name."""
    folder = Path(source)
    if not folder.is_dir():
        return "hub", str(source)
    folder = folder.resolve()
    if folder.parent in (root.resolve() for root in _roots()):
        return "packaged", folder.name
    return "folder", str(folder)


def _reload(
    kind: Any, place: tuple[str, str], options: Mapping[str, Any], digest: str | None, found: tuple[str, str]
) -> Any:
    """Load a pickled model's checkpoint.

    Raises
    ------
    ModelError
        If it is not there, or holds other weights than when it was pickled.
    """
    from claimcheck.engine import pick_device

    if os.getpid() != _PROCESS:
        _leave_threads_alone()
    where, name = place
    device, dtype = found
    if options["dtype"] == "auto" and pick_device(options["device"]).type == device:
        options = {**options, "dtype": dtype}
    model = kind.from_pretrained(packaged(name) if where == "packaged" else name, **options)
    if digest is not None and model.hash != digest:
        raise ModelError(
            f"{name} holds the weights {str(model.hash)[:12]}…, but those of the pickled model were {digest[:12]}…: "
            "pickle the model that is there now"
        )
    return model


def _leave_threads_alone() -> None:
    """Keep torch to one thread: in a process forked off one that has used several, it would wait for them forever."""
    import torch

    torch.set_num_threads(1)


def verify(folder: Path) -> str:
    """Check the files of ``folder`` against its SHA256SUMS and return the hash of its weights.

    A folder without SHA256SUMS is not a packaged one: only its weights are hashed.

    Raises
    ------
    ModelError
        If the folder or a file is missing, a hash differs, or SHA256SUMS itself cannot be read.
    """
    weights = folder / "model.safetensors"
    if not folder.is_dir():
        raise ModelError(
            f"no checkpoint folder {folder}: give the path of a folder with model.safetensors and config.json"
        )
    if not weights.is_file():
        pickled = next(folder.glob("*.bin"), None)
        hint = (
            f"; {pickled.name} is a pickle and is never loaded: convert it to safetensors" if pickled else ""
        )
        raise ModelError(f"checkpoint {folder} has no model.safetensors{hint}")
    found = {"model.safetensors": _sha256(weights)}
    listing = folder / HASHES
    if listing.is_file():
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            expected, _, name = line.partition("  ")
            if not name:
                raise ModelError(
                    f"{listing} has the line {line!r:.80}, expected a hash, two blanks and a name"
                )
            if not (folder / name).is_file():
                raise ModelError(f"checkpoint {folder} has no {name}: reinstall claimcheck")
            actual = found[name] if name in found else _sha256(folder / name)
            if actual != expected:
                raise ModelError(
                    f"{folder / name} has the SHA-256 {actual[:12]}…, expected {expected[:12]}…: it is damaged or "
                    "was changed; reinstall claimcheck, or remove SHA256SUMS if the change is yours"
                )
    return found["model.safetensors"]


def read_json(path: Path) -> dict[str, Any]:
    """Return a checkpoint's JSON file.

    Raises
    ------
    ModelError
        If it is missing or is not a JSON object.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ModelError(f"checkpoint {path.parent} has no {path.name}") from None
    except ValueError as error:
        raise ModelError(f"{path} is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise ModelError(f"{path} holds a {type(value).__name__}, expected a JSON object")
    return value


def read_weights(folder: Path) -> dict[str, torch.Tensor]:
    """Return the tensors of ``folder/model.safetensors``.

    Raises
    ------
    ModelError
        If the file cannot be read as safetensors, or holds NaN or infinity.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights: dict[str, torch.Tensor] = load_file(folder / "model.safetensors")
    except (SafetensorError, KeyError) as error:  # KeyError: a number type that torch does not have
        raise ModelError(f"{folder / 'model.safetensors'} cannot be read: {error}") from None
    check_finite(weights.items(), folder)
    return weights


def check_finite(weights: Iterable[tuple[str, torch.Tensor]], folder: str | Path) -> None:
    """Refuse weights of NaN or infinity, which would give no probabilities.

    Raises
    ------
    ModelError
        With the name of the first such tensor.
    """
    import torch

    for name, tensor in weights:
        # one number that is not finite makes the sum so; a sum is quicker than a look at each
        if tensor.is_floating_point() and not bool(tensor.sum(dtype=torch.float64).isfinite()):
            raise ModelError(f"the weights {name} in {folder} are not finite: the checkpoint is damaged")


def check_vocabulary(tokenizer: Tokenizer, folder: Path, size: int, needed: Iterable[str]) -> None:
    """Refuse a tokenizer that does not belong to a model with embeddings for ``size`` pieces.

    Raises
    ------
    ModelError
        If it lacks one of the pieces that are ``needed``, or has ids beyond the embeddings.
    """
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    missing = [piece for piece in needed if piece not in vocabulary]
    if missing:
        raise ModelError(f"the tokenizer in {folder} has no piece {missing[0]!r}: it is of another model")
    if max(vocabulary.values()) >= size:
        raise ModelError(
            f"the tokenizer in {folder} has the id {max(vocabulary.values())}, but the model only {size} pieces: it "
            "is of another model"
        )


def check_weights(folder: Path) -> None:
    """Read the header of ``folder/model.safetensors``, which says whether the file is whole.

    Raises
    ------
    ModelError
        If the file cannot be read as safetensors.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / "model.safetensors", "pt"):
            pass
    except SafetensorError as error:
        raise ModelError(f"{folder / 'model.safetensors'} cannot be read: {error}") from None


def read_tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer of ``folder/tokenizer.json``, without truncation, padding or special tokens in the text.

    Raises
    ------
    ModelError
        If the file is missing or cannot be read.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the tokenizers package raises bare Exception
        raise ModelError(f"{folder / 'tokenizer.json'} cannot be read: {error}") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True  # "[SEP]" in an article is text
    return tokenizer


def write_hashes(folder: Path) -> None:
    """Write SHA256SUMS for every other file of a checkpoint that code reads."""
    names = sorted(p.name for p in folder.iterdir() if p.suffix in {".safetensors", ".json", ".txt"})
    lines = [f"{_sha256(folder / name)}  {name}\n" for name in names]
    (folder / HASHES).write_text("".join(lines), encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
