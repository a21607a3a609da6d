"""CloudWatch Logs: filter patterns, and subscription filters that invoke a function."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fidelity import sources

SUBSCRIPTION = f"{sources.GUIDE}services-cloudwatchlogs.html"
LOGS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/"
PATTERNS = f"{LOGS}FilterAndPatternSyntax.html"
PUT = (
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"
    "API_PutSubscriptionFilter.html"
)
#: Answers recorded from AWS by another project's tests (February 2026).
RECORDED = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/logs/"
    "test_logs_subscription_filters.snapshot.json"
)

pytestmark = pytest.mark.aws_source(SUBSCRIPTION)

PRINT_EVENT = """
import base64, gzip, json
def handler(event, context):
    document = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    print("GOT", json.dumps(document))
"""


class Till:
    """A log group that a function listens to."""

    def __init__(self, aws: Any, name: str) -> None:
        self.aws, self.name, self.logs = aws, name, aws.client("logs")
        self.logs.create_log_group(logGroupName=name)
        self.logs.create_log_stream(logGroupName=name, logStreamName="till-3")
        self.arn = f"arn:aws:logs:us-east-1:{aws.account_id}:log-group:{name}:*"

    def allow(self, function: Any, principal: str = "logs.amazonaws.com") -> None:
        function.client.add_permission(
            FunctionName=function.name, StatementId=principal.replace(".", "-"),
            Action="lambda:InvokeFunction", Principal=principal, SourceArn=self.arn,
            SourceAccount=self.aws.account_id,
        )  # fmt: skip

    def subscribe(self, arn: str, pattern: str = "", name: str = "all") -> None:
        self.logs.put_subscription_filter(
            logGroupName=self.name, filterName=name, filterPattern=pattern, destinationArn=arn
        )

    def write(self, *messages: str) -> None:
        now = int(self.aws.clock.now().timestamp() * 1000)
        self.logs.put_log_events(
            logGroupName=self.name, logStreamName="till-3",
            logEvents=[{"timestamp": now, "message": one} for one in messages],
        )  # fmt: skip


def documents(function: Any, times: int) -> list[dict[str, Any]]:
    lines = function.wait_for_log("GOT ", times=times)
    return [json.loads(one[4:]) for one in lines if one.startswith("GOT ")]


@pytest.fixture(scope="module")
def function(make: Any) -> Any:
    return make(PRINT_EVENT)


@pytest.mark.aws_source(PUT, RECORDED)
def test_permission(aws: Any, function: Any, refused: Any) -> None:
    """CloudWatch Logs may have to be let in before; both of its names will do."""
    till = Till(aws, "/shop/permission")
    put = till.logs.put_subscription_filter
    given = {"logGroupName": till.name, "filterName": "all", "filterPattern": ""}
    expected = (
        "InvalidParameterException",
        "Could not execute the lambda function. Make sure you have given CloudWatch Logs "
        "permission to execute your function.",
        400,
    )
    assert refused(put, **given, destinationArn=function.arn) == expected
    assert refused(put, **given, destinationArn=f"{function.arn}-gone") == expected
    till.allow(function, "logs.us-east-1.amazonaws.com")
    till.subscribe(function.arn)
    (kept,) = till.logs.describe_subscription_filters(logGroupName=till.name)["subscriptionFilters"]
    assert (kept["filterName"], kept["distribution"]) == ("all", "ByLogStream")
    other = function.arn.replace(aws.account_id, "999999999999")
    assert refused(put, **given, destinationArn=other)[:2] == (
        "AccessDeniedException",
        "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies "
        "to create cross account lambda triggers.",
    )
    till.subscribe(function.arn, name="second")
    till.subscribe(function.arn, pattern="ERROR", name="second")  # changed: two are allowed
    assert refused(put, **{**given, "filterName": "third"}, destinationArn=function.arn)[:2] == (
        "LimitExceededException", "Resource limit exceeded.",
    )  # fmt: skip
    bad = refused(put, **{**given, "filterPattern": "{ $.a }"}, destinationArn=function.arn)
    assert bad[0] == "InvalidParameterException"


def test_the_event(aws: Any, function: Any) -> None:
    """What one call wrote, packed in one event, and only what the pattern takes."""
    till = Till(aws, "/shop/till")
    till.allow(function)
    till.subscribe(function.arn, "{ $.level = ERROR && $.order > 5 }", "errors")
    till.write(
        '{"level": "ERROR", "order": 7}', '{"level": "INFO", "order": 8}', "no JSON: ERROR 9",
        '{"level": "ERROR", "order": 3}', '{"level": "ERROR", "order": 10}',
    )  # fmt: skip
    document = documents(function, 1)[-1]
    events = document.pop("logEvents")
    assert document == {
        "messageType": "DATA_MESSAGE",
        "owner": aws.account_id,
        "logGroup": "/shop/till",
        "logStream": "till-3",
        "subscriptionFilters": ["errors"],
    }
    assert [json.loads(event["message"])["order"] for event in events] == [7, 10]
    now = aws.clock.now().timestamp() * 1000
    for event in events:
        assert event["id"].isdigit()
        assert len(event["id"]) == 56
        assert abs(event["timestamp"] - now) < 60_000
    assert events[0]["id"] < events[1]["id"]
    found = till.logs.filter_log_events(logGroupName="/shop/till")["events"]
    assert found[0]["eventId"] == events[0]["id"]


def test_the_log_of_another_function(aws: Any, function: Any, make: Any) -> None:
    """What a handler prints reaches the one that listens to its log group."""
    printing = make("def handler(event, context): print('ERROR no paper'); print('fine')")
    printing.invoke({})
    group = f"/aws/lambda/{printing.name}"
    function.client.add_permission(
        FunctionName=function.name, StatementId="handlers", Action="lambda:InvokeFunction",
        Principal="logs.amazonaws.com",
        SourceArn=f"arn:aws:logs:us-east-1:{aws.account_id}:log-group:{group}:*",
    )  # fmt: skip
    aws.client("logs").put_subscription_filter(
        logGroupName=group, filterName="errors", filterPattern="ERROR", destinationArn=function.arn
    )
    before = len([one for one in function.log_events() if one.startswith("GOT ")])
    printing.invoke({})
    document = documents(function, before + 1)[-1]
    assert document["logGroup"] == group
    assert [event["message"] for event in document["logEvents"]] == ["ERROR no paper\n"]


RECORD = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
TRAIL = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "ThisFlag": True,
        "latency": 400.5,
    }
)


@pytest.mark.aws_source(PATTERNS, f"{LOGS}regex-expressions.html")
@pytest.mark.parametrize(
    ("message", "taken", "left"),
    [
        ("[ERROR 400] BAD REQUEST of Exiting", [
            "", "ERROR", "ERROR REQUEST", '"BAD REQUEST"', "?WARN ?ERROR", "-WARN", "ERROR -WARN",
            "%ERR[OR]{2} \\d+%", "%^.ERROR%",
        ], ["error", "ERROR WARN", '"REQUEST BAD"', "?WARN ?INFO", "ERROR -Exiting", "%^ERROR%"]),
        (TRAIL, [
            '{ $.eventType = "UpdateTrail" }', "{ $.sourceIPAddress != 123.123.* }",
            '{ $.arrayKey[0] = "value" }', "{ $.objectList[1].id = 2 }", "{ $.SomeObject IS NULL }",
            "{ $.SomeOtherObject NOT EXISTS }", "{ $.ThisFlag IS TRUE }", "{ $.latency > 4e2 }",
            "{ ($.latency < 1 || $.eventType = *Trail) && $.latency <= 400.5 }",
            '{ $.arrayKey[*] = "another value" }', "{ $.eventType = %^Up[a-z]+Trail$% }",
            "{ $.latency = * }",
        ], [
            "{ $.eventType = Update }", "{ $.arrayKey = 1 }", "{ $.arrayKey != 1 }",
            "{ $.nothing != 1 }", "{ $.SomeOtherObject IS NULL }", "{ $.latency > 500 }",
            "{ $.ThisFlag IS FALSE || $.latency < 1 }", "[a, b]",
        ]),
        (RECORD, [
            "[ip, user, username, timestamp, request, status_code, bytes]",
            "[..., status_code, bytes]", "[ip, user, ...]", "[..., status_code = 4*, bytes > 1000]",
            "[ip, user, username, timestamp, request = *html*, status_code = 4* && "
            "status_code != 403, bytes]", "[..., status = 500 || status = 404, bytes]",
            "[ip = %^127%, ...]", '[..., request = "GET*", status, bytes]', "[]",
        ], ["[ip, user]", "[..., status_code = 200, bytes]", "[..., bytes > 2000]", "{ $.a = 1 }"]),
    ],
)  # fmt: skip
def test_patterns(aws: Any, message: str, taken: list[str], left: list[str]) -> None:
    """TestMetricFilter; the examples of AWS's page are among them."""
    test = aws.client("logs").test_metric_filter
    for pattern in taken:
        assert test(filterPattern=pattern, logEventMessages=[message])["matches"], pattern
    for pattern in left:
        assert not test(filterPattern=pattern, logEventMessages=[message])["matches"], pattern


@pytest.mark.aws_source(PATTERNS)
def test_what_is_extracted(aws: Any) -> None:
    answer = aws.client("logs").test_metric_filter(
        filterPattern="[..., request=*.html*, status_code=4*,]",
        logEventMessages=["something else", RECORD],
    )
    assert answer["matches"] == [
        {
            "eventNumber": 2,
            "eventMessage": RECORD,
            "extractedValues": {
                "$status_code": "404",
                "$request": "GET /index.html HTTP/1.0",
                "$7": "1534",
                "$4": "10/Oct/2000:13:25:15 -0700",
                "$3": "frank",
                "$2": "-",
                "$1": "127.0.0.1",
            },
        }
    ]


@pytest.mark.aws_source(
    PATTERNS,
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html",
)
def test_filter_log_events(aws: Any, refused: Any) -> None:
    """The same patterns look for events that are there already, in the order of time."""
    till = Till(aws, "/shop/found")
    till.write('{"order": 7, "paid": true}', '{"order": 8, "paid": false}', "order 9 ERROR")
    till.logs.create_log_stream(logGroupName=till.name, logStreamName="a")

    def find(pattern: str) -> list[str]:
        found = till.logs.filter_log_events(logGroupName=till.name, filterPattern=pattern)
        return [event["message"] for event in found["events"]]

    assert find("{ $.paid IS TRUE }") == ['{"order": 7, "paid": true}']
    assert find("-ERROR") == ['{"order": 7, "paid": true}', '{"order": 8, "paid": false}']
    assert find("[word = order, number > 8, ...]") == ["order 9 ERROR"]
    assert refused(find, pattern="shop.order")[:2] == (
        "InvalidParameterException", "Invalid character(s) in term 'shop.order'",
    )  # fmt: skip
    for bad in ("{ $.a }", "{ $.a = 1", "[a, b", "{ $.a > x }", "%(x)%"):
        assert refused(find, pattern=bad)[0] == "InvalidParameterException", bad
