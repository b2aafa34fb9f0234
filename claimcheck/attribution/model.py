"""The attribution model: one encoder pass finds anchors, and a small head reads a role for every token of each.

An *anchor* is the first piece of an attribution's cue, or of its content where it has no cue. For each anchor the
head labels every piece of the window as outside, source, cue or content *of that attribution*. One table thus holds
nested and interrupted attributions, shared sources and absent ones, and no linking step follows. The idea of scoring
all (head, token) combinations over one encoding is that of biaffine parsers (Dozat and Manning, ICLR 2017).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from claimcheck.attribution.encoding import BREAKS, QUOTE_STATES, SHAPES, Encoding
from claimcheck.bert import BertEncoder, check_size
from claimcheck.errors import InputError, ModelError

ANCHORS = ("none", "cue", "content")
ROLES = ("outside", "source", "cue", "content")
CONVENTIONS = ("news", "polnear")
REACH = 64  # distances beyond it share a bucket
OFFSET = 2  # special pieces before the first piece of a window


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Sizes of the head and of the windows; ``window`` counts pieces without the three special ones.

    ``thresholds`` holds, for each convention, the probability from which an anchor counts.

    Raises
    ------
    ModelError
        If a value is of the wrong type or size: a configuration file is input too.
    """

    head_size: int = 256
    window: int = 320
    overlap: int = 96
    thresholds: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(CONVENTIONS, 0.5))

    def __post_init__(self) -> None:
        for name in ("head_size", "window", "overlap"):
            check_size(name, getattr(self, name))
        if self.overlap >= self.window:
            raise ModelError(f"overlap {self.overlap} must be less than window {self.window}")
        for name in CONVENTIONS:
            value = self.thresholds.get(name) if isinstance(self.thresholds, Mapping) else None
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise ModelError(f"threshold of {name!r} is {value!r:.40}, expected a number from 0 to 1")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a plain dict."""
        return asdict(self)


class AttributionModel(nn.Module):
    """Encoder (ours, or the BertModel of transformers in training), anchor classifier and role table.

    Shapes: B windows, T pieces, N anchors in all windows together.
    """

    def __init__(self, encoder: Any, config: ModelConfig) -> None:
        super().__init__()
        self.encoder = encoder
        self.config = config
        hidden, size = encoder.config.hidden_size, config.head_size
        self.shape = nn.Embedding(len(SHAPES) + 1, hidden)
        self.quote = nn.Embedding(len(QUOTE_STATES) + 1, hidden)
        self.break_ = nn.Embedding(len(BREAKS) + 1, hidden)
        for table in (self.shape, self.quote, self.break_):
            nn.init.zeros_(table.weight)
        self.anchor = nn.Sequential(nn.Linear(hidden, size), nn.GELU(), nn.Linear(size, len(ANCHORS)))
        self.token = nn.Linear(hidden, 2 * size)
        self.head = nn.Linear(hidden, 2 * size)
        self.distance = nn.Embedding(2 * REACH + 1, size)
        self.norm = nn.LayerNorm(size)
        self.mix = nn.Conv1d(size, size, kernel_size=7, padding=3, groups=size)
        self.hidden = nn.Linear(size, size)
        self.role = nn.Linear(size, len(ROLES))

    @classmethod
    def from_config(cls, encoder_config: Mapping[str, Any], config: ModelConfig) -> AttributionModel:
        """Build a model with fresh weights from the two parts of its ``config.json``."""
        return cls(BertEncoder(encoder_config), config)

    def set_matmul_dtype(self, dtype: torch.dtype) -> None:
        """Run the heads in ``dtype``, and the encoder as :meth:`claimcheck.bert.BertEncoder.set_matmul_dtype` says."""
        for part in self.children():
            if isinstance(part, BertEncoder):
                part.set_matmul_dtype(dtype)
            else:
                part.to(dtype)

    def encode(self, input_ids: Tensor, attention_mask: Tensor, features: Tensor) -> Tensor:
        """Return hidden states (B, T, H); ``features`` (B, T, 3) holds shape, quote and break, 0 for special pieces."""
        embedded = (
            self.encoder.embeddings.word_embeddings(input_ids)
            + self.shape(features[..., 0])
            + self.quote(features[..., 1])
            + self.break_(features[..., 2])
        )
        states: Tensor = self.encoder(inputs_embeds=embedded, attention_mask=attention_mask).last_hidden_state
        return states.to(self.shape.weight.dtype)

    def anchors(self, states: Tensor) -> Tensor:
        """Return anchor logits (B, T, 3)."""
        logits: Tensor = self.anchor(states)
        return logits

    def roles(self, states: Tensor, attention_mask: Tensor, row: Tensor, position: Tensor) -> Tensor:
        """Return role logits (N, T, 4) of the anchors at ``(row, position)``, both (N,); padding is not looked at."""
        token, token_gate = self.token(states).chunk(2, dim=-1)
        head, head_gate = self.head(states[row, position]).chunk(2, dim=-1)
        away = torch.arange(states.shape[1], device=states.device)[None, :] - position[:, None]
        joint = token[row] + head[:, None] + self.distance(away.clamp(-REACH, REACH) + REACH)
        joint = self.norm(joint + token_gate[row] * head_gate[:, None]) * attention_mask[row, :, None]
        mixed = self.mix(joint.transpose(1, 2)).transpose(1, 2)
        logits: Tensor = self.role(nn.functional.gelu(self.hidden(nn.functional.gelu(joint + mixed))))
        return logits


def stack_windows(
    windows: Sequence[tuple[Encoding, int, int]], marks: Sequence[int], vocabulary: Mapping[str, int]
) -> tuple[Tensor, Tensor, Tensor]:
    """Return ``input_ids``, ``attention_mask`` (B, T) and ``features`` (B, T, 3) of padded windows.

    Each row is ``[CLS] mark pieces… [SEP]``, where ``mark`` is the id of a convention's token; piece i of a window
    stands at position i + :data:`OFFSET`.
    """
    length = max(end - start for _, start, end in windows) + OFFSET + 1
    ids = torch.full((len(windows), length), vocabulary["[PAD]"])
    mask = torch.zeros((len(windows), length), dtype=torch.long)
    features = torch.zeros((len(windows), length, 3), dtype=torch.long)
    for row, (encoding, start, end) in enumerate(windows):
        last = OFFSET + end - start
        ids[row, 0], ids[row, 1], ids[row, last] = vocabulary["[CLS]"], marks[row], vocabulary["[SEP]"]
        ids[row, OFFSET:last] = torch.from_numpy(encoding.ids[start:end])
        mask[row, : last + 1] = 1
        for k, feature in enumerate((encoding.shape, encoding.quote, encoding.break_)):
            features[row, OFFSET:last, k] = torch.from_numpy(feature[start:end]) + 1
    return ids, mask, features


def convention_token(convention: str) -> str:
    """Return the vocabulary's token that tells the model which annotation convention to follow.

    >>> convention_token("news")
    '[unused1]'
    """
    if convention not in CONVENTIONS:
        raise InputError(f"convention {convention!r} is not one of {', '.join(CONVENTIONS)}")
    return f"[unused{CONVENTIONS.index(convention) + 1}]"
