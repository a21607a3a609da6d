"""Condition keys that an S3 request's parameters fill.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
"""

from __future__ import annotations

from helpers.localaws.iam.actions.asked import Asked
from helpers.localaws.iam.context import Values

#: Parameter (botocore's name) → key.
_KEYS = {
    "ACL": "s3:x-amz-acl",
    "BucketNamespace": "s3:x-amz-bucket-namespace",
    "Delimiter": "s3:delimiter",
    "GrantFullControl": "s3:x-amz-grant-full-control",
    "GrantRead": "s3:x-amz-grant-read",
    "GrantReadACP": "s3:x-amz-grant-read-acp",
    "GrantWrite": "s3:x-amz-grant-write",
    "GrantWriteACP": "s3:x-amz-grant-write-acp",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
    "MaxKeys": "s3:max-keys",
    "MetadataDirective": "s3:x-amz-metadata-directive",
    "ObjectLockLegalHoldStatus": "s3:object-lock-legal-hold",
    "ObjectLockMode": "s3:object-lock-mode",
    "ObjectLockRetainUntilDate": "s3:object-lock-retain-until-date",
    "ObjectOwnership": "s3:x-amz-object-ownership",
    "SSECustomerAlgorithm": "s3:x-amz-server-side-encryption-customer-algorithm",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "StorageClass": "s3:x-amz-storage-class",
    "VersionId": "s3:VersionId",
    "WebsiteRedirectLocation": "s3:x-amz-website-redirect-location",
}
#: Operations that need s3:PutObject, and whether an object is there afterwards.
_WRITES = {
    "PutObject": True,
    "CopyObject": True,
    "CompleteMultipartUpload": True,
    "CreateMultipartUpload": False,
    "UploadPart": False,
    "UploadPartCopy": False,
}


def object_keys(asked: Asked) -> dict[str, Values]:
    """The keys; a prefix that was given as "" is there, one that was not given is not."""
    keys: dict[str, Values] = {
        key: _text(asked.parameters[name])
        for name, key in _KEYS.items()
        if asked.get(name) is not None
    }
    if asked.parameters.get("Prefix") is not None:
        keys["s3:prefix"] = str(asked.parameters["Prefix"])
    if asked.get("CopySource") is not None:
        source = asked.get("CopySource")
        if not isinstance(source, str):
            source = f"{source['Bucket']}/{source['Key']}"
        keys["s3:x-amz-copy-source"] = source
    if where := (asked.get("CreateBucketConfiguration") or {}).get("LocationConstraint"):
        keys["s3:LocationConstraint"] = where
    if asked.operation in _WRITES:
        keys["s3:ObjectCreationOperation"] = _WRITES[asked.operation]
    return keys


def _text(value: object) -> str:
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if isoformat else str(value)
