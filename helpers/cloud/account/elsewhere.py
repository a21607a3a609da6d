"""Runs whose ledger is lost, in every region that the course opens: found by their tags.

One question for each region, to the service that knows all tags. It does not know what carries
none (schedules, layer versions), and it still tells of a resource for a while after its deletion;
``start.py teardown --run …`` looks at the resources themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from botocore import exceptions as boto
from botocore.config import Config

from helpers.cloud import guard
from helpers.cloud.account import hosts, place, tags
from helpers.cloud.account.errors import OutsideTheRun
from helpers.cloud.account.ledger import read
from helpers.cloud.account.sessions import AccountPlace

#: Nobody waits for a region that does not answer.
_QUICK = Config(
    retries={"total_max_attempts": 2},
    connect_timeout=5,
    read_timeout=10,
    ignore_configured_endpoint_urls=True,
)

#: By region and run, names such as "sqs orders".
Found = dict[tuple[str, str], list[str]]


def runs(where: AccountPlace, regions: Iterable[str]) -> Found:
    """What carries a run's tag, but for runs that were cleaned up from this machine.

    The guard is open for all regions meanwhile; who calls this closes it again. A region in which
    AWS does not let us ask is left out.
    """
    asked = list(regions)
    guard.lock(None if where.endpoint else hosts.allowed_in(*asked), OutsideTheRun)
    finished = {path.name.partition(".")[0] for path in place.ledgers() if read(path).finished}
    found: Found = {}
    with ThreadPoolExecutor(max_workers=8) as pool:
        for region, told in zip(
            asked, pool.map(lambda region: _in_one(where, region), asked), strict=True
        ):
            for run, name in told:
                if run not in finished:
                    found.setdefault((region, run), []).append(name)
    return found


def _in_one(where: AccountPlace, region: str) -> list[tuple[str, str]]:
    """Runs and names in one region; none where AWS cannot be asked."""
    wanted = [{"Key": tags.COURSE, "Values": [tags.THIS_COURSE]}]
    found = []
    try:
        client = where.client_in(region, "resourcegroupstaggingapi", _QUICK)
        for page in client.get_paginator("get_resources").paginate(TagFilters=wanted):
            for one in page["ResourceTagMappingList"]:
                named = {tag["Key"]: tag["Value"] for tag in one["Tags"]}
                service, name = one["ResourceARN"].split(":", 5)[2::3]
                if named.get(tags.RUN):
                    found.append((named[tags.RUN], f"{service} {name}"))
    except (boto.ClientError, boto.BotoCoreError):
        return []
    return found
