"""deploy(): from a file or a folder to a function that can be invoked."""

from __future__ import annotations

import base64
import io
import os
import zipfile
from pathlib import Path

import botocore.exceptions
import pytest
from botocore.config import Config

from helpers import RUNTIME, cloud
from helpers.deploy import FunctionFailed, deploy, ensure_role, zip_source

pytestmark = pytest.mark.usefixtures("aws")

COUNTER = """
import os
count = 0
def handler(event, context):
    global count
    count += 1
    print("call", count)
    return {"count": count, "event": event, "shop": os.environ.get("SHOP")}
"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content, encoding="utf-8")
    return folder


def test_a_file(aws: cloud.Cloud, tmp_path: Path) -> None:
    """Name, ARN, handler and role by default; the event arrives, the result comes back."""
    function = deploy("one", write(tmp_path, counter=COUNTER) / "counter.py")
    assert function.name == "one"
    assert function.arn == f"arn:aws:lambda:us-east-1:{aws.account_id}:function:one"
    assert repr(function) == "<function one>"
    event = {"größe": [1, 2.5, None, "📦"]}
    assert function.invoke(event) == {"count": 1, "event": event, "shop": None}
    assert function.invoke()["event"] is None
    config = aws.client("lambda").get_function_configuration(FunctionName="one")
    assert (config["Handler"], config["Runtime"]) == ("counter.handler", RUNTIME)
    assert (config["Timeout"], config["MemorySize"]) == (3, 128)
    assert config["Role"] == ensure_role(aws)


def test_no_logs_before_the_first_invocation(tmp_path: Path, aws: cloud.Cloud) -> None:
    function = deploy("quiet", write(tmp_path, app=COUNTER) / "app.py")
    assert function.logs() == []
    function.invoke({})
    function.invoke({})
    aws.wait_until(lambda: len([one for one in function.logs() if one.startswith("REPORT")]) == 2)
    lines = function.logs()
    assert lines[0].startswith("INIT_START")
    assert [one for one in lines if one.startswith("call")] == ["call 1", "call 2"]
    assert not any(one.endswith("\n") for one in lines)


def test_updating(tmp_path: Path, aws: cloud.Cloud) -> None:
    """The same call again changes code and configuration, and what was warm is gone."""
    source = write(tmp_path, app=COUNTER) / "app.py"
    first = deploy("changing", source)
    assert first.invoke({})["count"] == 1
    again = deploy("changing", source, environment={"SHOP": "Ärö"}, timeout=9, memory=256)
    assert again.arn == first.arn
    assert again.invoke({}) == {"count": 1, "event": {}, "shop": "Ärö"}
    config = aws.client("lambda").get_function_configuration(FunctionName="changing")
    assert (config["Timeout"], config["MemorySize"]) == (9, 256)
    source.write_text("def handler(event, context): return 'new'", encoding="utf-8")
    assert deploy("changing", source).invoke({}) == "new"
    config = aws.client("lambda").get_function_configuration(FunctionName="changing")
    assert (config["Timeout"], config.get("Environment")) == (3, None)  # the defaults are back
    assert len(aws.client("iam").list_roles()["Roles"]) == 1


def test_a_folder(tmp_path: Path) -> None:
    """With modules of its own; the usual names are found, others have to be said."""
    folder = write(
        tmp_path / "shop", app="import prices\ndef handler(e, c): return prices.of(e)", prices=""
    )
    (folder / "prices.py").write_text("def of(item): return {'stamp': 2}[item]")
    write(folder / "tools", helper="x = 1")
    write(folder / "__pycache__", junk="")
    assert deploy("folder", folder).invoke("stamp") == 2
    names = zipfile.ZipFile(io.BytesIO(zip_source(folder))).namelist()
    assert names == ["app.py", "prices.py", "tools/helper.py"]
    other = write(tmp_path / "other", only="def main(e, c): return 1\ndef handler(e, c): return 2")
    assert deploy("guessed", other).invoke() == 2
    assert deploy("guessed", other, handler="only.main").invoke() == 1
    write(other, second="")
    with pytest.raises(cloud.CloudError, match=r"Which file of .* handler='file\.function'"):
        deploy("guessed", other)


def test_the_same_source_makes_the_same_archive(tmp_path: Path) -> None:
    """Whenever and wherever; so CodeSha256 tells whether something has changed."""
    one = write(tmp_path / "one", app=COUNTER, more="x = 1")
    two = write(tmp_path / "two", more="x = 1", app=COUNTER)
    os.utime(two / "app.py", (1, 1))
    assert zip_source(one) == zip_source(two)
    assert zip_source(one / "app.py") == zip_source(two / "app.py")
    (two / "more.py").write_text("x = 2")
    assert zip_source(one) != zip_source(two)
    for entry in zipfile.ZipFile(io.BytesIO(zip_source(one))).infolist():
        assert entry.external_attr >> 16 & 0o444 == 0o444  # readable whoever runs it


def test_deploying_twice_keeps_the_hash(tmp_path: Path, aws: cloud.Cloud) -> None:
    source = write(tmp_path, app=COUNTER) / "app.py"
    hashes = set()
    for _ in range(2):
        deploy("same", source)
        config = aws.client("lambda").get_function_configuration(FunctionName="same")
        hashes.add(config["CodeSha256"])
    assert len(hashes) == 1
    assert len(base64.b64decode(hashes.pop())) == 32


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(cloud.CloudError, match=r"There is no '.*nobody\.py'. Did the cell"):
        deploy("missing", tmp_path / "nobody.py")


def test_failures(tmp_path: Path) -> None:
    """The error's parts as Python values, the log's end, and how IPython shows it."""
    source = write(
        tmp_path,
        failing="def handler(event, context):\n    print('begins')\n    raise KeyError(event)\n",
    )
    function = deploy("failing", source / "failing.py")
    with pytest.raises(FunctionFailed) as caught:
        function.invoke("A9")
    failed = caught.value
    assert (failed.error_type, failed.error_message) == ("KeyError", "'A9'")
    assert failed.stack_trace == [
        '  File "/var/task/failing.py", line 3, in handler\n    raise KeyError(event)\n'
    ]
    assert "begins\n" in failed.log
    assert "\nREPORT RequestId: " in failed.log
    assert str(failed) == "KeyError: 'A9'"
    shown = failed._render_traceback_()[0]
    assert shown.startswith("The function failed with KeyError: 'A9'\n  File \"/var/task")
    document = function.invoke("A9", on_error="return")
    assert document["errorType"] == "KeyError"
    write(tmp_path, slow="import time\ndef handler(event, context): time.sleep(30)")
    slow = deploy("slow", tmp_path / "slow.py", timeout=1)
    with pytest.raises(FunctionFailed, match=r"Sandbox\.Timedout: .*timed out after 1\.00 seconds"):
        slow.invoke()


def test_at_once(tmp_path: Path) -> None:
    """In the events' order, whichever ends first."""
    write(tmp_path, sleeps="import time\ndef handler(e, c):\n    time.sleep(e)\n    return e")
    function = deploy("sleeps", tmp_path / "sleeps.py")
    assert function.invoke_at_once([0.4, 0.0, 0.2]) == [0.4, 0.0, 0.2]
    assert function.invoke_at_once([]) == []


def test_a_long_invocation_is_not_sent_twice(tmp_path: Path, aws: cloud.Cloud) -> None:
    """boto3 alone would give up after 60 seconds and send the event again."""
    write(tmp_path, long="import time\ndef handler(e, c):\n    print('runs')\n    time.sleep(2)")
    function = deploy("long", tmp_path / "long.py", timeout=5)
    config = function._lambda.meta.config
    assert config.read_timeout > 900
    assert config.retries["total_max_attempts"] == 1
    impatient = aws.client("lambda", config=Config(read_timeout=0.5))
    with pytest.raises(botocore.exceptions.ReadTimeoutError):
        impatient.invoke(FunctionName="long")
    aws.wait_until(lambda: any(one.startswith("REPORT") for one in function.logs()))
    assert function.logs().count("runs") == 1


def test_what_aws_refuses_is_shown_as_it_is(tmp_path: Path, aws: cloud.Cloud) -> None:
    source = write(tmp_path, app=COUNTER) / "app.py"
    client = aws.client("lambda")
    with pytest.raises(client.exceptions.InvalidParameterValueException):
        deploy("old", source, runtime="python3.6")
    role = f"arn:aws:iam::{aws.account_id}:role/nobody"
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="cannot be assumed"):
        deploy("roleless", source, role=role)


def test_without_a_cloud(tmp_path: Path, aws: cloud.Cloud) -> None:
    aws.close()
    with pytest.raises(cloud.NoCloudOpen):
        deploy("homeless", write(tmp_path, app=COUNTER) / "app.py")
