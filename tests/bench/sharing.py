"""How near the CPU share of an environment comes to memory / 1769 of a core."""

from __future__ import annotations

import tempfile

from helpers import cloud
from helpers.deploy import deploy
from tests.bench.measure import Row
from tests.bench.scaling import write

SPIN = """
import time

def handler(seconds, context):
    began, used = time.monotonic(), time.process_time()
    while time.process_time() - used < seconds:
        pass
    return (time.process_time() - used) / (time.monotonic() - began)
"""


def measure() -> list[Row]:
    rows = []
    with cloud.open(), tempfile.TemporaryDirectory() as folder:
        source = write(folder, "spin.py", SPIN)
        for memory in (128, 256, 512, 1024):
            function = deploy(f"bench-spin-{memory}", source, memory=memory, timeout=60)
            share, ideal = function.invoke(memory / 500), memory / 1769
            off = abs(share / ideal - 1) * 100
            rows.append(Row(f"CPU share off memory/1769 at {memory} MB", off, None, 10.0, "%"))
    return rows
