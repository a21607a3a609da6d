"""The policies that have a say, read with AWS calls: identity, boundary, and the resource's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from helpers.teach.decision.asking import ROLE, USER, Question, Who
from helpers.teach.decision.statements import Statement, split
from helpers.teach.errors import TeachError


@dataclass(frozen=True)
class Identity:
    """What a role or a user brings with it. ``boundary`` None: it has none."""

    who: Who
    statements: list[Statement]
    boundary: list[Statement] | None


@dataclass(frozen=True)
class Resource:
    """A resource's own policy. ``text`` says what was found, for people.

    ``known`` is False where the policy could not be read; ``decides`` True where it must allow,
    whatever the identity's policies say (a key's policy, a role's trust policy).
    """

    name: str
    statements: list[Statement]
    text: str
    known: bool = True
    decides: bool = False


def identity(iam: Any, who: Who) -> Identity:
    """Raises TeachError where there is no such role or user."""
    kind = "Role" if who.kind == ROLE else "User"
    try:
        found = getattr(iam, f"get_{kind.lower()}")(**{f"{kind}Name": who.name})[kind]
    except ClientError as problem:
        if problem.response["Error"]["Code"] != "NoSuchEntity":
            raise
        raise TeachError(
            f"There is no {who.kind} {who.name} in this account. Look at the name once more: "
            f"iam.list_{who.kind}s() has them all."
        ) from None
    statements = list(_own(iam, kind, who.name))
    if who.kind == USER:
        for group in iam.list_groups_for_user(UserName=who.name)["Groups"]:
            statements += _own(iam, "Group", group["GroupName"])
    limit = found.get("PermissionsBoundary")
    boundary = None
    if limit:
        arn = limit["PermissionsBoundaryArn"]
        boundary = _managed(iam, arn, f"the boundary {arn.rpartition('/')[2]}")
    return Identity(replace(who, arn=found["Arn"]), statements, boundary)


def _own(iam: Any, kind: str, name: str) -> Iterator[Statement]:
    """Inline and attached policies of a role, user or group."""
    word, asked = kind.lower(), {f"{kind}Name": name}
    pages = iam.get_paginator(f"list_{word}_policies").paginate(**asked)
    for inline in [one for page in pages for one in page["PolicyNames"]]:
        policy = getattr(iam, f"get_{word}_policy")(**asked, PolicyName=inline)
        yield from split(policy["PolicyDocument"], f"the inline policy {inline}")
    pages = iam.get_paginator(f"list_attached_{word}_policies").paginate(**asked)
    for attached in [one for page in pages for one in page["AttachedPolicies"]]:
        text = f"the managed policy {attached['PolicyName']}"
        yield from _managed(iam, attached["PolicyArn"], text)


def _managed(iam: Any, arn: str, text: str) -> list[Statement]:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
    return split(found["Document"], text)


def resource(client: Callable[[str], Any], asked: Question) -> Resource:
    """The policy of the resource that is asked for. ``client`` makes a boto3 client."""
    parts = asked.resource.split(":", 5)
    if len(parts) < 6:
        return Resource("no resource", [], "the action is asked for no resource in particular")
    service, path = parts[2], parts[5]
    if service == "iam" and path.startswith("role/"):
        service = "role"
    read = _READERS.get(service)
    if read is None:
        known = service not in _UNREAD
        text = f"this board knows of none for resources of {service}"
        if not known:
            text = f"resources of {service} can have one, and it is not read here"
        return Resource(path, [], text, known=known)
    words, name, decides = _NAMES[service], _name(service, path), service in ("kms", "role")
    if asked.owner != asked.account:
        text = f"{words} belongs to account {asked.owner}; its policy cannot be read from here"
        return Resource(name, [], text, known=False, decides=decides)
    try:
        document = read(client, asked.resource, name)
    except ClientError as problem:
        code = problem.response["Error"]["Code"]
        if code in _NO_POLICY:
            return Resource(name, [], f"{words} {name} has no policy", decides=decides)
        text = f"the policy of {words} {name} could not be read: {code}"
        return Resource(name, [], text, known=False, decides=decides)
    if not document:
        return Resource(name, [], f"{words} {name} has no policy", decides=decides)
    label = "the trust policy" if service == "role" else f"the policy of {words} {name}"
    return Resource(name, split(document, label), label, decides=decides)


def _bucket(client: Callable[[str], Any], arn: str, name: str) -> Any:
    return client("s3").get_bucket_policy(Bucket=name)["Policy"]


def _queue(client: Callable[[str], Any], arn: str, name: str) -> Any:
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return found.get("Attributes", {}).get("Policy")


def _topic(client: Callable[[str], Any], arn: str, name: str) -> Any:
    return client("sns").get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy")


def _function(client: Callable[[str], Any], arn: str, name: str) -> Any:
    return client("lambda").get_policy(FunctionName=arn)["Policy"]


def _key(client: Callable[[str], Any], arn: str, name: str) -> Any:
    return client("kms").get_key_policy(KeyId=arn, PolicyName="default")["Policy"]


def _secret(client: Callable[[str], Any], arn: str, name: str) -> Any:
    return client("secretsmanager").get_resource_policy(SecretId=arn).get("ResourcePolicy")


def _table(client: Callable[[str], Any], arn: str, name: str) -> Any:
    table = ":".join([*arn.split(":", 5)[:5], f"table/{name}"])  # also for its streams and indexes
    return client("dynamodb").get_resource_policy(ResourceArn=table)["Policy"]


def _bus(client: Callable[[str], Any], arn: str, name: str) -> Any:
    return client("events").describe_event_bus(Name=name).get("Policy")


def _role(client: Callable[[str], Any], arn: str, name: str) -> Any:
    return json.dumps(client("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])


_READERS: dict[str, Callable[[Callable[[str], Any], str, str], Any]] = {
    "s3": _bucket,
    "sqs": _queue,
    "sns": _topic,
    "lambda": _function,
    "kms": _key,
    "secretsmanager": _secret,
    "dynamodb": _table,
    "events": _bus,
    "role": _role,
}
_NAMES = {
    "s3": "the bucket",
    "sqs": "the queue",
    "sns": "the topic",
    "lambda": "the function",
    "kms": "the key",
    "secretsmanager": "the secret",
    "dynamodb": "the table",
    "events": "the event bus",
    "role": "the role",
}
#: What services answer where the resource is there and nobody gave it a policy. Lambda says the
#: same where there is no function.
_NO_POLICY = ("NoSuchBucketPolicy", "ResourceNotFoundException", "PolicyNotFoundException")


#: Services whose resources can have policies too, which are not read here.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
_UNREAD = frozenset(
    (
        "acm-pca",
        "apigateway",
        "backup",
        "codeartifact",
        "codebuild",
        "ecr",
        "elasticfilesystem",
        "es",
        "execute-api",
        "glue",
        "kinesis",
        "lex",
        "logs",
        "mediastore",
        "redshift-serverless",
        "rekognition",
        "s3express",
        "s3tables",
        "schemas",
        "serverlessrepo",
        "ses",
        "signer",
        "vpc-lattice",
    )
)


def _name(service: str, path: str) -> str:
    """The resource's own name in the last part of its ARN."""
    if service == "dynamodb":
        return path.split("/")[1] if "/" in path else path
    if service == "s3":
        return path.partition("/")[0]
    if service in ("lambda", "secretsmanager"):
        return path.split(":")[1] if ":" in path else path
    return path.rpartition("/")[2]
