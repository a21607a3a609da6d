"""Takes away what an earlier seed or a student's work left under a seed's names.

What is not there is no error. On a local cloud `lab.reset()` has emptied everything before; these
are for an account, and for a lab that is opened over another try.
"""

from __future__ import annotations

import contextlib
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud


def no_function(cloud: Cloud, name: str) -> None:
    """Take away a function, the mappings that feed it, and its log."""
    lambda_ = cloud.client("lambda")
    with contextlib.suppress(ClientError):
        found = lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        for mapping in found:
            with contextlib.suppress(ClientError):  # on its way out already
                lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
    with contextlib.suppress(ClientError):
        lambda_.delete_function(FunctionName=name)
    with contextlib.suppress(ClientError):
        cloud.client("logs").delete_log_group(logGroupName=f"/aws/lambda/{name}")


def no_role(cloud: Cloud, name: str) -> None:
    """Take away a role with its policies; managed policies stay."""
    iam = cloud.client("iam")
    with contextlib.suppress(iam.exceptions.NoSuchEntityException):
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=one["PolicyArn"])
        iam.delete_role(RoleName=name)


def no_bucket(cloud: Cloud, name: str) -> None:
    """Take away a bucket with its policy and every version of every object."""
    s3 = cloud.client("s3")
    try:
        s3.delete_bucket_policy(Bucket=name)  # it may keep everybody out
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=name)
        for page in pages:
            found = page.get("Versions", []) + page.get("DeleteMarkers", [])
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
            if objects:
                s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
        s3.delete_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


def no_table(cloud: Cloud, name: str) -> None:
    """Take away a table, and wait until its name is free."""
    dynamodb: Any = cloud.client("dynamodb")
    with contextlib.suppress(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.delete_table(TableName=name)
        dynamodb.get_waiter("table_not_exists").wait(
            TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )


def no_queue(cloud: Cloud, name: str) -> None:
    """Take away a queue. (On an account its name is free again after a minute.)"""
    sqs = cloud.client("sqs")
    with contextlib.suppress(sqs.exceptions.QueueDoesNotExist):
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])
