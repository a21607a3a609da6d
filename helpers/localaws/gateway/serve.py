"""Desk 4: answer. Lambda's API goes to the compute room, everything else to moto."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from flask import Flask
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Request, Response

from helpers.localaws.compute.service import LambdaService
from helpers.localaws.gateway.call import Call
from helpers.localaws.gateway.errors import internal_failure, not_implemented
from helpers.localaws.triggers.http import serving
from helpers.localaws.triggers.stepfunctions.api import StepFunctionsApi


class Serve:
    """Chooses who answers, and turns moto's HTML pages into errors that boto3 can read."""

    def __init__(self, compute: LambdaService) -> None:
        self._compute = compute
        self._step_functions = StepFunctionsApi(compute.step_functions)
        self._moto = DomainDispatcherApplication(_create_app)

    def __call__(self, call: Call) -> Response:
        try:
            if call.front is not None:
                return serving.serve(self._compute, call, call.front)
            if call.service == "lambda":
                return self._compute.api(call)
            if call.service == "states":
                return self._step_functions(call)
            if call.service == "iam" and b"states." in call.body:
                # A role for Step Functions is being made. Loading what it needs takes a second.
                self._compute.step_functions.expect()
            return self._ask_moto(call)
        except (NotImplementedError, ModuleNotFoundError):
            return not_implemented(call)  # the second: what moto needs for it is not installed
        except Exception as problem:
            traceback.print_exc(file=sys.stderr)
            return internal_failure(call, problem)

    def _ask_moto(self, call: Call) -> Response:
        response = Response.from_app(self._moto, call.rewind())
        if not (response.content_type or "").startswith("text/html"):
            return response
        if response.status_code in (404, 405, 500) and _is_page(response):
            return not_implemented(call)
        if call.service not in (None, "s3", "execute-api"):  # there it may be the learner's own
            # Many of moto's answers say HTML only because that is Flask's default.
            response.content_type = _kind_of(response.get_data())
        return response

    def warm_up(self) -> None:
        """Import the services that a first notebook calls: each costs some 50 ms, once."""
        from moto.backends import get_backend

        for service in ("sts", "iam", "logs", "sqs", "s3"):
            get_backend(service)
            self._moto.get_application(_probe(service))
        self._compute.warm_up()


def _is_page(response: Response) -> bool:
    """Whether this is one of werkzeug's or moto's pages, and not an answer of a service."""
    return response.get_data().lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))


def _kind_of(content: bytes) -> str:
    return "text/xml" if content.lstrip().startswith(b"<") else "application/json"


def _probe(service: str) -> dict[str, str]:
    """A WSGI environment that moto's dispatcher takes for a request to ``service``."""
    scope = f"AWS4-HMAC-SHA256 Credential=AKIA/20200101/us-east-1/{service}/aws4_request"
    environ = Request.from_values(headers={"Authorization": scope}).environ
    return dict(environ)


def _create_app(service: Any) -> Flask:
    if service is None:
        raise NotImplementedError  # a service that moto does not have
    return create_backend_app(service)
