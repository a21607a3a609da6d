"""Amazon S3, whose operations and actions have grown apart.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import parse_qsl, unquote

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.keys_in_use import use
from helpers.localaws.iam.actions.rule import Spec, Special, named
from helpers.localaws.iam.actions.s3_keys import object_keys
from helpers.localaws.iam.actions.tags import as_tags, keys_of
from helpers.localaws.iam.context import Values


def bucket_arn(asked: Asked) -> list[str]:
    """``arn:aws:s3:::BUCKET``; S3's ARNs name no region and no account."""
    bucket = asked.first("Bucket")
    return [_arn(asked, bucket)] if bucket else []


def object_arn(asked: Asked) -> list[str]:
    """``arn:aws:s3:::BUCKET/KEY``."""
    bucket, key = asked.first("Bucket"), asked.first("Key")
    return [_arn(asked, f"{bucket}/{key}")] if bucket and key else []


def _arn(asked: Asked, name: str) -> str:
    return asked.arn(name, region="", account="")


#: Actions on a bucket whose name is not the operation's name.
_BUCKET = {
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketTagging": "PutBucketTagging",
    "CreateBucketMetadataConfiguration": "CreateBucketMetadataTableConfiguration",
    "GetBucketMetadataConfiguration": "GetBucketMetadataTableConfiguration",
    "DeleteBucketMetadataConfiguration": "DeleteBucketMetadataTableConfiguration",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
}
# Four kinds of configurations have many of a kind, and the same four operations each.
for _kind in ("Analytics", "IntelligentTiering", "Inventory", "Metrics"):
    for _verb, _action in (("Get", "Get"), ("List", "Get"), ("Put", "Put"), ("Delete", "Put")):
        _plural = "s" if _verb == "List" else ""
        _BUCKET[f"{_verb}Bucket{_kind}Configuration{_plural}"] = f"{_action}{_kind}Configuration"

#: Actions on an object whose name is not the operation's name.
_OBJECT = {
    "CompleteMultipartUpload": "PutObject",
    "HeadObject": "GetObject",
    "ListParts": "ListMultipartUploadParts",
    "SelectObjectContent": "GetObject",
    "UploadPart": "PutObject",
}
#: With a VersionId these need another action.
_VERSIONED = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectAnnotation": "DeleteObjectVersionAnnotation",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectAnnotation": "GetObjectVersionAnnotation",
    "GetObjectTagging": "GetObjectVersionTagging",
    "GetObjectTorrent": "GetObjectVersionTorrent",
    "HeadObject": "GetObjectVersion",
    "ListObjectAnnotations": "ListObjectVersionAnnotations",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectAnnotation": "PutObjectVersionAnnotation",
    "PutObjectTagging": "PutObjectVersionTagging",
}


def _versioned(operation: str, action: str) -> Special:
    def needed(asked: Asked) -> Iterable[Needed]:
        name = _VERSIONED[operation] if asked.get("VersionId") else action
        for arn in object_arn(asked):
            yield Needed(f"s3:{name}", arn, _keys(asked))

    return needed


def _put(asked: Asked) -> Iterable[Needed]:
    """To write an object; what is set with it needs its own action."""
    arn = object_arn(asked)[0]
    keys = _keys(asked)
    yield Needed("s3:PutObject", arn, keys)
    if asked.get("ACL") or any(asked.get(name) for name in _GRANTS):
        yield Needed("s3:PutObjectAcl", arn, keys)
    if asked.get("Tagging"):
        yield Needed("s3:PutObjectTagging", arn, keys)
    if asked.get("ObjectLockMode") or asked.get("ObjectLockRetainUntilDate"):
        yield Needed("s3:PutObjectRetention", arn, keys)
    if asked.get("ObjectLockLegalHoldStatus"):
        yield Needed("s3:PutObjectLegalHold", arn, keys)
    yield from _encrypts(asked, arn)


_GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP")


def _encrypts(asked: Asked, arn: str, *more: str) -> Iterable[Needed]:
    """With a KMS key of one's own, S3 asks it for a data key in the caller's name."""
    key = asked.first("SSEKMSKeyId")
    if key:
        key = asked.find("kms-key", key) or asked.arn(f"key/{key}", "kms")
    elif not asked.get("ServerSideEncryption"):
        key = asked.find("s3-bucket-key", asked.first("Bucket") or "")
    if key:
        yield from use(asked, key, "kms:GenerateDataKey", *more, context={"aws:s3:arn": arn})


def _multipart(asked: Asked) -> Iterable[Needed]:
    yield from _put(asked)
    yield from (
        Needed("kms:Decrypt", one.resource, one.context)  # to put the parts together
        for one in _encrypts(asked, object_arn(asked)[0])
    )


def _get(asked: Asked) -> Iterable[Needed]:
    yield from _versioned("GetObject", "GetObject")(asked)
    yield from _decrypts(asked, object_arn(asked)[0])


def _decrypts(asked: Asked, arn: str) -> Iterable[Needed]:
    key = asked.find("s3-object-key", arn.partition(":::")[2])
    if key:
        yield from use(asked, key, "kms:Decrypt", context={"aws:s3:arn": arn})


def _source(asked: Asked) -> Iterable[Needed]:
    """The object that is copied: ``BUCKET/KEY?versionId=…``, as text or taken apart."""
    given = asked.get("CopySource") or ""
    if isinstance(given, Mapping):
        name, version = f"{given['Bucket']}/{given['Key']}", given.get("VersionId")
    else:
        name, _, version = str(given).partition("?versionId=")
        name = unquote(name).lstrip("/")
    arn = _arn(asked, name)
    yield Needed("s3:GetObjectVersion" if version else "s3:GetObject", arn)
    yield from _decrypts(asked, arn)


def _copy(asked: Asked) -> Iterable[Needed]:
    yield from _source(asked)
    yield from _put(asked)


def _copy_part(asked: Asked) -> Iterable[Needed]:
    yield from _source(asked)
    yield Needed("s3:PutObject", object_arn(asked)[0], _keys(asked))


def _delete_many(asked: Asked) -> Iterable[Needed]:
    """Each key by itself: AWS deletes those that may be, and reports the others."""
    listed = (asked.get("Delete") or {}).get("Objects") or []
    for one in listed:
        action = "s3:DeleteObjectVersion" if one.get("VersionId") else "s3:DeleteObject"
        arn = _arn(asked, f"{asked.first('Bucket')}/{one['Key']}")
        yield Needed(action, arn, _keys(asked), item=one["Key"])
        if asked.get("BypassGovernanceRetention"):
            yield Needed("s3:BypassGovernanceRetention", arn, item=one["Key"])


def _bypass(asked: Asked) -> Iterable[Needed]:
    if asked.get("BypassGovernanceRetention"):
        yield Needed("s3:BypassGovernanceRetention", object_arn(asked)[0])


def _attributes(asked: Asked) -> Iterable[Needed]:
    version = "Version" if asked.get("VersionId") else ""
    for action in (f"GetObject{version}", f"GetObject{version}Attributes"):
        yield Needed(f"s3:{action}", object_arn(asked)[0], _keys(asked))


def _create_bucket(asked: Asked) -> Iterable[Needed]:
    arn = bucket_arn(asked)[0]
    if asked.get("ACL") or any(asked.get(name) for name in (*_GRANTS, "GrantWrite")):
        yield Needed("s3:PutBucketAcl", arn, _keys(asked))
    if asked.get("ObjectLockEnabledForBucket"):
        yield Needed("s3:PutBucketObjectLockConfiguration", arn)
        yield Needed("s3:PutBucketVersioning", arn)
    if asked.get("ObjectOwnership"):
        yield Needed("s3:PutBucketOwnershipControls", arn)
    if (asked.get("CreateBucketConfiguration") or {}).get("Tags"):
        yield Needed("s3:TagResource", arn, _keys(asked))


def _keys(asked: Asked) -> dict[str, Values]:
    keys = object_keys(asked)
    tagging = asked.get("Tagging")
    if isinstance(tagging, str):  # a header of the form a=1&b=2
        tags = dict(parse_qsl(tagging, keep_blank_values=True))
    else:
        tags = as_tags((tagging or {}).get("TagSet"))
    if not tags:
        return keys
    if asked.operation == "PutBucketTagging":
        return keys | keys_of(tags, asked)
    named_tags: dict[str, Values] = {f"s3:RequestObjectTag/{k}": v for k, v in tags.items()}
    return keys | named_tags | {"s3:RequestObjectTagKeys": list(tags)}


_SPECIAL: dict[str, Special] = {
    name: _versioned(name, _OBJECT.get(name, name)) for name in _VERSIONED
} | {
    "CopyObject": _copy,
    "CreateMultipartUpload": _multipart,
    "DeleteObjects": _delete_many,
    "GetObject": _get,
    "GetObjectAttributes": _attributes,
    "PutObject": _put,
    "UploadPartCopy": _copy_part,
    # What is left out is signed for a bucket in S3 Express One Zone: not in the course.
    "WriteGetObjectResponse": lambda asked: [
        Needed("s3-object-lambda:WriteGetObjectResponse", "*")
    ],
}

_ALSO: dict[str, Callable[[Asked], Iterable[Needed]]] = {
    "CreateBucket": _create_bucket,
    "DeleteObject": _bypass,
    "PutObjectRetention": _bypass,
}

SPEC = Spec(
    "s3",
    types={"bucket": bucket_arn, "object": object_arn},
    renamed={**_BUCKET, **_OBJECT, "ListBuckets": "ListAllMyBuckets"},
    special=_SPECIAL,
    also=_ALSO,
    keys=_keys,
    # AWS's own examples limit ListAllMyBuckets to arn:aws:s3:::*.
    unscoped=lambda asked: _arn(asked, "*"),
)

#: The account's own settings, which botocore keeps in a service of its own.
CONTROL = Spec(
    "s3",
    types={"bucket": named("{}", "ResourceArn")},
    renamed={
        "GetPublicAccessBlock": "GetAccountPublicAccessBlock",
        "PutPublicAccessBlock": "PutAccountPublicAccessBlock",
        "DeletePublicAccessBlock": "PutAccountPublicAccessBlock",
    },
    arn_parameters=("ResourceArn",),
    unscoped=lambda asked: "*",
)
