"""Every change made to moto, each with its reason. Nothing else in this project patches it.

``tests/unit/localaws/test_moto_hooks.py`` fails when moto moves one of these places.
"""

from __future__ import annotations

import base64
import copy
import gzip
import json
import os
import re
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


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

    IAMBackend._init_aws_policies = _init_aws_policies  # type: ignore[method-assign]


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

    BaseModel.__new__ = __new__  # type: ignore[method-assign]


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

    DynamoHandler._build_updated_new_attributes = named_by_the_update  # type: ignore[method-assign]


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

    utils.get_backend = get_backend  # type: ignore[assignment]
    _connect_sns(service)
    _connect_s3(service)
    _refuse_s3_notifications_without_permission(service)
    _connect_eventbridge(service)
    _keep_what_lies_in_queues()
    _keep_trace_of_messages()
    _keep_changes_of_tables(service)
    _correct_kinesis()


def _connect_sns(service: LambdaService) -> None:
    """Reason: moto's event for a function has a made-up topic, message id and time."""
    from moto.sns.models import Subscription

    from helpers.localaws.triggers import sns

    publish = Subscription.publish

    def publish_to_functions(
        self: Any, message: str, message_id: str, *rest: Any, **more: Any
    ) -> None:
        if self.protocol != "lambda":
            publish(self, message, message_id, *rest, **more)
            return
        names = ("subject", "message_attributes", "group_id", "deduplication_id")
        given = dict(zip((*names, "message_structure"), rest, strict=False)) | more
        attributes = given.get("message_attributes")
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return
        if given.get("message_structure") == "json":
            message = self._parse_message_structure(message, self.protocol)
        sns.publish(service, self, message, message_id, given.get("subject"), attributes)

    Subscription.publish = publish_to_functions  # type: ignore[method-assign]


def _connect_s3(service: LambdaService) -> None:
    """Reasons: moto's records lack half their members; an upload in parts is announced twice; a
    delete marker is not announced at all."""
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
    S3Backend.complete_multipart_upload = complete_once  # type: ignore[method-assign]
    S3Backend._set_delete_marker = announce_delete_marker  # type: ignore[method-assign]


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

    Queue.add_message = add_with_trace  # type: ignore[method-assign]


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
    Rule.send_to_targets = send  # type: ignore[method-assign]
    pattern: Any = EventPattern
    pattern.matches_event = lambda self, event: rules.matches(self, event)
    parser: Any = EventPatternParser
    parser.parse = lambda self: rules.parsed(self.pattern)
    api: Any = EventsHandler
    api.test_event_pattern = lambda self: self._create_response(
        {"Result": rules.fits(self._get_param("EventPattern"), self._get_param("Event"))}
    )


def _refuse_s3_notifications_without_permission(service: LambdaService) -> None:
    """Reason: moto takes any function; S3 tries each when the notification is set.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
    """
    from moto.s3.exceptions import S3ClientError
    from moto.s3.models import S3Backend

    from helpers.localaws.triggers import s3

    put = S3Backend.put_bucket_notification_configuration

    def put_checked(self: Any, bucket_name: str, notification_config: dict[str, Any]) -> None:
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

    S3Backend.put_bucket_notification_configuration = put_checked  # type: ignore[method-assign]


class LambdaForMoto:
    """The few calls that moto's services make to Lambda, each handed to the queue."""

    def __init__(self, service: LambdaService, account: str, region: str) -> None:
        self._service, self._account, self._region = service, account, region

    def get_function(self, name_or_arn: str, qualifier: str | None = None) -> QueuedFunction:
        """Used by secret rotation."""
        return QueuedFunction(self, name_or_arn, qualifier)

    def invoke(self, function_name: str, qualifier: Any = None, body: Any = None, *_: Any) -> bytes:
        """Used by secret rotation."""
        self.put(function_name, qualifier, body)
        return b""

    def send_log_event(
        self, arn: str, filter_name: str, group: str, stream: str, events: list[dict[str, Any]]
    ) -> None:
        """Used by subscription filters of CloudWatch Logs.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html
        """
        data = {
            "messageType": "DATA_MESSAGE",
            "owner": self._account,
            "logGroup": group,
            "logStream": stream,
            "subscriptionFilters": [filter_name],
            "logEvents": events,
        }
        packed = base64.b64encode(gzip.compress(json.dumps(data).encode())).decode()
        self.put(arn, None, json.dumps({"awslogs": {"data": packed}}))

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


class QueuedFunction:
    """A function as moto's services see it: its ``invoke`` only queues."""

    def __init__(self, door: LambdaForMoto, name_or_arn: str, qualifier: str | None) -> None:
        self._door, self._name, self._qualifier = door, name_or_arn, qualifier
        self.function_arn = name_or_arn

    def invoke(self, body: str, *_: Any) -> None:
        self._door.put(self._name, self._qualifier, body)


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


def reset_moto() -> None:
    """Empty every service of moto, as its own reset does."""
    from moto.moto_api._internal.models import MotoAPIBackend

    MotoAPIBackend("global", "global").reset()
