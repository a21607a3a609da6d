"""AWS CloudFormation. What a stack makes is asked for in the name of the caller or of its role.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html
"""

from __future__ import annotations

from collections.abc import Mapping

from helpers.localaws.iam.actions.asked import Asked
from helpers.localaws.iam.actions.rule import Spec, named, pass_role
from helpers.localaws.iam.context import Values


def stack_arn(asked: Asked) -> list[str]:
    """``stack/NAME/ID``; of one that is not there yet, with ``*`` for the id."""
    name = asked.first("StackName", "StackId")
    if name is None:
        change_set = asked.first("ChangeSetName")
        return [asked.arn("stack/*/*")] if change_set and change_set.startswith("arn:") else []
    return [asked.find("stack", name) or asked.arn(f"stack/{name}/*")]


def _keys(asked: Asked) -> Mapping[str, Values]:
    imports = [one.get("ResourceType") for one in asked.get("ResourcesToImport") or []]
    return {
        "cloudformation:ChangeSetName": asked.get("ChangeSetName"),
        "cloudformation:ImportResourceTypes": imports or None,
        "cloudformation:ResourceTypes": asked.get("ResourceTypes"),
        "cloudformation:RoleArn": asked.get("RoleARN"),
        "cloudformation:StackPolicyUrl": asked.get("StackPolicyURL"),
        "cloudformation:TemplateUrl": asked.get("TemplateURL"),
    }


#: Operations that may hand a role to CloudFormation.
_WITH_ROLE = (
    "ContinueUpdateRollback",
    "CreateChangeSet",
    "CreateStack",
    "DeleteStack",
    "RollbackStack",
    "UpdateStack",
)

SPEC = Spec(
    "cloudformation",
    types={
        "stack": stack_arn,
        "stackset": named("stackset/{}:*", "StackSetName"),
    },
    also=dict.fromkeys(_WITH_ROLE, pass_role("cloudformation", "RoleARN")),
    keys=_keys,
    whole={
        "DescribeEvents": "stack/*/*",
        "DescribeStacks": "stack/*/*",
        "DescribeStackEvents": "stack/*/*",
        "DescribeStackResources": "stack/*/*",
        "GetTemplate": "stack/*/*",
        "GetTemplateSummary": "stack/*/*",
        "ListHookResults": "stack/*/*",
    },
)
