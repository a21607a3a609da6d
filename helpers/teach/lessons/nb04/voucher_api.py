"""The learner's API of vouchers as the check of notebook 04 sees it: over HTTP, and as AWS does."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import requests
from botocore.exceptions import ClientError

from helpers.cloud import Cloud, CloudError
from helpers.teach.checking import Slip

NAME = "shop-vouchers"
SECONDS = 60


@dataclass
class VoucherApi:
    """The newest HTTP API called shop-vouchers, and what it made for the check."""

    cloud: Cloud
    made: list[str] = field(default_factory=list)
    patience: float = 3  # seconds that a line of the log may take
    unread: Slip | None = None  # why GET of a new voucher went wrong

    @cached_property
    def client(self) -> Any:
        return self.cloud.client("apigatewayv2")

    @cached_property
    def lambda_(self) -> Any:
        return self.cloud.client("lambda")

    @cached_property
    def api(self) -> dict[str, Any] | None:
        """As GetApis tells it; None where there is none of that name."""
        pages = self.client.get_paginator("get_apis").paginate()
        found = [one for page in pages for one in page["Items"] if one["Name"] == NAME]
        if not found:
            return None
        newest: dict[str, Any] = max(found, key=lambda one: one["CreatedDate"])
        ties = [one for one in found if one["CreatedDate"] == newest["CreatedDate"]]
        # Made in the same second: the one that has routes is the one that was finished.
        return max(ties, key=lambda one: len(self._routes(one["ApiId"])))

    @cached_property
    def id(self) -> str:
        assert self.api is not None
        return str(self.api["ApiId"])

    @cached_property
    def routes(self) -> list[dict[str, Any]]:
        return self._routes(self.id)

    @cached_property
    def route_keys(self) -> list[str]:
        return sorted(str(route["RouteKey"]) for route in self.routes)

    @cached_property
    def url(self) -> str | None:
        """Where the API answers, without a slash at its end; None without a stage."""
        assert self.api is not None
        stages = [one["StageName"] for one in self.client.get_stages(ApiId=self.id)["Items"]]
        endpoint = str(self.api["ApiEndpoint"])
        if "$default" in stages:
            return endpoint
        return f"{endpoint}/{stages[0]}" if stages else None

    @cached_property
    def functions(self) -> list[str]:
        """The names of the functions behind it."""
        items = self.client.get_integrations(ApiId=self.id)["Items"]
        uris = [str(one.get("IntegrationUri", "")) for one in items]
        return sorted(
            {found[1] for uri in uris if (found := re.search(r":function:([\w-]+)", uri))}
        )

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        """Send a request. `body` is sent as JSON; bytes are sent as they are."""
        more: dict[str, Any] = {}
        if isinstance(body, bytes):
            more = {"data": body, "headers": {"Content-Type": "application/json"}}
        elif body is not None:
            more = {"json": body}
        return requests.request(method, f"{self.url}{path}", timeout=SECONDS, **more)

    def statements(self) -> list[dict[str, Any]]:
        """What the functions' policies say about API Gateway."""
        found: list[dict[str, Any]] = []
        for name in self.functions:
            try:
                policy = json.loads(self.lambda_.get_policy(FunctionName=name)["Policy"])
            except ClientError:
                continue  # no function, or no policy
            found += [one for one in policy["Statement"] if "apigateway" in str(one["Principal"])]
        return found

    def is_permitted(self) -> bool:
        """Whether a policy lets this API in, as far as its SourceArn tells."""
        arns = [_source_arn(one) for one in self.statements()]
        return any(not arn or arn == "*" or f":{self.id}/" in arn or ":*" in arn for arn in arns)

    def any_api(self) -> bool:
        """Whether a policy lets in APIs other than this one."""
        return any(f":{self.id}/" not in _source_arn(one) for one in self.statements())

    def last_error(self) -> str:
        """The last error that the functions have logged, on one line; "" where there is none."""

        def found() -> str:
            lines = [line for name in self.functions for line in self._errors(name)]
            return lines[-1] if lines else ""

        try:
            return self.cloud.wait_until(found, seconds=self.patience)
        except CloudError:
            self.patience = 0  # what has not come by now will not come for the next one either
            return ""

    def renew(self) -> None:
        """End the functions' environments: a changed configuration needs new ones."""
        for name in self.functions:
            said = self.lambda_.get_function_configuration(FunctionName=name)["Description"]
            self.lambda_.update_function_configuration(FunctionName=name, Description=said)
            # Not a waiter of boto3, which would look again after a whole second.
            self.cloud.wait_until(partial(self._is_updated, name), what=f"{name} is updated")

    def clean(self) -> None:
        """Delete the vouchers that the check has made."""
        for voucher in self.made:
            with contextlib.suppress(requests.RequestException):
                self.ask("DELETE", f"/vouchers/{voucher}")

    def _is_updated(self, name: str) -> bool:
        config = self.lambda_.get_function_configuration(FunctionName=name)
        return bool(config["LastUpdateStatus"] == "Successful")

    def _routes(self, api_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get_routes(ApiId=api_id)["Items"]
        return found

    def _errors(self, name: str) -> list[str]:
        logs = self.cloud.client("logs")
        with contextlib.suppress(ClientError):
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
            lines = [" ".join(event["message"].split("\n")[0].split()) for event in events]
            return [
                line for line in lines if line.startswith("[ERROR]") or "Status: timeout" in line
            ]
        return []


def _source_arn(statement: dict[str, Any]) -> str:
    for condition in statement.get("Condition", {}).values():
        for name, value in condition.items():
            if name.lower() == "aws:sourcearn":
                return str(value)
    return ""
