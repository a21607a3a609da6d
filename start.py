#!/usr/bin/env python3
"""Open the course, test it, run its local AWS alone, or clean up an account.

    python3 start.py                 open the course in JupyterLab (the same as: start.py lab)
    python3 start.py test            run every test
    python3 start.py bench           measure speed and print it as ratios
    python3 start.py aws             the local AWS alone, for the AWS CLI, Terraform, any program
    python3 start.py teardown        delete what a notebook has left on a real AWS account
    python3 start.py grade           grade the submissions of a lab: start.py grade FOLDER --lab L06

The first run makes a Python environment in .venv beside this file and installs the packages that
requirements.txt pins; later runs need no network. Nothing is written outside this folder: packages,
caches, Jupyter's settings and the learner's work all go when the folder goes.

This file uses the standard library alone, and keeps to a syntax that even Python 2.7 can read, so
that an old Python answers with a sentence instead of a SyntaxError.
"""

from __future__ import print_function

import argparse
import glob
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile

OLDEST = (3, 11)
UV = "uv>=0.9,<1"  # installs five times as fast as pip; where it has no wheel, pip does the work

ROOT = os.path.dirname(os.path.realpath(__file__))
VENV = os.path.join(ROOT, ".venv")
COURSE = os.path.join(ROOT, ".course")  # outlives a remade .venv: downloads, Jupyter's settings
STAMP = os.path.join(VENV, "course.json")  # what is installed; absent or unfinished: start over
LOCK = os.path.join(ROOT, ".venv.lock")
WINDOWS = os.name == "nt"
PYTHON = (
    os.path.join(VENV, "Scripts", "python.exe") if WINDOWS else os.path.join(VENV, "bin", "python")
)

COURSE_SET = ["requirements.txt"]
TEST_SET = ["requirements.txt", "requirements-test.txt"]
MEGABYTES = {
    1: 900,
    2: 1400,
}  # free space that installing one or both sets needs, with the downloads


class Stop(Exception):
    """Something the reader can mend. The message says what happened and what to do next."""


# --- a Python that is new enough ------------------------------------------------------------------


def refuse_an_old_python():
    """Returns where this Python is new enough; else says which is needed and ends."""
    if sys.version_info[:2] >= OLDEST:
        return
    print(
        "The course needs Python 3.11 or newer. This one is Python {}.{}.{}:".format(
            *sys.version_info[:3]
        )
    )
    print("  " + sys.executable)
    newer = find_a_newer_python()
    if newer:
        print(
            "A newer one is on this machine. Run:\n  {} start.py {}".format(
                newer, " ".join(sys.argv[1:])
            ).rstrip()
        )
    else:
        print("Install one from https://www.python.org/downloads/ (no admin rights are needed on")
        print(
            "Windows and macOS), or with your system's package manager, then run start.py with it."
        )
    sys.exit(1)


def find_a_newer_python():
    """The command of a Python on the PATH that is new enough and really runs, or None."""
    names = ["py"] if WINDOWS else []
    names += ["python3.{}".format(minor) for minor in range(15, OLDEST[1] - 1, -1)] + [
        "python3",
        "python",
    ]
    for name in names:
        command = [name, "-c", "import sys; sys.exit(sys.version_info[:2] < {!r})".format(OLDEST)]
        try:
            with open(os.devnull, "w") as nothing:
                if subprocess.call(command, stdout=nothing, stderr=nothing) == 0:
                    return name
        except OSError:
            continue
    return None


# --- the environment everything runs in -----------------------------------------------------------


def environment():
    """os.environ for what start.py starts: no AWS credentials, no settings but this folder's."""
    unwanted = ("AWS_", "JUPYTER", "IPYTHON")
    alone = ("BOTO_CONFIG", "PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    # Containers like to set the first. Each of the hundreds of processes that are started here
    # would then compile all that it imports: twice the time of a start, and four times boto3's.
    compiling = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(unwanted) and name.upper() not in alone + compiling
    }
    # Keys and profiles of a real account that lie on this machine are not read, by anything.
    env["AWS_CONFIG_FILE"] = env["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    env["AWS_EC2_METADATA_DISABLED"] = "true"
    for name, folder in (
        ("JUPYTER_CONFIG_DIR", "jupyter/config"),
        ("JUPYTER_DATA_DIR", "jupyter/data"),
        ("JUPYTER_RUNTIME_DIR", "jupyter/runtime"),
        ("IPYTHONDIR", "ipython"),
    ):
        env[name] = os.path.join(COURSE, *folder.split("/"))
        os.makedirs(env[name], exist_ok=True)
    env["JUPYTER_PREFER_ENV_PATH"] = "1"  # the kernel is .venv's own, whatever else is installed
    env["VIRTUAL_ENV"] = VENV
    env["PATH"] = os.path.dirname(PYTHON) + os.pathsep + env.get("PATH", "")
    return env


def installer_environment():
    """environment() for uv and pip, whose downloads stay in this folder unless told otherwise."""
    env = environment()
    env.setdefault("UV_CACHE_DIR", os.path.join(COURSE, "cache", "uv"))
    env.setdefault("PIP_CACHE_DIR", os.path.join(COURSE, "cache", "pip"))
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    env["UV_PYTHON_DOWNLOADS"] = "never"
    return env


# --- making .venv ---------------------------------------------------------------------------------


def prepare(wanted):
    """Make .venv hold what the files in `wanted` pin. Quick, and without network, where it does."""
    for name in wanted:
        fingerprint(name)  # a missing file is told before anything is made
    if is_ready(wanted):
        return
    with only_one_at_a_time():
        if is_ready(wanted):  # another start.py did it while we waited
            return
        began = time.time()
        enough_space(wanted)
        if not is_ready([]):
            make_venv()
        install(wanted)
        print("Ready in {:.0f} s.\n".format(time.time() - began))


def is_ready(wanted):
    """True where .venv was finished here, its Python runs, and nothing in `wanted` changed."""
    stamp = read_stamp()
    if stamp.get("folder") != VENV or stamp.get("state") != "finished":
        return False
    if any(stamp["installed"].get(name) != fingerprint(name) for name in wanted):
        return False
    ask = [PYTHON, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.check_output(ask).decode().strip() == stamp["python"]
    except (OSError, subprocess.CalledProcessError):
        return False  # the Python that .venv was made from is gone


def read_stamp():
    try:
        with open(STAMP) as file:
            stamp = json.load(file)
        return stamp if isinstance(stamp, dict) else {}
    except (OSError, ValueError):
        return {}


def write_stamp(state, installed, python):
    """`python` is the version that .venv is made of, as "3.12"; another one may run this file."""
    if not os.path.isdir(VENV):
        os.mkdir(VENV)
    stamp = {"state": state, "folder": VENV, "python": python, "installed": installed}
    with open(STAMP + ".new", "w") as file:
        json.dump(stamp, file, indent=1)
    os.replace(STAMP + ".new", STAMP)


def fingerprint(name):
    """The hash of a file in ROOT, the same whichever line ends git gave it."""
    try:
        with open(os.path.join(ROOT, name), "rb") as file:
            return hashlib.sha256(file.read().replace(b"\r\n", b"\n")).hexdigest()
    except OSError:
        raise Stop(
            "{} is missing beside start.py. Get the whole course again (git clone, or the zip),\n"
            "or bring the file back with: git checkout -- {}".format(name, name)
        )


def enough_space(wanted):
    free, needed = shutil.disk_usage(ROOT).free // 2**20, MEGABYTES[len(wanted)]
    if free < needed and not is_ready(wanted[:1]):
        raise Stop(
            "The disk has {} MB free; installing needs {} MB.\n"
            "Free some space, or move this folder to another disk, then run this again.".format(
                free, needed
            )
        )


def make_venv():
    """A fresh, empty .venv in place of an unfinished, moved or broken one."""
    try:
        import ensurepip  # noqa: F401  Debian and Ubuntu leave it out of their python3
        import venv  # noqa: F401
    except ImportError:
        raise Stop(
            "This Python cannot make environments: its venv module is incomplete.\n"
            "On Debian and Ubuntu install it, then run this again:\n"
            "  sudo apt install python3.{}-venv\n"
            "Without admin rights, install a Python of your own: https://www.python.org/downloads/".format(
                sys.version_info[1]
            )
        )
    if os.path.islink(VENV):
        raise Stop("{} is a link. Remove it, then run this again.".format(VENV))
    if os.path.exists(VENV) and os.listdir(VENV):
        ours = [
            name
            for name in ("course.json", "pyvenv.cfg")
            if os.path.exists(os.path.join(VENV, name))
        ]
        if not ours:
            raise Stop(
                "{} exists, but is no Python environment.\n"
                "Move it out of this folder, then run this again.".format(VENV)
            )
        if os.path.realpath(sys.prefix) == os.path.realpath(VENV) and WINDOWS:
            raise Stop(
                "Run `deactivate`, then run this again: .venv's own Python cannot remake itself."
            )
        print("The environment in .venv is unfinished, moved or outdated: making it anew.")
        for name in os.listdir(VENV):
            path = os.path.join(VENV, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.remove(path)
    write_stamp("unfinished", {}, "{}.{}".format(*sys.version_info[:2]))
    print("[1/3] Making a Python environment in .venv")
    # Not with .venv's own Python, should that one run this file: it was just removed. And without
    # pip, which takes seconds to install here; requirements.txt brings it along like the rest.
    base = getattr(sys, "_base_executable", sys.executable)
    run_installer([base, "-m", "venv", VENV] + (["--without-pip"] if pip_in_a_wheel() else []))


def pip_in_a_wheel():
    """The pip that every Python carries for its venv module, as a wheel that runs by itself."""
    import ensurepip
    import sysconfig

    places = [os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")]
    places.append(
        sysconfig.get_config_var("WHEEL_PKG_DIR") or places[0]
    )  # where Linux systems put it
    wheels = [wheel for place in places for wheel in glob.glob(os.path.join(place, "pip-*.whl"))]
    return wheels[0] if wheels else None


def pip_command():
    wheel = pip_in_a_wheel()
    return [PYTHON, os.path.join(wheel, "pip")] if wheel else [PYTHON, "-m", "pip"]


def install(wanted):
    """Install what `wanted` pins, with uv where it runs, else with pip."""
    python = read_stamp()["python"]
    write_stamp("unfinished", {}, python)
    env = installer_environment()
    files = [part for name in wanted for part in ("-r", name)]
    count = sum(1 for name in wanted for line in open(os.path.join(ROOT, name)) if "==" in line)
    uv = bring_in_uv(env)
    print("[3/3] Installing {} packages with {}".format(count, "uv" if uv else "pip"))
    if not (uv and install_with_uv(uv, files, env)):
        run_installer(pip_command() + ["install", "--retries", "2"] + files, env)
    write_stamp("finished", {name: fingerprint(name) for name in wanted}, python)


def bring_in_uv(env):
    """The path of uv, kept in .course; None where its wheel does not exist for this machine."""
    uv = os.path.join(COURSE, "tools", "uv.exe" if WINDOWS else "uv")
    if os.path.exists(uv):
        return uv
    print("[2/3] Bringing in the installer uv")
    with tempfile.TemporaryDirectory() as folder:
        fetch = ["download", "--no-deps", "--only-binary=:all:", "--retries", "2", "-d", folder, UV]
        fetched = subprocess.run(
            pip_command() + fetch, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if fetched.returncode:
            explain(fetched.stdout.decode("utf-8", "replace"), or_go_on=True)
            return None
        with zipfile.ZipFile(glob.glob(os.path.join(folder, "uv-*.whl"))[0]) as wheel:
            inside = [
                name
                for name in wheel.namelist()
                if name.endswith("scripts/" + os.path.basename(uv))
            ]
            program = wheel.read(inside[0])
    os.makedirs(os.path.dirname(uv), exist_ok=True)
    with open(uv + ".new", "wb") as file:
        file.write(program)
    os.chmod(uv + ".new", 0o755)
    os.replace(uv + ".new", uv)
    return uv


def install_with_uv(uv, files, env):
    """True where uv installed it all: from earlier downloads where they suffice, else online."""
    uv = [uv, "pip", "install", "--python", PYTHON]
    if not sys.stderr.isatty():
        uv.append("--quiet")  # in a log, 140 lines of package names say less than one
    try:
        if os.path.isdir(env["UV_CACHE_DIR"]):
            offline = uv + ["--offline"] + files
            if subprocess.run(offline, cwd=ROOT, env=env, stderr=subprocess.PIPE).returncode == 0:
                return True
        if subprocess.call(uv + files, cwd=ROOT, env=env) == 0:
            return True
    except OSError as error:  # made for another machine: this folder was copied from there
        print(error)
    print("uv could not do it; trying again with pip, which takes longer.")
    return False


def run_installer(command, env=None):
    """Run pip or venv, its lines shown as they come; Stop with an explanation where it fails."""
    said = [""]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=env or environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    for line in iter(process.stdout.readline, b""):
        text = line.decode("utf-8", "replace")
        said = said[-400:] + [text]
        if not text.startswith(("Requirement already", "Obtaining file")):
            print("  " + text.rstrip())
    if process.wait():
        explain("".join(said))


def explain(output, or_go_on=False):
    """Raise Stop with the likely reason that an installer failed, judged by what it printed."""
    signs = output.lower()
    if any(
        sign in signs for sign in ("no space left", "errno 28", "not enough space", "disk quota")
    ):
        raise Stop(
            "The disk is full. Free about {} MB and run this again; it goes on from there.".format(
                MEGABYTES[1]
            )
        )
    offline = (
        "connection broken",
        "newconnectionerror",
        "name resolution",
        "proxyerror",
        "connecttimeout",
    )
    if any(sign in signs for sign in offline):
        raise Stop(
            "The Python package index cannot be reached. The first run needs the internet (about\n"
            "150 MB); later runs do not. Connect, or behind a proxy set HTTPS_PROXY or pip's own\n"
            "index-url, then run this again."
        )
    if "certificate_verify_failed" in signs or "sslerror" in signs:
        raise Stop(
            "No secure connection to the Python package index: something between here and there\n"
            "uses a certificate that Python does not know. Set PIP_CERT and SSL_CERT_FILE to your\n"
            "organisation's certificate file, then run this again."
        )
    if WINDOWS and ("filename too long" in signs or "filename or extension is too long" in signs):
        raise Stop(
            "A path gets too long for Windows. Move this folder closer to C:\\ and run this again."
        )
    if "permission denied" in signs or "read-only file system" in signs:
        raise Stop(no_permission(VENV))
    if not or_go_on:
        raise Stop(
            "Installing failed: the lines above say why. Mend it and run this again; if they make\n"
            "no sense, delete the folders .venv and .course, then run this again."
        )


def no_permission(path):
    return (
        "No permission to write {}.\n"
        "Move this folder to a place of your own (your home folder, say), then run this again."
    ).format(path)


class only_one_at_a_time(object):  # noqa: N801  reads as a sentence where it is used
    """A lock file that the system itself releases when its holder ends, however it ends."""

    def __enter__(self):
        self.file = open(LOCK, "a+")
        waiting = False
        while not self.taken():
            if not waiting:
                print("Another start.py is installing here. Waiting for it to finish ...")
                waiting = True
            time.sleep(0.3)

    def taken(self):
        try:
            if sys.platform == "win32":
                import msvcrt

                self.file.seek(0)
                msvcrt.locking(self.file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (IOError, OSError):
            return False
        return True

    def __exit__(self, *failure):
        self.file.close()


# --- lab ------------------------------------------------------------------------------------------


def lab(arguments):
    """JupyterLab on the first notebook."""
    from urllib.parse import quote

    prepare(COURSE_SET)
    settings = os.path.join(VENV, "share", "jupyter", "lab", "settings")
    os.makedirs(settings, exist_ok=True)
    with open(os.path.join(settings, "overrides.json"), "w") as file:
        json.dump(LAB_SETTINGS, file, indent=1)
    first = sorted(glob.glob(os.path.join(ROOT, "notebooks", "00*.ipynb")))
    page = "/lab/tree/notebooks/" + quote(os.path.basename(first[0])) if first else "/lab"
    command = [
        PYTHON,
        "-m",
        "jupyterlab",
        "--ServerApp.root_dir=" + ROOT,
        "--LabApp.default_url=" + page,
    ]
    command += ["--port={}".format(arguments.port), "--ServerApp.port_retries=50"]
    command += ["--ServerApp.answer_yes=True"]  # Ctrl-C ends at once, and all kernels with it
    command += ["--KernelSpecManager.allowed_kernelspecs=python3"]
    command += ["--KernelManager.transport_encryption=auto"]  # others on this machine cannot listen
    command += [
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    command += ["--LabApp.extension_manager=readonly", "--Application.log_level=ERROR"]
    if not WINDOWS and os.geteuid() == 0:
        command.append("--allow-root")  # in a container, say; it listens on this machine alone
    if arguments.no_browser:
        command.append("--no-browser")
    print("Opening the course in JupyterLab. To end it: Ctrl-C in this window.", flush=True)
    become(command)


LAB_SETTINGS = {  # no news, no questions, nothing sent anywhere
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": False,
    },
}


def become(command):
    """Run `command` in this process's place, so that Ctrl-C, kill and a closed window reach it."""
    if not WINDOWS:
        os.chdir(ROOT)
        sys.stdout.flush()
        os.execve(command[0], command, environment())
    process = subprocess.Popen(command, cwd=ROOT, env=environment())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the child; we wait for its end
    sys.exit(process.wait())


# --- aws ------------------------------------------------------------------------------------------


def aws(arguments):
    """The local AWS until Ctrl-C, and how to point a tool at it."""
    prepare(COURSE_SET)
    port = free_port(arguments.port)
    # In a group of its own, so that Ctrl-C reaches only us; it ends when we close its stdin, and so
    # also when this window is closed or this process is killed.
    server = subprocess.Popen(
        [PYTHON, "-m", "helpers.localaws", "--port", str(port)],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=not WINDOWS,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        line = server.stdout.readline().decode()
        if not line:
            raise Stop("The local AWS did not start: the lines above say why.")
        ready = json.loads(line)
        print(
            HOW_TO_POINT.format(
                url=ready["url"],
                port=ready["port"],
                token=ready["control"]["token"],
                bin=os.path.dirname(PYTHON),
            )
        )
        sys.stdout.flush()
        server.wait()
        raise Stop("The local AWS ended by itself.")
    except KeyboardInterrupt:
        print("\nThe local AWS has ended, and what was in it is gone.")
    finally:
        server.stdin.close()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def free_port(port):
    """`port`, or the first free one after it."""
    for candidate in range(port, port + 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", candidate)) == 0:
                continue  # somebody answers there
        try:
            with socket.socket() as probe:
                if not WINDOWS:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", candidate))
        except OSError:
            continue
        if candidate != port:
            print("Port {} is taken; using {}.".format(port, candidate))
        return candidate
    raise Stop(
        "Ports {} to {} are all taken. Name another: start.py aws --port 5566".format(
            port, port + 49
        )
    )


HOW_TO_POINT = """\
The local AWS answers at {url}
It is empty, it runs on this machine only, and it forgets everything when you end it with Ctrl-C.
Paste one of these into another window; what you start there then talks to it, and not to AWS.

bash, zsh
  export AWS_ENDPOINT_URL={url}
  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true
  unset AWS_PROFILE AWS_SESSION_TOKEN

fish
  set -gx AWS_ENDPOINT_URL {url}
  set -gx AWS_REGION us-east-1; set -gx AWS_DEFAULT_REGION us-east-1
  set -gx AWS_ACCESS_KEY_ID test; set -gx AWS_SECRET_ACCESS_KEY test
  set -e AWS_PROFILE AWS_SESSION_TOKEN

PowerShell
  $env:AWS_ENDPOINT_URL='{url}'
  $env:AWS_REGION='us-east-1'; $env:AWS_DEFAULT_REGION='us-east-1'
  $env:AWS_ACCESS_KEY_ID='test'; $env:AWS_SECRET_ACCESS_KEY='test'
  Remove-Item Env:AWS_PROFILE, Env:AWS_SESSION_TOKEN -ErrorAction SilentlyContinue

cmd
  set AWS_ENDPOINT_URL={url}
  set AWS_REGION=us-east-1& set AWS_DEFAULT_REGION=us-east-1
  set AWS_ACCESS_KEY_ID=test& set AWS_SECRET_ACCESS_KEY=test
  set AWS_PROFILE=& set AWS_SESSION_TOKEN=

AWS CLI: always name the endpoint. Some of its commands (aws sqs) ignore the variable and would go
to the real AWS. One is in {bin}
  aws --endpoint-url {url} lambda list-functions

Terraform, in the provider block (the endpoint itself comes from the variable above)
  provider "aws" {{
    region                      = "us-east-1"
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_requesting_account_id  = true
    s3_use_path_style           = true
  }}

Its clock can be moved forward, here by five minutes (PowerShell: curl.exe)
  curl -X POST -H "Authorization: Bearer {token}" "{url}/_localaws/clock/advance?seconds=300"
"""


# --- teardown -------------------------------------------------------------------------------------


def teardown(arguments):
    """What notebooks left on an account; further words go to helpers/cloud/account/command.py."""
    prepare(COURSE_SET)
    become([PYTHON, "-m", "helpers.cloud.account.command"] + arguments.words)


# --- test and bench -------------------------------------------------------------------------------


def test(arguments):
    """Style, types, and one pytest run over tests and notebooks; extra words go to pytest."""
    prepare(TEST_SET)
    run = [PYTHON, "-m"]
    # One more than there are processors, because tests also wait: for a timeout, a browser, a log.
    # With two for each, times that tests and notebooks measure came out too long. Files in their
    # order, which conftest.py makes: what takes longest is not alone at the end.
    workers = str(min((os.cpu_count() or 1) + 1, 8))
    together = ["pytest", "-n", workers, "--dist=loadfile", "--no-loadscope-reorder"]
    steps = [
        ("style", run + ["ruff", "check", "."]),
        ("format", run + ["ruff", "format", "--check", "."]),
        ("tests", run + together + arguments.pytest),
    ]
    if arguments.pytest:
        failed = failures(steps[-1:])
        print("\nNot run: style, format, types, tests left out. All of it: python3 start.py test")
    else:
        types = run + ["mypy"]
        # As long as many tests, and on one processor alone: beside the tests, and told after them.
        with tempfile.TemporaryFile() as told:
            beside = subprocess.Popen(types, cwd=ROOT, env=environment(), stdout=told, stderr=told)
            failed = failures(steps)
            print("\n--- types: mypy", flush=True)
            if beside.wait():
                failed.append("types")
            told.seek(0)
            print(told.read().decode("utf-8", "replace").rstrip() + "\n")
    if failed:
        raise Stop("Failed: {}".format(", ".join(failed)))
    print("All passed: " + ("tests" if arguments.pytest else "style, format, tests, types"))


def failures(steps):
    """Run the steps one after the other, each a name and a command; the names that failed."""
    failed = []
    for name, command in steps:
        print("\n--- {}: {}".format(name, " ".join(command[2:])), flush=True)
        if subprocess.call(command, cwd=ROOT, env=environment()):
            failed.append(name)
    return failed


def bench(arguments):
    """The measurements of tests/bench, as a table of ratios."""
    prepare(TEST_SET)
    become([PYTHON, os.path.join(ROOT, "tests", "bench")])


# --- grade ----------------------------------------------------------------------------------------


def grade(arguments):
    """The judge, with every word that was given; paths mean what they mean where it was typed."""
    prepare(COURSE_SET)
    here = ["--from", os.getcwd()]
    become([PYTHON, "-m", "helpers.grading"] + here + arguments.judge)


# --- the command line -----------------------------------------------------------------------------


def parse(words):
    about = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(
        prog="start.py",
        description=about[0] + "\n\n" + about[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", title="commands")
    one = commands.add_parser(
        "lab", help="open the course in JupyterLab (what happens without a command)"
    )
    one.add_argument(
        "--no-browser", action="store_true", help="print the address instead of opening it"
    )
    one.add_argument("--port", type=int, default=8888, help="the first port to try (%(default)s)")
    one.set_defaults(run=lab)
    one = commands.add_parser(
        "test", help="run every test; further words go to pytest: test -k clock"
    )
    one.set_defaults(run=test)
    one = commands.add_parser("bench", help="measure speed and print it as ratios within this run")
    one.set_defaults(run=bench)
    one = commands.add_parser("aws", help="the local AWS alone, and how to point any tool at it")
    one.add_argument("--port", type=int, default=4566, help="the first port to try (%(default)s)")
    one.set_defaults(run=aws)
    one = commands.add_parser(
        "grade", help="grade the submissions of a lab: grade FOLDER --lab L06", add_help=False
    )
    one.set_defaults(run=grade)
    one = commands.add_parser(
        "teardown", help="delete what a notebook has left on a real AWS account", add_help=False
    )
    one.set_defaults(run=teardown)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help")):
        words = ["lab"] + words
    if words[0] == "grade":
        arguments = parser.parse_args(words[:1])
        arguments.judge = words[1:]
        return arguments
    if words[0] == "test" and words[1:2] not in (["-h"], ["--help"]):
        arguments = parser.parse_args(words[:1])
        arguments.pytest = words[1:]
        return arguments
    if words[0] == "teardown":
        arguments = parser.parse_args(words[:1])
        arguments.words = words[1:]
        return arguments
    return parser.parse_args(words)


def main():
    refuse_an_old_python()
    arguments = parse(sys.argv[1:])
    try:
        arguments.run(arguments)
    except Stop as reason:
        print("\n{}".format(reason), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to go on.", file=sys.stderr)
        sys.exit(130)
    except PermissionError as error:
        held = "\nIf the course is still open in another window, close it first." if WINDOWS else ""
        print("\n" + no_permission(error.filename or ROOT) + held, file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        try:
            explain(str(error))
        except Stop as reason:
            print("\n{}\n\n{}".format(error, reason), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
