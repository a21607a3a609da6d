"""Ways past the ledger, the tags and the teardown, tried one by one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from helpers import cloud
from helpers.cloud import guard
from helpers.cloud.account import allowed, binding, ledger, removing, runs
from helpers.cloud.account.kinds import BY_NAME
from helpers.cloud.account.sessions import AccountPlace
from helpers.cloud.metering.limits import ENVIRONMENTS
from tests.account import everything
from tests.account.proxy import Proxy, identity, json_error, on, xml_error
from tests.account.standin import NUMBER, Standin

COMMAND = (
    "import sys; from helpers.cloud.account import command; sys.exit(command.main(sys.argv[1:]))"
)


def test_a_client_does_not_outlive_its_run(account: Any, standin: Standin) -> None:
    opened = account()
    sqs = boto3.client("sqs")
    sqs.create_queue(QueueName="orders")
    opened.close()
    for again in (False, True):
        if again:
            opened = account()
        with pytest.raises(cloud.CloudError, match="which is over"):
            sqs.create_queue(QueueName="late")
        with pytest.raises(cloud.CloudError, match="which is over"):
            sqs.list_queues()
    boto3.client("sqs").create_queue(QueueName="orders")
    opened.close()
    assert "QueueUrls" not in standin.client("sqs").list_queues()


def test_a_call_that_comes_after_the_end_opens_the_ledger_again(account: Any) -> None:
    opened = account()
    opened.close()
    assert ledger.read(opened.ledger).finished
    ledger.Ledger(opened.ledger).write(
        "intent", n="1-1", operation="CreateQueue", kind="queue", id="late", absent=True
    )
    assert not ledger.read(opened.ledger).finished


def test_no_url_is_signed_that_makes_something(account: Any) -> None:
    opened = account()
    s3 = boto3.client("s3")
    with pytest.raises(cloud.CloudError, match="No URL was signed"):
        s3.generate_presigned_url("create_bucket", {"Bucket": "past-the-ledger"})
    s3.create_bucket(Bucket="shop-escapes-1")
    assert s3.generate_presigned_url("put_object", {"Bucket": "shop-escapes-1", "Key": "a"})
    opened.close()


def test_an_open_account_is_not_closed_by_a_slip(account: Any, standin: Standin) -> None:
    opened = account()
    boto3.client("sqs").create_queue(QueueName="orders")
    for slip in ({"number": "1234"}, {"region": "mars-1"}, {"region": "eu-west-1"}):
        with pytest.raises(cloud.CloudError):
            account(**slip)
        assert opened.is_open
    dashed = f"{NUMBER[:4]}-{NUMBER[4:8]}-{NUMBER[8:]}"
    assert account(number=dashed) is opened
    assert standin.client("sqs").list_queues()["QueueUrls"]
    # Nor does the command reach under a notebook that is at work, by naming its run.
    words = ["--number", NUMBER, "--endpoint", standin.url, "--run", opened.run]
    assert standin.run(COMMAND, *words).returncode == 1
    assert standin.client("sqs").list_queues()["QueueUrls"]
    opened.close()


def test_who_cannot_look_proves_nothing(account: Any, standin: Standin) -> None:
    door = Proxy(standin.url)
    opened = account(endpoint=door.url)
    expired = xml_error(403, "ExpiredToken", "The security token included is expired")
    expired_json = json_error(400, "ExpiredTokenException", "The security token is expired")
    # Nothing was made, but a call's answer was lost whose id AWS had made up.
    opened.pace.patience = 600  # an expired login is not waited for
    for answer in (expired, expired_json):
        door.rules[:] = [on(".", answer)]
        outcome = opened.teardown()
        assert not outcome.is_clean
        assert "expired" in str(outcome)
    ledger.Ledger(opened.ledger).write(
        "intent", n="1-1", operation="CreateApi", kind="HTTP API", id="", absent=None
    )
    door.rules[:] = [on("GET /v2/apis", json_error(403, "AccessDeniedException", "no"))]
    outcome = opened.teardown()
    assert not outcome.is_clean
    assert "does not let us list HTTP API" in outcome.unproven
    door.rules.clear()
    assert opened.teardown().is_clean
    # A look that fails while the rest is looked through.
    api = standin.client("sqs").create_queue(QueueName="a-neighbours")["QueueUrl"]
    door.rules[:] = [on("ListQueueTags", json_error(400, "KmsThrottled", "later"))]
    assert "a-neighbours" in opened.teardown().unproven
    door.rules.clear()
    opened.close()
    door.close()
    standin.client("sqs").delete_queue(QueueUrl=api)


def test_a_ledger_that_a_crash_or_another_version_has_left(tmp_path: Path) -> None:
    book = ledger.Ledger(tmp_path / "1a2b3c4d.jsonl")
    book.write("run", run="1a2b3c4d", account=NUMBER)
    book.write("intent", n="1", operation="CreateQueue", kind="queue", id="a", absent=True)
    book.write("intent", n="2")
    with book.path.open("ab") as file:
        file.write(b'\xff\x00[1]\n{"what":"made","n":"1","i')
    book.write("gone", kind="queue", id="a")
    story = ledger.read(book.path)
    assert [one.id for one in story.entries] == ["a"]
    assert story.remaining() == []  # the line after the one that was cut off counts


def test_a_kind_that_nobody_knows_is_said(account: Any, standin: Standin) -> None:
    opened = account()
    ledger.Ledger(opened.ledger).write(
        "intent", n="1-1", operation="CreateComet", kind="comet", id="halley", absent=True
    )
    assert "comet 'halley'" in opened.teardown().unproven
    # The root user's keys do not come in through a client of one's own either.
    door = Proxy(standin.url)
    door.rules.append(on("GetCallerIdentity", identity(NUMBER, f"arn:aws:iam::{NUMBER}:root")))
    opened._place.endpoint = door.url
    root = boto3.client("sqs", aws_access_key_id="AKIAROOT", aws_secret_access_key="x")
    with pytest.raises(cloud.CloudError, match="its root user"):
        root.create_queue(QueueName="made-by-root")
    opened._place.endpoint = standin.url
    door.close()
    opened.close()
    assert not ledger.read(opened.ledger).finished


def test_what_only_sounds_like_reading_is_not_read() -> None:
    for service, operation in (
        ("athena", "StartQueryExecution"), ("cloudtrail", "StartQuery"), ("ce", "GetCostAndUsage"),
        ("stepfunctions", "GetActivityTask"), ("codepipeline", "PollForJobs"),
        ("cognito-identity", "GetId"), ("sso", "GetRoleCredentials"),
    ):  # fmt: skip
        assert not allowed.is_allowed(service, operation), operation
    assert allowed.is_reading("logs", "StartQuery")


def test_no_parameter_reaches_past_the_region_or_the_meter(account: Any, standin: Standin) -> None:
    opened = account()
    s3, dynamodb, secrets = (boto3.client(one) for one in ("s3", "dynamodb", "secretsmanager"))
    table: dict[str, Any] = {
        "TableName": "orders",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }
    throughput = {"ReadCapacityUnits": 40000, "WriteCapacityUnits": 40000}
    replica = [{"Create": {"RegionName": "eu-west-1"}}]
    with pytest.raises(cloud.CloudError, match="with ProvisionedThroughput was not sent"):
        dynamodb.create_table(**table, ProvisionedThroughput=throughput)
    dynamodb.create_table(**table, BillingMode="PAY_PER_REQUEST", DeletionProtectionEnabled=True)
    with pytest.raises(cloud.CloudError, match="with ReplicaUpdates was not sent"):
        dynamodb.update_table(TableName="orders", ReplicaUpdates=replica)
    with pytest.raises(cloud.CloudError, match="with AddReplicaRegions was not sent"):
        secrets.create_secret(
            Name="a", SecretString="b", AddReplicaRegions=[{"Region": "eu-west-1"}]
        )
    with pytest.raises(cloud.CloudError, match="with ObjectLockEnabledForBucket was not sent"):
        s3.create_bucket(Bucket="shop-escapes-2", ObjectLockEnabledForBucket=True)
    # A table that is protected, and a secret whose name would be taken for thirty days, go too.
    secrets.create_secret(Name="shop/key", SecretString="b")
    secrets.delete_secret(SecretId="shop/key")
    outcome = opened.teardown()
    assert outcome.is_clean
    assert outcome.gone == ["secret shop/key", "table orders"]
    standin.client("secretsmanager").create_secret(Name="shop/key", SecretString="somebody else's")
    standin.client("secretsmanager").delete_secret(
        SecretId="shop/key", ForceDeleteWithoutRecovery=True
    )
    opened.close()


def test_logs_that_are_not_where_they_are_expected(
    account: Any, standin: Standin, tmp_path: Path
) -> None:
    """A group that a function names; one that was there before; one of somebody else's function."""
    theirs, lam = standin.client("logs"), standin.client("lambda")
    role = standin.client("iam").create_role(
        RoleName="neighbour", AssumeRolePolicyDocument=json.dumps(everything.TRUST)
    )["Role"]["Arn"]
    function: dict[str, Any] = {
        "Role": role, "Runtime": "python3.13", "Handler": "app.handler",
        "Code": {"ZipFile": everything.package()},
    }  # fmt: skip
    theirs.create_log_group(logGroupName="/aws/lambda/back-again")
    lam.create_function(FunctionName="neighbour", **function)
    opened = account(in_use=True)
    mine, logs = boto3.client("lambda"), boto3.client("logs")
    mine.create_function(
        FunctionName="back-again", **function, LoggingConfig={"LogGroup": "/shop/first"}
    )
    mine.get_waiter("function_active_v2").wait(FunctionName="back-again")
    mine.update_function_configuration(
        FunctionName="back-again", LoggingConfig={"LogGroup": "/shop/second"}
    )
    for name in ("/shop/first", "/shop/second"):
        (group,) = theirs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        assert group["retentionInDays"] == 14
    with pytest.raises(cloud.CloudError, match="was not made by this run"):
        logs.delete_log_group(logGroupName="/aws/lambda/back-again")
    with pytest.raises(mine.exceptions.ResourceConflictException):
        mine.create_function(FunctionName="neighbour", **function)
    # The AWS CLI's functions are bounded as well.
    package = tmp_path / "package.zip"
    package.write_bytes(everything.package())
    words = ["--function-name", "from-the-cli", "--role", role, "--runtime", "python3.13"]
    words += ["--handler", "app.handler", "--zip-file", f"fileb://{package}"]
    command = [shutil.which("aws") or "aws", "lambda", "create-function", *words]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    limit = lam.get_function_concurrency(FunctionName="from-the-cli")
    assert limit["ReservedConcurrentExecutions"] == ENVIRONMENTS
    # Our creating call was lost, and so the ledger does not know whose function that is.
    ledger.Ledger(opened.ledger).write(
        "intent", n="1-1", operation="CreateFunction", kind="function", id="neighbour", absent=None
    )
    with pytest.raises(cloud.CloudError, match="was not made by this run"):
        mine.delete_function(FunctionName="neighbour")
    theirs.create_log_group(logGroupName="/aws/lambda/neighbour")
    outcome = opened.teardown()
    assert outcome.not_ours == ["function neighbour"]
    groups = theirs.describe_log_groups()["logGroups"]
    assert [one["logGroupName"] for one in groups] == [
        "/aws/lambda/back-again", "/aws/lambda/neighbour",
    ]  # fmt: skip
    opened.close()


def test_another_accounts_bucket_is_nobodys_here() -> None:
    class Place:
        number, region = NUMBER, "us-east-1"

        def client(self, service: str) -> Any:
            s3 = boto3.client("s3", aws_access_key_id="a", aws_secret_access_key="b")
            stub = Stubber(s3)
            stub.add_client_error("head_bucket", "403", http_status_code=403)
            stub.add_response("list_buckets", {"Buckets": [{"Name": "ours"}]})
            stub.activate()
            return self._once(s3)

        def _once(self, s3: Any) -> Any:
            self.__dict__.setdefault("s3", s3)
            return self.__dict__["s3"]

    bucket = BY_NAME["bucket"]
    found = bucket.look(Place(), "taken")
    assert found is not None
    lost = ledger.Entry("bucket", "taken", "CreateBucket", "unknown", True)
    assert not removing.is_ours(bucket, lost, found, "1a2b3c4d")
    with pytest.raises(ClientError):  # ours, and a policy of its own shuts us out: that is said
        bucket.look(Place(), "ours")


def test_no_variable_says_where_the_account_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else another server would say who we are, while the learner's calls went to AWS."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SQS"):
        monkeypatch.setenv(name, "http://localhost:4566")
    place = AccountPlace(NUMBER, "eu-west-1", Credentials("a", "b"))
    assert place.client("sts").meta.endpoint_url == "https://sts.eu-west-1.amazonaws.com"
    assert place.client("sqs").meta.endpoint_url == "https://sqs.eu-west-1.amazonaws.com"
    there = AccountPlace(NUMBER, "eu-west-1", Credentials("a", "b"), "http://localhost:9")
    assert there.client("sqs").meta.endpoint_url == "http://localhost:9"


def test_an_opening_that_is_interrupted_can_be_repeated(
    account: Any, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    before, locked = dict(os.environ), guard.state()
    with monkeypatch.context() as patched:
        patched.setattr(binding, "boundary_of", interrupted)
        with pytest.raises(KeyboardInterrupt):
            account()
    assert dict(os.environ) == before
    assert guard.state() == locked
    assert not list(standin.ledgers.iterdir())
    # Two that open at the same moment: who wrote its ledger down later sees the other.
    other = ledger.Story(
        Path("other"), {"run": "other", "account": NUMBER, "endpoint": standin.url}
    )
    looks = iter([[], [other]])
    with monkeypatch.context() as patched:
        patched.setattr(runs, "running", lambda: next(looks))
        with pytest.raises(cloud.CloudError, match="Open in another window"):
            account()
    assert not list(standin.ledgers.iterdir())
    opened = account()
    opened.close()
    assert not list(runs.unfinished())


def test_lists_that_would_hide_something() -> None:
    """A neighbour's key whose policy shuts us out; composite alarms, which are not told unasked."""
    kms = boto3.client("kms", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    cloudwatch = boto3.client(
        "cloudwatch", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    told = {"KeyId": "ours", "KeyManager": "CUSTOMER", "KeyState": "Enabled"}
    with Stubber(kms) as keys, Stubber(cloudwatch) as alarms:
        keys.add_response("list_keys", {"Keys": [{"KeyId": "theirs"}, {"KeyId": "ours"}]})
        keys.add_client_error("describe_key", "AccessDeniedException")
        keys.add_response("describe_key", {"KeyMetadata": told})
        both = {"AlarmTypes": ["CompositeAlarm"]}, {"AlarmTypes": ["MetricAlarm"]}
        alarms.add_response("describe_alarms", {"CompositeAlarms": [{"AlarmName": "all"}]}, both[0])
        alarms.add_response("describe_alarms", {"MetricAlarms": [{"AlarmName": "one"}]}, both[1])

        class Place:
            number, region = NUMBER, "us-east-1"

            def client(self, service: str) -> Any:
                return {"kms": kms, "cloudwatch": cloudwatch}[service]

        assert list(BY_NAME["key"].listing(Place())) == ["ours"]
        assert list(BY_NAME["alarm"].listing(Place())) == ["all", "one"]
