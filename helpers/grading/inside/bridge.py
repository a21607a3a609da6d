"""Carries bytes between a port in here and the one UNIX socket that leads out.

One process without threads does it for all connections, and looks after the sandbox meanwhile: it
ends when the notebook has ended, or when its processes together take too much memory.
"""

import contextlib
import os
import selectors
import socket
import time

LOOK_SECONDS = 0.2
MOST_CONNECTIONS = 100
MOST_WAITING = 1 << 20  # bytes that one side has not taken yet
CHUNK = 1 << 16


class Pair:
    """One end of a connection: what it has still to be sent, and the other end."""

    def __init__(self, end):
        self.end, self.other, self.waiting, self.closing = end, None, b"", False


class Bridge:
    def __init__(self, listener, door, most_bytes):
        self._listener, self._door, self._most = listener, door, most_bytes
        self._selector = selectors.DefaultSelector()
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ, None)
        self._pairs = 0

    def serve(self):
        """Until nothing but us runs in here. Returns "memory" where that is why, else ""."""
        look = time.monotonic() + LOOK_SECONDS
        while True:
            for key, events in self._selector.select(LOOK_SECONDS / 4):
                if key.data is None:
                    self._accept()
                else:
                    self._move(key.data, events)
            if not children():
                return ""
            if time.monotonic() > look:
                look = time.monotonic() + LOOK_SECONDS
                if memory() > self._most:
                    return "memory"

    def _accept(self):
        with contextlib.suppress(OSError):
            inside, _ = self._listener.accept()
            outside = socket.socket(socket.AF_UNIX)
            try:
                if self._pairs >= MOST_CONNECTIONS:
                    raise OSError("too many")
                outside.connect(self._door)
            except OSError:
                inside.close()
                outside.close()
                return
            one, two = Pair(inside), Pair(outside)
            one.other, two.other = two, one
            for pair in (one, two):
                pair.end.setblocking(False)
                self._selector.register(pair.end, selectors.EVENT_READ, pair)
            self._pairs += 1

    def _move(self, pair, events):
        try:
            if events & selectors.EVENT_WRITE:
                sent = pair.end.send(pair.waiting)
                pair.waiting = pair.waiting[sent:]
                if pair.closing and not pair.waiting:
                    return self._close(pair)
            if events & selectors.EVENT_READ:
                data = pair.end.recv(CHUNK)
                if not data:
                    if pair.other.waiting:
                        pair.other.closing = True
                        self._selector.unregister(pair.end)
                        pair.end.close()
                        pair.end = None
                        return None
                    return self._close(pair)
                pair.other.waiting += data
                if not pair.other.waiting[len(data) :]:
                    with contextlib.suppress(BlockingIOError):
                        sent = pair.other.end.send(data)
                        pair.other.waiting = pair.other.waiting[sent:]
        except (BlockingIOError, InterruptedError):
            pass
        except (OSError, AttributeError):
            return self._close(pair)
        for one in (pair, pair.other):
            self._watch(one)
        return None

    def _watch(self, pair):
        if pair.end is None:
            return
        wanted = selectors.EVENT_WRITE if pair.waiting else 0
        if pair.other.end is not None and len(pair.other.waiting) < MOST_WAITING:
            wanted |= selectors.EVENT_READ
        with contextlib.suppress(KeyError, ValueError):
            self._selector.modify(pair.end, wanted or selectors.EVENT_READ, pair)

    def _close(self, pair):
        for one in (pair, pair.other):
            if one.end is not None:
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(one.end)
                one.end.close()
                one.end = None
        self._pairs -= 1


def children():
    """Collect whoever has ended; whether the notebook's process still runs."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True


def memory():
    """What all processes in here hold, in bytes; what they share is counted once."""
    private = shared_most = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/statm") as file:
                    _, resident, shared = map(int, file.read().split()[:3])
            except (OSError, ValueError):
                continue
            private += resident - shared
            shared_most = max(shared_most, shared)
    return (private + shared_most) * os.sysconf("SC_PAGESIZE")
