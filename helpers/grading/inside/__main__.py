"""Runs one notebook's cells inside the sandbox: ``python inside`` with the job on standard input.

The job is one JSON document: ``cells`` ([{"number", "source"}]), ``cell_seconds``, ``port`` (where
the cloud answers in here), ``door`` (the UNIX socket that leads to it), ``memory`` (bytes, all
processes together), ``limits`` (names of resource limits and their values), ``report`` (the file
descriptor that takes one JSON line for each cell).

The student's code runs in a child of this process and may do with both what it wants: all it
decides about is its own report, which earns no mark.
"""

import ctypes
import json
import os
import resource
import signal
import socket
import sys

PR_SET_CHILD_SUBREAPER = 36


def main():
    job = json.load(sys.stdin)
    from bridge import Bridge  # type: ignore[import-not-found]
    from chain import Chain  # type: ignore[import-not-found]

    listener = socket.create_server(("127.0.0.1", job["port"]), backlog=64)
    supervisor = os.getpid()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for name, value in job["limits"].items():
        resource.setrlimit(getattr(resource, name), (value, value))
    if os.fork() == 0:
        listener.close()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        # A learner's file may be called bridge.py or cell.py.
        sys.path[:] = ["", *sys.path[1:]]
        sys.argv[:] = [""]
        for name in ("bridge", "cell", "chain"):
            sys.modules[f"_judge_{name}"] = sys.modules.pop(name)
        chain = Chain(job["cells"], job["cell_seconds"], job["report"])
        chain.run()
        sys.stdout.flush()
        # What the notebook has left running ends with this, and with it the sandbox.
        os.kill(supervisor, signal.SIGKILL)
        os._exit(0)
    ended = Bridge(listener, job["door"], job["memory"]).serve()
    if ended:
        os.write(job["report"], json.dumps({"ended": ended}).encode() + b"\n")
    os._exit(0)


main()
