"""What runs in the box: ``python inside`` with a job on standard input runs that one notebook;
``python inside SETTING`` is a nursery that runs one after the other, each in namespaces of its own.

A job is one JSON document: ``cells`` ([{"number", "source"}]), ``cell_seconds``, ``port`` (where
the cloud answers in here), ``door`` (the UNIX socket that leads to it), ``memory`` (bytes, all
processes together), ``limits`` (names of resource limits and their values), ``report`` (the file
descriptor that takes one JSON line for each cell), ``variables`` (for the notebook's environment).

The student's code may do what it wants with its process and its report: neither earns a mark.
"""

import json
import os
import signal
import sys


def main():
    if len(sys.argv) > 1:
        import nursery  # type: ignore[import-not-found]

        told = json.loads(sys.argv[1])
        nursery.main(
            told["control"], told["folders"], bytes.fromhex(told["calls"]), told["services"]
        )
        return
    told = json.load(sys.stdin)
    import job  # type: ignore[import-not-found]

    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    os.environ.update(told["variables"])
    job.run(told, told["report"])


main()
