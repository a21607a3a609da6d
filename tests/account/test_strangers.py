"""What others own or make under names that could be the run's is neither changed nor deleted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers.cloud.account import runs
from helpers.cloud.account.errors import CallRefused
from helpers.cloud.account.kinds.functions import function_name
from helpers.cloud.account.ledger import Ledger
from helpers.cloud.account.tags import mark_of, marked
from tests.account import everything
from tests.account.snapshot import difference, snapshot
from tests.account.standin import NUMBER, Standin

SCRIPT = Path(everything.__file__).read_text(encoding="utf-8")
OTHER = "999988887777"


def test_what_a_stranger_has_made_since_under_the_same_names(
    account: Any, standin: Standin
) -> None:
    """After calls that were never answered, never sent perhaps; and after all that was deleted."""
    assert "made everything" in standin.run(SCRIPT).stdout
    (story,) = runs.unfinished()
    told = story.path.read_text().splitlines(keepends=True)
    account().close()
    everything.make_everything(standin.client, "shop")
    theirs = snapshot(standin)
    asked = [line for line in told if json.loads(line)["what"] in ("run", "intent")]
    for lines in (asked, told):
        story.path.write_text("".join(lines))
        account(in_use=True).close()
        assert not difference(theirs, snapshot(standin))
        assert not list(runs.unfinished())


def test_marks() -> None:
    assert marked(None, "1a2b3c4d", 512) == "course-run=1a2b3c4d"
    given = marked("prices, at night", "1a2b3c4d", 512)
    assert given == "prices, at night (course-run=1a2b3c4d)"
    assert marked(given, "1a2b3c4d", 512) == given
    assert len(marked("x" * 600, "1a2b3c4d", 512)) == 512
    for text in (given, marked("", "1a2b3c4d", 512), marked("x" * 600, "1a2b3c4d", 512)):
        assert mark_of(text) == {"course-run": "1a2b3c4d"}
    assert mark_of("course-run=1a2b3c4d, they said") == mark_of(None) == {}


def test_a_schedule_keeps_its_mark(account: Any, standin: Standin) -> None:
    """UpdateSchedule writes all of it anew."""
    opened = account()
    scheduler = boto3.client("scheduler")
    role = boto3.client("iam").create_role(
        RoleName="night", AssumeRolePolicyDocument=json.dumps(everything.TRUST)
    )["Role"]["Arn"]
    plan: dict[str, Any] = {
        "Name": "night", "FlexibleTimeWindow": {"Mode": "OFF"},
        "ScheduleExpression": "rate(1 day)",
        "Target": {"Arn": f"arn:aws:sqs:us-east-1:{NUMBER}:q", "RoleArn": role},
    }  # fmt: skip
    boto3.client("sqs").create_queue(QueueName="q")
    scheduler.create_schedule(**plan, Description="prices")
    scheduler.update_schedule(**plan)
    assert scheduler.get_schedule(Name="night")["Description"] == f"course-run={opened.run}"
    opened.close()
    assert not standin.client("scheduler").list_schedules()["Schedules"]


def test_another_accounts_resource_of_the_same_name(account: Any, standin: Standin) -> None:
    opened = account()
    boto3.client("sqs").create_queue(QueueName="shop")
    boto3.client("sns").create_topic(Name="shop")
    for kind in ("function", "table", "state machine", "stream", "event bus"):
        opened_ledger = Ledger(opened.ledger)
        opened_ledger.write("intent", n=kind, operation="x", kind=kind, id="shop", absent=None)
        opened_ledger.write("made", n=kind, id="shop")
    lam, dynamodb = boto3.client("lambda"), boto3.client("dynamodb")
    item = {"id": {"S": "1"}}
    far = f"arn:aws:dynamodb:eu-west-1:{NUMBER}:table/shop"
    theirs = f"arn:aws:dynamodb:us-east-1:{OTHER}:table/shop"
    calls: list[tuple[Any, str, dict[str, Any]]] = [
        (lam, "invoke", {"FunctionName": f"arn:aws:lambda:us-east-1:{OTHER}:function:shop"}),
        (lam, "invoke", {"FunctionName": f"{OTHER}:function:shop"}),
        (lam, "invoke", {"FunctionName": f"{OTHER}:shop"}),
        (lam, "delete_function", {"FunctionName": f"us-east-1:{OTHER}:function:shop:1"}),
        (boto3.client("sqs"), "send_message",
         {"QueueUrl": f"{standin.url}/{OTHER}/shop", "MessageBody": "x"}),
        (boto3.client("sns"), "publish",
         {"TopicArn": f"arn:aws:sns:us-east-1:{OTHER}:shop", "Message": "x"}),
        (dynamodb, "put_item", {"TableName": theirs, "Item": item}),
        (dynamodb, "put_item", {"TableName": far, "Item": item}),
        (dynamodb, "batch_write_item",
         {"RequestItems": {theirs: [{"PutRequest": {"Item": item}}]}}),
        (dynamodb, "transact_write_items",
         {"TransactItems": [{"Put": {"TableName": theirs, "Item": item}}]}),
        (boto3.client("events"), "put_events",
         {"Entries": [{"EventBusName": f"arn:aws:events:us-east-1:{OTHER}:event-bus/shop"}]}),
        (boto3.client("sts"), "assume_role",
         {"RoleArn": f"arn:aws:iam::{OTHER}:role/shop", "RoleSessionName": "x"}),
    ]  # fmt: skip
    for client, operation, parameters in calls:
        with pytest.raises(CallRefused, match=r"was not sent: .* is not in account"):
            getattr(client, operation)(**parameters)
    # A neighbour's function, under the shortest of its names.
    for given in (f"{NUMBER}:shop-prod", f"us-east-1:{NUMBER}:function:shop-prod:live",
                  "shop-prod:1", "function:shop-prod"):  # fmt: skip
        assert function_name(given) == "shop-prod"
    opened.close()


def test_what_a_handler_made_is_listed(account: Any, standin: Standin) -> None:
    """It went through none of our sessions: the stand-in's own client is in the handler's place."""
    opened = account()
    boto3.client("sqs").create_queue(QueueName="shop-ours")
    standin.client("sqs").create_queue(QueueName="made-by-a-handler")
    outcome = opened.teardown()
    assert outcome.gone == ["queue shop-ours"]
    assert [(one.kind.name, one.id) for one in outcome.strangers] == [
        ("queue", "made-by-a-handler")
    ]
    assert "Did a handler, a schedule or a state machine make it?" in str(outcome)
    assert outcome.strangers[0].command in str(outcome)
    assert len(standin.client("sqs").list_queues()["QueueUrls"]) == 1
    opened.close()
