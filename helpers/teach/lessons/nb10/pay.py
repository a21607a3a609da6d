"""`10.pay`: a till that reads its secret rarely, in time after a rotation, and tells nobody."""

from __future__ import annotations

import json

from helpers.teach.checking import Case, Check, Requirement
from helpers.teach.checking.functions import Reply
from helpers.teach.lessons.nb10 import pay_slips
from helpers.teach.lessons.nb10.desk import FILE, POLICY, Till, till

PAYMENTS = 5
MINUTES = 5


def _books(till: Till, case: Case) -> None:
    """The first payment is booked, once, and the rest of them too. `case.given` is the amount."""
    amount, before = case.given, till.booked()
    for number in range(1, PAYMENTS + 1):
        reply = till.pay(amount)
        if reply.failed:
            raise pay_slips.failed(till.function, reply)
        booked = till.booked() - before
        if booked != number * amount:
            raise pay_slips.not_booked(booked, number * amount)
        if reply.value != {"paid": amount}:
            raise pay_slips.other_reply(reply.value, amount)


def _rarely(till: Till, case: Case) -> None:
    """They asked for the secret once."""
    reads = till.reads()
    if reads > 1:
        raise pay_slips.every_time(reads, PAYMENTS)


def _in_time(till: Till, case: Case) -> None:
    """Five minutes after a rotation the new password is used. `case.given` is the amount."""
    before = till.booked()
    till.change()
    till.cloud.clock.advance(minutes=MINUTES, seconds=1)
    reply = till.pay(case.given)
    if reply.failed and pay_slips.REFUSED in reply.error_type + reply.error_message:
        raise pay_slips.for_ever(MINUTES)
    if reply.failed:
        raise pay_slips.other_failure(till.function, reply)
    if till.booked() != before + case.given:
        raise pay_slips.not_booked(till.booked() - before, case.given)


def _honest(till: Till, case: Case) -> None:
    """The bank wants another password than the secret's: that is an error."""
    till.change(in_the_secret=False)
    reply = till.pay(case.given)
    if not reply.failed:
        raise pay_slips.pretends(reply.value)


def _silent(till: Till, case: Case) -> None:
    """In everything that was said so far there is no password."""
    for reply in till.function.replies:
        for where, text in _said(reply).items():
            if any(password in text for password in till.passwords):
                raise pay_slips.leaked(where)


def _said(reply: Reply) -> dict[str, str]:
    return {
        "error" if reply.failed else "reply": json.dumps(reply.value),
        "log": "\n".join(reply.log),
    }


def _narrow(till: Till, case: Case) -> None:
    """The policy opens neither another secret nor the key for another purpose."""
    iam, kms = till.cloud.client("iam"), till.cloud.client("kms")
    key = till.secrets.describe_secret(SecretId=till.secret)["KmsKeyId"]
    # The simulator takes a caller only if it is a user.
    with_key = {
        "ResourcePolicy": kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"],
        "CallerArn": f"arn:aws:iam::{till.cloud.account_id}:user/till",
    }
    entry = {
        "ContextKeyName": "kms:EncryptionContext:SecretARN",
        "ContextKeyValues": [till.neighbour],
        "ContextKeyType": "string",
    }

    def allows(action: str, resource: str) -> bool:
        (answer,) = iam.simulate_custom_policy(
            PolicyInputList=[till.policy],
            ActionNames=[action],
            ResourceArns=[resource],
            ContextEntries=[entry],
            **(with_key if resource == key else {}),
        )["EvaluationResults"]
        return bool(answer["EvalDecision"] == "allowed")

    if allows("secretsmanager:GetSecretValue", till.neighbour):
        raise pay_slips.too_wide("read every other secret as well")
    if allows("secretsmanager:PutSecretValue", till.secret):
        raise pay_slips.too_wide("overwrite the secret")
    if allows("kms:Decrypt", key):
        raise pay_slips.too_wide("open other secrets with the key")
    if allows("kms:DisableKey", key):
        raise pay_slips.too_wide("switch the key off")


PAY = Check(
    key="10.pay",
    prepare=till,
    files=(FILE, POLICY),
    solution="pay",
    requirements=(
        Requirement("books", _books, (Case(12),)),
        Requirement("asks once", _rarely),
        Requirement("in time", _in_time, (Case(7),), points=2),
        Requirement("honest", _honest, (Case(5),)),
        Requirement("silent", _silent),
        Requirement("narrow", _narrow, points=2),
    ),
    hints=(
        'Begin with password = secrets.get_secret_value(SecretId=os.environ["SECRET"])'
        '["SecretString"], and with two more statements in the policy.',
        "The policy: secretsmanager:GetSecretValue on SECRET_ARN, and kms:Decrypt on KEY_ARN with "
        "the condition of section 2.",
        "Keep the password in a dictionary outside the handler, with the time until which it is "
        'good: kept = {"password": "", "until": 0}.',
        'Read it anew when time.time() >= kept["until"], and set that to time.time() + 300.',
        "Who wants no refused payment at all: catch the bank's refusal once, read anew, pay again.",
    ),
    praise="One question, the right password in time, and nobody has seen it.",
)
