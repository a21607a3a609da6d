"""A learner's handler as a check sees it: deployed, invoked, and looked at through AWS calls."""

from __future__ import annotations

import base64
import contextlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from helpers.deploy import deploy
from helpers.teach.checking.context import Cloud, Context
from helpers.teach.checking.failures import explain
from helpers.teach.checking.files import attempted
from helpers.teach.checking.model import Slip

# Long enough for any exercise here, short enough to wait for an endless loop.
TIMEOUT = 3


@dataclass(frozen=True)
class Reply:
    """What one invocation gave: the result, or the error as AWS words it, and the log's tail."""

    value: Any
    failed: bool = False
    log: tuple[str, ...] = ()
    request_id: str = ""

    @property
    def error_type(self) -> str:
        """AWS's errorType, "" when there is none."""
        return str(self.value.get("errorType", "")) if self._is_error else ""

    @property
    def error_message(self) -> str:
        """AWS's errorMessage, "" when there is none."""
        return str(self.value.get("errorMessage", "")) if self._is_error else ""

    @property
    def _is_error(self) -> bool:
        return self.failed and isinstance(self.value, dict)


@dataclass
class Deployed:
    """The learner's function, deployed for this run of the check alone."""

    cloud: Cloud
    name: str
    file: str
    replies: list[Reply] = field(default_factory=list)

    def invoke(self, event: Any) -> Reply:
        """Invoke it and return what came back, whatever it was."""
        answer = self.cloud.client("lambda").invoke(
            FunctionName=self.name, Payload=json.dumps(event).encode(), LogType="Tail"
        )
        text = answer["Payload"].read().decode("utf-8", errors="replace")
        try:
            value = json.loads(text) if text else None
        except (ValueError, RecursionError):  # not JSON after all, or too deep to read
            value = text
        tail = base64.b64decode(answer.get("LogResult", "")).decode("utf-8", errors="replace")
        reply = Reply(
            value,
            failed="FunctionError" in answer,
            log=tuple(tail.splitlines()),
            request_id=answer["ResponseMetadata"].get("RequestId", ""),
        )
        self.replies.append(reply)
        return reply

    def ask(self, event: Any) -> Any:
        """Invoke it and return the result. Raises Slip when the function failed."""
        reply = self.invoke(event)
        if reply.failed:
            raise self.explain(reply)
        return reply.value

    def explain(self, reply: Reply) -> Slip:
        """What a failed reply means, for the learner."""
        return explain(self.file, reply.value, reply.log)


@contextlib.contextmanager
def deployed(context: Context, file: str, starter: Path) -> Iterator[Deployed]:
    """Deploy a learner's file under a name of its own, and take it away afterwards."""
    path = attempted(context.folder, file, starter.read_text(encoding="utf-8"))
    name = f"check-{path.stem.replace('_', '-')}-{uuid.uuid4().hex[:6]}"
    try:
        deploy(name, path, timeout=TIMEOUT, cloud=context.cloud)
    except ClientError as error:
        refused = error.response["Error"]
        raise Slip(
            "not deployable",
            f"AWS did not accept {file}: {refused['Code']}, {refused.get('Message', '')}",
            "Compare the cell with how it was given, and run it again.",
        ) from error
    try:
        yield Deployed(context.cloud, name, file)
    finally:
        with contextlib.suppress(ClientError):
            context.cloud.client("lambda").delete_function(FunctionName=name)
        with contextlib.suppress(ClientError):
            context.cloud.client("logs").delete_log_group(logGroupName=f"/aws/lambda/{name}")
