"""The slips that `08.archive` tells apart."""

from __future__ import annotations

from typing import Any

from helpers.teach.checking import Slip

NAME = "shop-archive"


def no_role() -> Slip:
    return Slip(
        "no role",
        f"there is a function {NAME}, and no role {NAME}.",
        f'iam.create_role(RoleName="{NAME}", …) makes it, with the trust policy of section 1.',
        final=True,
    )


def no_function() -> Slip:
    return Slip(
        "no function",
        f"there is a role {NAME}, and no function {NAME}.",
        f'deploy("{NAME}", "work/08/archive.py", role=…, …) makes it.',
        final=True,
    )


def other_role(name: str) -> Slip:
    return Slip(
        "another role",
        f"the function works with the role {name}.",
        f'Give deploy the ARN of your role: role="arn:aws:iam::…:role/{NAME}".',
        final=True,
    )


def trusts_others(principal: Any) -> Slip:
    return Slip(
        "trusts others",
        f"the trust policy has the Principal {principal}.",
        "Whoever is named there can have the role's permissions. The one who needs them is the "
        "service lambda.amazonaws.com.",
    )


def fails(said: str, lacks: str) -> Slip:
    return Slip("denied", f"the function failed on an order. AWS said: {said}", lacks)


def not_copied() -> Slip:
    return Slip(
        "not copied",
        "the function ran, and the order is not in the archive.",
        "Does the variable ARCHIVE name the bucket shop-archive-…? And is the handler the one that "
        "you were given?",
    )


def closed(statements: int) -> Slip:
    seen = (
        "the function has no resource policy"
        if not statements
        else "the function's resource policy does not let S3 call for the bucket of orders"
    )
    return Slip(
        "door closed",
        f"{seen}.",
        'lam.add_permission with Action="lambda:InvokeFunction", Principal="s3.amazonaws.com", and '
        "as SourceArn the bucket itself, without a slash and a star: the bucket calls, not an "
        "object.",
    )


def everybody() -> Slip:
    return Slip(
        "everybody",
        "another account may invoke the function.",
        'A Principal "*" is the whole world. Take that statement away with lam.remove_permission.',
    )


def any_bucket() -> Slip:
    return Slip(
        "any bucket",
        "S3 may invoke the function for every bucket there is.",
        "S3 is one service for everybody: without SourceArn anybody's bucket can call you. Name "
        "the bucket of orders.",
    )


def any_account() -> Slip:
    return Slip(
        "any account",
        "S3 may invoke the function for the bucket's name, whoever owns it.",
        "A bucket's ARN has no account in it. If yours is deleted, somebody else may take the "
        "name. Say SourceAccount too.",
    )


def other_services(service: str) -> Slip:
    return Slip(
        "other services",
        f"{service} may invoke the function too.",
        "Only S3 was asked for. lam.remove_permission takes the statement away.",
    )
