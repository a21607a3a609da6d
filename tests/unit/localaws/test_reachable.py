"""What a function in a VPC reaches, decided from EC2's state; one change at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import moto
import pytest

from helpers.localaws.network.attachment import backend
from helpers.localaws.network.reachable import why_not

ACCOUNT, REGION = "123456789012", "us-east-1"


class Network:
    """A VPC with a private subnet, where a function stands, and a public one."""

    def __init__(self) -> None:
        self.ec2 = boto3.client("ec2", region_name=REGION)
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.private, self.public = self.subnet("10.0.1.0/24"), self.subnet("10.0.2.0/24")
        self.private_table, self.public_table = self.table(self.private), self.table(self.public)
        self.group = self.new_group("function")

    def subnet(self, block: str) -> str:
        made = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=block)
        return str(made["Subnet"]["SubnetId"])

    def table(self, subnet: str) -> str:
        table = str(self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"])
        self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return table

    def new_group(self, name: str) -> str:
        made = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)
        return str(made["GroupId"])

    def endpoint(self, service: str, **more: Any) -> str:
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.vpc, ServiceName=f"com.amazonaws.{REGION}.{service}", **more
        )
        return str(made["VpcEndpoint"]["VpcEndpointId"])

    def internet_gateway(self) -> str:
        gateway = str(self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        return gateway

    def nat(self) -> str:
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        made = self.ec2.create_nat_gateway(SubnetId=self.public, AllocationId=address)
        return str(made["NatGateway"]["NatGatewayId"])

    def route(self, table: str, **target: str) -> None:
        self.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)

    def no_egress(self) -> None:
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        self.ec2.revoke_security_group_egress(GroupId=self.group, IpPermissions=everything)

    def https(self, **where: Any) -> list[dict[str, Any]]:
        return [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **where}]

    def problem(self, service: str, subnet: str | None = None) -> str:
        config = {"VpcId": self.vpc, "SecurityGroupIds": [self.group]}
        ec2 = backend(ACCOUNT, REGION)
        return why_not(ec2, REGION, config, subnet or self.private, service)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    with moto.mock_aws():
        yield Network()


def test_a_new_subnet_reaches_nothing(network: Network) -> None:
    assert network.problem("sqs").endswith("has no route to the internet")
    assert network.problem("s3").endswith("has no route to the internet")


def test_an_internet_gateway_is_not_enough(network: Network) -> None:
    network.route(network.public_table, GatewayId=network.internet_gateway())
    assert "only a NAT gateway helps" in network.problem("sqs", network.public)


def test_nat(network: Network) -> None:
    nat = network.nat()
    network.route(network.private_table, NatGatewayId=nat)
    assert "which has no route to an internet gateway" in network.problem("sqs")
    network.route(network.public_table, GatewayId=network.internet_gateway())
    assert network.problem("sqs") == network.problem("s3") == ""
    network.no_egress()
    assert "no egress rule" in network.problem("sqs")
    network.ec2.authorize_security_group_egress(
        GroupId=network.group, IpPermissions=network.https(IpRanges=[{"CidrIp": "0.0.0.0/0"}])
    )
    assert network.problem("sqs") == ""
    network.ec2.delete_nat_gateway(NatGatewayId=nat)
    assert network.problem("sqs") != ""


def test_gateway_endpoint(network: Network) -> None:
    """For its own service alone, and only through a route table that it is in."""
    network.endpoint("s3", RouteTableIds=[network.public_table])
    assert network.problem("s3") != ""
    network.endpoint("s3", RouteTableIds=[network.private_table])
    assert network.problem("s3") == ""
    assert network.problem("dynamodb") != ""
    network.no_egress()
    assert "prefix list" in network.problem("s3")


def test_interface_endpoint(network: Network) -> None:
    door = network.new_group("endpoint")
    network.endpoint(
        "sqs", VpcEndpointType="Interface", SubnetIds=[network.public], SecurityGroupIds=[door],
        PrivateDnsEnabled=True,
    )  # fmt: skip
    assert f"no ingress rule of {door}" in network.problem("sqs")
    for source in (
        {"UserIdGroupPairs": [{"GroupId": network.group}]},
        {"IpRanges": [{"CidrIp": "10.0.1.0/24"}]},
    ):
        rule = network.https(**source)
        network.ec2.authorize_security_group_ingress(GroupId=door, IpPermissions=rule)
        assert network.problem("sqs") == ""
        network.ec2.revoke_security_group_ingress(GroupId=door, IpPermissions=rule)
    rule = network.https(IpRanges=[{"CidrIp": "10.9.0.0/16"}])
    network.ec2.authorize_security_group_ingress(GroupId=door, IpPermissions=rule)
    assert network.problem("sqs") != ""
    assert network.problem("sns") != ""


def test_network_acl_keeps_no_state(network: Network) -> None:
    """Both directions must be allowed: the question out, the answer back in."""
    network.endpoint("s3", RouteTableIds=[network.private_table])
    acls = network.ec2.describe_network_acls(
        Filters=[{"Name": "association.subnet-id", "Values": [network.private]}]
    )["NetworkAcls"]
    acl = acls[0]["NetworkAclId"]
    entry = {
        "NetworkAclId": acl, "RuleNumber": 50, "Protocol": "6", "RuleAction": "deny",
        "Egress": False, "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 1024, "To": 65535},
    }  # fmt: skip
    network.ec2.create_network_acl_entry(**entry)
    assert network.problem("s3").endswith("lets port 32768 not back in")
    network.ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=50, Egress=False)
    assert network.problem("s3") == ""
