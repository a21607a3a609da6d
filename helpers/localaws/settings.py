"""The few constants that several rooms of the local AWS share."""

import os

#: The account every caller belongs to unless its credentials say otherwise (moto's default).
ACCOUNT_ID = os.environ.get("MOTO_ACCOUNT_ID", "123456789012")

#: The region used when a request names none.
REGION = "us-east-1"

#: The credentials that ``cloud.open()`` gives to its learner, the account's administrator. They are
#: made up and no secret; a signature made with them can be checked.
LEARNER_ACCESS_KEY = os.environ.get("LOCALAWS_ACCESS_KEY", "AKIALOCALAWSLEARNER0")
LEARNER_SECRET_KEY = os.environ.get(
    "LOCALAWS_SECRET_KEY", "made-up-and-good-for-nothing-but-the-local-AWS"
)

#: Paths below this prefix belong to the control interface, never to an AWS service.
CONTROL_PREFIX = "/_localaws/"
