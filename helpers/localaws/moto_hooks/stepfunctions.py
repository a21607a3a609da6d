"""AWS Step Functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.localaws.on_import import when_imported

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def make_state_machines_of_stacks(service: LambdaService) -> None:
    """Reason: CloudFormation makes them in moto, where nobody looks for them."""
    from helpers.localaws.triggers.stepfunctions import stacks

    ours = service.step_functions
    when_imported("moto.stepfunctions.models", lambda models: stacks.connect(models, ours))
