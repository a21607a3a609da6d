"""What a run uses, metered as it happens, and the budget that it must not pass.

    meter = Meter(Prices.load("us-east-1"), budget_usd=1, region="us-east-1", client=make_client)
    meter.attach(session)          # a boto3 or botocore session: all clients made of it from now on
    meter.spent                    # Decimal, US dollars at list price
    meter.bill()
    Limits(make_client).attach(session)     # on an account: no function runs away

Requests of this process are metered through botocore's event system (``requests``, ``lifetimes``);
what handlers and triggers did is asked from AWS (``observed``), because no event here tells of it.
"""

from __future__ import annotations

from helpers.cloud.metering.budget import BudgetReached
from helpers.cloud.metering.limits import Limits
from helpers.cloud.metering.meter import Meter

__all__ = ["BudgetReached", "Limits", "Meter"]
