"""AWS Lambda: moto's services get ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def hand_over_to(service: LambdaService) -> None:
    """Reason: moto runs a handler (in Docker, or not at all) inside the producer's own API call, so
    a slow handler makes ``put_object`` slow, and boto's retry of that call runs it again. moto's
    services fetch its Lambda through one function; with this in its place they hand their event to
    the asynchronous queue and return, as on AWS.
    """
    from moto.awslambda import utils

    def get_backend(account_id: str, region: str) -> LambdaForMoto:
        return LambdaForMoto(service, account_id, region)

    utils.get_backend = get_backend


class LambdaForMoto:
    """The few calls that moto's services make to Lambda, each handed to the queue."""

    def __init__(self, service: LambdaService, account: str, region: str) -> None:
        self._service, self._account, self._region = service, account, region

    def get_function(self, name_or_arn: str, qualifier: str | None = None) -> str:
        """Used by subscription filters of CloudWatch Logs, to see whether there is one."""
        return name_or_arn

    def send_log_event(
        self, arn: str, filter_name: str, group: str, stream: str, events: list[dict[str, Any]]
    ) -> None:
        """Used by subscription filters of CloudWatch Logs."""
        from moto.logs.models import logs_backends

        from helpers.localaws.triggers import logs

        found = logs_backends[self._account][self._region].groups[group]
        logs.forward(self._service, found, stream, filter_name, events)

    def put(self, name_or_arn: str, qualifier: str | None, body: str | bytes) -> None:
        from helpers.localaws.compute import arn
        from helpers.localaws.compute.events import QueuedEvent
        from helpers.localaws.compute.invocation import Invocation

        named = arn.parse(name_or_arn, qualifier)
        region = named.region or self._region
        account = named.account or self._account
        target = arn.function_arn(region, account, named.name, named.qualifier)
        payload = body.encode() if isinstance(body, str) else body
        event = QueuedEvent(
            account, region, named.name, named.qualifier, Invocation(payload, target)
        )
        self._service.events.put(event)
