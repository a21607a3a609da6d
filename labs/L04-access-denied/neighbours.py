"""What the two roles must not be able to do: the nearest neighbours of what they need.

Among them is what the faults of the old policies allow: whoever writes new statements beside them
has mended nothing there.
"""

from __future__ import annotations

from .desk import Desk
from .policies import elsewhere
from .shop import ARTEFACT

#: A pair for the policy simulator: an action, and a resource in the words below.
Pair = tuple[str, str]

#: What the ticket says the pipeline has no business with.
PIPELINE: tuple[Pair, ...] = (
    ("lambda:UpdateFunctionCode", "another function"),
    ("lambda:UpdateFunctionCode", "the function for tests"),
    ("lambda:UpdateFunctionCode", "the function of the old policy"),
    ("iam:PassRole", "another role"),
    ("iam:PassRole", "the printer's role"),
    ("s3:GetObject", "an order"),
    ("lambda:DeleteFunction", "the function"),
    ("lambda:AddPermission", "the function"),
    ("iam:PutRolePolicy", "the pipeline's role"),
)
#: And the function.
FUNCTION: tuple[Pair, ...] = (
    ("s3:DeleteObject", "an order"),
    ("s3:PutObject", "an order"),
    ("s3:GetObject", "an invoice"),
    ("dynamodb:PutItem", "another table"),
    ("dynamodb:PutItem", "the table for tests"),
    ("dynamodb:DeleteItem", "the table"),
    ("dynamodb:GetItem", "the table"),
)


def resource(desk: Desk, words: str) -> str:
    """The ARN that the words stand for."""
    shop = desk.shop
    return {
        "the function": lambda: desk.arn("lambda", f"function:{shop.function}"),
        "another function": lambda: desk.arn("lambda", f"function:{shop.city}-printer"),
        "the function for tests": lambda: desk.arn("lambda", f"function:{shop.function}-test"),
        "the function of the old policy": lambda: desk.arn(
            "lambda", f"function:{shop.function}", region=elsewhere(desk.cloud.region)
        ),
        "the function elsewhere": lambda: desk.arn(
            "lambda", f"function:{shop.function}", region="ap-southeast-2"
        ),
        "the function's role": lambda: desk.arn("iam", f"role/{shop.role}"),
        "the pipeline's role": lambda: desk.arn("iam", f"role/{shop.pipeline}"),
        "another role": lambda: desk.arn("iam", f"role/{shop.city}-office-admin"),
        "the printer's role": lambda: desk.arn("iam", f"role/{shop.city}-printer-role"),
        "the release": lambda: f"arn:aws:s3:::{shop.releases}/{ARTEFACT}",
        "a secret beside the releases": lambda: f"arn:aws:s3:::{shop.releases}/secrets/token",
        "another bucket": lambda: f"arn:aws:s3:::{shop.city}-customers/orders/A-1.json",
        "an order": lambda: f"arn:aws:s3:::{shop.photos}/orders/{next(iter(shop.orders))}.json",
        "an invoice": lambda: f"arn:aws:s3:::{shop.photos}/invoices/2026.csv",
        "the table": lambda: desk.arn("dynamodb", f"table/{shop.table}"),
        "the table for tests": lambda: desk.arn("dynamodb", f"table/{shop.table}-test"),
        "another table": lambda: desk.arn("dynamodb", f"table/{shop.city}-payments"),
    }[words]()
