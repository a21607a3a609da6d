"""An execution environment: one process (tree) that serves one invocation at a time.

Its life: init once, then thaw, serve, freeze for each invocation, until it is ended.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from helpers.localaws import clock
from helpers.localaws.compute import credentials, variables
from helpers.localaws.compute.function import Version
from helpers.localaws.compute.invocation import (
    Invocation,
    Outcome,
    cannot_start,
    exited,
    timed_out,
)
from helpers.localaws.compute.output import Output
from helpers.localaws.compute.plain import Plain
from helpers.localaws.compute.planned import Plan
from helpers.localaws.compute.platform_log import Measured, PlatformLog
from helpers.localaws.compute.process import start
from helpers.localaws.compute.runtime_api import RuntimeApi
from helpers.localaws.compute.runtimes.plan import (
    CannotStart,
    Place,
    Program,
    image_program,
    program,
)
from helpers.localaws.compute.session import RuntimeSession
from helpers.localaws.compute.walled import Walled
from helpers.localaws.lifetime import Keeper
from helpers.localaws.telemetry.logs import LogEvent, LogWriter

#: Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
INIT_SECONDS, PROVISIONED_INIT_SECONDS = 10, 130
#: Lambda keeps the last 4 KB of an invocation's log for ``LogType=Tail``.
TAIL_BYTES = 4096


class ExecutionEnvironment:
    """Runs one version of one function; see the module's text for its life."""

    def __init__(
        self,
        version: Version,
        *,
        folder: Path,
        layers: Path | None,
        endpoint: str,
        api: RuntimeApi,
        logs: LogWriter,
        keeper: Keeper,
        own_variables: dict[str, str],
        provisioned: bool = False,
    ) -> None:
        self.version = version
        self.key = version.key
        self.provisioned = provisioned
        self._own_variables = own_variables
        day = datetime.fromtimestamp(time.time(), UTC)
        logging = version.config.get("LoggingConfig", {})
        own_group = f"/aws/lambda/{version.name}"
        self._log_group = logging.get("LogGroup", own_group)
        # In a group of its own choice a function says whose stream it is.
        whose = "" if self._log_group == own_group else version.name
        self.log_stream = f"{day:%Y/%m/%d}/{whose}[{version.number}]{uuid4().hex}"
        self._platform = PlatformLog(version, self.log_stream)
        self.idle_since = time.time()  #: on the course clock
        self._folder, self._layers, self._endpoint = folder, layers, endpoint
        self._api, self._logs, self._keeper = api, logs, keeper
        self._listener: socket.socket | None = None
        self._process: Walled | Plain | None = None
        self._output: Output | None = None
        self._session = RuntimeSession()
        self._invocation: Invocation | None = None  # whose log lines are being written
        self._clock_offset = 0.0
        self._init_ms: float | None = None  # of an init that no invocation has reported yet
        self._init_failed = False
        self._ended = False
        self._introduced = False  # whether INIT_START has been written
        self._follows_clock = True
        self._access_key = ""  # of its session

    # -- what the Lambda service does with it ---------------------------------------------------

    def initialise(self) -> bool:
        """Start the runtime; True when it is ready, False when it failed or took too long."""
        limit = PROVISIONED_INIT_SECONDS if self.provisioned else INIT_SECONDS
        failure, milliseconds = self._boot(limit)
        if failure is None:
            self._init_ms = None if self.provisioned else milliseconds
            return True
        self._init_failed = True
        self._log(self._platform.init_report(milliseconds, "init", failure))
        return False

    def serve(self, invocation: Invocation) -> Outcome:
        """Run the handler once. The caller sees to it that nobody else does at the same time."""
        config = self.version.config
        failure = None
        self._follow_clock()
        began = time.monotonic()
        if self._init_failed:
            # Lambda tries init again inside the first invocation, on the function's own time.
            failure, milliseconds = self._boot(config["Timeout"], invocation)
            if failure is not None:
                self._log(self._platform.init_report(milliseconds, "invoke", failure), invocation)
        self._log(self._platform.start(invocation.request_id, invocation.function_arn), invocation)
        outcome = failure or self._run(invocation, began + config["Timeout"])
        took = (time.monotonic() - began) * 1000
        if outcome.status == "timeout":
            took = config["Timeout"] * 1000
        peak = self._settle(outcome)
        init_ms, self._init_ms = self._init_ms, None
        measured = Measured(took, init_ms, config["MemorySize"], peak)
        outcome.ended = time.time()
        self._log(self._platform.end(invocation.request_id), invocation)
        self._log(self._platform.report(invocation.request_id, measured, outcome), invocation)
        outcome.executed_version = self.version.number
        outcome.duration_ms = took
        outcome.log = bytes(invocation.tail[-TAIL_BYTES:])
        self.idle_since = time.time()
        return outcome

    def end(self) -> None:
        """End the process and everything it started, and delete its ``/tmp``.

        May be called at any moment by another thread; what is being started then is ended too.
        """
        self._ended = True
        self._stop_process()
        self._let_go()
        shutil.rmtree(self._folder, ignore_errors=True)

    # -- the process ---------------------------------------------------------------------------

    def _boot(
        self, seconds: float, during: Invocation | None = None
    ) -> tuple[Outcome | None, float]:
        """Start the runtime; return what went wrong (None: it is ready) and how long it took."""
        self._stop_process()
        self._session = session = RuntimeSession()
        self._clock_offset = clock.offset()
        self._invocation = during
        began = time.monotonic()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._listener = self._api.open(session)
        request_id = during.request_id if during else ""
        try:
            process = self._process = start(self._plan)
        except (CannotStart, OSError) as problem:
            self._stop_process()
            return self._no_start(request_id, problem), (time.monotonic() - began) * 1000
        self._keeper.watch(process.pid)
        if self._ended:
            process.kill()
        self._output = Output(process.output, self._write)
        threading.Thread(
            target=self._watch,
            args=(process, session),
            name=f"watch-{self.log_stream}",
            daemon=True,
        ).start()
        ready = session.wait_ready(seconds)
        milliseconds = (time.monotonic() - began) * 1000
        if ready:
            self._init_failed = False
            return None, max(milliseconds - session.preparation_ms, 0.01)
        failure = session.init_failure()
        if failure is None and session.exit is not None:
            failure = exited(request_id, session.exit)
        self._stop_process()
        return failure or timed_out(request_id, int(seconds)), milliseconds

    def _plan(self, walls: bool) -> Plan:
        assert self._listener
        host, port = self._listener.getsockname()[:2]
        config, image = self.version.config, self.version.image
        code, layers = self.version.package.folder, self._layers
        extra: dict[str, str] = {}
        if image is not None:
            if not (walls or image.base):
                raise CannotStart("container images need Linux with unprivileged namespaces")
            code, layers = image.root / "var/task", image.root / "opt"
            task, opt = ("/var/task", "/opt") if walls else (str(code), str(layers))
            place = Place(task, opt, code, layers)
            to_run, extra = image_program(self.version, place, self._clock_offset)
        else:
            task = "/var/task" if walls else str(code)
            opt = "/opt" if walls else str(layers or "")
            place = Place(task, opt, code, layers)
            to_run = program(config["Runtime"], place, self._clock_offset)
        self._say_init_start(to_run)
        environment = variables.for_environment(
            self.version,
            self._own_variables,
            log_stream=self.log_stream,
            runtime_api=f"{host}:{port}",
            endpoint=self._endpoint,
            task_root=task,
            opt=opt,
            provisioned=self.provisioned,
        )
        environment |= extra
        keys = credentials.session(
            self.version.account, self.version.region, config["Role"], self.version.name
        )
        self._hold(keys["AWS_ACCESS_KEY_ID"])
        environment |= keys
        settings = config.get("ImageConfig") or {}
        own_root = image is not None and not image.base
        return Plan(
            argv=to_run.command,
            environment=environment,
            task=code,
            layers=layers if layers and layers.is_dir() else None,
            folder=self._folder,
            memory_mb=config["MemorySize"],
            storage_mb=config["EphemeralStorage"]["Size"],
            binds=to_run.binds,
            image=image.root if image is not None and own_root else None,
            working_directory=settings.get("WorkingDirectory")
            or (image.working_directory if image is not None and own_root else "/var/task"),
        )

    def _hold(self, access_key: str) -> None:
        """Note whose session it is: requests signed with it come from this place."""
        self._let_go()
        self._access_key = access_key
        vpc = self.version.config.get("VpcConfig") or {}
        subnets = vpc.get("SubnetIds") or [""]
        # Lambda spreads environments over the subnets; the log stream's name is random enough.
        subnet = subnets[int(self.log_stream[-8:], 16) % len(subnets)]
        credentials.hold(
            access_key, credentials.Holder(self.version.arn, self.version.region, vpc, subnet)
        )

    def _let_go(self) -> None:
        credentials.let_go(self._access_key)

    def _say_init_start(self, to_run: Program) -> None:
        self._follows_clock = to_run.follows_clock
        if not self._introduced:
            self._introduced = True
            self._log(self._platform.init_start(to_run.runs_on))

    def _no_start(self, request_id: str, problem: Exception) -> Outcome:
        """What the caller reads where there is no program, or the system cannot start it."""
        if isinstance(problem, CannotStart):
            return cannot_start(request_id, problem.error_type, problem.text)
        assert isinstance(problem, OSError)
        path = str(problem.filename)
        # Without walls the system names its own folders, which mean nothing to a learner.
        for real, shown in ((self.version.package.folder, "/var/task"), (self._layers, "/opt")):
            if real is not None:
                path = path.replace(str(real), shown)
        text = f"fork/exec {path}: {(problem.strerror or str(problem)).lower()}"
        return cannot_start(request_id, "Runtime.InvalidEntrypoint", text)

    def _watch(self, process: Walled | Plain, session: RuntimeSession) -> None:
        session.ended(process.wait())
        self._keeper.forget(process.pid)

    def _stop_process(self) -> None:
        process, self._process = self._process, None
        self._session.close()
        if process is not None:
            process.kill()
            process.wait()
            if self._output:
                self._output.finish()
        if self._listener is not None:
            self._api.close(self._listener)
            self._listener = None

    # -- one invocation ------------------------------------------------------------------------

    def _run(self, invocation: Invocation, deadline: float) -> Outcome:
        assert self._process
        self._invocation = invocation
        left = deadline - time.monotonic()
        # A moved clock reads some microseconds less inside the handler: never show it more time
        # than the function has.
        left -= 0.001
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + left) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        if invocation.client_context:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        self._process.thaw()
        self._session.deliver((headers, invocation.payload), invocation.request_id)
        outcome = self._session.wait_outcome(left)
        if outcome is not None:
            return outcome
        if self._session.exit is not None:
            return exited(invocation.request_id, self._session.exit)
        return timed_out(invocation.request_id, self.version.config["Timeout"])

    def _settle(self, outcome: Outcome) -> int:
        """Freeze after a result, clean up after a crash; return the peak memory in bytes."""
        if self._process is None:  # init had failed
            return self._session.exit.peak_bytes if self._session.exit else 0
        peak = self._process.freeze()
        if self._session.exit is not None:
            peak = self._session.exit.peak_bytes
        if outcome.reusable and self._output:
            self._output.drain()
        if not outcome.reusable:
            self._stop_process()  # waits for the last of its output
        return peak

    def _follow_clock(self) -> None:
        """Tell a waiting runtime that the clock was moved, on our time and not the handler's."""
        if self._process is None or not self._follows_clock:
            return
        if self._clock_offset == clock.offset():
            return
        self._clock_offset = clock.offset()
        self._process.thaw(full_cpu=True)
        self._session.deliver(
            ({"Lambda-Runtime-Local-Clock-Offset": repr(self._clock_offset)}, b"")
        )
        self._session.wait_ready(5)

    # -- logs ----------------------------------------------------------------------------------

    def _log(self, message: str, invocation: Invocation | None = None) -> None:
        self._write(int(time.time() * 1000), message, invocation)

    def _write(self, stamp: int, message: str, invocation: Invocation | None = None) -> None:
        if not message or self._ended:  # ended: its log may be gone with the cloud
            return
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
                invocation.trace_id if invocation is not None else "",
                self.version.config["Role"],
            )
        )


Factory = Callable[[Version], ExecutionEnvironment]
