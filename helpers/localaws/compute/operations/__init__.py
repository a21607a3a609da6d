"""Lambda's API operations, one file for each subject."""


def load() -> None:
    """Import every file, which registers its operations."""
    from helpers.localaws.compute.operations import (  # noqa: F401
        aliases,
        concurrency,
        functions,
        invoke,
        invoke_config,
        layers,
        mappings,
        permissions,
        tags,
        urls,
        versions,
    )
