"""BERT encoders without the import of transformers, which takes longer than checking an article.

The parameters have the names of transformers' ``BertModel`` and ``BertForSequenceClassification`` (Devlin et al., NAACL
2019), so the same safetensors load into both; tests compare the outputs. Any other kind of model goes through
transformers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import gelu, linear, scaled_dot_product_attention

from claimcheck.errors import ModelError

DEFAULTS = {
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
}  # transformers' own
LARGEST = {
    "vocab_size": 2**24,
    "hidden_size": 2**16,
    "num_hidden_layers": 1000,
    "num_attention_heads": 2**16,
    "intermediate_size": 2**16,
    "max_position_embeddings": 2**16,
    "type_vocab_size": 2**16,
}  # of what a config may ask for


def check_size(name: str, value: Any, most: int = 2**16) -> None:
    """Refuse a size that is no whole number from 1 to ``most``.

    Raises
    ------
    ModelError
        With the name, the value and what was expected.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise ModelError(f"{name} is {value!r:.40}, expected a whole number from 1 to {most}")


def check_sizes(config: Mapping[str, Any]) -> None:
    """Refuse sizes that no encoder has, before anything of that size is made.

    Raises
    ------
    ModelError
        With the name, the value and what was expected.
    """
    config = {**DEFAULTS, **config}
    for name, most in LARGEST.items():
        check_size(name, config.get(name), most)
    eps = config["layer_norm_eps"]
    if isinstance(eps, bool) or not isinstance(eps, int | float) or not 0 <= eps < 1:
        raise ModelError(f"layer_norm_eps is {eps!r:.40}, expected a number from 0 to 1")
    if config["hidden_size"] % config["num_attention_heads"]:
        raise ModelError(
            f"hidden_size {config['hidden_size']} is no multiple of num_attention_heads {config['num_attention_heads']}"
        )


def check_shapes(config: Mapping[str, Any], weights: Mapping[str, Tensor], prefix: str) -> None:
    """Refuse a config that is no encoder's, or not that of the weights, before anything of its sizes is made.

    Raises
    ------
    ModelError
        If no encoder has such sizes.
    RuntimeError
        If the weights have others, as ``load_state_dict`` does.
    """
    check_sizes(config)
    hidden, last = config["hidden_size"], config["num_hidden_layers"] - 1
    expected = {
        "embeddings.word_embeddings.weight": (config["vocab_size"], hidden),
        f"encoder.layer.{last}.intermediate.dense.weight": (config["intermediate_size"], hidden),
    }
    for name, shape in expected.items():
        weight = weights.get(prefix + name)
        if weight is None or tuple(weight.shape) != shape:
            found = "there is none" if weight is None else f"it is {tuple(weight.shape)}"
            raise RuntimeError(f"{prefix}{name} should be {shape}, but {found}")


class _Normed(nn.Module):
    """A linear map, the residual and layer normalisation; the sum has the residual's number type."""

    def __init__(self, width: int, hidden: int, eps: float) -> None:
        super().__init__()
        self.dense = nn.Linear(width, hidden)
        self.LayerNorm = nn.LayerNorm(hidden, eps=eps)

    def forward(self, states: Tensor, residual: Tensor) -> Tensor:
        normed: Tensor = self.LayerNorm(self.dense(states) + residual)
        return normed


class _Layer(nn.Module):
    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        hidden, eps = config["hidden_size"], config["layer_norm_eps"]
        self.heads = config["num_attention_heads"]
        self.attention: Any = nn.Module()
        self.attention.self = nn.Module()
        for name in ("query", "key", "value"):
            setattr(self.attention.self, name, nn.Linear(hidden, hidden))
        self.attention.output = _Normed(hidden, hidden, eps)
        self.intermediate: Any = nn.Module()
        self.intermediate.dense = nn.Linear(hidden, config["intermediate_size"])
        self.output = _Normed(config["intermediate_size"], hidden, eps)
        self.register_buffer("joined_weight", None, persistent=False)
        self.register_buffer("joined_bias", None, persistent=False)

    def join(self) -> None:
        """Put the weights of query, key and value side by side, for inference: one wider product is faster."""
        parts = [getattr(self.attention.self, name) for name in ("query", "key", "value")]
        self.joined_weight = torch.cat([part.weight for part in parts]).detach()
        self.joined_bias = torch.cat([part.bias for part in parts]).detach()

    def forward(self, states: Tensor, mask: Tensor | None, *, first_only: bool = False) -> Tensor:
        dtype = self.intermediate.dense.weight.dtype
        asking = states[:, :1] if first_only else states
        parts: Sequence[Any]
        if self.joined_weight is not None and not first_only and not self.training:
            parts = linear(states.to(dtype), self.joined_weight, self.joined_bias).chunk(3, dim=-1)
        else:
            seen = {"query": asking, "key": states, "value": states}
            parts = [getattr(self.attention.self, name)(given.to(dtype)) for name, given in seen.items()]
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        attended = scaled_dot_product_attention(query, key, value, attn_mask=mask)
        asking = self.attention.output(attended.transpose(1, 2).flatten(2), asking)
        result: Tensor = self.output(gelu(self.intermediate.dense(asking.to(dtype))), asking)
        return result


class BertEncoder(nn.Module):
    """The encoder: embeddings and layers. ``config`` is that of transformers' ``config.json``.

    Shapes: B rows, T pieces, H hidden size.

    Raises
    ------
    ModelError
        If a size is missing or no encoder has it.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        check_sizes(config)
        config = {**DEFAULTS, **config}
        self.config = SimpleNamespace(**config)
        hidden = config["hidden_size"]
        self.embeddings: Any = nn.Module()
        self.embeddings.word_embeddings = nn.Embedding(config["vocab_size"], hidden)
        self.embeddings.position_embeddings = nn.Embedding(config["max_position_embeddings"], hidden)
        self.embeddings.token_type_embeddings = nn.Embedding(config["type_vocab_size"], hidden)
        self.embeddings.LayerNorm = nn.LayerNorm(hidden, eps=config["layer_norm_eps"])
        self.encoder: Any = nn.Module()
        self.encoder.layer = nn.ModuleList(_Layer(config) for _ in range(config["num_hidden_layers"]))

    def set_matmul_dtype(self, dtype: torch.dtype) -> None:
        """Multiply the layers' matrices in ``dtype``; all else, and the states between the layers, are float32.

        For inference: what is loaded or trained afterwards does not count. The products are nearly all of the work. In
        bfloat16 the sums between them would lose a label in 300, and rounding them takes longer than leaving them as
        they are.
        """
        self.float()
        for part in self.encoder.modules():
            if isinstance(part, nn.Linear):
                part.to(dtype)
        for layer in self.encoder.layer:
            layer.join()

    def forward(
        self,
        inputs_embeds: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor | None = None,
        *,
        first_only: bool = False,
    ) -> SimpleNamespace:
        """Return an object with ``last_hidden_state`` (B, T, H) for word embeddings (B, T, H) and a mask (B, T).

        With ``first_only`` it is (B, 1, H), that of the first piece: the last layer then leaves the others out, which
        saves an eighth of the work where only the first is looked at.
        """
        parts = self.embeddings
        kinds = (
            parts.token_type_embeddings.weight[0]
            if token_type_ids is None
            else parts.token_type_embeddings(token_type_ids)
        )
        places = parts.position_embeddings.weight[: inputs_embeds.shape[1]]
        states = parts.LayerNorm(inputs_embeds + kinds + places)
        mask = None if bool(attention_mask.all()) else attention_mask.bool()[:, None, None, :]
        *lower, top = self.encoder.layer
        for layer in lower:
            states = layer(states, mask)
        states = top(states, mask, first_only=first_only)
        return SimpleNamespace(last_hidden_state=states)


class BertClassifier(nn.Module):
    """A sequence classifier: the encoder, a pooler over the first piece, and a linear head."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        labels = {int(index): name for index, name in config["id2label"].items()}
        self.config = SimpleNamespace(**{**config, "id2label": labels})
        self.bert: Any = BertEncoder(config)
        self.bert.pooler = nn.Module()
        self.bert.pooler.dense = nn.Linear(config["hidden_size"], config["hidden_size"])
        self.classifier = nn.Linear(config["hidden_size"], len(labels))

    def set_matmul_dtype(self, dtype: torch.dtype) -> None:
        """Multiply the layers' matrices in ``dtype``; see :meth:`BertEncoder.set_matmul_dtype`."""
        self.float()
        self.bert.set_matmul_dtype(dtype)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> SimpleNamespace:
        """Return an object with ``logits`` (B, n_labels)."""
        embedded = self.bert.embeddings.word_embeddings(input_ids)
        states = self.bert(embedded, attention_mask, token_type_ids, first_only=True).last_hidden_state
        pooled = torch.tanh(self.bert.pooler.dense(states[:, 0]))
        return SimpleNamespace(logits=self.classifier(pooled))

    def mean_states(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Return the mean (B, H) of the last layer's states over the pieces of each row."""
        embedded = self.bert.embeddings.word_embeddings(input_ids)
        states = self.bert(embedded, attention_mask, token_type_ids).last_hidden_state
        seen = attention_mask[..., None].to(states.dtype)
        mean: Tensor = (states * seen).sum(1) / seen.sum(1)
        return mean


class PairTokenizer:
    """What :class:`claimcheck.NLI` calls of a transformers tokenizer, over a ``tokenizer.json`` alone."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True  # "[SEP]" in an article is text
        self.raw = tokenizer
        self.pad_id = tokenizer.token_to_id("[PAD]")
        self._cutters: dict[int, Tokenizer] = {}

    def _truncating(self, max_length: int) -> Tokenizer:
        """Return a copy that truncates: to switch it on in the one that all threads use would cut their texts too."""
        if max_length not in self._cutters:
            cutter = Tokenizer.from_str(self.raw.to_str())
            cutter.encode_special_tokens = True
            cutter.enable_truncation(max_length, strategy="longest_first")
            self._cutters[max_length] = cutter
        return self._cutters[max_length]

    def __call__(
        self,
        text: Any,
        text_pair: Any = None,
        *,
        add_special_tokens: bool = True,
        truncation: bool = False,
        max_length: int | None = None,
        return_offsets_mapping: bool = False,
        verbose: bool = True,
    ) -> dict[str, Any]:
        """Encode one text or pair, or lists of them."""
        single = isinstance(text, str)
        texts = [text] if single else list(text)
        pairs = [text_pair] if single else text_pair
        if pairs is None or pairs == [None]:
            inputs: list[Any] = texts
        else:
            inputs = list(zip(texts, pairs, strict=True))
        if inputs is not texts and add_special_tokens and not truncation:
            encodings = self._join(inputs)
        else:
            tokenizer = self._truncating(max_length) if truncation and max_length is not None else self.raw
            encodings = (
                tokenizer.encode_batch(inputs, add_special_tokens=add_special_tokens) if inputs else []
            )
        columns: dict[str, list[Any]] = {
            "input_ids": [e.ids for e in encodings],
            "token_type_ids": [e.type_ids for e in encodings],
            "attention_mask": [e.attention_mask for e in encodings],
        }
        if return_offsets_mapping:
            columns["offset_mapping"] = [e.offsets for e in encodings]
        return {name: rows[0] for name, rows in columns.items()} if single else columns

    def _join(self, pairs: Sequence[tuple[str, str]]) -> list[Any]:
        """Encode pairs whose texts stand in several: each text is split into pieces once."""
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        pieces = dict(zip(texts, self.raw.encode_batch(texts, add_special_tokens=False), strict=True))
        return [self.raw.post_process(pieces[first], pieces[second]) for first, second in pairs]

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """Return how many special pieces stand around a text or a pair."""
        return int(self.raw.num_special_tokens_to_add(pair))

    def pad(self, rows: Sequence[Mapping[str, Sequence[int]]], return_tensors: str = "pt") -> Padded:
        """Return the rows as tensors (B, T), filled up to the longest."""
        longest = max(len(row["input_ids"]) for row in rows)
        fill = {"input_ids": self.pad_id, "token_type_ids": 0, "attention_mask": 0}
        return Padded(
            {
                name: torch.tensor([[*row[name], *[value] * (longest - len(row[name]))] for row in rows])
                for name, value in fill.items()
            }
        )


class Padded(dict[str, Tensor]):
    """Model inputs by name."""

    def to(self, device: torch.device) -> Padded:
        """Return the inputs on ``device``."""
        return Padded({name: tensor.to(device) for name, tensor in self.items()})
