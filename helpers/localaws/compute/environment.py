"""An execution environment: one process (tree) that serves one invocation at a time.

Its life: init once, then thaw, serve, freeze for each invocation, until it is ended.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from helpers.localaws import clock
from helpers.localaws.compute import credentials, report, variables
from helpers.localaws.compute.function import Version
from helpers.localaws.compute.invocation import (
    Invocation,
    Outcome,
    exited,
    response_too_large,
    timed_out,
)
from helpers.localaws.compute.output import Output
from helpers.localaws.compute.process import Exit, Plain, Plan, Sandboxed, start
from helpers.localaws.compute.runtime_api import MAX_RESPONSE_BYTES, RuntimeApi
from helpers.localaws.compute.runtimes.plan import python_command
from helpers.localaws.lifetime import Keeper
from helpers.localaws.telemetry.logs import LogEvent, LogWriter

#: Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
INIT_SECONDS = 10
#: Lambda keeps the last 4 KB of an invocation's log for ``LogType=Tail``.
TAIL_BYTES = 4096


class ExecutionEnvironment:
    """Runs one version of one function; see the module's text for its life."""

    def __init__(
        self,
        version: Version,
        *,
        folder: Path,
        endpoint: str,
        api: RuntimeApi,
        logs: LogWriter,
        keeper: Keeper,
        provisioned: bool = False,
    ) -> None:
        self.version = version
        self.key = version.key
        self.provisioned = provisioned
        day = datetime.fromtimestamp(time.time(), UTC)
        self.log_stream = f"{day:%Y/%m/%d}/[{version.number}]{uuid4().hex}"
        logging = version.config.get("LoggingConfig", {})
        self._log_group = logging.get("LogGroup", f"/aws/lambda/{version.name}")
        self.idle_since = time.time()  #: on the course clock
        self._folder, self._endpoint = folder, endpoint
        self._api, self._logs, self._keeper = api, logs, keeper
        self._changed = threading.Condition()
        self._listener: socket.socket | None = None
        self._process: Sandboxed | Plain | None = None
        self._output: Output | None = None
        self._forget()
        self._init_ms: float | None = None  # of an init that no invocation has reported yet
        self._init_failed = False

    # -- what the Lambda service does with it ---------------------------------------------------

    def initialise(self) -> None:
        """Start the runtime and wait until it is ready, has failed, or ten seconds are over."""
        self._log(report.init_start(self.version.config.get("Runtime", ""), self.version.region))
        failure, milliseconds = self._boot(INIT_SECONDS)
        if failure is None:
            self._init_ms = milliseconds
            return
        self._init_failed = True
        status = "timeout" if failure.status == "timeout" else "error"
        self._log(report.init_report(milliseconds, "init", status, failure.error_type))

    def serve(self, invocation: Invocation) -> Outcome:
        """Run the handler once. The caller sees to it that nobody else does at the same time."""
        began = time.monotonic()
        config = self.version.config
        failure = None
        if self._init_failed:
            # Lambda tries init again inside the first invocation, on the function's own time.
            failure, milliseconds = self._boot(config["Timeout"], invocation)
            if failure is not None and failure.status != "timeout":
                line = report.init_report(milliseconds, "invoke", "error", failure.error_type)
                self._log(line, invocation)
        self._log(report.start(invocation.request_id, self.version.number), invocation)
        outcome = failure or self._run(invocation, began + config["Timeout"])
        took = (time.monotonic() - began) * 1000
        if outcome.status == "timeout":
            took = config["Timeout"] * 1000
        peak = self._settle(outcome)
        init_ms, self._init_ms = self._init_ms, None
        measured = report.Measured(took, init_ms, config["MemorySize"], peak)
        self._log(report.end(invocation.request_id), invocation)
        self._log(report.report(invocation.request_id, measured, outcome), invocation)
        outcome.executed_version = self.version.number
        outcome.log = bytes(invocation.tail[-TAIL_BYTES:])
        self.idle_since = time.time()
        return outcome

    def end(self) -> None:
        """End the process and everything it started, and delete its ``/tmp``."""
        self._stop_process()
        shutil.rmtree(self._folder, ignore_errors=True)

    # -- the process ---------------------------------------------------------------------------

    def _boot(self, seconds: float, during: Invocation | None = None) -> tuple[Outcome | None, float]:
        """Start the runtime; return what went wrong (None: it is ready) and how long it took."""
        self._stop_process()
        self._forget()
        self._invocation = during
        began = time.monotonic()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._listener = self._api.open(self)
        self._process = start(self._plan)
        self._keeper.watch(self._process.pid)
        self._output = Output(self._process.output, self._write)
        threading.Thread(
            target=self._watch, args=(self._process,), name=f"watch-{self.log_stream}", daemon=True
        ).start()
        with self._changed:
            self._changed.wait_for(
                lambda: self._ready or self._init_error or self._exit, timeout=seconds
            )
            milliseconds = (time.monotonic() - began) * 1000
            if self._ready:
                self._init_failed = False
                return None, milliseconds
            if self._init_error is not None:
                failure = self._as_init_failure(self._init_error)
            elif self._exit is not None:
                failure = exited(during.request_id if during else "", self._exit)
            else:
                failure = timed_out(during.request_id if during else "", int(seconds))
        self._stop_process()
        return failure, milliseconds

    def _plan(self, walls: bool) -> Plan:
        assert self._listener
        host, port = self._listener.getsockname()[:2]
        config, code = self.version.config, self.version.package.folder
        task_root = "/var/task" if walls else str(code)
        command, binds = python_command(task_root, "/opt" if walls else "")
        environment = variables.for_environment(
            self.version,
            log_stream=self.log_stream,
            runtime_api=f"{host}:{port}",
            endpoint=self._endpoint,
            task_root=task_root,
            provisioned=self.provisioned,
        )
        environment |= credentials.session(
            self.version.account, self.version.region, config["Role"], self.version.name
        )
        return Plan(
            argv=command,
            environment=environment,
            task=code,
            layers=None,
            folder=self._folder,
            memory_mb=config["MemorySize"],
            storage_mb=config["EphemeralStorage"]["Size"],
            binds=binds,
        )

    def _watch(self, process: Sandboxed | Plain) -> None:
        end = process.wait()
        self._keeper.forget(process.pid)
        if process is self._process:
            with self._changed:
                self._exit = end
                self._changed.notify_all()

    def _stop_process(self) -> None:
        process, self._process = self._process, None
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if process is not None:
            process.kill()
            process.wait()
            if self._output:
                self._output.finish()
        if self._listener is not None:
            self._api.close(self._listener)
            self._listener = None

    def _settle(self, outcome: Outcome) -> int:
        """Freeze after a result, clean up after a crash; return the peak memory in bytes."""
        if not outcome.reusable or self._process is None:
            peak = self._exit.peak_bytes if self._exit else self._peak
            self._stop_process()
            return peak
        peak = self._process.freeze()
        if self._output:
            self._output.drain()
        return peak

    # -- one invocation ------------------------------------------------------------------------

    def _run(self, invocation: Invocation, deadline: float) -> Outcome:
        assert self._process
        left = deadline - time.monotonic()
        epoch_ms = int((time.time() + left) * 1000)
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(epoch_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
            "Lambda-Runtime-Local-Clock-Offset": repr(clock.offset()),
        }
        if invocation.client_context:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        self._process.thaw()
        with self._changed:
            self._invocation, self._outcome, self._ready = invocation, None, False
            self._event = headers, invocation.payload
            self._changed.notify_all()
            # The invocation is over when the runtime asks for the next event, not before.
            self._changed.wait_for(
                lambda: (self._outcome and self._ready) or self._exit,
                timeout=deadline - time.monotonic(),
            )
            if self._outcome and (self._ready or self._exit):
                self._outcome.reusable &= self._ready
                return self._outcome
            end = self._exit
        if end is not None:
            if self._output:
                self._output.finish()
            return exited(invocation.request_id, end)
        self._peak = self._process.freeze()
        if self._output:
            self._output.drain()
        return timed_out(invocation.request_id, self.version.config["Timeout"])

    # -- what the runtime calls, through the Runtime API ------------------------------------------

    def next_event(self) -> tuple[dict[str, str], bytes] | None:
        with self._changed:
            generation = self._generation
            self._ready = True
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._event or self._ended or generation != self._generation
            )
            if self._ended or generation != self._generation:
                return None
            event, self._event = self._event, None
            return event

    def take_response(self, request_id: str, body: bytes, too_large: bool) -> bool:
        if too_large:
            return self._take(request_id, response_too_large(MAX_RESPONSE_BYTES))
        return self._take(request_id, Outcome(body))

    def take_error(self, request_id: str, body: bytes) -> bool:
        # A handler's own exception is a result for Lambda; its runtime's is not.
        error_type = _error_type(body)
        platform = error_type if error_type.startswith(("Runtime.", "Function.")) else None
        status = "error" if platform else "success"
        return self._take(request_id, Outcome(body, "Unhandled", status, platform))

    def take_init_error(self, body: bytes) -> None:
        with self._changed:
            self._init_error = body
            self._changed.notify_all()

    def _take(self, request_id: str, outcome: Outcome) -> bool:
        with self._changed:
            running = self._invocation
            if running is None or running.request_id != request_id or self._outcome:
                return False
            self._outcome = outcome
            self._changed.notify_all()
            return True

    def _as_init_failure(self, body: bytes) -> Outcome:
        error_type = _error_type(body)
        known = error_type.startswith(("Runtime.", "Function."))
        reported = error_type if known else "Runtime.Unknown"
        return Outcome(body, "Unhandled", "error", reported, reusable=False)

    def _forget(self) -> None:
        """A new process knows nothing of the one before."""
        self._generation = getattr(self, "_generation", 0) + 1
        self._ready = self._ended = False
        self._event: tuple[dict[str, str], bytes] | None = None
        self._invocation: Invocation | None = None
        self._outcome: Outcome | None = None
        self._init_error: bytes | None = None
        self._exit: Exit | None = None
        self._peak = 0

    # -- logs ----------------------------------------------------------------------------------

    def _log(self, message: str, invocation: Invocation | None = None) -> None:
        self._write(int(time.time() * 1000), message, invocation)

    def _write(self, stamp: int, message: str, invocation: Invocation | None = None) -> None:
        invocation = invocation or self._invocation
        if invocation is not None:
            invocation.tail += message.encode(errors="replace")
            del invocation.tail[: -2 * TAIL_BYTES]
        self._logs.write(
            LogEvent(
                self.version.account,
                self.version.region,
                self._log_group,
                self.log_stream,
                stamp,
                message,
            )
        )


def _error_type(body: bytes) -> str:
    try:
        return str(json.loads(body)["errorType"])
    except (ValueError, KeyError, TypeError):
        return "Runtime.Unknown"


Factory = Callable[[Version], ExecutionEnvironment]
