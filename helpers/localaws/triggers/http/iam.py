"""AWS_IAM: whether who signed a request to an API or a function URL may make it.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.localaws.gateway.call import current_call
from helpers.localaws.iam.actions.asked import Needed

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def refusal(lambdas: LambdaService, needs: list[Needed]) -> str | None:
    """AWS's text for the first of ``needs`` that is missing; None: the request may pass."""
    from helpers.localaws.gateway.authorise import Authorise

    call = current_call()
    return Authorise(lambdas).of_front(call, needs) if call is not None else None
