"""Who is this, and may the course work here? Every refusal in words of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from botocore import exceptions as boto

from helpers.cloud.account.credentials import explained
from helpers.cloud.account.errors import AccountRefused
from helpers.cloud.account.hosts import REGIONS
from helpers.cloud.account.sessions import AccountPlace

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Caller:
    """Who STS says we are."""

    number: str
    arn: str


def number(given: object) -> str:
    """An account's number as twelve digits. Raises AccountRefused."""
    if given is None:
        raise AccountRefused(
            'An account is asked for by its number: cloud.open("account", number="123456789012"). '
            "The console shows it at the top right, under your name."
        )
    digits = str(given).replace("-", "").replace(" ", "")
    if isinstance(given, int) or not re.fullmatch(r"\d{12}", digits):
        raise AccountRefused(
            f"{given!r} is no account number: write its twelve digits as a text, with the zeros "
            'that it may begin with, as in number="012345678901".'
        )
    return digits


def region(given: str) -> str:
    """A region that the course opens. Raises AccountRefused."""
    if given not in REGIONS:
        raise AccountRefused(
            f"The region '{given}' is not one in which the course makes anything. Choose one of: "
            f"{', '.join(REGIONS)}."
        )
    return given


def endpoint(given: str | None) -> str | None:
    """The URL of a stand-in for an account, on this machine alone. Raises AccountRefused."""
    if given is None:
        return None
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or parts.hostname not in _LOOPBACK:
        raise AccountRefused(
            f"{given} is not on this machine. An account has no endpoint: leave it out. With it, "
            "something on this machine stands in for an account, at http://localhost:PORT."
        )
    return given.rstrip("/")


def identity(place: AccountPlace, wanted: str, profile: str) -> Caller:
    """Ask STS who this is. Raises AccountRefused unless it is somebody of the account wanted."""
    try:
        told = place.client("sts").get_caller_identity()
    except (boto.ClientError, boto.BotoCoreError, OSError) as problem:
        raise explained(problem, profile) from None
    found = Caller(str(told["Account"]), str(told["Arn"]))
    if found.number != wanted:
        raise AccountRefused(
            f"The profile '{profile}' leads to account {found.number}, and you asked for {wanted}. "
            "Nothing was opened. Name the profile of that account, "
            'profile="…", or check the number.'
        )
    if found.arn.endswith(":root"):
        raise AccountRefused(
            f"The profile '{profile}' has keys of the root user, who may do everything and cannot "
            "be limited. The course does not work as root. Make a role or a user for it (see "
            "docs/account-first-run.md), and delete the root user's access keys."
        )
    return found


def organization(place: AccountPlace, wanted: str) -> None:
    """Refuse the account that pays for all others of an organisation.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_best-practices_mgmt-acct.html
    """
    try:
        told = place.client("organizations").describe_organization()["Organization"]
    except (boto.ClientError, boto.BotoCoreError):
        return  # not in one, or not allowed to ask
    manager = told.get("ManagementAccountId") or told.get("MasterAccountId")
    if manager == wanted:
        raise AccountRefused(
            f"Account {wanted} manages an organisation: it pays for, and rules over, all its other "
            "accounts, and policies of the organisation do not limit it. Nothing of a course "
            "belongs there. Make a member account for it and open that one."
        )
