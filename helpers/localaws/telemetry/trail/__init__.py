"""The audit trail, as CloudTrail keeps it: who called what, from where, and what came of it.

Every request that passes the gateway is noted in ``journal``. Management events can be looked up
(``lookup``) for 90 days; data events are kept only for trails whose event selectors ask for them.
Trails write both to their bucket (``delivery``).
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html
"""
