"""What notebooks do on a local cloud and a class may not do on an account, with the reason."""

from __future__ import annotations

import re
from typing import Any

REASONS = {
    r"ec2:(Create|Delete|Modify|Attach|Associate|Run|Allocate|Authorize|Revoke)\w*": "networks "
    "cost by the hour and stay behind; the account refuses them, the local cloud shows them",
    r"iam:\w+RolePermissionsBoundary": "who may change boundaries is bound by none",
    r"tag:GetResources": "it is asked in other regions, for what lost runs left there, and a class "
    "works in one",
    r"cloudtrail:(Create|Delete|Update|Start|Stop|Put)\w*": "trails belong to the account's owner",
}


def why(need: dict[str, Any]) -> str | None:
    """The reason why a class cannot have this; None: it can."""
    for pattern, reason in REASONS.items():
        if re.fullmatch(pattern, need["action"]):
            return reason
    return None
