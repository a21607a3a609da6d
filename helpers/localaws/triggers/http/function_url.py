"""Function URLs: an HTTPS address of a function's own.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html and
https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html. What unknown URLs and failing handlers
answer was recorded from AWS: https://github.com/localstack/localstack/blob/main/tests/aws/services/
lambda_/test_lambda.py (TestLambdaURL)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from helpers.localaws.compute.function import Function
from helpers.localaws.compute.urls import FunctionUrl
from helpers.localaws.iam.actions.lambda_ import function_url as function_url_needs
from helpers.localaws.triggers.http import (
    answers,
    event_v2,
    front,
    http_authorizer,
    iam,
    invoking,
    reply_v1,
    reply_v2,
    signature,
)
from helpers.localaws.triggers.http.cors import Cors, is_preflight
from helpers.localaws.triggers.http.request import HttpRequest
from helpers.localaws.triggers.permission import ANYBODY, allows

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

_DENIED = "AccessDeniedException"
_FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)
#: Longer than any function may run.
_SECONDS = 1_000.0


def find(lambdas: LambdaService, url_id: str) -> tuple[Function, FunctionUrl] | None:
    """The function that a URL belongs to; None: there is no such URL."""
    for functions in lambdas.all_functions():
        for function in functions.all():
            for url in function.urls.values():
                if url.id == url_id:
                    return function, url
    return None


def serve(
    lambdas: LambdaService, url_id: str, environ: dict[str, Any], path: str, body: bytes
) -> Response:
    """Answer a request to a function URL."""
    found = find(lambdas, url_id.lower())
    if found is None:
        return answers.error(403, None, kind=_DENIED, member="Message")
    function, url = found
    domain = front.domain(front.LAMBDA_URL, url.id, function.latest.region)
    request = HttpRequest.read(environ, path, body, domain)
    cors = Cors.read(url.cors)
    if cors is not None and is_preflight(request):
        answer = cors.preflight(request, 200)
    else:
        answer = _run(lambdas, function, url, request)
        if cors is not None:
            cors.add_to(answer, request)
    answer.headers["x-amzn-RequestId"] = request.id
    return answer


def _run(
    lambdas: LambdaService, function: Function, url: FunctionUrl, request: HttpRequest
) -> Response:
    signer = None
    if url.auth_type == "AWS_IAM":
        try:
            signer = signature.verify(request, "lambda")
        except signature.NotSigned:
            return answers.error(403, _FORBIDDEN, kind=_DENIED, member="Message")
        except signature.BadSignature as problem:
            return answers.error(403, str(problem), kind=problem.kind)
        needs = function_url_needs(function.arn(url.qualifier), "AWS_IAM")
        if iam.refusal(lambdas, needs):
            return answers.error(403, _FORBIDDEN, kind=_DENIED, member="Message")
    elif not _is_public(function, url):
        return answers.error(403, _FORBIDDEN, kind=_DENIED, member="Message")
    event = event_v2.event(
        request,
        route_key="$default",
        raw_path=request.path,
        stage="$default",
        account=signer.account_id if signer else "anonymous",
        api_id=url.id,
        authorizer={"iam": http_authorizer.iam_member(signer)} if signer else None,
    )
    try:
        version = function.route(url.qualifier)
        outcome = invoking.run(
            lambdas, function, version, function.arn(url.qualifier), event, _SECONDS,
            request.trace_id, request.id,
        )  # fmt: skip
    except invoking.Throttled as problem:
        message, reason = problem.args
        body = {"Reason": reason, "Type": "User", "message": message}
        return answers.document(429, body, kind="TooManyRequestsException")
    except invoking.TooLarge as problem:
        text = f"{problem} for the InvokeFunction operation"
        return answers.error(413, text, kind="RequestEntityTooLargeException", member="Message")
    except invoking.Rejected as problem:
        return answers.error(502, str(problem), kind="ResourceConflictException", member="Message")
    if outcome.error:
        return _failed()
    try:
        answer = reply_v2.respond(outcome.payload, default_type="application/json", objects=True)
    except reply_v1.Malformed:
        return _failed()
    answer.headers.setdefault("X-Amzn-Trace-Id", request.trace_id)
    return answer


def _is_public(function: Function, url: FunctionUrl) -> bool:
    """Whether everybody may use the URL: two permissions, since October 2025."""
    context = {"lambda:FunctionUrlAuthType": url.auth_type, "lambda:InvokedViaFunctionUrl": "true"}
    return all(
        allows(function, url.qualifier, action, ANYBODY, context)
        for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
    )


def _failed() -> Response:
    """The handler failed, or what it returned is no HTTP response."""
    return Response("Internal Server Error", 502, content_type="application/json")
