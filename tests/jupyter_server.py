"""Talk to a running Jupyter server as its own page does."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
import uuid
from urllib.error import URLError
from urllib.parse import urlsplit

from tornado.websocket import websocket_connect

ANSWER_SECONDS = 30


def wait_for_an_answer(address: str) -> None:
    """Jupyter prints its address a moment before it listens; TimeoutError if it never does."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://{urlsplit(address).netloc}/api", timeout=10).close()
        except URLError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nothing answers at {address}")


def end_kernels(address: str) -> None:
    """End every kernel and wait until each has ended; `address` carries the token."""
    parts = urlsplit(address)
    sessions = f"http://{parts.netloc}/api/sessions"
    headers = {"Authorization": f"token {parts.query.removeprefix('token=')}"}

    def ask(method: str, url: str) -> bytes:
        request = urllib.request.Request(url, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return bytes(reply.read())

    for session in json.loads(ask("GET", sessions)):
        ask("DELETE", f"{sessions}/{session['id']}")


def execute_a_cell(address: str) -> None:
    """Start a kernel, run one cell in it, and wait for its reply; `address` carries the token."""
    wait_for_an_answer(address)
    asyncio.run(kernel_runs_a_cell(address))


async def kernel_runs_a_cell(address: str) -> None:
    """Start a kernel as JupyterLab's page does, run one cell, and wait for its reply."""
    parts = urlsplit(address)
    token = parts.query.removeprefix("token=")
    request = urllib.request.Request(
        f"http://{parts.netloc}/api/kernels",
        data=b'{"name": "python3"}',
        headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
    )
    kernel = json.load(urllib.request.urlopen(request, timeout=60))["id"]
    socket = await websocket_connect(
        f"ws://{parts.netloc}/api/kernels/{kernel}/channels?token={token}"
    )
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
    message = {
        "header": header | {"username": "", "session": uuid.uuid4().hex},
        "parent_header": {},
        "metadata": {},
        "content": {"code": "print(20 * 15, 'cents')", "silent": False},
        "channel": "shell",
    }
    await socket.write_message(json.dumps(message))
    while reply := await asyncio.wait_for(socket.read_message(), 60):
        told = json.loads(reply)
        if told["header"]["msg_type"] == "execute_reply":
            if told["content"]["status"] != "ok":
                raise RuntimeError(f"the cell failed: {told['content']}")
            break
    socket.close()
