"""The lines that Lambda itself writes to a function's log.

Formats as recorded from AWS; ``⇥`` is a tab. Since August 2025 the init of an on-demand environment
is part of the billed duration: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from helpers.localaws.compute.invocation import Outcome


@dataclass(frozen=True)
class Measured:
    """What an invocation took: milliseconds and megabytes."""

    duration_ms: float
    init_ms: float | None  #: None: a warm start
    memory_mb: int
    peak_bytes: int

    @property
    def billed_ms(self) -> int:
        return max(1, math.ceil(self.duration_ms + (self.init_ms or 0.0)))

    @property
    def peak_mb(self) -> int:
        """Never above the limit: what went beyond it is why the environment was ended."""
        return min(self.memory_mb, max(1, math.ceil(self.peak_bytes / 2**20)))


def init_start(runtime: str, region: str, runs_on: str) -> str:
    """``INIT_START``, once for each new environment; it says what really runs the handler."""
    name = runtime.replace("python", "python:").replace("nodejs", "nodejs:").removesuffix(".x")
    arn = f"arn:aws:lambda:{region}::runtime:{'0' * 64}"
    version = f"{name or 'image'}.local ({runs_on})" if runs_on else f"{name}.local"
    return f"INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}\n"


def init_report(milliseconds: float, phase: str, status: str, error_type: str | None) -> str:
    """``INIT_REPORT``, only where init failed or took too long."""
    line = f"INIT_REPORT Init Duration: {milliseconds:.2f} ms\tPhase: {phase}\tStatus: {status}"
    return f"{line}\tError Type: {error_type}\n" if error_type else f"{line}\n"


def start(request_id: str, version: str) -> str:
    return f"START RequestId: {request_id} Version: {version}\n"


def end(request_id: str) -> str:
    return f"END RequestId: {request_id}\n"


def report(request_id: str, measured: Measured, outcome: Outcome) -> str:
    """``REPORT``. A handler's own exception leaves no mark here: for Lambda it is a result."""
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {measured.duration_ms:.2f} ms",
        f"Billed Duration: {measured.billed_ms} ms",
        f"Memory Size: {measured.memory_mb} MB",
        f"Max Memory Used: {measured.peak_mb} MB",
    ]
    if measured.init_ms is not None:
        fields.append(f"Init Duration: {measured.init_ms:.2f} ms")
    if outcome.status == "success":
        return "\t".join(fields) + "\t\n"
    fields.append(f"Status: {outcome.status}")
    if outcome.error_type:
        fields.append(f"Error Type: {outcome.error_type}")
    return "\t".join(fields) + "\n"
