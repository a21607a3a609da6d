"""Run a check against a context. Whatever the learner wrote, a Result comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.teach.checking.context import Case, Context
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
    except ClientError as error:
        if _status(error) >= 500:
            return _stumbled(check, error)
        findings = _all_blocked(check, _refused(error))
    except BotoCoreError as error:
        # The cloud did not answer at all: no word about the learner's work.
        return _fault(
            check,
            f"the cloud did not answer ({type(error).__name__}). "
            "Run the cell with cloud.open() again, then this one.",
            error,
        )
    except Exception as error:
        return _stumbled(check, error)
    right = all(finding.met for finding in findings)
    return Result(
        check.key,
        Outcome.RIGHT if right else Outcome.WRONG,
        tuple(findings),
        praise=check.praise,
        hints=len(check.hints),
    )


def _judge_all(check: Check, subject: Any, context: Context) -> list[Finding]:
    cases = {one.name: (*one.cases, *context.more.get(one.name, ())) for one in check.requirements}
    if not check.hidden_last:
        return _judge_each(check, subject, cases)
    public = {name: _of(all_, hidden=False) for name, all_ in cases.items()}
    findings = _judge_each(check, subject, public)
    if any(finding.slip and finding.slip.final for finding in findings):
        return findings
    for place, requirement in enumerate(check.requirements):
        if findings[place].met:  # else its first slip is the one that is told
            hidden = _of(cases[requirement.name], hidden=True)
            findings[place] = _judge(requirement, subject, hidden)
    return findings


def _of(cases: Iterable[Case], hidden: bool) -> tuple[Case, ...]:
    return tuple(case for case in cases if case.hidden is hidden)


def _judge_each(check: Check, subject: Any, cases: Mapping[str, tuple[Case, ...]]) -> list[Finding]:
    findings: list[Finding] = []
    for requirement in check.requirements:
        finding = _judge(requirement, subject, cases[requirement.name])
        findings.append(finding)
        if finding.slip and finding.slip.final:
            break
    judged = len(findings)
    findings += [
        Finding(requirement.name, requirement.points, met=False)
        for requirement in check.requirements[judged:]
    ]
    return findings


def _judge(requirement: Requirement, subject: Any, cases: Iterable[Case]) -> Finding:
    for case in cases:
        try:
            requirement.judge(subject, case)
        except Slip as slip:
            return Finding(requirement.name, requirement.points, False, slip, case.hidden)
        except ClientError as error:
            if _status(error) >= 500:
                raise
            return Finding(requirement.name, requirement.points, False, _refused(error), False)
    return Finding(requirement.name, requirement.points, met=True)


def _refused(error: ClientError) -> Slip:
    """AWS refuses what the check asks: whoever made the state can mend it, and answers for it."""
    told = error.response["Error"]
    return Slip(
        "refused",
        f"AWS refused {error.operation_name} when the check looked ({told['Code']}).",
        "Something that it looks at is missing, or keeps it out. Make that call yourself, read "
        "what AWS says, and put it right.",
    )


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))


def _all_blocked(check: Check, slip: Slip) -> list[Finding]:
    first, *others = check.requirements
    return [
        Finding(first.name, first.points, False, slip),
        *(Finding(requirement.name, requirement.points, False) for requirement in others),
    ]


def _stumbled(check: Check, error: Exception) -> Result:
    return _fault(
        check,
        f"the check itself stumbled ({type(error).__name__}: {_one_line(error)}). This is a "
        "fault in the course, not in your work, which has not been judged. Please report it.",
        error,
    )


def _fault(check: Check, reason: str, error: Exception) -> Result:
    name = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    fault = f"{type(error).__name__} {name}: {_one_line(error)}"
    return Result(check.key, Outcome.NOT_ATTEMPTED, reason=reason, fault=fault)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
