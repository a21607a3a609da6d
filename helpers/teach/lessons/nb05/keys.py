"""`05.keys`: a handler that finds the object, whatever its key holds."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from helpers.layer import layer
from helpers.teach.checking import Case, Check, Context, Requirement, Slip
from helpers.teach.checking.files import attempted
from helpers.teach.checking.functions import Deployed, Reply, deployed
from helpers.teach.checking.words import short
from helpers.teach.lessons.nb05 import buckets

FILE = "any_key.py"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
PLAIN = "originals/cake.jpg"
#: Each key holds one thing that an event encodes, so that what fails tells what was forgotten.
SPACE = "originals/Omas Torte.jpg"
OTHERS = "originals/Torte(für_12).jpg"
PLUS = "originals/Torte+Kaffee.jpg"
PERCENT = "originals/2%20Torten.jpg"
ALL = "originals/Omas Geburtstag (1) + Torte.jpg"
AGAIN = "Then run the %%writefile cell and this one again."


@dataclass
class Darkroom:
    """The learner's function, a bucket of pictures and one for its results."""

    function: Deployed
    pictures: str
    results: str
    tried: dict[str, Slip | None] = field(default_factory=dict)

    @cached_property
    def s3(self) -> Any:
        return self.function.cloud.client("s3")

    def slip(self, key: str) -> Slip | None:
        """What is wrong with the thumbnail of this key; None where it is right."""
        if key not in self.tried:
            self.tried[key] = self._try(key)
        return self.tried[key]

    def fails(self, key: str) -> bool:
        """Whether the handler looked for another key than this one."""
        slip = self.slip(key)
        return slip is not None and slip.name == "no such key"

    def _try(self, key: str) -> Slip | None:
        self.s3.put_object(Bucket=self.pictures, Key=key, Body=buckets.jpeg(300, 200))
        buckets.empty(self.s3, self.results)
        reply = self.function.invoke(buckets.event(self.pictures, key))
        if reply.failed:
            return self._why_failed(key, reply)
        found = buckets.keys(self.s3, self.results)
        if key not in found:
            return _elsewhere(key, found)
        content = self.s3.get_object(Bucket=self.results, Key=key)["Body"].read()
        if buckets.size_of(content) != ("JPEG", (200, 133)):
            return Slip(
                "another picture",
                f"what lies under {short(key)} is not the thumbnail that the handler made before.",
                "Only the key has to change; leave `smaller` as it was. " + AGAIN,
            )
        return None

    def _why_failed(self, key: str, reply: Reply) -> Slip:
        nothing_there = ("NoSuchKey", "AccessDenied", "(404)", "(403)")
        if any(word in f"{reply.error_type} {reply.error_message}" for word in nothing_there):
            return Slip(
                "no such key",
                f"for {short(key)} the handler asked S3 for a key that is not there. In the event "
                f"it stands as {buckets.encoded(key)}.",
                "The module urllib.parse has a function that turns it back. " + AGAIN,
            )
        return self.function.explain(reply)


def _elsewhere(key: str, found: list[str]) -> Slip:
    if buckets.encoded(key) in found:
        return Slip(
            "written encoded",
            f"the thumbnail of {short(key)} lies under {short(buckets.encoded(key))}.",
            "The key has to be decoded for both calls: once for reading, and the same for "
            "writing. Decode it once, in a variable of its own. " + AGAIN,
        )
    if found:
        return Slip(
            "other name",
            f"the thumbnail of {short(key)} lies under {short(found[0])}.",
            "The shop looks for it under the key of the original, letter by letter. " + AGAIN,
        )
    return Slip(
        "nothing written",
        f"for {short(key)} the handler ended without an error and without a thumbnail.",
        "If it catches the error, nobody hears of it: no retry, no destination. Let it fail, or "
        "better, decode the key. " + AGAIN,
    )


@contextlib.contextmanager
def _darkroom(context: Context) -> Iterator[Darkroom]:
    attempted(context.folder, FILE, STARTER.read_text(encoding="utf-8"))
    mark = uuid.uuid4().hex[:8]
    pictures, results = f"shop-check-{mark}-in", f"shop-check-{mark}-out"
    settings: dict[str, Any] = {
        "environment": {"RESULTS": results},
        "layers": [layer(buckets.LAYER, buckets.PACKAGES, cloud=context.cloud)],
        "timeout": 30,
        "memory": 1769,  # a whole CPU: Pillow is quick to start then
    }
    with (
        buckets.own(context.cloud, pictures, results),
        deployed(context, FILE, STARTER, **settings) as function,
    ):
        yield Darkroom(function, pictures, results)


def _plain(room: Darkroom, case: Case) -> None:
    slip = room.slip(case.given)
    if slip:
        slip.final = slip.name == "no such key"  # every other key would fail as well
        raise slip


def _any(room: Darkroom, case: Case) -> None:
    """Any key. A grader's hidden one is judged by itself, without telling it."""
    slip = room.slip(case.given)
    if slip is None:
        return
    if slip.name != "no such key" or case.hidden:
        raise slip
    raise _told_apart(room) or slip


def _told_apart(room: Darkroom) -> Slip | None:
    """Which way of decoding it was, from the keys that it finds and those that it does not."""
    fails = {key for key in (SPACE, OTHERS, PLUS, PERCENT) if room.fails(key)}
    if fails == {SPACE}:
        return Slip(
            "spaces",
            f"{short(SPACE)} is not found: its space stands as a + in the event.",
            "unquote leaves every + as it is. There is another one beside it, made for this kind "
            "of encoding: unquote_plus. " + AGAIN,
        )
    if fails == {OTHERS, PLUS, PERCENT}:
        return Slip(
            "only spaces",
            f"{short(SPACE)} is found now, {short(OTHERS)} is not: it stands as "
            f"{buckets.encoded(OTHERS)} in the event.",
            "A + is not the only thing to turn back: ( ) and ü stand there as % and numbers. "
            "unquote_plus of urllib.parse does all of it. " + AGAIN,
        )
    if fails == {PLUS}:
        return Slip(
            "plus",
            f"{short(PLUS)} is not found: its + has become a space.",
            "In the event a true + stands as %2B. Whoever decodes %2B first and then turns every "
            "+ into a space turns this one as well. The other way round, or unquote_plus. " + AGAIN,
        )
    if PERCENT in fails and not fails & {SPACE, OTHERS}:
        return Slip(
            "twice",
            f"{short(PERCENT)} is not found. That is the file's true name; in the event it "
            f"stands as {buckets.encoded(PERCENT)}.",
            "It was decoded twice, or into something else. Decode once: the result is the key. "
            + AGAIN,
        )
    return None


KEYS = Check(
    key="05.keys",
    prepare=_darkroom,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("plain key", _plain, (Case(PLAIN),)),
        Requirement(
            "any key",
            _any,
            tuple(Case(key) for key in (SPACE, OTHERS, PLUS, PERCENT, ALL)),
            points=2,
        ),
    ),
    hints=(
        "The event does not have the key itself, but the key as it would stand in a web address: a "
        "space as +, and other characters as % and two hexadecimal digits.",
        "Python can turn that back. The module is urllib.parse; look at the functions whose names "
        "begin with unquote.",
        "from urllib.parse import unquote_plus at the top, and "
        'key = unquote_plus(record["s3"]["object"]["key"]) in the handler.',
    ),
    praise="Whatever people call their pictures, the handler finds them.",
)
