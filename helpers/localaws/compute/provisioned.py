"""Provisioned concurrency: environments that are initialised before an event needs them.

Source: https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from helpers.localaws.compute.environment import ExecutionEnvironment
from helpers.localaws.compute.function import Function, Version, timestamp


@dataclass
class Provisioned:
    """The setting for one qualifier, and the environments that stand ready for it."""

    qualifier: str
    requested: int
    version: Version
    last_modified: str = field(default_factory=timestamp)
    ready: list[ExecutionEnvironment] = field(default_factory=list)
    serving: list[ExecutionEnvironment] = field(default_factory=list)
    failed: bool = False

    @property
    def allocated(self) -> int:
        return len(self.ready) + len(self.serving)

    def configuration(self) -> dict[str, Any]:
        """The members of GetProvisionedConcurrencyConfig."""
        complete = self.allocated >= self.requested
        shown = {
            "RequestedProvisionedConcurrentExecutions": self.requested,
            "AvailableProvisionedConcurrentExecutions": self.allocated,
            "AllocatedProvisionedConcurrentExecutions": self.allocated,
            "Status": "READY" if complete else "FAILED" if self.failed else "IN_PROGRESS",
            "LastModified": self.last_modified,
        }
        if self.failed and not complete:
            shown["StatusReason"] = "FUNCTION_ERROR_INIT_FAILURE"
        return shown


class ProvisionedPool:
    """All provisioned environments of this cloud."""

    def __init__(self, factory: Callable[[Version], ExecutionEnvironment]) -> None:
        self._factory = factory
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="provision")
        self._all: dict[tuple[str, str], Provisioned] = {}

    def put(self, function: Function, qualifier: str, number: int) -> Provisioned:
        """Set ``number`` for a version or an alias; the environments follow in the background."""
        setting = Provisioned(qualifier, number, function.version(qualifier))
        with self._lock:
            before = self._all.get((function.latest.arn, qualifier))
            self._all[function.latest.arn, qualifier] = setting
            if before is not None and before.version is setting.version:
                setting.ready = before.ready[:number]
                before.ready = before.ready[number:]
            function.provisioned_total = self._total(function)
        if before is not None:
            self._end(before)
        self._fill(setting)
        return setting

    def get(self, function: Function, qualifier: str) -> Provisioned | None:
        return self._all.get((function.latest.arn, qualifier))

    def of(self, function: Function) -> list[Provisioned]:
        """Every setting of the function."""
        return [one for (arn, _), one in self._all.items() if arn == function.latest.arn]

    def remove(self, function: Function, qualifier: str | None = None) -> None:
        """Take the setting back (all of them without a qualifier) and end its environments."""
        with self._lock:
            chosen = [
                key
                for key in self._all
                if key[0] == function.latest.arn and qualifier in (None, key[1])
            ]
            removed = [self._all.pop(key) for key in chosen]
            function.provisioned_total = self._total(function)
        for setting in removed:
            self._end(setting)

    def refresh(self, function: Function, alias: str) -> None:
        """An alias points elsewhere now: provision what it points to."""
        setting = self.get(function, alias)
        if setting is not None and setting.version is not function.version(alias):
            self.put(function, alias, setting.requested)

    def take(self, function: Function, version: Version) -> ExecutionEnvironment | None:
        """A free provisioned environment of the version, if there is one."""
        with self._lock:
            for setting in self.of(function):
                if setting.version is version and setting.ready:
                    environment = setting.ready.pop()
                    setting.serving.append(environment)
                    return environment
        return None

    def give_back(self, environment: ExecutionEnvironment, reusable: bool) -> None:
        """After an invocation; one that was lost is replaced."""
        with self._lock:
            setting = next((s for s in self._all.values() if environment in s.serving), None)
            if setting is not None:
                setting.serving.remove(environment)
                if reusable:
                    setting.ready.append(environment)
                    return
        environment.end()
        if setting is not None:
            self._fill(setting)

    def end_all(self) -> None:
        with self._lock:
            settings = list(self._all.values())
            self._all.clear()
        for setting in settings:
            self._end(setting)

    def _fill(self, setting: Provisioned) -> None:
        for _ in range(setting.requested - setting.allocated):
            self._workers.submit(self._add, setting)

    def _add(self, setting: Provisioned) -> None:
        if setting not in self._all.values():
            return
        environment = self._factory(setting.version)
        ready = environment.initialise()
        with self._lock:
            wanted = setting in self._all.values() and setting.allocated < setting.requested
            if ready and wanted:
                setting.ready.append(environment)
                return
            setting.failed = setting.failed or not ready
        environment.end()

    def _end(self, setting: Provisioned) -> None:
        ready, setting.ready = setting.ready, []
        for environment in ready:
            environment.end()

    def _total(self, function: Function) -> int:
        return sum(setting.requested for setting in self.of(function))
