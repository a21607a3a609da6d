"""Bringing credentials: one named profile of ~/.aws, read when an account is asked for, never else.

start.py hides the machine's credentials from everything that it starts. Opening an account by its
number reads them again, from the profile that it names and from nowhere else: no variable of the
environment, no metadata service of an instance or a container. The keys stay in this process.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import botocore.session
from botocore import exceptions as boto

from helpers.cloud import guard
from helpers.cloud.account.errors import AccountRefused, OtherAccount, text_of
from helpers.cloud.account.sessions import unwatched

#: The profile that is read when no other is named; never "default".
PROFILE = "course"
#: Ways to credentials that this machine, and not the learner, has chosen.
_NOT_ASKED = ("env", "boto-config", "container-role", "iam-role")


def session_of(profile: str) -> botocore.session.Session:
    """A botocore session with the profile's credentials. Raises AccountRefused."""
    if not profile:
        raise AccountRefused(
            f'A profile has a name: cloud.open("account", …, profile="{PROFILE}").'
        )
    with unwatched():
        session = botocore.session.Session(profile=profile)
    folder = Path.home() / ".aws"
    session.set_config_variable("config_file", str(folder / "config"))
    session.set_config_variable("credentials_file", str(folder / "credentials"))
    # Logging in speaks to AWS too (single sign-on, assumed roles): let it through the guard.
    session.get_component("event_emitter").register("before-send", guard.mark)
    try:
        providers = session.get_component("credential_provider")
        for name in _NOT_ASKED:
            providers.remove(name)
        found = session.get_credentials()
        if found is None:
            raise AccountRefused(_missing(profile))
        found.get_frozen_credentials()  # refreshes them, where they can be refreshed
    except boto.ProfileNotFound:
        raise AccountRefused(_missing(profile)) from None
    except boto.PartialCredentialsError as problem:
        raise AccountRefused(
            f"The profile '{profile}' in ~/.aws is incomplete ({problem}). Write it anew:\n"
            f"  {aws_command()} configure --profile {profile}"
        ) from None
    except (boto.ClientError, boto.BotoCoreError, ValueError, OSError) as problem:
        raise explained(problem, profile) from None
    return session


def explained(problem: Exception, profile: str) -> AccountRefused:
    """Why logging in failed, and what to do."""
    code = str(getattr(problem, "response", {}).get("Error", {}).get("Code", ""))
    kind = type(problem).__name__
    said = text_of(problem)
    if "Expired" in code or "Expired" in kind or "expired" in said or "SSO" in kind:
        return AccountRefused(
            f"The login of profile '{profile}' has expired, or nobody has logged in yet. In a "
            "terminal of your own, log in again, then run this cell again:\n"
            f"  {aws_command()} sso login --profile {profile}\n"
            "Keys that were pasted from a web page (a lab's, a workshop's) have to be pasted anew "
            "into ~/.aws/credentials."
        )
    if isinstance(problem, boto.NoCredentialsError | boto.CredentialRetrievalError):
        return AccountRefused(f"{_missing(profile)}\n(It said: {said})")
    if code in ("InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"):
        return AccountRefused(
            f"AWS does not know the keys of profile '{profile}' ({code}): they were deleted, "
            "switched off or copied incompletely. Get new ones and write them down with:\n"
            f"  {aws_command()} configure --profile {profile}"
        )
    if code in ("RequestTimeTooSkewed", "RequestExpired") or "signature not yet" in said.lower():
        return AccountRefused(
            "This machine's clock is wrong, so AWS does not believe its signatures. Set the clock, "
            "then run this cell again."
        )
    if isinstance(problem, boto.HTTPClientError | boto.ConnectionError | OSError):
        return AccountRefused(
            f"AWS cannot be reached from here ({said}). Is there a network? Nothing was made."
        )
    return AccountRefused(f"Logging in with profile '{profile}' failed: {said}")


def aws_command() -> str:
    """The AWS CLI of the course, as a learner calls it from the course's folder."""
    return r".venv\Scripts\aws" if os.name == "nt" else ".venv/bin/aws"


def _missing(profile: str) -> str:
    return (
        f"There are no credentials under the profile '{profile}'. They are read from ~/.aws only, "
        "and only under the name that you give here. In a terminal of your own, one of:\n"
        f"  {aws_command()} configure sso --profile {profile}      (IAM Identity Center)\n"
        f"  {aws_command()} configure --profile {profile}          (access keys)\n"
        "Then run this cell again. Who gave you the account says which of the two it is."
    )


class Sender:
    """Sees to it that every call is signed for the account that was opened.

    Other credentials may be used too (an assumed role's, say): STS is asked once for each key.
    """

    def __init__(self, number: str, place: Any) -> None:
        self._number, self._place = number, place
        self._accounts: dict[str, str] = {}

    def check(self, request_signer: Any, **_: Any) -> None:
        """A handler of botocore's ``before-sign``. Raises OtherAccount."""
        keys = getattr(request_signer, "_credentials", None)
        if keys is None:
            return  # unsigned
        frozen = keys.get_frozen_credentials()
        if frozen.access_key not in self._accounts:
            self._accounts[frozen.access_key] = self._place.account_of(frozen)
        found = self._accounts[frozen.access_key]
        if found != self._number:
            raise OtherAccount(self._number, found)
