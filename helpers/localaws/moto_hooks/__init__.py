"""Every change made to moto, each with its reason. Nothing else in this project patches it.

One file for each service. ``tests/unit/localaws/test_moto_hooks.py`` and the tests in
``tests/fidelity`` fail when moto moves one of these places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.localaws.moto_hooks import (
    apigateway,
    dynamodb,
    ec2,
    events,
    iam,
    kinesis,
    kms,
    lambda_,
    logs,
    organizations,
    policies,
    requests,
    s3,
    scheduler,
    secretsmanager,
    sns,
    sqs,
    ssm,
    stepfunctions,
    sts,
    tags,
)
from helpers.localaws.moto_hooks.cloudtrail import connect_audit
from helpers.localaws.moto_hooks.core import (
    draw_request_ids_at_once,
    forget_what_was_deleted,
    install,
    list_modules_once,
    remember_names,
    reset_moto,
)
from helpers.localaws.moto_hooks.dynamodb import return_every_updated_attribute
from helpers.localaws.moto_hooks.iam import read_managed_policies_once
from helpers.localaws.moto_hooks.states_interpreter import connect_states_interpreter

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def connect_triggers(service: LambdaService) -> None:
    """Connect moto's services with our Lambda, and let them decide and keep what AWS does.

    In this order: a later one may wrap what an earlier one put in its place.
    """
    ec2.name_regions_without_the_model()
    lambda_.hand_over_to(service)
    sns.connect_sns(service)
    s3.connect_s3(service)
    s3.refuse_s3_notifications_without_permission(service)
    events.connect_eventbridge(service)
    scheduler.connect_scheduler(service)
    logs.connect_logs(service)
    requests.look_at_requests()
    apigateway.connect_rest_apis()
    apigateway.connect_http_apis(service)
    sqs.keep_what_lies_in_queues()
    sqs.keep_trace_of_messages()
    dynamodb.keep_changes_of_tables(service)
    kinesis.correct_kinesis()
    sts.name_the_caller()
    secretsmanager.rotate_secrets(service)
    stepfunctions.make_state_machines_of_stacks(service)
    kms.use_only_enabled_keys()
    sts.make_real_sessions()
    organizations.give_new_accounts_an_administrator()
    policies.refuse_malformed_policies()
    iam.keep_boundaries_of_users()
    iam.simulate_policies()
    logs.keep_events_for_their_retention()
    secretsmanager.open_secrets_with_their_key()
    ssm.show_ciphertext()
    s3.encrypt_by_default()
    s3.leave_permissions_to_the_gateway()
    secretsmanager.read_some_of_many()
    tags.forget_tags_with_their_resource()


__all__ = [
    "connect_audit",
    "connect_states_interpreter",
    "connect_triggers",
    "draw_request_ids_at_once",
    "forget_what_was_deleted",
    "install",
    "list_modules_once",
    "read_managed_policies_once",
    "remember_names",
    "reset_moto",
    "return_every_updated_attribute",
]
