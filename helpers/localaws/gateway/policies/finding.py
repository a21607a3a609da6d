"""What only the account's state tells: which key an alias means, which key a queue uses, …

The kinds are listed in the text of the room ``iam``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from helpers.localaws.compute.arn import function_arn
from helpers.localaws.iam.actions import Find

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def finder(lambdas: LambdaService, account: str, region: str) -> Find:
    """Answers for one account in one region; None where nothing is known."""
    place = _Place(lambdas, account, region)

    def find(kind: str, name: str) -> str | None:
        look = _LOOKS.get(kind)
        return look(place, name) if look else None

    return find


class _Place:
    """moto's services in one account and region."""

    def __init__(self, lambdas: LambdaService, account: str, region: str) -> None:
        self.lambdas, self.account, self.region = lambdas, account, region

    # -- keys ----------------------------------------------------------------------------------

    def key(self, name: str) -> str | None:
        """A key's id, ARN or alias (also of another account)."""
        from moto.kms.models import kms_backends

        account, region = self.account, self.region
        if name.startswith("arn:"):
            region, account = name.split(":")[3:5]
        backend = kms_backends[account][region]
        try:
            found = backend.keys.get(backend.any_id_to_key_id(name))
        except Exception:  # moto: there is none, said in more than one way
            return None
        return str(found.arn) if found is not None else None

    def ciphertext(self, text: str) -> str | None:
        from moto.kms.utils import _deserialize_ciphertext_blob

        try:
            blob = _deserialize_ciphertext_blob(ciphertext_blob=base64.b64decode(text))
        except Exception:  # it is no ciphertext; KMS will say so
            return None
        return self.key(blob.key_id)

    def grant_token(self, token: str) -> str | None:
        from moto.kms.models import kms_backends

        for key in list(kms_backends[self.account][self.region].keys.values()):
            if any(grant.token == token for grant in key.grants.values()):
                return str(key.arn)
        return None

    # -- secrets and parameters ----------------------------------------------------------------

    def secret(self, name: str) -> str | None:
        from moto.secretsmanager.models import secretsmanager_backends

        found = secretsmanager_backends[self.account][self.region].secrets.get(name)
        return str(found.arn) if found is not None else None

    def secret_key(self, arn: str) -> str | None:
        from moto.secretsmanager.models import secretsmanager_backends

        found = secretsmanager_backends[self.account][self.region].secrets.get(arn)
        return self._customers_key(getattr(found, "kms_key_id", None))

    def parameter_key(self, arn: str) -> str | None:
        from moto.ssm.models import ssm_backends

        name = arn.split(":parameter", 1)[-1]
        parameters = ssm_backends[self.account][self.region]._parameters
        found = parameters.get(name) or parameters.get(name.lstrip("/"))
        return self._customers_key(found[-1].keyid if found else None)

    # -- queues, topics, buckets ---------------------------------------------------------------

    def queue_key(self, arn: str) -> str | None:
        from moto.sqs.models import sqs_backends

        found = sqs_backends[self.account][self.region].queues.get(arn.rpartition(":")[2])
        return self._customers_key(getattr(found, "kms_master_key_id", None))

    def topic_key(self, arn: str) -> str | None:
        from moto.sns.models import sns_backends

        found = sns_backends[self.account][self.region].topics.get(arn)
        return self._customers_key(getattr(found, "kms_master_key_id", None))

    def bucket_key(self, name: str) -> str | None:
        bucket = self._bucket(name)
        rules = getattr(bucket, "encryption", None) or {}
        rule = rules.get("Rule", {})
        rule = rule[0] if isinstance(rule, list) else rule
        return self._customers_key(
            rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")
        )

    def object_key(self, name: str) -> str | None:
        bucket_name, _, key = name.partition("/")
        bucket = self._bucket(bucket_name)
        found = bucket.keys.get(key) if bucket is not None else None
        return self._customers_key(getattr(found, "kms_key_id", None))

    def _bucket(self, name: str) -> Any:
        from moto.s3.models import s3_backends

        for backends in list(s3_backends.values()):
            if name in backends["aws"].buckets:
                return backends["aws"].buckets[name]
        return None

    def _customers_key(self, name: str | None) -> str | None:
        """The ARN of a customer-managed key; AWS's own keys ask nobody."""
        if not name or "alias/aws/" in name:
            return None
        return self.key(name)

    # -- IAM and the rest ----------------------------------------------------------------------

    def named_in_iam(self, collection: str, name: str) -> str | None:
        from moto.iam.models import iam_backends

        held: dict[str, Any] = getattr(iam_backends[self.account]["aws"], collection, {})
        for one in list(held.values()):
            if one.name == name:
                return str(one.arn)
        return None

    def boundary(self, arn: str) -> str | None:
        from moto.iam.models import iam_backends

        iam = iam_backends[self.account]["aws"]
        holders: list[Any] = [*list(iam.roles.values()), *list(iam.users.values())]
        for one in holders:
            if one.arn == arn:
                return getattr(one, "permissions_boundary_arn", None)
        return None

    def stack(self, name: str) -> str | None:
        from moto.cloudformation.models import cloudformation_backends

        if name.startswith("arn:"):
            return name
        stacks = list(cloudformation_backends[self.account][self.region].stacks.values())
        return next((str(one.stack_id) for one in stacks if one.name == name), None)

    def mapping_function(self, uuid: str) -> str | None:
        mapping = self.lambdas.mappings.get(uuid)
        if mapping is None:
            return None
        # By its name: the mapping outlives the function.
        return function_arn(mapping.region, mapping.account, mapping.function_name)

    def partition_key(self, arn: str) -> str | None:
        from moto.dynamodb.models import dynamodb_backends

        table = dynamodb_backends[self.account][self.region].tables.get(arn.rpartition("/")[2])
        return str(table.hash_key_attr) if table is not None else None


def _iam(collection: str) -> Callable[[_Place, str], str | None]:
    return lambda place, name: place.named_in_iam(collection, name)


_LOOKS: dict[str, Callable[[_Place, str], str | None]] = {
    "kms-alias": _Place.key,
    "kms-key": lambda place, name: place._customers_key(name),
    "kms-ciphertext": _Place.ciphertext,
    "kms-grant-token": _Place.grant_token,
    "secret": _Place.secret,
    "secret-key": _Place.secret_key,
    "parameter-key": _Place.parameter_key,
    "sqs-queue-key": _Place.queue_key,
    "sns-topic-key": _Place.topic_key,
    "s3-bucket-key": _Place.bucket_key,
    "s3-object-key": _Place.object_key,
    "user": _iam("users"),
    "role": _iam("roles"),
    "group": _iam("groups"),
    "policy": _iam("managed_policies"),
    "boundary": _Place.boundary,
    "stack": _Place.stack,
    "event-source-mapping-function": _Place.mapping_function,
    "dynamodb-partition-key": _Place.partition_key,
}
