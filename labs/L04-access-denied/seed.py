"""Puts the fault: release 1 is live, release 2 waits in a bucket, and two policies are wrong."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from botocore.exceptions import ClientError

from helpers import RUNTIME
from helpers.cloud import Cloud

from . import policies, programs
from .shop import ALIAS, ARTEFACT, Shop, shop

LOGS = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def seed(cloud: Cloud, student: str) -> None:
    """Put the fault into the cloud; what an earlier seed put there is replaced."""
    branch = shop(student)
    _clear(cloud, branch)
    _buckets(cloud, branch)
    _table(cloud, branch)
    role = _roles(cloud, branch)
    lambda_ = cloud.client("lambda")
    cloud.wait_until(
        lambda: _made(lambda_, branch, role), seconds=60, what="AWS accepts the new role"
    )
    cloud.wait_until(
        lambda: (
            lambda_.get_function_configuration(FunctionName=branch.function)["State"] == "Active"
        ),
        seconds=60,
        what="the function is ready",
    )
    version = lambda_.publish_version(FunctionName=branch.function)["Version"]
    lambda_.create_alias(FunctionName=branch.function, Name=ALIAS, FunctionVersion=version)


def _buckets(cloud: Cloud, branch: Shop) -> None:
    s3 = cloud.client("s3")
    place: dict[str, Any] = {}
    if cloud.region != "us-east-1":
        place["CreateBucketConfiguration"] = {"LocationConstraint": cloud.region}
    for bucket in (branch.releases, branch.photos):
        s3.create_bucket(Bucket=bucket, **place)
    release = programs.package(programs.RELEASE_2)
    s3.put_object(Bucket=branch.releases, Key=ARTEFACT, Body=release)
    for order, photos in branch.orders.items():
        s3.put_object(
            Bucket=branch.photos, Key=f"orders/{order}.json", Body=json.dumps({"photos": photos})
        )
    s3.put_object(Bucket=branch.photos, Key="invoices/2026.csv", Body="name,amount\n")


def _table(cloud: Cloud, branch: Shop) -> None:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName=branch.table,
        AttributeDefinitions=[{"AttributeName": "order", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "order", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    cloud.wait_until(
        lambda: dynamodb.describe_table(TableName=branch.table)["Table"]["TableStatus"] == "ACTIVE",
        seconds=60,
        what="the table is ready",
    )


def _roles(cloud: Cloud, branch: Shop) -> str:
    """Make both roles; returns the ARN of the function's."""
    iam, account, region = cloud.client("iam"), cloud.account_id, cloud.region
    wanted = {
        branch.pipeline: (pipeline_trust(account), policies.of_pipeline(branch, account, region)),
        branch.role: (function_trust(), policies.of_function(branch, account, region)),
    }
    for name, (trust, policy) in wanted.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(
            RoleName=name, PolicyName=policies.NAME, PolicyDocument=json.dumps(policy)
        )
    iam.attach_role_policy(RoleName=branch.role, PolicyArn=LOGS)
    return f"arn:aws:iam::{account}:role/{branch.role}"


def pipeline_trust(account: str) -> dict[str, Any]:
    """Who may be the pipeline: whoever this account's administrator lets."""
    return policies.trust({"AWS": f"arn:aws:iam::{account}:root"})


def function_trust() -> dict[str, Any]:
    return policies.trust({"Service": "lambda.amazonaws.com"})


def _made(lambda_: Any, branch: Shop, role: str) -> bool:
    """Make the function; False while AWS does not know the role everywhere yet."""
    try:
        lambda_.create_function(
            FunctionName=branch.function,
            Runtime=RUNTIME,
            Handler="contact_sheet.handler",
            Role=role,
            Code={"ZipFile": programs.package(programs.RELEASE_1)},
            Environment={"Variables": {"PHOTOS": branch.photos, "TABLE": branch.table}},
        )
    except lambda_.exceptions.InvalidParameterValueException as refused:
        if "cannot be assumed" not in str(refused):
            raise
        return False
    return True


def _clear(cloud: Cloud, branch: Shop) -> None:
    """Take away what has our names; on a local cloud `lab.reset()` has done so before."""
    lambda_, logs = cloud.client("lambda"), cloud.client("logs")
    with contextlib.suppress(ClientError):
        lambda_.delete_function(FunctionName=branch.function)
    with contextlib.suppress(ClientError):
        logs.delete_log_group(logGroupName=f"/aws/lambda/{branch.function}")
    for bucket in (branch.releases, branch.photos):
        with contextlib.suppress(ClientError):
            _empty(cloud, bucket)
    _no_table(cloud, branch)
    for role in (branch.pipeline, branch.role):
        with contextlib.suppress(ClientError):
            _no_role(cloud.client("iam"), role)


def _empty(cloud: Cloud, bucket: str) -> None:
    s3 = cloud.client("s3")
    with contextlib.suppress(ClientError):
        s3.delete_bucket_policy(Bucket=bucket)
    found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    for one in found:
        s3.delete_object(Bucket=bucket, Key=one["Key"])
    s3.delete_bucket(Bucket=bucket)


def _no_table(cloud: Cloud, branch: Shop) -> None:
    dynamodb = cloud.client("dynamodb")
    try:
        dynamodb.delete_table(TableName=branch.table)
    except ClientError:
        return
    dynamodb.get_waiter("table_not_exists").wait(
        TableName=branch.table, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def _no_role(iam: Any, role: str) -> None:
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    for one in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=one["PolicyArn"])
    iam.delete_role(RoleName=role)
