"""Fit the pair head: ``python -m claimcheck.training.pairs --nli CHECKPOINT --attribution CHECKPOINT --articles …``.

The networks of :mod:`claimcheck.pair_head` learn the labels of all pairs of claims in the articles that are not held
out by the NLI checkpoint's config: in the article, with the attribution model's states and, one time in four, without;
as if each claim came from an article of its own; in short texts made of some claims; and in tables made of contrast
sets (``--contrasts``). Writes ``pair_head.safetensors`` into the NLI checkpoint. What it is worth shows after
:mod:`claimcheck.training.relations`, which is fitted to the articles that are held out.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from claimcheck.attribution import Attributor
from claimcheck.checkpoints import packaged, write_hashes
from claimcheck.nli import NLI
from claimcheck.pair_head import LABELS, PairHead
from claimcheck.pairing import FEW_CLAIMS, loose_pairs, pair_features
from claimcheck.statements import single
from claimcheck.training.contrasts import contrast_tables, read_contrast_rows, voices_of
from claimcheck.training.data import article_states, fitting_parser, held_out_ids, read_given
from claimcheck.training.relations import (
    Group,
    article_group,
    join_states,
    join_texts,
    short_groups,
    told_apart,
)

logger = logging.getLogger(__name__)

SIZE, HIDDEN, NETWORKS = 96, 128, 3
EPOCHS, BATCH = 6, 512
LEARNING_RATE, WEIGHT_DECAY = 2e-3, 0.05
RELATED = 2.0  # weight of a pair that is related, in the loss
WITHOUT_STATES = 0.25  # of the pairs of an article


@dataclass(frozen=True, slots=True)
class Examples:
    """All claims and pairs: ``first`` and ``second`` (m,) are rows of ``vectors`` (n, H) and ``states`` (n, S).

    ``targets`` (m,) index LABELS.
    """

    vectors: npt.NDArray[np.float32]
    states: npt.NDArray[np.float32]
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    surface: npt.NDArray[np.float64]
    targets: npt.NDArray[np.int64]

    @property
    def loose(self) -> npt.NDArray[np.bool_]:
        """Which pairs (m,) are looked at without states."""
        return loose_pairs(self.surface)


def gather(
    groups: Sequence[Group], states: Sequence[npt.NDArray[np.float32] | None], nli: NLI, state_size: int
) -> Examples:
    """Return the examples of several texts, of which those with states stand in their article."""
    claims, pairs = join_texts(groups)
    return Examples(
        nli.encode([single(claim) for claim in claims]),
        join_states(groups, states, state_size),
        np.array([i for i, _, _ in pairs], dtype=np.int64),
        np.array([j for _, j, _ in pairs], dtype=np.int64),
        np.concatenate([pair_features(own, found) for own, found, _ in groups]),
        np.array([LABELS.index(label) for _, _, labels in groups for label in labels]),
    )


def training_groups(
    articles: Sequence[Mapping[str, Any]],
    states: Sequence[npt.NDArray[np.float32]],
    contrasts: Sequence[Mapping[str, Any]],
    rng: random.Random,
) -> tuple[list[Group], list[npt.NDArray[np.float32] | None]]:
    """Return the texts to learn from, and the states of those that are whole articles of more than a few claims."""
    whole = [article_group(article) for article in articles]
    groups: list[Group] = [*whole, *(told_apart(group) for group in whole)]
    known = [found if len(found) > FEW_CLAIMS else None for found in states]
    groups += [group for _, group in short_groups(articles, rng)]
    groups += [table for _, table in contrast_tables(contrasts, voices_of(articles), rng)]
    return groups, [*known, *[None] * (len(groups) - len(known))]


def fit_head(examples: Examples, attribution: str | None, *, epochs: int = EPOCHS, seed: int = 0) -> PairHead:
    """Return the head fitted to all examples; its networks begin with different random weights."""
    torch.manual_seed(seed)
    head = PairHead(
        examples.vectors.shape[1], examples.states.shape[1], size=SIZE, hidden=HIDDEN, networks=NETWORKS
    )
    head.attribution = attribution
    known = examples.states[examples.states.any(axis=1)]
    for name, rows in (
        ("vector", examples.vectors),
        ("state", known if len(known) else examples.states),
        ("surface", examples.surface),
    ):
        head.get_buffer(f"{name}_mean").copy_(torch.from_numpy(rows.mean(axis=0)))
        head.get_buffer(f"{name}_scale").copy_(torch.from_numpy(rows.std(axis=0) + 1e-3))
    vectors, states = torch.from_numpy(examples.vectors), torch.from_numpy(examples.states)
    surface = head.standardise("surface", torch.from_numpy(examples.surface).float())
    claims = head.claims(vectors, states)
    claims_alone = head.claims(vectors, None)
    for network in head.networks:
        _fit_network(network, (claims, claims_alone), surface, examples, epochs)
    return head.eval()


def _fit_network(
    network: nn.Module, claims: tuple[Tensor, Tensor], surface: Tensor, examples: Examples, epochs: int
) -> None:
    first, second, targets = map(torch.from_numpy, (examples.first, examples.second, examples.targets))
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = epochs * -(-len(targets) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    loss = nn.CrossEntropyLoss(weight=torch.tensor([1.0, RELATED, RELATED]))
    loose = torch.from_numpy(examples.loose)
    network.train()
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.split(torch.randperm(len(targets)), BATCH):
            unknown = loose[rows] | (torch.rand(len(rows)) < WITHOUT_STATES)
            optimizer.zero_grad()
            value = torch.zeros(())
            for part, own in ((rows[~unknown], claims[0]), (rows[unknown], claims[1])):
                if len(part):
                    logits = network(*_gathered(own, first[part], second[part]), surface[part])
                    value = value + loss(logits, targets[part]) * len(part) / len(rows)
            value.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            total += value.item() * len(rows)
        logger.info("epoch %d: loss %.4f", epoch + 1, total / len(targets))


def _gathered(claims: Tensor, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the claims that some pairs are of, and where in them the first and the second of each pair stand."""
    used, places = torch.unique(torch.cat([first, second]), return_inverse=True)
    return claims[used], places[: len(first)], places[len(first) :]


def main() -> None:
    """Run from the command line."""
    parser = fitting_parser(__doc__, "--nli", "the NLI checkpoint folder, which the head goes into")
    parser.add_argument("--contrasts", type=Path, help="contrast sets of statements: JSONL")
    parser.add_argument("--attribution", type=Path, default=packaged("attribution"), help="the checkpoint")
    args = parser.parse_args()
    articles = read_given(args)
    names = held_out_ids(args.nli)
    seen = [article for article in articles if article["id"] not in names]
    if not seen:
        parser.error(f"all of the {len(articles)} articles are held out by the checkpoint's config")
    contrasts = read_contrast_rows(args.contrasts, held_out=False) if args.contrasts else []
    attributor = Attributor.from_pretrained(args.attribution)
    groups, states = training_groups(seen, article_states(seen, attributor), contrasts, random.Random(0))
    examples = gather(groups, states, NLI.from_pretrained(args.nli), attributor.state_size)
    logger.info("%d claims, %d pairs", len(examples.vectors), len(examples.targets))
    fit_head(examples, attributor.hash).save(args.nli)
    write_hashes(args.nli)


if __name__ == "__main__":
    main()
