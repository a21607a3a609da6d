"""What the check looks at, all of it through AWS calls, and what it changes and puts back."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud
from helpers.teach.checking.reach import Reach

from .shop import ALIAS, KEY, Shop

#: What a version keeps as it was when it was published.
PUBLISHED = ("CodeSha256", "Handler", "Role", "MemorySize", "Timeout", "Environment")


@dataclass(frozen=True)
class Invoked:
    """What came back. `refused` is AWS's reason where nothing ran."""

    value: Any = None
    failed: bool = False
    refused: str = ""

    @property
    def message(self) -> str:
        """The error's type and message as AWS tells them."""
        if isinstance(self.value, dict):
            return f"{self.value.get('errorType', '')} {self.value.get('errorMessage', '')}".strip()
        return str(self.value)


@dataclass
class Desk:
    """One student's branch on one cloud."""

    cloud: Cloud
    shop: Shop
    _changed: bool = field(default=False, init=False)
    _patient: bool = field(default=True, init=False)

    @cached_property
    def lambda_(self) -> Any:
        return self.cloud.client("lambda")

    @cached_property
    def s3(self) -> Any:
        return self.cloud.client("s3")

    @cached_property
    def iam(self) -> Any:
        return self.cloud.client("iam")

    # --- the function -----------------------------------------------------------------------------

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The configuration that the web shop meets; {} where there is no function."""
        for qualifier in ({"Qualifier": ALIAS}, {}):
            with contextlib.suppress(self.lambda_.exceptions.ResourceNotFoundException):
                found: dict[str, Any] = self.lambda_.get_function_configuration(
                    FunctionName=self.shop.function, **qualifier
                )
                return found
        return {}

    @property
    def name(self) -> str:
        """The function as it is invoked: through its alias where it has one."""
        has_alias = bool(self.versions_behind_alias())
        return f"{self.shop.function}:{ALIAS}" if has_alias else self.shop.function

    def versions_behind_alias(self) -> set[str]:
        """The versions that the alias leads to; none where it is not there."""
        try:
            found = self.lambda_.get_alias(FunctionName=self.shop.function, Name=ALIAS)
        except self.lambda_.exceptions.ResourceNotFoundException:
            return set()
        more = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        return {found["FunctionVersion"], *more}

    def behind(self) -> str:
        """The version behind the alias, where $LATEST has been changed since it was published."""
        versions = sorted(self.versions_behind_alias() - {"$LATEST"})
        if not versions:
            return ""
        latest = self.lambda_.get_function_configuration(FunctionName=self.shop.function)
        same = all(self.settings.get(one) == latest.get(one) for one in PUBLISHED)
        return "" if same else versions[0]

    def invoke(self, event: Any, name: str = "") -> Invoked:
        """Invoke it (or another function) and return what came back, whatever it was.

        The first time that it takes too long it is asked again: on a busy machine it can be the
        cold start that did.
        """
        reply = self._invoke(name or self.name, event)
        if self._patient and reply.failed and "Task timed out" in reply.message:
            self._patient = False
            return self._invoke(name or self.name, event)
        return reply

    def _invoke(self, name: str, event: Any) -> Invoked:
        try:
            reply = self.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))
        except ClientError as error:
            return Invoked(refused=str(error))
        text = reply["Payload"].read().decode("utf-8", errors="replace")
        try:
            value = json.loads(text) if text else None
        except (ValueError, RecursionError):
            value = text
        return Invoked(value, failed="FunctionError" in reply)

    def copies(self, format_: str, asked: int | str) -> int:
        """The number of copies that a case means: itself, or a place beside the discount's."""
        if isinstance(asked, int):
            return asked
        many, percent = self.shop.many, self.shop.percent
        if asked == "fraction":  # the first that leaves more than half a cent to drop
            price = self.shop.prices[format_]
            return next(
                n for n in range(many, many + 200) if price * n * (100 - percent) % 100 > 50
            )
        return many + {"many": 0, "many less one": -1, "many and one": 1}[asked]

    def tag(self, name: str) -> str | None:
        arn = self.lambda_.get_function_configuration(FunctionName=self.shop.function)
        tags: dict[str, str] = self.lambda_.list_tags(Resource=arn["FunctionArn"])["Tags"]
        return tags.get(name)

    def concurrency(self) -> int | None:
        """The reserved concurrency, None without one."""
        found = self.lambda_.get_function_concurrency(FunctionName=self.shop.function)
        return found.get("ReservedConcurrentExecutions")

    # --- its role ---------------------------------------------------------------------------------

    @property
    def role(self) -> str:
        """The name of its role."""
        return str(self.settings["Role"]).rpartition("/")[2]

    def functions_of(self, role: str) -> list[str]:
        """The functions that have this role."""
        pages = self.lambda_.get_paginator("list_functions").paginate()
        return [
            one["FunctionName"]
            for page in pages
            for one in page["Functions"]
            if str(one["Role"]).rpartition("/")[2] == role
        ]

    def can_read(self) -> bool:
        """Whether the role may read the price list: by its policies, or by the bucket's."""
        if self.allowed("s3:GetObject", self.resource("the price list")):
            return True
        reply = self.invoke({"format": "10x15", "copies": 1})
        return isinstance(reply.value, dict) and "total" in reply.value

    @cached_property
    def reach(self) -> Reach:
        """What the role may do at most. Raises ClientError where it is gone."""
        with contextlib.suppress(ClientError):
            policy = json.loads(self.s3.get_bucket_policy(Bucket=self.shop.bucket)["Policy"])
            return Reach(self.iam, self.role, [policy])
        return Reach(self.iam, self.role)

    def allowed(self, action: str, resource: str) -> bool:
        """Whether the role's own policies allow something. The simulator does nothing."""
        reply = self.iam.simulate_principal_policy(
            PolicySourceArn=self.settings["Role"], ActionNames=[action], ResourceArns=[resource]
        )
        return bool(reply["EvaluationResults"][0]["EvalDecision"] == "allowed")

    def resource(self, words: str) -> str:
        """The ARN that a case's words stand for."""
        here = f"{self.cloud.region}:{self.cloud.account_id}"
        bucket = f"arn:aws:s3:::{self.shop.bucket}"
        return {
            "the price list": f"{bucket}/{KEY}",
            "another object": f"{bucket}/salaries.json",
            "another bucket": f"arn:aws:s3:::{self.shop.city}-customers/{KEY}",
            "the function": f"arn:aws:lambda:{here}:function:{self.shop.function}",
            "a table": f"arn:aws:dynamodb:{here}:table/{self.shop.city}-orders",
            "a role": f"arn:aws:iam::{self.cloud.account_id}:role/{self.shop.city}-office-admin",
            "its log": f"arn:aws:logs:{here}:log-group:{self.log_group}:log-stream:any",
        }[words]

    # --- its log ----------------------------------------------------------------------------------

    @property
    def log_group(self) -> str:
        """Where its log goes: LoggingConfig may name a group."""
        named = self.settings.get("LoggingConfig", {}).get("LogGroup")
        return str(named or f"/aws/lambda/{self.shop.function}")

    def retention(self) -> tuple[bool, int | None]:
        """Whether the log group is there, and for how many days its events are kept."""
        found = self.cloud.client("logs").describe_log_groups(logGroupNamePrefix=self.log_group)
        for group in found["logGroups"]:
            if group["logGroupName"] == self.log_group:
                return True, group.get("retentionInDays")
        return False, None

    # --- the price list ---------------------------------------------------------------------------

    def price_list(self) -> dict[str, int]:
        """The price list as it is. Raises ClientError where it is gone."""
        found = self.s3.get_object(Bucket=self.shop.bucket, Key=KEY)
        prices: dict[str, int] = json.load(found["Body"])
        return prices

    def change_prices(self, prices: Mapping[str, int]) -> None:
        self._changed = True
        self.s3.put_object(Bucket=self.shop.bucket, Key=KEY, Body=json.dumps(dict(prices)))

    def put_back(self) -> None:
        """The prices as they were; and environments that have read others forget them."""
        if self._changed:
            self.change_prices(self.shop.prices)
            self._changed = False
            self.cloud.clock.advance(minutes=6)
