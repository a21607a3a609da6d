"""What this run has made, as its own requests tell: whose logs and metrics belong to it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: The requests that make something which later costs money by itself, and where its name stands.
_MAKING = {
    "lambda.CreateFunction": ("function", "FunctionName"),
    "sqs.CreateQueue": ("queue", "QueueName"),
    "sns.CreateTopic": ("topic", "Name"),
    "dynamodb.CreateTable": ("table", "TableName"),
    "stepfunctions.CreateStateMachine": ("machine", "name"),
    "scheduler.CreateScheduleGroup": ("group", "Name"),
    "apigateway.CreateRestApi": ("api", "name"),
    "apigatewayv2.CreateApi": ("api", "Name"),
    "kinesis.CreateStream": ("stream", "StreamName"),
    "logs.CreateLogGroup": ("log", "logGroupName"),
}


@dataclass(frozen=True)
class Settings:
    """What a function's duration is priced by: megabytes, and what it may use up at most."""

    memory_mb: int = 128
    timeout_s: int = 3
    architecture: str = "x86_64"
    storage_mb: int = 512


class Made:
    """Names by kind; ``everything``: the whole cloud belongs to this run, as a local one does."""

    def __init__(self, everything: bool) -> None:
        self.everything = everything
        self._lock = threading.Lock()
        self._names: dict[str, set[str]] = {}
        self._functions: dict[str, Settings] = {}

    def has(self, kind: str, name: str) -> bool:
        """Whether this run made it."""
        return self.everything or name in self._names.get(kind, ())

    def any_of(self, kind: str) -> bool:
        """Whether there may be one."""
        return self.everything or bool(self._names.get(kind))

    def functions(self) -> list[str]:
        """The functions that this process has made or changed."""
        with self._lock:
            return list(self._functions)

    def settings(self, function: str) -> Settings:
        """The settings last seen of a function, named by its name or ARN."""
        return self._functions.get(name_of(function), Settings())

    def learn(self, function: str, configuration: Mapping[str, Any]) -> None:
        """Remember a function's configuration, as Lambda's API answers it."""
        before = self.settings(function)
        architectures = configuration.get("Architectures") or [before.architecture]
        storage = configuration.get("EphemeralStorage") or {}
        with self._lock:
            self._functions[function] = Settings(
                int(configuration.get("MemorySize") or before.memory_mb),
                int(configuration.get("Timeout") or before.timeout_s),
                architectures[0],
                int(storage.get("Size") or before.storage_mb),
            )

    def note(
        self, service: str, operation: str, asked: Mapping[str, Any], reply: Mapping[str, Any]
    ) -> None:
        """A request succeeded: perhaps it made something."""
        which = f"{service}.{operation}"
        if which in _MAKING:
            kind, member = _MAKING[which]
            with self._lock:
                self._names.setdefault(kind, set()).add(str(asked.get(member)))
                if "ApiId" in reply:
                    self._names[kind].add(str(reply["ApiId"]))
        if which in ("lambda.CreateFunction", "lambda.UpdateFunctionConfiguration"):
            self.learn(name_of(str(asked.get("FunctionName"))), reply)


def name_of(function: str) -> str:
    """The name in ``name``, ``name:alias`` or an ARN."""
    if function.startswith("arn:"):
        return function.split(":")[6]
    return function.rpartition("function:")[2].partition(":")[0]
