"""What stands in for an account: a second local AWS, a process of its own with a number of its own.

Everything here speaks to it directly, past the code under test.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import boto3

import start

NUMBER = "210987654321"
ACCESS_KEY, SECRET_KEY = "AKIASTANDINLEARNER00", "made-up-for-the-stand-in"
ROOT = Path(__file__).resolve().parents[2]


class Standin:
    """A running one. ``home`` holds the ~/.aws of a learner, ``ledgers`` the course's ledgers."""

    def __init__(self, folder: Path) -> None:
        self.home, self.ledgers = folder / "home", folder / "ledgers"
        (self.home / ".aws").mkdir(parents=True)
        self.ledgers.mkdir()
        self.credentials(course=(ACCESS_KEY, SECRET_KEY))
        environment = start.environment() | {
            "MOTO_ACCOUNT_ID": NUMBER,
            "LOCALAWS_ACCESS_KEY": ACCESS_KEY,
            "LOCALAWS_SECRET_KEY": SECRET_KEY,
        }
        environment.pop("LOCALAWS_UNMAPPED", None)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "helpers.localaws"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.url: str = ready["url"]
        self.token: str = ready["control"]["token"]
        self._session = boto3.session.Session(
            aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name="us-east-1"
        )
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service, endpoint_url=self.url)
        return self._clients[service]

    def credentials(self, **profiles: tuple[str, ...]) -> None:
        """Write ~/.aws/credentials anew: profile=(access key, secret key)."""
        lines = []
        for name, keys in profiles.items():
            names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            lines += [f"[{name}]", *(f"{n} = {v}" for n, v in zip(names, keys, strict=False))]
        (self.home / ".aws" / "credentials").write_text("\n".join(lines) + "\n")

    def reset(self) -> None:
        """Empty it."""
        request = urllib.request.Request(
            f"{self.url}/_localaws/reset",
            data=b"",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        urllib.request.urlopen(request, timeout=60).close()
        for path in self.ledgers.iterdir():
            path.unlink()

    @property
    def environment(self) -> dict[str, str]:
        """For processes that open it: what start.py gives, this home, these ledgers."""
        return start.environment() | {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "COURSE_ACCOUNT_FOLDER": str(self.ledgers),
            "STANDIN": self.url,
            "PYTHONPATH": str(ROOT),
            "COURSE_PROGRESS": os.environ.get("COURSE_PROGRESS", str(self.home / "progress.json")),
        }

    def run(self, script: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a Python script as a learner's process."""
        return subprocess.run(
            [sys.executable, "-c", script, *words],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=170,
        )

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
