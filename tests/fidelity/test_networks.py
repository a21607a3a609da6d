"""A function in a VPC: attached, and cut off from what its subnets do not lead to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fidelity import sources

VPC = f"{sources.GUIDE}configuration-vpc.html"
INTERNET = f"{sources.GUIDE}configuration-vpc-internet.html"

pytestmark = pytest.mark.aws_source(VPC)

LOOKER = """
    import boto3
    def handler(event, context):
        if event == "s3":
            return len(boto3.client("s3").list_buckets()["Buckets"])
        return len(boto3.client("sqs").list_queues().get("QueueUrls", []))
"""


@pytest.fixture(scope="module")
def place(aws: Any) -> dict[str, str]:
    """A VPC's id, a private subnet's, its route table's, and a security group's."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = ec2.create_security_group(GroupName="shop", Description="x", VpcId=vpc)["GroupId"]
    return {"vpc": vpc, "subnet": subnet, "table": table, "group": group}


def config(place: dict[str, str]) -> dict[str, Any]:
    return {"SubnetIds": [place["subnet"]], "SecurityGroupIds": [place["group"]]}


@pytest.mark.aws_source(INTERNET, f"{sources.GUIDE}configuration-vpc-endpoints.html")
def test_cut_off_until_there_is_a_way(aws: Any, make: Any, place: dict[str, str]) -> None:
    """The symptom is a timeout, and each way opens for its own service."""
    function = make(LOOKER, VpcConfig=config(place), Timeout=2)
    error = function.invoke("sqs").payload
    assert error["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 2.00 seconds" in error["errorMessage"]
    ec2 = aws.client("ec2")
    ec2.create_vpc_endpoint(
        VpcId=place["vpc"], ServiceName=f"com.amazonaws.{aws.region}.s3",
        RouteTableIds=[place["table"]],
    )  # fmt: skip
    function.client.update_function_configuration(FunctionName=function.name, Timeout=30)
    function.settle()
    assert function.invoke("s3").payload == 0
    ec2.authorize_security_group_ingress(
        GroupId=place["group"],
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                        "UserIdGroupPairs": [{"GroupId": place["group"]}]}],
    )  # fmt: skip
    ec2.create_vpc_endpoint(
        VpcId=place["vpc"], ServiceName=f"com.amazonaws.{aws.region}.sqs",
        VpcEndpointType="Interface", SubnetIds=[place["subnet"]], PrivateDnsEnabled=True,
        SecurityGroupIds=[place["group"]],
    )  # fmt: skip
    assert function.invoke("sqs").payload == 0
    assert "REPORT" in "".join(function.wait_for_log("REPORT"))  # logs need no way out


@pytest.mark.aws_source(f"{VPC}#configuration-vpc-enis", f"{sources.API}API_VpcConfigResponse.html")
def test_attachment(aws: Any, make: Any, place: dict[str, str]) -> None:
    """The answer names the VPC; the network interface goes with the last function that needs it."""
    function = make(LOOKER, VpcConfig=config(place))
    shown = function.client.get_function_configuration(FunctionName=function.name)["VpcConfig"]
    assert shown == {**config(place), "VpcId": place["vpc"], "Ipv6AllowedForDualStack": False}

    def interfaces() -> list[str]:
        found = aws.client("ec2").describe_network_interfaces(
            Filters=[{"Name": "subnet-id", "Values": [place["subnet"]]}]
        )["NetworkInterfaces"]
        return [one["Description"] for one in found if "Lambda" in one.get("Description", "")]

    assert len(interfaces()) == 1
    for name in [one["FunctionName"] for one in function.client.list_functions()["Functions"]]:
        function.client.update_function_configuration(
            FunctionName=name, VpcConfig={"SubnetIds": [], "SecurityGroupIds": []}
        )
    assert interfaces() == []


@pytest.mark.aws_source(
    "https://github.com/aws/aws-sdk-js/issues/1293",
    "https://github.com/motdotla/node-lambda/issues/162",
    "https://github.com/localstack/localstack/pull/12293",
)
def test_bad_attachments(aws: Any, make: Any, refused: Any, place: dict[str, str]) -> None:
    function = make(LOOKER)
    other = aws.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    stranger = aws.client("ec2").create_security_group(
        GroupName="other", Description="x", VpcId=other
    )["GroupId"]
    for given, text in (
        ({"SubnetIds": [place["subnet"]], "SecurityGroupIds": []}, "must coexist or be both empty"),
        ({"SubnetIds": ["subnet-0"], "SecurityGroupIds": [place["group"]]}, "'subnet-0' does not"),
        ({"SubnetIds": [place["subnet"]], "SecurityGroupIds": ["sg-0"]}, "'sg-0' does not exist"),
        ({"SubnetIds": [place["subnet"]], "SecurityGroupIds": [stranger]}, "in the same VPC."),
    ):
        code, message, status = refused(
            function.client.update_function_configuration,
            FunctionName=function.name,
            VpcConfig=given,
        )
        assert (code, status) == ("InvalidParameterValueException", 400)
        assert text in message
