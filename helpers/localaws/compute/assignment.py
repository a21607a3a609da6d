"""Chooses the execution environment for an invocation: a free warm one, else a new one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from helpers.localaws import clock
from helpers.localaws.compute.environment import ExecutionEnvironment, Factory
from helpers.localaws.compute.function import Version

#: How long an environment waits for another event, in seconds of the course clock. AWS promises no
#: number; what is observed is some minutes.
IDLE_SECONDS = 600


class Assignment:
    """All execution environments of this cloud."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._lock = threading.Lock()
        self._idle: dict[str, list[ExecutionEnvironment]] = {}
        self._busy: set[ExecutionEnvironment] = set()
        self._emptied = 0  # how often everything was ended
        self._ender = ThreadPoolExecutor(max_workers=2, thread_name_prefix="environment-ender")
        clock.on_change(self.end_idle)
        threading.Thread(target=self._sweep, name="idle-sweep", daemon=True).start()

    def acquire(self, version: Version) -> ExecutionEnvironment:
        """An environment for one invocation: the one that was used last, or a new one."""
        with self._lock:
            waiting = self._idle.get(version.key)
            if waiting:
                environment = waiting.pop()
                self._busy.add(environment)
                return environment
            emptied = self._emptied
        environment = self._factory(version)
        with self._lock:
            self._busy.add(environment)
            too_late = emptied != self._emptied
        if too_late:
            environment.end()  # whoever waits for it learns that it could not start
        environment.initialise()
        return environment

    def release(self, environment: ExecutionEnvironment, reusable: bool) -> None:
        """Take an environment back after its invocation."""
        with self._lock:
            known = environment in self._busy
            self._busy.discard(environment)
            if known and reusable:
                self._idle.setdefault(environment.key, []).append(environment)
                return
        self._ender.submit(environment.end)

    def end_idle(self) -> None:
        """End what has waited for too long on the course clock."""
        limit = time.time() - IDLE_SECONDS
        self._end_where(lambda environment: environment.idle_since < limit)

    def retire(self, version: Version) -> None:
        """End the free environments of a version that has changed or is gone."""
        self._end_where(lambda environment: environment.version is version)

    def end_all(self) -> None:
        """End every environment, also those that serve; return when all are gone."""
        with self._lock:
            everyone = [one for waiting in self._idle.values() for one in waiting]
            everyone += self._busy
            self._idle.clear()
            self._busy.clear()
            self._emptied += 1
        with ThreadPoolExecutor(max_workers=16) as enders:
            list(enders.map(ExecutionEnvironment.end, everyone))

    def _end_where(self, condition: Callable[[ExecutionEnvironment], bool]) -> None:
        chosen: list[ExecutionEnvironment] = []
        with self._lock:
            for key, waiting in list(self._idle.items()):
                chosen += [one for one in waiting if condition(one)]
                self._idle[key] = [one for one in waiting if not condition(one)]
                if not self._idle[key]:
                    del self._idle[key]
        for environment in chosen:
            environment.end()

    def _sweep(self) -> None:
        pause = threading.Event()
        while not pause.wait(15):
            self.end_idle()
