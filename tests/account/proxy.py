"""A door in front of a stand-in that can lie, refuse, be slow of hearing, or slam shut."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """One request. ``what`` is its operation ("DeleteQueue"), or "DELETE /2015-03-31/…"."""

    what: str
    body: bytes


@dataclass
class Answer:
    status: int
    body: bytes = b""
    content_type: str = "application/json"


#: None: the stand-in answers. An Answer: that is the answer. An exception: the line is cut.
Rule = Callable[[Asked], Answer | Exception | None]


class Proxy:
    """``rules`` are asked in order, ``passed`` lists what went through."""

    def __init__(self, target: str) -> None:
        self.rules: list[Rule] = []
        self.after: list[Rule] = []  #: asked when the stand-in has already done it
        self.passed: list[str] = []
        where = urlsplit(target)
        outer = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = self._chunks()
                asked = Asked(_operation(self.command, self.path, self.headers, body), body)
                if self._said(outer.rules, asked):
                    return
                outer.passed.append(asked.what)
                line = http.client.HTTPConnection(
                    where.hostname or "", where.port or 80, timeout=60
                )
                kept = {k: v for k, v in self.headers.items() if k.lower() != "transfer-encoding"}
                kept["Content-Length"] = str(len(body))
                line.request(self.command, self.path, body, kept)
                reply = line.getresponse()
                content = reply.read()
                line.close()
                if self._said(outer.after, asked):
                    return
                self.send_response(reply.status)
                for name, value in reply.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                        self.send_header(name, value)
                length_told = reply.getheader("Content-Length") if self.command == "HEAD" else None
                self.send_header("Content-Length", length_told or str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any

            def _chunks(self) -> bytes:
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def _said(self, rules: list[Rule], asked: Asked) -> bool:
                for rule in rules:
                    said = rule(asked)
                    if isinstance(said, Exception):
                        self.close_connection = True
                        self.connection.close()
                        return True
                    if said is not None:
                        self.send_response(said.status)
                        self.send_header("Content-Type", said.content_type)
                        self.send_header("Content-Length", str(len(said.body)))
                        self.end_headers()
                        self.wfile.write(said.body)
                        return True
                return False

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        self.url = f"http://localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _operation(method: str, path: str, headers: Message, body: bytes) -> str:
    if target := headers.get("X-Amz-Target"):
        return target.rpartition(".")[2]
    action = parse_qs(body.decode(errors="replace")).get("Action") if method == "POST" else None
    return action[0] if action else f"{method} {path}"


def xml_error(status: int, code: str, message: str) -> Answer:
    """An error as the query protocol (STS, IAM, SNS) has it."""
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
        "</Error><RequestId>1</RequestId></ErrorResponse>"
    )
    return Answer(status, body.encode(), "text/xml")


def json_error(status: int, code: str, message: str) -> Answer:
    """An error as the JSON protocols have it."""
    return Answer(status, f'{{"__type": "{code}", "message": "{message}"}}'.encode())


def identity(number: str, arn: str) -> Answer:
    """STS's answer to GetCallerIdentity."""
    body = (
        "<GetCallerIdentityResponse><GetCallerIdentityResult>"
        f"<Arn>{arn}</Arn><UserId>U</UserId><Account>{number}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    return Answer(200, body.encode(), "text/xml")


def on(pattern: str, answer: Answer | Exception, times: int = 10**6) -> Rule:
    """Answer so to the operations that match, so many times."""
    left = [times]

    def rule(asked: Asked) -> Answer | Exception | None:
        if left[0] > 0 and re.search(pattern, asked.what):
            left[0] -= 1
            return answer
        return None

    return rule
