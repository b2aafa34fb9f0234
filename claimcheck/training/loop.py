"""The training loop that both models share: token-budget batches, warm-up and linear decay, resumable checkpoints.

Where there is a held-out part, its loss is looked at along the way, and the weights of the lowest one are kept.
"""

from __future__ import annotations

import json
import logging
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from claimcheck.engine import pick_device, pick_dtype
from claimcheck.errors import InputError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """What the loop needs to know.

    ``tokens_per_batch`` counts padded tokens. ``warmup`` is a share of all steps. ``checkpoint_every`` and
    ``log_every`` are in steps. ``head_learning_rate`` is for parameters outside the encoder (default: the same).
    ``autocast`` lets the forward pass run in bfloat16 where that is faster. ``stop_at`` ends the run at that step,
    before the learning rate has come down, for a later stage to go on from. ``evaluate_every`` is in steps
    (default: a tenth of them); after ``patience`` looks at the held-out part without a lower loss the run ends (default: never).
    """

    learning_rate: float = 1e-4
    head_learning_rate: float | None = None
    tokens_per_batch: int = 4096
    warmup: float = 0.06
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    seed: int = 13
    checkpoint_every: int = 200
    log_every: int = 50
    autocast: bool = True
    stop_at: int | None = None
    evaluate_every: int | None = None
    patience: int | None = None


class BestWeights:
    """The held-out losses of a run by step, and a copy of the weights that gave the lowest one.

    Weights stay in the memory of the processor. Where two losses are equal, the earlier weights are kept.
    """

    def __init__(self, evaluate: Callable[[nn.Module], float], patience: int | None) -> None:
        self.evaluate = evaluate
        self.patience = patience
        self.history: list[tuple[int, float]] = []
        self.weights: dict[str, Tensor] = {}

    def look(self, model: nn.Module, step: int) -> None:
        """Evaluate the model, and keep its weights if they are the best so far."""
        model.eval()
        with torch.inference_mode():
            loss = float(self.evaluate(model))
        model.train()
        self.history.append((step, loss))
        if self.best == len(self.history) - 1:
            self.weights = {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}
        logger.info("%s", {"step": step, "held_out_loss": round(loss, 4)})

    @property
    def best(self) -> int:
        """Which look had the lowest loss, the first one of equals; what is not a number is no loss."""
        return min(
            range(len(self.history)), key=lambda k: (math.isnan(self.history[k][1]), self.history[k][1])
        )

    @property
    def over(self) -> bool:
        """Whether as many looks as ``patience`` have brought nothing better."""
        return self.patience is not None and len(self.history) - 1 - self.best >= self.patience

    def record(self) -> dict[str, Any]:
        """Return the losses and where the best weights are from, as JSON values."""
        return {
            "held_out_losses": [[step, round(loss, 6)] for step, loss in self.history],
            "best_step": self.history[self.best][0],
            "stopped_early": self.over,
        }


def mean_loss(
    batches: Sequence[Sequence[int]],
    collate: Callable[[Sequence[int]], Mapping[str, Tensor]],
    loss: Callable[[nn.Module, Mapping[str, Tensor]], Tensor],
) -> Callable[[nn.Module], float]:
    """Return what evaluates a model: its loss over ``batches``, each weighted by how many examples it has.

    Raises
    ------
    InputError
        If there is no batch.
    """
    if not batches:
        raise InputError("the held-out part is empty: expected at least one example")

    def evaluate(model: nn.Module) -> float:
        device = next(model.parameters()).device
        total = 0.0
        for batch in batches:
            tensors = {name: value.to(device) for name, value in collate(batch).items()}
            total += float(loss(model, tensors).detach()) * len(batch)
        return total / sum(map(len, batches))

    return evaluate


def plan_batches(
    lengths: Sequence[int], tokens_per_batch: int, seed: int, pool: int = 4096
) -> list[list[int]]:
    """Group example indices into batches of similar length within a token budget, in random order.

    Examples are shuffled, cut into pools, sorted by length inside each pool, and packed so that
    ``len(batch) * max(length)`` stays within ``tokens_per_batch`` (a longer single example gets a batch of its own).
    The same arguments always give the same plan, which is what makes a run resumable.

    >>> plan_batches([4, 4, 4, 4], tokens_per_batch=8, seed=0) == plan_batches([4, 4, 4, 4], 8, 0)
    True
    >>> [len(batch) for batch in plan_batches([4, 4, 4, 4], tokens_per_batch=8, seed=0)]
    [2, 2]
    """
    rng = random.Random(seed)
    order = list(range(len(lengths)))
    rng.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), pool):
        batch: list[int] = []
        longest = 0
        for index in sorted(order[start : start + pool], key=lambda i: lengths[i]):
            longest = max(longest, lengths[index])
            if batch and longest * (len(batch) + 1) > tokens_per_batch:
                batches.append(batch)
                batch, longest = [], lengths[index]
            batch.append(index)
        batches.append(batch)
    rng.shuffle(batches)
    return batches


def train(
    model: nn.Module,
    batches: Sequence[Sequence[int]],
    collate: Callable[[Sequence[int]], Mapping[str, Tensor]],
    loss: Callable[[nn.Module, Mapping[str, Tensor]], Tensor],
    config: LoopConfig,
    folder: Path,
    *,
    evaluate: Callable[[nn.Module], float] | None = None,
    key: str = "",
) -> dict[str, Any]:
    """Train ``model`` in place over ``batches`` and return what happened.

    Parameters
    ----------
    batches
        Lists of example indices, run through once, in order.
    collate
        Makes the tensors of a batch from its indices.
    loss
        Scalar loss of the model on those tensors.
    folder
        Where ``checkpoint.pt`` and ``log.jsonl`` go. A checkpoint of the same plan found there is resumed.
    evaluate
        Returns the loss of the model on a held-out part. It is called before the first step, every
        ``config.evaluate_every`` steps and after the last one; the weights of the lowest loss are the result.
    key
        What the run depends on beside its number of steps; a checkpoint with another key is not resumed.

    Raises
    ------
    InputError
        If a checkpoint in ``folder`` belongs to another run.
    """
    device = pick_device()
    autocast = config.autocast and pick_dtype("auto", device) == torch.bfloat16
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "checkpoint.pt"
    model.to(device).train()
    optimizer = torch.optim.AdamW(_parameter_groups(model, config), lr=config.learning_rate, fused=True)
    steps = len(batches)
    last = min(steps, config.stop_at or steps)
    every = config.evaluate_every or max(1, round(steps / 10))
    warmup = max(1, round(config.warmup * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warmup, max(0.0, (steps - step) / max(1, steps - warmup))),
    )
    watch = BestWeights(evaluate, config.patience) if evaluate is not None else None
    first, tokens, began = 0, 0, time.monotonic()
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        if state["steps"] != steps:
            raise InputError(
                f"{checkpoint} belongs to a run of {state['steps']} steps, this one has {steps}: remove it or use another --out"
            )
        if state.get("key", "") != key:
            raise InputError(
                f"{checkpoint} belongs to a run on other data or options: remove it or use another --out"
            )
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        first = state["step"]
        if watch is not None:
            watch.history, watch.weights = [tuple(look) for look in state["history"]], state["best"]
        logger.info("resumed %s at step %d of %d", checkpoint, first, steps)
    if watch is not None and not watch.history:
        watch.look(model, 0)
    running = 0.0
    for step in range(first, last):
        torch.manual_seed(config.seed + step)
        tensors = {name: value.to(device) for name, value in collate(batches[step]).items()}
        with torch.autocast(device.type, torch.bfloat16, enabled=autocast):
            value = loss(model, tensors)
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), config.max_grad_norm)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        running += float(value.detach())
        tokens += tensors["input_ids"].numel()
        if (step + 1) % config.log_every == 0 or step + 1 == last:
            done = (step + 1 - first) % config.log_every or config.log_every
            seconds = time.monotonic() - began
            row = {
                "step": step + 1,
                "steps": steps,
                "loss": round(running / done, 4),
                "tokens_per_second": round(tokens / seconds),
                "minutes_left": round((last - step - 1) * seconds / (step + 1 - first) / 60, 1),
            }
            logger.info("%s", row)
            with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(row) + "\n")
            running = 0.0
        if watch is not None and ((step + 1) % every == 0 or step + 1 == last):
            watch.look(model, step + 1)
            if watch.over:
                last = step + 1
                break
        if (step + 1) % config.checkpoint_every == 0 and step + 1 < last:
            partial = checkpoint.with_suffix(".partial")
            torch.save(
                {
                    "model": model.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "schedule": schedule.state_dict(),
                    "step": step + 1,
                    "steps": steps,
                    "key": key,
                    "history": watch.history if watch else [],
                    "best": watch.weights if watch else {},
                },
                partial,
            )
            partial.replace(checkpoint)
    if watch is not None:
        model.load_state_dict(watch.weights)
    model.eval()
    return {
        "steps": last,
        "tokens": tokens,
        "minutes": round((time.monotonic() - began) / 60, 1),
        "device": device.type,
        **(watch.record() if watch is not None else {}),
    }


def _parameter_groups(model: nn.Module, config: LoopConfig) -> list[dict[str, Any]]:
    """Split parameters by weight decay (matrices only) and by learning rate (encoder or head)."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            is_head = not name.startswith(("bert.", "encoder."))
            groups.setdefault((parameter.ndim > 1, is_head), []).append(parameter)
    head_rate = config.head_learning_rate or config.learning_rate
    return [
        {
            "params": parameters,
            "weight_decay": config.weight_decay if decays else 0.0,
            "lr": head_rate if is_head else config.learning_rate,
        }
        for (decays, is_head), parameters in groups.items()
    ]
