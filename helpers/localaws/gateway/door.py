"""The one door: every AWS request, from a notebook, a lab, the AWS CLI or a running handler.

A request passes five desks, always in this order: identify, authorise, reach, serve, record.
A desk of the first three may answer instead of the next one (a refusal); serve always answers.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from typing import Any

from werkzeug.wrappers import Response

from helpers.localaws.compute.service import LambdaService
from helpers.localaws.control import Control
from helpers.localaws.gateway.authorise import Authorise
from helpers.localaws.gateway.body import BrokenBody, TooLarge, hold, refuse
from helpers.localaws.gateway.call import Call, note_current
from helpers.localaws.gateway.errors import internal_failure
from helpers.localaws.gateway.identify import identify
from helpers.localaws.gateway.missing import hidden
from helpers.localaws.gateway.reach import reach
from helpers.localaws.gateway.record import Record
from helpers.localaws.gateway.serve import Serve
from helpers.localaws.settings import CONTROL_PREFIX


class Gateway:
    """The WSGI application of the local AWS."""

    def __init__(self, compute: LambdaService, control: Control) -> None:
        self._control = control
        self.authorise = Authorise(compute)
        self._serve = Serve(compute)
        self.record = Record(compute.timetable)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            hold(environ)
        except (BrokenBody, TooLarge) as problem:
            return refuse(problem)(environ, start_response)
        if environ["PATH_INFO"].startswith(CONTROL_PREFIX):
            return self._control(environ)(environ, start_response)
        call = identify(environ)
        note_current(call)
        try:
            response: Response = self.authorise(call) or reach(call) or self._answer(call)
        except Exception as problem:
            traceback.print_exc(file=sys.stderr)
            response = internal_failure(call, problem)
        self.record(call, response)
        return response(environ, start_response)

    def _answer(self, call: Call) -> Response:
        return hidden(call, self._serve(call))

    def warm_up(self) -> None:
        """Load in the background what a learner's first calls need anyway."""
        self._serve.warm_up()
