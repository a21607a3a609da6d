"""Teardown leaves nothing of the course, and everything of everybody else's, whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers import cloud
from helpers.cloud.account import command, ledger, runs
from helpers.cloud.account.kinds import BY_NAME
from tests.account import everything
from tests.account.proxy import Answer, Asked, Proxy, json_error, on, xml_error
from tests.account.snapshot import count, snapshot
from tests.account.standin import NUMBER, ROOT, Standin

SCRIPT = Path(everything.__file__).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def neighbours(standin: Standin) -> dict[str, Any]:
    """One of every kind that somebody else made, with names that could be ours."""
    everything.make_everything(standin.client, "shop-prod")
    return snapshot(standin)


@pytest.fixture
def beside(account: Any, neighbours: dict[str, Any], standin: Standin) -> Iterator[Any]:
    """``account``, beside the neighbours, who are unharmed in the end."""
    standin.reset = lambda: None  # type: ignore[method-assign]
    yield lambda **options: account(in_use=True, **options)
    for story in runs.unfinished():
        story.path.unlink()


@pytest.fixture
def door(standin: Standin) -> Iterator[Proxy]:
    proxy = Proxy(standin.url)
    yield proxy
    proxy.close()


def test_everything_is_tagged_and_everything_goes(
    beside: Any, standin: Standin, neighbours: dict[str, Any]
) -> None:
    opened = beside(notebook_name="05-files")
    everything.make_everything()
    tags = standin.client("lambda").list_tags(
        Resource=f"arn:aws:lambda:us-east-1:{NUMBER}:function:shop-function"
    )["Tags"]
    assert tags["course"] == "serverless-by-doing"
    assert tags["course-run"] == opened.run
    assert tags["course-notebook"] == "05-files"
    story = ledger.read(opened.ledger)
    for one in story.entries:
        look = BY_NAME[one.kind].look(opened._place, one.id)
        assert look is not None, one
        if one.kind != "event source mapping":  # its id is AWS's own
            assert (look.tags or {}).get("course-run") == opened.run, one
    assert {one.kind for one in story.entries} == set(BY_NAME)
    outcome = opened.teardown()
    assert outcome.is_clean
    assert outcome.not_ours == []
    assert snapshot(standin) == neighbours
    opened.close()
    assert ledger.read(opened.ledger).finished


def test_no_outcome_was_ever_heard(
    beside: Any, standin: Standin, neighbours: dict[str, Any]
) -> None:
    """As if the process had been killed between every call and its answer."""
    assert "made everything" in standin.run(SCRIPT).stdout
    (story,) = runs.unfinished()
    lines = story.path.read_text().splitlines(keepends=True)
    kept = [line for line in lines if json.loads(line)["what"] in ("run", "intent")]
    story.path.write_text("".join(kept) + '{"what":"inte')  # the last line was cut off
    opened = beside()  # announces it, and cleans it up
    assert snapshot(standin) == neighbours
    opened.close()


@pytest.mark.timeout(2 * 3600)
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a signal of POSIX systems")
def test_killed_after_a_creating_call(
    standin: Standin, beside: Any, neighbours: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """COURSE_KILLS=all kills after every single one, before its answer is written and after."""
    every = os.environ.get("COURSE_KILLS") == "all"
    kills = [(n, m) for n in range(1, 100) for m in ("intent", "sent", "made")]
    for number, moment in kills if every else [(3, "sent"), (15, "sent")]:
        killed = standin.run(SCRIPT, moment, str(number))
        (story,) = runs.unfinished()
        if every and "made everything" in killed.stdout:  # there are fewer calls than that
            assert number > len(BY_NAME)
            break
        assert killed.returncode == -signal.SIGKILL, (number, moment, killed.stderr[-500:])
        assert len(story.entries) == number
        opened = beside()
        assert f"Not cleaned up: run {story.run}" in capsys.readouterr().out
        assert snapshot(standin) == neighbours, (number, moment)
        opened.close()
        assert not list(runs.unfinished())


def test_the_command_cleans_up_and_wants_the_number(
    beside: Any, standin: Standin, neighbours: dict[str, Any]
) -> None:
    standin.run(SCRIPT, "made", "4")

    def teardown(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "helpers.cloud.account.command", *words],
            cwd=ROOT, env=standin.environment, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=170,
        )  # fmt: skip

    asked = teardown()
    assert asked.returncode == 1
    assert f"teardown --number {NUMBER}" in asked.stderr
    assert "None of these runs" in teardown("--number", "111122223333").stderr
    assert snapshot(standin) != neighbours
    done = teardown("--number", NUMBER)
    assert done.returncode == 0, done.stderr
    assert "shows nothing of this run any more" in done.stdout
    assert snapshot(standin) == neighbours
    assert "nothing to clean up" in teardown().stdout


def test_a_run_whose_ledger_is_lost_is_found_by_its_tags(
    beside: Any, standin: Standin, neighbours: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """In whatever region: the next opening names it, the command names and deletes it."""
    for region in ("us-east-1", "eu-west-1"):
        opened = beside(region=region)
        sqs, sns = boto3.client("sqs"), boto3.client("sns")
        sqs.create_queue(QueueName="shop-lost")
        sns.create_topic(Name="shop-lost")
        boto3.client("iam").create_role(
            RoleName="shop-lost", AssumeRolePolicyDocument=json.dumps(everything.TRUST)
        )
        run, ended = opened.run, opened._alive
        opened._ended = True  # as if this had been another machine
        opened.close()
        ended.release()
        opened.ledger.unlink()
        capsys.readouterr()
        beside().close()
        said = capsys.readouterr().out
        assert f"in {region}: " in said
        words = ["--number", NUMBER, "--endpoint", standin.url]
        assert f"teardown --number {NUMBER} --run {run}" in said
        assert command.main(words) == 0
        assert f"Run {run} has left in {region}: " in capsys.readouterr().out
        where = ["--region", region] if region == "us-east-1" else []
        assert command.main([*words, "--run", run, *where]) == 0
        assert snapshot(standin) == neighbours
        assert not list(standin.ledgers.glob(f"{run}.us-east-2.*"))
        assert command.main(words) == 0
        assert "Nor does a tag" in capsys.readouterr().out


def test_what_somebody_made_anew_stays(
    beside: Any, standin: Standin, neighbours: dict[str, Any]
) -> None:
    opened = beside()
    boto3.client("sqs").create_queue(QueueName="shop-contested")
    url = f"{standin.url}/{NUMBER}/shop-contested"
    standin.client("sqs").delete_queue(QueueUrl=url)
    standin.client("sqs").create_queue(QueueName="shop-contested")
    outcome = opened.teardown()
    assert outcome.not_ours == ["queue shop-contested"]
    assert len(snapshot(standin)["queue"]) == len(neighbours["queue"]) + 1
    standin.client("sqs").delete_queue(QueueUrl=url)
    opened.close()


def test_deletions_that_fail_are_tried_again_and_said(
    beside: Any, standin: Standin, door: Proxy, neighbours: dict[str, Any]
) -> None:
    opened = beside(endpoint=door.url)
    everything.make_everything()
    door.rules += [
        on("DeleteTopic|DeleteRule", xml_error(400, "Throttling", "Rate exceeded"), times=3),
        on("DELETE /2015-03-31/functions/", json_error(500, "ServiceException", "no"), times=2),
        on("DeleteTable", json_error(400, "ResourceInUseException", "being made"), times=2),
        on("DeleteRole$", xml_error(409, "DeleteConflict", "policies first"), times=2),
        on("DeleteQueue", ConnectionError(), times=2),
    ]
    door.after.append(on("DeleteBus|DeleteStateMachine", ConnectionError(), times=2))
    assert opened.teardown().is_clean
    assert snapshot(standin) == neighbours
    # What is denied stays, and is said with the command that deletes it.
    boto3.client("sns").create_topic(Name="shop-kept")
    denied = xml_error(403, "AccessDenied", "not authorized to perform: sns:DeleteTopic")
    door.rules[:] = [on("DeleteTopic", denied)]
    outcome = opened.teardown()
    (left,) = outcome.left
    assert "AccessDenied" in left.why
    arn = f"arn:aws:sns:us-east-1:{NUMBER}:shop-kept"
    assert left.command == f"aws sns delete-topic --topic-arn {arn}"
    assert left.command in str(outcome)
    door.rules.clear()
    assert opened.teardown().is_clean
    opened.close()


def test_lists_that_lag_and_a_line_that_is_cut(
    beside: Any, standin: Standin, door: Proxy, neighbours: dict[str, Any]
) -> None:
    """What is deleted still lists, and still answers, for a while; then the network is gone."""
    opened = beside(endpoint=door.url)
    boto3.client("sqs").create_queue(QueueName="shop-lag")
    url = f"{standin.url}/{NUMBER}/shop-lag"
    still = Answer(200, json.dumps({"QueueUrl": url}).encode(), "application/x-amz-json-1.0")
    tags = Answer(200, json.dumps({"Tags": {"course-run": opened.run}}).encode())
    lists = Answer(200, json.dumps({"QueueUrls": [url]}).encode())

    def stale(asked: Asked) -> Answer | None:
        return still if asked.what == "GetQueueUrl" and b"shop-lag" in asked.body else None

    door.rules += [
        on("ListQueueTags", tags, times=4), on("ListQueues", lists, times=2),
    ]  # fmt: skip
    door.rules.append(lambda asked: stale(asked) if lag.is_set() else None)
    lag = threading.Event()
    lag.set()
    threading.Timer(1.5, lag.clear).start()
    assert opened.teardown().is_clean
    assert snapshot(standin) == neighbours
    # A network that stays away: nothing is claimed, the ledger stays open.
    door.rules.clear()
    boto3.client("sqs").create_queue(QueueName="shop-cut")
    opened.pace.patience = 2
    door.rules.append(on(".", ConnectionError()))
    outcome = opened.teardown()
    assert not outcome.is_clean
    assert outcome.left[0].id == "shop-cut"
    assert not ledger.read(opened.ledger).finished
    door.rules.clear()
    opened.pace.patience = 20
    opened.close()
    assert snapshot(standin) == neighbours


def test_tags_that_show_late(
    beside: Any, standin: Standin, door: Proxy, neighbours: dict[str, Any]
) -> None:
    opened = beside(endpoint=door.url)
    boto3.client("sqs").create_queue(QueueName="shop-late")
    door.rules.append(on("ListQueueTags", Answer(200, b'{"Tags": {}}'), times=3))
    outcome = opened.teardown()
    assert outcome.gone == ["queue shop-late"]
    assert not outcome.not_ours
    assert snapshot(standin) == neighbours
    opened.close()


def test_an_exception_and_the_kernels_end(
    beside: Any, standin: Standin, neighbours: dict[str, Any]
) -> None:
    script = SCRIPT.partition("if __name__")[0] + (
        "aws = open_it(in_use=True)\n"
        "boto3.client('sqs').create_queue(QueueName='shop-left')\n"
        "raise ValueError('a slip in a cell')\n"
    )
    ended = standin.run(script)
    assert "a slip in a cell" in ended.stderr
    assert "Deleted: 1 resource" in ended.stdout
    assert snapshot(standin) == neighbours
    assert not list(runs.unfinished())


def test_nothing_is_sent_that_is_not_written_down_first(
    beside: Any, door: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = beside(endpoint=door.url)
    order: list[str] = []
    write = ledger.Ledger.write

    def noted(self: Any, what: str, **facts: Any) -> None:
        order.append(what)
        write(self, what, **facts)

    def asked(one: Asked) -> None:
        order.append(one.what)

    monkeypatch.setattr(ledger.Ledger, "write", noted)
    door.rules.append(asked)
    boto3.client("sqs").create_queue(QueueName="shop-order")
    wanted = [one for one in order if one in ("intent", "CreateQueue", "made")]
    assert wanted == ["intent", "CreateQueue", "made"]

    def full(self: Any, what: str, **facts: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ledger.Ledger, "write", full)
    order.clear()
    with pytest.raises(OSError, match="No space left"):
        boto3.client("sqs").create_queue(QueueName="shop-unwritten")
    assert "CreateQueue" not in order
    monkeypatch.undo()
    opened.close()


def test_the_neighbours_are_many(neighbours: dict[str, Any]) -> None:
    assert count(neighbours) > 20


def test_one_cell_switches_a_notebook_and_the_aws_cli_with_it(
    beside: Any, standin: Standin, neighbours: dict[str, Any]
) -> None:
    opened = beside()
    again: Any = cloud.open()
    assert again is opened

    def aws(*words: str) -> subprocess.CompletedProcess[str]:
        name = shutil.which("aws") or "aws"
        return subprocess.run([name, *words], capture_output=True, text=True, timeout=100)

    made = aws("sqs", "create-queue", "--queue-name", "shop-from-the-cli")
    assert made.returncode == 0, made.stderr
    tags = standin.client("sqs").list_queue_tags(QueueUrl=json.loads(made.stdout)["QueueUrl"])
    assert tags["Tags"]["course-run"] == opened.run
    # No key is where a program that a cell starts could read it.
    assert "AWS_ACCESS_KEY_ID" not in os.environ
    # Another cloud in its place ends the run first.
    local = cloud.open("endpoint", url=standin.url)
    assert snapshot(standin) == neighbours
    assert ledger.read(opened.ledger).finished
    local.close()
    # Without the open run the variable that the CLI reads leads nowhere.
    os.environ["COURSE_ACCOUNT_RUN"] = str(opened.ledger)
    words = [sys.executable, "-m", "helpers.cloud.account.cli", "sqs", "list-queues"]
    after = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=100)
    del os.environ["COURSE_ACCOUNT_RUN"]
    assert after.returncode == 1
    assert "No account is open" in after.stderr
