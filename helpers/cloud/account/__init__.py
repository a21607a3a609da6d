"""A real account: opened by its number alone, bounded, and left as it was found.

    from helpers import cloud

    aws = cloud.open("account", number="123456789012", region="us-east-1", budget_usd=1.00)
    ...
    aws.close()        # or cloud.teardown(): deletes all that this run has made

Nothing else reaches an account: no variable of the environment, no profile, no key that lies
around. What each file holds is in its first line; a call's way through them is in ``watch.py``.
"""

from __future__ import annotations

from helpers.cloud.account.errors import AccountRefused, CallRefused
from helpers.cloud.account.face import Account
from helpers.cloud.account.opening import BUDGET_USD, close_account, open_account

__all__ = [
    "BUDGET_USD",
    "Account",
    "AccountRefused",
    "CallRefused",
    "close_account",
    "open_account",
]
