"""Measure speed and print it as ratios within one run: python3 start.py bench

Names after the command choose measurements: .venv/bin/python tests/bench opening invoking
A goal that is missed is shown and fails nothing; a measurement that cannot be made exits with 1.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.bench.measure import BUSY_PERCENT, Row, busy_percent, table

MEASUREMENTS = [
    "opening",
    "invoking",
    "scaling",
    "sharing",
    "desks",
    "queues",
    "streams",
    "s3",
    "http_api",
    "grading",
    "first_run",
]


def main(names: list[str]) -> int:
    rows: list[Row] = []
    failed = False
    for name in names or MEASUREMENTS:
        busy = busy_percent()
        print(f"{name} (others use {busy:.0f} % of this machine)", flush=True)
        if busy > BUSY_PERCENT:
            print("  busy: ratios still compare like with like, times alone say little")
        try:
            rows += importlib.import_module(f"tests.bench.{name}").measure()
        except Exception:
            failed = True
            traceback.print_exc()
            print(f"{name} could not be measured: see above", file=sys.stderr)
    print("\n" + table(rows))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
