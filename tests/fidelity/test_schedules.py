"""Schedules on the course clock: rules of EventBridge, and EventBridge Scheduler."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fidelity.roles import lets_in

RULES = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html"
SCHEDULER = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/"
TYPES = f"{SCHEDULER}schedule-types.html"
CREATE = "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html"
#: Answers recorded from AWS by another project's tests (2024 and 2025).
RECORDED = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/scheduler/"
    "test_scheduler.snapshot.json"
)
RECORDED_RULES = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/events/"
    "test_events_schedule.py"
)

_numbers = itertools.count(1)


class Clockwork:
    """Queues that schedules fill, and a role that Scheduler may assume."""

    def __init__(self, aws: Any) -> None:
        self.aws, self.sqs = aws, aws.client("sqs")
        self.events, self.scheduler = aws.client("events"), aws.client("scheduler")
        self.role = self.new_role("scheduler", "scheduler.amazonaws.com")

    def new_role(self, name: str, service: str) -> str:
        statement = {
            "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
        }  # fmt: skip
        iam = self.aws.client("iam")
        arn: str = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [statement]})
        )["Role"]["Arn"]
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        iam.put_role_policy(
            RoleName=name, PolicyName="all",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]}),
        )  # fmt: skip
        return arn

    def queue(self) -> tuple[str, str]:
        """A new queue that rules and topics may send to: its URL and its ARN."""
        name = f"queue-{next(_numbers)}"
        arn = f"arn:aws:sqs:us-east-1:{self.aws.account_id}:{name}"
        given = {"Policy": lets_in(["events", "sns"], arn)}
        return self.sqs.create_queue(QueueName=name, Attributes=given)["QueueUrl"], arn

    def rule(self, expression: str, *targets: dict[str, Any]) -> str:
        name = f"schedule-{next(_numbers)}"
        self.events.put_rule(Name=name, ScheduleExpression=expression)
        numbered = [{"Id": str(number), **one} for number, one in enumerate(targets)]
        self.events.put_targets(Rule=name, Targets=numbered)
        return name

    def schedule(self, expression: str, arn: str, **more: Any) -> str:
        name = f"schedule-{next(_numbers)}"
        target = {"Arn": arn, "RoleArn": self.role, **more.pop("Target", {})}
        self.scheduler.create_schedule(
            Name=name, ScheduleExpression=expression, Target=target,
            **{"FlexibleTimeWindow": {"Mode": "OFF"}, **more},
        )  # fmt: skip
        return name

    def bodies(self, url: str, times: int) -> list[Any]:
        """The messages that have arrived, once there are that many; none is left."""
        found: list[Any] = []

        def enough() -> bool:
            answer = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            for message in answer.get("Messages", []):
                found.append(message)
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return len(found) >= times

        self.aws.wait_until(enough, what=f"{times} messages arrive")
        assert "Messages" not in self.sqs.receive_message(QueueUrl=url)
        assert len(found) == times
        return [json.loads(one["Body"]) for one in found]

    def advance_to(self, moment: datetime) -> None:
        left = (moment - self.aws.clock.now()).total_seconds()
        assert left > 0
        self.aws.clock.advance(seconds=left + 0.5)

    def stop(self) -> None:
        """No rule of one test fires in the next one's jump of months, thousands of times."""
        for rule in self.events.list_rules()["Rules"]:
            targets = self.events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            if targets:
                self.events.remove_targets(Rule=rule["Name"], Ids=[one["Id"] for one in targets])
            self.events.delete_rule(Name=rule["Name"])
        for schedule in self.scheduler.list_schedules()["Schedules"]:
            self.scheduler.delete_schedule(Name=schedule["Name"])


@pytest.fixture(scope="module")
def works(aws: Any) -> Clockwork:
    return Clockwork(aws)


@pytest.fixture
def clockwork(works: Clockwork) -> Iterator[Clockwork]:
    yield works
    works.stop()


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@pytest.mark.aws_source(RULES)
def test_a_jump_makes_up_for_every_firing(clockwork: Clockwork) -> None:
    """Three days later: each night's event, in order, with the time that it was due at."""
    aws = clockwork.aws
    (nightly, night), (sixfold, six) = clockwork.queue(), clockwork.queue()
    clockwork.rule("cron(30 2 * * ? *)", {"Arn": night})
    name = clockwork.rule("rate(6 hours)", {"Arn": six}, {"Arn": six, "Input": '{"wake": "up"}'})
    began = aws.clock.now()
    aws.clock.advance(days=3)
    events = clockwork.bodies(nightly, 3)
    times = [moment(event["time"]) for event in events]
    assert times[0] > began
    assert [(time.hour, time.minute, time.second) for time in times] == [(2, 30, 0)] * 3
    assert [later - time for time, later in itertools.pairwise(times)] == [timedelta(days=1)] * 2
    both = clockwork.bodies(sixfold, 24)
    assert both.count({"wake": "up"}) == 12
    events = [event for event in both if "time" in event]
    times = [moment(event["time"]) for event in events]
    assert timedelta(hours=5.9) < times[0] - began < timedelta(hours=6.1)
    assert {b - a for a, b in itertools.pairwise(times)} == {timedelta(hours=6)}
    identity = events[0].pop("id")
    assert identity != events[1]["id"]
    assert events[0] == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": aws.account_id,
        "time": events[0]["time"],
        "region": "us-east-1",
        "resources": [f"arn:aws:events:us-east-1:{aws.account_id}:rule/{name}"],
        "detail": {},
    }


@pytest.mark.aws_source(RULES)
def test_disabled_changed_and_deleted(clockwork: Clockwork) -> None:
    """A rule that is off leaves its times out; a new expression replaces the old one."""
    aws, events = clockwork.aws, clockwork.events
    url, queue = clockwork.queue()
    name = clockwork.rule("rate(1 day)", {"Arn": queue})
    events.disable_rule(Name=name)
    aws.clock.advance(days=2)
    events.enable_rule(Name=name)
    aws.clock.advance(days=1)
    clockwork.bodies(url, 1)
    events.put_rule(Name=name, ScheduleExpression="rate(12 hours)")
    aws.clock.advance(days=1)
    clockwork.bodies(url, 2)
    events.remove_targets(Rule=name, Ids=["0"])
    events.delete_rule(Name=name)
    aws.clock.advance(days=1)
    clockwork.bodies(url, 0)


@pytest.mark.aws_source(RULES)
def test_a_nightly_job(clockwork: Clockwork, make: Any) -> None:
    """A function is invoked by a schedule, if its policy lets the rule."""
    function = make("def handler(event, context): print('NIGHT', event['detail-type'])")
    name = clockwork.rule("cron(0 3 * * ? *)", {"Arn": function.arn})
    rule = f"arn:aws:events:us-east-1:{clockwork.aws.account_id}:rule/{name}"
    clockwork.aws.clock.advance(days=1)
    function.client.add_permission(
        FunctionName=function.name, StatementId="nightly", Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com", SourceArn=rule,
    )  # fmt: skip
    clockwork.aws.clock.advance(days=1)
    assert sum("NIGHT Scheduled Event" in one for one in function.wait_for_log("NIGHT")) == 1


@pytest.mark.aws_source(RULES, RECORDED_RULES)
def test_expressions_that_rules_refuse(clockwork: Clockwork, refused: Any) -> None:
    put = clockwork.events.put_rule
    for expression in (
        "rate(10 seconds)", "rate(10 years)", "rate(1 minutes)", "rate(10 minute)", "rate()",
        "rate(10)", "rate(10 minutess)", "rate(0 minutes)", "rate(-10 minutes)",
        "rate(10 MINUTES)", "rate( 10 minutes )", " rate(10 minutes)", "cron(0 1 * * * *)",
        "cron(7 20 * * NOT *)", "cron(INVALID)", "cron(0 dummy ? * MON-FRI *)",
        "cron(71 8 1 * ? *)", "at(2030-01-01T00:00:00)", "every day",
    ):  # fmt: skip
        answer = refused(put, Name="bad", ScheduleExpression=expression)
        assert answer[:2] == (
            "ValidationException", "Parameter ScheduleExpression is not valid.",
        ), expression  # fmt: skip
    for expression in (
        "cron(15 10 ? * 6L 2002-2005)", "cron(* * ? * SAT#3 *)", "cron(0/5 5 ? JAN 1-5 2022)",
        "cron(0/30 20-2 ? * MON-FRI *)", "rate(1 hour)",
    ):  # fmt: skip
        put(Name="good", ScheduleExpression=expression)
    clockwork.events.create_event_bus(Name="other")
    answer = refused(put, Name="x", ScheduleExpression="rate(1 day)", EventBusName="other")
    assert answer[1] == "ScheduleExpression is supported only on the default event bus."


@pytest.mark.aws_source(TYPES, CREATE)
def test_once_and_then_gone(clockwork: Clockwork) -> None:
    """at() in a time zone; ActionAfterCompletion takes the schedule away afterwards."""
    aws, (url, queue) = clockwork.aws, clockwork.queue()
    due = (aws.clock.now() + timedelta(days=200)).replace(hour=10, minute=0, second=0)
    due = due.replace(microsecond=0, month=7, day=1, year=due.year + 1)
    name = clockwork.schedule(
        f"at({due:%Y-%m-%dT%H:%M:%S})", queue, ScheduleExpressionTimezone="Europe/Berlin",
        ActionAfterCompletion="DELETE", Target={"Input": '{"order": 7}'},
    )  # fmt: skip
    assert clockwork.scheduler.get_schedule(Name=name)["State"] == "ENABLED"
    in_utc = due - timedelta(hours=2)  # summer in Berlin
    clockwork.advance_to(in_utc - timedelta(seconds=30))
    clockwork.bodies(url, 0)
    clockwork.advance_to(in_utc)
    assert clockwork.bodies(url, 1) == [{"order": 7}]
    aws.wait_until(
        lambda: not clockwork.scheduler.list_schedules(NamePrefix=name)["Schedules"],
        what="the schedule is deleted",
    )


@pytest.mark.aws_source(TYPES)
def test_summer_and_winter(clockwork: Clockwork) -> None:
    """10:00 in Berlin is another hour in UTC from one day to the next when the season shifts."""
    aws, (url, queue) = clockwork.aws, clockwork.queue()
    year = aws.clock.now().year + 1
    clockwork.advance_to(datetime(year, 3, 22, tzinfo=UTC))
    name = clockwork.schedule(
        "cron(0 10 * * ? *)", queue, ScheduleExpressionTimezone="Europe/Berlin",
        Target={"Input": '"<aws.scheduler.scheduled-time>"'},
    )  # fmt: skip
    aws.clock.advance(days=10)  # past the last Sunday of March
    hours = [moment(text).hour for text in clockwork.bodies(url, 10)]
    assert sorted(hours, reverse=True) == hours
    assert set(hours) == {9, 8}
    clockwork.scheduler.delete_schedule(Name=name)
    aws.clock.advance(days=1)
    clockwork.bodies(url, 0)


@pytest.mark.aws_source(TYPES, f"{SCHEDULER}managing-schedule-flexible-time-windows.html", CREATE)
def test_rates_windows_and_limits(clockwork: Clockwork) -> None:
    """A rate begins at once or at StartDate and ends at EndDate; a window lets it come later."""
    aws, scheduler = clockwork.aws, clockwork.scheduler
    (at_once, now), (limited, between), (window, later) = (clockwork.queue() for _ in range(3))
    name = clockwork.schedule("rate(1 hour)", now)
    begin = (aws.clock.now() + timedelta(days=1)).replace(microsecond=0)
    clockwork.schedule(
        "rate(1 day)", between, StartDate=begin, EndDate=begin + timedelta(days=3),
        Target={"Input": '"<aws.scheduler.scheduled-time>"'},
    )  # fmt: skip
    clockwork.schedule(
        "rate(1 day)", later, StartDate=begin,
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60},
    )  # fmt: skip
    notification = clockwork.bodies(at_once, 1)[0]
    assert (notification["source"], notification["detail-type"]) == (
        "aws.scheduler", "Scheduled Event",
    )  # fmt: skip
    given = scheduler.get_schedule(Name=name)
    assert notification["resources"] == [given["Arn"]]
    assert (given["ActionAfterCompletion"], given["ScheduleExpressionTimezone"]) == ("NONE", "UTC")
    scheduler.update_schedule(
        Name=name, ScheduleExpression="rate(1 hour)", State="DISABLED", Target=given["Target"],
        FlexibleTimeWindow={"Mode": "OFF"}, ActionAfterCompletion="DELETE",
    )  # fmt: skip
    assert scheduler.get_schedule(Name=name)["ActionAfterCompletion"] == "DELETE"
    aws.clock.advance(days=1, hours=1, minutes=1)
    clockwork.bodies(window, 1)
    first = clockwork.bodies(limited, 1)
    aws.clock.advance(days=6)
    times = [moment(text) for text in [*first, *clockwork.bodies(limited, 3)]]
    assert times == [begin + timedelta(days=number) for number in range(4)]
    clockwork.bodies(at_once, 0)


@pytest.mark.aws_source(
    f"{SCHEDULER}managing-targets-templated.html", f"{SCHEDULER}managing-targets-universal.html"
)
def test_targets(clockwork: Clockwork, make: Any) -> None:
    """A function (with no policy of its own), a topic, a bus, a state machine, any API at all."""
    aws = clockwork.aws
    function = make("def handler(event, context): print('ORDER', event['order'])")
    url, queue = clockwork.queue()
    topic = aws.client("sns").create_topic(Name="scheduled")["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    aws.client("events").put_rule(Name="shop", EventPattern='{"source": ["shop.scheduled"]}')
    aws.client("events").put_targets(
        Rule="shop", Targets=[{"Id": "1", "Arn": queue, "InputPath": "$.detail"}]
    )
    states = aws.client("stepfunctions")
    machine = states.create_state_machine(
        name="scheduled",
        definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
        roleArn=clockwork.new_role("scheduled-states", "states.amazonaws.com"),
    )["stateMachineArn"]
    bus = f"arn:aws:events:us-east-1:{aws.account_id}:event-bus/default"
    universal = {"QueueUrl": url, "MessageBody": '{"order": "universal"}'}
    at = f"at({aws.clock.now() + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S})"
    for arn, more in (
        (function.arn, {"Input": '{"order": "for a function"}'}),
        (topic, {"Input": "for a topic"}),
        (bus, {"Input": '{"order": "for a bus"}',
               "EventBridgeParameters": {"Source": "shop.scheduled", "DetailType": "Order"}}),
        (machine, {"Input": '{"order": "for a machine"}'}),
        ("arn:aws:scheduler:::aws-sdk:sqs:sendMessage", {"Input": json.dumps(universal)}),
    ):  # fmt: skip
        clockwork.schedule(at, arn, Target=more)
    aws.clock.advance(minutes=6)
    function.wait_for_log("ORDER for a function")
    received = clockwork.bodies(url, 3)
    assert {one.get("order") or one.get("Message") for one in received} == {
        "for a topic", "for a bus", "universal",
    }  # fmt: skip
    execution = aws.wait_until(
        lambda: states.list_executions(stateMachineArn=machine)["executions"],
        what="an execution has been started",
    )[0]["executionArn"]
    assert json.loads(states.describe_execution(executionArn=execution)["input"]) == {
        "order": "for a machine"
    }


@pytest.mark.aws_source(
    f"{SCHEDULER}configuring-schedule-dlq.html", f"{SCHEDULER}monitoring-cloudwatch.html"
)
def test_retries_and_dead_letters(clockwork: Clockwork) -> None:
    """A target that is not there is tried as often as the policy says, then dead-lettered."""
    aws, (url, dead) = clockwork.aws, clockwork.queue()
    missing = dead.replace("queue-", "missing-")
    policy = {
        "RetryPolicy": {"MaximumRetryAttempts": 2}, "DeadLetterConfig": {"Arn": dead},
        "Input": "print",
    }  # fmt: skip
    at = (aws.clock.now() + timedelta(minutes=5)).replace(microsecond=0)
    name = clockwork.schedule(f"at({at:%Y-%m-%dT%H:%M:%S})", missing, Target=policy)
    clockwork.advance_to(at)

    def message() -> Any:
        aws.clock.advance(seconds=2)
        answer = clockwork.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])
        return answer.get("Messages")

    (found,) = aws.wait_until(message, what="the dead letter")
    body = json.loads(found["Body"])
    assert body["MessageBody"] == "print"
    assert body["QueueUrl"].endswith(missing.rpartition(":")[2])
    attributes = {key: value["StringValue"] for key, value in found["MessageAttributes"].items()}
    assert len(attributes.pop("EXECUTION_ID")) == 16
    assert "queue does not exist" in attributes.pop("ERROR_MESSAGE")
    assert attributes == {
        "ERROR_CODE": "AWS.SimpleQueueService.NonExistentQueue",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "2",
        "SCHEDULED_TIME": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "SCHEDULE_ARN": f"arn:aws:scheduler:us-east-1:{aws.account_id}:schedule/default/{name}",
        "TARGET_ARN": missing,
    }


@pytest.mark.aws_source(CREATE, RECORDED)
def test_schedules_that_are_refused(clockwork: Clockwork, refused: Any) -> None:
    _, queue = clockwork.queue()

    def create(expression: str = "rate(1 day)", **more: Any) -> tuple[str, str, int]:
        given = {
            "Name": "bad", "ScheduleExpression": expression, "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": queue, "RoleArn": clockwork.role}, **more,
        }  # fmt: skip
        answer: tuple[str, str, int] = refused(clockwork.scheduler.create_schedule, **given)
        return answer

    for expression in (
        "cron(0 1 * * * *)", "cron(7 20 * * NOT *)", "cron()", "rate(10 seconds)", "rate()",
        "rate(10 minutess)", "rate( 10 minutes )", " rate(10 minutes)",
        "at(2021-12-31T23:59:59Z)", "at(2021-12-31)",
    ):  # fmt: skip
        assert create(expression) == (
            "ValidationException", f"Invalid Schedule Expression {expression}.", 400,
        )  # fmt: skip
    stranger = clockwork.new_role("stranger", "lambda.amazonaws.com")
    for role in (stranger, f"{stranger}-nobody"):
        assert create(Target={"Arn": queue, "RoleArn": role})[:2] == (
            "ValidationException",
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the "
            "role.",
        )
    bus = f"arn:aws:events:us-east-1:{clockwork.aws.account_id}:event-bus/default"
    function = f"arn:aws:lambda:us-east-1:{clockwork.aws.account_id}:function:f"
    now = clockwork.aws.clock.now()
    for wrong in (
        {"ScheduleExpressionTimezone": "Europe/Nowhere"},
        {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
        {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
        {"StartDate": now + timedelta(days=2), "EndDate": now + timedelta(days=1)},
        {"Target": {"Arn": "no arn", "RoleArn": clockwork.role}},
        {"Target": {"Arn": bus, "RoleArn": clockwork.role}},
        {"Target": {"Arn": function, "RoleArn": clockwork.role, "Input": "no json"}},
        {"State": "ON"},
        {"Name": "no spaces please"},
    ):
        assert create(**wrong)[0] == "ValidationException", wrong
    assert create(GroupName="nobody")[:2] == (
        "ResourceNotFoundException", "Schedule group nobody does not exist.",
    )  # fmt: skip
    scheduler = clockwork.scheduler
    assert refused(scheduler.get_schedule, Name="nobody")[0] == "ResourceNotFoundException"
    assert refused(scheduler.delete_schedule_group, Name="nobody")[0] == (
        "ResourceNotFoundException"
    )
