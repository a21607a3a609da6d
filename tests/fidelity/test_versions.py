"""Versions, aliases, qualifiers and names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.conftest import zipped

pytestmark = pytest.mark.aws_source(f"{sources.GUIDE}configuration-versions.html")

SAY = "def handler(event, context): return ['{}', context.function_version, context.invoked_function_arn]"  # noqa: E501


def change(function: Any, word: str) -> None:
    function.client.update_function_code(
        FunctionName=function.name, ZipFile=zipped({"app.py": SAY.format(word)})
    )
    function.settle()


@pytest.fixture
def three(make: Any) -> Any:
    """A function with versions 1 (one) and 2 (two), and $LATEST (three)."""
    function = make(SAY.format("one"))
    function.client.publish_version(FunctionName=function.name, Description="first")
    change(function, "two")
    function.client.publish_version(FunctionName=function.name)
    change(function, "three")
    return function


@pytest.mark.aws_source(sources.RECORDED)
def test_published_versions_do_not_change(three: Any) -> None:
    """Every form of the name reaches the version it names, and the reply says which ran."""
    arn, name = three.arn, three.name
    for asked, qualifier, expected in (
        (name, "1", ["one", "1", f"{arn}:1"]),
        (f"{name}:2", None, ["two", "2", f"{arn}:2"]),
        (f"{arn}:1", None, ["one", "1", f"{arn}:1"]),
        (f"123456789012:function:{name}", "2", ["two", "2", f"{arn}:2"]),
        (f"function:{name}:1", None, ["one", "1", f"{arn}:1"]),
        (name, None, ["three", "$LATEST", arn]),
        (name, "$LATEST", ["three", "$LATEST", f"{arn}:$LATEST"]),
    ):
        options = {"Qualifier": qualifier} if qualifier else {}
        reply = three.invoke({}, name=asked, **options)
        assert reply.payload == expected
        assert reply.version == expected[1]


def test_publishing_without_a_change(three: Any, refused: Any) -> None:
    """The last version again; conditions on hash and revision are honoured."""
    client, name = three.client, three.name
    third = client.publish_version(FunctionName=name)
    assert third["Version"] == "3"
    assert client.publish_version(FunctionName=name, Description="again")["Version"] == "3"
    listed = client.list_versions_by_function(FunctionName=name)["Versions"]
    assert [version["Version"] for version in listed] == ["$LATEST", "1", "2", "3"]
    assert listed[1]["Description"] == "first"
    assert listed[0]["FunctionArn"] == f"{three.arn}:$LATEST"
    code, message, _ = refused(client.publish_version, FunctionName=name, CodeSha256="x")
    assert code == "InvalidParameterValueException"
    assert message.startswith("CodeSHA256 (x) is different from current CodeSHA256 in $LATEST (")
    code, message, status = refused(client.publish_version, FunctionName=name, RevisionId="x")
    assert (code, status) == ("PreconditionFailedException", 412)
    update = client.update_function_configuration
    assert refused(update, FunctionName=name, RevisionId="x")[0] == "PreconditionFailedException"
    now = client.get_function_configuration(FunctionName=name)["RevisionId"]
    update(FunctionName=name, RevisionId=now, Timeout=7)


@pytest.mark.aws_source(f"{sources.GUIDE}configuration-aliases.html", sources.RECORDED_API)
def test_aliases(three: Any, refused: Any) -> None:
    """An alias is a name for a version; moving it moves its callers."""
    client, name = three.client, three.name
    made = client.create_alias(FunctionName=name, Name="prod", FunctionVersion="1")
    assert made["AliasArn"] == f"{three.arn}:prod"
    reply = three.invoke({}, Qualifier="prod")
    assert reply.payload == ["one", "1", f"{three.arn}:prod"]
    assert reply.version == "1"
    client.update_alias(FunctionName=name, Name="prod", FunctionVersion="2")
    assert three.invoke({}, name=f"{name}:prod").version == "2"
    for parameters, expected in (
        ({"Name": "prod", "FunctionVersion": "1"},
         ("ResourceConflictException", f"Alias already exists: {three.arn}:prod", 409)),
        ({"Name": "next", "FunctionVersion": "9"},
         ("ResourceNotFoundException", f"Function not found: {three.arn}:9", 404)),
        ({"Name": "7", "FunctionVersion": "1"},
         ("ValidationException", "1 validation error detected: Value '7' at 'name' failed to "
          "satisfy constraint: Member must satisfy regular expression pattern: "
          "(?!^[0-9]+$)([a-zA-Z0-9-_]+)", 400)),
    ):  # fmt: skip
        assert refused(client.create_alias, FunctionName=name, **parameters) == expected
    assert refused(client.get_alias, FunctionName=name, Name="x")[1] == (
        f"Cannot find alias arn: {three.arn}:x"
    )
    assert refused(client.delete_function, FunctionName=name, Qualifier="2")[:2] == (
        "ResourceConflictException",
        "Unable to delete version because the following aliases reference it: [prod]",
    )
    client.delete_alias(FunctionName=name, Name="prod")
    client.delete_function(FunctionName=name, Qualifier="2")
    assert refused(three.client.invoke, FunctionName=name, Qualifier="2")[0] == (
        "ResourceNotFoundException"
    )
    assert refused(client.delete_function, FunctionName=name, Qualifier="$LATEST")[1] == (
        "$LATEST version cannot be deleted without deleting the function."
    )


@pytest.mark.aws_source(f"{sources.GUIDE}configuring-alias-routing.html", sources.RECORDED_API)
def test_an_alias_splits_traffic(three: Any, refused: Any) -> None:
    """By weight, at random; what AWS refuses of weights is refused."""
    client, name = three.client, three.name
    client.create_alias(
        FunctionName=name,
        Name="canary",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}},
    )
    served = [three.invoke({}, Qualifier="canary").version for _ in range(200)]
    assert set(served) == {"1", "2"}
    assert 20 <= served.count("2") <= 85  # 50 expected: five standard deviations
    update = client.update_alias
    update(FunctionName=name, Name="canary", RoutingConfig={"AdditionalVersionWeights": {"2": 1.0}})
    assert {three.invoke({}, Qualifier="canary").version for _ in range(5)} == {"2"}
    update(FunctionName=name, Name="canary", RoutingConfig={"AdditionalVersionWeights": {}})
    assert {three.invoke({}, Qualifier="canary").version for _ in range(5)} == {"1"}
    for version, weights, part in (
        ("1", {"1": 0.5}, "Function version 1 is already included in routing configuration."),
        ("1", {"2": 1.2}, "Value '{2=1.2}' at 'routingConfig.additionalVersionWeights'"),
        ("1", {"x": 0.2}, "Member must satisfy regular expression pattern: [0-9]+"),
        ("1", {"2": 0.1, "3": 0.1}, "Number of items in AdditionalVersionWeights cannot be"),
        ("$LATEST", {"2": 0.1}, "$LATEST is not supported for an alias pointing to more than 1"),
        ("1", {"9": 0.1}, "Function not found"),
    ):
        _, message, _ = refused(
            update,
            FunctionName=name,
            Name="canary",
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": weights},
        )
        assert part in message


@pytest.mark.aws_source(sources.INVOKE)
def test_names_that_do_not_fit(three: Any, refused: Any) -> None:
    invoke = three.client.invoke
    assert refused(invoke, FunctionName=f"{three.name}:1", Qualifier="2")[:2] == (
        "InvalidParameterValueException",
        "The derived qualifier from the function name does not match the specified qualifier.",
    )
    code, message, _ = refused(invoke, FunctionName="bad name")
    assert code == "ValidationException"
    assert message.startswith("1 validation error detected: Value 'bad name' at 'functionName'")


@pytest.mark.aws_source(sources.RECORDED_API)
def test_publish_on_update(make: Any) -> None:
    """Publish=True makes a version of what was just uploaded."""
    function = make(SAY.format("one"))
    answer = function.client.update_function_code(
        FunctionName=function.name, ZipFile=zipped({"app.py": SAY.format("two")}), Publish=True
    )
    assert answer["Version"] == "1"
    assert answer["FunctionArn"] == f"{function.arn}:1"
    assert function.invoke({}, Qualifier="1").payload[0] == "two"
