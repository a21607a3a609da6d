"""What shall happen to each event: drawn by a seed, so that a run can be repeated."""

from __future__ import annotations

import random

#: Of ten thousand attempts: how many end in which way.
FAILURES = {"raise": 1200, "exit": 300, "kill": 200, "sleep": 200, "grow": 100}
POISON = 200  # events of ten thousand that no attempt can process


def draw(seed: str, number: str, spared: tuple[str, ...] = ()) -> str:
    """The plan of one event, for example ``raise.ok``; instead of what is spared it exits."""
    lots = random.Random(f"{seed} {number}")
    if lots.random() * 10_000 < POISON:
        return "raise"
    words = []
    for _ in range(3):
        lot = lots.random() * 10_000
        word = "ok"
        for name, share in FAILURES.items():
            if lot < share:
                word = name
                break
            lot -= share
        if word in spared:
            word = "exit"
        words.append(word)
        if word == "ok":
            break
    return ".".join(words)
