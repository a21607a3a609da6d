"""A lab of two requirements, quick to seed and to check: what the judge's own tests judge."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from botocore.exceptions import ClientError

from helpers.cloud import Cloud
from helpers.teach.checking import Case, Check, Context, Requirement, Slip
from helpers.teach.labs import Lab


def word(student: str) -> str:
    """What this student has to store: nobody else's word will do."""
    return hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()[:10]


def seed(cloud: Cloud, student: str) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="inbox")
    s3.put_object(Bucket="inbox", Key="word", Body=word(student).encode())


@contextlib.contextmanager
def prepare(context: Context) -> Iterator[Context]:
    yield context


def _stored(context: Context, case: Case) -> None:
    try:
        answer = context.cloud.client("s3").get_object(Bucket="inbox", Key="answer")
    except ClientError as error:
        raise Slip("nothing stored", "there is no object “answer”.", "Store the word.") from error
    if answer["Body"].read() != word(context.student).encode():
        raise Slip("another word", "the object holds another word.", "Read your own word first.")


def _doubles(context: Context, case: Case) -> None:
    try:
        answer = context.cloud.client("lambda").invoke(
            FunctionName="double", Payload=json.dumps(case.given).encode()
        )
    except ClientError as error:
        raise Slip("no function", "there is no function “double”.", "Deploy it.") from error
    text = answer["Payload"].read().decode(errors="replace")[:300]
    if "FunctionError" in answer or text != json.dumps(case.expected):
        raise Slip("wrong", f"for {case.given} it said {text}.", "Try a number of your own.")


LAB = Lab(
    key="toy",
    title="Store a word, double a number",
    folder=Path(__file__).parent,
    seed=seed,
    check=Check(
        "toy",
        prepare,
        (
            Requirement("the word is stored", _stored),
            Requirement("small numbers are doubled", _doubles, (Case(2, 4),)),
            Requirement("every number is doubled", _doubles, (Case(3, 6),)),
        ),
    ),
    facts=lambda student: {},
)
