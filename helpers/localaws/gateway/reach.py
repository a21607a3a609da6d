"""Desk 3: can they, by network. A function in a VPC reaches what its subnet lets it reach.

What cannot be reached does not answer: no error comes back, and the handler waits until its
function's timeout, as it does on AWS.
"""

from __future__ import annotations

import select
import socket
import time

from werkzeug.wrappers import Response

from helpers.localaws.compute import credentials
from helpers.localaws.gateway.call import Call
from helpers.localaws.network import attachment, reachable

#: Seconds between looks whether whoever waits in vain has gone.
LOOK = 1.0


def reach(call: Call) -> Response | None:
    """The answer instead of the service's, or None where the service can be reached."""
    holder = credentials.holder(call.caller.access_key)
    if holder is None or not holder.vpc_config or call.service is None:
        return None
    ec2 = attachment.backend(call.caller.account_id, holder.region)
    problem = reachable.why_not(
        ec2, holder.region, holder.vpc_config, holder.subnet_id, call.service
    )
    if not problem:
        return None
    _wait_in_vain(call)
    # Nobody hears this: the handler is gone.
    return Response(f"{call.service} cannot be reached: {problem}", 504)


def _wait_in_vain(call: Call) -> None:
    """Return when the caller has closed its connection: its handler was ended, or gave up."""
    connection: socket.socket | None = call.environ.get("werkzeug.socket")
    while connection is not None:
        ready, _, _ = select.select([connection], [], [], LOOK)
        if ready:
            try:
                if not connection.recv(1, socket.MSG_PEEK):
                    return
            except OSError:
                return
            time.sleep(LOOK)  # it has sent more, which nobody reads either
