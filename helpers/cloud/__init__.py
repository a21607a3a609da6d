"""Opening a cloud: a local one by default, or any AWS-compatible endpoint.

    from helpers import cloud

    aws = cloud.open()                  # a local AWS, in the background of this kernel
    aws = cloud.open("endpoint", url="http://localhost:4566")
    aws = cloud.open("account", number="123456789012", budget_usd=1.00)     # see account/

Afterwards plain ``boto3.client("lambda")`` and the AWS CLI reach that cloud too: opening sets the
environment variables that they read, closing puts the old ones back.
"""

from __future__ import annotations

from helpers.cloud.errors import CloudError, NoCloudOpen, RealAWSRefused, WaitedTooLong
from helpers.cloud.face import Cloud
from helpers.cloud.opening import current, open, teardown

__all__ = [
    "Cloud",
    "CloudError",
    "NoCloudOpen",
    "RealAWSRefused",
    "WaitedTooLong",
    "current",
    "open",
    "teardown",
]
