"""The policies that count for a request, read from where moto and the Lambda service keep them.

The room ``iam/`` decides and knows no moto; these files fetch what it decides on: the caller's
policies (``callers``), those of a resource (``resources``), what only the account's state tells
(``finding``), and tags (``tags``).
"""
