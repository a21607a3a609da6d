"""Access control lists of buckets and objects, each public grant written as one more policy.

What an ACL grants to the owner's account changes nothing: an identity's policies decide there.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html (mapping of ACL
permissions and access policy permissions)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
_WITH_AN_ACCOUNT = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"

Actions = Mapping[str, tuple[str, ...]]
_OF_BUCKET: Actions = {
    "READ": ("ListBucket", "ListBucketVersions", "ListBucketMultipartUploads"),
    "WRITE": ("PutObject",),
    "READ_ACP": ("GetBucketAcl",),
    "WRITE_ACP": ("PutBucketAcl",),
}
_OF_OBJECT: Actions = {
    "READ": ("GetObject", "GetObjectVersion"),
    "READ_ACP": ("GetObjectAcl", "GetObjectVersionAcl"),
    "WRITE_ACP": ("PutObjectAcl", "PutObjectVersionAcl"),
}


def texts(bucket: Any, key: str) -> Iterator[str]:
    """Policies for the public grants of moto's bucket, and of the object ``key`` in it, if any."""
    block = bucket.public_access_block
    if block is not None and block.ignore_public_acls:
        return
    statements = list(_statements(bucket.acl, _OF_BUCKET))
    found = bucket.keys.get(key) if key else None
    if found is not None:
        # A delete marker is a version of the object too, and has no list.
        statements += _statements(getattr(found, "acl", None), _OF_OBJECT)
    if statements:
        yield json.dumps({"Version": "2012-10-17", "Statement": statements})


def _statements(acl: Any, mapping: Actions) -> Iterator[dict[str, Any]]:
    for grant in acl.grants if acl is not None else ():
        names = {one for given in grant.permissions for one in _names(given, mapping)}
        for grantee in grant.grantees:
            if names and grantee.uri in (_EVERYBODY, _WITH_AN_ACCOUNT):
                known = {"Null": {"aws:PrincipalArn": "false"}}
                yield {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": [f"s3:{one}" for one in sorted(names)],
                    "Resource": "*",
                    **({"Condition": known} if grantee.uri == _WITH_AN_ACCOUNT else {}),
                }


def _names(permission: str, mapping: Actions) -> Iterator[str]:
    for name, actions in mapping.items():
        if permission in (name, "FULL_CONTROL"):
            yield from actions
