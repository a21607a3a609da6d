"""The local AWS: a server process that answers AWS's APIs and really runs Lambda handlers.

Start it with ``python -m helpers.localaws``. Nothing in notebooks or labs imports this package;
they speak to it over HTTP, with boto3, as they would speak to AWS.
"""
