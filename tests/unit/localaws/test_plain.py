"""Where a system forbids namespaces: handlers run without walls, and fail in the same way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from helpers import cloud
from helpers.deploy import FunctionFailed, deploy
from helpers.localaws.compute.plain import Tree

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.linux
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere tests/fidelity runs so anyway")
@pytest.mark.timeout(400)  # two whole files, beside other workers
def test_errors_are_the_same() -> None:
    """Errors and runtimes once more, without walls."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
         "tests/fidelity/test_errors.py", "tests/fidelity/test_runtimes.py"],
        cwd=ROOT,
        env={**os.environ, "LOCALAWS_SANDBOX": "off"},
        capture_output=True,
        text=True,
        timeout=380,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[cloud.Cloud]:
    monkeypatch.setenv("LOCALAWS_SANDBOX", "off")
    with cloud.open() as opened:
        yield opened


def test_a_timeout_ends_the_whole_tree(plain: cloud.Cloud, tmp_path: Path) -> None:
    """With all children, also those that another child has started."""
    source = tmp_path / "parent.py"
    source.write_text(
        """
import os, subprocess, sys, time
nap = [sys.executable, "-c", "import time; time.sleep(300)"]
shell = f"import subprocess, sys; subprocess.run({nap!r})"
def handler(event, context):
    children = [subprocess.Popen(nap), subprocess.Popen([sys.executable, "-c", shell])]
    time.sleep(0.5)
    print("processes", os.getpid(), *(child.pid for child in children), flush=True)
    if event == "raise":
        raise ValueError("at home")
    time.sleep(300)
"""
    )
    function = deploy("parent", source, timeout=2)
    with pytest.raises(FunctionFailed, match="timed out after 2") as caught:
        function.invoke("stay")
    line = next(one for one in caught.value.log.splitlines() if one.startswith("processes "))
    started = [int(word) for word in line.split()[1:]]
    deadline = time.monotonic() + 10
    while any(map(psutil.pid_exists, started)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in started if psutil.pid_exists(pid)]


def test_stack_traces_say_var_task(plain: cloud.Cloud, tmp_path: Path) -> None:
    """Where the code stands on AWS, not where it stands here."""
    (tmp_path / "lost.py").write_text(
        "def handler(event, context):\n    raise ValueError('here')\n"
    )
    function = deploy("lost", tmp_path / "lost.py")
    with pytest.raises(FunctionFailed) as caught:
        function.invoke()
    assert caught.value.stack_trace == [
        "  File \"/var/task/lost.py\", line 2, in handler\n    raise ValueError('here')\n"
    ]
    assert "localaws-" not in caught.value.log


#: Starts a child that starts a grandchild; each says its number and waits.
FAMILY = """
import os, subprocess, sys, time
print(os.getpid(), flush=True)
if sys.argv[1] != "0":
    input()
    subprocess.Popen([sys.executable, "-c", sys.argv[2], str(int(sys.argv[1]) - 1), sys.argv[2]])
time.sleep(300)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows starts them with another standard input")
def test_a_tree_sees_what_is_born_later_and_keeps_orphans() -> None:
    before = frozenset(psutil.pids())
    root = subprocess.Popen(
        [sys.executable, "-c", FAMILY, "2", FAMILY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    assert root.stdin
    assert root.stdout
    tree = Tree(root.pid, before)
    family: list[int] = []
    try:
        while len(family) < 3:
            family.append(int(root.stdout.readline()))
            tree.memory()
            assert {one.pid for one in tree._processes()} == set(family)
            root.stdin.write(b"go on\n")
        psutil.Process(family[1]).kill()
        root.stdin.close()
        tree.stop()
        orphan, deadline = psutil.Process(family[2]), time.monotonic() + 30
        # The kernel stops a process that runs just now a moment after it was told to.
        while orphan.status() != psutil.STATUS_STOPPED and time.monotonic() < deadline:
            time.sleep(0.01)
        assert orphan.status() == psutil.STATUS_STOPPED
        assert tree.cpu() > 0
    finally:
        tree.kill()
        root.wait()
    _, left = psutil.wait_procs([psutil.Process(family[2])] if psutil.pid_exists(family[2]) else [])
    assert left == []
