"""Attaches a function to the subnets and security groups of its ``VpcConfig``.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
Texts of refusals: as AWS answered people who reported them, see tests/fidelity/test_networks.py.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from helpers.localaws.compute.errors import InvalidParameterValue
from helpers.localaws.gateway.policies.role import may

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

#: Source: https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html
MAX_SUBNETS, MAX_GROUPS = 16, 5


def completed(account: str, region: str, given: dict[str, Any]) -> dict[str, Any]:
    """The ``VpcConfig`` that AWS answers with: the VPC's id is found from the first subnet.

    Empty lists take a function out of its VPC. Raises InvalidParameterValue.
    """
    subnets, groups = given.get("SubnetIds") or [], given.get("SecurityGroupIds") or []
    if not subnets and not groups:
        return {}
    if not subnets or not groups:
        raise InvalidParameterValue("SubnetIds and SecurityIds must coexist or be both empty list.")
    _check_number("subnetIds", subnets, MAX_SUBNETS)
    _check_number("securityGroupIds", groups, MAX_GROUPS)
    ec2 = backend(account, region)
    vpcs = []
    for subnet_id in subnets:
        subnet = next((zone[subnet_id] for zone in ec2.subnets.values() if subnet_id in zone), None)
        if subnet is None:
            raise InvalidParameterValue(
                "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. "
                f"EC2 Error Message: The subnet ID '{subnet_id}' does not exist"
            )
        vpcs.append(subnet.vpc_id)
    for group_id in groups:
        group = ec2.get_security_group_from_id(group_id)
        if group is None:
            raise InvalidParameterValue(
                "Error occurred while DescribeSecurityGroups. EC2 Error Code: "
                "InvalidGroup.NotFound. EC2 Error Message: The security group "
                f"'{group_id}' does not exist"
            )
        if group.vpc_id != vpcs[0]:
            raise InvalidParameterValue("Security Groups are required to be in the same VPC.")
    if set(vpcs) != {vpcs[0]}:
        raise InvalidParameterValue("Subnets are required to be in the same VPC.")
    return {
        "SubnetIds": list(subnets),
        "SecurityGroupIds": list(groups),
        "VpcId": vpcs[0],
        "Ipv6AllowedForDualStack": bool(given.get("Ipv6AllowedForDualStack")),
    }


def check_role(lambdas: LambdaService, role: str, region: str) -> None:
    """Raise InvalidParameterValue where the role may not make what a VPC needs.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    """
    for operation in (
        "CreateNetworkInterface",
        "DescribeNetworkInterfaces",
        "DeleteNetworkInterface",
    ):
        if not may(lambdas, role, f"ec2:{operation}", "*", region):
            raise InvalidParameterValue(
                f"The provided execution role does not have permissions to call {operation} on EC2"
            )


def _check_number(member: str, given: list[str], most: int) -> None:
    if len(given) > most:
        raise InvalidParameterValue(
            f"1 validation error detected: Value '[{', '.join(given)}]' at 'vpcConfig.{member}' "
            f"failed to satisfy constraint: Member must have length less than or equal to {most}"
        )


def backend(account: str, region: str) -> Any:
    """moto's EC2 of one account in one region. The first import takes some seconds."""
    from moto.ec2.models import ec2_backends

    return ec2_backends[account][region]


class Interfaces:
    """The network interfaces that Lambda keeps in a learner's VPC.

    Functions with the same subnet and security groups share one, and as long as it is there the
    subnet cannot be deleted.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[tuple[str, ...], str] = {}

    def follow(self, account: str, region: str, configs: list[dict[str, Any]]) -> None:
        """Make what the functions with these VpcConfigs need, and delete what nobody needs."""
        wanted = {
            (account, region, subnet, *sorted(config["SecurityGroupIds"]))
            for config in configs
            for subnet in config.get("SubnetIds", [])
        }
        with self._lock:
            mine = {key for key in self._ids if key[:2] == (account, region)}
            if not wanted and not mine:
                return
            ec2 = backend(account, region)
            for key in wanted - mine:
                subnet = ec2.get_subnet(key[2])
                made = ec2.create_network_interface(
                    subnet,
                    subnet.get_available_subnet_ip(None),
                    group_ids=list(key[3:]),
                    description=f"AWS Lambda VPC ENI-{key[2]}",
                )
                self._ids[key] = made.id
            for key in mine - wanted:
                ec2.enis.pop(self._ids.pop(key), None)

    def clear(self) -> None:
        """Forget all of them (the cloud is being emptied)."""
        with self._lock:
            self._ids.clear()
