"""Every reader and every step on mutated bytes: nothing but an `InputError` comes out, and nothing hangs."""

from __future__ import annotations

import random
import time

import pytest
from fuzz import SEEDS, TARGETS, one

PIECES = [
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\n", b"\r", b"\t", b'"', b"'", b",", b"{", b"}",
    b"[", b"]", b":", b"null", b"true", b"-1", b"1e999", b"NaN", b"9" * 50, b"\\ud800", b"\\u0000", b'"id"', b'"text"',
    b"\xe2\x80\x9c", b"\xe2\x80\x9d", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xcc\x81", b"Ada Holm", b" said ", b". ", b"[[" * 20,
    b"T1\t", b" Arg1:T1", b"E1\tCue:T9 ", b"0 0",
]  # fmt: skip
SLOWEST = 5.0  # seconds for an input of at most a few thousand bytes


def mutated(data, chance):
    """Return the data with one to eight stretches left out, doubled, flipped or replaced."""
    made = bytearray(data)
    for _ in range(chance.randrange(1, 9)):
        start = chance.randrange(len(made) + 1)
        end = min(len(made), start + chance.choice((1, 1, 2, 4, 16, 64)))
        match chance.randrange(5):
            case 0:
                del made[start:end]
            case 1:
                made[start:start] = made[start:end] * chance.choice((1, 2, 50))
            case 2:
                made[start:end] = bytes(byte ^ 1 << chance.randrange(8) for byte in made[start:end])
            case 3:
                made[start:start] = chance.choice(PIECES)
            case 4:
                made[start:end] = chance.randbytes(end - start)
    return bytes(made[:4000])


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_an_input_error_comes_out(name, request, figures, full):
    seconds = request.config.getoption("--fuzz-seconds") if full else 0.5
    target, seed = TARGETS[name], SEEDS[TARGETS[name]]
    chance = random.Random(name)
    pool, tried, worst = [seed], 0, 0.0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        data = mutated(chance.choice(pool), chance)
        before = time.process_time()
        try:
            one(target, data)
        except Exception as error:
            pytest.fail(f"{name}: {data!r} raised {error!r}")
        worst = max(worst, time.process_time() - before)
        assert worst < SLOWEST, data
        tried += 1
        if len(pool) < 50:
            pool.append(data)
        elif chance.random() < 0.05:
            pool[chance.randrange(1, 50)] = data
    one(target, seed)
    figures(name, tried, findings=0, elapsed_seconds=round(seconds, 1), slowest_seconds=round(worst, 3))
