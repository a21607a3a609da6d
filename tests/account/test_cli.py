"""The AWS CLI in a cell: on the run's bill, within its budget."""

from __future__ import annotations

import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers import cloud
from helpers.cloud.metering import BudgetReached
from helpers.cloud.metering.beside import Beside
from tests.account.standin import Standin


def aws(*words: str) -> subprocess.CompletedProcess[str]:
    name = shutil.which("aws") or "aws"
    return subprocess.run([name, *words], capture_output=True, text=True, timeout=150)


def test_it_is_on_the_bill_and_within_the_budget(account: Any, standin: Standin) -> None:
    opened = account(budget_usd=0.001)
    secret = ("secretsmanager", "create-secret", "--secret-string", "hush-hush", "--name")
    # A secret costs $0.40 a month, and its first hour is paid when it is made.
    assert aws(*secret, "shop/first").returncode == 0
    bill = str(opened.bill())
    assert "Secrets Manager" in bill
    assert "requests of other programs than" in bill
    spent = opened.meter.spent
    assert Decimal("0.0005") < spent < Decimal("0.0006")
    second = aws(*secret, "shop/second")
    assert second.returncode != 0
    assert "could take this run past its budget" in second.stderr
    with pytest.raises(BudgetReached):
        boto3.client("secretsmanager").create_secret(Name="shop/third", SecretString="x")
    told = b"".join(path.read_bytes() for path in standin.ledgers.iterdir())
    assert b"shop/first" in told
    assert b"hush" not in told
    assert aws("secretsmanager", "delete-secret", "--secret-id", "shop/first").returncode == 0
    opened.close()
    assert {path.suffix for path in standin.ledgers.iterdir()} <= {".jsonl"}
    with pytest.raises(cloud.NoCloudOpen):
        cloud.current()


def test_what_was_told_is_counted_once(tmp_path: Path) -> None:
    notebook, cli = (Beside(tmp_path / "1a2b3c4d.jsonl") for _ in range(2))
    assert cli.rest() is None
    notebook.publish(Decimal("0.25"), Decimal(1))
    assert cli.rest() == Decimal("0.75")
    used = {"sqs.standard": Decimal(1)}
    for _ in range(2):
        cli.tell(Decimal("0.25"), used, "sqs", "CreateQueue", {"QueueName": "q"}, {})
    assert cli.rest() == Decimal("0.25")
    with (tmp_path / "1a2b3c4d.cli").open("ab") as file:
        file.write(b'{"at": "half a li')
    assert [one["asked"] for one in notebook.told()] == [{"QueueName": "q"}] * 2
    assert notebook.told() == []
    notebook.publish(Decimal("0.75"), Decimal(1))
    assert cli.rest() == Decimal("0.25")
    notebook.publish(Decimal(2), Decimal(1))
    assert 0 < (cli.rest() or 0) < Decimal("0.000001")
    notebook.publish(Decimal(2), None)
    assert cli.rest() is None
    notebook.forget()
    assert not list(tmp_path.iterdir())
