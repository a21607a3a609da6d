"""Lambda's API operations, one file for each subject."""


def load() -> None:
    """Import every file, which registers its operations."""
    from helpers.localaws.compute.operations import functions, invoke, tags  # noqa: F401
