"""Handlers that do what no handler should, by name.

Each is the body of ``handler(event, context)``; modules it needs are imported for it. None may
keep the local AWS from serving others, and none may leave a process behind.
"""

HANDLERS = {
    # -- never ending ----------------------------------------------------------------------------
    "endless loop": "while True: pass",
    "sleeps for ever": "time.sleep(1e6)",
    "ignores every signal": """
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: pass
""",
    "blocks every signal": """
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
time.sleep(1e6)
""",
    "stops itself": "os.kill(os.getpid(), signal.SIGSTOP)",
    "waits for a lock nobody holds": "threading.Event().wait()",
    # -- too many --------------------------------------------------------------------------------
    "fork bomb": """
while True:
    try: os.fork()
    except OSError: pass
""",
    "thread bomb": """
while True:
    try: threading.Thread(target=time.sleep, args=(1e6,)).start()
    except RuntimeError: pass
""",
    "process bomb": """
while True:
    try: subprocess.Popen(["/bin/sleep", "1000"])
    except OSError: pass
""",
    # -- staying behind --------------------------------------------------------------------------
    "daemon in a session of its own": """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1e6)
    os._exit(0)
return "gone"
""",
    "child that outlives the handler": """
subprocess.Popen(["/bin/sleep", "1000"], start_new_session=True)
return "gone"
""",
    "thread that outlives the handler": """
threading.Thread(target=time.sleep, args=(1e6,)).start()
return "gone"
""",
    "leaves at exit handlers": """
import atexit
atexit.register(time.sleep, 1e6)
sys.exit(1)
""",
    # -- the process -----------------------------------------------------------------------------
    "kills everybody it sees": "os.kill(-1, signal.SIGKILL); time.sleep(1e6)",
    "kills its parent": "os.kill(os.getppid(), signal.SIGKILL); time.sleep(1e6)",
    "stops its parent": "os.kill(os.getppid(), signal.SIGSTOP); return 'still here'",
    "crashes in C": "import ctypes; ctypes.string_at(0)",
    "aborts": "os.abort()",
    "becomes another program": 'os.execv("/bin/sleep", ["sleep", "1000"])',
    "raises what is no Exception": "raise KeyboardInterrupt",
    "an alarm ends it": "signal.alarm(1); time.sleep(1e6)",
    # -- descriptors and output ------------------------------------------------------------------
    "closes every descriptor": "os.closerange(0, 1024); return 'closed'",
    "closes its output": "os.close(1); os.close(2); return 'quiet'",
    "prints for ever": "while True: print('x' * 1000)",
    "one endless line": "while True: os.write(1, b'x' * 65536)",
    "broken frames": """
for _ in range(100):
    os.write(1, b"\\xa5\\x5a\\x00\\x03\\xff\\xff\\xff\\xff" + os.urandom(64))
    os.write(1, b"\\xa5\\x5a\\x00\\x03\\x00\\x00\\x10\\x00" + os.urandom(8))
return "framed"
""",
    "binary on standard output": "os.write(1, bytes(range(256)) * 100); return 'written'",
    "surrogates": "print('\\udcff'); return '\\udcff'",
    # -- memory and disk -------------------------------------------------------------------------
    "wants all memory": """
hoard = []
while True: hoard.append(bytearray(50 << 20))
""",
    "children want all memory": """
for _ in range(20):
    if os.fork() == 0:
        hoard = bytearray(60 << 20)
        time.sleep(1e6)
time.sleep(1e6)
""",
    "fills /tmp": """
with open("/tmp/big", "wb") as file:
    while True: file.write(bytes(1 << 20))
""",
    "a million small files": """
for number in range(10**6): open(f"/tmp/{number}", "w").close()
""",
    "deletes everything": """
subprocess.run(["/bin/rm", "-rf", "--no-preserve-root", "/"], capture_output=True)
return os.path.exists(__file__)
""",
    # -- results ---------------------------------------------------------------------------------
    "result contains itself": "loop = []; loop.append(loop); return loop",
    "nested too deep": """
deep = []
for _ in range(100_000): deep = [deep]
return deep
""",
    "an error without a text": """
class Mute(Exception):
    def __str__(self): raise ValueError("no text")
raise Mute
""",
    "an error of 20 MB": "raise ValueError('x' * (20 << 20))",
    "recursion without end": """
def again(): return again()
sys.setrecursionlimit(10**9)
again()
""",
    # -- the Runtime API -------------------------------------------------------------------------
    "answers twice": """
post(f"invocation/{context.aws_request_id}/response", b'"first"')
return "second"
""",
    "answers for others": """
post("invocation/00000000-0000-0000-0000-000000000000/response", b'"stolen"')
return "own"
""",
    "asks for the next event itself": """
connection = connect()
connection.sendall(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\n\\r\\n")
time.sleep(0.3)
return "asked"
""",
    "many connections": """
connections = []
while len(connections) < 900:
    connections.append(connect())
return len(connections)
""",
    "no HTTP": "connect().sendall(os.urandom(100_000)); return 'sent'",
    "a header without end": """
connection = connect()
connection.sendall(b"GET / HTTP/1.1\\r\\n")
try:
    for _ in range(2000): connection.sendall(b"X: " + b"y" * 10_000 + b"\\r\\n")
except OSError: pass
return "sent"
""",
    "promises a body of a terabyte": """
connection = connect()
connection.sendall(b"POST /2018-06-01/runtime/invocation/x/response HTTP/1.1\\r\\n"
                   b"Content-Length: 1000000000000\\r\\n\\r\\n" + b"x" * 10_000)
return "promised"
""",
    "reports an init error in the middle": """
post("init/error", b'{"errorType": "Runtime.Fake"}')
return "reported"
""",
    # -- getting out -----------------------------------------------------------------------------
    "looks for the control token": """
import urllib.request
for path in ("clock", "reset", "clock/advance?seconds=1e9"):
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/_localaws/" + path,
        method="POST" if path != "clock" else "GET", data=None if path == "clock" else b"",
        headers={"Authorization": "Bearer guess"})
    try: urllib.request.urlopen(request); return "moved"
    except urllib.error.HTTPError as problem: assert problem.code == 403
return "refused"
""",
    "mounts and unshares": """
import ctypes
libc = ctypes.CDLL(None)
libc.unshare(0x10000000 | 0x20000)
libc.mount(b"tmpfs", b"/var/task", b"tmpfs", 0, None)
libc.umount2(b"/", 2)
return os.path.exists(__file__)
""",
    "breaks its own runtime": """
import builtins, json
json.dumps = json.loads = lambda *a, **k: 1 / 0
builtins.open = builtins.print = None
sys.modules.clear()
return {"a": 1}
""",
}

#: Never run without the sandbox's walls: these would hurt the machine itself.
NEEDS_WALLS = {
    "fork bomb",
    "thread bomb",
    "process bomb",
    "kills everybody it sees",
    "kills its parent",
    "stops its parent",
    "children want all memory",
    "fills /tmp",
    "a million small files",
    "deletes everything",
    "mounts and unshares",
}
