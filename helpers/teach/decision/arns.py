"""Two ARNs side by side: in which part the one of a policy misses the one that is asked for."""

from __future__ import annotations

from fnmatch import fnmatchcase

_PARTS = ("", "partition", "service", "region", "account")


def difference(given: str, asked: str) -> str:
    """What to look at, in a sentence; "" where nothing in particular can be said."""
    ours, theirs = given.split(":", 5), asked.split(":", 5)
    if asked == "*":
        return 'This action knows no resource: only Resource "*" fits it.'
    if len(ours) < 6 or len(theirs) < 6 or ours[2] != theirs[2]:
        return ""
    for number in (1, 3, 4):
        if not _fits(ours[number], theirs[number]):
            return (
                f"The {_PARTS[number]} is another one: {ours[number] or '(none)'} in the policy, "
                f"{theirs[number] or '(none)'} asked for."
            )
    return _path(theirs[2], ours[5], theirs[5])


def _path(service: str, given: str, asked: str) -> str:
    if service == "s3":
        bucket, slash, _ = given.partition("/")
        wanted, wanted_slash, _ = asked.partition("/")
        if bucket == wanted and not slash and wanted_slash:
            return f"That is the bucket. Its objects are arn:aws:s3:::{bucket}/*"
        if bucket == wanted and slash and not wanted_slash:
            return f"That is what lies in the bucket. The bucket itself is arn:aws:s3:::{bucket}"
        if bucket != wanted and not _fits(bucket, wanted):
            return f"It is another bucket: {bucket} in the policy, {wanted} asked for."
        if slash and asked.startswith(given):
            return "It ends too early: without a * at its end it is this one key."
    if asked.startswith(given) and "*" not in given:
        return "It ends too early: without a * at its end it fits nothing longer."
    return f"It is another name: {given} in the policy, {asked} asked for."


def _fits(pattern: str, text: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))
