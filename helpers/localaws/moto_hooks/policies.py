"""Policies that come in, at every service that has them."""

from __future__ import annotations

import json
from typing import Any


def refuse_malformed_policies() -> None:
    """Reasons: moto takes any text for the policy of a bucket, key, secret, queue, topic, table or
    event bus, and a role's first trust policy; what it checks of identities' policies is less than
    AWS does. It fails at a bus's policy of one statement, or with statements that have no name.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
    """
    from moto.core.exceptions import JsonRESTError
    from moto.dynamodb.models import DynamoDBBackend
    from moto.events.models import EventBus, EventsBackend
    from moto.iam import policy_validation
    from moto.iam.exceptions import IAMException
    from moto.iam.models import IAMBackend
    from moto.kms.models import KmsBackend
    from moto.s3.exceptions import S3ClientError
    from moto.s3.models import S3Backend
    from moto.secretsmanager.models import SecretsManagerBackend
    from moto.sns.exceptions import SNSException
    from moto.sns.models import SNSBackend

    from helpers.localaws.gateway.policies import incoming, lockout

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
        lockout.check(self.account_id, policy)

    def new_key(self: Any, policy: str | None, *_: Any, **more: Any) -> None:
        if policy:
            incoming.of_resource(self.account_id, "kms", text(policy))
            lockout.check(self.account_id, text(policy))

    def secret(self: Any, secret_id: str, policy: str) -> None:
        incoming.of_resource(self.account_id, "secretsmanager", policy)

    def topic(self: Any, topic_arn: str, attribute_name: str, attribute_value: str) -> None:
        if attribute_name.lower() == "policy" and attribute_value:
            incoming.of_resource(self.account_id, "sns", attribute_value)

    def table(self: Any, resource_arn: str, policy_doc: str, *_: Any, **__: Any) -> None:
        incoming.of_resource(self.account_id, "dynamodb", policy_doc)

    def bus(
        self: Any, bus_name: str, action: str, principal: str, sid: str, limit: Any, policy: str
    ) -> None:
        if policy:
            incoming.of_resource(self.account_id, "events", policy)

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
        (DynamoDBBackend, "put_resource_policy", table, JsonRESTError),
        (EventsBackend, "put_permission", bus, JsonRESTError),
    )
    for backend, name, check, refusal in places:
        setattr(backend, name, incoming.checked(getattr(backend, name), check, refusal))
    add_policy = EventBus.add_policy
    EventBus.add_policy = lambda self, policy: add_policy(self, incoming.with_names(policy))
    # Its own checks, which come after these, refuse some things that AWS takes.
    for validator in ("IAMPolicyDocumentValidator", "IAMTrustPolicyDocumentValidator"):
        getattr(policy_validation, validator).validate = lambda self: None
