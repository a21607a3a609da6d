"""Teardown: from ledger and tags together, in dependency order, until nothing of the run is left.

What may be deleted, and nothing else:

- what carries this run's tag, or its mark where AWS gives no tags;
- what AWS told the ledger that this run made, where its kind carries neither (its id is AWS's own
  and never used again), or where the tag comes a moment after it and nothing was there before;
- the log groups that Lambda makes, without tags, for this run's functions.

A call that was sent and never answered proves nothing: what is there under that name may be
somebody else's, who came later. Everything is looked at again right before it is deleted: a
resource that was deleted meanwhile, and made anew by somebody else, carries no tag of ours and
stays. So does what handlers, schedules and state machines of the run have made by themselves: it
passes none of our sessions, and nothing says whose it is. What is new is listed instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from botocore import exceptions as boto

from helpers.cloud.account import inventory
from helpers.cloud.account.errors import text_of
from helpers.cloud.account.kinds import BY_NAME, KINDS, Kind, Look, Place, is_gone
from helpers.cloud.account.ledger import Entry, Ledger, Story
from helpers.cloud.account.progress import Bar
from helpers.cloud.account.tags import RUN

_ORDER = {kind.name: position for position, kind in enumerate(KINDS)}
#: What asking again does not change: no permission, or a login that has expired meanwhile.
_DENIED = (
    "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden", "403",
    *inventory.NO_LOGIN,
)  # fmt: skip


#: Tags show some time after the resource: what has none at all is looked at so often, in passes
#: that take some seconds, before it is taken for somebody else's.
#: Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html
LOOKS = 5
#: So many resources of nobody's are listed.
_SHOWN = 20


@dataclass
class Pace:
    """How long teardown tries; the tests bring a faster one.

    ``patience``: seconds without any progress until the rest is given up. A queue shows for a
    minute after its deletion, and REST APIs go one in thirty seconds.
    """

    patience: float = 240
    pause: float = 0.3
    longest: float = 10.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic


@dataclass
class Remains:
    """One resource that could not be deleted."""

    kind: Kind
    id: str
    why: str

    @property
    def command(self) -> str:
        """What deletes it from a terminal, without the console."""
        return self.kind.by_hand.format(id=self.id)


@dataclass
class Outcome:
    """What a teardown did."""

    run: str
    gone: list[str] = field(default_factory=list)
    left: list[Remains] = field(default_factory=list)
    not_ours: list[str] = field(default_factory=list)
    #: New in the account since the run began, and nobody's by any tag.
    strangers: list[Remains] = field(default_factory=list)
    not_looked_at: list[str] = field(default_factory=list)
    unproven: str = ""  #: why the account could not be looked at in the end

    @property
    def is_clean(self) -> bool:
        return not self.left and not self.unproven

    def __str__(self) -> str:
        count = len(self.gone)
        lines = [f"Deleted: {count} resource{'' if count == 1 else 's'} of run {self.run}."]
        if self.not_ours:
            lines.append(
                "Left alone, because they do not carry this run's tag (any more): "
                f"{', '.join(self.not_ours)}."
            )
        if self.left:
            lines.append("Still there, and why. Each line below it deletes it from a terminal:")
            for one in self.left:
                lines += [f"  {one.kind.name} {one.id}: {one.why}", f"    {one.command}"]
        if self.unproven:
            lines.append(f"Not proven to be empty ({self.unproven}).")
        if self.strangers:
            lines.append(
                "New since the run began, without its tag, and left alone. Did a handler, a "
                "schedule or a state machine make it? Each line below it deletes it:"
            )
            for one in self.strangers[:_SHOWN]:
                lines += [f"  {one.kind.name} {one.id}", f"    {one.command}"]
            if len(self.strangers) > _SHOWN:
                lines.append(f"  … and {len(self.strangers) - _SHOWN} more")
        if self.is_clean:
            lines.append("A look at the account shows nothing of this run any more.")
        else:
            lines.append("Or run this again later: python3 start.py teardown")
        if self.not_looked_at:
            lines.append(
                f"AWS does not let us list: {', '.join(self.not_looked_at)}. What the ledger has "
                "of these was looked at one by one."
            )
        return "\n".join(lines)


@dataclass
class _Target:
    kind: Kind
    entry: Entry
    why: str = ""
    denied: int = 0
    bare: int = 0  #: in so many passes it carried no tag
    asked: int = -99  #: the pass in which its deletion was last asked for


def remove(place: Place, story: Story, pace: Pace | None = None, bar: Bar | None = None) -> Outcome:
    """Delete all that the run made. Writes into its ledger what is gone and what is left."""
    return _Removal(place, story, pace or Pace(), bar or Bar()).run()


class _Removal:
    def __init__(self, place: Place, story: Story, pace: Pace, bar: Bar) -> None:
        self._place, self._story, self._pace, self._bar = place, story, pace, bar
        self._book = Ledger(story.path)
        self._targets: dict[tuple[str, str], _Target] = {}
        self._done: set[tuple[str, str]] = set()
        self._seen: set[tuple[str, str]] = set()
        self._foreign: set[tuple[str, str]] = set()
        self._pass = 0
        self._strange: list[str] = []  # of another version of the course
        self._unproven: list[str] = []  # of the last look at the account
        self.outcome = Outcome(story.run)

    def run(self) -> Outcome:
        for entry in self._story.remaining():
            if entry.kind not in BY_NAME:
                self._strange.append(f"the ledger names a {entry.kind} '{entry.id}': what is that?")
            elif entry.id:  # what AWS named and never told us is found by its tag
                self._add(BY_NAME[entry.kind], entry)
        while True:
            given_up = self._until_gone()
            if given_up or not self._scan():
                break
        self._bar.clear()
        self._report()
        return self.outcome

    def _add(self, kind: Kind, entry: Entry) -> None:
        key = (kind.name, entry.id)
        known = self._targets.get(key)
        if known is None:
            self._targets[key] = _Target(kind, entry)
        elif entry.state == "made":
            known.entry.state = "made"

    def _waiting(self) -> list[_Target]:
        left = [one for key, one in self._targets.items() if key not in self._done]
        return sorted(left, key=lambda one: _ORDER[one.kind.name])

    def _until_gone(self) -> bool:
        """Pass after pass, until nothing waits. True: some were given up."""
        deadline, pause = self._pace.now() + self._pace.patience, self._pace.pause
        while True:
            waiting = self._waiting()
            if not waiting:
                return False
            before = len(self._done)
            for target in waiting:
                doing = f"{target.kind.name} {target.entry.id}"
                self._bar.show(len(self._done), len(self._targets), doing)
                self._attempt(target)
            self._pass += 1
            waiting = self._waiting()
            if not waiting:
                return False
            if all(one.denied >= 3 for one in waiting):
                return True
            if len(self._done) > before:
                deadline, pause = self._pace.now() + self._pace.patience, self._pace.pause
            elif self._pace.now() >= deadline:
                return True
            first = waiting[0]
            self._bar.show(
                len(self._done), len(self._targets),
                f"waiting: {first.kind.name} {first.entry.id} {first.why}",
            )  # fmt: skip
            self._pace.sleep(pause)
            pause = min(pause * 1.5, self._pace.longest)

    def _attempt(self, target: _Target) -> None:
        """Look, and delete what is there and ours; whatever goes wrong is tried again."""
        kind, name = target.kind, target.entry.id
        key = (kind.name, name)
        writer = self._targets.get(_function_of(kind, name) or ("", ""))
        if writer is not None and ("function", writer.entry.id) not in self._done:
            # Lambda would make its log group anew; and whose that is, the function tells.
            target.why, target.denied = "its function is still there", writer.denied
            return
        try:
            look = kind.look(self._place, name)
            if look is None:
                self._finish(key)
                return
            if not self._is_ours(target, look):
                if not look.settled and not look.tags:
                    target.why = "AWS still makes it"
                    return
                target.bare += 1
                if not look.tags and target.bare < LOOKS:
                    target.why = "carries no tag"
                    return
                self._foreign.add(key)
                self._finish(key)
                return
            self._seen.add(key)
            if self._pass - target.asked >= 4:  # else its deletion is on its way
                kind.delete(self._place, name)
                target.asked, target.why = self._pass, "its deletion takes its time"
        except boto.ClientError as problem:
            if is_gone(problem):
                return  # the next pass looks again
            code = str(problem.response.get("Error", {}).get("Code", ""))
            target.denied += code in _DENIED
            target.why = f"{code}: {text_of(problem)}"
        except (boto.BotoCoreError, OSError) as problem:
            target.why = f"{type(problem).__name__}: {problem}"

    def _is_ours(self, target: _Target, look: Look) -> bool:
        if _function_of(target.kind, target.entry.id) in self._foreign:
            return (look.tags or {}).get(RUN) == self._story.run
        return is_ours(target.kind, target.entry, look, self._story.run) or (
            not (look.tags or {}).get(RUN) and self._is_log_of_ours(target.kind, target.entry.id)
        )

    def _finish(self, key: tuple[str, str]) -> None:
        self._done.add(key)
        if key not in self._foreign:
            self._book.write("gone", kind=key[0], id=key[1])

    def _scan(self) -> bool:
        """Look at the whole account once more; True where something of the run turned up."""
        self._unproven.clear()
        self.outcome.strangers.clear()
        now = self._look_around()
        if now is None:
            return False
        before = self._story.head.get("before") or {}
        self.outcome.not_looked_at = [name for name, ids in now.items() if ids is None]
        found = False
        for kind, name in inventory.new_since(before, now):
            key = (kind.name, name)
            if key in self._foreign:
                continue
            if key in self._done:  # it still lists, or it came back: look at the thing itself
                if self._is_there(kind, name):
                    self._done.discard(key)
                    found = True
                continue
            if self._is_tagged(kind, name) or self._is_log_of_ours(kind, name):
                self._add(kind, Entry(kind.name, name, "", "made", None))
                found = True
            elif before.get(kind.name) is not None and self._is_there(kind, name):
                self.outcome.strangers.append(Remains(kind, name, "it carries no tag"))
        return found

    def _is_tagged(self, kind: Kind, name: str) -> bool:
        """Whether it carries the run's tag. What cannot be told now is no proof of a clean end."""
        try:
            look = kind.look(self._place, name)
        except (boto.ClientError, boto.BotoCoreError, OSError) as problem:
            if inventory.code_of(problem) not in _DENIED:
                self._unproven.append(f"{kind.name} {name}: {text_of(problem)}")
            return False
        return look is not None and (look.tags or {}).get(RUN) == self._story.run

    def _is_log_of_ours(self, kind: Kind, name: str) -> bool:
        """Lambda makes a log group for a function of ours, where none was before, without tags."""
        function = _function_of(kind, name)
        if function is None or function in self._foreign:
            return False
        if function in self._targets:
            return function in self._seen or self._targets[function].entry.state == "made"
        made = {(one.kind, one.id) for one in self._story.entries if one.state == "made"}
        return function in made and not self._is_there(BY_NAME["function"], function[1])

    def _look_around(self) -> inventory.Inventory | None:
        """The whole account; None where it could not be reached for as long as we try."""
        deadline = self._pace.now() + self._pace.patience
        while True:
            self._bar.show(len(self._done), max(1, len(self._targets)), "looking for what is left")
            try:
                return inventory.take(self._place, together=False)
            except (boto.ClientError, boto.BotoCoreError, OSError) as problem:
                no_login = inventory.code_of(problem) in inventory.NO_LOGIN
                if no_login or self._pace.now() >= deadline:
                    self._unproven.append(text_of(problem))
                    return None
                self._pace.sleep(self._pace.longest)

    def _is_there(self, kind: Kind, name: str) -> bool:
        """Whether it is there; where that cannot be told, yes: then it is asked for once more."""
        try:
            return kind.look(self._place, name) is not None
        except (boto.ClientError, boto.BotoCoreError, OSError):
            return True

    def _report(self) -> None:
        for target in self._waiting():
            remains = Remains(target.kind, target.entry.id, target.why or "it is still there")
            self.outcome.left.append(remains)
            self._book.write("left", kind=target.kind.name, id=target.entry.id, why=remains.why)
        blind = {one.kind for one in self._story.remaining() if not one.id}
        blind &= set(self.outcome.not_looked_at)
        if blind:  # such a call was sent, its answer was lost, and AWS had named the thing
            self._unproven.append(f"AWS does not let us list {', '.join(sorted(blind))}")
        self.outcome.unproven = "; ".join(self._strange + self._unproven)
        self.outcome.not_ours = [f"{kind} {name}" for kind, name in sorted(self._foreign)]
        self.outcome.gone = [
            f"{kind} {name}" for kind, name in sorted(self._seen & self._done - self._foreign)
        ]


def is_ours(kind: Kind, entry: Entry, look: Look, run: str) -> bool:
    """Whether the run made what was found. See the rules at the top."""
    if look.tags and look.tags.get(RUN):
        return look.tags[RUN] == run
    if entry.state != "made":
        return False
    return look.tags is None or (kind.may_be_bare and bool(entry.absent))


def _function_of(kind: Kind, name: str) -> tuple[str, str] | None:
    """The function whose own log group this is; None for everything else."""
    if kind.name != "log group" or not name.startswith("/aws/lambda/"):
        return None
    return ("function", name.removeprefix("/aws/lambda/"))
