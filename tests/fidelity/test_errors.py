"""What the caller of Invoke reads when a function fails."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.fidelity import sources

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

pytestmark = pytest.mark.aws_source(sources.INVOKE)


@pytest.fixture(scope="module")
def faulty(make: Any) -> Any:
    """A handler that fails in the way its event says."""
    return make(
        """
        import os, sys, json

        calls = 0

        class OrderError(Exception):
            pass

        def deep(event):
            raise OrderError("no such size: " + event["size"])

        def handler(event, context):
            global calls
            calls += 1
            how = event["how"]
            if how == "raise":
                deep(event)
            if how == "silent":
                raise KeyError()
            if how == "exit":
                sys.exit(event["code"])
            if how == "os_exit":
                os._exit(event["code"])
            if how == "signal":
                os.kill(os.getpid(), event["number"])
            if how == "set":
                return {1, 2}
            if how == "bytes in dict":
                return {"x": b"y"}
            if how == "print":
                print(json.dumps({"result": "printed"}))
                return "returned"
            return calls
        """
    )


@pytest.mark.aws_source(sources.PYTHON_ERRORS, sources.RECORDED)
def test_unhandled_exception(faulty: Any) -> None:
    """Class name, message, stack trace, request id; FunctionError Unhandled; HTTP 200."""
    reply = faulty.invoke({"how": "raise", "size": "A9"})
    assert reply.status == 200
    assert reply.error == "Unhandled"
    assert list(reply.payload) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert reply.payload["errorMessage"] == "no such size: A9"
    assert reply.payload["errorType"] == "OrderError"
    assert reply.payload["requestId"] == reply.headers["x-amzn-requestid"]
    assert reply.payload["stackTrace"] == [
        '  File "/var/task/app.py", line 17, in handler\n    deep(event)\n',
        '  File "/var/task/app.py", line 10, in deep\n'
        '    raise OrderError("no such size: " + event["size"])\n',
    ]


@pytest.mark.aws_source(sources.LIFECYCLE)
def test_the_environment_stays_warm_after_an_exception(faulty: Any) -> None:
    """Module state survives a handler's own exception."""
    before = faulty.invoke({"how": "count"}).payload
    faulty.invoke({"how": "raise", "size": "A9"})
    assert faulty.invoke({"how": "count"}).payload == before + 2


@pytest.mark.aws_source(sources.RIC, sources.RECORDED)
def test_the_log_of_an_exception(faulty: Any) -> None:
    """One event with the trace, indented with non-breaking spaces, and nothing in REPORT."""
    log = faulty.invoke({"how": "raise", "size": "A9"}).log
    assert (
        "[ERROR] OrderError: no such size: A9\nTraceback (most recent call last):\n"
        '\u00a0\u00a0File "/var/task/app.py", line 17, in handler\n'
        "\u00a0\u00a0\u00a0\u00a0deep(event)\n" in log
    )
    assert "Status:" not in log
    assert "[ERROR] KeyError\n" in faulty.invoke({"how": "silent"}).log


@pytest.mark.aws_source(sources.RIC)
def test_result_that_is_not_json(faulty: Any) -> None:
    """Runtime.MarshalError; the environment stays."""
    for how, kind in (("set", "set"), ("bytes in dict", "bytes")):
        reply = faulty.invoke({"how": how})
        assert reply.error == "Unhandled"
        assert reply.payload["errorType"] == "Runtime.MarshalError"
        assert reply.payload["errorMessage"] == (
            f"Unable to marshal response: Object of type {kind} is not JSON serializable"
        )
        assert reply.payload["stackTrace"] == []
    assert faulty.invoke({"how": "count"}).payload > 1


@pytest.mark.aws_source(sources.RIC)
def test_decimals_are_numbers(make: Any) -> None:
    """What DynamoDB's resource interface returns can be returned as it is."""
    function = make(
        """
        from decimal import Decimal
        def handler(event, context):
            return [Decimal("7"), Decimal("12345678901234567890"), Decimal("19.95")]
        """
    )
    assert function.invoke({}).raw == b"[7, 12345678901234567890, 19.95]"


@pytest.mark.parametrize("how", ["exit", "os_exit"])
@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0, "Runtime exited without providing a reason"),
        (1, "Runtime exited with error: exit status 1"),
        (127, "Runtime exited with error: exit status 127"),
    ],
)
@pytest.mark.aws_source(sources.RECORDED, sources.RIE)
def test_leaving_the_process(faulty: Any, how: str, code: int, text: str) -> None:
    """sys.exit and os._exit end the runtime: Runtime.ExitError, and a new environment."""
    reply = faulty.invoke({"how": how, "code": code})
    assert reply.error == "Unhandled"
    assert list(reply.payload) == ["errorType", "errorMessage"]
    assert reply.payload["errorType"] == "Runtime.ExitError"
    assert re.fullmatch(f"RequestId: {UUID} Error: {text}", reply.payload["errorMessage"])
    assert "\tStatus: error\tError Type: Runtime.ExitError\n" in reply.log
    assert faulty.invoke({"how": "count"}).payload == 1


@pytest.mark.parametrize(
    ("number", "name"), [(9, "killed"), (11, "segmentation fault"), (15, "terminated")]
)
@pytest.mark.aws_source(sources.RIE)
def test_killed_by_a_signal(faulty: Any, number: int, name: str) -> None:
    """The signal's name is in the message."""
    reply = faulty.invoke({"how": "signal", "number": number})
    assert reply.payload["errorType"] == "Runtime.ExitError"
    assert reply.payload["errorMessage"].endswith(f"Runtime exited with error: signal: {name}")


@pytest.mark.aws_source(sources.PYTHON_LOGGING)
def test_printed_json_is_a_log_line(faulty: Any) -> None:
    """What a handler prints is its log; what it returns is its result."""
    reply = faulty.invoke({"how": "print"})
    assert reply.payload == "returned"
    assert '{"result": "printed"}\n' in reply.log


@pytest.mark.parametrize(
    ("source", "handler", "error_type", "message"),
    [
        ("import nothing_like_it", "app.handler", "Runtime.ImportModuleError",
         "Unable to import module 'app': No module named 'nothing_like_it'"),
        ("x = 1", "other.handler", "Runtime.ImportModuleError",
         "Unable to import module 'other': No module named 'other'"),
        ("x = 1", "app.handler", "Runtime.HandlerNotFound",
         "Handler 'handler' missing on module 'app'"),
        ("x = 1", "app", "Runtime.MalformedHandlerName",
         "Bad handler 'app': not enough values to unpack (expected 2, got 1)"),
        ("x = 1", "sys.exit", "Runtime.BuiltInModuleConflict",
         "Cannot use built-in module sys as a handler module"),
    ],
)  # fmt: skip
@pytest.mark.aws_source(sources.RIC, sources.TROUBLE_INVOKE)
def test_no_handler(make: Any, source: str, handler: str, error_type: str, message: str) -> None:
    """What can be wrong between the configuration's Handler and the code."""
    reply = make(source, Handler=handler).invoke({})
    assert reply.error == "Unhandled"
    assert reply.payload == {
        "errorMessage": message,
        "errorType": error_type,
        "requestId": "",
        "stackTrace": [],
    }
    assert f"\tStatus: error\tError Type: {error_type}\n" in reply.log


@pytest.mark.aws_source(sources.RIC)
def test_syntax_error(make: Any) -> None:
    """The file, the line, and the text of the line."""
    reply = make("def handler(event, context):\n    return {\n").invoke({})
    assert reply.payload["errorType"] == "Runtime.UserCodeSyntaxError"
    assert reply.payload["errorMessage"] == (
        "Syntax error in module 'app': '{' was never closed (app.py, line 2)"
    )
    assert reply.payload["stackTrace"][0].startswith('  File "/var/task/app.py" Line 2\n')


@pytest.mark.aws_source(sources.RECORDED, sources.RIE)
def test_exception_at_import(make: Any) -> None:
    """Reported like a handler's, without a request id, and init is tried twice."""
    function = make('raise ValueError("no table name")')
    reply = function.invoke({})
    assert reply.payload["errorType"] == "ValueError"
    assert reply.payload["errorMessage"] == "no table name"
    assert reply.payload["requestId"] == ""
    assert reply.payload["stackTrace"][-1] == (
        '  File "/var/task/app.py", line 1, in <module>\n    raise ValueError("no table name")\n'
    )
    events = function.wait_for_log("REPORT ")
    kinds = [event.split(" ")[0].split("\t")[0].strip() for event in events]
    assert kinds == [
        "INIT_START", "[ERROR]", "INIT_REPORT", "[ERROR]", "INIT_REPORT", "START", "END", "REPORT"
    ]  # fmt: skip
    assert "\tPhase: init\tStatus: error\tError Type: Runtime.Unknown\n" in events[2]
    assert "\tPhase: invoke\tStatus: error\tError Type: Runtime.Unknown\n" in events[4]


@pytest.mark.aws_source(sources.RECORDED, sources.LIFECYCLE)
def test_timeout(make: Any) -> None:
    """The text names the configured timeout, the log says so, and the next invoke starts anew."""
    function = make(
        """
        import time
        calls = 0
        def handler(event, context):
            global calls
            calls += 1
            print("begins")
            time.sleep(event)
            return calls
        """,
        Timeout=1,
    )
    assert function.invoke(0).payload == 1
    reply = function.invoke(30)
    assert reply.error == "Unhandled"
    assert reply.payload["errorType"] == "Sandbox.Timedout"
    assert re.fullmatch(
        f"RequestId: {UUID} Error: Task timed out after 1.00 seconds",
        reply.payload["errorMessage"],
    )
    assert "begins\n" in reply.log
    assert "\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\t" in reply.log
    assert reply.log.endswith("\tStatus: timeout\n")
    assert function.invoke(0).payload == 1


@pytest.mark.aws_source(sources.QUOTAS, sources.RECORDED)
def test_response_too_large(make: Any) -> None:
    """6 MB and a little are passed on; one byte more is not. The environment stays."""
    function = make(
        """
        calls = 0
        def handler(event, context):
            global calls
            calls += 1
            return calls if event == 0 else "x" * event
        """
    )
    assert function.invoke(0).payload == 1
    assert len(function.invoke(6_291_554).payload) == 6_291_554  # and two quotation marks
    reply = function.invoke(6_291_555)
    assert reply.error == "Unhandled"
    assert reply.payload == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size "
        "(6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    assert function.invoke(0).payload == 4


@pytest.mark.aws_source(sources.INVOKE, sources.QUOTAS)
def test_request_too_large(make: Any, refused: Any) -> None:
    """6 MB are accepted, one byte more is refused with 413."""
    function = make("def handler(event, context): return len(event)")
    limit = 6_291_456
    assert function.invoke("x" * (limit - 2)).payload == limit - 2
    code, message, status = refused(
        function.client.invoke, FunctionName=function.name, Payload=b'"' + b"x" * (limit - 1) + b'"'
    )
    assert (code, status) == ("RequestEntityTooLargeException", 413)
    assert message == (
        "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
    )


@pytest.mark.aws_source(sources.RECORDED)
def test_payload_that_is_not_json(make: Any, refused: Any) -> None:
    """Refused before the handler runs, in the words of AWS's parser."""
    function = make("def handler(event, context): return event")
    begin = "Could not parse request body into json: Could not parse payload into json: "
    for payload, words in (
        (b"order 7", "Unrecognized token 'order': was expecting"),
        (b'{"order": ', "Unexpected end-of-input"),
        (b"\x87", "Invalid UTF-8 start byte 0x87"),
        (b"NaN", "Unrecognized token 'NaN'"),
        (b"{'order': 7}", "Unexpected character ('''"),
    ):
        code, message, status = refused(
            function.client.invoke, FunctionName=function.name, Payload=payload
        )
        assert (code, status) == ("InvalidRequestContentException", 400)
        assert message.startswith(begin + words)


@pytest.mark.aws_source(sources.RECORDED)
def test_empty_payload_is_an_empty_object(make: Any) -> None:
    """The handler's event is {}."""
    function = make("def handler(event, context): return [event]")
    reply = function.client.invoke(FunctionName=function.name)
    assert reply["Payload"].read() == b"[{}]"


@pytest.mark.aws_source(sources.INVOKE, sources.RECORDED)
def test_unknown_function(aws: Any, refused: Any, make: Any) -> None:
    """404 with the ARN that was looked for; Invoke adds the version."""
    client = aws.client("lambda")
    arn = f"arn:aws:lambda:us-east-1:{aws.account_id}:function:nobody"
    assert refused(client.invoke, FunctionName="nobody") == (
        "ResourceNotFoundException", f"Function not found: {arn}:$LATEST", 404
    )  # fmt: skip
    for call in (client.get_function, client.delete_function):
        assert refused(call, FunctionName="nobody")[1] == f"Function not found: {arn}"
    function = make("def handler(event, context): return 1")
    code, message, _ = refused(client.invoke, FunctionName=function.name, Qualifier="7")
    assert (code, message) == (
        "ResourceNotFoundException",
        f"Function not found: {function.arn}:7",
    )


@pytest.mark.aws_source(sources.TROUBLE_DEPLOY)
def test_invalid_zip(make: Any, refused: Any) -> None:
    """What is no archive is refused on create and on update."""
    function = make("def handler(event, context): return 1")
    expected = (
        "InvalidParameterValueException",
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
        400,
    )
    update = function.client.update_function_code
    assert refused(update, FunctionName=function.name, ZipFile=b"def handler") == expected
    function.client.get_function(FunctionName=function.name)
    config = function.client.get_function_configuration(FunctionName=function.name)
    create = function.client.create_function
    assert (
        refused(
            create,
            FunctionName="broken",
            Role=config["Role"],
            Runtime=config["Runtime"],
            Handler="app.handler",
            Code={"ZipFile": b"PK\x03\x04 but no archive"},
        )
        == expected
    )
