"""Running an encoder: the device, the number type, and batches that waste no padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING

from claimcheck.errors import InputError

if TYPE_CHECKING:
    import torch

DTYPES = ("auto", "float32", "bfloat16", "float16")


def pick_device(device: str = "auto") -> torch.device:
    """Return the device to run on; "auto" is the first CUDA device, or the CPU.

    Raises
    ------
    InputError
        If torch does not know the device, or it is not there.
    """
    import torch

    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(0, device=chosen)
    except (RuntimeError, AssertionError) as error:
        raise InputError(f"device {device!r} cannot be used here: {str(error).splitlines()[0]}") from None
    return chosen


def pick_dtype(dtype: str, device: torch.device) -> torch.dtype:
    """Return the number type to run in.

    "auto" is bfloat16 where the hardware multiplies it faster (a GPU of compute capability 8, AMX, AVX512-bf16 if a
    short measurement agrees: some processors have its instructions and are slower with them) and float32 elsewhere.

    Raises
    ------
    InputError
        If ``dtype`` is none of :data:`DTYPES`.
    """
    import torch

    if dtype not in DTYPES:
        raise InputError(f"dtype {dtype!r} is not one of {', '.join(DTYPES)}")
    if dtype != "auto":
        chosen: torch.dtype = getattr(torch, dtype)
        return chosen
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    if device.type != "cpu":
        return torch.float32
    amx, avx512 = (
        getattr(torch.cpu, name, bool)() for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    )
    return torch.bfloat16 if amx or (avx512 and _bfloat16_is_faster()) else torch.float32


@cache
def _bfloat16_is_faster() -> bool:
    """Whether a layer of a small encoder takes a fifth less time in bfloat16 here; measured once, in some 50 ms."""
    import torch

    def seconds(dtype: torch.dtype) -> float:
        rows, weights = torch.ones(512, 384, dtype=dtype), torch.ones(1536, 384, dtype=dtype)
        taken = []
        for _ in range(5):
            start = perf_counter()
            torch.nn.functional.linear(rows, weights)
            taken.append(perf_counter() - start)
        return min(taken)

    return seconds(torch.bfloat16) < 0.8 * seconds(torch.float32)


def length_batches(lengths: Sequence[int], tokens_per_batch: int) -> Iterator[list[int]]:
    """Yield lists of indices, longest first, whose padded size stays within ``tokens_per_batch``.

    Sorting by length leaves hardly any padding; the longest come first so that memory is asked for once. An index
    longer than the budget has a batch of its own.

    Examples
    --------
    >>> list(length_batches([3, 9, 4], tokens_per_batch=10))
    [[1], [2, 0]]
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if batch and lengths[batch[0]] * (len(batch) + 1) > tokens_per_batch:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
