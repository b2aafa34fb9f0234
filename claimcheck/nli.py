"""Natural language inference: three-way probabilities for (premise, hypothesis) pairs from any checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from claimcheck.aggregation import Aggregation
from claimcheck.checkpoints import (
    check_finite,
    check_vocabulary,
    check_weights,
    packaged,
    pickled,
    read_json,
    read_tokenizer,
    read_weights,
    verify,
)
from claimcheck.decision import Decision
from claimcheck.engine import length_batches, pick_device, pick_dtype
from claimcheck.errors import InputError, ModelError
from claimcheck.records import lone_surrogate
from claimcheck.statements import StatementFormat

if TYPE_CHECKING:
    from claimcheck.pair_head import PairHead

LABELS = ("entailment", "neutral", "contradiction")
SHORTEST = 8  # tokens: three special ones, and some room for either text
WINDOW = (
    192  # tokens of a window of a long pair: models that saw shorter ones decide too readily on full ones
)
_STEMS = {"entail": 0, "neutral": 1, "contradict": 2}


def label_order(id2label: Mapping[int, str], label_map: Mapping[str, str] | None = None) -> list[int]:
    """Return, for each of LABELS, the output of the checkpoint that stands for it.

    Parameters
    ----------
    id2label
        The checkpoint's own names by output.
    label_map
        From those names to LABELS, where they do not speak for themselves.

    Raises
    ------
    ModelError
        If the names do not cover the three labels, one output each. Checkpoints order their labels differently:
        nothing is assumed.

    Examples
    --------
    >>> label_order({0: "CONTRADICTION", 1: "neutral", 2: "Entailment"})
    [2, 1, 0]
    >>> label_order({0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"},
    ...             {"LABEL_0": "entailment", "LABEL_1": "neutral", "LABEL_2": "contradiction"})
    [0, 1, 2]
    """
    found: dict[int, int] = {}
    if not isinstance(id2label, Mapping) or not all(
        str(index).isdecimal() and isinstance(name, str) for index, name in id2label.items()
    ):
        raise ModelError(f"id2label is {id2label!r:.80}, expected output numbers and their names")
    for index, name in id2label.items():
        meaning = (label_map or {}).get(name, name).lower()
        stems = [target for stem, target in _STEMS.items() if meaning.startswith(stem)]
        if len(stems) == 1:
            if stems[0] in found:
                raise ModelError(f"the labels {dict(id2label)} name {LABELS[stems[0]]!r} twice")
            found[stems[0]] = int(index)
    if sorted(found) != [0, 1, 2] or sorted(map(int, id2label)) != [0, 1, 2]:
        raise ModelError(
            f"the checkpoint's labels {dict(id2label)} are not one each of {', '.join(LABELS)}: pass "
            "label_map={'<its name>': 'entailment', …} if it is a three-way NLI model"
        )
    return [found[k] for k in range(len(LABELS))]


def is_plain_bert(config: Mapping[str, Any]) -> bool:
    """Return whether a ``config.json`` is of a BERT classifier that :mod:`claimcheck.bert` can run."""
    return (
        config.get("model_type") == "bert"
        and config.get("architectures") == ["BertForSequenceClassification"]
        and config.get("hidden_act", "gelu") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and isinstance(config.get("id2label"), dict)
    )


def load_bert(
    folder: Path, config: Mapping[str, Any], label_map: Mapping[str, str] | None = None
) -> tuple[Any, Any]:
    """Return the model and the tokenizer of a BERT classifier's folder, without transformers.

    Raises
    ------
    ModelError
        If the labels are not those of NLI, the weights do not fit the config, or the tokenizer is not BERT's.
    """
    from claimcheck.bert import BertClassifier, PairTokenizer, check_shapes

    weights = {name: w for name, w in read_weights(folder).items() if not name.endswith("position_ids")}
    label_order(config["id2label"], label_map)
    try:
        check_shapes(config, weights, "bert.")
        model = BertClassifier(config)
        model.load_state_dict(weights, assign=True)
    except (RuntimeError, KeyError, ValueError) as error:
        raise ModelError(f"the weights in {folder} do not fit its config.json: {error}") from None
    tokenizer = read_tokenizer(folder)
    check_vocabulary(tokenizer, folder, config["vocab_size"], ("[PAD]", "[CLS]", "[SEP]"))
    if tokenizer.num_special_tokens_to_add(True) != 3:
        raise ModelError(
            f"the tokenizer in {folder} puts {tokenizer.num_special_tokens_to_add(True)} special pieces around a pair, "
            "expected 3: it is not BERT's"
        )
    return model, PairTokenizer(tokenizer)


def hub_problem(name: str, *, timeout: float = 10.0) -> str:
    """Return why the Hugging Face hub cannot be asked for a model, in one line, or "" if it answers.

    One request without a retry. What the hub says of the model is no matter here: loading tells that better.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

    try:
        HfApi().model_info(name, timeout=timeout)
    except OfflineModeIsEnabled:
        return "HF_HUB_OFFLINE is set"
    except (HfHubHTTPError, HFValidationError):  # the hub has answered, or the name is none: loading says so
        return ""
    except Exception as error:  # of whichever HTTP library huggingface_hub uses
        return str(error) or type(error).__name__
    return ""


class NLI:
    """A three-way NLI cross-encoder.

    A pair longer than ``max_length`` is read in windows of at most 192 tokens; its result is that of the most decided
    window (the one with the lowest neutral probability), and :meth:`needs_windows` tells which pairs those are.

    Examples
    --------
    >>> from claimcheck.checkpoints import packaged
    >>> nli = NLI.from_pretrained(packaged("nli"))
    >>> LABELS[nli.predict([("Nobody was hurt.", "Two men were injured.")])[0].argmax()]
    'contradiction'
    """

    labels = LABELS

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        label_map: Mapping[str, str] | None = None,
        device: str = "auto",
        dtype: str = "auto",
        max_length: int | None = None,
        tokens_per_batch: int = 2048,
    ) -> None:
        self.order = label_order(model.config.id2label, label_map)
        self.device = pick_device(device)
        self.dtype = pick_dtype(dtype, self.device)
        self.model = model.to(self.device).eval()
        if hasattr(model, "set_matmul_dtype"):
            model.set_matmul_dtype(self.dtype)
        else:
            model.to(self.dtype)
        self.tokenizer = tokenizer
        positions = getattr(model.config, "max_position_embeddings", 512)
        offset = 2 if "roberta" in getattr(model.config, "model_type", "") else 0
        if max_length is not None and max_length < SHORTEST:
            raise InputError(f"max_length is {max_length}, expected at least {SHORTEST} tokens for a pair")
        self.max_length = min(max_length or 512, positions - offset)
        self.tokens_per_batch = tokens_per_batch
        self.statement_format: StatementFormat = getattr(model.config, "statement_format", "plain")
        self.decision = Decision()
        self.verification = Aggregation()
        self.pair_head: PairHead | None = None
        self.hash: str | None = None
        self._source: tuple[str | Path, dict[str, Any]] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        source, options = self._source or (None, {})
        names = ("decision", "verification", "statement_format", "tokens_per_batch")
        return pickled(self, source, options, {name: getattr(self, name) for name in names})

    @classmethod
    def from_pretrained(
        cls,
        path_or_name: str | Path,
        *,
        label_map: Mapping[str, str] | None = None,
        device: str = "auto",
        dtype: str = "auto",
        max_length: int | None = None,
    ) -> NLI:
        """Load a sequence-classification checkpoint: a folder, or the name of a model on the Hugging Face hub.

        Weights must be safetensors; ``trust_remote_code`` is never set. Only a hub name reaches the network; where the
        hub cannot be reached, what is in the local cache is used.

        Raises
        ------
        ModelError
            If the checkpoint is missing, damaged, has no safetensors, or its labels are not those of NLI.

        Examples
        --------
        >>> NLI.from_pretrained(packaged("nli"), dtype="float32").max_length
        512
        """
        folder = Path(path_or_name)
        local = folder.is_dir()
        if not local and (
            folder.is_absolute() or str(path_or_name).startswith((".", "~")) or folder.exists()
        ):
            raise ModelError(
                f"no checkpoint folder {folder}: give the path of a folder with model.safetensors and config.json"
            )
        digest = verify(folder) if local else None
        config: dict[str, Any] = {}
        if local:  # transformers' own errors do not always name the file
            config = read_json(folder / "config.json")
            if (folder / "tokenizer.json").exists():
                read_json(folder / "tokenizer.json")
            check_weights(folder)
        if is_plain_bert(config) and (folder / "tokenizer.json").exists():
            model, tokenizer = load_bert(folder, config, label_map)
        else:
            model, tokenizer = cls._load_with_transformers(path_or_name, local)
        options: dict[str, Any] = {
            "label_map": label_map,
            "device": device,
            "dtype": dtype,
            "max_length": max_length,
        }
        nli = cls(model, tokenizer, **options)
        nli._source = path_or_name, options
        nli.hash = digest
        if local:
            nli.decision = Decision.load(folder)
            nli.verification = Aggregation.load(folder)
            if hasattr(model, "mean_states"):
                from claimcheck.pair_head import PairHead

                nli.pair_head = PairHead.load(folder, config["hidden_size"])
            if nli.decision.looks_apart and nli.pair_head is None:
                raise ModelError(
                    f"the decision of {folder} weighs what a pair head says, and there is no pair_head.safetensors: "
                    "reinstall claimcheck, or remove relations.json"
                )
        return nli

    @staticmethod
    def _load_with_transformers(path_or_name: str | Path, local: bool) -> tuple[Any, Any]:
        """Return model and tokenizer of any sequence-classification checkpoint."""
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
        from transformers.utils import logging as transformers_logging

        offline = "" if local else hub_problem(str(path_or_name))
        local = local or bool(offline)  # no retries: one look tells
        bars = transformers_logging.is_progress_bar_enabled()
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            tokenizer = AutoTokenizer.from_pretrained(path_or_name, local_files_only=local)
            model, info = AutoModelForSequenceClassification.from_pretrained(
                path_or_name,
                local_files_only=local,
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
            )
        except Exception as error:  # transformers raises OSError, ValueError, KeyError and safetensors' own
            if offline:
                raise ModelError(
                    f"{path_or_name!s} cannot be loaded: it is no folder here, the hub cannot be reached ({offline}), and "
                    "it is not in the local cache: connect, or name a folder"
                ) from error
            raise ModelError(f"{path_or_name!s} cannot be loaded as an NLI checkpoint: {error}") from error
        finally:
            if bars:
                transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
        check_finite(model.named_parameters(), path_or_name)
        if info["missing_keys"]:
            raise ModelError(
                f"{path_or_name!s} has no weights for {', '.join(sorted(info['missing_keys'])[:3])}: expected a checkpoint "
                "that was trained for sequence classification"
            )
        return model, tokenizer

    def predict(
        self,
        pairs: Iterable[tuple[str, str]],
        *,
        batch_size: int | None = None,
        show_progress_bar: bool | None = None,
    ) -> npt.NDArray[np.float32]:
        """Return the probabilities (n, 3) of entailment, neutral and contradiction, in this order.

        Equal pairs are computed once; batches hold pairs of similar length.

        Parameters
        ----------
        pairs
            (premise, hypothesis) tuples. No pairs give an array of shape (0, 3).
        batch_size
            At most so many pairs at a time; default: as many as fit 2,048 tokens.
        show_progress_bar
            True or False; default: never.

        Raises
        ------
        InputError
            If an item is not a pair of ``str``, a text holds a lone surrogate, or ``batch_size`` is not positive.

        Examples
        --------
        >>> nli.predict([("Two men slept.", "Two men were asleep."), ("Nobody was hurt.", "Two men were injured.")]).argmax(-1)
        array([0, 2])
        """
        import torch
        from tqdm import tqdm

        if batch_size is not None and batch_size < 1:
            raise InputError(f"batch_size is {batch_size}, expected at least 1")
        given = list(pairs)
        for n, pair in enumerate(given):
            if not (
                isinstance(pair, tuple | list) and len(pair) == 2 and all(isinstance(t, str) for t in pair)
            ):
                raise InputError(f"pair {n} must be (premise, hypothesis), two str, not {pair!r:.80}")
        unique: dict[tuple[str, str], int] = {}
        index = [unique.setdefault((p, h), len(unique)) for p, h in given]
        texts = {text for pair in unique for text in pair}
        broken = {text for text in texts if lone_surrogate(text) is not None}
        for n, (premise, hypothesis) in enumerate(given if broken else ()):
            if premise in broken or hypothesis in broken:
                raise InputError(f"pair {n} holds a lone surrogate: {given[n]!r:.80}: repair the text first")
        owner, encoded = self._encode(list(unique))
        lengths = [len(row["input_ids"]) for row in encoded]
        result = np.zeros((len(encoded), len(LABELS)), dtype=np.float32)
        progress = tqdm(total=len(encoded), disable=not show_progress_bar, unit="pair", desc="NLI")
        with torch.inference_mode(), progress:
            for batch in length_batches(lengths, self.tokens_per_batch):
                step = batch_size or len(batch)
                for at in range(0, len(batch), step):
                    rows = batch[at : at + step]
                    inputs = self.tokenizer.pad([encoded[i] for i in rows], return_tensors="pt").to(
                        self.device
                    )
                    logits = self.model(**inputs).logits.float()
                    result[rows] = logits.softmax(-1)[:, self.order].cpu().numpy()
                    progress.update(len(rows))
        best = np.full(len(unique), -1, dtype=np.int64)
        for row, k in enumerate(owner):
            if best[k] < 0 or result[row, 1] < result[best[k], 1]:
                best[k] = row
        chosen: npt.NDArray[np.float32] = result[best[index]] if given else result
        return chosen

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return a vector (n, H) of each text: the mean of the last layer's states.

        Equal texts are computed once; of a long text the first ``max_length`` tokens are read.

        Raises
        ------
        InputError
            If the checkpoint is no BERT classifier, ``texts`` are not several ``str``, or one holds a lone surrogate.

        Examples
        --------
        >>> nli.encode(["It leaks.", "It holds."]).shape
        (2, 384)
        """
        import torch

        if not hasattr(self.model, "mean_states"):
            raise InputError(
                f"encode() needs a BERT classifier, this is a {type(self.model).__name__}: use predict()"
            )
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise InputError(f"texts is {texts!r:.80}, expected a list of str")
        unique = list(dict.fromkeys(texts))
        for text in unique:
            if lone_surrogate(text) is not None:
                raise InputError(f"{text!r:.80} holds a lone surrogate: repair the text first")
        raw = self.tokenizer(unique, truncation=True, max_length=self.max_length)
        lengths = [len(ids) for ids in raw["input_ids"]]
        result = np.zeros((len(unique), self.model.config.hidden_size), dtype=np.float32)
        with torch.inference_mode():
            for rows in length_batches(lengths, self.tokens_per_batch):
                given = [{name: raw[name][row] for name in raw} for row in rows]
                inputs = self.tokenizer.pad(given, return_tensors="pt").to(self.device)
                result[rows] = self.model.mean_states(**inputs).float().cpu().numpy()
        place = {text: n for n, text in enumerate(unique)}
        vectors: npt.NDArray[np.float32] = result[[place[text] for text in texts]]
        return vectors

    def needs_windows(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """Return which pairs are longer than the model's window and are read in several.

        Examples
        --------
        >>> nli.needs_windows([("It leaks.", "It holds."), ("It leaks. " * 300, "It holds.")])
        [False, True]
        """
        owner, _ = self._encode(pairs)
        counts = np.bincount(owner, minlength=len(pairs)) if owner else np.zeros(len(pairs))
        return [bool(count > 1) for count in counts]

    def _encode(self, pairs: Sequence[tuple[str, str]]) -> tuple[list[int], list[dict[str, list[int]]]]:
        """Return the model inputs of each pair's windows, and which pair each belongs to."""
        if not pairs:
            return [], []
        raw = self.tokenizer([p for p, _ in pairs], [h for _, h in pairs], truncation=False, verbose=False)
        owner: list[int] = []
        encoded: list[dict[str, list[int]]] = []
        for n, (premise, hypothesis) in enumerate(pairs):
            if len(raw["input_ids"][n]) <= self.max_length:
                owner.append(n)
                encoded.append({name: raw[name][n] for name in raw})
                continue
            for p, h in self._windows(premise, hypothesis):
                row = self.tokenizer(p, h, truncation=True, max_length=self.max_length)
                owner.append(n)
                encoded.append({name: row[name] for name in row})
        return owner, encoded

    def _windows(self, premise: str, hypothesis: str) -> list[tuple[str, str]]:
        """Cut both texts so that every combination fits a window; a hypothesis gets at most half of it."""
        room = min(self.max_length, WINDOW) - self.tokenizer.num_special_tokens_to_add(pair=True)
        hypotheses = self._cut(hypothesis, room // 2)
        longest = max(len(self.tokenizer(h, add_special_tokens=False)["input_ids"]) for h in hypotheses)
        return [(p, h) for h in hypotheses for p in self._cut(premise, room - min(longest, room // 2))]

    def _cut(self, text: str, size: int) -> list[str]:
        """Cut a text into pieces of at most ``size`` tokens that overlap by a quarter."""
        offsets = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)[
            "offset_mapping"
        ]
        if len(offsets) <= size:
            return [text]
        step = max(1, size - size // 4)
        starts = range(0, len(offsets) - size // 4, step)
        return [text[offsets[s][0] : offsets[min(s + size, len(offsets)) - 1][1]] for s in starts]


def shared(nli: Any = None) -> Any:
    """Return the NLI model to use where none is at hand: the packaged one by default, loaded once.

    ``nli`` is None, a folder or hub name, or an object with ``predict``, which is returned as it is.

    Raises
    ------
    InputError
        If it is none of these.
    ModelError
        If the checkpoint cannot be loaded.
    """
    if nli is None or isinstance(nli, str | Path):
        return _loaded(str(packaged("nli") if nli is None else nli))
    if not callable(getattr(nli, "predict", None)):
        raise InputError(
            f"nli is {nli!r:.60}, expected a checkpoint, or an object with predict(pairs) such as checker.nli"
        )
    return nli


@cache
def _loaded(path_or_name: str) -> NLI:
    return NLI.from_pretrained(path_or_name)
