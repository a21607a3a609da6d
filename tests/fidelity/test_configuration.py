"""What may be configured, what is refused in which words, and how states move."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest
from botocore.config import Config

from helpers import RUNTIME
from tests.fidelity import sources
from tests.fidelity.conftest import zipped

pytestmark = pytest.mark.aws_source(f"{sources.API}API_CreateFunction.html")

OK = "def handler(event, context): return 1"


@pytest.fixture(scope="module")
def unchecked(aws: Any) -> Any:
    """A client that sends what botocore would refuse before it is sent."""
    return aws.client("lambda", config=Config(parameter_validation=False))


@pytest.fixture(scope="module")
def basic(make: Any) -> Any:
    return make(OK)


def detected(value: Any, member: str, constraint: str) -> str:
    return (
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
        f"Member must {constraint}"
    )


AT_LEAST, AT_MOST = "have value greater than or equal to {}", "have value less than or equal to {}"
UNABLE = "Lambda was unable to configure your environment variables because the environment "


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"Timeout": 0}, "ValidationException", detected(0, "timeout", AT_LEAST.format(1))),
        ({"Timeout": 901}, "ValidationException", detected(901, "timeout", AT_MOST.format(900))),
        ({"MemorySize": 127}, "ValidationException",
         detected(127, "memorySize", AT_LEAST.format(128))),
        ({"MemorySize": 10241}, "ValidationException",
         detected(10241, "memorySize", AT_MOST.format(10240))),
        ({"EphemeralStorage": {"Size": 511}}, "ValidationException",
         detected(511, "ephemeralStorage.size", AT_LEAST.format(512))),
        ({"EphemeralStorage": {"Size": 10241}}, "ValidationException",
         detected(10241, "ephemeralStorage.size", AT_MOST.format(10240))),
        ({"Handler": "app handler"}, "ValidationException",
         detected("app handler", "handler", r"satisfy regular expression pattern: [^\s]+")),
        ({"Role": "admin"}, "ValidationException",
         detected("admin", "role", r"satisfy regular expression pattern: "
                  r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+")),
        ({"Runtime": "nodejs14.x"}, "InvalidParameterValueException",
         "The runtime parameter of nodejs14.x is no longer supported for creating or updating AWS "
         "Lambda functions. We recommend you use a supported runtime while creating or updating "
         "functions."),
        ({"Environment": {"Variables": {"AWS_REGION": "x", "TABLE": "y"}}},
         "InvalidParameterValueException",
         f"{UNABLE}variables you have provided contains reserved keys that are currently not "
         "supported for modification. Reserved keys used in this request: AWS_REGION"),
        ({"LoggingConfig": {"ApplicationLogLevel": "DEBUG"}}, "InvalidParameterValueException",
         'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your '
         'request or change the LogFormat to "JSON" and try again.'),
    ],
)  # fmt: skip
@pytest.mark.aws_source(sources.TROUBLE_DEPLOY, sources.QUOTAS, sources.RECORDED_API)
def test_refused_on_update(
    basic: Any, unchecked: Any, refused: Any, given: dict[str, Any], code: str, message: str
) -> None:
    """The same checks as on create, in AWS's words; and nothing changes."""
    before = basic.client.get_function_configuration(FunctionName=basic.name)
    answer = refused(unchecked.update_function_configuration, FunctionName=basic.name, **given)
    assert answer == (code, message, 400)
    after = basic.client.get_function_configuration(FunctionName=basic.name)
    assert after["RevisionId"] == before["RevisionId"]


@pytest.mark.aws_source(sources.RECORDED_API)
def test_unknown_runtime(basic: Any, refused: Any) -> None:
    code, message, _ = refused(
        basic.client.update_function_configuration, FunctionName=basic.name, Runtime="python9.9"
    )
    assert code == "InvalidParameterValueException"
    assert message.startswith(
        "Value python9.9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value "
        "set: ["
    )
    assert "python3.13" in message
    assert message.endswith("] or be a valid ARN")


@pytest.mark.aws_source(sources.TROUBLE_DEPLOY)
def test_environment_of_4_kb(make: Any, refused: Any) -> None:
    """Measured on the compact JSON of all variables together."""
    value = "x" * (4096 - len('{"TABLE":""}'))
    function = make(OK, Environment={"Variables": {"TABLE": value}})
    code, message, _ = refused(
        function.client.update_function_configuration,
        FunctionName=function.name,
        Environment={"Variables": {"TABLE": value + "x"}},
    )
    assert code == "InvalidParameterValueException"
    assert message.startswith(
        f"{UNABLE}variables you have provided exceeded the 4KB limit. String measured: "
        '{"TABLE":"xxx'
    )


def test_names(basic: Any, refused: Any) -> None:
    """64 characters at most; a name is taken once."""
    config = basic.client.get_function_configuration(FunctionName=basic.name)
    create = {
        "Role": config["Role"],
        "Runtime": RUNTIME,
        "Handler": "app.handler",
        "Code": {"ZipFile": zipped({"app.py": OK})},
    }
    long = "n" * 65
    assert refused(basic.client.create_function, FunctionName=long, **create)[1] == detected(
        long, "functionName", "have length less than or equal to 64"
    )
    assert refused(basic.client.create_function, FunctionName=basic.name, **create) == (
        "ResourceConflictException",
        f"Function already exist: {basic.name}",
        409,
    )
    without = {key: value for key, value in create.items() if key != "Handler"}
    assert refused(basic.client.create_function, FunctionName="no-handler", **without)[1] == (
        "Runtime and Handler are mandatory parameters for functions created with deployment "
        "packages."
    )


@pytest.mark.aws_source(sources.QUOTAS, sources.RECORDED_API)
def test_package_sizes(basic: Any, refused: Any) -> None:
    """Unzipped at most 250 MB, all files together."""
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("zeros", "w") as file:
            for _ in range(250):
                file.write(bytes(1 << 20))
    code, message, _ = refused(
        basic.client.update_function_code, FunctionName=basic.name, ZipFile=buffer.getvalue()
    )
    assert (code, message) == (
        "InvalidParameterValueException",
        "Unzipped size must be smaller than 262144000 bytes",
    )


def test_everything_given_is_kept(make: Any, aws: Any) -> None:
    """On create and on update, with AWS's defaults for the rest."""
    plain = make(OK, MemorySize=None)
    shown = plain.client.get_function_configuration(FunctionName=plain.name)
    for member, value in {
        "MemorySize": 128,
        "Timeout": 3,
        "Description": "",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{plain.name}"},
        "Version": "$LATEST",
    }.items():
        assert shown[member] == value
    assert "Environment" not in shown
    queue = "arn:aws:sqs:us-east-1:123456789012:dead"
    settings = {
        "DeadLetterConfig": {"TargetArn": queue},
        "TracingConfig": {"Mode": "Active"},
        "EphemeralStorage": {"Size": 1024},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/shop/all"},
        "Description": "prints",
    }
    client = plain.client
    client.update_function_configuration(FunctionName=plain.name, **settings)
    created = make(OK, Tags={"team": "print"}, **settings)
    plain.settle()
    for function in (plain, created):
        shown = client.get_function(FunctionName=function.name)["Configuration"]
        expected = {
            **settings,
            "LoggingConfig": {
                "LogFormat": "JSON",
                "LogGroup": "/shop/all",
                "ApplicationLogLevel": "INFO",
                "SystemLogLevel": "INFO",
            },
        }
        assert {name: shown[name] for name in settings} == expected
    assert client.get_function(FunctionName=created.name)["Tags"] == {"team": "print"}
    client.tag_resource(Resource=created.arn, Tags={"stage": "test"})
    client.untag_resource(Resource=created.arn, TagKeys=["team"])
    assert client.list_tags(Resource=created.arn)["Tags"] == {"stage": "test"}


@pytest.mark.aws_source(sources.STATES, sources.RECORDED)
def test_states(aws: Any, make: Any, refused: Any) -> None:
    """Pending, then Active; an update is InProgress, then Successful; too early is refused."""
    client = aws.client("lambda")
    role = make(OK).client.list_functions()["Functions"][0]["Role"]
    name = "stateful"
    created = client.create_function(
        FunctionName=name, Role=role, Runtime=RUNTIME, Handler="app.handler",
        Code={"ZipFile": zipped({"app.py": OK})},
    )  # fmt: skip
    assert created["State"] == "Pending"
    assert created["StateReasonCode"] == "Creating"
    assert "LastUpdateStatus" not in created
    assert refused(client.invoke, FunctionName=name) == (
        "ResourceConflictException",
        "The operation cannot be performed at this time. The function is currently in the "
        "following state: Pending",
        409,
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    shown = client.get_function_configuration(FunctionName=name)
    assert (shown["State"], shown["LastUpdateStatus"]) == ("Active", "Successful")
    updated = client.update_function_configuration(FunctionName=name, Timeout=5)
    assert (updated["State"], updated["LastUpdateStatus"]) == ("Active", "InProgress")
    code, message, _ = refused(
        client.update_function_code, FunctionName=name, ZipFile=zipped({"app.py": OK})
    )
    assert (code, message) == (
        "ResourceConflictException",
        "The operation cannot be performed at this time. An update is in progress for resource: "
        f"{created['FunctionArn']}",
    )
    assert client.invoke(FunctionName=name)["StatusCode"] == 200
    client.get_waiter("function_updated_v2").wait(FunctionName=name)


@pytest.mark.aws_source(f"{sources.API}API_GetFunction.html")
def test_code_can_be_downloaded(basic: Any) -> None:
    """GetFunction's Location is a URL that gives the archive."""
    location = basic.client.get_function(FunctionName=basic.name)["Code"]
    assert location["RepositoryType"] == "S3"
    with urllib.request.urlopen(location["Location"]) as answer:
        assert answer.read() == zipped({"app.py": OK}) or answer.status == 200


@pytest.mark.aws_source(f"{sources.API}API_UpdateFunctionCode.html", sources.TROUBLE_DEPLOY)
def test_code_from_s3(make: Any, aws: Any, refused: Any) -> None:
    """An object in a bucket is as good as an upload; a missing one is named."""
    function, s3 = make(OK), aws.client("s3")
    s3.create_bucket(Bucket="packages")
    s3.put_object(
        Bucket="packages", Key="shop.zip",
        Body=zipped({"app.py": "def handler(event, context): return 2"}),
    )  # fmt: skip
    update = function.client.update_function_code
    update(FunctionName=function.name, S3Bucket="packages", S3Key="shop.zip")
    function.settle()
    assert function.invoke({}).payload == 2
    code, message, _ = refused(
        update, FunctionName=function.name, S3Bucket="packages", S3Key="no.zip"
    )
    assert (code, message) == (
        "InvalidParameterValueException",
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified "
        "key does not exist.",
    )


@pytest.mark.aws_source(f"{sources.GUIDE}access-control-resource-based.html", sources.RECORDED)
def test_resource_policy(make: Any, refused: Any) -> None:
    """Statements by id, as AWS shows them."""
    import json

    function = make(OK)
    client, name = function.client, function.name
    assert refused(client.get_policy, FunctionName=name)[1] == (
        "The resource you requested does not exist."
    )
    client.add_permission(
        FunctionName=name, StatementId="photos", Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::photos", SourceAccount="123456789012",
    )  # fmt: skip
    answer = client.get_policy(FunctionName=name)
    assert json.loads(answer["Policy"])["Statement"] == [
        {
            "Sid": "photos",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": function.arn,
            "Condition": {
                "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::photos"},
                "StringEquals": {"AWS:SourceAccount": "123456789012"},
            },
        }
    ]
    again = {"StatementId": "photos", "Action": "lambda:InvokeFunction", "Principal": "*"}
    assert refused(client.add_permission, FunctionName=name, **again)[2] == 409
    assert refused(client.remove_permission, FunctionName=name, StatementId="x")[1] == (
        "Statement x is not found in resource policy."
    )
    client.remove_permission(FunctionName=name, StatementId="photos")


@pytest.mark.aws_source(f"{sources.GUIDE}monitoring-cloudwatchlogs-advanced.html", sources.RIC)
def test_json_logs(make: Any, aws: Any) -> None:
    """LogFormat JSON: platform events and logging records are documents; levels filter."""
    import json

    function = make(
        """
        import logging
        def handler(event, context):
            logging.info("printed", extra={"order": 7})
            logging.debug("not this")
            print("plain")
            if event:
                raise ValueError("no")
        """,
        LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "INFO"},
    )
    reply = function.invoke({})
    request_id = reply.headers["x-amzn-requestid"]
    lines = function.wait_for_log("platform.report")
    documents = [json.loads(one) for one in lines if one.startswith("{")]
    kinds = [one.get("type", one.get("level")) for one in documents]
    assert kinds == ["platform.initStart", "platform.start", "INFO", "platform.report"]
    assert documents[1]["record"] == {
        "requestId": request_id, "functionArn": function.arn, "version": "$LATEST"
    }  # fmt: skip
    assert documents[2]["message"] == "printed"
    assert documents[2]["order"] == 7
    assert documents[2]["requestId"] == request_id
    record = documents[3]["record"]
    assert record["status"] == "success"
    assert set(record["metrics"]) == {
        "durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB", "initDurationMs"
    }  # fmt: skip
    assert "plain\n" in lines
    assert '"errorType": "ValueError"' in function.invoke({"fail": 1}).log
    quiet = make(
        "def handler(event, context): pass",
        LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN"},
    )
    assert "platform.start" not in quiet.invoke({}).log


@pytest.mark.aws_source(f"{sources.GUIDE}monitoring-cloudwatchlogs-loggroups.html")
def test_a_log_group_of_ones_own(make: Any, aws: Any) -> None:
    """Several functions may share one; the stream's name then says whose it is."""
    function = make(OK, LoggingConfig={"LogGroup": "/shop/shared"})
    function.invoke({})
    logs = aws.client("logs")

    def streams() -> Any:
        groups = logs.describe_log_groups(logGroupNamePrefix="/shop/shared")["logGroups"]
        return groups and logs.describe_log_streams(logGroupName="/shop/shared")["logStreams"]

    stream = aws.wait_until(streams)[0]["logStreamName"]
    assert f"/{function.name}[$LATEST]" in stream


@pytest.mark.aws_source(f"{sources.GUIDE}configuration-response-streaming.html")
def test_response_streaming_is_refused_clearly(basic: Any) -> None:
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError, match="does not have lambda:InvokeWithResponseStream"):
        basic.client.invoke_with_response_stream(FunctionName=basic.name)
