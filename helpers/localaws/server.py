"""Starts the local AWS: opens the port, says so, serves, and ends without a trace."""

from __future__ import annotations

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
from helpers.localaws.gateway import Gateway
from helpers.localaws.lifetime import Keeper, when_starter_ends


def serve(port: int = 0, keep: bool = False, token: str | None = None) -> None:
    """Serve until the starter goes away (or, with ``keep``, until Ctrl-C or SIGTERM).

    Prints one JSON line ``{"url", "port", "control": {"token"}}`` when requests are answered.
    """
    keeper = Keeper()
    moto_hooks.install()
    token = token or secrets.token_urlsafe(16)
    compute = LambdaService(keeper)
    control = Control(token, compute)
    gateway = Gateway(compute, control)
    try:
        server = _listen(port, gateway)
    except (OSError, SystemExit) as problem:
        keeper.close()
        sys.exit(f"Port {port} is taken ({problem}). Give another one with --port, or 0 for any.")
    url = f"http://localhost:{server.server_port}"
    os.environ["MOTO_PORT"] = str(server.server_port)  # moto's Step Functions call back through it
    compute.open(url)
    moto_hooks.connect_triggers(compute)
    moto_hooks.read_managed_policies_once()

    ending = threading.Event()

    def stop(*_: Any) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if not keep:
        when_starter_ends(stop)
    print(
        json.dumps({"url": url, "port": server.server_port, "control": {"token": token}}),
        flush=True,
    )
    for work in (server.serve_forever, gateway.warm_up):
        threading.Thread(target=work, daemon=True).start()
    ending.wait()
    compute.close()
    keeper.close()
    os._exit(0)  # request threads that still wait for a handler must not keep us alive


def _listen(port: int, gateway: Gateway) -> BaseWSGIServer:
    from moto.moto_server.werkzeug_app import MotoRequestHandler

    class RequestHandler(MotoRequestHandler):
        """moto's own request handler, without a line on the terminal for each request."""

        def log_request(self, *_: Any) -> None:
            pass

    return make_server("127.0.0.1", port, gateway, threaded=True, request_handler=RequestHandler)
