"""What one submission leaves behind does not reach the next one on the same worker."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from helpers.grading.bench import Benches
from helpers.grading.walls import ROOT, Limits
from tests.grading import notebooks

pytestmark = [pytest.mark.sandbox, pytest.mark.linux, pytest.mark.timeout(300)]

RAW = Path(__file__).with_name("raw_requests.py").read_text()
#: To the door: over the bridge's UNIX socket.
AT_THE_DOOR = """
def connect():
    door = socket.socket(socket.AF_UNIX)
    door.connect("/run/cloud/door")
    return door
sent, found = send_all(connect)
print("sent", sent, "FOUND" if found else "nothing", found)
"""
#: From a handler: over TCP, to the port at which its own AWS calls arrive.
FROM_A_HANDLER = """
def handler(event, context):
    import os
    from urllib.parse import urlsplit
    cloud = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    sent, found = send_all(lambda: socket.create_connection((cloud.hostname, cloud.port)))
    return f"sent {sent} {'FOUND' if found else 'nothing'} {found}"
"""
#: Everything that is kept, or comes later. The next one is asked for `double` and `answer`, too.
KEPT = """
def refused(call, **parameters):
    try: call(**parameters)
    except Exception as problem: return type(problem).__name__
    print("FOUND", parameters)

names = ("sts", "sqs", "events", "logs", "organizations", "cloudwatch")
sts, sqs, events, logs, orgs, cloudwatch = (boto3.client(name) for name in names)
deploy("import time\\ndef handler(event, context):\\n    time.sleep(60)", Timeout=90)
name = {"FunctionName": "double"}
for _ in range(40): lam.invoke(**name, InvocationType="Event", Payload=b"7")
lam.put_function_concurrency(**name, ReservedConcurrentExecutions=900)
queue = sqs.create_queue(QueueName="left")["QueueUrl"]
sqs.send_message(QueueUrl=queue, MessageBody="7", DelaySeconds=2)
events.put_rule(Name="left", ScheduleExpression="rate(1 minute)")
events.put_targets(Rule="left", Targets=[
    {"Id": "1", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:double"}])
logs.create_log_group(logGroupName="/aws/lambda/double")
boto3.client("sqs", region_name="eu-west-1").create_queue(QueueName="left")
boto3.client("kms").create_key()
boto3.client("ssm").put_parameter(Name="left", Value="behind", Type="String")
cloudwatch.put_metric_data(Namespace="left", MetricData=[{"MetricName": "a", "Value": 1}])
iam.create_account_alias(AccountAlias="left")
iam.update_account_password_policy(MinimumPasswordLength=32)
orgs.create_organization()
made = orgs.create_account(Email="left@example.org", AccountName="left")["CreateAccountStatus"]
role = f"arn:aws:iam::{made['AccountId']}:role/OrganizationAccountAccessRole"
there = sts.assume_role(RoleArn=role, RoleSessionName="left")["Credentials"]
keys = {"aws_access_key_id": there["AccessKeyId"], "aws_session_token": there["SessionToken"],
        "aws_secret_access_key": there["SecretAccessKey"]}
boto3.client("s3", **keys).create_bucket(Bucket="left-elsewhere")
nobody = json.dumps({"Version": "2012-10-17",
                     "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
refused(iam.create_policy_version, PolicyArn=basic, PolicyDocument=nobody, SetAsDefault=True)
refused(iam.tag_policy, PolicyArn=basic, Tags=[{"Key": "left", "Value": "behind"}])
iam.put_user_policy(UserName="learner", PolicyName="left", PolicyDocument=nobody)
print("locked out", refused(s3.list_buckets))
"""
#: Everything that is still under way when the notebook ends.
UNDER_WAY = """
import botocore.auth, botocore.awsrequest, botocore.credentials, socket, threading, time

deploy('''
import boto3, threading, time
def spoil():
    s3 = boto3.client("s3", aws_access_key_id="AKIALOCALAWSLEARNER0",
        aws_secret_access_key="made-up-and-good-for-nothing-but-the-local-AWS")
    while True:
        try: s3.put_object(Bucket="inbox", Key="answer", Body=b"spoiled")
        except Exception: pass
def handler(event, context):
    if event: return 0
    for _ in range(3): threading.Thread(target=spoil).start()
    time.sleep(60)
''', Timeout=90)
queues = {f"Q{n}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"stack-{n}"}}
          for n in range(200)}
stack = {"StackName": "left", "TemplateBody": json.dumps({"Resources": queues})}
sqs, cf = boto3.client("sqs"), boto3.client("cloudformation")
empty = sqs.create_queue(QueueName="empty")["QueueUrl"]
long = {"QueueUrl": empty, "WaitTimeSeconds": 20}
work = [(lam.invoke, {"FunctionName": "double"})] * 2
work += [(sqs.receive_message, long), (cf.create_stack, stack)]

def signed(name):
    body = json.dumps({"QueueName": name}).encode()
    about = {"X-Amz-Target": "AmazonSQS.CreateQueue", "Content-Type": "application/x-amz-json-1.0"}
    asked = botocore.awsrequest.AWSRequest("POST", "http://localhost/", data=body, headers=about)
    keys = botocore.credentials.Credentials(
        "AKIALOCALAWSLEARNER0", "made-up-and-good-for-nothing-but-the-local-AWS")
    botocore.auth.SigV4Auth(keys, "sqs", "us-east-1").add_auth(asked)
    lines = "".join(f"{name}: {value}\\r\\n" for name, value in asked.headers.items())
    start = f"POST / HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: {len(body)}\\r\\n"
    return (start + lines + "\\r\\n").encode() + body

held = []
for number in range(60):
    door = socket.socket(socket.AF_UNIX)
    door.connect("/run/cloud/door")
    text = signed(f"burst-{number}")
    door.sendall(text[:-1])  # the rest comes when this cell ends, or never
    held.append((door, text[-1:] if number % 2 else b""))
for call, parameters in work: threading.Thread(target=call, kwargs=parameters, daemon=True).start()
time.sleep(1)
for door, rest in held: door.sendall(rest)
"""
#: What the next one finds: nothing of all this.
LOOKS = """
deploy("def handler(event, context):\\n    return 2 * event\\n")
kept = {
    "queues": boto3.client("sqs").list_queues().get("QueueUrls"),
    "elsewhere": boto3.client("sqs", region_name="eu-west-1").list_queues().get("QueueUrls"),
    "functions": [one["FunctionName"] for one in lam.list_functions()["Functions"]],
    "groups": boto3.client("logs").describe_log_groups()["logGroups"],
    "rules": boto3.client("events").list_rules()["Rules"],
    "aliases": iam.list_account_aliases()["AccountAliases"],
    "roles": [one["RoleName"] for one in iam.list_roles()["Roles"]],
    "users": [one["UserName"] for one in iam.list_users()["Users"]],
    "inline": iam.list_user_policies(UserName="learner")["PolicyNames"],
    "keys": boto3.client("kms").list_keys()["Keys"],
    "parameters": boto3.client("ssm").describe_parameters()["Parameters"],
    "stacks": boto3.client("cloudformation").list_stacks()["StackSummaries"],
    "metrics": [one for one in boto3.client("cloudwatch").list_metrics()["Metrics"]
                if one["Namespace"] == "left"],
    "room": lam.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"],
}
print("kept", json.dumps(kept))
"""


class Worker:
    """One worker, and what it gave."""

    def __init__(self, lab: Path) -> None:
        self._lab, self._benches = lab, Benches()

    def judge(self, student: str, double: str) -> dict[str, Any]:
        limits = asdict(Limits(cell_seconds=20, seconds=60))
        content = notebooks.submission("pass", double)
        if student == NEXT:
            content = notebooks.submission(double=double)
        return self._benches.judge(
            {
                "lab": str(self._lab), "limits": limits, "practice": False,
                "student": student, "notebook": content,
            }
        )  # fmt: skip

    def close(self) -> None:
        self._benches.close()


NEXT = "next"


@pytest.fixture(scope="module")
def worker(toy: Path) -> Iterator[Worker]:
    ours = Worker(toy)
    yield ours
    ours.close()


@pytest.fixture(scope="module")
def alone(worker: Worker) -> dict[str, Any]:
    """The next one's result where nobody was before it."""
    result = worker.judge(NEXT, LOOKS)
    assert result["points"] == 3, result
    return result


def told(result: dict[str, Any]) -> dict[str, Any]:
    """What must be equal: all but the times."""
    cells = [{k: v for k, v in one.items() if k != "seconds"} for one in result["cells"]]
    (kept,) = (line for line in result["output"].splitlines() if line.startswith("kept"))
    without = ("cells", "seconds", "output", "output_bytes")
    return {k: v for k, v in result.items() if k not in without} | {"cells": cells, "kept": kept}


@pytest.mark.parametrize("before", [KEPT, UNDER_WAY], ids=["kept", "under way"])
def test_the_next_one_is_judged_as_if_it_were_alone(
    worker: Worker, alone: dict[str, Any], before: str
) -> None:
    left = worker.judge("before", before)
    assert left["fault"] == ""
    assert [one["error"] for one in left["cells"] if one["name"] == "double"] == [""]
    assert "FOUND" not in left["output"]
    assert told(worker.judge(NEXT, LOOKS)) == told(alone)


def test_no_way_of_speaking_http_reaches_the_control_interface(worker: Worker) -> None:
    handler = f"deploy({RAW + FROM_A_HANDLER!r}, Timeout=60, MemorySize=1769)\n"
    ask = 'print(lam.invoke(FunctionName="double")["Payload"].read().decode())\n'
    result = worker.judge("speaks", RAW + AT_THE_DOOR + handler + ask)
    assert [one["error"] for one in result["cells"] if one["name"] == "double"] == [""]
    assert result["fault"] == ""
    told = result["output"]
    assert told.count("nothing []") == 2, told
    assert "FOUND" not in told
    # It is still the same cloud, with the same time in it.
    assert result["requirements"][0]["slip"] == "nothing stored"


MARK = "left-by-a-judge-that-was-killed"


def test_a_killed_judge_takes_everything_along(toy: Path, tmp_path: Path) -> None:
    run = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WAITS!r}, {MARK!r}])"
    (tmp_path / "ana.ipynb").write_bytes(notebooks.submission(double=run))
    words = ["ana.ipynb", "--lab", str(toy), "--workers", "1", "--from", str(tmp_path)]
    judge = subprocess.Popen([sys.executable, "-P", "-m", "helpers.grading", *words], cwd=ROOT)
    try:
        wait_until(lambda: bool(marked()), 60)
        of_it = psutil.Process(judge.pid).children(recursive=True)
    finally:
        judge.kill()
        judge.wait()
    wait_until(lambda: not marked() and not any(map(runs, of_it)), 15)


WAITS = "import time; time.sleep(100)"


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, marked()
        time.sleep(0.1)


def marked() -> list[int]:
    found = psutil.process_iter(["cmdline"])
    return [one.pid for one in found if MARK in (one.info["cmdline"] or []) and runs(one)]


def runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
