"""The handler of the soak: does with each event what the event's plan says of this attempt.

An event carries ``soak~ID~PLAN~SENT~``: a plan is one word for each attempt (``raise.kill.ok``),
the last one counting for all that follow. Queues say which attempt it is; the asynchronous queue
does not, but its retries come a minute and two minutes later.
"""

import base64
import json
import os
import re
import signal
import time

MARK = re.compile(r"soak~([\w-]+)~([a-z.]+)~(\d+)~")
_seen: dict = {}  # by event: how often this environment has tried it


def handler(event, context):
    failures = []
    for record in event.get("Records") or [event]:
        number, plan, sent = MARK.findall(text_of(record))[0]
        words = plan.split(".")
        word = words[min(attempt(record, number, int(sent)), len(words)) - 1]
        try:
            suffer(word)
        except ValueError:
            if "messageId" not in record or os.environ.get("REPORTS") != "yes":
                raise
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        print("DONE", number, flush=True)
    return {"batchItemFailures": failures}


def text_of(record):
    if "kinesis" in record:
        return base64.b64decode(record["kinesis"]["data"]).decode()
    return json.dumps(record)


def attempt(record, number, sent):
    if "messageId" in record:  # SQS
        return int(record["attributes"]["ApproximateReceiveCount"])
    if "kinesis" in record or "dynamodb" in record:
        _seen[number] = _seen.get(number, 0) + 1
        return _seen[number]
    age = time.time() - sent
    return 1 + (age > 50) + (age > 150)


def suffer(word):
    if word == "raise":
        raise ValueError("planned to fail")
    if word == "exit":
        os._exit(3)
    if word == "kill":
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        time.sleep(60)
    if word == "sleep":
        time.sleep(60)
    if word == "grow":
        hoard = bytearray()
        while len(hoard) < 400_000_000:  # more than the function has
            hoard += b"x" * 10_000_000
        time.sleep(60)
