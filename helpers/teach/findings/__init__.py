"""What a linter finds in a policy, in the manner of IAM Access Analyzer's policy validation.

The linter is iam-policy-validator. It reads the text alone: an action that does not exist, a
resource that the action cannot have, a wildcard wider than it need be. It does not know what a
function needs, and it is not Access Analyzer, whose findings have other names.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.teach.errors import TeachError
from helpers.teach.findings import reference

#: Checks that are left out: they demand conditions that fit an organization's own rules (its
#: networks, its tags), which a course cannot know.
_LEFT_OUT = ("action_condition_enforcement", "sensitive_action")


@dataclass(frozen=True)
class Finding:
    """``statement`` is its Sid or number, ``severity`` the linter's word, ``text`` a sentence."""

    statement: str
    severity: str
    text: str


def findings(document: Mapping[str, Any] | str) -> list[Finding]:
    """The linter's findings, in the order of the statements. Raises TeachError for no policy.

    Whether it is an identity's, a resource's or a trust policy, the linter sees by its elements.
    """
    try:
        policy = json.loads(document) if isinstance(document, str) else dict(document)
    except (TypeError, ValueError) as problem:
        raise TeachError(f"This is no JSON: {problem}. Give the policy itself.") from None
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise TeachError(
            "This is no policy: it has no Statement. Give the whole document, "
            '{"Version": "2012-10-17", "Statement": […]}.'
        )
    with ThreadPoolExecutor(1) as apart:  # a notebook's own thread has an event loop already
        return apart.submit(lambda: asyncio.run(_lint(policy))).result()


async def _lint(policy: dict[str, Any]) -> list[Finding]:
    # Imported here: it takes a quarter of a second, and most notebooks do without.
    from iam_validator.core.aws_service.fetcher import AWSServiceFetcher
    from iam_validator.core.config.config_loader import ValidatorConfig
    from iam_validator.core.models import IAMPolicy
    from iam_validator.core.policy_checks import validate_policies

    config = ValidatorConfig({name: {"enabled": False} for name in _LEFT_OUT})
    parsed = IAMPolicy.model_validate(policy)
    with tempfile.TemporaryDirectory() as folder:
        reference.write(Path(folder), _prefixes(policy))
        offline = {"aws_services_dir": folder, "enable_cache": False, "prefetch_common": False}
        async with AWSServiceFetcher(**offline) as fetcher:
            found = await validate_policies([("", parsed, policy)], config=config, fetcher=fetcher)
    issues = sorted(found[0].issues, key=lambda one: (one.statement_index, one.issue_type))
    return [_finding(one) for one in issues]


def _finding(issue: Any) -> Finding:
    statement = issue.statement_sid or str(issue.statement_index + 1)
    # Its texts are Markdown; more than the first paragraph is advice on how to use the linter.
    text = issue.message.partition("\n\n")[0].replace("`", "").replace("**", "")
    return Finding(statement, issue.severity, " ".join(text.split()))


def _prefixes(policy: dict[str, Any]) -> set[str]:
    """The services that the policy's actions and condition keys name."""
    statements = policy["Statement"]
    found = set()
    for one in [statements] if isinstance(statements, dict) else statements:
        for element in ("Action", "NotAction"):
            given = one.get(element, [])
            for action in [given] if isinstance(given, str) else given:
                found.add(str(action).partition(":")[0].lower())
    return found
