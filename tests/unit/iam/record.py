"""Ask another engine: python tests/unit/iam/record.py FOLDER [COUNT] [SEED]

FOLDER is where `npm install @cloud-copilot/iam-simulate` was run. That package evaluates policies
offline and is maintained by people who have nothing to do with this course; its answers to COUNT
made-up cases go to decisions.json beside this file, which test_against_iam_simulate.py compares
with ours. Only the decisions are kept, none of its code.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.unit.iam.cases import make

DECISIONS = Path(__file__).with_name("decisions.json")
ASK = """
import { runSimulation } from '@cloud-copilot/iam-simulate'
import readline from 'node:readline'
for await (const line of readline.createInterface({ input: process.stdin })) {
  const answer = await runSimulation(JSON.parse(line), {})
  const result = answer.result?.analysis?.result
  console.log(JSON.stringify(result ?? { errors: answer.errors ?? answer }))
}
"""


def ask(folder: str, cases: list[dict[str, object]]) -> list[str]:
    """The other engine's decision on each case."""
    script = Path(folder, "ask.mjs")
    script.write_text(ASK)
    lines = "\n".join(json.dumps(case) for case in cases)
    done = subprocess.run(
        ["node", script.name], cwd=folder, input=lines, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def main(folder: str, count: str = "250", seed: str = "1") -> None:
    random = Random(int(seed))
    cases = [make(random) for _ in range(int(count))]
    rows = [
        {"case": case, "decision": decision}
        for case, decision in zip(cases, ask(folder, cases), strict=True)
    ]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    DECISIONS.write_text(f"[\n{lines}\n]\n")
    print(f"{DECISIONS.name}: {len(rows)} decisions, {DECISIONS.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
