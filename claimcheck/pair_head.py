"""A first look at pairs: a small network over vectors of single claims, which no pair has to be read for.

A cross-encoder reads two claims together, once for each pair; a bi-encoder reads each claim once and compares vectors
(Humeau et al., Poly-encoders, ICLR 2020). Of a claim there are two vectors: the NLI encoder's mean state over the claim
with its speaker, cue and context, and the attribution model's mean state over its content, which has seen the article
around it (as document-level relation extraction does, Zhou et al., ATLOP, AAAI 2021). The network's probabilities are
the gate before the cross-encoder, and evidence of their own after it. Fitted by :mod:`claimcheck.training.pairs`, and
kept beside the NLI checkpoint whose vectors it was fitted to.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from claimcheck.checkpoints import check_finite
from claimcheck.errors import ModelError
from claimcheck.pairing import FEATURES, FloatArray, Pair, loose_pairs

NAME = "pair_head.safetensors"
LABELS = ("neither", "contradicts", "corroborates")  # the outputs
BLOCK = 8192  # pairs that are scored together

Vectors = npt.NDArray[np.float32]


class _Network(nn.Module):
    """Projects both claims, and weighs what they come to together with the surface features."""

    def __init__(self, given: int, size: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.project = nn.Linear(given, size)
        self.match = nn.Linear(size, size)
        self.hidden = nn.Linear(4 * size + len(FEATURES), hidden)
        self.output = nn.Linear(hidden, len(LABELS))
        self.drop_given, self.drop_hidden = nn.Dropout(0.7 * dropout), nn.Dropout(dropout)

    def forward(self, claims: Tensor, first: Tensor, second: Tensor, surface: Tensor) -> Tensor:
        own = gelu(self.project(self.drop_given(claims)))
        a, b = own[first], own[second]
        joint = torch.cat([a, b, (a - b).abs(), self.match(a) * self.match(b), surface], dim=-1)
        logits: Tensor = self.output(self.drop_hidden(gelu(self.hidden(self.drop_given(joint)))))
        return logits


class PairHead(nn.Module):
    """Several networks, whose probabilities are averaged.

    Shapes: n claims, m pairs, H the size of the NLI encoder's states, S that of the attribution model's.
    """

    def __init__(
        self,
        vector_size: int,
        state_size: int,
        *,
        size: int,
        hidden: int,
        networks: int,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        for name, width in (("vector", vector_size), ("state", state_size), ("surface", len(FEATURES))):
            self.register_buffer(f"{name}_mean", torch.zeros(width))
            self.register_buffer(f"{name}_scale", torch.ones(width))
        self.networks = nn.ModuleList(
            _Network(vector_size + state_size, size, hidden, dropout) for _ in range(networks)
        )
        self.attribution: str | None = None  # hash of the attribution model whose states it was fitted to

    @property
    def state_size(self) -> int:
        """S, the size of the attribution model's states."""
        return int(self.get_buffer("state_mean").shape[0])

    def standardise(self, name: str, rows: Tensor) -> Tensor:
        """Return "vector", "state" or "surface" rows in standard units."""
        return (rows - self.get_buffer(f"{name}_mean")) / self.get_buffer(f"{name}_scale")

    def claims(self, vectors: Tensor, states: Tensor | None) -> Tensor:
        """Return what the networks are given of claims (n, H + S); states that are zeros or None are the mean."""
        own = self.standardise("vector", vectors)
        known = own.new_zeros(len(own), self.state_size)
        if states is not None:
            known = self.standardise("state", states) * states.any(-1, keepdim=True)
        return torch.cat([own, known], dim=-1)

    def chances(
        self, vectors: Vectors, states: Vectors | None, pairs: Sequence[Pair], surface: FloatArray
    ) -> FloatArray:
        """Return the probabilities (m, 3) of LABELS.

        Parameters
        ----------
        vectors
            (n, H), of :meth:`claimcheck.NLI.encode`.
        states
            (n, S), of :meth:`claimcheck.attribution.Attributor.states`, or None; rows of zeros where there are none.
            Loose pairs are looked at without them.
        surface
            (m, 27), of :func:`claimcheck.pairing.pair_features`.
        """
        result = np.zeros((len(pairs), len(LABELS)))
        loose = loose_pairs(surface)
        with torch.inference_mode():
            own = torch.from_numpy(vectors)
            for rows, known in (
                (np.flatnonzero(loose), None),
                (np.flatnonzero(~loose), None if states is None else torch.from_numpy(states)),
            ):
                claims = self.claims(own, known) if len(rows) else own
                for at in range(0, len(rows), BLOCK):
                    block = rows[at : at + BLOCK]
                    first, second = (torch.tensor([pairs[k][side] for k in block]) for side in (0, 1))
                    seen = self.standardise("surface", torch.from_numpy(surface[block]).float())
                    scored = [network(claims, first, second, seen).softmax(-1) for network in self.networks]
                    result[block] = torch.stack(scored).mean(0).numpy()
        return result

    def save(self, folder: Path) -> None:
        """Write the weights, in float16, into a checkpoint folder."""
        from safetensors.torch import save_file

        weights = {name: tensor.half().contiguous() for name, tensor in self.state_dict().items()}
        metadata = {"attribution": self.attribution} if self.attribution else None
        save_file(weights, folder / NAME, metadata=metadata)

    @classmethod
    def load(cls, folder: Path, vector_size: int) -> PairHead | None:
        """Return the head kept with a checkpoint, or None where there is none.

        Raises
        ------
        ModelError
            If it is damaged, or for vectors of another size.
        """
        if not (folder / NAME).is_file():
            return None
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(folder / NAME, "pt") as file:
                weights: dict[str, Any] = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
                metadata = file.metadata() or {}
            check_finite(weights.items(), folder / NAME)
            if any(bool((weights[f"{name}_scale"] <= 0).any()) for name in ("vector", "state", "surface")):
                raise ModelError(f"{folder / NAME} holds a scale that is not positive")
            head = cls(
                vector_size,
                len(weights["state_mean"]),
                size=weights["networks.0.project.weight"].shape[0],
                hidden=weights["networks.0.hidden.weight"].shape[0],
                networks=len({name.split(".")[1] for name in weights if name.startswith("networks.")}),
            )
            head.load_state_dict(weights)
        except (SafetensorError, KeyError, IndexError, TypeError, RuntimeError) as error:
            raise ModelError(f"{folder / NAME} is not a pair head of this checkpoint: {error}") from None
        head.attribution = metadata.get("attribution")
        return head.eval()
