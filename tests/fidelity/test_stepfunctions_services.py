"""What state machines do with other services, and other services with state machines."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any

import pytest

from tests.fidelity.workflows import (
    API,
    GUIDE,
    PROGRAM,
    RECORDED,
    Workflows,
    chain,
    details,
    one,
    task,
)

pytestmark = pytest.mark.aws_source(f"{GUIDE}integrate-optimized.html")
ARN = "arn:aws:states:::"


@pytest.fixture(scope="module")
def flows(aws: Any) -> Workflows:
    return Workflows(aws)


@pytest.fixture(scope="module")
def queue(aws: Any) -> tuple[str, str]:
    """URL and ARN of a queue that takes everything."""
    client = aws.client("sqs")
    arn = "arn:aws:sqs:us-east-1:123456789012:inbox"
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = client.create_queue(QueueName="inbox", Attributes={"Policy": policy})
    return made["QueueUrl"], arn


def received(aws: Any, url: str) -> Any:
    """The body of the next message."""
    client = aws.client("sqs")
    message = client.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"][0]
    client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return json.loads(message["Body"])


# -- calls of services ---------------------------------------------------------------------------


@pytest.mark.aws_source(
    f"{GUIDE}connect-ddb.html", f"{RECORDED}services/test_dynamodb_task_service.snapshot.json"
)
def test_dynamodb(flows: Workflows) -> None:
    flows.aws.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"id": {"S.$": "$.id"}, "n": {"N": "1"}}
    where = {"TableName": "orders"}
    key = {**where, "Key": {"id": {"S.$": "$.id"}}}
    put = {
        "Type": "Task",
        "Resource": f"{ARN}dynamodb:putItem",
        "Parameters": {
            **where,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(id)",
        },
        "ResultPath": None,
    }
    update = {
        "Type": "Task",
        "Resource": f"{ARN}dynamodb:updateItem",
        "Parameters": {
            **key,
            "UpdateExpression": "SET n = n + :two",
            "ExpressionAttributeValues": {":two": {"N": "2"}},
        },
        "ResultPath": None,
    }
    get = {
        "Type": "Task",
        "Resource": f"{ARN}dynamodb:getItem",
        "Parameters": key,
        "ResultSelector": {"item.$": "$.Item", "status.$": "$.SdkHttpMetadata.HttpStatusCode"},
    }
    machine = flows.make(chain(Put=put, Update=update, Get=get))
    execution = flows.start(machine, {"id": "é"})
    output = json.loads(flows.end(execution)["output"])
    assert output == {"item": {"id": {"S": "é"}, "n": {"N": "3"}}, "status": 200}
    told = flows.run(machine, {"id": "é"})
    assert told["error"] == "DynamoDB.ConditionalCheckFailedException"
    assert told["cause"].startswith(
        "The conditional request failed (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: "
        "ConditionalCheckFailedException; Request ID: "
    )
    told = flows.run(task(f"{ARN}dynamodb:deleteItem", Parameters={"TableName": "nope", "Key": {}}))
    assert told["error"].startswith("DynamoDB.")


@pytest.mark.aws_source(f"{GUIDE}connect-sqs.html", f"{GUIDE}connect-sns.html")
def test_sqs_and_sns(flows: Workflows, queue: tuple[str, str]) -> None:
    url, arn = queue
    send = task(f"{ARN}sqs:sendMessage", Parameters={"QueueUrl": url, "MessageBody.$": "$"})
    result = flows.output(send, {"b": "é", "a": 1.0})
    assert set(result) >= {"MD5OfMessageBody", "MessageId", "SdkHttpMetadata"}
    assert received(flows.aws, url) == {"b": "é", "a": 1.0}

    topic = flows.aws.client("sns").create_topic(Name="news")["TopicArn"]
    flows.aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    publish = task(f"{ARN}sns:publish", Parameters={"TopicArn": topic, "Message": {"x.$": "$.a"}})
    assert "MessageId" in flows.output(publish, {"a": "é"})
    message = received(flows.aws, url)
    assert (message["TopicArn"], json.loads(message["Message"])) == (topic, {"x": "é"})
    missing = task(f"{ARN}sns:publish", Parameters={"TopicArn": f"{topic}x", "Message": "a"})
    assert flows.run(missing)["error"] == "SNS.NotFoundException"


@pytest.mark.aws_source(
    f"{GUIDE}connect-eventbridge.html",
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html",
)
def test_eventbridge_in_both_directions(flows: Workflows, queue: tuple[str, str]) -> None:
    url, arn = queue
    events = flows.aws.client("events")
    events.put_rule(Name="to-queue", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="to-queue", Targets=[{"Id": "q", "Arn": arn}])
    entry = {"Source": "shop", "DetailType": "sold", "Detail": {"n.$": "$.n"}}
    machine = flows.make(task(f"{ARN}events:putEvents", Parameters={"Entries": [entry]}))
    execution = flows.start(machine, {"n": 3})
    assert json.loads(flows.end(execution)["output"])["FailedEntryCount"] == 0
    event = received(flows.aws, url)
    assert (event["detail-type"], event["detail"]) == ("sold", {"n": 3})
    assert event["resources"] == [machine, execution]

    started = flows.make(one("Pass"), name="started-by-a-rule")
    role = flows.make_role("rule-starts", _trust("events.amazonaws.com"))
    flows.grant("rule-starts", "states:StartExecution", started)
    events.put_rule(Name="to-machine", EventPattern='{"source": ["yard"]}')
    events.put_targets(Rule="to-machine", Targets=[{"Id": "m", "Arn": started, "RoleArn": role}])
    events.put_events(Entries=[{"Source": "yard", "DetailType": "d", "Detail": '{"k": "é"}'}])

    def executions() -> list[Any]:
        return list(flows.client.list_executions(stateMachineArn=started)["executions"])

    flows.aws.wait_until(executions)
    told = flows.end(executions()[0]["executionArn"])
    assert json.loads(told["input"])["detail"] == {"k": "é"}


def _trust(service: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.aws_source(
    f"{GUIDE}connect-stepfunctions.html", f"{RECORDED}services/test_sfn_task_service.snapshot.json"
)
def test_one_state_machine_starts_another(flows: Workflows) -> None:
    child = flows.make(chain(W={"Type": "Wait", "Seconds": 600}, P={"Type": "Pass"}))
    fails = flows.make({"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken"}}})

    def start(pattern: str, machine: str) -> dict[str, Any]:
        return task(
            f"{ARN}states:startExecution{pattern}",
            Parameters={"StateMachineArn": machine, "Input": {"a": "é"}},
        )

    at_once = json.loads(flows.run(start("", child))["output"])
    assert at_once["ExecutionArn"].startswith("arn:aws:states:us-east-1:123456789012:execution:")
    both = [flows.start(start(pattern, child)) for pattern in (".sync", ".sync:2")]
    for execution in both:
        flows.wait_for(execution, "TaskSubmitted")
    running = flows.client.list_executions(stateMachineArn=child, statusFilter="RUNNING")
    assert len(running["executions"]) == 3
    assert {flows.status(execution) for execution in both} == {"RUNNING"}
    for listed in running["executions"]:
        flows.wait_for(listed["executionArn"], "WaitStateEntered")
    flows.aws.clock.advance(minutes=11)
    text, value = (json.loads(flows.end(execution)["output"]) for execution in both)
    assert (text["Status"], value["Status"]) == ("SUCCEEDED", "SUCCEEDED")
    assert json.loads(text["Output"])["a"] == "é"  # JSON in a text
    assert value["Output"]["a"] == "é"  # JSON
    told = flows.run(start(".sync:2", fails))
    assert told["error"] == "States.TaskFailed"
    assert json.loads(told["cause"])["Error"] == "Broken"


@pytest.mark.aws_source(
    f"{GUIDE}supported-services-awssdk.html",
    # What becomes of a Body was recorded from AWS for this change.
    "https://github.com/localstack/localstack/pull/12035",
)
def test_any_action_of_the_sdk(flows: Workflows) -> None:
    s3 = flows.aws.client("s3")
    s3.create_bucket(Bucket="shelf")
    put = {
        "Type": "Task",
        "Resource": f"{ARN}aws-sdk:s3:putObject",
        "Parameters": {"Bucket": "shelf", "Key": "a/é.txt", "Body.$": "$.text"},
        "ResultPath": None,
    }
    listing = {
        "Type": "Task",
        "Resource": f"{ARN}aws-sdk:s3:listObjectsV2",
        "Parameters": {"Bucket": "shelf"},
        "ResultSelector": {"keys.$": "$.Contents[*].Key", "count.$": "$.KeyCount"},
    }
    told = flows.run(chain(Put=put, List=listing), {"text": "hällo"})
    assert json.loads(told["output"]) == {"keys": ["a/é.txt"], "count": 1}
    body = s3.get_object(Bucket="shelf", Key="a/é.txt")["Body"].read()
    assert body.decode() == '"hällo"'  # JSON, also where it is a text
    machine = flows.make(one("Pass"), name="described")
    describe = task(
        f"{ARN}aws-sdk:sfn:describeStateMachine", Parameters={"StateMachineArn": machine}
    )
    assert flows.output(describe)["Name"] == "described"
    told = flows.run(task(f"{ARN}aws-sdk:s3:listObjectsV2", Parameters={"Bucket": "no-such"}))
    assert told["error"] == "S3.NoSuchBucketException"


@pytest.mark.aws_source(f"{GUIDE}concept-create-iam-advanced.html")
def test_calls_are_those_of_the_role_of_the_state_machine(flows: Workflows, make: Any) -> None:
    who = flows.output(task(f"{ARN}aws-sdk:sts:getCallerIdentity", Parameters={}))
    start = "arn:aws:sts::123456789012:assumed-role/workflows/"
    assert who["Arn"].startswith(start)
    assert len(who["Arn"]) == len(start) + 32  # AWS names the session by 32 letters
    role = flows.make_role("narrow")
    function = make(PROGRAM)
    machine = flows.make(task(function.arn), roleArn=role)
    told = flows.run(machine)
    assert told["error"] == "Lambda.AWSLambdaException"
    assert "assumed-role/narrow/" in told["cause"]
    assert "is not authorized to perform: lambda:InvokeFunction" in told["cause"]
    assert "(Service: AWSLambda; Status Code: 403; Error Code: AccessDenied" in told["cause"]
    flows.grant("narrow", "lambda:InvokeFunction", function.arn)
    assert flows.run(machine)["status"] == "SUCCEEDED"
    iam = flows.aws.client("iam")
    iam.update_assume_role_policy(
        RoleName="narrow", PolicyDocument=json.dumps(_trust("lambda.amazonaws.com"))
    )
    flows.aws.clock.advance(minutes=16)  # the session that there was is over
    told = flows.run(machine)
    assert told["error"] == "States.Permissions"


#: A call of each service with what its error begins with.
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "DynamoDB": ("dynamodb:getItem", {"TableName": "orders", "Key": {"id": {"S": "1"}}}),
    "SQS": ("sqs:sendMessage", {"QueueUrl": "QUEUE", "MessageBody": "m"}),
    "SNS": ("sns:publish", {"TopicArn": "TOPIC", "Message": "m"}),
    "EventBridge": ("events:putEvents", {"Entries": [{"Source": "s", "DetailType": "d"}]}),
    "StepFunctions": ("states:startExecution", {"StateMachineArn": "MACHINE"}),
    "S3": ("aws-sdk:s3:listBuckets", {}),
}


@pytest.mark.aws_source(
    f"{GUIDE}concepts-error-handling.html", f"{GUIDE}service-integration-iam.html"
)
@pytest.mark.parametrize("service", CALLS)
def test_what_the_role_may_not_do(flows: Workflows, service: str) -> None:
    action, parameters = CALLS[service]
    names = {
        "QUEUE": flows.aws.client("sqs").create_queue(QueueName="closed")["QueueUrl"],
        "TOPIC": flows.aws.client("sns").create_topic(Name="closed")["TopicArn"],
        "MACHINE": flows.make(one("Pass"), name="closed"),
    }
    given = {name: names.get(str(value), value) for name, value in parameters.items()}
    role = flows.make_role(f"nothing-{service}")
    definition = chain(
        Call={
            "Type": "Task",
            "Resource": f"{ARN}{action}",
            "Parameters": given,
            "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}],
        },
        Caught={"Type": "Pass"},
    )
    output = json.loads(flows.run(flows.make(definition, roleArn=role))["output"])
    assert output["Error"].startswith(f"{service}.")
    assert f"assumed-role/nothing-{service}/" in output["Cause"]
    assert "is not authorized to perform: " in output["Cause"]


# -- express workflows, logs and metrics -----------------------------------------------------------


@pytest.mark.aws_source(f"{API}API_StartSyncExecution.html", f"{GUIDE}choosing-workflow-type.html")
def test_express_workflows(flows: Workflows, refused: Any) -> None:
    machine = flows.make(one("Pass"), type="EXPRESS", name="quick")
    answer = flows.client.start_sync_execution(stateMachineArn=machine, input='{"a": 1}', name="n")
    assert answer["executionArn"].startswith(
        "arn:aws:states:us-east-1:123456789012:express:quick:n:"
    )
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", '{"a":1}')
    assert answer["billingDetails"] == {
        "billedMemoryUsedInMB": 64,
        "billedDurationInMilliseconds": 100,
    }
    # A name may be used again, and nothing is kept to be asked for.
    again = flows.client.start_sync_execution(stateMachineArn=machine, name="n")
    assert again["executionArn"] != answer["executionArn"]
    started = flows.client.start_execution(stateMachineArn=machine)["executionArn"]
    assert refused(flows.client.list_executions, stateMachineArn=machine)[0] == (
        "StateMachineTypeNotSupported"
    )
    code, _, _ = refused(flows.client.describe_execution, executionArn=started)
    assert code in ("InvalidArn", "ExecutionDoesNotExist")
    standard = flows.make(one("Pass"))
    assert refused(flows.client.start_sync_execution, stateMachineArn=standard) == (
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
        400,
    )
    fails = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}}
    answer = flows.sync(fails)
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "E", "c")
    assert "output" not in answer


@pytest.mark.aws_source(f"{API}API_StartSyncExecution.html")
def test_a_handler_and_the_cli_run_an_express_workflow(flows: Workflows, make: Any) -> None:
    """AWS's SDKs put ``sync-`` before the name of the host for this one action."""
    machine = flows.make(one("Pass"), type="EXPRESS")
    function = make(
        """
        import boto3

        def handler(event, context):
            client = boto3.client("stepfunctions")
            return client.start_sync_execution(stateMachineArn=event, input='{"a":1}')["output"]
        """
    )
    assert function.invoke(machine).payload == '{"a":1}'
    command = [sys.executable, "-m", "awscli", "stepfunctions", "start-sync-execution"]
    answer = subprocess.run(
        [*command, "--state-machine-arn", machine, "--input", '{"b": 2}'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout)["output"] == '{"b":2}'


@pytest.mark.aws_source(f"{GUIDE}service-quotas.html")
def test_express_workflows_end_after_five_minutes(flows: Workflows) -> None:
    machine = flows.make(one("Wait", Seconds=600), type="EXPRESS")
    answers: list[Any] = []
    asking = threading.Thread(
        target=lambda: answers.append(flows.client.start_sync_execution(stateMachineArn=machine))
    )
    before = _metric(flows, machine, "ExecutionsStarted")
    asking.start()
    flows.aws.wait_until(lambda: _metric(flows, machine, "ExecutionsStarted") > before)
    flows.aws.clock.advance(seconds=301)
    asking.join(30)
    assert answers[0]["status"] == "TIMED_OUT"


def _metric(flows: Workflows, machine: str, name: str) -> float:
    """The sum over the last hours."""
    now = flows.aws.clock.now().timestamp()
    answer = flows.aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/States",
        MetricName=name,
        Dimensions=[{"Name": "StateMachineArn", "Value": machine}],
        StartTime=now - 36_000,
        EndTime=now + 600,
        Period=86_400,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))


@pytest.mark.aws_source(f"{GUIDE}procedure-cw-metrics.html")
def test_metrics_count_executions(flows: Workflows) -> None:
    definition = chain(
        C={
            "Type": "Choice",
            "Choices": [{"Variable": "$.ok", "BooleanEquals": True, "Next": "Yes"}],
            "Default": "No",
        },
        Yes={"Type": "Succeed"},
        No={"Type": "Fail"},
    )
    machine = flows.make(definition)
    for ok in (True, True, False):
        flows.run(machine, {"ok": ok})
    waits = flows.make(one("Wait", Seconds=60))
    execution = flows.start(waits)
    flows.wait_for(execution, "WaitStateEntered")
    flows.client.stop_execution(executionArn=execution)
    counts = {
        "ExecutionsStarted": 3,
        "ExecutionsSucceeded": 2,
        "ExecutionsFailed": 1,
    }
    for name, count in counts.items():
        flows.aws.wait_until(
            lambda name=name, count=count: _metric(flows, machine, name) == count, what=name
        )
    flows.aws.wait_until(lambda: _metric(flows, waits, "ExecutionsAborted") == 1)


@pytest.mark.aws_source(f"{GUIDE}cw-logs.html")
def test_logs_of_express_workflows(flows: Workflows, refused: Any) -> None:
    logs = flows.aws.client("logs")
    definition = chain(P={"Type": "Pass"}, F={"Type": "Fail", "Error": "E", "Cause": "c"})

    def logged(level: str, data: bool) -> list[Any]:
        group = f"/aws/vendedlogs/states/{level}-{data}"
        logs.create_log_group(logGroupName=group)
        arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*"
        config = {
            "level": level,
            "includeExecutionData": data,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
        }
        answer = flows.sync(definition, {"a": 1}, loggingConfiguration=config)
        assert answer["status"] == "FAILED"

        def found() -> list[Any]:
            events = logs.filter_log_events(logGroupName=group, limit=100)["events"]
            read = [
                json.loads(event["message"])
                for event in events
                if event["logStreamName"].startswith("states/")
            ]
            return read if any(one["type"] == "ExecutionFailed" for one in read) else []

        return list(flows.aws.wait_until(found))

    everything = logged("ALL", True)
    assert [one["type"] for one in everything] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "FailStateEntered",
        "ExecutionFailed",
    ]
    assert everything[0]["details"]["input"] == '{"a": 1}'
    assert everything[-1]["details"] == {"error": "E", "cause": "c"}
    assert all(one["execution_arn"].split(":")[5] == "express" for one in everything)
    errors = logged("ERROR", False)
    assert [one["type"] for one in errors] == ["FailStateEntered", "ExecutionFailed"]
    assert "input" not in errors[0]["details"]
    assert [one["type"] for one in logged("FATAL", True)] == ["ExecutionFailed"]
    code, message, _ = refused(
        flows.make, definition=definition, loggingConfiguration={"level": "ALL"}
    )
    assert (code, "Must specify exactly one Log Destination" in message) == (
        "InvalidLoggingConfiguration",
        True,
    )


# -- the whole -----------------------------------------------------------------------------------


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-resource-stepfunctions-statemachine.html"
)
def test_state_machines_of_a_stack(flows: Workflows, refused: Any) -> None:
    stacks = flows.aws.client("cloudformation")

    def template(word: str, **more: Any) -> str:
        properties = {
            "RoleArn": flows.role,
            "Definition": one("Pass", Result="${Word}"),
            "DefinitionSubstitutions": {"Word": word},
            "Tags": [{"Key": "team", "Value": "a"}],
            **more,
        }
        flow = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
        outputs = {
            "Arn": {"Value": {"Fn::GetAtt": ["Flow", "Arn"]}},
            "Ref": {"Value": {"Ref": "Flow"}},
        }
        return json.dumps({"Resources": {"Flow": flow}, "Outputs": outputs})

    def arn() -> str:
        outputs = stacks.describe_stacks(StackName="flows")["Stacks"][0]["Outputs"]
        values = {one["OutputValue"] for one in outputs}
        assert len(values) == 1  # Ref and Arn are the same
        return str(values.pop())

    stacks.create_stack(StackName="flows", TemplateBody=template("one"))
    first = arn()
    assert first.rpartition(":")[2].startswith("Flow-")
    assert flows.run(first)["output"] == '"one"'
    tags = flows.client.list_tags_for_resource(resourceArn=first)["tags"]
    assert tags == [{"key": "team", "value": "a"}]
    stacks.update_stack(StackName="flows", TemplateBody=template("two"))
    assert arn() == first
    assert flows.run(first)["output"] == '"two"'
    stacks.update_stack(StackName="flows", TemplateBody=template("two", StateMachineName="named"))
    assert arn().endswith(":named")
    assert refused(flows.start, definition=first)[0] == "StateMachineDoesNotExist"
    named = arn()
    stacks.delete_stack(StackName="flows")
    assert refused(flows.start, definition=named)[0] == "StateMachineDoesNotExist"


@pytest.mark.aws_source(f"{GUIDE}service-quotas.html")
def test_many_executions_wait_at_the_same_time(flows: Workflows) -> None:
    machine = flows.make(chain(W={"Type": "Wait", "Seconds": 900}, P={"Type": "Pass"}))
    executions = [flows.start(machine, {"n": number}) for number in range(100)]
    flows.aws.wait_until(
        lambda: all("WaitStateEntered" in flows.types(one) for one in executions[-5:])
    )
    flows.aws.clock.advance(minutes=16)
    flows.aws.wait_until(
        lambda: (
            len(
                flows.client.list_executions(
                    stateMachineArn=machine, statusFilter="SUCCEEDED", maxResults=1000
                )["executions"]
            )
            == 100
        )
    )
    assert details(flows.events(executions[7])[-1])["output"] == '{"n":7}'
