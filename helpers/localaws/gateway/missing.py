"""Whether an object is missing, S3 tells only those who may list its bucket.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (permissions)
"""

from __future__ import annotations

from werkzeug.wrappers import Response

from helpers.localaws.gateway.buckets import bucket_of
from helpers.localaws.gateway.call import Call
from helpers.localaws.gateway.errors import as_service_error

#: Operations that read one object, with the permission that tells whether it is there.
READING = (
    "CopyObject", "GetObject", "GetObjectAcl", "GetObjectAttributes", "GetObjectTagging",
    "HeadObject", "UploadPartCopy",
)  # fmt: skip


def hidden(call: Call, response: Response) -> Response:
    """The response, or AccessDenied in its place."""
    if call.service != "s3" or response.status_code != 404 or call.operation not in READING:
        return response
    name = bucket_of(call.environ)
    if name is None:  # no such bucket: everybody may know
        return response
    text = call.why_not("s3:ListBucket", f"arn:aws:s3:::{name}")
    return response if text is None else as_service_error(call, "AccessDenied", text, 403)
