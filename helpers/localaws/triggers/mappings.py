"""Event source mappings: what polls a queue for a function.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from helpers.localaws.compute.function import Function

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


class Poller(Protocol):
    """Works for one mapping until it is stopped."""

    def stop(self) -> None: ...


@dataclass
class Mapping:
    """One event source mapping. ``config`` holds the settings by the API's names."""

    function: Function
    qualifier: str | None
    source_arn: str
    config: dict[str, Any]
    enabled: bool = True
    uuid: str = field(default_factory=lambda: str(uuid4()))
    last_modified: float = field(default_factory=time.time)
    last_result: str = "No records processed"
    poller: Poller | None = None
    deleted: bool = False

    @property
    def state(self) -> str:
        if self.deleted:
            return "Deleting"
        return "Enabled" if self.enabled else "Disabled"

    def configuration(self, state: str | None = None) -> dict[str, Any]:
        """EventSourceMappingConfiguration as the API answers it."""
        latest = self.function.latest
        return {
            **self.config,
            "UUID": self.uuid,
            "EventSourceMappingArn": f"arn:aws:lambda:{latest.region}:{latest.account}:"
            f"event-source-mapping:{self.uuid}",
            "EventSourceArn": self.source_arn,
            "FunctionArn": self.function.arn(self.qualifier),
            "LastModified": self.last_modified,
            "LastProcessingResult": self.last_result,
            "State": state or self.state,
            "StateTransitionReason": "USER_INITIATED",
        }


class Mappings:
    """All event source mappings of this cloud, and their pollers."""

    def __init__(self, service: LambdaService) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._by_uuid: dict[str, Mapping] = {}

    def add(self, mapping: Mapping) -> None:
        with self._lock:
            self._by_uuid[mapping.uuid] = mapping
        self.follow(mapping)

    def get(self, uuid: str) -> Mapping | None:
        return self._by_uuid.get(uuid)

    def all(self) -> list[Mapping]:
        return list(self._by_uuid.values())

    def remove(self, mapping: Mapping) -> None:
        with self._lock:
            self._by_uuid.pop(mapping.uuid, None)
        mapping.deleted = True
        self.follow(mapping)

    def follow(self, mapping: Mapping) -> None:
        """Start or stop the mapping's poller, as its state says."""
        from helpers.localaws.triggers.sqs import QueuePoller

        wanted = mapping.enabled and not mapping.deleted
        if wanted and mapping.poller is None:
            mapping.poller = QueuePoller(self._service, mapping)
        elif not wanted and mapping.poller is not None:
            poller, mapping.poller = mapping.poller, None
            poller.stop()

    def end_all(self) -> None:
        """Stop every poller and forget every mapping."""
        for mapping in self.all():
            self.remove(mapping)
