"""Who may do what: the policy language of IAM, free of HTTP and of moto.

Parse (``policy``, ``checks``), evaluate (``evaluate``), explain (``explain``, ``refusal``,
``simulate``), and which action on which resource an operation needs (``actions``).

How the gateway's desk ``authorise`` asks
-----------------------------------------
1. ``gateway.parameters.parse(call)`` gives service, operation, parameters.
2. ``needed(service, operation, parameters, account, region, find=…, caller=…)`` lists what the
   operation needs; all of it must be allowed. An empty list: everybody may (GetCallerIdentity). It
   raises UnmappedOperation, which must not pass silently: say so (``by_name`` is a guess that is
   good enough for services outside the course). Entries with an ``item`` (DeleteObjects,
   BatchGetSecretValue) are refused one by one: AWS performs the rest and reports the refused ones.
   Requests that are no API operation: ``actions.apigateway.invoke_api`` (an API with AWS_IAM) and
   ``actions.lambda_.function_url``.
3. For each entry make a Request::

       Request(
           Caller(principal, identity=[…], boundary=…, session=…, service_control=[[…], …]),
           one.action,
           Target(one.resource, account=owner, policies=[…], resource_control=[…], endpoint=…),
           Context({**keys.request_keys(…), **keys.principal_keys(…),
                    **keys.resource_keys(owner, tags), **one.context}),
       )

   ``Policy`` objects come from ``policy.parse(text, Kind.IDENTITY, name=…, arn=…, source=…)``,
   which keeps the parsed document for each text. ``arn`` only for policies that have one of their
   own: AWS's message names it. ``session=None`` means that no session policy was passed, ``[]``
   that an empty one was.
4. ``decision = evaluate.decide(request)``. Denied: ``refusal.refusal(decision, prefix)`` is the
   error's code, text and status; ``explain.explain(request)`` the reasons in words, the steps for
   the widget and the near misses.

Who is who: ``principal.root``, ``user``, ``role_session``, ``federated_user``, ``service``,
``web_identity``, ``ANONYMOUS``. A learner who is an administrator by default is a user or role
with AdministratorAccess, or root.

The resource's own policies (``Target.policies``) are the bucket's, queue's, topic's, function's (of
the version or alias that is asked for), secret's, table's, event bus's, API's or key's, kind
``Kind.RESOURCE``; for ``sts:AssumeRole…`` the role's trust policy, ``Kind.TRUST``. A grant of KMS
is one more policy of the key: Allow, the grantee as principal, its operations as actions, its
constraints as conditions on ``kms:EncryptionContext:…``. For a KMS key and a role these policies
must allow, for everything else within one account they may.

``find(kind, name)`` tells what only the account's state knows; without it, or where it answers
None, a wildcard stands in the ARN. Kinds:

=============================  ====================================  ==============================
kind                           name                                  answer
=============================  ====================================  ==============================
kms-alias                      ``alias/NAME`` or the alias's ARN     the key's ARN
kms-key                        a key's id, ARN or alias              the ARN, if customer managed
kms-ciphertext                 ciphertext in base64                  the key's ARN
kms-grant-token                a grant token                         the key's ARN
secret                         a secret's name or (partial) ARN      the secret's ARN
secret-key, parameter-key      the ARN of the secret or parameter    its key's ARN, if customer's
sqs-queue-key, sns-topic-key   the ARN of the queue or topic         its key's ARN, if customer's
s3-bucket-key                  a bucket's name                       its default key's ARN
s3-object-key                  ``BUCKET/KEY``                        the key of that object
user, role, group, policy, …   a name                                the ARN, with its path
boundary                       the ARN of a user or role             its boundary's ARN
stack                          a stack's name or id                  the stack's ARN
shard-iterator                 an iterator                           the stream's ARN
event-source-mapping-function  a mapping's UUID                      the function's ARN
dynamodb-partition-key         a table's ARN                         the partition key's name
=============================  ====================================  ==============================

Condition keys that the caller of this room must supply
--------------------------------------------------------
``keys.principal_keys``: aws:PrincipalArn, PrincipalAccount, PrincipalType, PrincipalTag/…, userid,
username, TokenIssueTime, MultiFactorAuthPresent, SourceIdentity, FederatedProvider,
PrincipalIsAWSService, PrincipalServiceName, kms:CallerAccount.
``keys.request_keys``: aws:CurrentTime, EpochTime (the course clock's), RequestedRegion,
SecureTransport, SourceIp or VpcSourceIp, SourceVpc, SourceVpce, UserAgent, Referer, ViaAWSService.
``keys.resource_keys``: aws:ResourceAccount, aws:ResourceTag/… (also under the service's own name:
``iam:ResourceTag``, ``ssm:resourceTag``, ``secretsmanager:ResourceTag``, ``s3:ExistingObjectTag``).
``keys.source_keys``: aws:SourceArn, aws:SourceAccount, where a service calls because of a resource.
By hand, where they apply: aws:CalledVia, aws:PrincipalOrgID, lambda:SourceFunctionArn (calls with
the credentials of a function's environment), kms:ResourceAliases, s3:authType,
s3:signatureversion. What the request's own parameters fill (aws:RequestTag/…, aws:TagKeys,
s3:prefix, dynamodb:LeadingKeys, kms:EncryptionContext:…, iam:PassedToService, …) stands in
``Needed.context``.

Policies that come in (PutRolePolicy, PutBucketPolicy, …) are checked with ``checks.check(text,
kind, service=…, resource=…, known=…)`` and ``sizes``; both raise MalformedPolicy with AWS's code
and text.
"""
