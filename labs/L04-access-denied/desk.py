"""What the check looks at, and what it does: release as the pipeline, order as a customer.

Everything that it changes is put back: what was live stays live.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud
from helpers.teach.checking.functions import Deployed, Reply
from helpers.teach.checking.reach import Reach
from helpers.teach.labs import clearing, making
from helpers.teach.labs.documents import TRUST_LAMBDA

from . import policies, programs
from .pipeline import Refused, release
from .seed import pipeline_trust
from .shop import ALIAS, Shop

#: The check's own sessions, told apart from the student's in the audit trail.
SESSION = "lab-check"


def digest(archive: bytes) -> str:
    """What Lambda calls CodeSha256."""
    return base64.b64encode(hashlib.sha256(archive).digest()).decode()


@dataclass
class Desk:
    """One student's branch on one cloud."""

    cloud: Cloud
    shop: Shop
    _reach: dict[str, Reach] = field(default_factory=dict, init=False)

    @property
    def patience(self) -> float:
        """Seconds in which a change of a policy may still be on its way."""
        return 0 if self.cloud.kind == "local" else 30

    @cached_property
    def lambda_(self) -> Any:
        return self.cloud.client("lambda")

    @cached_property
    def iam(self) -> Any:
        return self.cloud.client("iam")

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        """An ARN of this account; IAM's have no region."""
        place = "" if service == "iam" else region or self.cloud.region
        return f"arn:aws:{service}:{place}:{self.cloud.account_id}:{resource}"

    # --- what is there ----------------------------------------------------------------------------

    def live(self) -> dict[str, str]:
        """The versions behind the alias, with the digest of each one's code; the one that the alias
        names first, then those that get a share of the orders. Raises ClientError.
        """
        alias = self.lambda_.get_alias(FunctionName=self.shop.function, Name=ALIAS)
        shares = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        names = [alias["FunctionVersion"], *(one for one, share in shares.items() if share)]
        return {name: self.settings(name)["CodeSha256"] for name in names}

    def settings(self, version: str = "$LATEST") -> dict[str, Any]:
        """The function's configuration. Raises ClientError."""
        found: dict[str, Any] = self.lambda_.get_function_configuration(
            FunctionName=self.shop.function, Qualifier=version
        )
        return found

    def is_stopped(self) -> bool:
        """Whether its reserved concurrency lets nobody in."""
        found = self.lambda_.get_function_concurrency(FunctionName=self.shop.function)
        return bool(found.get("ReservedConcurrentExecutions") == 0)

    @property
    def session_of_pipeline(self) -> str:
        """How the ARN of everybody who works as the pipeline begins. (A user's may hold anything:
        IAM's paths are free.)
        """
        return f"arn:aws:sts::{self.cloud.account_id}:assumed-role/{self.shop.pipeline}/"

    def changes_of_rights(self) -> set[str]:
        """The latest changes in IAM, by the identifiers that the audit trail gives them."""
        found = self.cloud.client("cloudtrail").lookup_events(
            LookupAttributes=[
                {"AttributeKey": "EventSource", "AttributeValue": "iam.amazonaws.com"}
            ]
        )
        return {one["EventId"] for one in found["Events"] if one.get("ReadOnly") == "false"}

    def brought_by(self) -> str:
        """Who made the last change of the alias, as the audit trail tells; "" for nobody."""
        pages = self.cloud.client("cloudtrail").get_paginator("lookup_events")
        asked = [{"AttributeKey": "ResourceName", "AttributeValue": self.shop.function}]
        for page in pages.paginate(LookupAttributes=asked):
            for event in page["Events"]:  # the newest first
                told = json.loads(event["CloudTrailEvent"])
                who = str(told["userIdentity"].get("arn", ""))
                ours = who == f"{self.session_of_pipeline}{SESSION}"
                made = told["eventName"].startswith("UpdateAlias") and "errorCode" not in told
                if made and not ours and told["requestParameters"].get("name") == ALIAS:
                    return who
        return ""

    def inline(self, role: str) -> dict[str, Any]:
        """A role's inline policies: {name: document}. Raises ClientError."""
        names = self.iam.list_role_policies(RoleName=role)["PolicyNames"]
        return {
            name: self.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for name in names
        }

    def attached(self, role: str) -> list[str]:
        """The names of a role's managed policies. Raises ClientError."""
        found = self.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        return [one["PolicyName"] for one in found]

    def trust(self, role: str) -> dict[str, Any]:
        """A role's trust policy. Raises ClientError."""
        document: dict[str, Any] = self.iam.get_role(RoleName=role)["Role"][
            "AssumeRolePolicyDocument"
        ]
        return document

    def bucket_policy(self, bucket: str) -> dict[str, Any]:
        """A bucket's policy; {} without one."""
        try:
            text = self.cloud.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
        except ClientError:
            return {}
        document: dict[str, Any] = json.loads(text)
        return document

    def untouched(self) -> bool:
        """Whether all is as it was seeded. Raises ClientError where something is gone."""
        shop, account, region = self.shop, self.cloud.account_id, self.cloud.region
        return (
            list(self.live().values()) == [digest(programs.package(programs.RELEASE_1))]
            and self.inline(shop.pipeline)
            == {policies.NAME: policies.of_pipeline(shop, account, region)}
            and self.inline(shop.role)
            == {policies.NAME: policies.of_function(shop, account, region)}
            and not self.attached(shop.pipeline)
            and len(self.attached(shop.role)) == 1
            and self.trust(shop.pipeline) == pipeline_trust(account)
            and self.trust(shop.role) == TRUST_LAMBDA
            and not any(map(self.bucket_policy, (shop.photos, shop.releases)))
        )

    def allowed(self, role: str, action: str, resource: str) -> bool:
        """Whether a role may do something, by its own policies or by the buckets'."""
        if role not in self._reach:
            buckets = map(self.bucket_policy, (self.shop.photos, self.shop.releases))
            self._reach[role] = Reach(self.iam, role, buckets)
        return self._reach[role].allows(action, resource)

    # --- what is tried ----------------------------------------------------------------------------

    def as_pipeline(self) -> Callable[[str], Any]:
        """Makes clients with the pipeline's credentials. Raises ClientError where it may not."""
        arn = self.arn("iam", f"role/{self.shop.pipeline}")
        keys = self.cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName=SESSION)
        given = keys["Credentials"]
        return lambda service: self.cloud.client(
            service,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    def try_release(self) -> Refused | ClientError | None:
        """Release as the pipeline does; what stood in its way, or None."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                role = self.arn("iam", f"role/{self.shop.role}")
                release(self.cloud, self.as_pipeline(), self.shop, role)
                return None
            except (Refused, ClientError) as problem:
                if time.monotonic() >= deadline:
                    return problem
                time.sleep(2)  # only on an account, where a new policy takes a while

    @contextlib.contextmanager
    def as_it_was(self) -> Iterator[None]:
        """Put back what was live, and the code that was there, when the check has released."""
        name = self.shop.function
        making.ready(self.cloud, name, first_look=0)  # a change of the student's may be under way
        before = next(iter(self.live()))
        settings, known = self.settings(), self._versions()
        try:
            yield
        finally:
            with contextlib.suppress(ClientError):
                if next(iter(self.live())) != before:
                    # As the pipeline: the trail must not tell of a release by hand.
                    self.as_pipeline()("lambda").update_alias(
                        FunctionName=name, Name=ALIAS, FunctionVersion=before
                    )
                # Publishing what is published already gives that version, the student's own.
                for version in self._versions() - known:
                    self.lambda_.delete_function(FunctionName=name, Qualifier=version)
            with contextlib.suppress(ClientError):
                self._put_back(settings)

    def _versions(self) -> set[str]:
        pages = self.lambda_.get_paginator("list_versions_by_function")
        found = pages.paginate(FunctionName=self.shop.function)
        return {one["Version"] for page in found for one in page["Versions"]}

    def _put_back(self, before: dict[str, Any]) -> None:
        name, now = self.shop.function, self.settings()
        known = {
            digest(archive): archive
            for archive in map(programs.package, (programs.RELEASE_1, programs.RELEASE_2))
        }
        if now["CodeSha256"] != before["CodeSha256"] and before["CodeSha256"] in known:
            self.lambda_.update_function_code(
                FunctionName=name, ZipFile=known[before["CodeSha256"]]
            )
            making.ready(self.cloud, name)
        if (now["Timeout"], now["Role"]) != (before["Timeout"], before["Role"]):
            self.lambda_.update_function_configuration(
                FunctionName=name, Timeout=before["Timeout"], Role=before["Role"]
            )
            making.ready(self.cloud, name)

    @contextlib.contextmanager
    def release_2(self) -> Iterator[Deployed]:
        """Release 2 with the ticket's role and the two names, under a name of the check's.

        Not with whatever else the settings hold: another role or another endpoint would answer
        for the one that is judged.
        """
        name = f"{SESSION}-{uuid.uuid4().hex[:8]}"
        variables = self.settings().get("Environment", {}).get("Variables", {})
        try:
            making.function(
                self.cloud,
                name,
                {programs.FILE: programs.RELEASE_2},
                Handler=programs.HANDLER,
                Role=self.arn("iam", f"role/{self.shop.role}"),
                Timeout=60,  # a busy machine is no reason to fail
                Environment={
                    "Variables": {one: variables.get(one, "") for one in ("PHOTOS", "TABLE")}
                },
            )
            making.ready(self.cloud, name)
            yield Deployed(self.cloud, name, "release 2")
        finally:
            clearing.no_function(self.cloud, name)

    def order(self, function: Deployed, order: str) -> tuple[Reply, dict[str, Any]]:
        """Invoke the function with an order: its reply, and the item in the table after it."""
        dynamodb = self.cloud.client("dynamodb")
        key = {"order": {"S": order}}
        dynamodb.delete_item(TableName=self.shop.table, Key=key)
        deadline = time.monotonic() + self.patience
        while True:
            reply = function.invoke({"order": order})
            if not reply.failed or time.monotonic() >= deadline:
                break
            time.sleep(2)
        item = dynamodb.get_item(TableName=self.shop.table, Key=key, ConsistentRead=True)
        return reply, item.get("Item", {})
