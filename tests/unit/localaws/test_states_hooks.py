"""Where moto's interpreter waits, starts threads and calls services: the places that we change.

What the changes are good for is shown by ``tests/fidelity/test_stepfunctions*.py``. Here it shows
when moto gets a new such place, or loses one.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

SERVICE = "asl/component/state/exec/state_task/service/state_task_service_"


def places(words: str) -> set[str]:
    """The files of the interpreter in which these words stand."""
    spec = find_spec("moto")
    assert spec is not None
    assert spec.origin is not None
    top = Path(spec.origin).parent / "stepfunctions" / "parser"
    return {
        file.relative_to(top).as_posix()
        for file in (top / "asl").rglob("*.py")
        if words in file.read_text(encoding="utf-8")
    }


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        (
            "time.sleep(",
            {"asl/component/common/retry/retrier_decl.py", f"{SERVICE}callback.py"},
        ),
        (
            "Event()",
            {
                "asl/eval/callback/callback.py",
                "asl/eval/environment.py",
                # Replaced as a whole.
                "asl/component/state/exec/execute_state.py",
                # These wait for other states, without a limit, and are set when those end.
                "asl/component/state/exec/state_map/iteration/job.py",
                "asl/component/state/exec/state_parallel/branches_decl.py",
                # Not used: of distributed Maps, and of the history in whose place is ours.
                "asl/component/state/exec/state_map/iteration/itemprocessor/map_run_record.py",
                "asl/eval/event/event_manager.py",
            },
        ),
        ("Timer(", set()),
        (
            " = eval_jsonata_expression(",
            # The second is called by what is replaced in the first.
            {
                "asl/component/common/string/string_expression.py",
                "asl/jsonata/validations.py",
            },
        ),
    ],
)
def test_where_the_interpreter_waits_and_asks(words: str, changed: set[str]) -> None:
    assert places(words) == changed


def test_every_client_is_made_by_one_function() -> None:
    assert places("boto3.client(") == {"asl/utils/boto_client.py"}
    callers = {place.removeprefix(SERVICE) for place in places("boto_client_for(")}
    assert {"aws_sdk.py", "dynamodb.py", "events.py", "sfn.py", "sns.py", "sqs.py"} <= callers
