"""Deciding is quick beside everything else that a request costs.

The bound is wide, because tests share their machine; tests/bench measures.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from helpers.localaws.iam.evaluate import decide
from tests.fidelity.policies import PHOTO, policy, request, statement

FIFTY = policy(
    *(statement(Action=["s3:Get*", "s3:List*"], Resource=f"arn:aws:s3:::b{n}/*") for n in range(50))
)


def seconds(call: Callable[[], object], times: int) -> float:
    """The best of five rounds: what the machine can do when nobody else wants it."""
    best = float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        for _ in range(times):
            call()
        best = min(best, time.perf_counter() - begin)
    return best


def test_fifty_statements() -> None:
    """1,000 evaluations in at most 100 ms on an idle machine."""
    asked = request(FIFTY)
    assert not decide(asked).allowed
    assert seconds(lambda: decide(asked), 200) / 200 < 1e-3


def test_five_policies() -> None:
    names = ("sqs", "sns", "dynamodb", "s3", "ssm")
    five = [policy(statement(Action=f"{name}:*", Resource=f"arn:aws:{name}:*")) for name in names]
    asked = request(*five, arn=PHOTO)
    assert decide(asked).allowed
    assert seconds(lambda: decide(asked), 200) / 200 < 1e-3
