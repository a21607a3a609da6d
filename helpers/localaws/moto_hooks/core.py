"""What concerns all of moto: its settings, what it keeps, and emptying it."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from typing import Any


def install() -> None:
    """Settings that moto reads when it is imported; call before anything imports moto."""
    # AWS's own managed policies (AWSLambdaBasicExecutionRole, …) can then be attached.
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    # Credentials of this machine are of no use here, and never read.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none")


def forget_what_was_deleted() -> None:
    """Reason: for its dashboard moto keeps every object that it ever made, each log event too, so
    that the server grew with every invocation. (S3 alone uses its list, to close files.)
    """
    from moto.core.common_models import BaseModel

    def __new__(cls: Any, *_: Any, **__: Any) -> Any:
        instance = object.__new__(cls)
        if cls.__module__.startswith("moto.s3."):
            cls.instances_tracked.append(instance)
        return instance

    BaseModel.__new__ = __new__


def list_modules_once() -> None:
    """Reason: for each request moto looks through the folder of its own modules, 150 questions to
    the file system that take longer than the rest of most requests.
    """
    from moto import backends

    known = tuple(backends.list_of_moto_modules())

    def list_of_moto_modules() -> tuple[str, ...]:
        return known

    backends.list_of_moto_modules = list_of_moto_modules


def remember_names() -> None:
    """Reason: for each request moto spells names anew (VisibilityTimeout, visibility_timeout; of a
    queue's attributes all, several times), lists the methods of the service's class, and tries some
    200 patterns on the host's name.
    """
    import moto.core.responses
    from moto.core import utils
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    spell = lru_cache(maxsize=10_000)(utils.camelcase_to_underscores)
    names: Any = lru_cache(maxsize=None)(utils.method_names_from_class)
    for module in list(sys.modules.values()):
        if getattr(module, "camelcase_to_underscores", None) is spell.__wrapped__:
            module.camelcase_to_underscores = spell  # type: ignore[attr-defined]
    responses: Any = moto.core.responses
    responses.method_names_from_class = names
    dispatcher: Any = DomainDispatcherApplication
    find, found = dispatcher.get_backend_for_host, dict[Any, Any]()

    def get_backend_for_host(self: Any, host: Any) -> Any:
        if host not in found:
            if len(found) > 1000:  # anybody may send any name
                found.clear()
            found[host] = find(self, host)
        return found[host]

    dispatcher.get_backend_for_host = get_backend_for_host


def draw_request_ids_at_once() -> None:
    """Reason: moto draws the 52 characters of each answer's request id one by one, which takes
    longer than it takes to decide whether the request is allowed.
    """
    import string

    from moto.moto_api._internal import moto_random

    def get_random_string(
        self: Any, length: int = 20, include_digits: bool = True, lower_case: bool = False
    ) -> str:
        pool = string.ascii_letters + (string.digits if include_digits else "")
        drawn = "".join(self.choices(pool, k=length))
        return drawn.lower() if lower_case else drawn

    moto_random.MotoRandom.get_random_string = get_random_string  # type: ignore[method-assign]


def reset_moto() -> None:
    """Empty every service of moto, as its own reset does."""
    from moto.moto_api._internal.models import MotoAPIBackend

    MotoAPIBackend("global", "global").reset()
