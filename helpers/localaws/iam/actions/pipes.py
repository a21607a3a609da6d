"""Amazon EventBridge Pipes.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html
"""

from __future__ import annotations

from helpers.localaws.iam.actions.rule import Spec, named, pass_role

_pipe = named("pipe/{}", "Name")
_role = pass_role("pipes", "RoleArn", associated=_pipe)

SPEC = Spec(
    "pipes",
    types={"pipe": _pipe},
    also={"CreatePipe": _role, "UpdatePipe": _role},
    arn_parameters=("resourceArn",),
)
