"""A small Dockerfile becomes an OCI image layout, or a sentence that says what to do instead."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from helpers.image import BASE_NAME, ImageError, build, instructions

BASE = "FROM public.ecr.aws/lambda/python:3.13\n"
CMD = 'CMD ["app.handler"]\n'


class Built:
    """A built image, read as anybody would who knows the format."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = json.loads((folder / "index.json").read_bytes())
        self.manifest = json.loads(self.blob(self.index["manifests"][0]))
        self.settings = json.loads(self.blob(self.manifest["config"]))
        self.config = self.settings["config"]
        self.layers = [self.blob(layer) for layer in self.manifest["layers"]]

    def blob(self, descriptor: dict[str, Any]) -> bytes:
        content = (self.folder / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes()
        assert len(content) == descriptor["size"]
        assert f"sha256:{hashlib.sha256(content).hexdigest()}" == descriptor["digest"]
        return content

    def names(self) -> list[list[str]]:
        return [tarfile.open(fileobj=io.BytesIO(content)).getnames() for content in self.layers]


class Maker:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "context").mkdir()

    def write(self, **files: str) -> None:
        for name, text in files.items():
            self.add(name.replace("__", "/").replace("_py", ".py"), text)

    def add(self, name: str, text: str) -> None:
        file = self.folder / "context" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())

    def __call__(self, dockerfile: str) -> Built:
        self.add("Dockerfile", dockerfile)
        uri = build(self.folder / "context", self.folder / "image")
        assert uri == f"oci:{self.folder / 'image'}"
        return Built(self.folder / "image")


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    maker = Maker(tmp_path)
    maker.write(app_py="def handler(event, context): return event\n", money_py="x = 1\n")
    maker.write(libs__a_py="a = 1\n", libs__deep__b_py="b = 2\n")
    return maker


def test_the_smallest_image_on_an_aws_base(make: Maker) -> None:
    image = make(f"{BASE}COPY app.py ./\n{CMD}")
    assert image.names() == [["var/task/app.py"]]
    assert image.config == {"WorkingDir": "/var/task", "Cmd": ["app.handler"]}
    assert image.manifest["annotations"] == {BASE_NAME: "public.ecr.aws/lambda/python:3.13"}
    assert image.settings["rootfs"]["diff_ids"] == [image.manifest["layers"][0]["digest"]]
    assert image.settings["os"] == "linux"
    assert image.settings["architecture"] in ("amd64", "arm64")
    assert (make.folder / "image" / "oci-layout").is_file()


@pytest.mark.parametrize(
    ("copy", "names"),
    [
        ("app.py ./", ["var/task/app.py"]),
        ("app.py .", ["var/task/app.py"]),
        ("./app.py ${LAMBDA_TASK_ROOT}", ["var/task/app.py"]),
        ("app.py $LAMBDA_TASK_ROOT/", ["var/task/app.py"]),
        ("app.py index.py", ["var/task/index.py"]),
        ("app.py sub/", ["var/task/sub/app.py"]),
        ("app.py /opt/python/app.py", ["opt/python/app.py"]),
        ("app.py ../../etc", ["etc/app.py"]),
        ("app.py money.py ./", ["var/task/app.py", "var/task/money.py"]),
        ("*.py ./", ["var/task/app.py", "var/task/money.py"]),
        ("libs .", ["var/task/a.py", "var/task/deep/b.py"]),
        ("libs/ sub", ["var/task/sub/a.py", "var/task/sub/deep/b.py"]),
        ('["app.py", "my files/"]', ["var/task/my files/app.py"]),
        ('"app.py" "my files/"', ["var/task/my files/app.py"]),
        ("app.py \\\n  # why it is here\n  money.py ./", ["var/task/app.py", "var/task/money.py"]),
    ],
)
def test_what_copy_puts_where(make: Maker, copy: str, names: list[str]) -> None:
    assert make(f"{BASE}COPY {copy}\n{CMD}").names() == [names]


def test_every_setting(make: Maker) -> None:
    image = make(
        """
        # syntax=docker/dockerfile:1
        from scratch
        env CURRENCY=EUR GREETING="Good day"
        ENV OLD the whole rest
        ENV BOTH=${CURRENCY}-$GREETING
        LABEL team=print
        WORKDIR /shop
        WORKDIR till
        COPY app.py .
        CMD ["lost"]
        ENTRYPOINT ["/shop/run"]
        CMD ["app.handler", "two"]
        """
    )
    assert image.config == {
        "Env": ["CURRENCY=EUR", "GREETING=Good day", "OLD=the whole rest", "BOTH=EUR-Good day"],
        "Labels": {"team": "print"},
        "WorkingDir": "/shop/till",
        "Entrypoint": ["/shop/run"],
        "Cmd": ["app.handler", "two"],
    }
    assert image.names() == [["shop"], ["shop/till"], ["shop/till/app.py"]]
    assert "annotations" not in image.manifest


def test_the_same_files_have_the_same_digest_and_others_another(make: Maker) -> None:
    dockerfile = f"{BASE}COPY money.py ./\nCOPY app.py ./\n{CMD}"
    first, again = make(dockerfile).manifest, make(dockerfile).manifest
    assert first == again
    make.write(app_py="def handler(event, context): return 2\n")
    changed = make(dockerfile).manifest
    assert changed["layers"][0] == first["layers"][0]
    assert changed["layers"][1] != first["layers"][1]
    assert changed["config"] != first["config"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a system with an executable bit")
def test_what_may_be_executed_still_may(make: Maker) -> None:
    (make.folder / "context" / "app.py").chmod(0o744)
    (make.folder / "context" / "money.py").chmod(0o600)
    layer = make(f"{BASE}COPY app.py money.py ./\n{CMD}").layers[0]
    members = tarfile.open(fileobj=io.BytesIO(layer)).getmembers()  # noqa: SIM115
    assert [(member.mode, member.uid, member.gid) for member in members] == [
        (0o755, 0, 0),
        (0o644, 0, 0),
    ]


def test_a_new_build_replaces_the_old_one(make: Maker) -> None:
    make(f"{BASE}COPY app.py money.py ./\n{CMD}")
    assert make(f"{BASE}COPY app.py ./\n{CMD}").names() == [["var/task/app.py"]]
    blobs = make.folder / "image" / "blobs" / "sha256"
    assert len(list(blobs.iterdir())) == 3  # layer, configuration, manifest


WRONG = {
    "run": (f"{BASE}RUN pip install x\n{CMD}", ("line 2: RUN pip", "COPY libs/", "docker save")),
    "add": (f"{BASE}ADD https://x.test/y ./\n{CMD}", ("COPY does the same", "docker-archive:")),
    "user": (f"{BASE}USER me\n{CMD}", ("Leave the line out",)),
    "expose": (f"{BASE}EXPOSE 80\n{CMD}", ("no ports",)),
    "arg": (f"ARG V=1\n{BASE}{CMD}", ("line 1", "Write the value itself")),
    "a slip": (f"{BASE}COPPY app.py ./\n{CMD}", ("COPPY", "knows FROM, COPY")),
    "stages": (f"{BASE}FROM scratch\n", ("another stage", "docker build")),
    "a named stage": (
        "FROM public.ecr.aws/lambda/python:3.13 AS x\n",
        ("FROM and the image's name",),
    ),
    "another base": (f"FROM python:3.13\n{CMD}", ("downloaded", "public.ecr.aws/lambda/")),
    "nothing first": (f"COPY app.py ./\n{BASE}", ("begins with FROM",)),
    "empty": ("# nothing\n", ("has no FROM",)),
    "no handler": (f"{BASE}COPY app.py ./\n", ("nothing to run", 'CMD ["app.handler"]')),
    "a cmd of words": (f"{BASE}CMD app.handler\n", ('CMD ["app.handler"]', "double quotes")),
    "single quotes": (f"{BASE}CMD ['app.handler']\n", ('CMD ["app.handler"]',)),
    "a cmd of numbers": (f"{BASE}CMD [1]\n", ("as a list",)),
    "not there": (f"{BASE}COPY nowhere.py ./\n{CMD}", ("no nowhere.py beside the Dockerfile",)),
    "no match": (f"{BASE}COPY *.txt ./\n{CMD}", ("no *.txt",)),
    "outside": (f"{BASE}COPY ../secret ./\n{CMD}", ("outside of the folder",)),
    "one word": (f"{BASE}COPY app.py\n{CMD}", ("COPY app.py ./",)),
    "several to a file": (f"{BASE}COPY app.py money.py lib\n{CMD}", ("lib/",)),
    "from a stage": (f"{BASE}COPY --from=x a b\n{CMD}", ("--from=x", "docker build")),
    "quotes": (f'{BASE}COPY "app.py ./\n{CMD}', ("quotation mark",)),
    "env without value": (f"{BASE}ENV A=1 B\n{CMD}", ("ENV CURRENCY=EUR",)),
    "half a line": (f"{BASE}COPY app.py \\", ("Take the last",)),
}


@pytest.mark.parametrize(("dockerfile", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_built_says_what_to_do(
    make: Maker, dockerfile: str, said: tuple[str, ...]
) -> None:
    with pytest.raises(ImageError) as problem:
        make(dockerfile)
    for words in said:
        assert words in str(problem.value)
    assert not (make.folder / "image").exists()


def test_places_that_would_do_harm(make: Maker, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"Did the cell that writes it run\?"):
        build(tmp_path / "context", tmp_path / "image")
    make.add("Dockerfile", f"{BASE}{CMD}")
    (tmp_path / "photos").mkdir()
    for into in ("photos", "context", "."):
        with pytest.raises(ImageError, match="Choose another place"):
            build(tmp_path / "context", tmp_path / into)
    make.add(".dockerignore", "*")
    with pytest.raises(ImageError, match="dockerignore"):
        build(tmp_path / "context", tmp_path / "image")


def test_lines_and_their_numbers() -> None:
    text = "# one\nFROM scratch\n\ncopy a \\\n  b \\\n  c/\nCMD  [1]\n"
    assert list(instructions(text)) == [
        (2, "FROM", "scratch"),
        (4, "COPY", "a    b    c/"),
        (7, "CMD", "[1]"),
    ]
