"""Which fields which state has.

Source: https://states-language.net/ and, for each type of state, its page in
https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html
"""

from __future__ import annotations

MACHINE = {"Comment", "QueryLanguage", "StartAt", "TimeoutSeconds", "Version", "States"}
EVERYWHERE = {"Type", "Comment", "QueryLanguage"}

_LEAVES = {"Next", "End"}
_PATHS = {"InputPath", "OutputPath"}
_COMPUTES = {"Output", "Assign"}
_FALLIBLE = {"ResultPath", "Parameters", "ResultSelector", "Retry", "Catch"}

#: Type of state → the fields it may have besides those of ``EVERYWHERE``.
OF_TYPE: dict[str, set[str]] = {
    "Pass": _LEAVES | _PATHS | _COMPUTES | {"Result", "ResultPath", "Parameters"},
    "Task": _LEAVES
    | _PATHS
    | _COMPUTES
    | _FALLIBLE
    | {"Arguments", "Resource", "Credentials", "TimeoutSeconds", "TimeoutSecondsPath"}
    | {"HeartbeatSeconds", "HeartbeatSecondsPath"},
    "Wait": _LEAVES | _PATHS | _COMPUTES | {"Seconds", "Timestamp", "SecondsPath", "TimestampPath"},
    "Parallel": _LEAVES | _PATHS | _COMPUTES | _FALLIBLE | {"Arguments", "Branches"},
    "Map": _LEAVES
    | _PATHS
    | _COMPUTES
    | _FALLIBLE
    | {"ItemProcessor", "Iterator", "ItemsPath", "Items", "ItemSelector", "ItemReader"}
    | {"ItemBatcher", "ResultWriter", "MaxConcurrency", "MaxConcurrencyPath", "Label"}
    | {"ToleratedFailurePercentage", "ToleratedFailurePercentagePath"}
    | {"ToleratedFailureCount", "ToleratedFailureCountPath"},
    "Choice": _PATHS | _COMPUTES | {"Choices", "Default"},
    "Succeed": _PATHS | {"Output"},
    "Fail": {"Error", "Cause", "ErrorPath", "CausePath"},
}

#: These leave through Next or end with End.
LEAVING = {"Pass", "Task", "Wait", "Parallel", "Map"}

REQUIRED: dict[str, list[str]] = {
    "Task": ["Resource"],
    "Parallel": ["Branches"],
    "Choice": ["Choices"],
}

#: Exactly one of each group.
ONE_OF: dict[str, list[list[str]]] = {
    **{kind: [["Next", "End"]] for kind in LEAVING},
    "Map": [["Next", "End"], ["ItemProcessor", "Iterator"]],
    "Wait": [["Next", "End"], ["SecondsPath", "Seconds", "TimestampPath", "Timestamp"]],
}

#: At most one of each group.
NOT_BOTH = [
    ["TimeoutSeconds", "TimeoutSecondsPath"],
    ["HeartbeatSeconds", "HeartbeatSecondsPath"],
    ["MaxConcurrency", "MaxConcurrencyPath"],
    ["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"],
    ["Error", "ErrorPath"],
    ["Cause", "CausePath"],
]

ONLY_JSONPATH = {
    "InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "ItemsPath",
    "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath",
    "MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath",
    "ErrorPath", "CausePath",
}  # fmt: skip
ONLY_JSONATA = {"Output", "Arguments", "Items"}

_MANY = 99_999_999
#: Field → its least and greatest value. Measured by others with AWS's own validation.
RANGES: dict[str, tuple[int, int]] = {
    "TimeoutSeconds": (1, _MANY),
    "HeartbeatSeconds": (1, _MANY),
    "Seconds": (0, _MANY),
    "MaxConcurrency": (0, _MANY),
    "ToleratedFailurePercentage": (0, 100),
    "ToleratedFailureCount": (0, _MANY),
}
RETRY_RANGES: dict[str, tuple[float, float]] = {
    "MaxAttempts": (0, _MANY),
    "IntervalSeconds": (0, _MANY),
    "BackoffRate": (1, float("inf")),
    "MaxDelaySeconds": (1, 31_622_400),
}
RETRIER = {
    "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds",
    "JitterStrategy", "Comment",
}  # fmt: skip
CATCHER = {"ErrorEquals", "Next", "ResultPath", "Comment", "Assign", "Output"}
