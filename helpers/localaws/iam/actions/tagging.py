"""The Resource Groups Tagging API.

Source: https://docs.aws.amazon.com/ARG/latest/userguide/gettingstarted-prereqs.html
"""

from __future__ import annotations

from helpers.localaws.iam.actions.rule import Spec

SPEC = Spec("tag")
