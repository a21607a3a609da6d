"""`10.pay`: a till that reads its secret rarely and in time, and each foreseen slip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Case, Context, Result, run
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "10.pay"
FOLDER = lessons.folder(KEY)
STARTER = (FOLDER / "starters" / "pay.py.txt").read_text()
STARTING_POLICY = (FOLDER / "starters" / "pay_policy.json.txt").read_text()
_, CODE, POLICY = (
    part.split("\n\n", 1)[-1].strip() + "\n"
    for part in ("\n" + (FOLDER / "solutions" / "pay.txt").read_text()).split("# work/10/")
)
Judge = Callable[..., Result]


@pytest.fixture
def judge(local_aws: Any, tmp_path: Path) -> Judge:
    """One cloud for all: the check makes everything anew, under names of its own."""

    def judged(
        code: str | None,
        policy: str | None = POLICY,
        more: dict[str, tuple[Case, ...]] | None = None,
    ) -> Result:
        for name, text in (("pay.py", code), ("pay_policy.json", policy)):
            if text is not None:
                (tmp_path / name).write_text(text)
        return run(lessons.check(KEY), Context(local_aws, tmp_path, more or {}))

    return judged


def but(old: str, new: str) -> str:
    """The solution with one thing changed."""
    assert CODE.count(old) == 1, old
    return CODE.replace(old, new)


def policy(old: str, new: str) -> str:
    assert POLICY.count(old) == 1, old
    return POLICY.replace(old, new)


def starter(line: str) -> str:
    """The starter with one line in the place of the dots."""
    return STARTER.replace("password = ...                          # your lines", line)


READ = 'secrets.get_secret_value(SecretId=os.environ["SECRET"])'
ONCE = starter("password = kept").replace("def pay", f'kept = {READ}["SecretString"]\n\n\ndef pay')
RETRY = '        pay(event["amount"], current_password(now=True))'
TELLING = """        except Refused:
            raise ValueError(f"refused: {kept}") from None"""
CATCH = CODE[CODE.index("    except Refused") : CODE.index("    return {")]


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(None), "no file pay.py yet")
    is_not_attempted(judge(STARTER, STARTING_POLICY), "still as it was given")
    is_not_attempted(judge(STARTER), "still as it was given")


RIGHT = {
    "the solution": CODE,
    "five minutes, without a second try": but(CATCH, "    finally:\n        pass\n"),
    "for ever, with a second try": but("time.time() + KEPT_SECONDS", "float('inf')"),
}  # fmt: skip


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(text))


WRONG: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "from a variable": (
        starter('password = os.environ["BANK_PASSWORD"]'),
        POLICY,
        ("variable", "The password is in no variable"),
    ),
    "written into the code": (
        starter('password = "correct horse battery"'),
        POLICY,
        ("not the secret", "One that is written into the code"),
    ),
    "the whole answer": (starter(f"password = {READ}"), POLICY, ("whole answer", "SecretString")),
    "asked each time": (
        starter(f'password = {READ}["SecretString"]'),
        POLICY,
        ("every time", "5 payments in a row asked for the secret 5 times"),
    ),
    "kept for ever": (ONCE, POLICY, ("for ever", "still got the old one", "time.time() + 300")),
    "printed": (
        but("    return kept", "    print(kept)\n    return kept"),
        POLICY,
        ("printed", "stands in the function's log"),
    ),
    "returned": (
        but('{"paid": event["amount"]}', '{"paid": event["amount"], **kept}'),
        POLICY,
        ("reply", "It should return"),
    ),
    "in the error": (
        but(RETRY, f"        try:\n    {RETRY}\n{TELLING}"),
        POLICY,
        ("in the error", "the message of an error"),
    ),
    "swallowed": (
        but(RETRY, "        kept.update(until=0)"),
        POLICY,
        ("pretends", 'returned {"paid": 5}'),
    ),
    "never booked": (
        starter("return {'paid': event['amount']}"),
        POLICY,
        ("not booked", "the bank has booked 0 instead of 12"),
    ),
    "paid twice": (
        but("    try:\n", '    pay(event["amount"], current_password())\n    try:\n'),
        POLICY,
        ("twice",),
    ),
    "no permission to read": (CODE, STARTING_POLICY, ("no read permission", "SECRET_ARN")),
    "no permission for the key": (
        CODE,
        policy("kms:Decrypt", "kms:Encrypt"),
        ("no key permission", "Access to KMS is not allowed", "kms:Decrypt on KEY_ARN"),
    ),
    "every secret": (
        CODE,
        policy('"secretsmanager:GetSecretValue", "Resource": "SECRET_ARN"',
               '"secretsmanager:GetSecretValue", "Resource": "*"'),
        ("too wide", "read every other secret"),
    ),
    "the key for everything": (
        CODE,
        policy(POLICY[POLICY.index(',\n     "Condition"') : POLICY.index("}\n  ]")], ""),
        ("too wide", "open other secrets with the key"),
    ),
    "a comma missing": (
        CODE,
        policy('"BANK_ARN"},', '"BANK_ARN"}'),
        ("malformed policy", "commas between them"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "rules", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(judge: Judge, code: str, rules: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(code, rules), slip, *said)


def test_a_hidden_case_counts_and_nothing_is_left(local_aws: Any, judge: Judge) -> None:
    hidden = {name: (Case(3, hidden=True),) for name in ("books", "in time")}
    is_right(judge(CODE, more=hidden))
    assert local_aws.client("lambda").list_functions()["Functions"] == []
    assert local_aws.client("secretsmanager").list_secrets()["SecretList"] == []
    assert local_aws.client("dynamodb").list_tables()["TableNames"] == []
    roles = local_aws.client("iam").list_roles()["Roles"]
    assert not [one for one in roles if "check" in one["RoleName"]]
