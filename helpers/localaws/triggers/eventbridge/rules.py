"""What AWS refuses when rules and targets are set, and TestEventPattern.

Sources: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html,
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html and
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from helpers.localaws.triggers import constraints, schedule_expressions
from helpers.localaws.triggers.eventbridge import targets as kinds
from helpers.localaws.triggers.eventbridge import transform
from helpers.localaws.triggers.eventbridge.patterns import InvalidPattern, Pattern, compile_pattern

#: Targets of one rule.
#: Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
MAX_TARGETS = 5
_ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+")
_EVENT_MEMBERS = {"id", "account", "source", "time", "region", "detail-type"}


def check_rule(name: str, given: dict[str, Any]) -> None:
    """Raise ValidationException for what PutRule refuses; ``given`` has moto's names.

    An event pattern is refused when it is read (``parsed``).
    """
    from moto.events.exceptions import ValidationException

    if given.get("managed_by"):
        return
    asked = {
        "Name": name,
        "EventPattern": given.get("event_pattern"),
        "ScheduleExpression": given.get("scheduled_expression"),
        "State": given.get("state"),
        "Description": given.get("description"),
        "RoleArn": given.get("role_arn"),
        "EventBusName": given.get("event_bus_arn"),
    }
    if problem := constraints.problem("events", "PutRule", asked):
        raise ValidationException(problem)
    if expression := given.get("scheduled_expression"):
        try:
            schedule_expressions.parse(expression, one_time=False)
        except schedule_expressions.InvalidExpression:
            raise ValidationException("Parameter ScheduleExpression is not valid.") from None


def check_targets(rule: Any, targets: list[dict[str, Any]], name: str, bus: str | None) -> None:
    """Raise what PutTargets raises; ``rule`` is moto's, None where there is none of that name.

    Raises NotImplementedError for targets that this local AWS does not reach.
    """
    from moto.core.exceptions import JsonRESTError
    from moto.events.exceptions import ResourceNotFoundException, ValidationException

    if rule is not None and rule.managed_by:
        return
    asked = {"Rule": name, "EventBusName": bus, "Targets": targets}
    if problem := constraints.problem("events", "PutTargets", asked):
        raise ValidationException(problem)
    if rule is None:
        shown = (bus or "default").rpartition("/")[2]
        raise ResourceNotFoundException(f"Rule {name} does not exist on EventBus {shown}.")
    for target in targets:
        _check_target(target, rule)
    known = {target["Id"] for target in rule.targets}
    if len(known | {target["Id"] for target in targets}) > MAX_TARGETS:
        raise JsonRESTError(
            "LimitExceededException",
            "The requested resource exceeds the maximum number allowed.",
        )


def _check_target(target: dict[str, Any], rule: Any) -> None:
    from moto.events.exceptions import ValidationException

    arn = target["Arn"]
    if not _ARN.fullmatch(arn):
        raise ValidationException(
            f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        )
    if problem := transform.check(target):
        raise ValidationException(problem)
    _, _, service, _, account, resource = arn.split(":", 5)
    if service not in kinds.KINDS or resource.startswith("api-destination"):
        raise NotImplementedError
    of_others = service == "events" and account != rule.account_id
    if (service in kinds.WITH_ROLE or of_others) and not target.get("RoleArn"):
        raise ValidationException(f"RoleArn is required for target {arn}.")


def compiled(pattern: str) -> Pattern:
    """The pattern, compiled. Raises InvalidEventPatternException with AWS's reason."""
    from moto.events.exceptions import InvalidEventPatternException

    try:
        return compile_pattern(pattern)
    except InvalidPattern as problem:
        raise InvalidEventPatternException(str(problem)) from None


def parsed(pattern: str | None) -> Any:
    """The pattern as JSON, as moto wants it; none is an empty one."""
    if not pattern:
        return {}
    compiled(pattern)
    return json.JSONDecoder().raw_decode(pattern.lstrip())[0]  # AWS reads no further either


def matches(pattern: Any, event: dict[str, Any]) -> bool:
    """Whether the event fits moto's pattern; an empty one (of an archive) takes everything."""
    if not pattern.get_pattern():
        return True
    return compiled(pattern.dump() or json.dumps(pattern.get_pattern())).matches(event)


def fits(pattern: str, event: str) -> bool:
    """TestEventPattern. The event needs what every event has, but no resources and no detail."""
    from moto.events.exceptions import ValidationException

    try:
        document = json.loads(event)
    except ValueError:
        document = None
    wanted = compiled(pattern)
    if not isinstance(document, dict) or not set(document) >= _EVENT_MEMBERS:
        raise ValidationException("Parameter Event is not valid.")
    return wanted.matches(document)
