"""Event source mappings: what polls a queue or a stream for a function.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from helpers.localaws.compute.arn import function_arn
from helpers.localaws.compute.errors import LambdaError
from helpers.localaws.compute.function import Function
from helpers.localaws.gateway.policies.role import may
from helpers.localaws.triggers.streams.progress import Progress

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


class Poller(Protocol):
    """Works for one mapping until it is stopped."""

    def stop(self) -> None: ...


@dataclass
class Mapping:
    """One event source mapping. ``config`` holds the settings by the API's names.

    It names its function and does not own it: AWS keeps the mapping of a function that was deleted.
    """

    service: LambdaService
    account: str
    region: str
    function_name: str
    qualifier: str | None
    source_arn: str
    config: dict[str, Any]
    enabled: bool = True
    uuid: str = field(default_factory=lambda: str(uuid4()))
    last_modified: float = field(default_factory=time.time)
    last_result: str = "No records processed"
    poller: Poller | None = None
    deleted: bool = False
    progress: Progress = field(default_factory=Progress)  #: of a stream's mapping

    @property
    def function(self) -> Function:
        """Raises ResourceNotFound where it was deleted."""
        return self.service.functions(self.account, self.region).get(self.function_name)

    @property
    def function_arn(self) -> str:
        return function_arn(self.region, self.account, self.function_name, self.qualifier)

    @property
    def role(self) -> str:
        """The function's execution role, with which Lambda reads the source."""
        try:
            return str(self.function.version(self.qualifier).config["Role"])
        except LambdaError:
            return ""

    def may(self, action: str) -> bool:
        """Whether the role may do this on the source: it is asked each time, as it may change."""
        source = self.source_arn.partition("/consumer/")[0]
        return may(self.service, self.role, action, source, self.region)

    @property
    def source(self) -> str:
        """The service of the source: ``sqs``, ``dynamodb`` or ``kinesis``."""
        return self.source_arn.split(":")[2]

    @property
    def state(self) -> str:
        if self.deleted:
            return "Deleting"
        return "Enabled" if self.enabled else "Disabled"

    def configuration(self, state: str | None = None) -> dict[str, Any]:
        """EventSourceMappingConfiguration as the API answers it."""
        of_queue = self.source == "sqs"
        return {
            **self.config,
            "UUID": self.uuid,
            "EventSourceMappingArn": f"arn:aws:lambda:{self.region}:{self.account}:"
            f"event-source-mapping:{self.uuid}",
            "EventSourceArn": self.source_arn,
            "FunctionArn": self.function_arn,
            "LastModified": self.last_modified,
            **({} if of_queue else {"LastProcessingResult": self.last_result}),
            "State": state or self.state,
            "StateTransitionReason": "USER_INITIATED" if of_queue else "User action",
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
        from helpers.localaws.triggers.streams.poller import StreamPoller

        with self._lock:
            wanted = mapping.enabled and not mapping.deleted
            # A stream's poller begins anew with the new settings, where the other one came to.
            if mapping.poller is not None and (not wanted or mapping.source != "sqs"):
                poller, mapping.poller = mapping.poller, None
                poller.stop()
            if wanted and mapping.poller is None:
                poll = QueuePoller if mapping.source == "sqs" else StreamPoller
                mapping.poller = poll(self._service, mapping)

    def end_all(self) -> None:
        """Stop every poller and forget every mapping."""
        for mapping in self.all():
            self.remove(mapping)
