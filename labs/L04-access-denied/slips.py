"""What can be wrong, told from what AWS shows, each with what to do next."""

from __future__ import annotations

from helpers.teach.checking import Slip
from helpers.teach.checking.words import short


def gone(what: str) -> Slip:
    return Slip(
        "gone",
        f"AWS says: {short(what)}",
        "Something that the ticket names is no longer there. lab.reset() puts the start back.",
        final=True,
    )


def not_the_pipeline(message: str) -> Slip:
    return Slip(
        "trust",
        f"nobody can be the pipeline: {message}",
        "The role's trust policy says who may assume it. It was right at the start.",
    )


def step_refused(step: str, message: str) -> Slip:
    return Slip(
        "step refused",
        f"with the pipeline's role, the step '{step}' is refused: {message}",
        "Who, which action, on which resource: compare the three with the statements of the "
        "role's policy, character by character. Then release again: another step may follow.",
    )


def passing(step: str, message: str) -> Slip:
    return Slip(
        "pass role",
        f"with the pipeline's role, the step '{step}' is refused: {message}",
        "Who gives a role to a function passes it on, and needs iam:PassRole on that role's ARN: "
        "on no other, and not on *. A condition on iam:PassedToService has to say "
        "lambda.amazonaws.com.",
    )


def not_for_lambda(role: str) -> Slip:
    return Slip(
        "not for Lambda",
        f"Lambda may not take the role {role}: its trust policy does not let it.",
        "That policy was right at the start: lambda.amazonaws.com may do sts:AssumeRole, without a "
        "condition (the check tries release 2 under a name of its own). What the role may do "
        "stands in its other policies.",
    )


def another_release(can: bool) -> Slip:
    """`can`: whether the pipeline can release by now."""
    return Slip(
        "not live",
        "what is live is not release 2.",
        "The pipeline can release now: let it (the check takes its own release back)."
        if can
        else "Mend what keeps the pipeline from releasing, then let it release.",
    )


def another_release_too() -> Slip:
    return Slip(
        "partly live",
        "the alias gives release 2 to some orders only; the others get another release.",
        "Its RoutingConfig has weights. Take them away (an empty AdditionalVersionWeights), with "
        "the pipeline's role: then the alias leads to one version.",
    )


def stopped() -> Slip:
    return Slip(
        "stopped",
        "release 2 is live, and its reserved concurrency is 0: Lambda turns every order away.",
        "That is the switch that stops a function. Take it away with "
        "delete_function_concurrency; the customers wait.",
    )


def by_hand(who: str) -> Slip:
    return Slip(
        "by hand",
        f"release 2 is live, and the audit trail says that {who or 'nobody known'} made it so.",
        "Let the pipeline release, with its own role. A release by hand works once, for one "
        "person, and nobody can repeat it.",
    )


def cannot_read(message: str) -> Slip:
    return Slip(
        "cannot read",
        f"release 2 was invoked with an order, and could not read it: {message}",
        "Objects have ARNs of their own: the bucket's, a slash, and the key. "
        "The function's role needs s3:GetObject on what lies under orders/.",
    )


def cannot_write(message: str) -> Slip:
    return Slip(
        "cannot write",
        f"release 2 was invoked with an order, and could not put its item: {message}",
        "Compare the table's name in the message with the one in the policy, and the action too.",
    )


def failed(message: str) -> Slip:
    return Slip(
        "failed",
        f"release 2 was invoked with an order and failed: {short(message)}",
        "The log of the function says where. Are its settings as they were?",
    )


def no_item(order: str) -> Slip:
    return Slip(
        "no item",
        f"the function took order {order} without an error, and the table has no item of it.",
        "Are the function's environment variables as they were?",
    )


def first_things_first(what: str) -> Slip:
    return Slip(
        "first things first",
        f"{what} cannot do its own work yet, so there is no credit for what it cannot do besides.",
        "Let it work first; then take away what it does not need.",
    )


def too_much(who: str, action: str, resource: str) -> Slip:
    return Slip(
        "too much",
        f"{who} may also do {action} on {resource}.",
        "Name each action that is needed, and the exact resource: this bucket's folder, this "
        "function, this role, this table. A star in the wrong place is a door, and an old "
        "statement beside the new one stays in force: list all of the role's policies.",
    )


def rights_change(who: str) -> Slip:
    return Slip(
        "rights change",
        f"somebody changed rights while the check looked, so what {who} may do now says nothing.",
        "Does a function of yours write policies? Stop it, and run this again.",
    )


def really_read(who: str, what: str) -> Slip:
    return Slip(
        "opened",
        f"{who} has read {what}, though no policy of its own says so.",
        "A bucket's policy can let people in as well. Take the statement away, or name the one "
        "role that needs it.",
    )


def trusted(role: str, whom: str) -> Slip:
    return Slip(
        "trusted",
        f"the trust policy of {role} now lets in {whom}.",
        "Trust policies say who may take a role, and these were right. Put them back.",
    )


def open_bucket(bucket: str) -> Slip:
    return Slip(
        "open bucket",
        f"the policy of the bucket {bucket} lets everybody in.",
        'Principal "*" means the whole world, not only this account, and a condition that anybody '
        "can meet keeps nobody out. Name the role as the Principal, or give the role what it needs "
        "in a policy of its own.",
    )


def guests(bucket: str, whom: str) -> Slip:
    return Slip(
        "guests",
        f"the policy of the bucket {bucket} lets in {whom}.",
        "Only the two roles have business here. Take that principal away, and write each role's "
        "whole ARN, without a star.",
    )


def access_key(name: str) -> Slip:
    return Slip(
        "access key",
        f"the setting {name} of the function holds an access key.",
        "A function has its role, and needs no keys. Whoever may read the configuration would "
        "have Rui's rights. At work: delete that key today.",
    )
