"""The AWS CLI on an account that is open in a notebook: watched like every other call.

``!aws …`` in a cell starts ``helpers/cloud/bin/aws``, and that starts this. The variable that it
reads names a run's ledger; it opens nothing by itself: the run must be one whose process lives.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from helpers.cloud import guard
from helpers.cloud.account import binding, checks, credentials, hosts, sessions
from helpers.cloud.account.errors import OutsideTheRun
from helpers.cloud.account.ledger import Ledger, read
from helpers.cloud.account.place import Alive
from helpers.cloud.account.sessions import AccountPlace
from helpers.cloud.account.tags import tags_of
from helpers.cloud.account.watch import Watch
from helpers.cloud.errors import CloudError
from helpers.cloud.metering import Meter
from helpers.cloud.metering.beside import Beside
from helpers.cloud.metering.limits import Limits

VARIABLE = "COURSE_ACCOUNT_RUN"


def main(words: list[str]) -> int:
    path = Path(os.environ.get(VARIABLE, ""))
    if not path.is_file() or _is_over(path):
        print('No account is open. Open one in Python: cloud.open("account", …)', file=sys.stderr)
        return 1
    try:
        watch, where = _watch(path)
    except CloudError as problem:
        print(problem, file=sys.stderr)
        return 1
    beside = Beside(path)
    # The notebook's own meter says when half of the budget is gone.
    meter = Meter(
        budget_usd=beside.rest(), region=where.region, beside=beside, tells=True, warn=_say_nothing
    )
    from awscli.clidriver import create_clidriver  # type: ignore[import-untyped]

    def attach(session: Any) -> None:
        # The CLI asks its chain for providers by name, so the chain stays; ours comes first.
        chain = session.get_component("credential_provider")
        chain.insert_before("env", sessions.Lender(where.credentials))
        emitter = session.get_component("event_emitter")
        meter.attach(session)
        watch.attach(emitter)
        Limits(where.client).attach(session)
        if "create-role" in words:
            binding.attach(emitter, binding.boundary_of(where))

    sessions.watch_new_sessions(attach)
    if where.endpoint:
        words = ["--endpoint-url", where.endpoint, *words]
    try:
        return int(create_clidriver().main(words))
    except CloudError as problem:
        print(problem, file=sys.stderr)
        return 1


def _say_nothing(_: str) -> None:
    pass


def _is_over(path: Path) -> bool:
    alive = Alive(path)
    over = alive.ours or read(path).finished
    alive.release()
    return over


def _watch(path: Path) -> tuple[Watch, AccountPlace]:
    head = read(path).head
    endpoint = checks.endpoint(head["endpoint"])
    guard.lock(None if endpoint else hosts.allowed_in(head["region"]), OutsideTheRun)
    keys = credentials.session_of(head["profile"]).get_credentials()
    where = AccountPlace(head["account"], head["region"], keys, endpoint)
    checks.identity(where, head["account"], head["profile"])
    tags = tags_of(head["run"], head["notebook"], head["date"].split()[0])
    sender = credentials.Sender(head["account"], where)
    return Watch(where, Ledger(path), tags, sender), where


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
