"""One notebook's run, once this process stands where it may run: bridge outside, cells inside."""

import ctypes
import json
import os
import resource
import signal
import socket
import sys

from bridge import Bridge  # type: ignore[import-not-found]
from chain import Chain  # type: ignore[import-not-found]

PR_SET_CHILD_SUBREAPER = 36


def run(job, report):
    """Run the job's cells to their end; never returns. `report` takes one line for each cell."""
    listener = socket.create_server(("127.0.0.1", job["port"]), backlog=64)
    supervisor = os.getpid()
    # What loses its parent in here becomes ours, also where we are not the first process.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for name, value in job["limits"].items():
        resource.setrlimit(getattr(resource, name), (value, value))
    if os.fork() == 0:
        listener.close()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        # A learner's file may be called bridge.py or cell.py.
        sys.path[:] = ["", *(one for one in sys.path if one != os.path.dirname(__file__))]
        sys.argv[:] = [""]
        for name in ("bridge", "cell", "chain", "job", "nursery", "namespaces"):
            if name in sys.modules:
                sys.modules[f"_judge_{name}"] = sys.modules.pop(name)
        chain = Chain(job["cells"], job["cell_seconds"], report)
        chain.run()
        sys.stdout.flush()
        # What the notebook has left running ends with this, and with it the sandbox.
        os.kill(supervisor, signal.SIGTERM)
        os._exit(0)
    ended = Bridge(listener, job["door"], job["memory"]).serve()
    if ended:
        os.write(report, json.dumps({"ended": ended}).encode() + b"\n")
    os._exit(0)
