"""Has imported already what every notebook imports, and forks a process for each.

Importing boto3 and reading its service models takes longer than all that a notebook of a lab does.
It lives in a box of bubblewrap's, sees what a notebook sees, has no secret in its memory, and never
runs a line of a student's code itself.

The worker sends, over the socket whose number is in the command: one byte and three file
descriptors (the job to read, the output, the report). The answer is ``b"d"`` when the notebook and
everything that it started have ended. ``b"k"`` ends a notebook that runs.
"""

import json
import os
import random
import select
import signal
import socket

import namespaces  # type: ignore[import-not-found]


def main(control, folders, calls, services):
    """Serve until the worker is gone."""
    import job  # type: ignore[import-not-found]

    warm(services)
    with socket.socket(fileno=control) as orders:
        orders.sendall(b"r")
        while True:
            order, numbers, _, _ = socket.recv_fds(orders, 1, 3)
            if not order:
                return
            if order != b"n":
                continue  # to end one that has ended already
            child = os.fork()
            if child == 0:
                run(job, numbers, control, folders, calls)
            for number in numbers:
                os.close(number)
            wait(child, orders)
            orders.sendall(b"d")


def warm(services):
    """Import, and read the service models once for all."""
    import boto3
    from botocore.loaders import JSONFileLoader

    load, known = JSONFileLoader.load_file, {}

    def load_once(self, path):
        if path not in known:
            known[path] = load(self, path)
        return known[path]

    JSONFileLoader.load_file = load_once
    import helpers.cloud
    import helpers.deploy
    import helpers.teach  # noqa: F401

    for name in services:
        boto3.client(
            name,
            region_name="us-east-1",
            endpoint_url="http://localhost",
            aws_access_key_id="none",
            aws_secret_access_key="none",
        )
    boto3.DEFAULT_SESSION = None


def run(job, numbers, control, folders, calls):
    """In the forked process: go where the notebook belongs, and run it. Never returns."""
    try:
        os.close(control)  # what comes through it is for nobody in there
        os.setsid()
        source, output, report = numbers
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        with os.fdopen(source) as file:
            told = json.load(file)
        namespaces.enter(folders)
        namespaces.leave_rights(calls)
        os.environ.update(told["variables"])
        random.seed()
        os.chdir(next(iter(folders)))
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        job.run(told, report)
    except BaseException as problem:
        line = {"broken": f"{type(problem).__name__}: {problem}"[:300]}
        os.write(numbers[2], json.dumps(line).encode() + b"\n")
    finally:
        os._exit(1)


def wait(child, orders):
    """Until the child has ended, by itself or because the worker wants it."""
    ended = os.pidfd_open(child)
    try:
        while True:
            ready, _, _ = select.select([ended, orders], [], [])
            if ended in ready:
                break
            if orders.recv(1) != b"n":  # an order to end it, or the worker is gone
                os.kill(child, signal.SIGKILL)
                select.select([ended], [], [])
                break
    finally:
        os.close(ended)
        os.waitpid(child, 0)
