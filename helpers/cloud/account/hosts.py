"""The hosts that belong to one region of an account; the guard refuses every other of AWS's."""

from __future__ import annotations

import re
from collections.abc import Callable

#: The regions that the course opens: all its services are there, and its prices are known or near.
#: Leave a region out here and nothing can be made in it.
REGIONS = (
    "us-east-1", "us-east-2", "us-west-2", "ca-central-1",
    "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1",
    "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "sa-east-1",
)  # fmt: skip

#: Services with one address for all regions, and the addresses that a login speaks to.
_EVERYWHERE = re.compile(
    r"(iam|sts|organizations|s3|sso|signin)\.amazonaws\.com"
    r"|organizations\.us-east-1\.amazonaws\.com"
    r"|[a-z0-9.-]+\.s3\.amazonaws\.com"
    r"|(oidc|portal\.sso|sts|[a-z0-9-]+\.signin)\.[a-z0-9-]+\.(amazonaws\.com|aws\.amazon\.com)"
)


def allowed_in(*regions: str) -> Callable[[str], bool]:
    """A function that says whether a host belongs to one of the regions."""
    domains = ("amazonaws.com", "api.aws", "on.aws")
    ends = tuple(f".{region}.{domain}" for region in regions for domain in domains)

    def allowed(host: str) -> bool:
        host = host.lower().rstrip(".")
        return host.endswith(ends) or bool(_EVERYWHERE.fullmatch(host))

    return allowed
