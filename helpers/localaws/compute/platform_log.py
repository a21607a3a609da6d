"""The lines that Lambda itself writes to a function's log, in the function's log format.

Text formats as recorded from AWS. JSON events:
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
Since August 2025 the init of an on-demand environment is part of the billed duration:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from helpers.localaws.compute.function import Version
from helpers.localaws.compute.invocation import Outcome

_LEVELS = {"DEBUG": 0, "INFO": 1, "WARN": 2}


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


class PlatformLog:
    """Writes the platform's lines for one environment; each method gives a line, "" for none."""

    def __init__(self, version: Version, stream: str) -> None:
        self._version, self._stream = version, stream
        config = version.config.get("LoggingConfig", {})
        self._json = config.get("LogFormat") == "JSON"
        self._least = _LEVELS[config.get("SystemLogLevel", "INFO")]

    def init_start(self, runs_on: str) -> str:
        """Once for each new environment; it also says what really runs the handler."""
        runtime = self._version.config.get("Runtime", "")
        name = runtime.replace("python", "python:").replace("nodejs", "nodejs:").removesuffix(".x")
        name = f"{name or 'image'}.local ({runs_on})"
        arn = f"arn:aws:lambda:{self._version.region}::runtime:{'0' * 64}"
        if not self._json:
            return f"INIT_START Runtime Version: {name}\tRuntime Version ARN: {arn}\n"
        record = {
            "initializationType": "on-demand",
            "phase": "init",
            "runtimeVersion": name,
            "runtimeVersionArn": arn,
            "functionName": self._version.name,
            "functionVersion": self._version.number,
            "instanceId": self._stream,
            "instanceMaxMemory": self._version.config["MemorySize"] * 2**20,
        }
        return self._event("platform.initStart", record, "INFO")

    def init_report(self, milliseconds: float, phase: str, outcome: Outcome) -> str:
        """Only where init failed or took too long."""
        if self._json:
            metrics = {"durationMs": round(milliseconds, 3)}
            record = {"phase": phase, "status": outcome.status, "metrics": metrics}
            record |= {"errorType": outcome.error_type} if outcome.error_type else {}
            return self._event("platform.initReport", record, "WARN")
        line = f"INIT_REPORT Init Duration: {milliseconds:.2f} ms\tPhase: {phase}\t"
        line += f"Status: {outcome.status}"
        return f"{line}\tError Type: {outcome.error_type}\n" if outcome.error_type else f"{line}\n"

    def start(self, request_id: str, function_arn: str) -> str:
        if self._json:
            record = {
                "requestId": request_id,
                "functionArn": function_arn,
                "version": self._version.number,
            }
            return self._event("platform.start", record, "INFO")
        return f"START RequestId: {request_id} Version: {self._version.number}\n"

    def end(self, request_id: str) -> str:
        """Text only: the JSON format has no such event."""
        return "" if self._json else f"END RequestId: {request_id}\n"

    def report(self, request_id: str, measured: Measured, outcome: Outcome) -> str:
        """A handler's own exception leaves no mark here: for Lambda it is a result."""
        if self._json:
            return self._json_report(request_id, measured, outcome)
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

    def _json_report(self, request_id: str, measured: Measured, outcome: Outcome) -> str:
        metrics = {
            "durationMs": round(measured.duration_ms, 3),
            "billedDurationMs": measured.billed_ms,
            "memorySizeMB": measured.memory_mb,
            "maxMemoryUsedMB": measured.peak_mb,
        }
        if measured.init_ms is not None:
            metrics["initDurationMs"] = round(measured.init_ms, 3)
        record: dict[str, Any] = {"requestId": request_id, "metrics": metrics}
        record["status"] = outcome.status
        if outcome.error_type:
            record["errorType"] = outcome.error_type
        level = "INFO" if outcome.status == "success" else "WARN"
        return self._event("platform.report", record, level)

    def _event(self, kind: str, record: dict[str, Any], level: str) -> str:
        if _LEVELS[level] < self._least:
            return ""
        now = datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        event = {"time": now, "type": kind, "record": record}
        return json.dumps(event, separators=(",", ":")) + "\n"
