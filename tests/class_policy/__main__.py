"""For authors and instructors: a class's policies, from what the notebooks really call.

.venv/bin/python -m tests.class_policy record notebooks/05*.ipynb    run them, keep their needs
.venv/bin/python -m tests.class_policy write                         docs/class/*.json from that
.venv/bin/python -m tests.class_policy write --region eu-central-1 --out FOLDER
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import start
from tests.class_policy import account, names, policies, recording
from tests.notebooks import stored


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    commands = parser.add_subparsers(dest="command", required=True)
    record = commands.add_parser("record")
    record.add_argument("notebooks", nargs="+", type=Path)
    write = commands.add_parser("write")
    write.add_argument("--region", default=policies.REGION)
    write.add_argument("--out", type=Path, default=policies.FOLDER)
    asked = parser.parse_args(given)
    if asked.command == "record":
        environment = start.environment()
        os.environ.clear()
        os.environ.update(environment)
        for path in asked.notebooks:
            began = time.perf_counter()
            if str(path) == "account":
                number, named = "account", list[str]()
                needs = account.record()
            else:
                number, named = stored.number(path), names.named_in(path)
                needs = recording.record(path.resolve())
            kept = recording.load()  # somebody may have recorded another one meanwhile
            kept[number] = {"names": named, "needs": needs}
            recording.save(kept)
            print(f"{path}: {len(needs)} needs, {time.perf_counter() - began:.0f} s", flush=True)
        return 0
    for path in policies.write(asked.out, asked.region):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
