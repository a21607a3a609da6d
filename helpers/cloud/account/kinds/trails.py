"""Audit trails."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.cloud.account.kinds.kind import (
    Kind,
    Look,
    Parameters,
    Place,
    Tags,
    looked,
    pages,
    pairs,
    values,
)


def _trails(_: Place, parameters: Parameters) -> Iterator[str]:
    for given in values(parameters, "Name", "TrailName", "ResourceId"):
        yield given.rpartition("/")[2]


def _look_at_trail(place: Place, name: str) -> Look | None:
    def find() -> Tags:
        cloudtrail = place.client("cloudtrail")
        arn = cloudtrail.get_trail(Name=name)["Trail"]["TrailARN"]
        return pairs(cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"])

    return looked(find)


TRAIL = Kind(
    name="trail",
    service="cloudtrail",
    made_by={"CreateTrail": lambda _, sent, __: str(sent["Name"])},
    named=_trails,
    look=_look_at_trail,
    delete=lambda place, name: place.client("cloudtrail").delete_trail(Name=name),
    listing=lambda place: (
        one["Name"] for one in pages(place.client("cloudtrail"), "list_trails", "Trails")
    ),
    by_hand="aws cloudtrail delete-trail --name {id}",
    tag_in="TagsList",
)
