"""What the check `10.pay` builds around the learner's till: a key, a secret, a bank, a role."""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud, WaitedTooLong
from helpers.deploy import ROLE_NAME, ensure_role
from helpers.teach.checking import Context, NotAttempted
from helpers.teach.checking.files import attempted
from helpers.teach.checking.functions import Deployed, Reply, deployed
from helpers.teach.lessons.nb10 import pay_slips

FILE, POLICY = "pay.py", "pay_policy.json"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
#: Words that the learner writes in his policy where an ARN of this check belongs.
PLACES = ("BANK_ARN", "SECRET_ARN", "KEY_ARN")


@dataclass
class Till:
    """The learner's function, with a secret and a bank of its own."""

    function: Deployed
    secret: str  #: ARN
    neighbour: str  #: ARN of a secret under the same key that is none of its business
    bank: Any  #: the table
    policy: str
    password: str = ""
    passwords: list[str] = field(default_factory=list)  #: all that there were so far
    paid: int = 0

    @property
    def cloud(self) -> Cloud:
        return self.function.cloud

    @cached_property
    def secrets(self) -> Any:
        return self.cloud.client("secretsmanager")

    @cached_property
    def trail(self) -> Any:
        return self.cloud.client("cloudtrail")

    def pay(self, amount: int) -> Reply:
        """Invoke it; on an account a new permission needs some seconds, so be patient there."""
        deadline = time.monotonic() + (0 if self.cloud.kind == "local" else 30)
        while True:
            reply = self.function.invoke({"amount": amount})
            if "AccessDenied" not in reply.error_message or time.monotonic() >= deadline:
                return reply

    def booked(self) -> int:
        """What the bank has booked in all."""
        item = self.bank.get_item(Key={"customer": "shop"}, ConsistentRead=True)["Item"]
        return int(item["paid"])

    def change(self, at_the_bank: bool = True, in_the_secret: bool = True) -> None:
        """A new password, as a rotation makes it, or half of one."""
        new = f"till-{uuid.uuid4().hex}"
        self.passwords.append(new)
        if in_the_secret:
            self.secrets.put_secret_value(SecretId=self.secret, SecretString=new)
        if at_the_bank:
            self.bank.update_item(
                Key={"customer": "shop"},
                UpdateExpression="SET password = :new",
                ExpressionAttributeValues={":new": new},
            )

    def reads(self) -> int:
        """How often the function was given the secret. On an account the trail lags behind."""
        if self.cloud.kind != "local":
            with contextlib.suppress(WaitedTooLong):
                self.cloud.wait_until(self._reads, seconds=900)
        return self._reads()

    def _reads(self) -> int:
        pages = self.trail.get_paginator("lookup_events").paginate(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetSecretValue"}]
        )
        return sum(
            event.get("Username") == self.function.name
            and "errorCode" not in json.loads(event["CloudTrailEvent"])
            for page in pages
            for event in page["Events"]
        )


@contextlib.contextmanager
def till(context: Context) -> Iterator[Till]:
    """Everything that the learner's till needs; taken away afterwards."""
    attempted(context.folder, FILE, STARTER.read_text(encoding="utf-8"))
    path = context.folder / POLICY
    if not path.is_file():
        raise NotAttempted(
            f"there is no file {POLICY} yet. Run the cell that begins with %%writefile, then this "
            "one."
        )
    text = path.read_text(encoding="utf-8", errors="replace")
    mark = uuid.uuid4().hex[:8]
    role = f"{ROLE_NAME}-check-{mark}"
    cloud = context.cloud
    with contextlib.ExitStack() as stack:
        key = _key(cloud, stack)
        secret = _secret(cloud, stack, f"check/{mark}/bank", key)
        neighbour = _secret(cloud, stack, f"check/{mark}/other", key)
        bank = _bank(cloud, stack, f"check-bank-{mark}")
        for place, arn in zip(PLACES, (bank.table_arn, secret, key), strict=True):
            text = text.replace(place, arn)
        arn = _role(cloud, stack, role, text)
        function = stack.enter_context(
            deployed(
                context,
                FILE,
                STARTER,
                role=arn,
                memory=1024,
                timeout=10,
                environment={"SECRET": secret, "BANK": bank.name},
            )
        )
        made = Till(function, secret, neighbour, bank, text)
        made.change()
        yield made


def _key(cloud: Cloud, stack: contextlib.ExitStack) -> str:
    kms = cloud.client("kms")
    key = str(kms.create_key(Description="a check of notebook 10")["KeyMetadata"]["Arn"])
    stack.callback(_quietly, kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=7)
    return key


def _secret(cloud: Cloud, stack: contextlib.ExitStack, name: str, key: str) -> str:
    secrets = cloud.client("secretsmanager")
    arn = str(secrets.create_secret(Name=name, SecretString="to be changed", KmsKeyId=key)["ARN"])
    stack.callback(_quietly, secrets.delete_secret, SecretId=arn, ForceDeleteWithoutRecovery=True)
    return arn


def _bank(cloud: Cloud, stack: contextlib.ExitStack, name: str) -> Any:
    table = cloud.resource("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "customer", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}],
    )
    stack.callback(_quietly, table.delete)
    table.wait_until_exists()
    table.put_item(Item={"customer": "shop", "password": "to be changed", "paid": 0})
    return table


def _role(cloud: Cloud, stack: contextlib.ExitStack, name: str, policy: str) -> str:
    iam = cloud.client("iam")
    arn = ensure_role(cloud, name)
    stack.callback(_quietly, iam.delete_role, RoleName=name)
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        stack.callback(
            _quietly, iam.detach_role_policy, RoleName=name, PolicyArn=attached["PolicyArn"]
        )
    try:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    except ClientError as problem:
        raise pay_slips.malformed(problem.response["Error"]["Message"]) from None
    stack.callback(_quietly, iam.delete_role_policy, RoleName=name, PolicyName="own")
    return arn


def _quietly(call: Any, **arguments: Any) -> None:
    with contextlib.suppress(ClientError):
        call(**arguments)
