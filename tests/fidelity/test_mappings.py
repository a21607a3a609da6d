"""The API of event source mappings for streams: what it answers, and what it refuses."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.stream_sources import WORK, Stream, Table

CREATE = f"{sources.API}API_CreateEventSourceMapping.html"
PARAMETERS = f"{sources.GUIDE}services-ddb-params.html"
FOLDER = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/lambda_/"
    "event_source_mapping/"
)
RECORDED = f"{FOLDER}test_api.snapshot.json"
RECORDED_TABLES = f"{FOLDER}test_lambda_integration_dynamodbstreams.snapshot.json"
#: A person was told this by AWS.
UNSUPPORTED = "https://github.com/aws/aws-cdk/issues/17934"

pytestmark = pytest.mark.aws_source(CREATE)


@pytest.fixture(scope="module")
def function(make: Any) -> Any:
    return make(WORK)


@pytest.fixture(scope="module")
def table(aws: Any) -> Table:
    return Table(aws)


@pytest.fixture(scope="module")
def stream(aws: Any) -> Stream:
    return Stream(aws)


@pytest.fixture
def refusal(function: Any, refused: Any) -> Any:
    """Try to make a mapping that AWS refuses; return the error's code and text."""

    def create(source: str, **settings: Any) -> tuple[str, str]:
        given = {"FunctionName": function.name, "StartingPosition": "LATEST", **settings}
        code, message, status = refused(
            function.client.create_event_source_mapping,
            EventSourceArn=source,
            **{name: value for name, value in given.items() if value is not None},
        )
        assert status == (409 if code == "ResourceConflictException" else 400)
        return code, message

    return create


@pytest.mark.aws_source(PARAMETERS, RECORDED_TABLES)
def test_defaults_and_duplicates(function: Any, table: Table, refusal: Any) -> None:
    client = function.client
    made = client.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=table.arn, StartingPosition="TRIM_HORIZON"
    )
    assert made.pop("ResponseMetadata")["HTTPStatusCode"] == 202
    uuid = made["UUID"]
    assert made.pop("LastModified")
    assert made == {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "EventSourceArn": table.arn,
        "EventSourceMappingArn": "arn:aws:lambda:us-east-1:123456789012:"
        f"event-source-mapping:{uuid}",
        "FunctionArn": function.arn,
        "FunctionResponseTypes": [],
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
        "State": "Creating",
        "StateTransitionReason": "User action",
        "TumblingWindowInSeconds": 0,
        "UUID": uuid,
    }
    assert refusal(table.arn) == (
        "ResourceConflictException",
        f'The event source arn (" {table.arn} ") and function (" {function.name} ") provided '
        f"mapping already exists. Please update or delete the existing mapping with UUID {uuid}",
    )
    listed = client.list_event_source_mappings(EventSourceArn=table.arn)["EventSourceMappings"]
    assert [(one["UUID"], one["State"]) for one in listed] == [(uuid, "Enabled")]
    assert client.list_event_source_mappings(FunctionName=function.name)["EventSourceMappings"]
    changed = client.update_event_source_mapping(
        UUID=uuid, BatchSize=7, MaximumRetryAttempts=3, ParallelizationFactor=2
    )
    assert (changed["BatchSize"], changed["MaximumRetryAttempts"]) == (7, 3)
    client.delete_event_source_mapping(UUID=uuid)


@pytest.mark.aws_source(
    RECORDED, "https://github.com/awsdocs/aws-cloudformation-user-guide/pull/334"
)
def test_starting_positions(aws: Any, table: Table, stream: Stream, refusal: Any) -> None:
    invalid = "InvalidParameterValueException"
    now = aws.clock.now()
    assert refusal(table.arn, StartingPosition=None) == (
        invalid,
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
        "constraint: Member must not be null.",
    )
    assert refusal(stream.arn, StartingPosition="0") == (
        "ValidationException",
        "1 validation error detected: Value '0' at 'startingPosition' failed to satisfy "
        "constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
    )
    assert refusal(stream.arn, StartingPositionTimestamp=now) == (
        invalid,
        "Timestamp only valid with StartingPosition AT_TIMESTAMP",
    )
    at = {"StartingPosition": "AT_TIMESTAMP"}
    assert refusal(table.arn, **at, StartingPositionTimestamp=now) == (
        invalid,
        f"Unsupported starting position for arn type: {table.arn}",
    )
    assert refusal(stream.arn, **at) == (invalid, "Need to specify a timestamp")
    assert refusal(stream.arn, **at, StartingPositionTimestamp=-7) == (
        invalid,
        "Received Exception while reading from provided stream. class java.lang.Long can not be "
        "converted to a Timestamp",
    )
    tomorrow = now + timedelta(days=1)
    assert refusal(stream.arn, **at, StartingPositionTimestamp=tomorrow)[0] == invalid


@pytest.mark.aws_source(RECORDED_TABLES)
def test_what_is_not_there(function: Any, table: Table, stream: Stream, refusal: Any) -> None:
    invalid = "InvalidParameterValueException"
    for missing in (
        table.arn[:-1] + "x",
        table.arn.replace(table.name, "nowhere"),
        stream.arn + "-2",
    ):
        assert refusal(missing) == (invalid, f"Stream not found: {missing}")
    assert refusal(table.arn, FunctionName="nobody") == (invalid, "Function does not exist")
    assert refusal(table.arn, FunctionName=f"{function.name}:7")[0] == invalid
    for unknown in ("arn:aws:s3:::photos", table.arn.partition("/stream/")[0]):
        code, message = refusal(unknown)
        assert code == invalid
        assert message.startswith("Unrecognized event source")


@pytest.mark.aws_source(PARAMETERS)
@pytest.mark.parametrize(
    ("name", "value", "bound"),
    [
        ("BatchSize", 10_001, "less than or equal to 10000"),
        ("ParallelizationFactor", 11, "less than or equal to 10"),
        ("MaximumRetryAttempts", 10_001, "less than or equal to 10000"),
        ("MaximumRecordAgeInSeconds", 604_801, "less than or equal to 604800"),
        ("TumblingWindowInSeconds", 901, "less than or equal to 900"),
        ("MaximumBatchingWindowInSeconds", 301, "less than or equal to 300"),
    ],
)
def test_ranges(table: Table, refusal: Any, name: str, value: int, bound: str) -> None:
    shown = name[0].lower() + name[1:]
    assert refusal(table.arn, **{name: value}) == (
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{shown}' failed to satisfy constraint: "
        f"Member must have value {bound}",
    )


@pytest.mark.aws_source(PARAMETERS, UNSUPPORTED)
def test_settings_that_do_not_fit(aws: Any, table: Table, function: Any, refusal: Any) -> None:
    invalid = "InvalidParameterValueException"
    assert refusal(table.arn, MaximumRecordAgeInSeconds=59)[0] == invalid
    assert refusal(table.arn, ScalingConfig={"MaximumConcurrency": 5}) == (
        invalid,
        "Unsupported 'scalingConfig' parameter for given event source mapping type.",
    )
    to_function = {"OnFailure": {"Destination": function.arn}}
    assert refusal(table.arn, DestinationConfig=to_function)[0] == invalid
    unsupported = "Unsupported DestinationConfig parameter for given event source mapping type."
    on_success = {"OnSuccess": {"Destination": "arn:aws:sqs:us-east-1:123456789012:done"}}
    assert refusal(table.arn, DestinationConfig=on_success) == (invalid, unsupported)
    bad = {"Filters": [{"Pattern": "single-string"}]}
    assert refusal(table.arn, FilterCriteria=bad) == (invalid, "Invalid filter pattern definition.")

    sqs = aws.client("sqs")
    sqs.create_queue(QueueName="orders")
    queue = "arn:aws:sqs:us-east-1:123456789012:orders"
    assert refusal(queue) == (invalid, "StartingPosition is not valid for SQS event sources.")
    nothing: dict[str, Any] = {"StartingPosition": None}
    assert refusal(queue, **nothing, ParallelizationFactor=2) == (
        invalid,
        "Unsupported 'parallelizationFactor' parameter for given event source mapping type.",
    )
    assert refusal(queue, **nothing, MaximumRetryAttempts=2) == (
        invalid,
        "Unsupported 'maximumRetryAttempts' parameter for given event source mapping type.",
    )


def test_updates_are_checked_too(function: Any, stream: Stream, refused: Any) -> None:
    client = function.client
    uuid = stream.feeds(function, Enabled=False, MaximumRetryAttempts=5)
    for change in ({"MaximumRecordAgeInSeconds": 7}, {"FunctionName": "nobody"}):
        assert refused(client.update_event_source_mapping, UUID=uuid, **change)[0] == (
            "InvalidParameterValueException"
        )
    code, _, _ = refused(client.update_event_source_mapping, UUID=uuid, BatchSize=20_000)
    assert code == "ValidationException"
    shown = client.get_event_source_mapping(UUID=uuid)
    assert (shown["State"], shown["MaximumRecordAgeInSeconds"], shown["BatchSize"]) == (
        "Disabled", -1, 100,
    )  # fmt: skip
    unknown = "12345678-1234-1234-1234-123456789012"
    for call in (client.update_event_source_mapping, client.delete_event_source_mapping):
        assert refused(call, UUID=unknown)[:2] == (
            "ResourceNotFoundException",
            "The resource you requested does not exist.",
        )
    client.delete_event_source_mapping(UUID=uuid)


@pytest.mark.aws_source(f"{sources.GUIDE}configuration-aliases.html")
def test_aliases_and_versions(function: Any, stream: Stream, aws: Any) -> None:
    """A mapping of an alias invokes the alias, and is another mapping than the function's."""
    client = function.client
    version = client.publish_version(FunctionName=function.name)["Version"]
    client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    first = stream.feeds(function)
    made = client.create_event_source_mapping(
        FunctionName=f"{function.name}:live",
        EventSourceArn=stream.arn,
        StartingPosition="TRIM_HORIZON",
    )
    assert made["FunctionArn"] == f"{function.arn}:live"
    stream.put("a")
    aws.wait_until(
        lambda: any(f"Version: {version}" in one for one in function.wait_for_log("START", 2))
    )
    for uuid in (first, made["UUID"]):
        client.delete_event_source_mapping(UUID=uuid)


@pytest.mark.aws_source(
    f"{sources.GUIDE}services-dynamodb-eventsourcemapping.html",
    "https://github.com/aws-samples/lambda-refarch-webapp/issues/7",
)
def test_the_role_has_to_read_the_stream(
    aws: Any, make: Any, table: Table, stream: Stream, refusal: Any
) -> None:
    """Lambda reads with the function's role, and looks at once whether it can."""
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    document = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(document))
    blind = make(WORK, Role=role["Role"]["Arn"])
    invalid = "InvalidParameterValueException"
    for source, policy, more in (
        (table, "AWSLambdaDynamoDBExecutionRole", ""),
        (stream, "AWSLambdaKinesisExecutionRole", " ListShards,"),
    ):
        assert refusal(source.arn, FunctionName=blind.name) == (
            invalid,
            f"Cannot access stream {source.arn}. Please ensure the role can perform the "
            f"GetRecords, GetShardIterator, DescribeStream,{more} and ListStreams Actions on your "
            "stream in IAM.",
        )
        managed = f"arn:aws:iam::aws:policy/service-role/{policy}"
        iam.attach_role_policy(RoleName="reader", PolicyArn=managed)
        blind.client.delete_event_source_mapping(UUID=source.feeds(blind))
