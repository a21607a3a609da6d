"""The budget of a run: when to warn, when to stop, and in which words."""

from __future__ import annotations

from decimal import Decimal

from helpers.cloud.errors import CloudError

HALF = Decimal("0.5")
#: From here on functions are stopped: what they spend is seen late.
NEARLY = Decimal("0.9")
#: These take away or only look: they pass however little is left, or nothing could be cleaned up.
_ALWAYS = (
    "Abort", "Cancel", "Delete", "Deregister", "Describe", "Detach", "Disable", "Get", "Head",
    "List", "Purge", "Remove", "ScheduleKeyDeletion", "Stop", "Unsubscribe", "Untag",
)  # fmt: skip
#: Of those, the ones that read what is paid by its size: they are no part of cleaning up.
_PAID_READS = ("GetItem", "GetObject", "GetRecords", "GetSecretValue", "GetQueryResults")


class BudgetReached(CloudError):
    """A call was not sent, because it could take the run past its budget."""

    def __init__(self, call: str, budget: Decimal, spent: Decimal, stopped: bool) -> None:
        self.budget, self.spent = budget, spent
        functions = (
            " The functions of this run were stopped (reserved concurrency 0), so that no trigger "
            "goes on spending."
            if stopped
            else ""
        )
        super().__init__(
            f"{call} was not sent: it could take this run past its budget of {money(budget)} "
            f"(spent so far: about {money(spent)}, free tier not counted).{functions} See where it "
            "went with print(aws.bill()), clean up with cloud.teardown(), or open the account "
            "again with a higher budget_usd=…"
        )


class Budget:
    """``limit`` in US dollars; None: there is none."""

    def __init__(self, limit: Decimal | None) -> None:
        self.limit = limit
        self._warned = False

    def is_passed_by(self, amount: Decimal) -> bool:
        """Whether so much would be more than there is."""
        return self.limit is not None and amount > self.limit

    def is_nearly_gone(self, spent: Decimal) -> bool:
        """Whether what spends by itself has to end now."""
        return self.limit is not None and spent >= self.limit * NEARLY

    def warning(self, spent: Decimal) -> str | None:
        """Once, when half of it is gone: what to say."""
        if self.limit is None or self._warned or spent < self.limit * HALF:
            return None
        self._warned = True
        return (
            f"Half of this run's budget of {money(self.limit)} is spent (about {money(spent)}, "
            "free tier not counted). It stops before the rest is gone; print(aws.bill()) shows "
            "where it went."
        )


def passes_always(operation: str) -> bool:
    """Whether a call is let through however little is left."""
    return operation.startswith(_ALWAYS) and operation not in _PAID_READS


def money(usd: Decimal) -> str:
    """Dollars as a person writes them: cents, and more places only below one cent."""
    return f"${usd:,.2f}" if usd >= Decimal("0.01") or not usd else f"${usd:.6f}"
