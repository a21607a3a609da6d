"""Archives: unpacked where they belong, whatever they try."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import os
import random
import stat
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.localaws.compute.code import MAX_UNZIPPED_BYTES, unpack
from helpers.localaws.compute.errors import InvalidParameterValue

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither these modes nor links")


def archive(*members: tuple[str, bytes, int], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of (name, content, mode) members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as files:
        for name, content, mode in members:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            entry.compress_type = method
            files.writestr(entry, content)
    return buffer.getvalue()


def link(name: str, target: str) -> tuple[str, bytes, int]:
    return name, target.encode(), stat.S_IFLNK | 0o777


def outside(store: Path) -> list[Path]:
    """What lies beside the store."""
    return [one for one in store.parent.iterdir() if one != store]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "deep" / "store"
    folder.mkdir(parents=True)
    return folder


def test_hash_and_size_are_those_of_the_archive(store: Path) -> None:
    content = archive(("app.py", b"x = 1", 0o644), ("lib/ünï/日本.py", "é".encode(), 0o644))
    package = unpack(content, store)
    assert package.size == len(content)
    assert package.sha256 == base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert (package.folder / "app.py").read_bytes() == b"x = 1"
    assert (package.folder / "lib/ünï/日本.py").read_text(encoding="utf-8") == "é"


@posix
def test_modes(store: Path) -> None:
    """What may be executed stays so (bootstrap must be); everybody may read everything."""
    package = unpack(
        archive(("bootstrap", b"#!/bin/sh", 0o755), ("app.py", b"", 0o600), ("odd", b"", 0o4711)),
        store,
    )
    assert os.access(package.folder / "bootstrap", os.X_OK)
    for name in ("bootstrap", "app.py", "odd"):
        mode = (package.folder / name).stat().st_mode
        assert mode & 0o444 == 0o444, name
        assert not mode & stat.S_ISUID
    assert package.folder.stat().st_mode & 0o555 == 0o555


@pytest.mark.parametrize(
    "name", ["../evil", "../../evil", "/evil", "a/../../evil", "..\\evil", "C:\\evil", "//evil"]
)
def test_no_way_out_by_name(store: Path, name: str) -> None:
    unpack(archive((name, b"evil", 0o644), ("app.py", b"", 0o644)), store)
    assert outside(store) == []
    assert not Path("/evil").exists()


@posix
@pytest.mark.parametrize(
    "members",
    [
        [link("../evil", "/etc")],
        [link("out", ".."), ("out/evil", b"x", 0o644)],
        [link("out", "../.."), link("out/evil", "/etc")],
        [link("a", "."), link("a/b", ".."), link("a/b/evil", "x")],
        [link("out", "/tmp"), link("out/localaws-evil", "x")],
    ],
)
def test_no_way_out_through_links(store: Path, members: list[tuple[str, bytes, int]]) -> None:
    """Nothing is written outside, whether the archive is refused or not."""
    with contextlib.suppress(InvalidParameterValue):
        unpack(archive(*members), store)
    assert outside(store) == []
    assert not Path("/tmp/localaws-evil").is_symlink()


@posix
def test_links_inside_are_kept(store: Path) -> None:
    """Layers hold such: libx.so -> libx.so.1."""
    package = unpack(archive(("lib/x.so.1", b"lib", 0o644), link("lib/x.so", "x.so.1")), store)
    assert (package.folder / "lib/x.so").is_symlink()
    assert (package.folder / "lib/x.so").read_bytes() == b"lib"


def test_bombs(store: Path) -> None:
    """Refused by what the archive says, before anything is written; and it cannot lie."""
    with pytest.raises(InvalidParameterValue, match="Unzipped size must be smaller than 262144000"):
        unpack(archive(*[(str(n), bytes(27_000_000), 0o644) for n in range(10)]), store)
    honest = archive(("bomb", bytes(1_000_000), 0o644))
    size = (1_000_000).to_bytes(4, "little")
    lying = honest.replace(size, (10).to_bytes(4, "little"))
    with pytest.raises(InvalidParameterValue, match="Could not unzip"):
        unpack(lying, store)
    assert sum(one.stat().st_size for one in store.rglob("*") if one.is_file()) < 100_000
    assert MAX_UNZIPPED_BYTES == 250 * 1024 * 1024


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"def handler(): pass",
        archive(("a", b"x", 0o644))[:-10],
    ],
)
def test_no_archives(store: Path, content: bytes) -> None:
    with pytest.raises(InvalidParameterValue, match="Could not unzip uploaded file"):
        unpack(content, store)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.integers(0, 10**9),
    st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]),
)
def test_a_damaged_archive_is_refused_or_read(store: Path, seed: int, method: int) -> None:
    """Bytes changed at random: never another exception than the one that becomes AWS's answer."""
    chance = random.Random(seed)
    members = (("app.py", b"x = 1\n" * 50, 0o644), link("l", "app.py"), ("d/e.py", b"y", 0o755))
    content = bytearray(archive(*members, method=method))
    for _ in range(chance.randint(1, 4)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    with contextlib.suppress(InvalidParameterValue):
        unpack(bytes(content), store)
    assert outside(store) == []


def test_what_failed_leaves_nothing(store: Path) -> None:
    content = bytearray(archive(("a.py", b"x" * 1000, 0o644), ("b.py", os.urandom(1000), 0o644)))
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(InvalidParameterValue):
        unpack(bytes(content), store)
    assert list(store.iterdir()) == []


def test_the_same_archive_many_times_at_once(store: Path) -> None:
    content = archive(*[(f"m{number}.py", os.urandom(2000), 0o644) for number in range(30)])
    with ThreadPoolExecutor(8) as many:
        packages = list(many.map(lambda _: unpack(content, store), range(16)))
    assert len({one.folder for one in packages}) == 1
    assert len(list(store.iterdir())) == 1
    assert len(list(packages[0].folder.iterdir())) == 30
