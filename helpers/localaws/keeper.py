"""Cleans up after a local AWS that ended without doing so itself (``kill -9``, power button).

Standard library only, started with ``python -I -S keeper.py FOLDER``. Reads lines ``+PID`` and
``-PID`` on standard input; when that closes, kills what is still on the list and deletes FOLDER.
"""

import os
import shutil
import signal
import subprocess
import sys
import time


def kill(pid: int) -> None:
    """Kill the process ``pid`` and everything in its group."""
    if os.name == "nt":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(pid)], capture_output=True, check=False)
        return
    for end in (os.killpg, os.kill):
        try:
            end(pid, signal.SIGKILL)
        except OSError:
            pass  # already gone


def strays(folder: str) -> list[int]:
    """Processes that cut every tie to the handler that started them, where there are no walls.

    Handlers without walls are given a ``TMPDIR`` below ``folder``, and what they start inherits it.
    """
    wanted = f"={folder}{os.sep}".encode()
    found = []
    for name in os.listdir("/proc") if os.path.exists("/proc/self/environ") else ():
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    if wanted in file.read():
                        found.append(int(name))
            except OSError:
                pass  # ended, or somebody else's
    return found


def delete(folder: str) -> None:
    # A dying process may still write; a read-only code folder must be made writable first.
    for _ in range(50):
        for parent, _folders, _files in os.walk(folder):
            try:
                os.chmod(parent, 0o700)
            except OSError:
                pass
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.1)


def sweep(folder: str) -> None:
    """Delete what servers left behind that were killed together with their keepers.

    A folder's name holds its server's process id: ``localaws-PID-…``.
    """
    if os.name == "nt":
        return  # there os.kill cannot ask whether a process lives
    parent = os.path.dirname(folder)
    for name in os.listdir(parent):
        owner = name.split("-")[1] if name.startswith("localaws-") else ""
        if not owner.isdigit():
            continue
        try:
            os.kill(int(owner), 0)
        except ProcessLookupError:
            delete(os.path.join(parent, name))
        except OSError:
            pass  # it lives, and is somebody else's


def main() -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    sweep(sys.argv[1])
    alive = set()
    for line in sys.stdin:
        pid = int(line[1:])
        if line[0] == "+":
            alive.add(pid)
        else:
            alive.discard(pid)
    for pid in alive:
        kill(pid)
    for _ in range(10):  # one may start another while we look
        left = strays(sys.argv[1])
        for pid in left:
            kill(pid)
        if not left:
            break
    delete(sys.argv[1])


if __name__ == "__main__":
    main()
