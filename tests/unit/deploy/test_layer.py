"""layer(): Python packages and what they need, as a layer."""

from __future__ import annotations

import base64
import hashlib
import io
import urllib.request
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

import helpers.layer
from helpers import RUNTIME, cloud
from helpers.cloud import CloudError
from helpers.layer import installed, layer, pack


def published(aws: cloud.Cloud, arn: str) -> dict[str, Any]:
    return dict(aws.client("lambda").get_layer_version_by_arn(Arn=arn))


def contents(aws: cloud.Cloud, arn: str) -> list[str]:
    location = published(aws, arn)["Content"]["Location"]
    return zipfile.ZipFile(io.BytesIO(urllib.request.urlopen(location).read())).namelist()


def wheel(
    folder: Path, name: str, version: str, tag: str, *, needs: str = "", **files: str
) -> Path:
    """A real wheel with these files, as `pip` installs it."""
    about = f"{name}-{version}.dist-info"
    files[f"{about}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + (
        f"Requires-Dist: {needs}\n" if needs else ""
    )
    files[f"{about}/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n"
    record = "".join(f"{file},,\n" for file in files) + f"{about}/RECORD,,\n"
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in {**files, f"{about}/RECORD": record}.items():
            archive.writestr(file, content)
    return path


def test_unchanged_is_not_sent_again(aws: cloud.Cloud) -> None:
    """The same files make the same archive, and the same archive no new version."""
    first = layer("shop-tools", ["typing-extensions"])
    assert first == f"arn:aws:lambda:us-east-1:{aws.account_id}:layer:shop-tools:1"
    assert layer("shop-tools", ["typing-extensions"]) == first
    details = published(aws, first)
    assert details["CompatibleRuntimes"] == [RUNTIME]
    archive = pack(installed([Requirement("typing-extensions")]))
    digest = base64.b64encode(hashlib.sha256(archive).digest()).decode()
    assert details["Content"]["CodeSha256"] == digest
    assert layer("shop-tools", ["typing-extensions", "jmespath"]).endswith(":shop-tools:2")
    # The newest is what counts: going back is a change too.
    assert layer("shop-tools", ["typing-extensions"]).endswith(":shop-tools:3")


def test_what_a_layer_holds(aws: cloud.Cloud) -> None:
    names = contents(aws, layer("shop-imaging", ["pillow"]))
    assert all(name.startswith("python/") for name in names)
    assert "python/PIL/Image.py" in names
    assert any(name.startswith("python/PIL/_imaging.") for name in names)  # the compiled part
    assert any(name.endswith(".dist-info/METADATA") for name in names)  # handlers may ask for it
    unwanted = (".pyc", "/RECORD", "/INSTALLER", "/REQUESTED", "direct_url.json")
    assert not [name for name in names if name.endswith(unwanted) or "bin/" in name]


def test_extras_bring_what_they_require() -> None:
    def packages(*wanted: str) -> set[str]:
        files = installed([Requirement(one) for one in wanted])
        return {name.partition("/")[0] for name in files if "dist-info" not in name}

    plain = packages("aws-lambda-powertools")
    assert {"aws_lambda_powertools", "jmespath", "typing_extensions.py"} <= plain
    assert "pydantic" not in plain
    parser = packages("aws_lambda_powertools[parser]")  # the spelling does not matter
    assert {"pydantic", "pydantic_core", "annotated_types"} <= parser
    assert "boto3" not in parser  # an extra that was not asked for
    # requests requires charset-normalizer and others in any case, PySocks as [socks] only.
    assert not any("socks" in name.lower() for name in packages("requests"))


def test_markers_decide_what_belongs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A requirement for another system or another Python is not looked for."""
    for needs, fine in (
        ("absent; sys_platform == 'none'", True),
        ("absent; python_version>'3'", 0),
    ):
        folder = tmp_path / str(fine)
        folder.mkdir()
        made = wheel(folder, "marked", "1.0", "py3-none-any", needs=needs, **{"marked.py": ""})
        with zipfile.ZipFile(made) as archive:
            archive.extractall(folder)
        with monkeypatch.context() as patched:
            patched.syspath_prepend(str(folder))
            if fine:
                assert "marked.py" in installed([Requirement("marked")])
            else:
                with pytest.raises(CloudError, match="absent, which marked needs, is not"):
                    installed([Requirement("marked")])


@pytest.mark.parametrize(
    ("packages", "message"),
    [
        (["pilow"], r"pilow is not installed.*Is the name right\?.*%pip install \"pilow\""),
        (["PIL"], r"PIL is the name that you import; the package is called pillow"),
        (["pillow<2"], r"pillow<2 was asked for, and version \d+.* is installed"),
        (["pillow[colours]"], r"pillow knows no \[colours\]\. It has: .*docs"),
        (["pillow or so"], r"'pillow or so' is not the name of a package"),
        (["pillow @ https://example.org/pillow.whl"], r"names an address"),
        (["serverless-by-doing"], r"only linked into this installation"),
        ([], r"Which packages\?"),
        ("pillow", r'are a list.*\["pillow"\]'),
    ],
)
def test_what_cannot_be_packed(aws: cloud.Cloud, packages: list[str], message: str) -> None:
    with pytest.raises(CloudError, match=f"(?s){message}"):
        layer("broken", packages)
    assert not aws.client("lambda").list_layer_versions(LayerName="broken")["LayerVersions"]


def test_a_package_without_a_list_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata.PathDistribution, "files", None)
    with pytest.raises(CloudError, match="it was not installed by pip"):
        installed([Requirement("jmespath")])


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("MAX_UNZIPPED_MB", r"\d+ MB unzipped, and AWS takes at most 1 MB\. Most of it is pillow"),
        ("MAX_ZIPPED_MB", r"\d+ MB zipped, and AWS takes at most 1 MB"),
    ],
)
def test_larger_than_aws_takes(monkeypatch: pytest.MonkeyPatch, limit: str, message: str) -> None:
    monkeypatch.setattr(helpers.layer, limit, 1)
    with pytest.raises(CloudError, match=f"{message}.*container image"):
        pack(installed([Requirement("pillow")]))


def test_the_limits_are_those_that_aws_tells(aws: cloud.Cloud) -> None:
    limits = aws.client("lambda").get_account_settings()["AccountLimit"]
    assert limits["CodeSizeZipped"] == helpers.layer.MAX_ZIPPED_MB * 2**20
    assert limits["CodeSizeUnzipped"] == helpers.layer.MAX_UNZIPPED_MB * 2**20


def test_wheels_for_lambdas_linux(
    aws: cloud.Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the files for this machine: pip takes the wheel for the runtime and its Linux."""
    python = "cp" + RUNTIME.removeprefix("python").replace(".", "")
    ours = f"{python}-{python}-manylinux_2_28_x86_64"
    others = [f"{python}-{python}-win_amd64", f"{python}-{python}-musllinux_1_2_x86_64"]
    for tag in (ours, *others, "cp311-cp311-manylinux_2_28_x86_64"):
        wheel(tmp_path, "prints", "1.0", tag, needs="inks>=2", **{"prints.py": f"made = '{tag}'"})
    for version in ("1.0", "2.0"):
        wheel(tmp_path, "inks", version, "py3-none-any", **{"inks.py": ""})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    arn = layer("shop-prints", ["prints"], fetch=True)
    assert published(aws, arn)["CompatibleArchitectures"] == ["x86_64"]
    location = published(aws, arn)["Content"]["Location"]
    archive = zipfile.ZipFile(io.BytesIO(urllib.request.urlopen(location).read()))
    assert archive.read("python/prints.py").decode() == f"made = '{ours}'"
    assert {"python/inks.py", "python/inks-2.0.dist-info/METADATA"} <= set(archive.namelist())
    assert layer("shop-prints", ["prints"], fetch=True) == arn  # fetched again, and the same
    with pytest.raises(CloudError, match=r"(?s)pip could not fetch absent.*Is there a network"):
        layer("shop-prints", ["absent"], fetch=True)


def test_fetching_takes_the_versions_that_are_installed_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = metadata.version("jmespath")
    for version in (here, "99.0"):
        wheel(tmp_path, "jmespath", version, "py3-none-any", **{"jmespath.py": ""})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))

    def got(wanted: str, below: str) -> list[str]:
        files = helpers.layer.fetched([Requirement(wanted)], tmp_path / below)
        return [name.partition(".dist-info")[0] for name in files if "METADATA" in name]

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert got("jmespath", "a") == [f"jmespath-{here}"]
    assert got("jmespath>=99", "b") == ["jmespath-99.0"]
