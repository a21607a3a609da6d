"""The interpreter of the Amazon States Language."""

from __future__ import annotations

import json
import sys
import threading
from collections import deque
from types import SimpleNamespace
from typing import Any


def connect_states_interpreter() -> None:
    """Make moto's interpreter of the Amazon States Language do as AWS does.

    Called when the interpreter is first needed: importing it takes a second. Which behaviour is
    AWS's, and where it says so, stands in ``triggers/stepfunctions``.
    """
    from moto.stepfunctions.parser import utils

    # It keeps every thread that it ever started.
    utils.TMP_THREADS = deque(maxlen=0)
    # Its other half loads all of the first.
    from moto.stepfunctions.parser.asl.parse import asl_parser  # noqa: F401

    _let_states_follow_the_course_clock()
    _let_states_call_with_their_role()
    _let_states_read_and_write_exactly()
    _let_states_run_as_on_aws()
    _let_states_say_what_they_do_not_find()
    _let_tasks_fail_as_on_aws()


def _let_states_follow_the_course_clock() -> None:
    """Reason: it waits in threading.Event and time.sleep, which count the machine's seconds; and
    most of these waits do not end with their execution."""
    from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
    from moto.stepfunctions.parser.asl.component.program.program import Program
    from moto.stepfunctions.parser.asl.component.state import state
    from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_callback as callback_service,
    )
    from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
    from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import (
        WaitFunction,
    )
    from moto.stepfunctions.parser.asl.eval import environment
    from moto.stepfunctions.parser.asl.eval.callback import callback

    from helpers.localaws.triggers.stepfunctions import flow, waiting

    callback.Event = waiting.CourseEvent
    environment.threading = SimpleNamespace(RLock=threading.RLock, Event=waiting.EndingEvent)
    retrier_decl.time = SimpleNamespace(sleep=waiting.sleep)
    callback_service.time = SimpleNamespace(sleep=waiting.sleep_until_some_end)
    retry = retrier_decl.RetrierDecl._eval_body

    def retry_interruptibly(self: Any, env: Any) -> None:
        with waiting.interruptible_by(env):
            retry(self, env)

    retrier_decl.RetrierDecl._eval_body = retry_interruptibly
    ExecutionState._evaluate_with_timeout = flow.evaluate_with_timeout
    ExecutionState.from_state_props = flow.without_limit(ExecutionState.from_state_props)
    Program.eval = flow.run_program
    Timestamp._get_wait_seconds = flow.seconds_until
    WaitFunction._wait_interval = flow.wait_interval
    state.StateData = flow.state_data


def _let_states_call_with_their_role() -> None:
    """Reason: its boto3 clients have hard-coded keys, so that nobody could say who calls; they
    throw the metadata of an answer away, which is part of a task's result, and Lambda's
    InvocationType."""
    from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_aws_sdk as aws_sdk,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_dynamodb as dynamodb,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_events as events,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_lambda as functions,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_sfn as sfn,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_sns as sns,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_sqs as sqs,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (  # noqa: E501
        StateTaskService,
    )

    from helpers.localaws.triggers.stepfunctions import clients, tasks

    def boto_client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        return clients.client(region, service, state_credentials)

    _replace_by_name("boto_client_for", boto_client_for)
    lambda_eval_utils.execute_lambda_function_integration = tasks.invoke_function
    StateTaskService._get_boto_service_name = tasks.boto_service
    StateTaskService._normalise_parameters = tasks.normalise_parameters
    StateTaskService._normalise_response = tasks.normalise_response
    functions.StateTaskServiceLambda._get_supported_parameters = tasks.supported_parameters
    for service in (
        aws_sdk.StateTaskServiceAwsSdk,
        dynamodb.StateTaskServiceDynamoDB,
        events.StateTaskServiceEvents,
        sfn.StateTaskServiceSfn,
        sns.StateTaskServiceSns,
        sqs.StateTaskServiceSqs,
    ):
        service._eval_service_task = tasks.keep_metadata(
            service._eval_service_task, optimised=service is not aws_sdk.StateTaskServiceAwsSdk
        )


def _let_states_read_and_write_exactly() -> None:
    """Reasons: it escapes or refuses what is not ASCII, writes some JSON with blanks, reads the
    texts of a definition as Python's, makes lists of what a path selects by its place, and asks a
    Java library for JSONata."""
    from moto.stepfunctions.parser.asl.component.common.string import string_expression
    from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.encoding_decoding import (  # noqa: E501
        base_64_decode,
        base_64_encode,
    )
    from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.generic import (
        string_format,
    )
    from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.json_manipulation import (  # noqa: E501
        json_to_string,
    )
    from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations import (  # noqa: E501
        is_operator,
        string_operators,
    )
    from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore
    from moto.stepfunctions.parser.asl.parse import preprocessor
    from moto.stepfunctions.parser.asl.parse.intrinsic import intrinsic_parser
    from moto.stepfunctions.parser.asl.parse.intrinsic import (
        preprocessor as intrinsic_preprocessor,
    )
    from moto.stepfunctions.parser.asl.utils import encoding

    from helpers.localaws.triggers.stepfunctions import (
        flow,
        intrinsics,
        json_text,
        paths,
        querying,
    )

    encoding.json = SimpleNamespace(dumps=lambda value, **_: json_text.dumps(value))
    _replace_by_name("extract_json", paths.extract)
    base_64_encode.Base64Encode._eval_body = intrinsics.encode_base64
    base_64_decode.Base64Decode._eval_body = intrinsics.decode_base64
    string_format.StringFormat._eval_body = intrinsics.format_text
    json_to_string.json = SimpleNamespace(dumps=lambda value, **_: json_text.dumps(value))
    intrinsic_parser.IntrinsicParser.parse = staticmethod(intrinsics.parse_written)
    intrinsic_preprocessor.Preprocessor._text_of_str = staticmethod(intrinsics.text_of)

    def text(parser_rule_context: Any) -> Any:
        return json.loads(parser_rule_context.getText())

    inner = preprocessor.Preprocessor._inner_string_of

    def inner_text(parser_rule_context: Any) -> Any:
        written = parser_rule_context.getText()
        return json.loads(written) if written[:1] == '"' else inner(parser_rule_context)

    preprocessor.from_string_literal = text
    preprocessor.Preprocessor._inner_string_of = staticmethod(inner_text)
    string_expression.StringJSONata._eval_body = querying.evaluate
    string_expression.StringVariableSample._eval_body = querying.sample
    VariableStore.get_assigned_variables = querying.assigned
    is_operator.IsTimestamp.string_to_timestamp = staticmethod(flow.timestamp)
    string_operators.StringMatches._compare = staticmethod(flow.matches)


def _let_states_run_as_on_aws() -> None:
    """Reasons: a Map starts a thread for each item and calls itself for each; a Choice without a
    match, an error named "States." and an interval of 0 end in an error of Python; a Catch that
    leads to its own state goes on instead."""
    from moto.stepfunctions.parser.asl.component.common.catch.catcher_decl import CatcherDecl
    from moto.stepfunctions.parser.asl.component.common.error_name import custom_error_name
    from moto.stepfunctions.parser.asl.component.common.retry import interval_seconds_decl
    from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
    from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import (
        inline_iteration_component as inline_map,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import (
        iteration_worker,
    )
    from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
    from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

    from helpers.localaws.triggers.stepfunctions import flow

    def interval(self: Any, seconds: int = 1) -> None:
        self.seconds = seconds

    custom_error_name.ILLEGAL_CUSTOM_ERROR_PREFIX = "\0"
    interval_seconds_decl.IntervalSecondsDecl.__init__ = interval
    CatcherDecl._eval_body = flow.note_catch(CatcherDecl._eval_body)
    CommonStateField._set_next = flow.keep_caught(CommonStateField._set_next)
    StateChoice._eval_state = flow.choose(StateChoice._eval_state)
    component = inline_map.InlineIterationComponent
    component._eval_body = flow.limit_map(component._eval_body)
    iteration_worker.IterationWorker._eval_pool = flow.work_through
    Preprocessor._open_query_language_scope = flow.scope_of_language(
        Preprocessor._open_query_language_scope
    )


def _let_states_say_what_they_do_not_find() -> None:
    """Reasons: it names its own classes in the place of fields, takes a missing variable of a
    Choice for one that does not match, and has Python's words for functions that fail."""
    from moto.stepfunctions.parser.asl.component.common.assign import assign_template_binding
    from moto.stepfunctions.parser.asl.component.common.path.items_path import ItemsPath
    from moto.stepfunctions.parser.asl.component.common.path.result_path import ResultPath
    from moto.stepfunctions.parser.asl.component.common.payload.payloadvalue.payloadbinding import (
        payload_binding,
    )
    from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
        StringIntrinsicFunction,
    )
    from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
    from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_variable import (  # noqa: E501
        ComparisonVariable,
    )
    from moto.stepfunctions.parser.asl.component.state.fail.cause_decl import CausePath
    from moto.stepfunctions.parser.asl.component.state.fail.error_decl import ErrorPath
    from moto.stepfunctions.parser.asl.component.state.state import CommonStateField

    from helpers.localaws.triggers.stepfunctions import lookups

    EvalComponent._field_name = lookups.field_name
    assign = assign_template_binding.AssignTemplateBindingStringExpressionSimple
    assign._field_name = lookups.field_of_assign
    assign._eval_value = lookups.naming_the_field(assign._eval_value)
    payload = payload_binding.PayloadBindingStringExpressionSimple
    payload._eval_val = lookups.naming_the_field(payload._eval_val)
    for component, change in (
        (ComparisonVariable, lookups.compare),
        (StringIntrinsicFunction, lookups.call_function),
        (ItemsPath, lookups.find_items),
        (ErrorPath, lookups.find_text),
        (CausePath, lookups.find_text),
        (ResultPath, lookups.put_result),
        (CommonStateField, lookups.evaluate_state),
    ):
        component._eval_body = change(component._eval_body)


def _let_tasks_fail_as_on_aws() -> None:
    """Reasons: States.ALL catches what cannot be caught; a missing function is an "Exception"; many
    services' errors are States.Runtime."""
    from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import (
        ErrorEqualsDecl,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_aws_sdk as aws_sdk,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_callback as callback,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_dynamodb as dynamodb,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_events as events,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_lambda as functions,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_sfn as sfn,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_sns as sns,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_sqs as sqs,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda import (
        StateTaskLambda,
    )

    from helpers.localaws.triggers.stepfunctions import flow, tasks

    ErrorEqualsDecl._eval_body = flow.catches
    StateTask._from_error = tasks.timed_out(StateTask._from_error)
    waits = callback.StateTaskServiceCallback
    waits._from_error = tasks.failing(waits._from_error)
    for service in (
        aws_sdk.StateTaskServiceAwsSdk,
        functions.StateTaskServiceLambda,
        sfn.StateTaskServiceSfn,
        sns.StateTaskServiceSns,
        sqs.StateTaskServiceSqs,
    ):
        service._from_error = waits._from_error
    events.StateTaskServiceEvents._from_error = tasks.failing(
        events.StateTaskServiceEvents._from_error
    )
    dynamodb.StateTaskServiceDynamoDB._from_error = tasks.failing(StateTask._from_error)
    StateTaskLambda._from_error = tasks.failing(StateTaskLambda._from_error)


def _replace_by_name(name: str, replacement: Any) -> None:
    """Replace a function of the interpreter in every module that has imported it by name."""
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith("moto.stepfunctions.") and hasattr(module, name):
            setattr(module, name, replacement)
