"""`10.archive`: a way to the bucket and nowhere else, and each foreseen slip on the way there.

One network for all: the learner's slips are made and mended in it, one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.deploy import ROLE_NAME
from helpers.teach import lessons
from helpers.teach.checking import Context, Result, run
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "10.archive"
NOTEBOOK = next((Path(__file__).parents[2] / "notebooks").glob("10-*.ipynb"))
SOLUTION = (lessons.folder(KEY) / "solutions" / "archive.py.txt").read_text()


def cell(beginning: str) -> str:
    """The one cell of the notebook that begins so."""
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    texts = ["".join(one["source"]) for one in cells if one["cell_type"] == "code"]
    (found,) = [text for text in texts if text.startswith(beginning)]
    return found


@pytest.fixture(scope="module")
def there(local_aws: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the notebook's own cells have built: the names that they define."""
    folder = tmp_path_factory.mktemp("learner")
    (folder / "work" / "10").mkdir(parents=True)
    (folder / "work" / "10" / "archive.py").write_text(
        cell("%%writefile work/10/archive.py").partition("\n")[2]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names: dict[str, Any] = {"aws": local_aws}
        exec(cell("import json").replace("aws = cloud.open()", ""), names)
        exec(cell("def allow("), names)
        names["ec2"] = local_aws.client("ec2")
        names["vpc"] = names["ec2"].create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        exec(cell("def move(").partition('move("shop')[0], names)
        exec(cell("bucket = "), names)
        exec(cell("archive_subnet = "), names)
        exec(cell("archivist = "), names)
        yield names


class Shop:
    """The learner's hands, and the check."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names, self.ec2, self.aws = names, names["ec2"], names["aws"]
        self.lambda_ = self.aws.client("lambda")

    def judged(self) -> Result:
        return run(lessons.check(KEY), Context(self.aws, Path()))

    def endpoint(self, service: str = "s3", kind: str = "Gateway", **more: Any) -> str:
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.names["vpc"],
            VpcEndpointType=kind,
            ServiceName=f"com.amazonaws.{self.aws.region}.{service}",
            **more,
        )
        return str(made["VpcEndpoint"]["VpcEndpointId"])

    def lets_out(self, permission: dict[str, Any], add: bool = True) -> None:
        call = "authorize" if add else "revoke"
        getattr(self.ec2, f"{call}_security_group_egress")(
            GroupId=self.names["archive_group"], IpPermissions=[permission]
        )

    def set(self, **config: Any) -> None:
        waiter = self.lambda_.get_waiter("function_updated_v2")
        soon = {"FunctionName": "shop-archive", "WaiterConfig": {"Delay": 0.1, "MaxAttempts": 200}}
        waiter.wait(**soon)
        self.lambda_.update_function_configuration(FunctionName="shop-archive", **config)
        waiter.wait(**soon)

    def remove(self, *endpoints: str) -> None:
        self.ec2.delete_vpc_endpoints(VpcEndpointIds=list(endpoints))


def test_no_function_is_no_attempt(aws: Any) -> None:
    result = run(lessons.check(KEY), Context(aws, Path()))
    is_not_attempted(result, "there is no function shop-archive", "Run the cells above")


def test_the_way_there(there: dict[str, Any]) -> None:
    shop = Shop(there)
    shop.set(Timeout=1)  # the tests need not wait for three
    everywhere = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    is_not_attempted(shop.judged(), "stands as you found it")

    other = shop.endpoint("dynamodb", RouteTableIds=[there["archive_table"]])
    shop.lets_out({**https, **everywhere})
    is_wrong(shop.judged(), "no endpoint", "has no endpoint for S3. It has one for dynamodb")
    shop.remove(other)

    door = shop.endpoint(kind="Interface", SubnetIds=[there["archive_subnet"]],
                         PrivateDnsEnabled=False)  # fmt: skip
    is_wrong(shop.judged(), "interface", "S3's usual name does not lead to it", '"Gateway"')
    shop.remove(door)

    tables = shop.ec2.describe_route_tables(
        Filters=[{"Name": "association.main", "Values": ["true"]},
                 {"Name": "vpc-id", "Values": [there["vpc"]]}]
    )["RouteTables"]  # fmt: skip
    main = shop.endpoint(RouteTableIds=[tables[0]["RouteTableId"]])
    is_wrong(shop.judged(), "other route table", there["archive_table"], "archive_table")
    shop.remove(main)
    shop.lets_out({**https, **everywhere}, add=False)

    way = shop.endpoint(RouteTableIds=[there["archive_table"]])
    is_wrong(shop.judged(), "no rule", "no outbound rule: not a packet leaves")
    shop.set(Timeout=2)  # from here on something has to be reached, on slow machines too
    shop.lets_out({**https, **everywhere})
    is_wrong(shop.judged(), "wide rule", "to every address", "S3's prefix list")
    shop.lets_out({**https, **everywhere}, add=False)

    role = {"RoleName": f"{ROLE_NAME}-archive", "PolicyName": "own"}
    policy = there["iam"].get_role_policy(**role)["PolicyDocument"]
    there["iam"].delete_role_policy(**role)
    (prefix,) = [
        one["PrefixListId"]
        for one in shop.ec2.describe_managed_prefix_lists()["PrefixLists"]
        if one["PrefixListName"] == f"com.amazonaws.{shop.aws.region}.s3"
    ]
    to_s3 = {"PrefixListIds": [{"PrefixListId": prefix}]}
    every_port = {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535}
    shop.lets_out({**every_port, **to_s3})
    is_wrong(shop.judged(), "denied", "S3 was reached, and refused")
    there["iam"].put_role_policy(**role, PolicyDocument=json.dumps(policy))
    is_wrong(shop.judged(), "ports", "more than one port")
    shop.lets_out({**every_port, **to_s3}, add=False)
    shop.remove(way)

    exec(SOLUTION, there)
    is_right(shop.judged())

    shop.set(Timeout=30)
    is_wrong(shop.judged(), "longer timeout", "the timeout is 30 seconds")
    shop.set(Timeout=2)

    gateway = shop.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    shop.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=there["vpc"])
    street = {"RouteTableId": there["archive_table"], "DestinationCidrBlock": "0.0.0.0/0"}
    shop.ec2.create_route(**street, GatewayId=gateway)
    is_wrong(shop.judged(), "way out", gateway, "the whole internet")
    shop.ec2.delete_route(**street)

    back_door = shop.endpoint("sts", "Interface", SubnetIds=[there["archive_subnet"]],
                              PrivateDnsEnabled=True,
                              SecurityGroupIds=[there["archive_group"]])  # fmt: skip
    among = {"UserIdGroupPairs": [{"GroupId": there["archive_group"]}]}
    shop.lets_out({**https, **among})
    shop.ec2.authorize_security_group_ingress(
        GroupId=there["archive_group"], IpPermissions=[{**https, **among}]
    )
    is_wrong(shop.judged(), "internet", "reached sts")
    shop.remove(back_door)

    shop.set(VpcConfig={"SubnetIds": [], "SecurityGroupIds": []})
    is_wrong(shop.judged(), "moved out", "in no VPC any more", "The way has to come to the")
