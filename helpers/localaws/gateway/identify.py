"""Desk 1: who is calling, which service, in which region.

Signature Version 4 names all three in one string, the credential scope:
``Credential=ACCESS_KEY/20261123/us-east-1/sqs/aws4_request``.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

from helpers.localaws.gateway.buckets import bucket_of
from helpers.localaws.gateway.call import Call, Caller
from helpers.localaws.gateway.policies import across
from helpers.localaws.settings import ACCOUNT_ID, REGION
from helpers.localaws.triggers.http.front import LAMBDA_URL, recognise

_SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request")

#: Signature Version 2, which S3 still takes in some regions.
_OLD_HEADER = re.compile(r"AWS ([^:\s]+):")


def identify(environ: dict[str, Any]) -> Call:
    """Read the credential scope from the header, or from the query of a presigned URL."""
    environ.pop(across.HEADER, None)  # nobody chooses the account but the desk authorise
    found = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if found is None and "X-Amz-Credential" in environ.get("QUERY_STRING", ""):
        scope = parse_qs(environ["QUERY_STRING"]).get("X-Amz-Credential", [""])[0]
        found = _SCOPE.search(f"Credential={scope}")
    signed_for = found[3].lower() if found else None
    front = None if signed_for == "s3" else recognise(environ)
    if front is not None:
        # An API's client may sign for it, or not sign at all, or send a token of its own.
        service = "lambda" if front.kind == LAMBDA_URL else front.kind
        access_key = found[1] if found else None
        account = _account_of(access_key) if access_key else ACCOUNT_ID
        return Call(environ, Caller(account, access_key), service, REGION, front)
    if found is None:
        return _without_scope(environ)
    access_key, region, service = found.groups()
    return Call(environ, Caller(_account_of(access_key), access_key), service.lower(), region)


def _without_scope(environ: dict[str, Any]) -> Call:
    """A request to S3 may be signed in an older way, or not at all.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
    """
    query = parse_qs(environ.get("QUERY_STRING", ""))
    header = _OLD_HEADER.match(environ.get("HTTP_AUTHORIZATION", ""))
    access_key = header[1] if header else query.get("AWSAccessKeyId", [None])[0]
    account = _account_of(access_key) if access_key else ACCOUNT_ID
    if environ.get("CONTENT_TYPE", "").startswith("multipart/form-data"):
        # An upload by form, whose signature is one of the fields: moto's business (see the ledger).
        return Call(environ, Caller(ACCOUNT_ID, None), service=None, region=REGION)
    at_root = environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"] == "/" and not query
    service = "s3" if access_key or at_root or bucket_of(environ) else None
    return Call(environ, Caller(account, access_key), service, REGION)


def _account_of(access_key: str) -> str:
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.iam.models import get_account_id_from

    found = get_account_id_from(access_key)  # moto's own default for a key that it does not know
    return ACCOUNT_ID if found == DEFAULT_ACCOUNT_ID else found
