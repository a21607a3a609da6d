"""What is refused on an account, in words that say what to do next."""

from __future__ import annotations

from typing import Any

from helpers.cloud.errors import CloudError, RealAWSRefused


class AccountRefused(CloudError):
    """An account that is not opened."""


class CallRefused(CloudError):
    """A call that was not sent, because the course does not need it or it is not ours to change."""


class OutsideTheRun(RealAWSRefused):
    """A request to AWS that did not come through the run's own sessions."""

    fmt = (
        "Nothing was sent to {host}. While an account is open, requests leave for AWS only through "
        "clients made after it was opened, and only to its own region. Make the client anew: "
        "boto3.client('{service}')."
    )


class OtherAccount(CallRefused):
    """A client with credentials that lead elsewhere."""

    def __init__(self, number: str, found: str) -> None:
        super().__init__(
            f"This client's credentials belong to account {found}, and the account that was opened "
            f"is {number}, so nothing was sent. Make the client without keys: boto3.client(…)."
        )


def not_needed(service: str, operation: str) -> CallRefused:
    """A call that the course has no use for."""
    return CallRefused(
        f"{service}:{operation} was not sent. The course has no use for it, and on an account it "
        "could make something that costs money or stays behind. Try it on the local cloud: "
        "aws.close(), then aws = cloud.open()."
    )


def not_ours(operation: str, kind: str, name: str) -> CallRefused:
    """A changing call on something that this run did not make."""
    return CallRefused(
        f"{operation} was not sent: the {kind} '{name}' is in this account, was not made by this "
        "run, and the course changes nothing that it did not make. Use another name."
    )


def not_here(operation: str, address: str, number: str, region: str) -> CallRefused:
    """A changing call on something of another account or region."""
    return CallRefused(
        f"{operation} was not sent: {address} is not in account {number} and region {region}, "
        "which are open, so this run cannot have made it."
    )


def not_named(service: str, operation: str) -> CallRefused:
    """A changing call that names nothing of the run."""
    return CallRefused(
        f"{service}:{operation} was not sent: it names nothing that this run has made, and the "
        "course changes nothing else on an account."
    )


def run_is_over(run: str) -> CallRefused:
    """A call through a client that was made for a run that has ended."""
    return CallRefused(
        f"Nothing was sent: this client was made in run {run}, which is over and cleaned up, so "
        "nobody would delete what it makes now. Open a cloud again, and make the client anew: "
        "boto3.client(…)."
    )


def not_signed(service: str, operation: str) -> CallRefused:
    """A presigned URL for a creating call: whoever uses it makes something past the ledger."""
    return CallRefused(
        f"No URL was signed for {service}:{operation}: what is made with it would carry no tag and "
        "stand in no ledger. Call the operation itself."
    )


def in_the_way(kind: str, name: str) -> CallRefused:
    """A creating call that would take over somebody else's resource."""
    return CallRefused(
        f"There is a {kind} '{name}' in this account already, and this run did not make it. The "
        "call would have changed it, and teardown would have deleted it, so nothing was sent. Use "
        "another name, or another account."
    )


def text_of(problem: Any) -> str:
    """AWS's own words, for messages of ours that quote them."""
    return str(getattr(problem, "response", {}).get("Error", {}).get("Message") or problem)
