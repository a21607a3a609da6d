"""Requests whose values moto does not look at."""

from __future__ import annotations


def look_at_requests() -> None:
    """Reason: moto fails (501) at values of a wrong type and takes those that are too long.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html
    """
    from moto.events.responses import EventsHandler
    from moto.logs.responses import LogsResponse
    from moto.scheduler.responses import EventBridgeSchedulerResponse

    from helpers.localaws.triggers.constraints import checked

    call = EventsHandler.call_action
    EventBridgeSchedulerResponse.call_action = checked(call, "scheduler", None)
    EventsHandler.call_action = checked(call, "events", "ValidationException")
    LogsResponse.call_action = checked(call, "logs", "InvalidParameterException")
