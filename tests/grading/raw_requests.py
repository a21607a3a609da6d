"""Requests as bytes: ways to speak HTTP so that two readers might understand two things.

Sent by a notebook to the door and by a handler to the port of its cloud, which both try to reach
what is not AWS's. The text of this file runs in there, so it needs nothing but Python.
"""

import re
import socket
from concurrent.futures import ThreadPoolExecutor

RESET, CLOCK, MOTO = "/_localaws/reset", "/_localaws/clock/advance?seconds=1e8", "/moto-api/reset"
END = "Host: localhost\r\nContent-Length: 0\r\n\r\n"
#: What stands behind a request that may seem to have ended already.
HIDDEN = "".join(f"POST {path} HTTP/1.1\r\n{END}" for path in (RESET, CLOCK, MOTO))


def targets(path):
    """The path, written so that a second look at it might differ."""
    bare = path.lstrip("/")
    yield from (path, f"/{path}", f"//{path}", bare, f"./{bare}", f"/.{path}", f"/x/..{path}")
    yield from (f"/%2e%2e{path}", f"/%2f{bare}", path.replace("/", "%2f"), path.replace("_", "%5f"))
    yield from (path.replace("-", "%2d"), path.replace("_", "%255f"), path.upper(), f"{path}/")
    yield from (f"{path};x", f"{path}#x", f"{path}%00", f"{path}%20", f"/?{path}", f"/#{path}")
    yield from (f"http://x{path}", f"HTTP://x{path}", f"http:{path}", f"http://[::1{path}")
    yield from (f"//x{path}", f"//[{path}", f"\\{bare}", path.replace("/", "\\"), f"/%c0%af{bare}")
    yield from (f"/s3_us-east-1{path}", f"/moto_api{path}", f"http://motoapi.amazonaws.com{path}")


def requests():
    """Each of them, as text of one byte a sign."""
    for path in (RESET, CLOCK, MOTO):
        for target in targets(path):
            yield f"POST {target} HTTP/1.1\r\n{END}"
        for line in (
            f"GET {path} HTTP/1.0", f"POST {path} HTTP/2.0", f"post {path} HTTP/1.1",
            f"CONNECT {path} HTTP/1.1", f"CONNECT localhost:{path} HTTP/1.1",
            f"TRACE {path} HTTP/1.1",
            f"POST {path} HTTP/1.1\r\nExpect: 100-continue",
            f"POST {path} HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
            "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
            f"POST {path} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade",
        ):  # fmt: skip
            yield f"{line}\r\n{END}{HIDDEN}"
        yield f"GET {path}\r\n"
        for name in (
            "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Script-Name", "Path-Info",
            "Path_Info", "X-HTTP-Method-Override", "X-Forwarded-Host",
        ):  # fmt: skip
            yield f"POST / HTTP/1.1\r\n{name}: {path}\r\n{END}"
        for host in ("motoapi.amazonaws.com", "moto_api", f"x{path}", "_localaws.s3.localhost"):
            for target in (path, "/reset", f"/{path}"):
                yield f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"
    for head in (
        "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Content-Length: 0\r\nContent-Length: 99",
        "Content-Length: 99\r\nContent-Length: 0",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:\tchunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding:\r\n chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Content-Length: +0",
        "Content-Length: -1",
        "Content-Length: \xb2",
        "Content-Length: 0, 99",
        "Content-Length: 99999999999999999999",
        "Content-Length: 1900000000",
        "Content_Length: 99",
        "Content-Length: 0\r\nX: " + "y" * 70_000,
        "Content-Length: 0\r\n" + "X: y\r\n" * 150 + "X: y",
        "Content-Length: 0\r\nX: y\x00z",
        "Content-Length: 0\nX: y",
    ):
        for body in ("0\r\n\r\n", '5;x="\r\n"\r\nhello\r\n0\r\n\r\n', "FFFFFFFFFFFFFFFFF\r\n"):
            yield f"POST / HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n{body}{HIDDEN}"
    for body in ("-1\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "4000000\r\nshort", "zz\r\n"):
        yield f"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}{HIDDEN}"
    yield f"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{HIDDEN}"
    yield f"\x16\x03\x01\x02\x00\x01{HIDDEN}"
    yield f"\r\n\r\n{HIDDEN}"
    yield f"GET / HTTP/9.9\r\n\r\n{HIDDEN}"
    yield f"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n{HIDDEN}"
    yield f"GET /_localaws/health HTTP/1.1\r\nConnection: keep-alive\r\nHost: x\r\n\r\n{HIDDEN}"
    yield "GET " + "/a" * 40_000 + f" HTTP/1.1\r\n\r\n{HIDDEN}"


def send(connect, text):
    """Send one over a connection of its own: the answer, as far as it came."""
    answer = b""
    with connect() as connection:
        connection.settimeout(0.1)
        try:
            connection.sendall(text.encode("latin-1"))
            try:
                answer = connection.recv(65_536)
            except TimeoutError:  # it waits for more
                connection.shutdown(socket.SHUT_WR)
            connection.settimeout(5)
            while piece := connection.recv(65_536):
                answer += piece
        except OSError:
            pass
    return answer


def send_all(connect):
    """How many were sent, and what should not have been answered."""
    texts, found = list(requests()), []
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda text: send(connect, text), texts))
    for text, answer in zip(texts, answers, strict=True):
        # The clock's answer, the control interface's, and a second one on the same connection.
        ends = re.findall(rb"HTTP/1\.\d [2-5]", answer)
        if b'"offset"' in answer or b'"empty"' in answer or len(ends) > 1:
            found.append(f"{text[:90]!r} gave {answer[:200]!r}")
    return len(texts), found
