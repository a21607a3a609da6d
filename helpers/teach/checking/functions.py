"""A learner's handler as a check sees it: deployed, invoked, and looked at through AWS calls."""

from __future__ import annotations

import base64
import contextlib
import json
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud
from helpers.deploy import deploy
from helpers.teach.checking.context import Context
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

    @cached_property
    def lambda_(self) -> Any:
        """The Lambda client of its cloud. Making a client takes longer than using it."""
        return self.cloud.client("lambda")

    @cached_property
    def logs(self) -> Any:
        """The CloudWatch Logs client of its cloud."""
        return self.cloud.client("logs")

    def invoke(self, event: Any) -> Reply:
        """Invoke it and return what came back, whatever it was."""
        answer = self.lambda_.invoke(
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

    def invoke_at_once(self, events: Sequence[Any]) -> list[Reply]:
        """Invoke it once for each event, all at the same time; replies in the events' order."""
        _ = self.lambda_  # made before the threads start: they share it
        with ThreadPoolExecutor(max_workers=len(events)) as together:
            return list(together.map(self.invoke, events))

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
def deployed(context: Context, file: str, starter: Path, **settings: Any) -> Iterator[Deployed]:
    """Deploy a learner's file under a name of its own, and take it away afterwards.

    It goes to the context's own cloud, which need not be the one that is open here. `settings` are
    those of `deploy`: memory, environment and so on.
    """
    path = attempted(context.folder, file, starter.read_text(encoding="utf-8"))
    name = f"check-{path.stem.replace('_', '-')}-{uuid.uuid4().hex[:6]}"
    function = Deployed(context.cloud, name, file)
    settings.setdefault("timeout", TIMEOUT)
    try:
        try:
            deploy(name, path, cloud=context.cloud, **settings)
        except ClientError as error:
            refused = error.response["Error"]
            raise Slip(
                "not deployable",
                f"AWS did not accept {path.name}: {refused['Code']}, {refused.get('Message', '')}",
                "Compare the cell with how it was given, and run it again.",
            ) from error
        yield function
    finally:
        with contextlib.suppress(ClientError):
            function.lambda_.delete_function(FunctionName=name)
        with contextlib.suppress(ClientError):
            function.logs.delete_log_group(logGroupName=f"/aws/lambda/{name}")
