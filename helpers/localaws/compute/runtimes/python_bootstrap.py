"""The Python runtime: loads the handler, then asks for one event after another.

Runs inside an execution environment, in a bare interpreter (``python -I -S -u``): standard library
only, and the handler sees just what AWS's runtime has, not the course's packages.

Usage: ``python -I -S -u python_bootstrap.py SITE_PACKAGES TASK_ROOT OPT CLOCK_OFFSET``

The protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
What AWS's own client does, and this one after it: https://pypi.org/project/awslambdaric/
"""

import importlib
import importlib.machinery
import io
import json
import os
import socket
import sys
import time

#: What AWS's Python runtime brings besides the standard library.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-runtime-sdk
RUNTIME_PACKAGES = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"}

SITE_PACKAGES, TASK_ROOT, OPT = sys.argv[1:4]
CLOCK_OFFSET = float(sys.argv[4])
REQUEST_ID = ""  # of the invocation being served, for log records


class RuntimePackages:
    """Finds the runtime's packages among the course's, and hides the others from the handler."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if path is None and name in RUNTIME_PACKAGES:
            return importlib.machinery.PathFinder.find_spec(name, [SITE_PACKAGES])
        return None


class RuntimeApi:
    """The four calls of the Runtime API, over one connection that stays open."""

    def __init__(self, address):
        host, port = address.split(":")
        self.address = address
        self.connection = socket.create_connection((host, int(port)))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.connection.makefile("rb")
        self.extra = ""

    def next(self):
        """Wait for an event; return its headers (lower case) and its body."""
        extra, self.extra = self.extra, ""
        return self.call("GET", "invocation/next", extra=extra)

    def respond(self, request_id, body):
        self.call("POST", f"invocation/{request_id}/response", body)

    def report(self, path, error):
        body = to_json(error).encode()
        self.call(
            "POST", path, body, f"Lambda-Runtime-Function-Error-Type: {error['errorType']}\r\n"
        )

    def call(self, method, path, body=b"", extra=""):
        head = (
            f"{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {self.address}\r\n{extra}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.connection.sendall(head.encode() + body)
        headers = {}
        if not self.reader.readline():
            os._exit(1)  # the service is gone, and with it our reason to be
        while (line := self.reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return headers, self.reader.read(int(headers.get("content-length", 0)))


class LambdaContext:
    """The second argument of a handler.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    def __init__(self, headers):
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = None
        self.client_context = _client_context(headers.get("lambda-runtime-client-context"))
        self.identity = CognitoIdentity(headers.get("lambda-runtime-cognito-identity"))
        self._deadline = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        """Milliseconds until the timeout, never below 0."""
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        for line in str(message).splitlines():
            print(line)

    def __repr__(self):
        shown = {name: value for name, value in vars(self).items() if name[0] != "_"}
        return f"LambdaContext([{','.join(f'{name}={value}' for name, value in shown.items())}])"


class CognitoIdentity:
    """Set only for callers that a mobile SDK signed in."""

    def __init__(self, header):
        given = json.loads(header) if header else {}
        self.cognito_identity_id = given.get("cognitoIdentityId")
        self.cognito_identity_pool_id = given.get("cognitoIdentityPoolId")

    def __repr__(self):
        return (
            f"CognitoIdentity([cognito_identity_id={self.cognito_identity_id},"
            f"cognito_identity_pool_id={self.cognito_identity_pool_id}])"
        )


class ClientContext:
    """What the caller of Invoke gave as ``ClientContext``."""

    def __init__(self, given):
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = Client(given["client"]) if given.get("client") else None


class Client:
    """The application that called, as a mobile SDK describes it."""

    def __init__(self, given):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code",
                     "app_package_name"):  # fmt: skip
            setattr(self, name, given.get(name))


def _client_context(header):
    return ClientContext(json.loads(header)) if header else None


class Fault(Exception):
    """An error that the runtime itself finds, with AWS's name for it."""

    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type, self.trace = error_type, list(trace)


def load(handler):
    """Import what ``_HANDLER`` names, ``module.function`` or ``folder/module.function``."""
    try:
        module_name, function_name = handler.rsplit(".", 1)
    except ValueError as problem:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{handler}': {problem}") from None
    dotted = module_name.replace("/", ".")
    if dotted.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict",
            f"Cannot use built-in module {module_name} as a handler module",
        )
    try:
        module = importlib.import_module(dotted)
    except ImportError as problem:
        raise Fault(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {problem}"
        ) from None
    except SyntaxError as problem:
        where = f'  File "{_as_on_aws(problem.filename or "")}" Line {problem.lineno}\n'
        raise Fault(
            "Runtime.UserCodeSyntaxError",
            f"Syntax error in module '{module_name}': {problem}",
            [f"{where}    {problem.text or ''}"],
        ) from None
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound",
            f"Handler '{function_name}' missing on module '{module_name}'",
        ) from None


def describe(problem, request_id):
    """An exception as the error document that the caller of Invoke receives."""
    if isinstance(problem, Fault):
        error_type, trace = problem.error_type, problem.trace
    else:
        import traceback

        error_type = type(problem).__name__
        # Our own frames stand above the handler's; AWS cuts its own off too.
        frames = [f for f in traceback.extract_tb(problem.__traceback__) if f.filename != __file__]
        trace = [
            f'  File "{_as_on_aws(frame.filename)}", line {frame.lineno}, in {frame.name}\n'
            + (f"    {frame.line}\n" if frame.line else "")
            for frame in frames
        ]
    return {
        "errorMessage": str(problem),
        "errorType": error_type,
        "requestId": request_id,
        "stackTrace": trace,
    }


def _as_on_aws(path):
    """``/var/task/app.py``, also where this system could not mount the code there."""
    for real, shown in ((TASK_ROOT, "/var/task"), (OPT, "/opt")):
        if real and path.startswith(real):
            return shown + path[len(real) :].replace(os.sep, "/")
    return path


def to_json(value):
    # From Python 3.12 on AWS's runtime writes non-ASCII text as it is.
    old = os.environ.get("AWS_EXECUTION_ENV", "").endswith(("python3.10", "python3.11"))
    return json.dumps(value, ensure_ascii=old, default=_number)


def _number(value):
    if type(value).__name__ == "Decimal":  # what DynamoDB's resource interface returns
        return int(value) if value.as_tuple().exponent == 0 else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def frame(message, kind=b"\xa5\x5a\x00\x03"):
    """Write one log event, which may hold several lines, to the environment's log pipe.

    The platform's framing: type, length, microseconds since the epoch, message; big-endian.
    """
    encoded = message.encode(errors="replace")
    stamp = time.time_ns() // 1000
    os.write(1, kind + len(encoded).to_bytes(4, "big") + stamp.to_bytes(8, "big") + encoded)


def log_error(error):
    """The ``[ERROR]`` event in the function's log."""
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        frame(to_json({"timestamp": stamp, "level": "ERROR", **error}) + "\n")
        return
    message = f": {error['errorMessage']}" if error["errorMessage"] else ""
    lines = [f"[ERROR] {error['errorType']}{message}", "Traceback (most recent call last):"]
    for entry in error["stackTrace"]:
        # CloudWatch's console would swallow leading blanks; AWS writes non-breaking ones.
        for line in entry.splitlines():
            text = line.lstrip(" ")
            lines.append("\u00a0" * (len(line) - len(text)) + text)
    frame("\n".join(lines))


class LoggingSetUp:
    """Prepares ``logging`` when the handler imports it: many never do, and it takes a while."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(LoggingSetUp)
        spec = importlib.machinery.PathFinder.find_spec(name)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def execute_and_set_up(module):
            execute(module)
            set_up_logging(module)

        spec.loader.exec_module = execute_and_set_up  # type: ignore[method-assign]
        return spec


def set_up_logging(logging):
    """Give the root logger AWS's handler: one log event for each record, in the chosen format."""

    class LogHandler(logging.Handler):  # type: ignore[name-defined]
        def emit(self, record):
            record.aws_request_id = REQUEST_ID
            frame(self.format(record))

    class JsonFormatter(logging.Formatter):  # type: ignore[name-defined]
        own = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "aws_request_id"}

        def format(self, record):
            return json.dumps(as_document(record, self.own), default=str) + "\n"

    handler = LogHandler()
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        handler.setFormatter(JsonFormatter())
    else:
        text = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
        formatter = logging.Formatter(text, "%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        handler.setFormatter(formatter)
    root = logging.getLogger()
    root.addHandler(handler)
    if level := os.environ.get("AWS_LAMBDA_LOG_LEVEL"):
        root.setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level, level))


def as_document(record, own):
    """A log record where the log format is JSON; ``own`` are the attributes of any record."""
    as_it_is = isinstance(record.msg, dict) and not record.args
    shown = {
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
        "level": record.levelname,
        "message": record.msg if as_it_is else record.getMessage(),
        "logger": record.name,
    }
    if record.exc_info and record.exc_info[1]:
        error = describe(record.exc_info[1], REQUEST_ID)
        shown |= {name: error[name] for name in ("stackTrace", "errorType", "errorMessage")}
        shown["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
    shown["requestId"] = REQUEST_ID
    shown |= {name: value for name, value in vars(record).items() if name not in own}
    return {name: value for name, value in shown.items() if value is not None}


_clock_offset = 0.0
_travel = None


def follow_clock(offset):
    """Let this process see the course clock, which the learner may have moved forward."""
    global _clock_offset, _travel
    if offset == _clock_offset:
        return
    spec = importlib.machinery.PathFinder.find_spec("time_machine", [SITE_PACKAGES])
    if spec is None or spec.loader is None:
        return
    if "time_machine" not in sys.modules:
        sys.path.append(SITE_PACKAGES)  # for what time_machine itself imports
        sys.modules["pytest"] = None  # type: ignore[assignment]  # it would import that too, where it is installed
        try:
            import time_machine
        finally:
            sys.path.remove(SITE_PACKAGES)
            del sys.modules["pytest"]
    else:
        time_machine = sys.modules["time_machine"]
    if _travel:
        _travel.stop()
    _travel = time_machine.travel(time.time() + offset, tick=True)
    moving = _travel.start()
    # Exactly, whatever time the line above took.
    moving.shift(time_machine.escape_hatch.time.time() + offset - time.time())
    _clock_offset = offset


def refuse_real_aws(event, arguments):
    """An audit hook: nothing leaves the local cloud by accident, not even out of a handler."""
    if event == "socket.getaddrinfo":
        host = arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0]
        if str(host).lower().endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
            raise RuntimeError(
                f"This handler runs on the local AWS, so {host} was not called. Make the client "
                "without endpoint_url: the environment names the local one."
            )


def main():
    global REQUEST_ID
    os.environ.pop("_LAMBDA_TELEMETRY_LOG_FD", None)  # for AWS's own client; ours uses stdout
    # The runtime's name counts, not the interpreter that stands in for it.
    version = os.environ.get("AWS_EXECUTION_ENV", "").removeprefix("AWS_Lambda_")
    sys.path[:0] = [
        TASK_ROOT,
        os.path.join(OPT, "python", "lib", version, "site-packages"),
        os.path.join(OPT, "python"),
    ]
    sys.meta_path.append(RuntimePackages)
    sys.meta_path.insert(0, LoggingSetUp)
    sys.dont_write_bytecode = True  # the task root is read-only
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(encoding="utf-8", errors="replace")
    import site

    site.setquit()  # exit() and quit(), which -S leaves out
    sys.argv = [""]
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    if CLOCK_OFFSET:
        began = time.perf_counter()
        follow_clock(CLOCK_OFFSET)
        # AWS has no such step, so it shall not count as init.
        spent = (time.perf_counter() - began) * 1000
        api.extra = f"Lambda-Runtime-Local-Preparation-Ms: {spent:.3f}\r\n"
    sys.addaudithook(refuse_real_aws)
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as problem:
        error = describe(problem, "")
        log_error(error)
        api.report("init/error", error)
        os._exit(1)
    while True:
        headers, body = api.next()
        if "lambda-runtime-local-clock-offset" in headers:  # no event: the clock was moved
            follow_clock(float(headers["lambda-runtime-local-clock-offset"]))
            continue
        REQUEST_ID = headers["lambda-runtime-aws-request-id"]
        if trace_id := headers.get("lambda-runtime-trace-id"):
            os.environ["_X_AMZN_TRACE_ID"] = trace_id
        serve(api, handler, headers, body)


def serve(api, handler, headers, body):
    """Run the handler on one event and hand in its result, or its error."""
    try:
        result = handler(json.loads(body), LambdaContext(headers))
        try:
            reply = result if isinstance(result, bytes) else to_json(result).encode()
        except (TypeError, ValueError, RecursionError) as problem:
            raise Fault("Runtime.MarshalError", f"Unable to marshal response: {problem}") from None
    except Exception as problem:
        error = describe(problem, REQUEST_ID)
        log_error(error)
        api.report(f"invocation/{REQUEST_ID}/error", error)
    else:
        api.respond(REQUEST_ID, reply)


if __name__ == "__main__":
    main()
