"""Which calls may leave for an account: a list of what may, never of what may not.

Reading is allowed everywhere: it makes nothing, and a notebook looks at what it likes. What makes
or changes something is allowed where it stands below. Everything else is refused before it is sent:
instances, NAT gateways, clusters, databases, users, access keys, and whatever AWS invents next.
"""

from __future__ import annotations

from helpers.cloud.account.kinds import Parameters, kind_made_by

#: How the names of reading operations begin.
_READING = (
    "Get", "List", "Describe", "Head", "BatchGet", "TransactGet", "Query", "Scan", "Select",
    "Lookup", "Search", "Filter", "Test", "Simulate", "Validate", "Check", "Estimate", "Decode",
)  # fmt: skip
#: Named like reading, and more than that: they hand out a key or a message, or start something.
_NOT_READING = {
    ("sts", "GetSessionToken"), ("sts", "GetFederationToken"),
    ("apigateway", "TestInvokeMethod"), ("apigateway", "TestInvokeAuthorizer"),
    ("stepfunctions", "TestState"), ("stepfunctions", "GetActivityTask"),
    ("sso", "GetRoleCredentials"),
}  # fmt: skip
#: Named like changing, and only reading. (Athena's StartQueryExecution can make tables.)
_READING_TOO = {("logs", "StartQuery"), ("logs", "StopQuery")}
#: Services of which the course reads nothing either: a question costs a cent, or makes an identity.
_NOT_EVEN_READ = ("ce", "cognito-identity")

#: What changes something that this course made; ``owners.py`` sees to the second half.
_CHANGING = {
    "apigateway": """CreateAuthorizer CreateDeployment CreateModel CreateRequestValidator
        CreateResource CreateStage DeleteAuthorizer DeleteDeployment DeleteGatewayResponse
        DeleteIntegration DeleteIntegrationResponse DeleteMethod DeleteMethodResponse DeleteModel
        DeleteRequestValidator DeleteResource DeleteRestApi DeleteStage PutGatewayResponse
        PutIntegration PutIntegrationResponse PutMethod PutMethodResponse PutRestApi TagResource
        TestInvokeAuthorizer TestInvokeMethod UntagResource UpdateAuthorizer UpdateDeployment
        UpdateGatewayResponse UpdateIntegration UpdateIntegrationResponse UpdateMethod
        UpdateMethodResponse UpdateModel UpdateRequestValidator UpdateResource UpdateRestApi
        UpdateStage""",
    "apigatewayv2": """CreateAuthorizer CreateDeployment CreateIntegration
        CreateIntegrationResponse CreateModel CreateRoute CreateRouteResponse CreateStage DeleteApi
        DeleteAuthorizer DeleteCorsConfiguration DeleteDeployment DeleteIntegration
        DeleteIntegrationResponse DeleteModel DeleteRoute DeleteRouteResponse DeleteRouteSettings
        DeleteStage TagResource UntagResource UpdateApi UpdateAuthorizer UpdateDeployment
        UpdateIntegration UpdateIntegrationResponse UpdateModel UpdateRoute UpdateRouteResponse
        UpdateStage""",
    "cloudtrail": """AddTags DeleteTrail PutEventSelectors RemoveTags StartLogging StopLogging
        UpdateTrail""",
    "cloudwatch": """DeleteAlarms DisableAlarmActions EnableAlarmActions PutMetricData
        SetAlarmState TagResource UntagResource""",
    "dynamodb": """BatchWriteItem DeleteItem DeleteTable PutItem TagResource TransactWriteItems
        UntagResource UpdateContinuousBackups UpdateItem UpdateTable UpdateTimeToLive""",
    "events": """DeleteEventBus DeleteRule DisableRule EnableRule PutEvents PutPermission
        PutTargets RemovePermission RemoveTargets""",
    "iam": """AttachRolePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion DeleteRole
        DeleteRolePermissionsBoundary DeleteRolePolicy DetachRolePolicy PutRolePermissionsBoundary
        PutRolePolicy SetDefaultPolicyVersion TagPolicy TagRole UntagPolicy UntagRole
        UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription""",
    "kinesis": """AddTagsToStream DecreaseStreamRetentionPeriod DeleteStream MergeShards PutRecord
        PutRecords RemoveTagsFromStream SplitShard""",
    "kms": """CancelKeyDeletion CreateAlias CreateGrant Decrypt DeleteAlias DisableKey
        DisableKeyRotation EnableKey EnableKeyRotation Encrypt GenerateDataKey
        GenerateDataKeyWithoutPlaintext PutKeyPolicy ReEncrypt RevokeGrant ScheduleKeyDeletion
        TagResource UntagResource UpdateKeyDescription""",
    "lambda": """AddLayerVersionPermission AddPermission CreateAlias CreateFunctionUrlConfig
        DeleteAlias DeleteEventSourceMapping DeleteFunction DeleteFunctionConcurrency
        DeleteFunctionEventInvokeConfig DeleteFunctionUrlConfig DeleteLayerVersion
        DeleteProvisionedConcurrencyConfig Invoke InvokeAsync InvokeWithResponseStream
        PublishVersion PutFunctionConcurrency PutFunctionEventInvokeConfig
        PutFunctionRecursionConfig PutProvisionedConcurrencyConfig PutRuntimeManagementConfig
        RemoveLayerVersionPermission RemovePermission TagResource UntagResource UpdateAlias
        UpdateEventSourceMapping UpdateFunctionCode UpdateFunctionConfiguration
        UpdateFunctionEventInvokeConfig UpdateFunctionUrlConfig""",
    "logs": """CreateLogStream DeleteLogGroup DeleteLogStream DeleteMetricFilter
        DeleteRetentionPolicy DeleteSubscriptionFilter PutLogEvents PutMetricFilter
        PutRetentionPolicy PutSubscriptionFilter TagLogGroup TagResource UntagLogGroup
        UntagResource""",
    "s3": """AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload
        DeleteBucket DeleteBucketCors DeleteBucketLifecycle DeleteBucketPolicy DeleteBucketTagging
        DeleteObject DeleteObjectTagging DeleteObjects DeletePublicAccessBlock PutBucketCors
        PutBucketEncryption PutBucketLifecycleConfiguration PutBucketNotificationConfiguration
        PutBucketOwnershipControls PutBucketPolicy PutBucketTagging PutBucketVersioning PutObject
        PutObjectTagging PutPublicAccessBlock UploadPart UploadPartCopy""",
    "scheduler": "DeleteSchedule UpdateSchedule",
    "secretsmanager": """CancelRotateSecret DeleteSecret PutSecretValue RestoreSecret RotateSecret
        TagResource UntagResource UpdateSecret UpdateSecretVersionStage""",
    "sns": """AddPermission ConfirmSubscription DeleteTopic Publish PublishBatch RemovePermission
        SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource Unsubscribe
        UntagResource""",
    "sqs": """AddPermission CancelMessageMoveTask ChangeMessageVisibility
        ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch DeleteQueue PurgeQueue
        ReceiveMessage RemovePermission SendMessage SendMessageBatch SetQueueAttributes
        StartMessageMoveTask TagQueue UntagQueue""",
    "ssm": "AddTagsToResource DeleteParameter DeleteParameters LabelParameterVersion "
    "RemoveTagsFromResource",
    "stepfunctions": """CreateStateMachineAlias DeleteStateMachine DeleteStateMachineAlias
        DeleteStateMachineVersion PublishStateMachineVersion RedriveExecution SendTaskFailure
        SendTaskHeartbeat SendTaskSuccess StartExecution StartSyncExecution StopExecution
        TagResource UntagResource UpdateStateMachine UpdateStateMachineAlias""",
    "sts": "AssumeRole",
    "xray": "PutTelemetryRecords PutTraceSegments",
}  # fmt: skip
CHANGING = {service: frozenset(names.split()) for service, names in _CHANGING.items()}

#: Changing calls that name no resource: what they touch is their caller's own in any case.
FREE = {
    ("cloudwatch", "PutMetricData"), ("events", "PutEvents"), ("kms", "Decrypt"),
    ("sqs", "CancelMessageMoveTask"), ("sns", "ConfirmSubscription"),
    ("stepfunctions", "SendTaskFailure"), ("stepfunctions", "SendTaskHeartbeat"),
    ("stepfunctions", "SendTaskSuccess"), ("xray", "PutTelemetryRecords"),
    ("xray", "PutTraceSegments"),
}  # fmt: skip


def is_reading(service: str, operation: str) -> bool:
    """Whether the operation changes nothing."""
    if (service, operation) in _READING_TOO:
        return True
    reads = operation.startswith(_READING) and service not in _NOT_EVEN_READ
    return reads and (service, operation) not in _NOT_READING


#: What a call that is allowed may not ask for: copies in other regions, where no teardown looks;
#: objects that nobody can delete; capacity that is paid by the hour and that no meter counts.
_NEVER_ASKED = {
    ("dynamodb", "CreateTable"): ("ProvisionedThroughput",),
    ("dynamodb", "UpdateTable"): (
        "ProvisionedThroughput", "ReplicaUpdates", "GlobalTableWitnessUpdates",
    ),
    ("s3", "CreateBucket"): ("ObjectLockEnabledForBucket",),
    ("secretsmanager", "CreateSecret"): ("AddReplicaRegions",),
}  # fmt: skip


def never_asked(service: str, operation: str, parameters: Parameters) -> str | None:
    """The first of the call's parameters that the course never sends to an account, or None."""
    names = _NEVER_ASKED.get((service, operation), ())
    return next((name for name in names if parameters.get(name)), None)


def is_allowed(service: str, operation: str) -> bool:
    """Whether the course has any use for the operation."""
    return (
        is_reading(service, operation)
        or operation in CHANGING.get(service, ())
        or kind_made_by(service, operation) is not None
    )
