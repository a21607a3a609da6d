"""What concerns EC2, which Lambda's networks and SSM bring along in every cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers.localaws.on_import import when_imported

_ZONES = "moto.ec2.models.availability_zones_and_regions"


def name_regions_without_the_model() -> None:
    """Reason: to name EC2's regions when it is imported, moto makes three sessions of boto3, and
    each reads EC2's service model of 40,000 lines to learn one word from it: that EC2's endpoints
    are called ``ec2``. It was a third of the time that a local AWS takes to start.
    """
    undo: list[Callable[[], None]] = []

    def before() -> None:
        import boto3.session

        session = boto3.session.Session
        original = session.get_available_regions
        resolver = session()._session._get_internal_component("endpoint_resolver")

        def get_available_regions(self: Any, service_name: str, partition_name: str = "aws",
                                  allow_non_regional: bool = False) -> Any:  # fmt: skip
            if service_name != "ec2":
                return original(self, service_name, partition_name, allow_non_regional)
            return resolver.get_available_endpoints("ec2", partition_name, allow_non_regional)

        session.get_available_regions = get_available_regions
        undo.append(lambda: setattr(session, "get_available_regions", original))

    when_imported(_ZONES, lambda _: undo.pop()(), before=before)
