"""What the AWS CLI uses in a cell: on the bill of the notebook's run, and within its budget.

``!aws …`` is a process of its own. Two small files beside the run's ledger are what it has in
common with the notebook's process:

``RUN.spent``  the notebook's: ``{"limit", "spent", "read"}``; ``read`` bytes of the other are in it
``RUN.cli``    the CLI's, a line for each request that costs or makes something:
               ``{"at", "usd", "used", "service", "operation", "asked", "reply"}``
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

#: What the meter wants to know of a request later. Nothing else is written: no text, no secret.
_ASKED = (
    "AlarmName", "AlarmNames", "DashboardName", "DashboardNames", "FunctionName", "KeyId", "Name",
    "Names", "Namespace", "Period", "ProvisionedConcurrentExecutions", "Qualifier", "QueueName",
    "SecretId", "ShardCount", "StreamARN", "StreamModeDetails", "StreamName", "TableName", "Tier",
    "logGroupName", "name",
)  # fmt: skip
_REPLY = ("ApiId", "Architectures", "EphemeralStorage", "KeyId", "MemorySize", "Name", "Timeout")
_NO_BUDGET_LEFT = Decimal("1e-9")


class Beside:
    """``ledger`` is the path of the run's."""

    def __init__(self, ledger: Path) -> None:
        self._spent, self._cli = ledger.with_suffix(".spent"), ledger.with_suffix(".cli")
        self._read = 0

    # -- in the notebook's process

    def publish(self, spent: Decimal, limit: Decimal | None) -> None:
        """Let the CLI know how much is left."""
        fact = {"limit": None if limit is None else str(limit), "spent": str(spent)}
        half = self._spent.with_suffix(f".spent-{os.getpid()}")
        half.write_text(json.dumps({**fact, "read": self._read}), encoding="utf-8")
        half.replace(self._spent)

    def told(self) -> list[dict[str, Any]]:
        """What the CLI has written since it was last asked."""
        lines = self._lines(self._read)
        self._read += sum(len(line) for line in lines)
        return [json.loads(line) for line in lines]

    def forget(self) -> None:
        """The run is over."""
        for path in (self._spent, self._cli):
            path.unlink(missing_ok=True)

    # -- in the CLI's

    def rest(self) -> Decimal | None:
        """US dollars that are left of the run's budget, if only a trace; None: it has no budget."""
        if not self._spent.exists():
            return None
        fact = json.loads(self._spent.read_text(encoding="utf-8"))
        if fact["limit"] is None:
            return None
        left = Decimal(fact["limit"]) - Decimal(fact["spent"])
        for line in self._lines(fact["read"]):
            left -= Decimal(json.loads(line)["usd"])
        return max(_NO_BUDGET_LEFT, left)

    def tell(
        self,
        usd: Decimal,
        used: Mapping[str, Decimal],
        service: str,
        operation: str,
        asked: Mapping[str, Any],
        reply: Mapping[str, Any],
    ) -> None:
        """Write down one request that has succeeded."""
        short = {name: reply[name] for name in _REPLY if name in reply}
        if "KeyMetadata" in reply:
            short["KeyMetadata"] = {"KeyId": reply["KeyMetadata"].get("KeyId")}
        fact = {
            "at": datetime.now(UTC).isoformat(),
            "usd": str(usd),
            "used": {key: str(quantity) for key, quantity in used.items()},
            "service": service,
            "operation": operation,
            "asked": {name: asked[name] for name in _ASKED if name in asked},
            "reply": short,
        }
        with self._cli.open("ab") as file:
            file.write(json.dumps(fact, default=str).encode() + b"\n")

    def _lines(self, begin: int) -> list[bytes]:
        """Whole lines from there on."""
        if not self._cli.exists():
            return []
        with self._cli.open("rb") as file:
            file.seek(begin)
            return [line for line in file if line.endswith(b"\n")]
