"""moto's interpreter of the Amazon States Language, with what we changed in it.

Loading it takes about a second (its parser is 46,000 lines), so that happens in the background
after the cloud has opened, or when it is needed for the first time.
"""

from __future__ import annotations

import json
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from helpers.localaws.triggers.stepfunctions.json_text import dumps
from helpers.localaws.triggers.stepfunctions.moments import iso

if TYPE_CHECKING:
    from helpers.localaws.triggers.stepfunctions.execution import Execution

_lock = threading.RLock()
_loaded = False


def load() -> None:
    """Import the interpreter and put our changes into it, once."""
    global _loaded
    with _lock:
        if not _loaded:
            from helpers.localaws import moto_hooks

            moto_hooks.connect_states_interpreter()
            _loaded = True


def parse(definition: str) -> Any:
    """The program of a definition. It holds no state: one serves every execution."""
    load()
    return _parse(definition)


@lru_cache(maxsize=200)
def _parse(definition: str) -> Any:
    from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

    from helpers.localaws.triggers.stepfunctions import querying

    program, _ = AmazonStateLanguageParser.parse(dumps(json.loads(definition)))
    querying.locate(program)
    return program


def problem(definition: str) -> str | None:
    """Why the interpreter does not understand a definition; None: it does."""
    try:
        parse(definition)
    except Exception as trouble:
        return str(trouble)
    return None


def timeout(program: Any) -> int | None:
    """The state machine's TimeoutSeconds."""
    return program.timeout_seconds.timeout_seconds if program.timeout_seconds else None


def environment(execution: Execution, given: Any) -> Any:
    """What a program runs in: the context object, variables, and the history."""
    from moto.stepfunctions.parser.api import StateMachineType
    from moto.stepfunctions.parser.asl.eval.environment import Environment
    from moto.stepfunctions.parser.asl.eval.evaluation_details import AWSExecutionDetails
    from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext

    machine = execution.machine
    context: Any = {
        "Execution": {
            "Id": execution.arn,
            "Input": given,
            "Name": execution.name,
            "RoleArn": execution.settings.role,
            "StartTime": iso(execution.started),
            **({"RedriveCount": 0} if machine.kind == "STANDARD" else {}),
        },
        "StateMachine": {"Id": machine.arn, "Name": machine.name},
    }
    env = Environment(
        aws_execution_details=AWSExecutionDetails(
            execution.account, execution.region, execution.settings.role
        ),
        execution_type=StateMachineType(machine.kind),
        context=context,
        event_history_context=EventHistoryContext.of_program_start(),
        cloud_watch_logging_session=None,
        activity_store={},
    )
    env.event_manager = execution.history  # type: ignore[assignment]  # has its add_event
    return env


def say_started(env: Any, details: dict[str, Any]) -> None:
    """The first event, which is the cause of none."""
    from moto.stepfunctions.parser.api import HistoryEventType

    env.event_manager.add_event(
        env.event_history_context,
        HistoryEventType.ExecutionStarted,
        details,
        update_source_event_id=False,
    )


def release(env: Any) -> None:
    """End everything that waits in an environment, and in those inside it."""
    if env is None:
        return
    env.set_stop(stop_date=None, cause=None, error=None)
    for endpoint in list(env.callback_pool_manager._pool.values()):
        endpoint.interrupt_all()
