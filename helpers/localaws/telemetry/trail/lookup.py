"""LookupEvents: the management events of the last 90 days, newest first.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from helpers.localaws.telemetry.trail import event
from helpers.localaws.telemetry.trail.journal import Entry, Journal

DAYS = 90
MOST = 50
KEYS = (
    "EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource",
    "AccessKeyId",
)  # fmt: skip


class BadLookup(ValueError):
    """What CloudTrail refuses: ``code`` and the text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def lookup(journal: Journal, account: str, region: str, given: dict[str, Any]) -> dict[str, Any]:
    """The answer to LookupEvents with these parameters; raises BadLookup."""
    most = int(given.get("MaxResults") or MOST)
    if not 1 <= most <= MOST:
        raise BadLookup("InvalidMaxResultsException", "Max results must be between 1 and 50.")
    attributes = given.get("LookupAttributes") or []
    if len(attributes) > 1 or any(one.get("AttributeKey") not in KEYS for one in attributes):
        raise BadLookup(
            "InvalidLookupAttributesException",
            f"You can look up one attribute at a time. These are valid: {', '.join(KEYS)}.",
        )
    start, end = float(given.get("StartTime") or 0), float(given.get("EndTime") or time.time())
    if start > end:
        raise BadLookup("InvalidTimeRangeException", "The start time must be before the end time.")
    try:
        before = int(given.get("NextToken") or 0)
    except ValueError:
        raise BadLookup("InvalidNextTokenException", "The token is not valid.") from None
    oldest = max(start, time.time() - DAYS * 86_400)
    found: list[tuple[int, dict[str, Any]]] = []
    for entry in reversed(journal.management()):
        if before and entry.number >= before:
            continue
        if not oldest <= entry.time < end + 1 or entry.call.caller.account_id != account:
            continue
        shown = described(entry)
        if shown["region"] != region or not all(_fits(shown, one) for one in attributes):
            continue
        found.append((entry.number, shown["event"]))
        if len(found) > most:
            break
    answer: dict[str, Any] = {"Events": [one for _, one in found[:most]]}
    if len(found) > most:
        answer["NextToken"] = str(found[most - 1][0])
    return answer


def described(entry: Entry) -> dict[str, Any]:
    """The entry as LookupEvents shows it, made once: ``{"region": …, "event": {…}}``."""
    if entry.described is None:
        record = event.record(entry)
        shown = {
            "EventId": record["eventID"],
            "EventName": record["eventName"],
            "ReadOnly": str(record["readOnly"]).lower(),
            "EventTime": entry.time,
            "EventSource": record["eventSource"],
            "Resources": list(_resources(event.touched(entry))),
            "CloudTrailEvent": json.dumps(record),
        }
        if name := event.user_name(record["userIdentity"]):
            shown["Username"] = name
        if entry.call.caller.access_key:
            shown["AccessKeyId"] = entry.call.caller.access_key
        entry.described = {"region": record["awsRegion"], "event": shown}
    return entry.described


def _fits(shown: dict[str, Any], attribute: dict[str, str]) -> bool:
    key, wanted = attribute["AttributeKey"], attribute.get("AttributeValue", "")
    listed = shown["event"]
    if key.startswith("Resource"):
        return any(one.get(key) == wanted for one in listed["Resources"])
    if key == "EventName":  # Lambda's names carry a version that nobody remembers
        return bool(listed[key] == wanted or listed[key].startswith(f"{wanted}20"))
    return bool(listed.get(key) == wanted)


#: CloudFormation's names of what an ARN is about: by service and the word before the name.
_TYPES = {
    ("s3", ""): "AWS::S3::Bucket",
    ("lambda", "function"): "AWS::Lambda::Function",
    ("sqs", ""): "AWS::SQS::Queue",
    ("sns", ""): "AWS::SNS::Topic",
    ("dynamodb", "table"): "AWS::DynamoDB::Table",
    ("iam", "role"): "AWS::IAM::Role",
    ("iam", "user"): "AWS::IAM::User",
    ("iam", "policy"): "AWS::IAM::Policy",
    ("kms", "key"): "AWS::KMS::Key",
    ("secretsmanager", "secret"): "AWS::SecretsManager::Secret",
    ("events", "rule"): "AWS::Events::Rule",
    ("states", "stateMachine"): "AWS::StepFunctions::StateMachine",
    ("logs", "log-group"): "AWS::Logs::LogGroup",
    ("cloudformation", "stack"): "AWS::CloudFormation::Stack",
}


def _resources(arns: list[str]) -> Iterator[dict[str, str]]:
    for arn in arns:
        parts = arn.split(":", 5)
        if len(parts) < 6:
            continue
        service, rest = parts[2], parts[5]
        kind, found, name = rest.replace("/", ":", 1).partition(":")
        if not found:
            kind, name = "", rest
        if service == "s3":
            kind, name = "", rest.partition("/")[0]
        yield {
            "ResourceType": _TYPES.get((service, kind), f"AWS::{service}::{kind}"),
            "ResourceName": name,
        }
