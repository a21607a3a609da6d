"""Where a notebook shows something else on an account than on the local cloud, and why that is so.

What is not in here and differs is a fault.
"""

from __future__ import annotations

NETWORK = "an account is refused networks; the section says so and belongs on the local cloud"

#: (number of the notebook, a text that this cell alone holds, why it differs)
EXPECTED: tuple[tuple[str, str, str], ...] = (
    ("00", 'print("open:", aws.kind)', "it tells which kind of cloud is open"),
    ("00", "except cloud.RealAWSRefused as refusal:", "the refusal names what an account lets out"),
    ("01", 'print("deployed so far:"', "it lists every function, those of others among them"),
    ("10", "vpc = ec2.create_vpc(", NETWORK),
    ("10", "ec2.describe_route_tables(", NETWORK),
    ("10", 'move("shop-customers", subnet, group)', NETWORK),
    ("10", 'for to in ("table", "internet"):', NETWORK),
    ("10", 'print("a timeout of boto3\'s own:"', NETWORK),
    ("10", "endpoint = ec2.create_vpc_endpoint(", NETWORK),
    ("10", "archive_subnet = ec2.create_subnet(", NETWORK),
    ("10", 'move("shop-archive", archive_subnet, archive_group)', NETWORK),
    ("10", 'check("10.archive")', NETWORK),
    ("10", 'print("days, before:"', "on an account the course keeps logs for fourteen days"),
)


def why(notebook: str, source: str) -> str | None:
    """The reason of a cell that differs; None: there is none."""
    for number, text, reason in EXPECTED:
        if notebook.startswith(number) and text in source:
            return reason
    return None
