"""Recursive loops: a function that (through others) invokes itself again and again.

The chain travels in the trace header, which boto3 inside a handler passes on by itself.
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

from __future__ import annotations

import hashlib
import re

#: Invocations of one function in one chain after which Lambda stops it.
LIMIT = 16


def extend(trace_header: str, function_arn: str) -> tuple[str, int]:
    """The header with this function's place in the chain, and how often it stands there now."""
    mark = hashlib.sha256(function_arn.encode()).hexdigest()[:8]
    found = re.search(r"Lineage=([^;]*)", trace_header)
    # The header may come from anybody: what is no entry of ours is left out.
    chain = dict(re.findall(r"([^|:]+):(\d{1,9})(?=\||$)", found[1])) if found else {}
    count = int(chain.get(mark, "0")) + 1
    chain[mark] = str(count)
    lineage = "Lineage=" + "|".join(f"{name}:{number}" for name, number in chain.items())
    header = re.sub(r";?Lineage=[^;]*", "", trace_header)
    return f"{header};{lineage}", count
