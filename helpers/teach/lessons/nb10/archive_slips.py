"""What can be wrong with the way to the archive, told from what EC2 and Lambda show."""

from __future__ import annotations

from typing import Any

from helpers.teach.checking import Slip
from helpers.teach.checking.functions import Deployed, Reply
from helpers.teach.checking.words import short

AGAIN = "Then run this cell again."


def moved_out() -> Slip:
    return Slip(
        "moved out",
        "shop-archive is in no VPC any more. It reaches its bucket, and everything else.",
        "Put it back into archive_subnet with archive_group, by the last of the cells that build "
        f"it. The way has to come to the function. {AGAIN}",
        final=True,
    )


def longer(timeout: int, most: int) -> Slip:
    return Slip(
        "longer timeout",
        f"the timeout is {timeout} seconds now, and {most} were enough.",
        "Nobody answers later. A longer timeout is a longer wait, and it is billed. Set it back "
        f"with update_function_configuration(Timeout={most}). {AGAIN}",
        final=True,
    )


def way_out(route: dict[str, Any]) -> Slip:
    through = route.get("NatGatewayId") or route.get("GatewayId") or "somewhere"
    return Slip(
        "way out",
        f"the route table has a way to {route.get('DestinationCidrBlock')}, through {through}.",
        "That is the whole internet. delete_route takes it away; a gateway endpoint brings a way "
        f"to S3 alone. {AGAIN}",
    )


def internet() -> Slip:
    return Slip(
        "internet",
        "shop-archive reached sts, whose address is on the internet.",
        "Look for an interface endpoint, a route or a second subnet that leads there, and take it "
        f"away. {AGAIN}",
    )


def other(function: Deployed, reply: Reply) -> Slip:
    if "AccessDenied" in reply.error_message + reply.error_type:
        return Slip(
            "denied",
            f"S3 was reached, and refused: {short(reply.error_message)}",
            "The network is right, a permission is not: run the last of the cells that build the "
            f"archive again, or look at the endpoint's policy. {AGAIN}",
            final=True,
        )
    slip = function.explain(reply)
    slip.final = True
    return slip


def no_endpoint(services: list[str]) -> Slip:
    others = [name.rpartition(".")[2] for name in services]
    seen = f" It has one for {', '.join(others)}." if others else ""
    return Slip(
        "no endpoint",
        f"shop-archive waited in vain: its VPC has no endpoint for S3.{seen}",
        "create_vpc_endpoint, as in this section, with S3's name of the service: it ends in .s3. "
        + AGAIN,
        final=True,
    )


def interface() -> Slip:
    return Slip(
        "interface",
        "the endpoint for S3 is an interface endpoint, and S3's usual name does not lead to it.",
        'Make one with VpcEndpointType="Gateway": it is free, and the name stays as it is. '
        + AGAIN,
        final=True,
    )


def other_table(table: str) -> Slip:
    return Slip(
        "other route table",
        f"the endpoint for S3 is there, and the subnet's own route table ({table}) does not lead "
        "to it.",
        "RouteTableIds has to name archive_table: this subnet does not use the VPC's main table. "
        f"modify_vpc_endpoint(AddRouteTableIds=[…]) adds it. {AGAIN}",
        final=True,
    )


def no_rule(rules: int) -> Slip:
    seen = "no outbound rule" if not rules else "no outbound rule for port 443 to S3"
    return Slip(
        "no rule",
        f"the route is there, and the security group has {seen}: not a packet leaves.",
        "authorize_security_group_egress, tcp, from port 443 to port 443, to the prefix list of "
        f"S3. {AGAIN}",
        final=True,
    )


def wide() -> Slip:
    return Slip(
        "wide rule",
        "the security group lets packets out to every address.",
        "It works, because the route table knows only one way. Somebody adds a second one day. "
        f"Name S3's prefix list instead of 0.0.0.0/0. {AGAIN}",
    )


def ports() -> Slip:
    return Slip(
        "ports",
        "the security group lets out more than one port.",
        f"S3 speaks HTTPS: tcp, from port 443 to port 443. {AGAIN}",
    )
