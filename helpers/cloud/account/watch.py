"""What happens to every call on its way to an account: refused, tagged, written down, counted.

All of it hangs on botocore's events, so it covers whatever uses boto3 or botocore: plain clients in
a learner's cells, resources, waiters, the course's helpers, and the AWS CLI.

    provide-client-params   may it leave at all? whose is what it changes?
    before-parameter-build  is anything in its way? tags into what it makes (of several answers to
                            the event before it, botocore takes the first alone, and boto3's
                            resources give one)
    before-call             the ledger's line, on the disk before anything is sent
    before-sign             do the credentials belong to the account that was opened?
    before-send             the request's mark: it came through here (see guard.py)
    after-call, …-error     the ledger's second line

Source: https://docs.aws.amazon.com/boto3/latest/guide/events.html
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import guard
from helpers.cloud.account import allowed, bounds, errors, owners
from helpers.cloud.account.kinds import BY_NAME, KINDS, Kind, Parameters, Place, kind_made_by
from helpers.cloud.account.ledger import Ledger
from helpers.cloud.account.tags import RUN, marked, with_tags

#: In botocore's context of one call: what it makes; a log group that it names.
_KEY, _LOGS = "course-creates", "course-logs"


class Watch:
    """Watches the calls of one run."""

    def __init__(self, place: Place, book: Ledger, tags: dict[str, str], sender: Any) -> None:
        """``sender`` says whose credentials sign: see sessions.py."""
        self._place, self._book, self._tags, self._sender = place, book, tags, sender
        self.owned = owners.Owned(book)
        #: Clients outlive their run: once it is over, no call of theirs leaves any more.
        self.is_over: Callable[[], bool] = lambda: False
        self._numbers = itertools.count(1)

    def attach(self, emitter: Any) -> None:
        """Register with the events of a botocore session, before it makes its first client."""
        for event, handler in (
            ("provide-client-params", self._look_at),
            ("before-parameter-build", self._tag),
            ("before-call", self._before),
            ("before-sign", self._sender.check),
            ("before-send", guard.mark),
            ("after-call", self._after),
            ("after-call-error", self._after_error),
        ):
            emitter.register(event, handler, unique_id=f"course-{event}")

    # --- before anything is sent

    def _look_at(self, params: Parameters, model: Any, context: Any, **_: Any) -> Any:
        service, operation = model.service_model.service_name, model.name
        if self.is_over():
            raise errors.run_is_over(self._tags[RUN])
        if allowed.is_reading(service, operation):
            return None
        if not allowed.is_allowed(service, operation):
            raise errors.not_needed(service, operation)
        if member := allowed.never_asked(service, operation, params):
            raise errors.not_needed(service, f"{operation} with {member}")
        if address := owners.elsewhere(self._place, operation, params):
            raise errors.not_here(operation, address, self._place.number, self._place.region)
        self._check_owner(service, operation, params)
        kind = kind_made_by(service, operation)
        if kind is None:
            return None
        if context.get("is_presign_request"):
            raise errors.not_signed(service, operation)
        name = kind.made_by[operation](self._place, params, {}) if _complete(model, params) else ""
        context[_KEY] = {"kind": kind, "id": name}
        return None

    def _tag(self, params: Parameters, model: Any, context: Any, **_: Any) -> None:
        if model.name in ("CreateFunction", "UpdateFunctionConfiguration"):
            context[_LOGS] = (params.get("LoggingConfig") or {}).get("LogGroup")
        made = context.get(_KEY)
        if made is not None:
            made["absent"] = self._is_free(made["kind"], made["id"])
            params.update(self._tagged(made, model.name, params))
            made["params"] = params
            return
        for kind in KINDS:
            if kind.mark_in and model.name in kind.marked_again:
                params.update(self._marked(kind, params))

    def _is_free(self, kind: Kind, name: str) -> bool | None:
        """Whether nothing is there of what a call would make; None where AWS itself refuses.

        Raises CallRefused where something is that this run did not make.
        """
        if not kind.upserts or not name:
            return None
        found = kind.look(self._place, name)
        if found is None:
            return True
        if (found.tags or {}).get(RUN) != self._tags[RUN] and (kind.name, name) not in self.owned:
            raise errors.in_the_way(kind.name, name)
        return None

    def _check_owner(self, service: str, operation: str, params: Parameters) -> None:
        resources = list(owners.named(self._place, service, operation, params))
        for kind, name in resources:
            if (kind, name) not in self.owned and self._is_somebody_elses(kind, name):
                raise errors.not_ours(operation, kind, name)
        creates = kind_made_by(service, operation) is not None
        if not resources and not creates and (service, operation) not in allowed.FREE:
            raise errors.not_named(service, operation)

    def _is_somebody_elses(self, kind: str, name: str) -> bool:
        """Whether there is such a thing, and not with this run's tag.

        Where there is none, AWS says so itself, and a notebook may wait for just that.
        """
        look = BY_NAME[kind].look(self._place, name)
        return look is not None and (look.tags or {}).get(RUN) != self._tags[RUN]

    def _tagged(self, made: dict[str, Any], operation: str, params: Parameters) -> Parameters:
        """The parameters with the course's tags in them."""
        kind: Kind = made["kind"]
        changed = dict(params) | self._marked(kind, params)
        *outer, inner = kind.tag_in.split(".")
        holder = changed
        for name in outer:
            holder[name] = dict(holder.get(name) or {})
            holder = holder[name]
        if kind.tag_in:
            holder[inner] = with_tags(holder.get(inner), self._tags, kind.tag_keys)
        if kind.only_new is not None and made["absent"]:
            changed |= kind.only_new(params, self._tags)
        if operation == "CreateBucket" and self._place.region != "us-east-1":
            # Elsewhere S3 wants to be told what the client's own address says already.
            holder.setdefault("LocationConstraint", self._place.region)
        return changed

    def _marked(self, kind: Kind, params: Parameters) -> Parameters:
        if kind.mark_in is None:
            return {}
        member, most = kind.mark_in
        return {member: marked(params.get(member), self._tags[RUN], most)}

    def _before(self, model: Any, context: Any, **_: Any) -> None:
        made = context.get(_KEY)
        if made is None:
            if context.get(_LOGS):
                self._log_group(context[_LOGS])
            return
        kind, name = made["kind"], made["id"]
        if kind.name == "function" and not self._is_somebody_elses(kind.name, name):
            self._log_group(context.get(_LOGS) or bounds.log_group(name))
        made["n"] = self._intend(kind, name, model.name, made.get("absent"))

    def _intend(self, kind: Kind, name: str, operation: str, absent: bool | None) -> str:
        number = f"{os.getpid()}-{next(self._numbers)}"
        self._book.write(
            "intent", n=number, operation=operation, kind=kind.name, id=name, absent=absent
        )
        return number

    def _log_group(self, name: str) -> None:
        """A function's log group, before Lambda makes it without tags and for ever."""
        kind = bounds.LOG_GROUP
        if (kind.name, name) in self.owned._known or kind.look(self._place, name) is not None:
            return
        number = self._intend(kind, name, "CreateLogGroup", True)
        try:
            bounds.make_log_group(self._place, name, self._tags)
        except ClientError as problem:
            self._book.write("refused", n=number, why=errors.text_of(problem))
            return
        self._book.write("made", n=number, id=name)
        self.owned.add(kind.name, name)

    # --- afterwards

    def _after(self, http_response: Any, parsed: Any, model: Any, context: Any, **_: Any) -> None:
        made = context.get(_KEY)
        if made is None or "n" not in made:
            return
        status = http_response.status_code
        if status >= 500:
            self._book.write("unknown", n=made["n"], why=f"HTTP {status}")
        elif status >= 300:
            self._book.write("refused", n=made["n"], why=str(parsed.get("Error", {}).get("Code")))
        else:
            kind = made["kind"]
            name = kind.made_by[model.name](self._place, made["params"], parsed) or made["id"]
            self._book.write("made", n=made["n"], id=name)
            self.owned.add(kind.name, name)
            bounds.after(self._place, kind, name, self._tags)

    def _after_error(self, exception: Exception, context: Any, **_: Any) -> None:
        made = context.get(_KEY)
        if made is not None and "n" in made:
            self._book.write("unknown", n=made["n"], why=type(exception).__name__)


def _complete(model: Any, params: Parameters) -> bool:
    """Whether nothing is missing; boto3 itself tells the learner what is."""
    return all(name in params for name in model.input_shape.required_members)
