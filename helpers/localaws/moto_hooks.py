"""Every change made to moto, each with its reason. Nothing else in this project patches it.

``tests/unit/localaws/test_moto_hooks.py`` fails when moto moves one of these places.
"""

from __future__ import annotations

import copy
import json
import os
import re
import sys
import threading
import time
from collections import deque
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from helpers.localaws.on_import import when_imported

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService
    from helpers.localaws.gateway.record import Record


def install() -> None:
    """Settings that moto reads when it is imported; call before anything imports moto."""
    # AWS's own managed policies (AWSLambdaBasicExecutionRole, …) can then be attached.
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    # Credentials of this machine are of no use here, and never read.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none")


def read_managed_policies_once() -> None:
    """Keep AWS's 1,600 managed policies instead of reading them again at every reset.

    Reason: moto makes them anew for each of its six partitions whenever IAM is emptied, which
    takes more than a second. This course knows one partition, and copies are cheap.
    """
    from moto.iam.models import IAMBackend

    read = IAMBackend._init_aws_policies
    kept: dict[str, list[Any]] = {}

    def _init_aws_policies(self: Any) -> list[Any]:
        if self.partition != "aws":
            return []
        if self.account_id not in kept:
            kept[self.account_id] = read(self)
        return [copy.copy(policy) for policy in kept[self.account_id]]

    IAMBackend._init_aws_policies = _init_aws_policies


def forget_what_was_deleted() -> None:
    """Reason: for its dashboard moto keeps every object that it ever made, each log event too, so
    that the server grew with every invocation. (S3 alone uses its list, to close files.)
    """
    from moto.core.common_models import BaseModel

    def __new__(cls: Any, *_: Any, **__: Any) -> Any:
        instance = object.__new__(cls)
        if cls.__module__.startswith("moto.s3."):
            cls.instances_tracked.append(instance)
        return instance

    BaseModel.__new__ = __new__


def return_every_updated_attribute() -> None:
    """Reason: with ReturnValues=UPDATED_NEW moto leaves out an attribute that was set to the value
    it had, and adds the key of a new item; DynamoDB returns what the update names.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """
    from moto.dynamodb.responses import DynamoHandler

    build = DynamoHandler._build_updated_new_attributes

    def named_by_the_update(self: Any, original: Any, changed: Any) -> Any:
        names = _updated_attributes(self.body)
        # It calls itself for nested values, and for those moto is right.
        if names is None or not isinstance(changed, dict) or not names & set(changed):
            return build(self, original, changed)
        return {name: value for name, value in changed.items() if name in names}

    DynamoHandler._build_updated_new_attributes = named_by_the_update


def _updated_attributes(body: dict[str, Any]) -> set[str] | None:
    """What an UpdateExpression sets or adds to; None where it reaches into a document."""
    names = body.get("ExpressionAttributeNames", {})
    found: set[str] = set()
    for clause in re.split(r"(?i)\b(?=(?:set|add|remove|delete)\b)", body["UpdateExpression"]):
        if not clause.lower().startswith(("set", "add")):
            continue
        # "SET a = :one, #b = if_not_exists(#b, :two)", "ADD c :one"
        for target in re.findall(r"(?:^\w+\s+|,\s*)([#\w.\[\]]+)\s*(?==|\s:)", clause):
            if "." in target or "[" in target:
                return None
            found.add(names.get(target, target))
    return found


def connect_triggers(service: LambdaService) -> None:
    """Give moto's services our Lambda in place of moto's.

    Reason: moto runs a handler (in Docker, or not at all) inside the producer's own API call, so a
    slow handler makes ``put_object`` slow, and boto's retry of that call runs it again. moto's
    services fetch its Lambda through one function; with this in its place they hand their event to
    the asynchronous queue and return, as on AWS. S3, SNS and EventBridge, whose events moto cuts
    short or refuses to deliver, get triggers of our own.
    """
    from moto.awslambda import utils

    def get_backend(account_id: str, region: str) -> LambdaForMoto:
        return LambdaForMoto(service, account_id, region)

    utils.get_backend = get_backend
    _connect_sns(service)
    _connect_s3(service)
    _refuse_s3_notifications_without_permission(service)
    _connect_eventbridge(service)
    _connect_scheduler(service)
    _connect_logs(service)
    _look_at_requests()
    _connect_rest_apis()
    _connect_http_apis(service)
    _keep_what_lies_in_queues()
    _keep_trace_of_messages()
    _keep_changes_of_tables(service)
    _correct_kinesis()
    _name_the_caller()
    _rotate_secrets(service)
    _make_state_machines_of_stacks(service)
    _use_only_enabled_keys()
    _make_real_sessions()
    _give_new_accounts_an_administrator()
    _refuse_malformed_policies()
    _keep_boundaries_of_users()
    _simulate_policies()


def _connect_sns(service: LambdaService) -> None:
    """Reasons: moto's events have made-up topics, ids and times; a subscription that fails makes
    Publish fail, one to a web address is called from inside it; FIFO topics deliver a message
    twice and number none; nothing is redriven; filter policies are those of years ago; what is
    refused is so in words of its own, or fails (501).
    """
    from moto.sns.models import SNSBackend
    from moto.sns.responses import SNSResponse

    from helpers.localaws.triggers.sns import publishing, subscriptions, topics

    def publish(
        self: Any, message: str, arn: str | None, phone_number: str | None = None, **more: Any
    ) -> Any:
        if phone_number or ":endpoint/" in (arn or ""):
            return to_a_phone(self, message, arn, phone_number, **more)
        return publishing.publish(service, self, message, arn or "", **more)

    def publish_batch(
        self: Any, topic_arn: str, publish_batch_request_entries: list[dict[str, Any]]
    ) -> Any:
        return publishing.publish_batch(service, self, topic_arn, publish_batch_request_entries)

    def publish_response(self: Any) -> Any:
        answer = publish_call(self)
        result: Any = answer.result
        if sequence := getattr(result["MessageId"], "sequence", None):
            result["SequenceNumber"] = sequence
        return answer

    def subscribe(self: Any) -> Any:
        topic, protocol = self._get_param("TopicArn"), self._get_param("Protocol")
        endpoint, attributes = self._get_param("Endpoint"), self._get_attributes()
        subscriptions.check_new(self.backend, topic, protocol, endpoint or "", attributes)
        return subscribe_call(self)

    def create_topic(self: Any) -> Any:
        topics.check_attributes(self._get_attributes())
        return create_call(self)

    def set_topic_attributes(self: Any) -> Any:
        names = ("TopicArn", "AttributeName", "AttributeValue")
        topics.set_attributes(self.backend, *(self._get_param(name) for name in names))
        return set_call(self)

    def get_topic_attributes(self: Any) -> Any:
        answer = get_call(self)
        shown, arn = answer.result, self._get_param("TopicArn")
        shown["Attributes"] = topics.with_all_attributes(self.backend, arn, shown["Attributes"])
        return answer

    responses: Any = SNSResponse
    set_call, get_call = responses.set_topic_attributes, responses.get_topic_attributes
    create_call, responses.create_topic = responses.create_topic, create_topic
    responses.set_topic_attributes = set_topic_attributes
    responses.get_topic_attributes = get_topic_attributes
    SNSBackend._get_values_nexttoken = topics.page_at(SNSBackend._get_values_nexttoken)
    to_a_phone, SNSBackend.publish = SNSBackend.publish, publish
    SNSBackend.publish_batch = publish_batch
    SNSBackend.set_subscription_attributes = subscriptions.set_attribute
    SNSBackend.unsubscribe = subscriptions.remove
    SNSBackend.get_topic = topics.checked(SNSBackend.get_topic)
    SNSBackend.create_topic = topics.in_aws_words(SNSBackend.create_topic)
    read_attributes = publishing.read_attributes(SNSResponse._transform_message_attributes)
    SNSResponse._transform_message_attributes = read_attributes
    publish_call, SNSResponse.publish = SNSResponse.publish, publish_response
    subscribe_call, SNSResponse.subscribe = SNSResponse.subscribe, subscribe


def _connect_s3(service: LambdaService) -> None:
    """Reasons: moto's records lack half their members; an upload in parts is announced twice, and
    each upload as a change of tags too; a delete marker is not announced at all; what goes to a
    topic has no subject."""
    from moto.s3 import notifications
    from moto.s3.models import S3Backend

    from helpers.localaws.triggers import s3

    complete, set_delete_marker = S3Backend.complete_multipart_upload, S3Backend._set_delete_marker
    uploading = threading.local()

    def send(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        name = str(getattr(event_name, "value", event_name))
        in_parts = getattr(uploading, "in_parts", False)
        config = bucket.notification_configuration
        if not config or (in_parts and not name.endswith("CompleteMultipartUpload")):
            return
        if s3.is_part_of_another(name):
            return
        for rule in config.cloud_function:
            if rule.matches(name, key.name):
                s3.notify(service, account_id, name, bucket, key, rule)
        for rule in [*config.queue, *config.topic]:
            if rule.matches(name, key.name):
                _, _, kind, region, _, queue_name = rule.arn.split(":")
                body = {"Records": [s3.record(account_id, name, bucket, key, rule.id)]}
                if kind == "sqs":
                    notifications._send_sqs_message(account_id, body, queue_name, region)
                else:
                    notifications._send_sns_message(account_id, body, rule.arn, region)
        if config.event_bridge is not None:
            s3.announce(service, account_id, name, bucket, key)

    def complete_once(self: Any, *arguments: Any, **more: Any) -> Any:
        uploading.in_parts = True
        try:
            return complete(self, *arguments, **more)
        finally:
            uploading.in_parts = False

    def announce_delete_marker(self: Any, bucket_name: str, key_name: str) -> Any:
        marker = set_delete_marker(self, bucket_name, key_name)
        event = notifications.S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
        notifications.send_event(self.account_id, event, self.get_bucket(bucket_name), marker)
        return marker

    notifications.send_event = send
    notifications._send_sns_message = s3.to_topic
    S3Backend.complete_multipart_upload = complete_once
    S3Backend._set_delete_marker = announce_delete_marker


def _keep_what_lies_in_queues() -> None:
    """Reasons: for each call moto looks at every message of a queue (a batch of ten sent to a
    queue of a thousand takes it 80 ms); it loses messages where calls meet; it forgets what was
    sent twice as soon as the first is deleted, lets later messages of a FIFO group overtake, and
    moves messages to the queue that a dead-letter queue's name meant once. Unknown attributes,
    values out of range and oversized batches pass, and StartMessageMoveTask is missing.
    """
    from moto.sqs.models import Queue, SQSBackend
    from moto.sqs.responses import SQSResponse

    from helpers.localaws.queues import operations, redrive, sending, settings

    def give(place: Any, **methods: Any) -> None:
        for name, method in methods.items():
            setattr(place, name, method)

    make, create, configure = Queue.__init__, SQSBackend.create_queue, Queue._set_attributes
    receive = SQSResponse.receive_message

    def __init__(self: Any, *arguments: Any, **more: Any) -> None:
        make(self, *arguments, **more)
        operations.furnish(self)

    def create_queue(self: Any, name: str, tags: Any = None, **attributes: Any) -> Any:
        return operations.create_queue(self, create, name, tags, attributes)

    def set_queue_attributes(self: Any, queue_name: str, attributes: dict[str, Any]) -> Any:
        queue = self.get_queue(queue_name)
        settings.check(attributes, queue.fifo_queue)
        configure(queue, attributes)
        return queue

    give(
        Queue,
        __init__=__init__,
        BASE_ATTRIBUTES=[*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"],
        redrive_allow_policy=None,
        add_message=sending.add,
        messages=property(lambda self: [one.message for one in self.contents.waiting()]),
        approximate_number_of_messages=property(lambda self: self.contents.counts()[0]),
        approximate_number_of_messages_not_visible=property(lambda self: self.contents.counts()[1]),
        approximate_number_of_messages_delayed=property(lambda self: self.contents.counts()[2]),
    )
    give(
        SQSBackend,
        create_queue=create_queue,
        set_queue_attributes=set_queue_attributes,
        delete_queue=operations.delete_queue,
        purge_queue=operations.purge_queue,
        send_message=operations.send_message,
        send_message_batch=operations.send_message_batch,
        receive_message=operations.receive_message,
        delete_message=operations.delete_message,
        delete_message_batch=operations.delete_message_batch,
        change_message_visibility=operations.change_message_visibility,
        change_message_visibility_batch=operations.change_message_visibility_batch,
        list_dead_letter_source_queues=lambda self, name: redrive.sources_of(self.get_queue(name)),
    )
    give(
        SQSResponse,
        receive_message=lambda self: operations.answer_receive_message(self, receive),
        start_message_move_task=operations.answer_start_message_move_task,
        list_message_move_tasks=operations.answer_list_message_move_tasks,
        cancel_message_move_task=operations.answer_cancel_message_move_task,
    )


def _connect_rest_apis() -> None:
    """Reasons: moto serves no requests below a stage, so a deployment keeps nothing of the API; a
    deployment to a stage that is there throws the stage's settings away; an authoriser loses its
    validation expression, a new API its binaryMediaTypes, an integration its defaults; duplicates,
    other methods and URIs that name nothing are accepted.

    When moto's API Gateway is first used: it takes long to import.
    """
    from helpers.localaws.triggers.http import checks, rest_checks

    def leave_out_a_grammar() -> None:
        # Where this package is installed (JupyterLab brings it), jsonschema compiles a grammar of
        # international URLs for a second or two, which API Gateway's models do not need.
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

    def change(models: ModuleType) -> None:
        if sys.modules["rfc3987_syntax"] is None:
            del sys.modules["rfc3987_syntax"]
        backend, api = models.APIGatewayBackend, models.RestAPI
        for name, check in rest_checks.CHECKS.items():
            setattr(backend, name, checks.checked(getattr(backend, name), check))
        api.create_deployment = rest_checks.with_picture(api.create_deployment)
        api.create_authorizer = rest_checks.with_expression(api.create_authorizer)
        resource = models.Resource
        resource.add_integration = rest_checks.with_defaults(resource.add_integration)

    def change_responses(responses: ModuleType) -> None:
        handler = responses.APIGatewayResponse
        handler.create_rest_api = rest_checks.with_binary_types(handler.create_rest_api)

    when_imported("moto.apigateway.models", change, before=leave_out_a_grammar)
    when_imported("moto.apigateway.responses", change_responses)


def _connect_http_apis(service: LambdaService) -> None:
    """Reasons: moto ignores CreateApi's Target, has no deployments of HTTP APIs, no UpdateStage and
    no GetAuthorizers, shows a URL that nobody can reach, and accepts what AWS refuses."""
    from helpers.localaws.triggers.http import checks
    from helpers.localaws.triggers.http import http_api_management as management

    def change_models(models: ModuleType) -> None:
        backend = models.ApiGatewayV2Backend
        for name, check in management.CHECKS.items():
            setattr(backend, name, checks.checked(getattr(backend, name), check))
        show_api, show_stage = models.Api.to_json, models.Stage.to_json
        models.Api.to_json = lambda self: management.shown_api(
            self, show_api(self), service.endpoint
        )
        models.Stage.to_json = lambda self: management.shown_stage(self, show_stage(self))

    def change_responses(responses: ModuleType) -> None:
        handler = responses.ApiGatewayV2Response
        create_api = handler.create_api
        handler.create_api = lambda self: management.quick_create(self, create_api)
        for name, operation in management.OPERATIONS.items():
            setattr(handler, name, operation)

    def change_urls(urls: ModuleType) -> None:
        from moto.apigatewayv2.responses import ApiGatewayV2Response

        for path in management.PATHS:
            urls.url_paths[path] = ApiGatewayV2Response.dispatch

    when_imported("moto.apigatewayv2.models", change_models)
    when_imported("moto.apigatewayv2.responses", change_responses)
    when_imported("moto.apigateway.urls", change_urls)


def _keep_trace_of_messages() -> None:
    """Reason: a message remembers the request that sent it, so that a loop through a queue is seen.

    Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html
    """
    from moto.sqs.models import Queue

    from helpers.localaws.gateway.call import current_trace

    add_message = Queue.add_message

    def add_with_trace(self: Any, message: Any) -> None:
        if current_trace() and "AWSTraceHeader" not in message.system_attributes:
            message.system_attributes = {
                **message.system_attributes,
                "AWSTraceHeader": {"DataType": "String", "StringValue": current_trace()},
            }
        add_message(self, message)

    Queue.add_message = add_with_trace


def _connect_eventbridge(service: LambdaService) -> None:
    """Reasons: moto delivers inside PutEvents, to few kinds of targets, and tries nothing again; a
    disabled rule and a schedule match every event, and nothing fires schedules; it takes patterns,
    targets and events that AWS refuses, and cannot test a pattern.
    """
    from moto.events.exceptions import ResourceNotFoundException
    from moto.events.models import EventPattern, EventPatternParser, EventsBackend, Rule
    from moto.events.responses import EventsHandler

    from helpers.localaws.triggers.eventbridge import events, rules, schedules

    put_rule, put_targets = EventsBackend.put_rule, EventsBackend.put_targets
    copy_to_archive = Rule.send_to_targets

    def put_rule_checked(self: Any, name: str, **given: Any) -> Any:
        rules.check_rule(name, given)
        rule = put_rule(self, name, **given)
        if rule.scheduled_expression:
            schedules.start(service, rule)
        return rule

    def put_targets_checked(
        self: Any, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]
    ) -> None:
        bus = self._get_event_bus(self._normalize_event_bus_arn(event_bus_arn))
        rules.check_targets(bus.rules.get(name), targets, name, event_bus_arn)
        put_targets(self, name, event_bus_arn, targets)

    def send(self: Any, original_event: Any, transform_input: bool = True) -> None:
        if self.managed_by:  # the rule behind an archive
            copy_to_archive(self, original_event, transform_input)
            return
        event = dict(original_event)
        events.offer(service, self, event, event.pop("ingestion-time", None) or time.time())

    def only_with_a_rule(operation: Any) -> Any:
        def call(self: Any, name: str, event_bus_arn: str | None, **more: Any) -> Any:
            bus = self._get_event_bus(self._normalize_event_bus_arn(event_bus_arn))
            if name not in bus.rules:
                raise ResourceNotFoundException(
                    f"Rule {name} does not exist on EventBus {bus.name}."
                )
            return operation(self, name, event_bus_arn, **more)

        return call

    for name in ("describe_rule", "disable_rule", "enable_rule", "list_targets_by_rule"):
        setattr(EventsBackend, name, only_with_a_rule(getattr(EventsBackend, name)))
    backend: Any = EventsBackend
    backend.put_rule, backend.put_targets = put_rule_checked, put_targets_checked
    backend.put_events = lambda self, entries: events.put(service, self, entries)
    Rule.send_to_targets = send
    pattern: Any = EventPattern
    pattern.matches_event = lambda self, event: rules.matches(self, event)
    parser: Any = EventPatternParser
    parser.parse = lambda self: rules.parsed(self.pattern)
    api: Any = EventsHandler
    api.test_event_pattern = lambda self: self._create_response(
        {"Result": rules.fits(self._get_param("EventPattern"), self._get_param("Event"))}
    )


def _connect_scheduler(service: LambdaService) -> None:
    """Reasons: moto only keeps schedules and fires none; it takes expressions, targets and roles
    that AWS refuses; UpdateSchedule forgets ActionAfterCompletion.
    """
    from moto.scheduler.models import EventBridgeSchedulerBackend
    from moto.scheduler.responses import EventBridgeSchedulerResponse

    from helpers.localaws.triggers.scheduler import checks, runs

    create, update = (
        EventBridgeSchedulerBackend.create_schedule,
        EventBridgeSchedulerBackend.update_schedule,
    )
    delete_group = EventBridgeSchedulerBackend.delete_schedule_group
    update_request = EventBridgeSchedulerResponse.update_schedule

    def create_schedule(self: Any, **given: Any) -> Any:
        self.get_schedule_group(given["group_name"])
        checks.check(given)
        given["action_after_completion"] = given.get("action_after_completion") or "NONE"
        schedule = create(self, **given)
        runs.Run(service, self, schedule)
        return schedule

    def update_schedule(self: Any, **given: Any) -> Any:
        self.get_schedule(group_name=given["group_name"], name=given["name"])
        checks.check(given)
        schedule = update(self, **{**given, "state": given["state"] or "ENABLED"})
        runs.Run(service, self, schedule)
        return schedule

    def update_all(self: Any) -> str:
        answer = update_request(self)
        name = self.uri.split("?")[0].split("/")[-1]
        schedule = self.scheduler_backend.get_schedule(self._get_param("GroupName"), name)
        schedule.action_after_completion = self._get_param("ActionAfterCompletion") or "NONE"
        return answer

    def delete_schedule_group(self: Any, name: str | None) -> None:
        self.get_schedule_group(name)
        delete_group(self, name)

    def checked(operation: str, answer: Any) -> Any:
        def list_some(self: Any) -> Any:
            names = ("NamePrefix", "State", "NextToken", "MaxResults")
            checks.check_list(operation, {name: self._get_param(name) for name in names})
            return answer(self)

        return list_some

    backend: Any = EventBridgeSchedulerBackend
    backend.create_schedule, backend.update_schedule = create_schedule, update_schedule
    backend.delete_schedule_group = delete_schedule_group
    api: Any = EventBridgeSchedulerResponse
    api.update_schedule = update_all
    api.list_schedules = checked("ListSchedules", api.list_schedules)
    api.list_schedule_groups = checked("ListScheduleGroups", api.list_schedule_groups)


def _look_at_requests() -> None:
    """Reason: moto fails (501) at values of a wrong type and takes those that are too long.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html
    """
    from moto.events.responses import EventsHandler
    from moto.logs.responses import LogsResponse
    from moto.scheduler.responses import EventBridgeSchedulerResponse

    from helpers.localaws.triggers.constraints import checked

    call = EventsHandler.call_action
    EventBridgeSchedulerResponse.call_action = checked(call, "scheduler", None)
    EventsHandler.call_action = checked(call, "events", "ValidationException")
    LogsResponse.call_action = checked(call, "logs", "InvalidParameterException")


def _connect_logs(service: LambdaService) -> None:
    """Reasons: moto knows plain terms of filter patterns only, and not in subscription filters; it
    asks for no permission, cannot change a filter where there are two, counts events from 0 in each
    server, and cannot test a pattern.
    """
    from moto.logs import models
    from moto.logs.models import LogEvent, LogsBackend
    from moto.logs.responses import LogsResponse

    from helpers.localaws.triggers import logs

    make: Any = LogEvent.__init__
    put = LogsBackend.put_subscription_filter
    put_metric_filter, filter_events = LogsBackend.put_metric_filter, LogsBackend.filter_log_events

    def __init__(self: Any, ingestion_time: int, log_event: dict[str, Any]) -> None:
        make(self, ingestion_time, log_event)
        self.event_id = logs.event_id(self.timestamp, self.event_id)

    def put_checked(
        self: Any, group_name: str, name: str, pattern: str, destination: str, role: str
    ) -> None:
        group = self.groups.get(group_name)
        if group is not None:
            logs.check_filter(service, group, pattern, destination)
        if group is not None and name in group.subscription_filters:
            group.subscription_filters[name].update(pattern, destination, role)
        else:
            put(self, group_name, name, pattern, destination, role)

    def put_metric_checked(self: Any, name: str, pattern: str, *more: Any) -> None:
        logs.check_pattern(pattern)
        put_metric_filter(self, name, pattern, *more)

    def filter_by_time(self: Any, *given: Any) -> Any:
        logs.check_pattern(given[-2])
        return filter_events(self, *given[:-1], interleaved=True)

    def test_metric_filter(self: Any) -> str:
        pattern, messages = self._get_param("filterPattern"), self._get_param("logEventMessages")
        return json.dumps({"matches": logs.test_filter(pattern, messages)})

    models.EventMessageFilter = logs.EventFilter  # type: ignore[misc, assignment]
    LogEvent.__init__ = __init__  # type: ignore[method-assign]
    backend: Any = LogsBackend
    backend.put_subscription_filter = put_checked
    backend.put_metric_filter = put_metric_checked
    backend.filter_log_events = filter_by_time
    api: Any = LogsResponse
    api.test_metric_filter = test_metric_filter


def _refuse_s3_notifications_without_permission(service: LambdaService) -> None:
    """Reasons: moto takes any function, S3 tries each when the notification is set; moto takes
    rules that one event could fit both, and fails at a rule of no value.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
    """
    from moto.s3.exceptions import S3ClientError
    from moto.s3.models import S3Backend
    from moto.s3.responses import S3Response

    from helpers.localaws.triggers import s3, s3_rules

    read = S3Response._notification_config_from_body

    def read_without_empty_rules(self: Any) -> dict[str, Any]:
        self.body = s3_rules.without_empty_rules(self.body)
        return read(self)

    S3Response._notification_config_from_body = read_without_empty_rules
    put = S3Backend.put_bucket_notification_configuration

    def put_checked(self: Any, bucket_name: str, notification_config: dict[str, Any]) -> None:
        if problem := s3_rules.ambiguous(notification_config or {}):
            raise S3ClientError("InvalidArgument", problem)
        given = (notification_config or {}).get("CloudFunctionConfiguration") or []
        rules = given if isinstance(given, list) else [given]
        bucket = self.get_bucket(bucket_name)
        targets = [rule["CloudFunction"] for rule in rules]
        if s3.problems(service, self.account_id, bucket, targets):
            raise S3ClientError(
                "InvalidArgument",
                "Unable to validate the following destination configurations",
            )
        put(self, bucket_name, notification_config)

    S3Backend.put_bucket_notification_configuration = put_checked


class LambdaForMoto:
    """The few calls that moto's services make to Lambda, each handed to the queue."""

    def __init__(self, service: LambdaService, account: str, region: str) -> None:
        self._service, self._account, self._region = service, account, region

    def get_function(self, name_or_arn: str, qualifier: str | None = None) -> str:
        """Used by subscription filters of CloudWatch Logs, to see whether there is one."""
        return name_or_arn

    def send_log_event(
        self, arn: str, filter_name: str, group: str, stream: str, events: list[dict[str, Any]]
    ) -> None:
        """Used by subscription filters of CloudWatch Logs."""
        from moto.logs.models import logs_backends

        from helpers.localaws.triggers import logs

        found = logs_backends[self._account][self._region].groups[group]
        logs.forward(self._service, found, stream, filter_name, events)

    def put(self, name_or_arn: str, qualifier: str | None, body: str | bytes) -> None:
        from helpers.localaws.compute import arn
        from helpers.localaws.compute.events import QueuedEvent
        from helpers.localaws.compute.invocation import Invocation

        named = arn.parse(name_or_arn, qualifier)
        region = named.region or self._region
        account = named.account or self._account
        target = arn.function_arn(region, account, named.name, named.qualifier)
        payload = body.encode() if isinstance(body, str) else body
        event = QueuedEvent(
            account, region, named.name, named.qualifier, Invocation(payload, target)
        )
        self._service.events.put(event)


def _keep_changes_of_tables(service: LambdaService) -> None:
    """Reasons: moto pushes to Lambda inside the write; its streams know no retention, no second
    life and no deleted table, announce what a failed transaction did and what changed nothing, and
    repeat sequence numbers; a write is not atomic; expired items are never deleted.
    """
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.responses import DynamoHandler
    from moto.dynamodbstreams.models import DynamoDBStreamsBackend

    from helpers.localaws.triggers.streams import expiry, table_api, tables

    for name in ("put_item", "update_item", "delete_item", "transact_write_items",
                 "execute_statement", "execute_transaction"):  # fmt: skip
        setattr(DynamoDBBackend, name, tables.as_one_write(getattr(DynamoDBBackend, name)))
    for name in ("put_item", "update_item", "delete_item"):
        setattr(DynamoHandler, name, tables.undisturbed(getattr(DynamoHandler, name)))
    delete_table = DynamoDBBackend.delete_table

    def delete_table_and_stream(self: Any, name: str) -> Any:
        table = delete_table(self, name)
        tables.forget_table(table)
        return table

    DynamoDBBackend.delete_table = delete_table_and_stream
    backend: Any = DynamoDBBackend
    backend.update_table_streams = lambda self, table, asked: tables.update_streams(table, asked)
    Table.set_stream_specification = tables.set_stream_specification
    api: Any = DynamoDBStreamsBackend
    api.list_streams = lambda self, table_name=None: table_api.list_streams(
        self.account_id, self.region_name, table_name
    )
    api.describe_stream = lambda self, arn: table_api.describe_stream(arn)
    api.get_shard_iterator = lambda self, *given: table_api.get_shard_iterator(*given)
    api.get_records = lambda self, iterator, limit: table_api.get_records(iterator, limit)
    update_time_to_live = DynamoDBBackend.update_time_to_live

    def update_and_watch(self: Any, table_name: str, ttl_spec: dict[str, Any]) -> None:
        update_time_to_live(self, table_name, ttl_spec)
        expiry.watch(service.timetable, self, table_name)

    DynamoDBBackend.update_time_to_live = update_and_watch


def _correct_kinesis() -> None:
    """Reasons: moto numbers records 1, 2, 3 in each shard, not safely where two producers write at
    once, and keeps them for ever; after a split or merge new records go to the closed shard and old
    ones are moved.
    """
    from moto.kinesis.models import Shard, Stream

    from helpers.localaws.triggers.streams import bells, kinesis_shards

    put_record, get_shard = Stream.put_record, Stream.get_shard
    choose, split, merge = Stream.get_shard_for_key, Stream.split_shard, Stream.merge_shards

    def put_and_ring(self: Any, *arguments: Any, **more: Any) -> Any:
        answer = put_record(self, *arguments, **more)
        bells.ring(self.arn)
        return answer

    def get_trimmed(self: Any, shard_id: str) -> Any:
        shard = get_shard(self, shard_id)
        kinesis_shards.trim(self, shard)
        return shard

    def choose_open(self: Any, partition_key: str, explicit_hash_key: str) -> Any:
        choose(self, partition_key, explicit_hash_key)  # raises for keys that Kinesis refuses
        return kinesis_shards.open_shard_for(self, partition_key, explicit_hash_key)

    def split_empty(self: Any, shard: str, start: str) -> None:
        kinesis_shards.keeping_records(self, [shard], lambda: split(self, shard, start))

    def merge_empty(self: Any, one: str, other: str) -> None:
        kinesis_shards.keeping_records(self, [one, other], lambda: merge(self, one, other))

    model: Any = Stream
    model.put_record, model.get_shard = put_and_ring, get_trimmed
    model.get_shard_for_key = choose_open
    model.split_shard, model.merge_shards = split_empty, merge_empty
    Shard.put_record = kinesis_shards.put_record
    Shard.get_min_sequence_number = kinesis_shards.first_number


def _use_only_enabled_keys() -> None:
    """Reason: moto encrypts and decrypts with keys that are disabled or about to be deleted, and
    keeps a key whose waiting period is over.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
    """
    from moto.core.exceptions import JsonRESTError
    from moto.kms.models import KmsBackend

    from helpers.localaws import key_state

    def checked(operation: Any) -> Any:
        def call(self: Any, *arguments: Any, **more: Any) -> Any:
            answer = operation(self, *arguments, **more)
            for key in key_state.used(self, answer):
                if problem := key_state.problem(key):
                    raise JsonRESTError(*problem)
            return answer

        return call

    for name in ("encrypt", "decrypt", "sign", "verify", "generate_mac", "verify_mac"):
        setattr(KmsBackend, name, checked(getattr(KmsBackend, name)))

    def by_arn_too(operation: Any) -> Any:
        """Reason: moto takes the ARN of a key for its id here."""

        def call(self: Any, key_id: str, *arguments: Any, **more: Any) -> Any:
            return operation(self, self.any_id_to_key_id(key_id), *arguments, **more)

        return call

    for name in ("enable_key", "disable_key", "cancel_key_deletion", "schedule_key_deletion"):
        setattr(KmsBackend, name, by_arn_too(getattr(KmsBackend, name)))


def _name_the_caller() -> None:
    """Reason: to moto the learner is nobody in particular, an "STS user" of a name of its own."""
    from moto.sts.models import STSBackend

    from helpers.localaws.gateway import principals

    def get_caller_identity(self: Any, access_key_id: str, region: str) -> tuple[str, str, str]:
        who = principals.of(self.account_id, access_key_id).principal
        return who.unique_id, who.arn, who.account

    STSBackend.get_caller_identity = get_caller_identity


def _make_real_sessions() -> None:
    """Reasons: moto keeps no tags, managed session policies, source identity or moment of a
    session, knows no limits of its duration, and answers GetSessionToken and GetFederationToken
    with credentials that are always the same and nobody's."""
    from moto.core.responses import ActionResult
    from moto.sts.exceptions import STSClientError
    from moto.sts.responses import TokenResponse

    from helpers.localaws.gateway import principals, sessions

    def refusing(operation: Any) -> Any:
        def call(self: Any) -> Any:
            try:
                return operation(self, principals.of(self.current_account, self.access_key))
            except sessions.Refused as problem:
                raise STSClientError(problem.code, problem.message) from None

        return call

    def with_size(self: Any, result: dict[str, Any]) -> dict[str, Any]:
        percent = sessions.packed_percent(self._get_params())
        result.pop("PackedPolicySize", None)
        return result | ({"PackedPolicySize": percent} if percent else {})

    assume = TokenResponse.assume_role

    def assume_role(self: Any, who: principals.Identity) -> Any:
        asked = self._get_params()
        sessions.check_assume_role(asked, who, principals.role(asked["RoleArn"]))
        answer = assume(self)
        result: Any = answer.result
        sessions.furnish(result["Credentials"], asked, who)
        if asked.get("SourceIdentity"):
            result["SourceIdentity"] = asked["SourceIdentity"]
        return ActionResult(with_size(self, result))

    def get_session_token(self: Any, who: principals.Identity) -> Any:
        asked = self._get_params()
        session = sessions.of_user(self.backend, asked, who, "GetSessionToken")
        return ActionResult({"Credentials": session})

    def get_federation_token(self: Any, who: principals.Identity) -> Any:
        asked = self._get_params()
        session = sessions.of_user(self.backend, asked, who, "GetFederationToken")
        named = f"{session.account_id}:{session.name}"
        arn = f"arn:aws:sts::{session.account_id}:federated-user/{session.name}"
        result = {
            "Credentials": session,
            "FederatedUser": {"FederatedUserId": named, "Arn": arn},
        }
        return ActionResult(with_size(self, result))

    responses: Any = TokenResponse
    responses.assume_role = refusing(assume_role)
    responses.get_session_token = refusing(get_session_token)
    responses.get_federation_token = refusing(get_federation_token)


def _give_new_accounts_an_administrator() -> None:
    """Reason: the role with which an organization enters a new account may do nothing in moto.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
    """

    def change(models: ModuleType) -> None:
        from moto.iam.models import iam_backends

        create = models.OrganizationsBackend.create_account

        def create_account(self: Any, **given: Any) -> dict[str, Any]:
            status: dict[str, Any] = create(self, **given)
            account = status["CreateAccountStatus"]["AccountId"]
            name = given.get("RoleName") or "OrganizationAccountAccessRole"
            iam_backends[account]["aws"].attach_role_policy(
                "arn:aws:iam::aws:policy/AdministratorAccess", name
            )
            return status

        models.OrganizationsBackend.create_account = create_account

    when_imported("moto.organizations.models", change)


def _refuse_malformed_policies() -> None:
    """Reasons: moto takes any text for the policy of a bucket, key, secret, queue or topic, and a
    role's first trust policy; what it checks of identities' policies is less than AWS does.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
    """
    from moto.core.exceptions import JsonRESTError
    from moto.iam import policy_validation
    from moto.iam.exceptions import IAMException
    from moto.iam.models import IAMBackend
    from moto.kms.models import KmsBackend
    from moto.s3.exceptions import S3ClientError
    from moto.s3.models import S3Backend
    from moto.secretsmanager.models import SecretsManagerBackend
    from moto.sns.exceptions import SNSException
    from moto.sns.models import SNSBackend

    from helpers.localaws.gateway.policies import incoming

    def put_inline(kind: str) -> Any:
        def check(self: Any, owner: str, policy_name: str, policy_json: str) -> None:
            found = getattr(self, f"get_{kind}")(owner)
            incoming.inline(found, kind, policy_name, policy_json)

        return check

    def first_trust(
        self: Any, role_name: str, assume_role_policy_document: Any, *_: Any, **__: Any
    ) -> None:
        incoming.trust(self.account_id, text(assume_role_policy_document))

    def trust(self: Any, role_name: str, policy_document: str) -> None:
        self.get_role(role_name)
        incoming.trust(self.account_id, policy_document)

    def bucket(self: Any, bucket_name: str, policy: bytes) -> None:
        arn = self.get_bucket(bucket_name).arn
        incoming.of_resource(self.account_id, "s3", policy.decode(errors="replace"), arn)

    def key(self: Any, key_id: str, policy: str) -> None:
        incoming.of_resource(self.account_id, "kms", policy)

    def new_key(self: Any, policy: str | None, *_: Any, **more: Any) -> None:
        if policy:
            incoming.of_resource(self.account_id, "kms", text(policy))

    def secret(self: Any, secret_id: str, policy: str) -> None:
        incoming.of_resource(self.account_id, "secretsmanager", policy)

    def topic(self: Any, topic_arn: str, attribute_name: str, attribute_value: str) -> None:
        if attribute_name.lower() == "policy" and attribute_value:
            incoming.of_resource(self.account_id, "sns", attribute_value)

    def version(self: Any, policy_arn: str, policy_document: Any, set_as_default: bool) -> None:
        incoming.managed(text(policy_document))

    def managed(
        self: Any, description: str, path: str, policy_document: Any, *_: Any, **__: Any
    ) -> None:
        incoming.managed(text(policy_document))

    def text(policy: Any) -> str:  # a stack gives what it read from its template
        return policy if isinstance(policy, str) else json.dumps(policy)

    places: tuple[tuple[Any, str, Any, Any], ...] = (
        (IAMBackend, "create_policy", managed, IAMException),
        (IAMBackend, "create_policy_version", version, IAMException),
        (IAMBackend, "put_role_policy", put_inline("role"), IAMException),
        (IAMBackend, "put_user_policy", put_inline("user"), IAMException),
        (IAMBackend, "put_group_policy", put_inline("group"), IAMException),
        (IAMBackend, "create_role", first_trust, IAMException),
        (IAMBackend, "update_assume_role_policy", trust, IAMException),
        (S3Backend, "put_bucket_policy", bucket, S3ClientError),
        (KmsBackend, "create_key", new_key, JsonRESTError),
        (KmsBackend, "put_key_policy", key, JsonRESTError),
        (SecretsManagerBackend, "put_resource_policy", secret, JsonRESTError),
        (SNSBackend, "set_topic_attribute", topic, SNSException),
    )
    for backend, name, check, refusal in places:
        setattr(backend, name, incoming.checked(getattr(backend, name), check, refusal))
    # Its own checks, which come after these, refuse some things that AWS takes.
    for validator in ("IAMPolicyDocumentValidator", "IAMTrustPolicyDocumentValidator"):
        getattr(policy_validation, validator).validate = lambda self: None


def _keep_boundaries_of_users() -> None:
    """Reason: moto knows permissions boundaries of roles alone.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html
    """
    from moto.core.responses import EmptyResult
    from moto.iam.exceptions import IAMException
    from moto.iam.models import User
    from moto.iam.responses import IamResponse

    def put(self: Any, user: Any, arn: str) -> None:
        if not arn.startswith("arn:"):
            raise IAMException("InvalidInput", f"ARN {arn} is not valid.")
        if arn not in self.backend.managed_policies:
            scope = "does not exist or is not attachable."
            raise IAMException("NoSuchEntity", f"Policy {arn} {scope}")
        user.permissions_boundary_arn = arn

    create = IamResponse.create_user

    def create_user(self: Any) -> Any:
        answer = create(self)
        result: Any = answer.result
        if arn := self._get_param("PermissionsBoundary"):
            try:
                put(self, result["User"], arn)
            except IAMException:
                self.backend.delete_user(result["User"].name)
                raise
        return answer

    def put_user_permissions_boundary(self: Any) -> Any:
        user = self.backend.get_user(self._get_param("UserName"))
        put(self, user, self._get_param("PermissionsBoundary"))
        return EmptyResult()

    def delete_user_permissions_boundary(self: Any) -> Any:
        self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = None
        return EmptyResult()

    def shown(user: Any) -> dict[str, str] | None:
        arn = user.permissions_boundary_arn
        kind = "PermissionsBoundaryPolicy"
        return {"PermissionsBoundaryType": kind, "PermissionsBoundaryArn": arn} if arn else None

    users: Any = User
    users.permissions_boundary_arn = None
    users.permissions_boundary = property(shown)
    api: Any = IamResponse
    api.create_user = create_user
    api.put_user_permissions_boundary = put_user_permissions_boundary
    api.delete_user_permissions_boundary = delete_user_permissions_boundary


def _simulate_policies() -> None:
    """Reason: moto has none of the four operations that ask what policies would decide."""
    from moto.core.responses import ActionResult
    from moto.iam.exceptions import IAMException
    from moto.iam.responses import IamResponse

    from helpers.localaws.gateway.policies import simulation

    def answering(answer: Any) -> Any:
        def call(self: Any) -> Any:
            try:
                return ActionResult(answer(self, self._get_params()))
            except simulation.NoSuchEntity as problem:
                raise IAMException("NoSuchEntity", str(problem)) from None
            except simulation.InvalidInput as problem:
                raise IAMException("InvalidInput", str(problem)) from None

        return call

    api: Any = IamResponse
    api.simulate_custom_policy = answering(
        lambda self, asked: simulation.of_custom(self.current_account, asked)
    )
    api.simulate_principal_policy = answering(lambda _, asked: simulation.of_principal(asked))
    api.get_context_keys_for_custom_policy = answering(
        lambda _, asked: simulation.keys_of_custom(asked)
    )
    api.get_context_keys_for_principal_policy = answering(
        lambda _, asked: simulation.keys_of_principal(asked)
    )


def connect_audit(record: Record) -> None:
    """Reason: moto keeps trails and their settings, but no events: LookupEvents fails, and nothing
    is ever written to a trail's bucket."""

    def connect(_: Any) -> None:
        from moto.cloudtrail.models import CloudTrailBackend
        from moto.cloudtrail.responses import CloudTrailResponse
        from moto.core.exceptions import JsonRESTError

        from helpers.localaws.telemetry.trail import lookup

        start_logging = CloudTrailBackend.start_logging

        def lookup_events(self: Any) -> str:
            given = json.loads(self.body or "{}")
            try:
                found = lookup.lookup(record.journal, self.current_account, self.region, given)
            except lookup.BadLookup as problem:
                raise JsonRESTError(problem.code, str(problem)) from None
            return json.dumps(found)

        def start_delivering(self: Any, name: str) -> None:
            start_logging(self, name)
            record.deliveries.started(self.get_trail(name))

        CloudTrailResponse.lookup_events = lookup_events
        CloudTrailBackend.start_logging = start_delivering

    when_imported("moto.cloudtrail", connect)


def _rotate_secrets(service: LambdaService) -> None:
    """Reasons: moto makes the new version the current one whatever the function did, names the
    secret by its name, and goes on reading the old value after the label AWSCURRENT was moved."""
    from moto.core.exceptions import JsonRESTError
    from moto.secretsmanager import exceptions as errors
    from moto.secretsmanager.models import SecretsManagerBackend

    from helpers.localaws.triggers import rotation

    move_stage = SecretsManagerBackend.update_secret_version_stage

    def rotate_secret(
        self: Any,
        secret_id: str,
        client_request_token: str | None = None,
        rotation_lambda_arn: str | None = None,
        rotation_rules: dict[str, Any] | None = None,
        rotate_immediately: bool = True,
    ) -> str:
        if not self._is_valid_identifier(secret_id):
            raise errors.SecretNotFoundException()
        secret = self.secrets[secret_id]
        if secret.is_deleted():
            raise errors.InvalidRequestException(rotation.DELETED)
        if client_request_token:
            self._client_request_token_validator(client_request_token)
        days = rotation.days(rotation_rules)
        if days is not None and not 1 <= days <= 1000:
            raise errors.InvalidParameterException(
                "RotationRules.AutomaticallyAfterDays must be within 1-1000."
            )
        before = secret.rotation_lambda_arn
        secret.rotation_lambda_arn = rotation_lambda_arn or before
        if not secret.rotation_lambda_arn:
            raise errors.InvalidRequestException(rotation.NO_FUNCTION)
        try:
            version = rotation.begin(service, secret, client_request_token, rotate_immediately)
        except rotation.CannotInvoke:
            secret.rotation_lambda_arn = before
            raise JsonRESTError("AccessDeniedException", rotation.CANNOT_INVOKE) from None
        except rotation.Incomplete:
            raise errors.InvalidRequestException(rotation.INCOMPLETE) from None
        secret.rotation_requested = secret.rotation_enabled = True
        secret.auto_rotate_after_days = days or secret.auto_rotate_after_days
        rotation.keep_schedule(service, secret)
        return secret.to_short_dict(version_id=version)

    def move_stage_and_read_it(
        self: Any, secret_id: str, version_stage: str, **versions: Any
    ) -> tuple[str, str]:
        answer = move_stage(self, secret_id, version_stage, **versions)
        if version_stage == "AWSCURRENT" and versions.get("move_to_version_id"):
            self.secrets[secret_id].set_default_version_id(versions["move_to_version_id"])
        return answer

    SecretsManagerBackend.rotate_secret = rotate_secret
    SecretsManagerBackend.update_secret_version_stage = move_stage_and_read_it


def _make_state_machines_of_stacks(service: LambdaService) -> None:
    """Reason: CloudFormation makes them in moto, where nobody looks for them."""
    from helpers.localaws.triggers.stepfunctions import stacks

    ours = service.step_functions
    when_imported("moto.stepfunctions.models", lambda models: stacks.connect(models, ours))


def reset_moto() -> None:
    """Empty every service of moto, as its own reset does."""
    from moto.moto_api._internal.models import MotoAPIBackend

    MotoAPIBackend("global", "global").reset()


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
