"""`10.archive`: a function in a private subnet reaches its bucket, and not the internet."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from helpers.cloud import Cloud
from helpers.teach.checking import Case, Check, Context, NotAttempted, Requirement
from helpers.teach.checking.functions import Deployed, Reply
from helpers.teach.lessons.nb10 import archive_slips as slips

FUNCTION = "shop-archive"
MOST_SECONDS = 3
EVERYWHERE = ("0.0.0.0/0", "::/0")


@dataclass
class Place:
    """Where shop-archive stands, looked at through AWS calls."""

    cloud: Cloud

    @cached_property
    def function(self) -> Deployed:
        return Deployed(self.cloud, FUNCTION, "archive.py")

    @cached_property
    def ec2(self) -> Any:
        return self.cloud.client("ec2")

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The function's configuration, once no change is under way.

        Raises NotAttempted where there is no function.
        """
        client = self.function.lambda_

        def look() -> dict[str, Any]:
            found = dict(client.get_function_configuration(FunctionName=FUNCTION))
            return found if found["LastUpdateStatus"] != "InProgress" else {}

        try:
            return self.cloud.wait_until(look, seconds=300, what=f"{FUNCTION} is updated")
        except client.exceptions.ResourceNotFoundException:
            raise NotAttempted(
                f"there is no function {FUNCTION}. Run the cells above, which build it."
            ) from None

    @cached_property
    def vpc(self) -> dict[str, Any]:
        return dict(self.settings.get("VpcConfig") or {})

    @cached_property
    def table(self) -> dict[str, Any]:
        """The route table of the function's first subnet; the VPC's main one without its own."""
        tables = self.ec2.describe_route_tables(
            Filters=[{"Name": "vpc-id", "Values": [self.vpc["VpcId"]]}]
        )["RouteTables"]
        links = [(link, table) for table in tables for link in table["Associations"]]
        subnet = self.vpc["SubnetIds"][0]
        own = [table for link, table in links if link.get("SubnetId") == subnet]
        main = [table for link, table in links if link.get("Main")]
        return dict((own or main)[0])

    @cached_property
    def endpoints(self) -> list[dict[str, Any]]:
        """The VPC's endpoints that are not being deleted."""
        found = self.ec2.describe_vpc_endpoints(
            Filters=[{"Name": "vpc-id", "Values": [self.vpc["VpcId"]]}]
        )["VpcEndpoints"]
        return [one for one in found if one["State"].lower() in ("available", "pending")]

    @cached_property
    def rules(self) -> list[dict[str, Any]]:
        """The outbound rules of the function's security groups."""
        groups = self.ec2.describe_security_groups(GroupIds=self.vpc["SecurityGroupIds"])
        return [rule for one in groups["SecurityGroups"] for rule in one["IpPermissionsEgress"]]

    def ask(self, to: str) -> Reply:
        """Invoke it. A network that was changed a moment ago may need a second try on AWS."""
        deadline = time.monotonic() + (0 if self.cloud.kind == "local" else 60)
        while True:
            reply = self.function.invoke({"to": to})
            if not reply.failed or to == "internet" or time.monotonic() >= deadline:
                return reply


@contextlib.contextmanager
def _place(context: Context) -> Iterator[Place]:
    place = Place(context.cloud)
    if place.vpc.get("SubnetIds"):
        service = f"com.amazonaws.{context.cloud.region}.s3"
        begun = (
            place.rules
            or any(one["ServiceName"] == service for one in place.endpoints)
            or any(_leads_out(route) for route in place.table["Routes"])
            or place.settings["Timeout"] > MOST_SECONDS
        )
        if not begun:
            raise NotAttempted(
                f"{FUNCTION} stands as you found it. Write the cell that brings it to its bucket, "
                "run it, then this one."
            )
    yield place


def _stays(place: Place, case: Case) -> None:
    """The function is in its private subnet, with its timeout."""
    if not place.vpc.get("SubnetIds"):
        raise slips.moved_out()
    if place.settings["Timeout"] > MOST_SECONDS:
        raise slips.longer(place.settings["Timeout"], MOST_SECONDS)


def _leads_out(route: dict[str, Any]) -> bool:
    return route.get("DestinationCidrBlock") in EVERYWHERE


def _no_internet(place: Place, case: Case) -> None:
    """No route leads out, and the attempt ends in a timeout."""
    for route in place.table["Routes"]:
        if _leads_out(route):
            raise slips.way_out(route)
    reply = place.ask("internet")
    if not reply.failed:
        raise slips.internet()


def _reads(place: Place, case: Case) -> None:
    """The invoice is read. Where not, the network says why, step by step."""
    reply = place.ask("archive")
    if not reply.failed:
        return
    if "Timedout" not in reply.error_type and "Timeout" not in reply.error_type:
        raise slips.other(place.function, reply)
    service = f"com.amazonaws.{place.cloud.region}.s3"
    ours = [one for one in place.endpoints if one["ServiceName"] == service]
    if not ours:
        raise slips.no_endpoint([one["ServiceName"] for one in place.endpoints])
    gateways = [one for one in ours if one["VpcEndpointType"].lower() == "gateway"]
    if not gateways:
        raise slips.interface()
    table = place.table["RouteTableId"]
    if not any(table in one.get("RouteTableIds", []) for one in gateways):
        raise slips.other_table(table)
    raise slips.no_rule(len(place.rules))


def _narrow(place: Place, case: Case) -> None:
    """The security group lets out no more than HTTPS to S3."""
    for rule in place.rules:
        if any(one.get("CidrIp") in EVERYWHERE for one in rule.get("IpRanges", [])):
            raise slips.wide()
        if rule["IpProtocol"] == "-1" or rule.get("FromPort") != rule.get("ToPort"):
            raise slips.ports()


ARCHIVE = Check(
    key="10.archive",
    prepare=_place,
    solution="archive.py",
    requirements=(
        Requirement("stays", _stays),
        Requirement("reads its invoices", _reads, points=2),
        Requirement("no internet", _no_internet, points=2),
        Requirement("no more than needed", _narrow),
    ),
    hints=(
        "Two things are missing: a route to S3 in the function's own route table, and a rule that "
        "lets packets leave the security group.",
        'The route comes with create_vpc_endpoint(VpcEndpointType="Gateway", …) for the service '
        'f"com.amazonaws.{aws.region}.s3", and archive_table in RouteTableIds.',
        "The rule: authorize_security_group_egress on archive_group, tcp, port 443, to S3's "
        "prefix list.",
        "describe_managed_prefix_lists tells its id: the list is called like the service. In the "
        'rule it stands as "PrefixListIds": [{"PrefixListId": …}].',
    ),
    praise="One way, to one service, on one port. The street stays shut.",
)
