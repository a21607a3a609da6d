"""`08.archive`: a role, a function and its resource policy that the learner built."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud
from helpers.deploy import Function
from helpers.teach import decision
from helpers.teach.checking import Case, Check, Context, NotAttempted, Requirement
from helpers.teach.decision.asking import ROLE, Who
from helpers.teach.decision.policies import identity
from helpers.teach.lessons.nb08 import archive_slips, desk, wide
from helpers.teach.lessons.nb08.trial import Trial, must_log

NAME = "shop-archive"
INVOKE = "lambda:InvokeFunction"


@dataclass
class Archive:
    """What the learner built, looked at through AWS calls."""

    cloud: Cloud
    key: str  #: of an order that the check puts into the bucket

    @cached_property
    def asked(self) -> decision.Remembering:
        return decision.Remembering(self.cloud)

    @property
    def iam(self) -> Any:
        return self.asked.client("iam")

    @property
    def s3(self) -> Any:
        return self.asked.client("s3")

    @property
    def lambda_(self) -> Any:
        return self.asked.client("lambda")

    @property
    def orders(self) -> str:
        return desk.bucket(self.cloud)

    @property
    def archive(self) -> str:
        """The bucket that orders are copied into."""
        return f"shop-archive-{self.cloud.account_id}"

    @cached_property
    def role(self) -> dict[str, Any]:
        """The role. Raises Slip where there is none."""
        try:
            return dict(self.iam.get_role(RoleName=NAME)["Role"])
        except self.iam.exceptions.NoSuchEntityException:
            raise archive_slips.no_role() from None

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The function's configuration. Raises Slip where there is no function."""
        try:
            return dict(self.lambda_.get_function_configuration(FunctionName=NAME))
        except self.lambda_.exceptions.ResourceNotFoundException:
            raise archive_slips.no_function() from None

    def may_invoke(self, principal: str, **context: str) -> bool:
        """Whether somebody outside this account's roles may invoke the function."""
        asked = {f"aws:{name}": value for name, value in context.items()}
        arn = self.settings["FunctionArn"]
        decided = decision.decide(principal, INVOKE, arn, asked, on=self.asked)
        return decided.verdict.allowed is not False


@contextlib.contextmanager
def _prepare(context: Context) -> Iterator[Archive]:
    built = Archive(context.cloud, f"orders/check-{uuid.uuid4().hex[:6]}.json")
    _check_begun(built)
    try:
        yield built
    finally:
        for name in (built.orders, built.archive):
            with contextlib.suppress(ClientError):
                built.s3.delete_object(Bucket=name, Key=built.key)


def _check_begun(built: Archive) -> None:
    """Raise NotAttempted where neither the role nor the function is there."""
    with contextlib.suppress(ClientError):
        built.iam.get_role(RoleName=NAME)
        return
    with contextlib.suppress(ClientError):
        built.lambda_.get_function_configuration(FunctionName=NAME)
        return
    raise NotAttempted(
        f"there is neither a role nor a function {NAME} yet. Write the cell that builds them, run "
        "it, then this one."
    )


def _trust(built: Archive, case: Case) -> None:
    """The role is the function's, and Lambda's alone."""
    trusted = built.role["AssumeRolePolicyDocument"]
    for one in wide.allowing(trusted):
        principal = one.get("Principal")
        if not isinstance(principal, dict) or set(principal) != {"Service"}:
            raise archive_slips.trusts_others(principal)
        services = wide.listed(principal["Service"])
        if set(services) != {"lambda.amazonaws.com"}:
            raise archive_slips.trusts_others(principal)
    if built.settings["Role"] != built.role["Arn"]:
        raise archive_slips.other_role(built.settings["Role"].rpartition("/")[2])


def _copies(built: Archive, case: Case) -> None:
    """An order that lies in the bucket is in the archive afterwards, and the log tells of it."""
    body = json.dumps({"order": "check", "prints": 1}).encode()
    built.s3.put_object(Bucket=built.orders, Key=built.key, Body=body)
    record = {"s3": {"bucket": {"name": built.orders}, "object": {"key": built.key}}}
    function = Function(built.cloud, NAME, built.settings["FunctionArn"])
    reply = function.invoke({"Records": [record]}, on_error="return")
    if isinstance(reply, dict) and "errorMessage" in reply:
        raise archive_slips.fails(str(reply["errorMessage"]), _lacks(built))
    try:
        built.s3.head_object(Bucket=built.archive, Key=built.key)
    except ClientError:
        raise archive_slips.not_copied() from None
    must_log(built.cloud, function)


def _lacks(built: Archive) -> str:
    """What the role's policies lack for the two calls."""
    for action, name in (("s3:GetObject", built.orders), ("s3:PutObject", built.archive)):
        arn = f"arn:aws:s3:::{name}/{built.key}"
        decided = decision.decide(built.role["Arn"], action, arn, on=built.asked)
        if decided.verdict.missing:
            return " ".join(decided.verdict.missing[:1])
    return "Look at the denial's action and resource, and compare them with your statements."


def _narrow(built: Archive, case: Case) -> None:
    """What the role has in its policies, and what follows from it."""
    owner = identity(built.iam, Who(ROLE, built.role["Arn"], NAME, built.cloud.account_id))
    for one in owner.statements:
        if one.policy == "the managed policy AWSLambdaBasicExecutionRole":
            continue  # AWS's own, with a star that only reaches logs
        wide.check_width({"Statement": [dict(one.body)]})
    probe = Trial(built.cloud, built.role["Arn"])
    coming, going = (f"arn:aws:s3:::{name}" for name in (built.orders, built.archive))
    probe.must_not(["s3:PutObject", "s3:DeleteObject"], f"{coming}/{built.key}")
    probe.must_not(["s3:GetObject", "s3:DeleteObject", "s3:PutObjectAcl"], f"{going}/{built.key}")
    probe.must_not(["s3:ListBucket", "s3:DeleteBucket"], coming)
    probe.must_not(["s3:ListBucket", "s3:DeleteBucket"], going)
    for action in ("s3:GetObject", "s3:PutObject"):
        probe.must_not([action], f"{coming}-invoices/B-1.json")
    queue = f"arn:aws:sqs:{built.cloud.region}:{built.cloud.account_id}:shop-labels"
    probe.must_not(["sqs:SendMessage", "sqs:ReceiveMessage"], queue)


def _door(built: Archive, case: Case) -> None:
    """S3 may invoke it for this bucket, and nobody else may."""
    account = built.cloud.account_id
    ours = {"SourceArn": f"arn:aws:s3:::{built.orders}", "SourceAccount": account}
    if not built.may_invoke("s3.amazonaws.com", **ours):
        raise archive_slips.closed(_permissions(built))
    if built.may_invoke("999999999999"):
        raise archive_slips.everybody()
    stranger = {**ours, "SourceArn": "arn:aws:s3:::somebody-elses-bucket"}
    if built.may_invoke("s3.amazonaws.com", **stranger):
        raise archive_slips.any_bucket()
    if built.may_invoke("s3.amazonaws.com", **{**ours, "SourceAccount": "999999999999"}):
        raise archive_slips.any_account()
    for service in ("sns.amazonaws.com", "events.amazonaws.com"):
        if built.may_invoke(service, **ours):
            raise archive_slips.other_services(service)


def _permissions(built: Archive) -> int:
    """How many statements the function's own policy has."""
    try:
        text = built.lambda_.get_policy(FunctionName=NAME)["Policy"]
    except built.lambda_.exceptions.ResourceNotFoundException:
        return 0
    return len(json.loads(text)["Statement"])


ARCHIVE = Check(
    key="08.archive",
    prepare=_prepare,
    solution="archive.py",
    requirements=(
        Requirement("trust", _trust),
        Requirement("copies", _copies),
        Requirement("nothing else", _narrow, points=2),
        Requirement("door", _door, points=2),
    ),
    hints=(
        "Three policies: who may become the role (trust), what the role may do, and who may call "
        "the function. Build and try them in this order.",
        "The handler makes two calls, GetObject on what lies in the one bucket and PutObject on "
        "what will lie in the other. AWSLambdaBasicExecutionRole may be attached for the log.",
        "The trust policy and the role's policy are as in sections 1 and 3; then "
        "deploy(…, role=…). A new role needs some seconds on AWS: deploy waits for it.",
        'The door is section 6: lam.add_permission with Principal="s3.amazonaws.com", the '
        "bucket's ARN as SourceArn and your account as SourceAccount.",
    ),
    praise="It reads here, writes there, and opens for one bucket: the rest of the account is none "
    "of its business.",
)
