"""Package a handler and create or update its function: notebook 01's raw steps in one call.

Plain boto3 throughout, so it works on every kind of cloud.
"""

from __future__ import annotations

import base64
import io
import json
import re
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from helpers import RUNTIME
from helpers.cloud import Cloud, CloudError, current

#: The execution role that ``deploy`` makes when none is named.
ROLE_NAME = "course-function-role"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
_LOGS_POLICY = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
#: The same moment for every file, so that the same source makes the same archive.
_ZIP_TIME = (2020, 1, 1, 0, 0, 0)


class FunctionFailed(Exception):
    """The handler (or its environment) failed: what Lambda calls a function error.

    ``document`` is the payload, ``error_type``, ``error_message`` and ``stack_trace`` are its
    members, ``log`` is the end of the invocation's log.
    """

    def __init__(self, document: dict[str, Any], log: str) -> None:
        self.document = document
        self.error_type = document.get("errorType", "")
        self.error_message = document.get("errorMessage", "")
        self.stack_trace = document.get("stackTrace", [])
        self.log = log
        super().__init__(f"{self.error_type}: {self.error_message}")

    def _render_traceback_(self) -> list[str]:
        """IPython shows this: the handler's own trace, not one through our files."""
        trace = "".join(self.stack_trace)
        return [f"The function failed with {self}\n{trace}\nIts log ends with:\n{self.log}"]


class Function:
    """A deployed function. ``name`` and ``arn`` identify it."""

    def __init__(self, cloud: Cloud, name: str, arn: str) -> None:
        self.name, self.arn = name, arn
        self._cloud = cloud
        self._lambda = cloud.client("lambda")

    def invoke(self, event: Any = None, *, on_error: str = "raise") -> Any:
        """Invoke the function and return what its handler returned.

        Raises FunctionFailed where the handler failed; with ``on_error="return"`` the error
        document comes back instead.
        """
        reply = self._lambda.invoke(
            FunctionName=self.name, Payload=json.dumps(event), LogType="Tail"
        )
        payload = json.load(reply["Payload"])
        if "FunctionError" in reply and on_error == "raise":
            log = base64.b64decode(reply.get("LogResult", "")).decode(errors="replace")
            raise FunctionFailed(payload, log)
        return payload

    def invoke_at_once(self, events: list[Any], *, on_error: str = "raise") -> list[Any]:
        """Invoke once for each event, all at the same time; replies in the events' order.

        With ``on_error="collect"`` each is a dictionary, whatever happened: ``status`` is 200, the
        HTTP status of a refusal (429 where there was no room), or "error" where the function
        failed; ``reply`` the payload, if any; ``reason`` AWS's word for what went wrong, or "".
        Each event is sent once: a refusal is not tried again.
        """
        with ThreadPoolExecutor(max_workers=max(1, len(events))) as together:
            if on_error == "collect":
                return list(together.map(self._outcome, events))
            return list(together.map(lambda event: self.invoke(event, on_error=on_error), events))

    def reserve(self, environments: int) -> None:
        """Reserved concurrency: so many environments for this function, and not one more."""
        self._lambda.put_function_concurrency(
            FunctionName=self.name, ReservedConcurrentExecutions=environments
        )

    def unreserve(self) -> None:
        """Take the reserved concurrency away; the account's limit alone holds again."""
        self._lambda.delete_function_concurrency(FunctionName=self.name)

    def logs(self) -> list[str]:
        """Every line of the function's log so far, oldest first, without line ends."""
        pages = self._cloud.client("logs").get_paginator("filter_log_events")
        lines = []
        try:
            for page in pages.paginate(logGroupName=f"/aws/lambda/{self.name}"):
                lines += [event["message"].rstrip("\n") for event in page["events"]]
        except ClientError as problem:
            if problem.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return []  # nothing has run yet, so nothing made the log group
        return lines

    def _outcome(self, event: Any) -> dict[str, Any]:
        try:
            return {"status": 200, "reply": self.invoke(event), "reason": ""}
        except FunctionFailed as failed:
            return {"status": "error", "reply": failed.document, "reason": failed.error_type}
        except ClientError as refused:
            answer = refused.response
            status = answer["ResponseMetadata"]["HTTPStatusCode"]
            # Lambda's own Reason says which limit it was; boto3 gives it beside "Error".
            reason = answer.get("Reason") or answer["Error"]["Code"]
            return {"status": status, "reply": None, "reason": reason}

    def __repr__(self) -> str:
        return f"<function {self.name}>"


def deploy(
    name: str,
    source: str | Path,
    *,
    handler: str | None = None,
    runtime: str = RUNTIME,
    timeout: int = 3,
    memory: int = 128,
    environment: dict[str, str] | None = None,
    role: str | None = None,
    storage: int = 512,
    layers: Sequence[str] = (),
    cloud: Cloud | None = None,
) -> Function:
    """Package ``source`` (a .py file or a folder), create or update the function, wait for it.

    ``handler`` is ``module.function``; the default is the file's own name and ``handler``.
    ``timeout`` is in seconds, ``memory`` and ``storage`` (the size of /tmp) in MB, ``layers`` are
    ARNs of layer versions, ``cloud`` is the open one unless given. Raises CloudError where the
    source is not there, and boto3's ClientError where AWS refuses.
    """
    cloud = cloud or current()
    path = Path(source)
    package = zip_source(path)
    if handler is None:
        handler = f"{path.stem if path.is_file() else _only_module(path)}.handler"
    config: dict[str, Any] = {
        "FunctionName": name,
        "Runtime": runtime,
        "Handler": handler,
        "Timeout": timeout,
        "MemorySize": memory,
        "Role": role or ensure_role(cloud),
        "Environment": {"Variables": environment or {}},
        "EphemeralStorage": {"Size": storage},
        "Layers": list(layers),
    }
    client = cloud.client("lambda")
    try:
        arn = client.get_function_configuration(FunctionName=name)["FunctionArn"]
        _wait(cloud, client, name)
        client.update_function_configuration(**config)
        _wait(cloud, client, name)
        client.update_function_code(FunctionName=name, ZipFile=package)
    except client.exceptions.ResourceNotFoundException:
        arn = _create(client, config, package)
    _wait(cloud, client, name)
    return Function(cloud, name, arn)


def zip_source(path: Path) -> bytes:
    """The archive of a file or a folder; the same source always makes the same bytes."""
    if not path.exists():
        raise CloudError(
            f"There is no '{path}'. Did the cell that writes it run? %%writefile makes it."
        )
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            if "__pycache__" in file.parts:
                continue
            inside = file.name if path.is_file() else file.relative_to(path).as_posix()
            entry = zipfile.ZipInfo(inside, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Readable for the user that Lambda runs handlers as.
            entry.external_attr = (0o755 if file.stat().st_mode & 0o100 else 0o644) << 16
            archive.writestr(entry, file.read_bytes())
    return buffer.getvalue()


def ensure_role(cloud: Cloud, name: str = ROLE_NAME) -> str:
    """The ARN of a role that Lambda may assume and that may write logs; made when missing."""
    iam = cloud.client("iam")
    try:
        return str(iam.get_role(RoleName=name)["Role"]["Arn"])
    except iam.exceptions.NoSuchEntityException:
        pass
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]
    iam.attach_role_policy(RoleName=name, PolicyArn=_LOGS_POLICY)
    return str(role["Arn"])


def _create(client: Any, config: dict[str, Any], package: bytes) -> str:
    """Create the function; on an account a new role is not usable everywhere at once."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return str(client.create_function(**config, Code={"ZipFile": package})["FunctionArn"])
        except client.exceptions.InvalidParameterValueException as problem:
            too_new = re.search("cannot be assumed by Lambda", str(problem))
            if not too_new or time.monotonic() > deadline or ROLE_NAME not in config["Role"]:
                raise
            time.sleep(1)


def _wait(cloud: Cloud, client: Any, name: str) -> None:
    def settled() -> bool:
        config = client.get_function_configuration(FunctionName=name)
        return config["State"] == "Active" and config["LastUpdateStatus"] == "Successful"

    cloud.wait_until(settled, seconds=60, what=f"function {name} is ready")


def _only_module(folder: Path) -> str:
    modules = sorted(file.stem for file in folder.glob("*.py"))
    for usual in ("app", "handler", "main", "index"):
        if usual in modules:
            return usual
    if len(modules) == 1:
        return modules[0]
    raise CloudError(
        f"Which file of '{folder}' holds the handler? Say so: deploy(…, handler='file.function')."
    )
