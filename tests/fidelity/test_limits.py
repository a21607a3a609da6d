"""Memory, CPU, storage, time: what an environment may use, and what happens beyond."""

from __future__ import annotations

import os
import statistics
import sys
import time
from typing import Any

import pytest

from tests.fidelity import sources

pytestmark = pytest.mark.aws_source(sources.QUOTAS)


@pytest.mark.aws_source(
    sources.MEMORY, "https://github.com/awslabs/amazon-s3-find-and-forget/pull/283"
)
@pytest.mark.parametrize("where", ["handler", "child process"])
def test_memory(make: Any, where: str) -> None:
    """More than MemorySize, all processes together: killed, and the next invoke starts anew."""
    function = make(
        """
        import subprocess, sys
        calls = 0
        HOG = "x = bytearray({0} << 20); import time; time.sleep(0.2); print(len(x))"
        def handler(event, context):
            global calls
            calls += 1
            if event["where"] == "handler":
                exec(HOG.format(event["mb"]))
            elif event["where"] == "child process":
                subprocess.run([sys.executable, "-I", "-S", "-c", HOG.format(event["mb"])])
            return calls
        """,
        MemorySize=256,
        Timeout=20,
    )
    assert function.invoke({"where": where, "mb": 100}).payload == 1
    reply = function.invoke({"where": where, "mb": 600})
    assert reply.payload["errorType"] == "Runtime.ExitError"
    assert reply.payload["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert "\tMemory Size: 256 MB\tMax Memory Used: 256 MB\t" in reply.log
    assert reply.log.endswith("\tStatus: error\tError Type: Runtime.OutOfMemory\n")
    assert function.invoke({"where": "", "mb": 0}).payload == 1


@pytest.mark.aws_source(sources.MEMORY)
def test_max_memory_used(make: Any) -> None:
    """REPORT tells the most that was in use."""
    function = make(
        "def handler(event, context):\n    x = bytearray(event << 20)\n    return len(x)",
        MemorySize=512,
    )

    def used(megabytes: int) -> int:
        log = function.invoke(megabytes).log
        return int(log.partition("Max Memory Used: ")[2].partition(" MB")[0])

    small, large = used(1), used(200)
    assert 185 <= large - small <= 215


SPIN = """
import threading, time, subprocess, sys
WORK = '''
import time
def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
work({0})
'''
def handler(event, context):
    began = time.monotonic()
    if event["how"] == "child":
        subprocess.run([sys.executable, "-I", "-S", "-c", WORK.format(event["cpu"])], check=True)
    elif event["how"] == "threads":
        before = time.process_time()
        stop = []
        def spin():
            while not stop:
                pass
        for _ in range(3):
            threading.Thread(target=spin).start()
        while time.process_time() - before < event["cpu"]:
            time.sleep(0.005)
        stop.append(1)
    else:
        exec(WORK.format(event["cpu"]))
    return time.monotonic() - began
"""


@pytest.mark.aws_source(sources.MEMORY)
@pytest.mark.parametrize(
    ("memory", "how", "cpu"),
    [(128, "plain", 0.15), (256, "plain", 0.3), (512, "plain", 0.5), (256, "threads", 0.3),
     (256, "child", 0.3)],
)  # fmt: skip
def test_cpu_follows_memory(make: Any, memory: int, how: str, cpu: float) -> None:
    """So many seconds of CPU take 1769 / MemorySize times as long, threads and children too."""
    function = make(SPIN, MemorySize=memory, Timeout=60)
    took = function.invoke({"how": how, "cpu": cpu}).payload
    ideal = cpu * 1769 / memory
    # Bounds against hanging and against no limit at all; `start.py bench` measures the share.
    assert 0.6 * ideal <= took <= 3 * ideal


@pytest.mark.aws_source(sources.MEMORY)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no fork")
def test_children_born_while_the_share_is_used_up_go_on(make: Any) -> None:
    """Pausing an environment in the middle of a fork leaves no child stopped for ever."""
    function = make(
        """
        import subprocess
        def handler(event, context):
            script = "n=0; while [ $n -lt $0 ]; do x=$(echo 1); n=$((n + 1)); done"
            subprocess.run(["/bin/sh", "-c", script, str(event)], check=True)
            return "all done"
        """,
        MemorySize=512,
        Timeout=30,
    )
    assert function.invoke(3000).payload == "all done"


@pytest.mark.aws_source(sources.LIFECYCLE)
def test_init_has_the_full_cpu(make: Any) -> None:
    """Half a second of CPU at import does not take the seven that 128 MB would make of it."""
    spin = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass\n"
    function = make(spin + "def handler(event, context): return 1", MemorySize=128)
    log = function.invoke({}).log
    init = float(log.partition("Init Duration: ")[2].partition(" ms")[0])
    assert 500 <= init < 5500


@pytest.mark.aws_source(sources.LIFECYCLE)
def test_frozen_between_invocations(make: Any) -> None:
    """A background thread and a child process make no progress until the next event."""
    function = make(
        """
        import subprocess, sys, threading, time
        ticks = 0
        def tick():
            global ticks
            while True:
                ticks += 1
                time.sleep(0.01)
        threading.Thread(target=tick, daemon=True).start()
        CHILD = "import time\\nwhile True:\\n    print(end='.', flush=True); time.sleep(0.01)"
        child = subprocess.Popen([sys.executable, "-I", "-S", "-u", "-c", CHILD],
                                 stdout=open("/tmp/dots", "w"))
        def handler(event, context):
            import os
            time.sleep(event)
            return ticks, os.path.getsize("/tmp/dots")
        """
    )
    function.invoke(0.1)
    before = function.invoke(0).payload
    time.sleep(1)
    after = function.invoke(0).payload
    running = function.invoke(0.5).payload
    for was, now, then in zip(before, after, running, strict=True):
        assert now - was < 25  # a second would have made it 100
        assert then - now > 15


@pytest.mark.linux
@pytest.mark.aws_source(sources.STORAGE)
def test_scratch_space(make: Any, walls: bool) -> None:
    """/tmp has the configured size, is private to the environment, and stays while it is warm."""
    if not walls:
        pytest.skip("this system has no walls for a /tmp of its own")
    function = make(
        """
        import os, shutil, time
        def handler(event, context):
            if event.get("fill"):
                with open("/tmp/big", "wb") as file:
                    for _ in range(event["fill"]):
                        file.write(bytes(1 << 20))
            if "sleep" in event:
                time.sleep(event["sleep"])
            return [sorted(os.listdir("/tmp")), shutil.disk_usage("/tmp").total >> 20]
        """,
        EphemeralStorage={"Size": 600},
        Timeout=30,
    )
    assert function.invoke({}).payload == [[], 600]
    assert function.invoke({"fill": 590}).payload == [["big"], 600]
    assert function.invoke({}).payload[0] == ["big"]
    reply = function.invoke({"fill": 610})
    assert reply.payload["errorType"] == "OSError"
    assert reply.payload["errorMessage"] == "[Errno 28] No space left on device"


@pytest.mark.linux
@pytest.mark.aws_source(sources.QUOTAS, sources.LIFECYCLE)
def test_read_only_and_nothing_of_the_host(make: Any, walls: bool) -> None:
    """Only /tmp can be written; other processes and other people's files are not to be seen."""
    if not walls:
        pytest.skip("this system has no walls")
    function = make(
        """
        import os
        def handler(event, context):
            problems = []
            for path in ("/var/task/x", "/opt/x", "/x", "/usr/x", "/etc/x", "/dev/x", "/proc/x"):
                try:
                    open(path, "w")
                except OSError as problem:
                    problems.append(problem.errno)
            pids = [name for name in os.listdir("/proc") if name.isdigit()]
            return [problems, len(pids), os.path.exists("/home"), os.getuid()]
        """
    )
    problems, processes, home, uid = function.invoke({}).payload
    assert all(number in (30, 13, 2) for number in problems)
    assert problems[0] == 30
    assert processes <= 3
    assert home is False
    assert uid == 993


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits open files from outside")
@pytest.mark.aws_source(sources.QUOTAS)
def test_open_files(make: Any) -> None:
    """1024 file descriptors."""
    function = make(
        """
        def handler(event, context):
            files = []
            try:
                while len(files) < 5000:
                    files.append(open("/dev/null"))
            except OSError as problem:
                return [problem.errno, len(files)]
        """
    )
    number, opened = function.invoke({}).payload
    assert number == 24  # EMFILE
    assert 900 < opened < 1024


@pytest.mark.aws_source(sources.LIFECYCLE, f"{sources.GUIDE}troubleshooting-invocation.html")
def test_init_longer_than_ten_seconds(make: Any, aws: Any) -> None:
    """Ended after ten seconds, then tried again inside the invocation, on the function's time."""
    function = make(
        """
        import time
        time.sleep(10.5)
        def handler(event, context):
            return "ready"
        """,
        Timeout=15,
    )
    reply = function.invoke({})
    assert reply.payload == "ready"
    events = function.wait_for_log("REPORT")
    report = next(one for one in events if one.startswith("INIT_REPORT"))
    assert report.endswith("\tPhase: init\tStatus: timeout\n")
    assert "Init Duration" not in reply.log.partition("REPORT RequestId")[2]
    duration = float(reply.log.rpartition("\tDuration: ")[2].partition(" ms")[0])
    assert duration > 10_500


@pytest.mark.aws_source(sources.LIFECYCLE)
def test_a_timeout_ends_the_whole_tree(make: Any) -> None:
    """Children of the handler are gone as well."""
    function = make(
        """
        import socket, subprocess, sys, time
        CHILD = ("import socket, time\\n"
                 "listener = socket.create_server(('127.0.0.1', {0}))\\n"
                 "time.sleep(60)")
        def handler(event, context):
            subprocess.Popen([sys.executable, "-I", "-S", "-c", CHILD.format(event)],
                             start_new_session=True)
            time.sleep(60)
        """,
        Timeout=2,
    )
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert function.invoke(port).payload["errorType"] == "Sandbox.Timedout"
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.05)
    pytest.fail("the child still listens")


@pytest.mark.aws_source(sources.LIFECYCLE)
def test_warm_and_cold(make: Any) -> None:
    """A warm start is much quicker than a cold one."""
    function = make("def handler(event, context): return 1")
    cold = time.perf_counter()
    function.invoke({})
    cold = time.perf_counter() - cold
    warm = []
    for _ in range(20):
        began = time.perf_counter()
        function.invoke({})
        warm.append(time.perf_counter() - began)
    assert statistics.median(warm) < cold
