"""Runs one notebook's cells without a sandbox: the job on standard input, the report on standard
error, on every system. A cell's alarm needs POSIX signals; without them only the whole has one.
"""

import builtins
import json
import os
import signal
import sys
import time
import types


class TooLong(BaseException):
    """A cell's time is up."""


def main():
    job = json.load(sys.stdin)
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, folder)
    from cell import Shell, explain  # type: ignore[import-not-found]

    sys.path.remove(folder)
    sys.modules["_judge_cell"] = sys.modules.pop("cell")
    sys.path.insert(0, "")
    report = os.fdopen(os.dup(2), "wb", buffering=0)
    os.dup2(1, 2)
    notebook = types.ModuleType("__main__")
    notebook.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = notebook
    shell = Shell(notebook.__dict__)

    def alarm(*_):
        raise TooLong

    for number, cell in enumerate(job["cells"]):
        began, told = time.monotonic(), {"cell": number, "state": "ran"}
        try:
            try:
                if hasattr(signal, "setitimer"):
                    signal.signal(signal.SIGALRM, alarm)
                    signal.setitimer(signal.ITIMER_REAL, job["cell_seconds"])
                shell.run(cell["source"], "cell {}".format(cell["number"]))
            finally:
                if hasattr(signal, "setitimer"):
                    signal.setitimer(signal.ITIMER_REAL, 0)
        except TooLong:
            stopped = "stopped after {:g} seconds".format(job["cell_seconds"])
            told.update({"state": "too long", "error": stopped})
        except BaseException as error:
            told["state"] = "failed"
            told["error"], told["where"] = explain(error)
        told["seconds"] = round(time.monotonic() - began, 3)
        told["notes"] = shell.notes[:20]
        report.write(json.dumps(told).encode()[:8000] + b"\n")
    report.write(b'{"end": true}\n')
    sys.stdout.flush()
    os._exit(0)


main()
