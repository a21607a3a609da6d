"""AWS X-Ray: most of its actions know no resource.

Source: https://docs.aws.amazon.com/xray/latest/devguide/security_iam_service-with-iam.html
"""

from __future__ import annotations

from helpers.localaws.iam.actions.asked import Asked
from helpers.localaws.iam.actions.rule import Spec, either, named


def _rule(asked: Asked) -> list[str]:
    rule = asked.get("SamplingRule") or asked.get("SamplingRuleUpdate") or {}
    name = rule.get("RuleName") or asked.first("RuleName")
    return [rule.get("RuleARN") or asked.arn(f"sampling-rule/{name}")] if name or rule else []


SPEC = Spec(
    "xray",
    types={
        "group": either(named("{}", "GroupARN"), named("group/{}/*", "GroupName")),
        "sampling-rule": either(named("{}", "RuleARN"), _rule),
    },
    arn_parameters=("ResourceARN",),
)
