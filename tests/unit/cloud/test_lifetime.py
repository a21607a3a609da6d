"""The local AWS ends with whoever opened it, however that ends, and leaves nothing behind."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from tests.unit.cloud.openers import DAEMON, STUBBORN, Opener

Start = Callable[..., Opener]

pytestmark = pytest.mark.timeout(180)
POSIX = os.name == "posix"
needs_fork = pytest.mark.skipif(not POSIX, reason="needs fork, which Windows does not have")

OPEN = """
aws = cloud.open()
tell(server=opening._server.pid)
"""
BUSY = f"""
aws = cloud.open()
occupy({STUBBORN | ({"daemon": DAEMON} if sys.platform == "linux" else {})!r})
tell(server=opening._server.pid)
sys.stdin.readline()
"""


@pytest.mark.parametrize(
    "end",
    [
        "",  # falls off its end
        "raise ValueError('an exception')",
        "sys.exit(3)",
        "aws.close()",
        "os._exit(1)",
        "os.kill(os.getpid(), signal.SIGTERM)",
    ],
)
def test_an_idle_opener_ends(opener: Start, end: str) -> None:
    one = opener(f"{OPEN}\nsys.stdin.readline()\n{end}", PYTHONWARNINGS="error")
    one.hear()
    assert len(one.look()) >= 2  # the server and its keeper
    one.say()
    one.assert_nothing_is_left()


@pytest.mark.parametrize("end", ["exit", "close", "kill -9 the opener", "kill -9 the server"])
def test_handlers_that_do_not_want_to_end(opener: Start, end: str) -> None:
    """In an endless loop, deaf to signals, with children, and daemonised: all are ended."""
    ending = {"close": "aws.close()\ntell(closed=True)\nsys.stdin.readline()"}.get(end, "")
    if end == "kill -9 the server":
        ending = "sys.stdin.readline()"
    one = opener(BUSY + ending)
    server = psutil.Process(one.hear()["server"])
    before = len(one.look())
    assert before >= 2 + len(STUBBORN) + 2  # and the two children of one of them
    if end == "kill -9 the opener":
        one.kill()
    elif end == "kill -9 the server":
        server.kill()
    else:
        one.say()
    if end == "close":
        assert one.hear() == {"closed": True}
        assert not one.left()[1:]  # close() returns when all is gone, but for a zombie's moment
    if end == "kill -9 the server":
        one.seen.pop(server.pid)  # a zombie until the opener looks
    one.assert_nothing_is_left() if end in ("exit", "kill -9 the opener") else _only_opener(one)


def _only_opener(one: Opener) -> None:
    """Nothing is left below an opener that still runs."""
    until = time.monotonic() + 20
    while True:
        left = [name for name in one.left() if not name.startswith(f"{one.process.pid} ")]
        if not left or time.monotonic() > until:
            break
        time.sleep(0.05)
    assert not left


def test_opening_again_after_the_server_was_killed(opener: Start) -> None:
    """The same process opens a new cloud, without a word about the old one."""
    one = opener(
        f"""{OPEN}
sys.stdin.readline()
again = cloud.open()
tell(server=opening._server.pid, same=again is aws, old_open=aws.is_open,
     account=again.client("sts").get_caller_identity()["Account"],
     endpoint=os.environ["AWS_ENDPOINT_URL"] == again.url)
sys.stdin.readline()
""",
        PYTHONWARNINGS="error",
    )
    first = one.hear()["server"]
    one.look()
    psutil.Process(first).kill()
    one.say()
    told = one.hear()
    one.look()
    assert told.pop("server") != first
    assert told == {"same": False, "old_open": False, "account": "123456789012", "endpoint": True}
    one.say()
    one.assert_nothing_is_left()


def test_opening_twice_is_one_server(opener: Start) -> None:
    """Also from many threads at once, and the threads' ends do not end it."""
    one = opener(
        """
opened = []
threads = [threading.Thread(target=lambda: opened.append(cloud.open())) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
tell(same=len({id(each) for each in opened}), again=cloud.open() is opened[0])
time.sleep(0.3)
tell(account=opened[0].account_id)
sys.stdin.readline()
"""
    )
    assert one.hear() == {"same": 1, "again": True}
    assert one.hear() == {"account": "123456789012"}
    servers = [process for process in one.look() if "helpers.localaws" in process.cmdline()]
    assert len(servers) == 1
    one.say()
    one.assert_nothing_is_left()


@needs_fork
def test_a_forked_child_uses_its_parents_cloud(opener: Start) -> None:
    """It opens the same one, closing does not end the parent's, and neither does its end."""
    one = opener(
        f"""{OPEN}
if (child := os.fork()) == 0:
    mine = cloud.open()
    told = dict(same=mine is aws, account=mine.client("sts").get_caller_identity()["Account"])
    mine.close()
    tell(**told)
    sys.exit()  # with everything that is registered to run at the end
os.waitpid(child, 0)
tell(open=cloud.open() is aws, account=aws.client("sts").get_caller_identity()["Account"])
sys.stdin.readline()
"""
    )
    one.hear()
    assert one.hear() == {"same": True, "account": "123456789012"}
    assert one.hear() == {"open": True, "account": "123456789012"}
    one.look()
    one.say()
    one.assert_nothing_is_left()


@needs_fork
@pytest.mark.parametrize("end", ["exit", "kill"])
def test_what_the_opener_started_does_not_keep_the_server(opener: Start, end: str) -> None:
    """Neither a long-lived program nor a forked copy of the opener, which holds all its pipes."""
    one = opener(
        f"""{OPEN}
import subprocess
others = [subprocess.Popen(["sleep", "120"]).pid,
          subprocess.Popen(["sleep", "120"], close_fds=False).pid]
if (child := os.fork()) == 0:
    sys.stdout = open(os.devnull, "w")
    time.sleep(120)
    os._exit(0)
tell(others=[*others, child])
sys.stdin.readline()
os._exit(0)
"""
    )
    one.hear()
    others = one.hear()["others"]
    one.look()
    longer = [one.seen.pop(pid) for pid in others]
    one.kill() if end == "kill" else one.say()
    one.process.wait(30)
    try:
        assert all(process.is_running() for process in longer)
        one.mark = "not the others"
        one.assert_nothing_is_left()
    finally:
        for process in longer:
            process.kill()


def test_an_interrupted_opening_leaves_no_server(opener: Start) -> None:
    one = opener(
        """
import _thread
from helpers.cloud import local
threading.Timer(0.4, _thread.interrupt_main).start()
try:
    cloud.open()
    tell(interrupted=False)
except KeyboardInterrupt:
    tell(interrupted=True)
sys.stdin.readline()
tell(account=cloud.open().account_id)
sys.stdin.readline()
"""
    )
    assert one.hear() == {"interrupted": True}
    one.look()
    _only_opener(one)
    one.say()
    assert one.hear() == {"account": "123456789012"}
    one.say()
    one.assert_nothing_is_left()


def test_a_learners_own_module_does_not_break_the_server(opener: Start) -> None:
    """A moto.py in the current folder is the learner's alone."""
    one = opener("Path('moto.py').write_text('raise ValueError')\n" + OPEN)
    assert one.hear()["server"]
    one.look()
    one.kill()
    one.assert_nothing_is_left()
