"""The few constants that several rooms of the local AWS share."""

#: The account every caller belongs to unless its credentials say otherwise (moto's default).
ACCOUNT_ID = "123456789012"

#: The region used when a request names none.
REGION = "us-east-1"

#: Paths below this prefix belong to the control interface, never to an AWS service.
CONTROL_PREFIX = "/_localaws/"
