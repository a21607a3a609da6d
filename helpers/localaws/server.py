"""Starts the local AWS: opens the port, says so, serves, and ends without a trace."""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
import signal
import sys
import threading
from typing import Any

from werkzeug.serving import BaseWSGIServer, make_server

from helpers.localaws import moto_hooks
from helpers.localaws.compute.service import LambdaService
from helpers.localaws.control import Control
from helpers.localaws.gateway.body import STREAM
from helpers.localaws.gateway.door import Gateway
from helpers.localaws.gateway.outer_door import OuterDoor, without_moto_pages
from helpers.localaws.lifetime import Keeper, when_starter_ends
from helpers.localaws.quiet import Quiet
from helpers.localaws.triggers.http.request import HEADERS


def serve(
    port: int = 0, keep: bool = False, token: str | None = None, door: str | None = None
) -> None:
    """Serve until the starter goes away (or, with ``keep``, until Ctrl-C or SIGTERM).

    ``door`` is the path of a UNIX socket for callers who are being judged (``outer_door``).

    Prints one JSON line ``{"url", "port", "control": {"token"}}`` when requests are answered.
    """
    keeper = Keeper()
    moto_hooks.install()
    token = token or secrets.token_urlsafe(16)
    compute = LambdaService(keeper)
    control = Control(token, compute)
    gateway = Gateway(compute, control)
    inside = without_moto_pages(gateway) if door else gateway
    try:
        servers = _listen(port, inside)
    except (OSError, SystemExit) as problem:
        keeper.close()
        why = f" ({problem})" if isinstance(problem, OSError) else ""  # werkzeug has said it
        sys.exit(f"Port {port} is taken{why}. Give another one with --port, or 0 for any.")
    port = servers[0].server_port
    url = f"http://localhost:{port}"
    os.environ["MOTO_PORT"] = str(port)  # moto's Step Functions call back through it
    compute.open(url)
    moto_hooks.connect_triggers(compute)
    moto_hooks.connect_audit(gateway.record)
    control.on_reset.append(gateway.record.clear)
    moto_hooks.read_managed_policies_once()
    moto_hooks.return_every_updated_attribute()
    moto_hooks.forget_what_was_deleted()
    moto_hooks.list_modules_once()
    moto_hooks.remember_names()
    moto_hooks.draw_request_ids_at_once()

    if door:
        outer = OuterDoor(gateway)
        control.on_reset.append(outer.forget)
        servers.append(_server(f"unix://{door}", 0, outer))
        control.quiet = Quiet(servers, compute.timetable.is_busy)

    ending = threading.Event()

    def stop(*_: Any) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if not keep:
        when_starter_ends(stop)
    print(
        json.dumps({"url": url, "port": port, "control": {"token": token}}),
        flush=True,
    )
    for work in (*(server.serve_forever for server in servers), gateway.warm_up):
        threading.Thread(target=work, daemon=True).start()
    if control.quiet:
        control.quiet.begin()
    ending.wait()
    compute.close()
    keeper.close()
    os._exit(0)  # request threads that still wait for a handler must not keep us alive


def _listen(port: int, gateway: Any) -> list[BaseWSGIServer]:
    """Listen at ``port`` of both addresses that ``localhost`` can mean.

    Windows tries the IPv6 one first, and takes two seconds to find nobody there.
    """
    servers = [_server("127.0.0.1", port, gateway)]
    with contextlib.suppress(OSError, SystemExit):  # no IPv6 here, or somebody else has that port
        with contextlib.redirect_stderr(io.StringIO()):
            servers.append(_server("::1", servers[0].server_port, gateway))
    return servers


def _server(host: str, port: int, application: Any) -> BaseWSGIServer:
    from moto.moto_server.werkzeug_app import MotoRequestHandler

    class RequestHandler(MotoRequestHandler):
        """moto's own request handler, without a line on the terminal for each request."""

        def make_environ(self) -> dict[str, Any]:
            environ: dict[str, Any] = super().make_environ()
            environ[STREAM] = self.rfile
            environ[HEADERS] = self.headers.items()  # WSGI forgets their order and spelling
            return environ

        def log_request(self, *_: Any) -> None:
            pass

    return make_server(host, port, application, threaded=True, request_handler=RequestHandler)
