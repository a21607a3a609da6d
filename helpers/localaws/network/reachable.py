"""What a function in a VPC can reach: decided from routes, gateways, endpoints and groups.

A function's network interface has a private address only. A way to an AWS service is an interface
endpoint of that service in the VPC, a gateway endpoint (S3, DynamoDB) in the subnet's route table,
or a default route to a NAT gateway that itself stands in a subnet with an internet gateway.
Sources: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

#: A public address of an AWS service stands for all of them.
PUBLIC = "52.94.0.1"
HTTPS = 443
#: Ports that answers come back to, for network ACLs (which, unlike groups, keep no state).
EPHEMERAL = 32768
_GATEWAY_SERVICES = ("s3", "dynamodb")


def why_not(ec2: Any, region: str, config: dict[str, Any], subnet_id: str, service: str) -> str:
    """Why ``service`` cannot be reached from ``subnet_id``; empty: it can be.

    ``ec2`` is moto's backend, ``config`` the function's completed VpcConfig, ``service`` the name
    in the request's signature.
    """
    subnet = ec2.get_subnet(subnet_id)
    groups = [ec2.get_security_group_from_id(one) for one in config["SecurityGroupIds"]]
    endpoint = _interface_endpoint(ec2, config["VpcId"], region, service)
    if endpoint is not None:
        return _through_endpoint(ec2, endpoint, groups, subnet)
    table = _route_table(ec2, subnet)
    gateway = _gateway_endpoint(ec2, table, region, service)
    if gateway is not None:
        if not _lets_out(groups, PUBLIC, gateway.destination_prefix_list_id):
            return f"no egress rule of {_names(groups)} allows port 443 to {service}'s prefix list"
        return _acl_problem(ec2, subnet, PUBLIC)
    return _through_nat(ec2, table, groups, subnet)


def _through_endpoint(ec2: Any, endpoint: Any, groups: list[Any], subnet: Any) -> str:
    target = ec2.get_subnet(endpoint.subnet_ids[0])
    address = str(ip_network(target.cidr_block)[10])
    doors = [ec2.get_security_group_from_id(one) for one in endpoint.security_group_ids]
    if not doors:
        doors = [ec2.get_default_security_group(endpoint.vpc_id)]
    door_ids = {door.id for door in doors}
    if not _lets_out(groups, address, None, door_ids):
        return f"no egress rule of {_names(groups)} allows port 443 to {endpoint.id}"
    source = str(ip_network(subnet.cidr_block)[10])
    mine = {group.id for group in groups}
    rules = [rule for door in doors for rule in door.ingress_rules]
    if not any(_rule_allows(rule, source, mine) for rule in rules):
        return f"no ingress rule of {_names(doors)} allows port 443 from {_names(groups)}"
    return _acl_problem(ec2, subnet, address) or _acl_problem(ec2, target, source)


def _through_nat(ec2: Any, table: Any, groups: list[Any], subnet: Any) -> str:
    route = _best_route(table, PUBLIC)
    if route is None:
        return f"route table {table.id} of {subnet.id} has no route to the internet"
    if route.nat_gateway is None:
        target = route.gateway_id or "something that is no NAT gateway"
        return (
            f"route table {table.id} of {subnet.id} leads to {target}, but a function has no "
            "public address: only a NAT gateway helps"
        )
    nat = ec2.nat_gateways.get(route.nat_gateway.id)
    if nat is None or nat.state != "available":
        return f"{route.nat_gateway.id} is not available"
    if nat.connectivity_type == "private":
        return f"{nat.id} is a private NAT gateway"
    public = ec2.get_subnet(nat.subnet_id)
    onward = _best_route(_route_table(ec2, public), PUBLIC)
    if onward is None or not str(onward.gateway_id or "").startswith("igw-"):
        return f"{nat.id} stands in {public.id}, which has no route to an internet gateway"
    if not _lets_out(groups, PUBLIC, None):
        return f"no egress rule of {_names(groups)} allows port 443 to the internet"
    return _acl_problem(ec2, subnet, PUBLIC) or _acl_problem(ec2, public, PUBLIC)


# -- reading moto's state ------------------------------------------------------------------------


def _interface_endpoint(ec2: Any, vpc_id: str, region: str, service: str) -> Any:
    """The VPC's interface endpoint that the service's usual host name leads to."""
    wanted = f"com.amazonaws.{region}.{service}"
    for one in ec2.vpc_end_points.values():
        interface = (one.vpc_endpoint_type or "Gateway").lower() == "interface"
        here = interface and one.vpc_id == vpc_id and one.service_name == wanted
        if here and one.state == "available" and one.private_dns_enabled and one.subnet_ids:
            return one
    return None


def _gateway_endpoint(ec2: Any, table: Any, region: str, service: str) -> Any:
    if service not in _GATEWAY_SERVICES:
        return None
    wanted = f"com.amazonaws.{region}.{service}"
    for one in ec2.vpc_end_points.values():
        gateway = (one.vpc_endpoint_type or "Gateway").lower() == "gateway"
        here = gateway and one.service_name == wanted and one.state == "available"
        if here and table.id in (one.route_table_ids or []):
            return one
    return None


def _route_table(ec2: Any, subnet: Any) -> Any:
    """The subnet's own route table, else the VPC's main one."""
    tables = [one for one in ec2.route_tables.values() if one.vpc_id == subnet.vpc_id]
    own = [one for one in tables if subnet.id in one._associations.values()]
    return own[0] if own else next(one for one in tables if one.main_association_id)


def _best_route(table: Any, address: str) -> Any:
    """The most specific route to an address; None: the packet is dropped."""
    fitting = [
        (ip_network(route.destination_cidr_block).prefixlen, route)
        for route in table.routes
        if route.destination_cidr_block
        and ip_address(address) in ip_network(route.destination_cidr_block)
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _lets_out(
    groups: list[Any], address: str, prefix_list: str | None, targets: set[str] | None = None
) -> bool:
    rules = [rule for group in groups for rule in group.egress_rules]
    return any(_rule_allows(rule, address, targets or set(), prefix_list) for rule in rules)


def _rule_allows(
    rule: Any, address: str, group_ids: set[str], prefix_list: str | None = None
) -> bool:
    """Whether a group's rule allows HTTPS with an address, a group's members or a prefix list."""
    if rule.ip_protocol not in ("-1", "tcp"):
        return False
    if rule.ip_protocol == "tcp" and not rule.from_port <= HTTPS <= rule.to_port:
        return False
    if rule.source_group:
        return rule.source_group.get("GroupId") in group_ids
    if rule.prefix_list_id:
        return prefix_list is not None and rule.prefix_list_id == prefix_list
    network = rule.ip_range.get("CidrIp")
    return bool(network) and ip_address(address) in ip_network(network, strict=False)


def _acl_problem(ec2: Any, subnet: Any, address: str) -> str:
    """Why the subnet's network ACL drops HTTPS with an address, there or back; empty: it does not.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
    """
    for acl in ec2.network_acls.values():
        if not any(one.subnet_id == subnet.id for one in acl.associations):
            continue
        for egress, port in ((True, HTTPS), (False, EPHEMERAL)):
            if not _acl_allows(acl, egress, address, port):
                way = "out" if egress else "back in"
                return f"network ACL {acl.id} of {subnet.id} lets port {port} not {way}"
    return ""


def _acl_allows(acl: Any, egress: bool, address: str, port: int) -> bool:
    entries = [one for one in acl.network_acl_entries if bool(one.egress) == egress]
    for entry in sorted(entries, key=lambda one: int(one.rule_number)):
        if not entry.cidr_block or ip_address(address) not in ip_network(entry.cidr_block):
            continue
        if str(entry.protocol) not in ("-1", "6", "tcp"):
            continue
        first, last = entry.port_range_from, entry.port_range_to
        if str(entry.protocol) != "-1" and not int(first or 0) <= port <= int(last or 65535):
            continue
        return str(entry.rule_action) == "allow"
    return False


def _names(groups: list[Any]) -> str:
    return ", ".join(group.id for group in groups)
