"""Run a check against a context. Whatever the learner wrote, a Result comes back."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.teach.checking.context import Context
from helpers.teach.checking.model import Check, NotAttempted, Requirement, Slip
from helpers.teach.checking.result import Finding, Outcome, Result


def run(check: Check, context: Context) -> Result:
    """Judge every requirement of `check`. Never raises for what a learner did."""
    unknown = set(context.more) - check.names
    if unknown:
        raise ValueError(f"{check.key} has no requirement called {', '.join(sorted(unknown))}")
    try:
        with check.prepare(context) as subject:
            findings = _judge_all(check, subject, context)
    except NotAttempted as reason:
        return Result(check.key, Outcome.NOT_ATTEMPTED, reason=str(reason))
    except Slip as slip:
        findings = _all_blocked(check, slip)
    except BotoCoreError as error:
        # The cloud did not answer at all: no word about the learner's work.
        return _fault(
            check,
            f"the cloud did not answer ({type(error).__name__}). "
            "Run the cell with cloud.open() again, then this one.",
            error,
        )
    except Exception as error:
        return _fault(
            check,
            f"the check itself stumbled ({type(error).__name__}: {_one_line(error)}). This is a "
            "fault in the course, not in your work, which has not been judged. Please report it.",
            error,
        )
    right = all(finding.met for finding in findings)
    return Result(
        check.key,
        Outcome.RIGHT if right else Outcome.WRONG,
        tuple(findings),
        praise=check.praise,
        hints=len(check.hints),
    )


def _judge_all(check: Check, subject: Any, context: Context) -> list[Finding]:
    findings: list[Finding] = []
    for requirement in check.requirements:
        finding = _judge(requirement, subject, context)
        findings.append(finding)
        if finding.slip and finding.slip.final:
            break
    judged = len(findings)
    findings += [
        Finding(requirement.name, requirement.points, met=False)
        for requirement in check.requirements[judged:]
    ]
    return findings


def _judge(requirement: Requirement, subject: Any, context: Context) -> Finding:
    for case in (*requirement.cases, *context.more.get(requirement.name, ())):
        try:
            requirement.judge(subject, case)
        except Slip as slip:
            return Finding(requirement.name, requirement.points, False, slip, case.hidden)
    return Finding(requirement.name, requirement.points, met=True)


def _all_blocked(check: Check, slip: Slip) -> list[Finding]:
    first, *others = check.requirements
    return [
        Finding(first.name, first.points, False, slip),
        *(Finding(requirement.name, requirement.points, False) for requirement in others),
    ]


def _fault(check: Check, reason: str, error: Exception) -> Result:
    name = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    fault = f"{type(error).__name__} {name}: {_one_line(error)}"
    return Result(check.key, Outcome.NOT_ATTEMPTED, reason=reason, fault=fault)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
