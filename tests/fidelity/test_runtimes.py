"""Runtimes, layers and container images."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from helpers import RUNTIME
from tests.fidelity import sources
from tests.fidelity.conftest import zipped

pytestmark = pytest.mark.aws_source(sources.RUNTIMES)

needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="Node.js is not installed: https://nodejs.org"
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux (namespaces)")


@needs_node
@pytest.mark.aws_source(f"{sources.GUIDE}nodejs-handler.html")
@pytest.mark.parametrize("name", ["index.mjs", "index.js"])
def test_node_handler(make: Any, name: str) -> None:
    """ES modules and CommonJS; the context; console lines in the log; module state stays."""
    export = "export const handler" if name.endswith("mjs") else "exports.handler"
    function = make(
        {
            name: f"""
            let calls = 0;
            {export} = async (event, context) => {{
              console.log("order", event.order);
              return {{ calls: ++calls, id: context.awsRequestId, memory: context.memoryLimitInMB,
                        left: context.getRemainingTimeInMillis() > 0, env: process.env.TABLE }};
            }};
            """
        },
        Runtime="nodejs22.x",
        Handler="index.handler",
        Environment={"Variables": {"TABLE": "orders"}},
    )
    first, second = function.invoke({"order": 7}), function.invoke({"order": 8})
    assert first.payload == {
        "calls": 1,
        "id": first.headers["x-amzn-requestid"],
        "memory": "1769",
        "left": True,
        "env": "orders",
    }
    assert second.payload["calls"] == 2
    assert f"\t{second.payload['id']}\tINFO\torder 8\n" in second.log


@needs_node
@pytest.mark.aws_source("https://github.com/aws/aws-lambda-nodejs-runtime-interface-client")
def test_node_errors(make: Any) -> None:
    """errorType, errorMessage, trace: not the shape of Python's."""
    function = make(
        {
            "index.mjs": """
            export const handler = async (event) => {
              if (event === "error") throw new RangeError("no such size");
              if (event === "text") throw "just text";
              if (event === "rejection") { Promise.reject(new Error("lost")); await new Promise(r => setTimeout(r, 500)); }
              if (event === "exit") process.exit(3);
              return 10n;
            };
            """  # noqa: E501
        },
        Runtime="nodejs22.x",
        Handler="index.handler",
    )
    reply = function.invoke("error")
    assert reply.error == "Unhandled"
    assert list(reply.payload) == ["errorType", "errorMessage", "trace"]
    assert reply.payload["errorType"] == "RangeError"
    assert reply.payload["errorMessage"] == "no such size"
    assert reply.payload["trace"][0] == "RangeError: no such size"
    assert "/var/task/index.mjs" in reply.payload["trace"][1]
    assert "\tERROR\tInvoke Error \t" in reply.log
    assert function.invoke("text").payload == {
        "errorType": "string",
        "errorMessage": "just text",
        "trace": [],
    }
    rejected = function.invoke("rejection").payload
    assert rejected["errorType"] == "Runtime.UnhandledPromiseRejection"
    assert rejected["errorMessage"] == "Error: lost"
    assert function.invoke("exit").payload["errorMessage"].endswith("exit status 3")


@needs_node
@pytest.mark.aws_source("https://github.com/aws/aws-lambda-nodejs-runtime-interface-client")
@pytest.mark.parametrize(
    ("source", "handler", "error_type"),
    [
        ("export const other = 1;", "index.handler", "Runtime.HandlerNotFound"),
        ("export const handler = async () => {", "index.handler", "Runtime.UserCodeSyntaxError"),
        ("import 'nothing-like-it';", "index.handler", "Runtime.ImportModuleError"),
        ("export const handler = 1;", "nowhere.handler", "Runtime.ImportModuleError"),
        ("export const handler = (e, c, callback) => callback(null, 1);", "index.handler",
         "Runtime.CallbackHandlerDeprecated"),
    ],
)  # fmt: skip
def test_node_without_a_handler(make: Any, source: str, handler: str, error_type: str) -> None:
    """Named as in Python's runtime; Node.js 24 takes no callbacks any more."""
    function = make({"index.mjs": source}, Runtime="nodejs24.x", Handler=handler)
    assert function.invoke({}).payload["errorType"] == error_type


def executable(files: dict[str, str]) -> bytes:
    """A zip whose files may be executed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


SHELL_BOOTSTRAP = """#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  event=$(curl -sS -D /tmp/headers "$api/next")
  id=$(grep -i lambda-runtime-aws-request-id /tmp/headers | tr -d '\\r' | cut -d' ' -f2)
  echo "shell got $event"
  curl -sS -o /dev/null -X POST "$api/$id/response" -d "{\\"handler\\": \\"$_HANDLER\\", \\"event\\": $event}"
done
"""  # noqa: E501


@linux
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.aws_source(f"{sources.GUIDE}runtimes-custom.html")
def test_custom_runtime_in_shell(make: Any) -> None:
    """provided.al2023 runs an executable called bootstrap, whatever it is written in."""
    function = make(
        {}, Runtime="provided.al2023", Handler="my.thing",
        Code={"ZipFile": executable({"bootstrap": SHELL_BOOTSTRAP})}, Timeout=10,
    )  # fmt: skip
    reply = function.invoke({"order": 7})
    assert reply.payload == {"handler": "my.thing", "event": {"order": 7}}
    assert 'shell got {"order": 7}\n' in reply.log
    assert function.invoke([1]).payload["event"] == [1]


@linux
@pytest.mark.aws_source(f"{sources.GUIDE}runtimes-custom.html", sources.TROUBLE_INVOKE)
@pytest.mark.parametrize(
    ("code", "text"),
    [
        (zipped({"readme": "x"}),
         "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        (zipped({"bootstrap": "#!/bin/sh\n"}),
         "fork/exec /var/task/bootstrap: permission denied"),
        (executable({"bootstrap": "#!/no/such/shell\n"}),
         "fork/exec /var/task/bootstrap: no such file or directory"),
        (executable({"bootstrap": "\x00\x01 no program"}),
         "fork/exec /var/task/bootstrap: exec format error"),
    ],
    ids=["missing", "not executable", "no interpreter", "no program"],
)  # fmt: skip
def test_bad_bootstrap(make: Any, code: bytes, text: str) -> None:
    """Runtime.InvalidEntrypoint, with what the system said."""
    function = make({}, Runtime="provided.al2023", Handler="x", Code={"ZipFile": code})
    payload = function.invoke({}).payload
    assert payload["errorType"] == "Runtime.InvalidEntrypoint"
    assert payload["errorMessage"].partition(" Error: ")[2] == text


@linux
@pytest.mark.aws_source(f"{sources.GUIDE}runtimes-custom.html")
def test_bootstrap_that_exits(make: Any) -> None:
    function = make(
        {}, Runtime="provided.al2023", Handler="x",
        Code={"ZipFile": executable({"bootstrap": "#!/bin/sh\nexit 7\n"})},
    )  # fmt: skip
    payload = function.invoke({}).payload
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Runtime exited with error: exit status 7")


@pytest.mark.aws_source(sources.RUNTIMES, f"{sources.GUIDE}runtimes-update.html")
def test_the_log_says_what_really_runs(make: Any) -> None:
    """Another python3.x is accepted; INIT_START names the interpreter."""
    import platform

    function = make("def handler(event, context): return 1", Runtime="python3.12")
    function.invoke({})
    assert function.wait_for_log("REPORT")[0].startswith(
        f"INIT_START Runtime Version: python:3.12.local (Python {platform.python_version()})\t"
    )


@pytest.mark.aws_source(sources.RUNTIMES)
def test_a_runtime_that_cannot_run_here(make: Any) -> None:
    """Java, .NET and Ruby are accepted and say at the first invocation that they do not run."""
    reply = make("", Runtime="java21", Handler="shop.Order").invoke({})
    assert reply.payload["errorType"] == "Runtime.InvalidEntrypoint"
    assert "runs Python, Node.js and provided.al2023, not java21" in reply.payload["errorMessage"]


def publish(aws: Any, name: str, files: dict[str, str | bytes]) -> str:
    return str(
        aws.client("lambda").publish_layer_version(
            LayerName=name, Content={"ZipFile": zipped(files)}, CompatibleRuntimes=[RUNTIME]
        )["LayerVersionArn"]
    )


@linux
@pytest.mark.aws_source(f"{sources.GUIDE}packaging-layers.html")
def test_layers(make: Any, aws: Any, walls: bool) -> None:
    """Unpacked to /opt in order, on Python's search path behind the function's own code.

    Without walls there is no /opt (the ledger's row ``walls``); the search path is the same.
    """
    first = publish(
        aws, "money", {"python/money.py": "def euros(c): return f'{c / 100:.2f}'", "who": "first"}
    )
    second = publish(
        aws, "brand", {"python/app.py": "raise RuntimeError('hidden')", "who": "second"}
    )
    function = make(
        """
        import money
        def handler(event, context):
            opt = money.__file__.removesuffix("/python/money.py")
            return [money.euros(event), opt, open(opt + "/who").read()]
        """,
        Layers=[first, second],
    )
    euros, opt, who = function.invoke(1995).payload
    assert (euros, who) == ("19.95", "second")
    assert opt == "/opt" or not walls
    shown = function.client.get_function_configuration(FunctionName=function.name)["Layers"]
    assert [layer["Arn"] for layer in shown] == [first, second]


@linux
@pytest.mark.aws_source(f"{sources.GUIDE}packaging-layers.html")
def test_search_paths_of_layers(make: Any, aws: Any) -> None:
    """The folder of the runtime's version counts; Node.js has folders of its own."""
    deep = "python/lib/{}/site-packages/{}.py"
    layer = publish(
        aws, "deep", {deep.format(RUNTIME, "right"): "n = 1", deep.format("python3.9", "old"): ""}
    )
    function = make("import right\ndef handler(event, context):\n    import old", Layers=[layer])
    assert function.invoke({}).payload["errorMessage"] == "No module named 'old'"
    if shutil.which("node") is None:
        return
    layer = publish(aws, "node", {"nodejs/node_modules/money/index.js": "exports.one = 1;"})
    source = "const m = require('money'); exports.handler = async () => m.one;"
    function = make(
        {"index.js": source}, Runtime="nodejs22.x", Handler="index.handler", Layers=[layer]
    )
    assert function.invoke({}).payload == 1


@pytest.mark.aws_source(sources.RECORDED_API)
def test_layer_versions(aws: Any, make: Any, refused: Any) -> None:
    """Immutable and numbered; a function keeps what it uses; refusals in AWS's words."""
    client = aws.client("lambda")
    one = publish(aws, "numbers", {"python/n.py": "n = 1"})
    two = publish(aws, "numbers", {"python/n.py": "n = 2"})
    assert (one[-2:], two[-2:]) == (":1", ":2")
    function = make("import n\ndef handler(event, context): return n.n", Layers=[one])
    client.delete_layer_version(LayerName="numbers", VersionNumber=1)
    assert function.invoke({}).payload == 1
    versions = client.list_layer_versions(LayerName="numbers")["LayerVersions"]
    assert [version["Version"] for version in versions] == [2]
    update = client.update_function_configuration
    assert refused(update, FunctionName=function.name, Layers=[one])[:2] == (
        "InvalidParameterValueException", f"Layer version {one} does not exist."
    )  # fmt: skip
    three = publish(aws, "numbers", {"python/n.py": "n = 3"})
    assert refused(update, FunctionName=function.name, Layers=[two, three])[1] == (
        "Two different versions of the same layer are not allowed to be referenced in the same "
        f"function. {two} and {three} are versions of the same layer."
    )
    many = [publish(aws, f"many{n}", {"x": "y"}) for n in range(6)]
    assert refused(update, FunctionName=function.name, Layers=many)[1] == (
        "Cannot reference more than 5 layers."
    )


def layout(folder: Path, layers: list[bytes], config: dict[str, Any], **more: Any) -> Path:
    """Write an OCI image layout."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return {"digest": f"sha256:{digest}", "size": len(content), "mediaType": "x"}

    manifest = {
        "schemaVersion": 2,
        "config": blob(json.dumps({"config": config}).encode()),
        "layers": [blob(layer) for layer in layers],
        **more,
    }
    index = {"schemaVersion": 2, "manifests": [blob(json.dumps(manifest).encode())]}
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return folder


def layer(files: dict[str, bytes | Path]) -> bytes:
    """A tar of these files, all executable."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def shell_and_curl() -> dict[str, bytes | Path]:
    """This machine's sh and curl with their libraries: enough of a system for an image."""
    programs = ["/bin/sh", shutil.which("curl") or "", "/bin/grep", "/usr/bin/tr", "/usr/bin/cut"]
    files: dict[str, bytes | Path] = {}
    for program in programs:
        files[program.lstrip("/")] = Path(program).resolve()
        listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)
        for word in listing.stdout.split():
            if word.startswith("/"):
                files[word.lstrip("/")] = Path(word).resolve()
    return files


@linux
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.aws_source(f"{sources.GUIDE}images-create.html")
def test_container_image_with_a_system_of_its_own(make: Any, tmp_path: Path, walls: bool) -> None:
    """ENTRYPOINT and CMD run in the image's files and see nothing of this machine's.

    Without walls such an image cannot run, and says so (the ledger's row ``walls``).
    """
    script = SHELL_BOOTSTRAP.replace("#!/bin/sh", "#!/bin/sh\necho started with $1 in $(pwd)")
    image = layout(
        tmp_path / "image",
        [layer(shell_and_curl()), layer({"shop/run": script.encode(), "shop/old": b"x"}),
         layer({"shop/.wh.old": b""})],
        {"Entrypoint": ["/shop/run"], "Cmd": ["print.order"], "WorkingDir": "/shop",
         "Env": ["SHOP=photo"]},
    )  # fmt: skip
    function = make({}, **image_config(image))
    reply = function.invoke({"order": 7})
    if not walls:
        assert reply.payload["errorMessage"].endswith(NO_IMAGES)
        return
    assert reply.payload == {"handler": "print.order", "event": {"order": 7}}
    log = "".join(function.wait_for_log("REPORT"))
    assert "started with print.order in /shop\n" in log
    shown = function.client.get_function(FunctionName=function.name)
    assert shown["Code"]["RepositoryType"] == "ECR"
    assert shown["Configuration"]["PackageType"] == "Image"
    assert "Runtime" not in shown["Configuration"]


#: What an image with a system of its own says where there are no namespaces.
NO_IMAGES = "container images need Linux with unprivileged namespaces"


def image_config(image: Path, **more: Any) -> dict[str, Any]:
    return {
        "PackageType": "Image", "Code": {"ImageUri": f"oci:{image}"}, "Runtime": None,
        "Handler": None, "Timeout": 10, **more,
    }  # fmt: skip


@linux
@pytest.mark.aws_source(f"{sources.GUIDE}python-image.html")
def test_container_image_on_an_aws_base(make: Any, tmp_path: Path) -> None:
    """An image that names an AWS base image and leaves it out runs on the local runtime."""
    source = b"import sys\ndef handler(event, context): return [event, __file__[-12:]]"
    image = layout(
        tmp_path / "image",
        [layer({"var/task/app.py": source})],
        {"Cmd": ["app.handler"]},
        annotations={"org.opencontainers.image.base.name": "public.ecr.aws/lambda/python:3.13"},
    )
    function = make({}, **image_config(image))
    assert function.invoke(7).payload == [7, "/task/app.py"]
    other = make({}, **image_config(image, ImageConfig={"Command": ["app.missing"]}))
    assert other.invoke(7).payload["errorType"] == "Runtime.HandlerNotFound"


@linux
@pytest.mark.aws_source(f"{sources.GUIDE}images-create.html")
def test_images_as_archives(make: Any, tmp_path: Path) -> None:
    """An OCI layout as a tar, and what ``docker save`` writes."""
    source = b"def handler(event, context): return [event, 'from an archive']"
    config = {"Cmd": ["app.handler"], "Labels": {"org.opencontainers.image.base.name":
              "public.ecr.aws/lambda/python:3.13"}}  # fmt: skip
    files = layer({"var/task/app.py": source})
    folder = layout(tmp_path / "image", [files], config)
    with tarfile.open(tmp_path / "oci.tar", "w") as archive:
        archive.add(folder, ".")
    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "layer.tar").write_bytes(files)
    (saved / "config.json").write_text(json.dumps({"config": config}))
    (saved / "manifest.json").write_text(
        json.dumps([{"Config": "config.json", "RepoTags": ["shop:1"], "Layers": ["layer.tar"]}])
    )
    with tarfile.open(tmp_path / "docker.tar", "w") as archive:
        archive.add(saved, ".")
    for uri in (f"oci-archive:{tmp_path}/oci.tar", f"docker-archive:{tmp_path}/docker.tar"):
        function = make({}, **{**image_config(folder), "Code": {"ImageUri": uri}})
        assert function.invoke(7).payload == [7, "from an archive"]


@linux
@pytest.mark.aws_source(sources.TROUBLE_INVOKE, sources.RIE)
def test_container_image_that_does_not_start(make: Any, tmp_path: Path, walls: bool) -> None:
    image = layout(tmp_path / "image", [layer({"x": b""})], {"Entrypoint": ["/no/such"]})
    payload = make({}, **image_config(image)).invoke({}).payload
    assert payload["errorType"] == "Runtime.InvalidEntrypoint"
    text = "fork/exec /no/such: no such file or directory" if walls else NO_IMAGES
    assert payload["errorMessage"].endswith(text)


@pytest.mark.aws_source(f"{sources.API}API_CreateFunction.html")
def test_image_that_is_none(aws: Any, make: Any, refused: Any, tmp_path: Path) -> None:
    """What is not there, or is no image, is refused on create."""
    role = make("def handler(event, context): pass").client.list_functions()["Functions"][0]["Role"]
    (tmp_path / "broken.tar").write_bytes(os.urandom(100))
    for uri in (f"oci:{tmp_path}", f"oci-archive:{tmp_path}/broken.tar", "oci:/no/such",
                "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1"):  # fmt: skip
        code, message, _ = refused(
            aws.client("lambda").create_function,
            FunctionName="no-image",
            Role=role,
            PackageType="Image",
            Code={"ImageUri": uri},
        )
        assert code == "InvalidParameterValueException"
        assert message.startswith(f"Source image {uri} ")
        assert "Provide a valid source image." in message
