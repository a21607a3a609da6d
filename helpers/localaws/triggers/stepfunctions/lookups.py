"""What a state says when a path finds nothing, a function fails, or a result fits nowhere.

``moto_hooks`` puts these functions around the methods of moto's components.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers.localaws.triggers.stepfunctions.flow import fail
from helpers.localaws.triggers.stepfunctions.json_text import dumps

Evaluate = Callable[[Any, Any], Any]


def field_name(self: Any) -> str | None:
    """How a component is called in an error: by its field. The parts of a function have none."""
    kind = type(self)
    return None if ".intrinsic." in kind.__module__ else str(kind.__name__)


def field_of_assign(self: Any) -> str:
    return f"{self.identifier}.$"


def naming_the_field(original: Evaluate) -> Evaluate:
    """Around the value of one field of a template: the error names that field."""

    def evaluate(self: Any, env: Any) -> Any:
        from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

        try:
            return original(self, env)
        except NoSuchJsonPathError as problem:
            told: Any = problem
            env.next_field_name = told.field = self._field_name()
            raise

    return evaluate


def compare(original: Evaluate) -> Evaluate:
    """A comparison of a Choice: only IsPresent may be asked about what is not there."""

    def _eval_body(self: Any, env: Any) -> None:
        from moto.stepfunctions.parser.asl.component.state.choice.comparison.variable import (
            NoSuchVariable,
        )
        from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

        self.variable.eval(env)
        function = self.comparison_function
        if isinstance(env.stack[-1], NoSuchVariable) and function.operator_type.name != "IsPresent":
            raise _bad_condition(env, self.variable.string_sampler.literal_value)
        try:
            function.eval(env)
        except NoSuchJsonPathError as problem:  # of StringEqualsPath and the like
            raise _bad_condition(env, problem.json_path) from None

    return _eval_body


def _bad_condition(env: Any, path: str) -> Exception:
    cause = f"Invalid path '{path}': The choice state's condition path references an invalid value."
    return fail(env, "States.Runtime", cause)


def call_function(original: Evaluate) -> Evaluate:
    """An intrinsic function."""

    def _eval_body(self: Any, env: Any) -> None:
        from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
            FailureEventException,
        )
        from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

        try:
            original(self, env)
        except (FailureEventException, NoSuchJsonPathError):
            raise
        except Exception as problem:
            call = self.intrinsic_function_derivation
            cause = f"The function '{call}' had the following error: {problem}"
            raise fail(env, "States.IntrinsicFailure", cause) from None

    return _eval_body


def find_items(original: Evaluate) -> Evaluate:
    """ItemsPath of a Map."""

    def _eval_body(self: Any, env: Any) -> None:
        original(self, env)
        if not isinstance(env.stack[-1], list):
            path = self.string_sampler.literal_value
            raise fail(env, "States.Runtime", f'Reference path "{path}" must point to array.')

    return _eval_body


def find_text(original: Evaluate) -> Evaluate:
    """ErrorPath and CausePath of a Fail."""

    def _eval_body(self: Any, env: Any) -> None:
        original(self, env)
        if not isinstance(env.stack[-1], str):
            cause = f"The value that {type(self).__name__} selects must be a string."
            raise fail(env, "States.Runtime", cause)

    return _eval_body


def put_result(original: Evaluate) -> Evaluate:
    """ResultPath."""

    def _eval_body(self: Any, env: Any) -> None:
        given = env.states.get_input()
        try:
            original(self, env)
        except Exception:  # whatever Python has against it
            cause = f"Unable to apply ReferencePath {self.result_path_src} to input {dumps(given)}"
            raise fail(env, "States.ResultPathMatchFailure", cause) from None

    return _eval_body


def evaluate_state(original: Evaluate) -> Evaluate:
    """A whole state: what nobody has a better name for is States.Runtime."""

    def _eval_body(self: Any, env: Any) -> None:
        from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
            FailureEventException,
        )

        try:
            original(self, env)
        except FailureEventException:
            raise
        except Exception as problem:
            raise fail(env, "States.Runtime", str(problem)) from None

    return _eval_body
