"""The whole state of a stand-in, read past the code under test, so that it can be compared."""

from __future__ import annotations

from typing import Any

#: What changes by itself.
_TIMES = {
    "ApproximateNumberOfMessages", "LastModifiedTimestamp", "RoleLastUsed", "ResponseMetadata",
    "Location", "storedBytes", "arn_", "lastEventTimestamp",
}  # fmt: skip


def snapshot(standin: Any) -> dict[str, Any]:
    """``{"function": {"shop-x": {…all that AWS tells of it…}}, …}``"""
    c = standin.client
    lam, iam, s3, events = c("lambda"), c("iam"), c("s3"), c("events")
    state: dict[str, dict[str, Any]] = {
        "function": {
            one["FunctionName"]: lam.get_function(FunctionName=one["FunctionName"])
            for one in lam.list_functions()["Functions"]
        },
        "mapping": {
            one["UUID"]: {"of": one["FunctionArn"], "from": one["EventSourceArn"]}
            for one in lam.list_event_source_mappings()["EventSourceMappings"]
        },
        "layer": {
            one["LayerName"]: lam.list_layer_versions(LayerName=one["LayerName"])["LayerVersions"]
            for one in lam.list_layers()["Layers"]
        },
        "role": {
            one["RoleName"]: [
                iam.get_role(RoleName=one["RoleName"])["Role"],
                iam.list_role_policies(RoleName=one["RoleName"])["PolicyNames"],
                iam.list_attached_role_policies(RoleName=one["RoleName"])["AttachedPolicies"],
            ]
            for one in iam.list_roles()["Roles"]
        },
        "policy": {
            one["Arn"]: one["PolicyName"] for one in iam.list_policies(Scope="Local")["Policies"]
        },
        "bucket": {
            one["Name"]: s3.list_object_versions(Bucket=one["Name"]).get("Versions", [])
            for one in s3.list_buckets()["Buckets"]
        },
        "queue": {
            url: c("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            for url in c("sqs").list_queues().get("QueueUrls", [])
        },
        "topic": {
            one["TopicArn"]: c("sns").list_subscriptions_by_topic(TopicArn=one["TopicArn"])[
                "Subscriptions"
            ]
            for one in c("sns").list_topics()["Topics"]
        },
        "bus": {one["Name"]: one["Arn"] for one in events.list_event_buses()["EventBuses"]},
        "rule": {
            f"{bus['Name']}/{one['Name']}": [
                one,
                events.list_targets_by_rule(Rule=one["Name"], EventBusName=bus["Name"])["Targets"],
            ]
            for bus in events.list_event_buses()["EventBuses"]
            for one in events.list_rules(EventBusName=bus["Name"])["Rules"]
        },
        "schedule": {
            one["Name"]: one["GroupName"] for one in c("scheduler").list_schedules()["Schedules"]
        },
        "machine": {
            one["stateMachineArn"]: one["name"]
            for one in c("stepfunctions").list_state_machines()["stateMachines"]
        },
        "table": {
            one: c("dynamodb").scan(TableName=one)["Items"]
            for one in c("dynamodb").list_tables()["TableNames"]
        },
        "parameter": {
            one["Name"]: c("ssm").get_parameter(Name=one["Name"])["Parameter"]["Value"]
            for one in c("ssm").describe_parameters()["Parameters"]
        },
        "secret": {
            one["Name"]: one["ARN"] for one in c("secretsmanager").list_secrets()["SecretList"]
        },
        "group": {
            one["logGroupName"]: one["arn"] for one in c("logs").describe_log_groups()["logGroups"]
        },
        "alarm": {
            one["AlarmName"]: one["Threshold"]
            for one in c("cloudwatch").describe_alarms()["MetricAlarms"]
        },
        "trail": {
            one["Name"]: one["S3BucketName"]
            for one in c("cloudtrail").describe_trails()["trailList"]
        },
        "stream": {one: one for one in c("kinesis").list_streams()["StreamNames"]},
        "api": {one["ApiId"]: one["Name"] for one in c("apigatewayv2").get_apis()["Items"]},
        "rest": {one["id"]: one["name"] for one in c("apigateway").get_rest_apis()["items"]},
        "key": {
            one["KeyId"]: c("kms").describe_key(KeyId=one["KeyId"])["KeyMetadata"]["KeyState"]
            for one in c("kms").list_keys()["Keys"]
        },
    }
    cleaned: dict[str, Any] = _without_times(state)
    # AWS lets nobody delete a key at once: one that waits for it is gone for all purposes.
    cleaned["key"] = {k: v for k, v in cleaned["key"].items() if v != "PendingDeletion"}
    return cleaned


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_times(v) for k, v in value.items() if k not in _TIMES}
    if isinstance(value, list):
        return [_without_times(one) for one in value]
    return value


def count(state: dict[str, Any]) -> int:
    """How many resources there are, AWS's own default bus left out."""
    return sum(len(found) for found in state.values()) - ("default" in state["bus"])


def difference(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What is not as it was, in words; "" where nothing is."""
    said = []
    for kind in sorted(before.keys() | after.keys()):
        old, new = before.get(kind, {}), after.get(kind, {})
        for name in sorted(old.keys() | new.keys()):
            if name not in old:
                said.append(f"{kind} {name} is new")
            elif name not in new:
                said.append(f"{kind} {name} is gone")
            elif old[name] != new[name]:
                said.append(f"{kind} {name} was {old[name]} and is {new[name]}")
    return "; ".join(said)
