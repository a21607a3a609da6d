"""Puts the fault: release 1 is live, release 2 waits in a bucket, and two policies are wrong."""

from __future__ import annotations

import json

from helpers.cloud import Cloud
from helpers.teach.labs import clearing, making
from helpers.teach.labs.documents import MAY_LOG, Document, trust

from . import policies, programs
from .shop import ALIAS, ARTEFACT, Shop, shop


def seed(cloud: Cloud, student: str) -> None:
    """Put the fault into the cloud; what an earlier seed put there is replaced."""
    branch = shop(student)
    _clear(cloud, branch)
    role = _roles(cloud, branch)
    making.function(
        cloud,
        branch.function,
        {programs.FILE: programs.RELEASE_1},
        Handler=programs.HANDLER,
        Role=role,
        Environment={"Variables": {"PHOTOS": branch.photos, "TABLE": branch.table}},
    )
    _buckets(cloud, branch)
    making.table(cloud, branch.table, key="order")
    making.ready(cloud, branch.function)
    lambda_ = cloud.client("lambda")
    version = lambda_.publish_version(FunctionName=branch.function)["Version"]
    lambda_.create_alias(FunctionName=branch.function, Name=ALIAS, FunctionVersion=version)


def _buckets(cloud: Cloud, branch: Shop) -> None:
    making.bucket(cloud, branch.releases, {ARTEFACT: programs.package(programs.RELEASE_2)})
    orders = {
        f"orders/{order}.json": json.dumps({"photos": photos})
        for order, photos in branch.orders.items()
    }
    making.bucket(cloud, branch.photos, orders | {"invoices/2026.csv": "name,amount\n"})


def _roles(cloud: Cloud, branch: Shop) -> str:
    """Make both roles; returns the ARN of the function's."""
    account, region = cloud.account_id, cloud.region
    of_pipeline = {policies.NAME: policies.of_pipeline(branch, account, region)}
    making.role(cloud, branch.pipeline, pipeline_trust(account), of_pipeline)
    of_function = {policies.NAME: policies.of_function(branch, account, region)}
    return making.role(cloud, branch.role, inline=of_function, attached=[MAY_LOG])


def pipeline_trust(account: str) -> Document:
    """Who may be the pipeline: whoever this account's administrator lets."""
    return trust(AWS=f"arn:aws:iam::{account}:root")


def _clear(cloud: Cloud, branch: Shop) -> None:
    clearing.no_function(cloud, branch.function)
    for bucket in (branch.releases, branch.photos):
        clearing.no_bucket(cloud, bucket)
    clearing.no_table(cloud, branch.table)
    for role in (branch.pipeline, branch.role):
        clearing.no_role(cloud, role)
