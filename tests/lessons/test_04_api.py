"""`04.api`: an API that is right in several ways, and wrong in many."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.deploy import Function, deploy, ensure_role
from helpers.teach import lessons
from helpers.teach.checking import Case, Result
from helpers.teach.lessons.nb04.voucher_api import VoucherApi
from tests.lessons.proof import code, is_not_attempted, is_right, is_wrong

KEY = "04.api"
SOLUTION = (lessons.folder(KEY) / "solutions" / "vouchers.py.txt").read_text(encoding="utf-8")
HANDLER, WIRING = SOLUTION.split("# and in a cell:\n")
[NOTEBOOK] = (Path(__file__).parent.parent.parent / "notebooks").glob("04-*.ipynb")
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
ROUTES = ["POST /vouchers", "GET /vouchers/{id}", "DELETE /vouchers/{id}"]
NAME = "shop-vouchers"
Judge = Callable[..., Result]


def given(text: str) -> str:
    """The notebook's own cell that holds this, from there on."""
    [found] = [
        source[source.index(text) :]
        for cell in CELLS
        if cell["cell_type"] == "code" and text in (source := "".join(cell["source"]))
    ]
    return found


def but(*changes: tuple[str, str]) -> str:
    """The solution's handler with some things changed."""
    text = HANDLER
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


class Learner:
    """Somebody at work on the exercise, in the notebook as it stands before it."""

    def __init__(self, aws: Any, folder: Path, judge: Judge) -> None:
        self._judge, self.folder = judge, folder
        self.lam, self.api = aws.client("lambda"), aws.client("apigatewayv2")
        self.names: dict[str, Any] = {
            "aws": aws,
            "boto3": aws,  # it makes clients, too, and keeps what they have read
            "json": json,
            "lam": self.lam,
            "api": self.api,
            "deploy": deploy,
            "dynamodb": aws.resource("dynamodb"),
        }
        ensure_role(aws)
        exec(given("may = {").replace('table = new_table("shop-orders")', ""), self.names)
        for start in ("def new_table(", "def permit(", "def new_api(", "def connect("):
            exec(given(start), self.names)

    def table(self) -> None:
        if NAME not in self.names["dynamodb"].meta.client.list_tables()["TableNames"]:
            self.names["new_table"](NAME)

    def function(self, handler: str = HANDLER, table: str = NAME) -> Function:
        file = self.folder / "vouchers.py"
        file.write_text(handler, encoding="utf-8")
        return deploy(NAME, file, timeout=10, memory=1769, environment={"TABLE": table})

    def http(self, function: Function, routes: list[str], **more: Any) -> str:
        api_id: str = self.names["new_api"](NAME)[0]
        self.names["connect"](api_id, function, routes, **more)
        return api_id

    def build(self, handler: str = HANDLER, routes: list[str] = ROUTES, **more: Any) -> None:
        """All of it, with this handler."""
        self.table()
        function = self.function(handler)
        self.names["permit"](self.http(function, routes, **more), function)

    def judged(self, more: dict[str, tuple[Case, ...]] | None = None) -> Result:
        return self._judge(KEY, None, more)

    def clear(self) -> None:
        """The desk as it was before the exercise, but for the table."""
        for function in self.lam.list_functions()["Functions"]:
            self.lam.delete_function(FunctionName=function["FunctionName"])
        for api in self.api.get_apis()["Items"]:
            self.api.delete_api(ApiId=api["ApiId"])
        self.names["aws"].client("logs").delete_log_group(logGroupName=f"/aws/lambda/{NAME}")


@pytest.fixture
def aws(local_aws: Any) -> Any:
    """Not emptied before each test: Learner.clear does it, and leaves the table."""
    return local_aws


@pytest.fixture
def learner(
    aws: Any, judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Learner]:
    monkeypatch.chdir(tmp_path)
    aws.client("logs").create_log_group(logGroupName=f"/aws/lambda/{NAME}")
    learner = Learner(aws, tmp_path, judge)
    yield learner
    learner.clear()


def test_nothing_and_an_empty_api_are_no_attempt(learner: Learner) -> None:
    is_not_attempted(learner.judged(), "no HTTP API called shop-vouchers yet")
    learner.names["new_api"](NAME)
    is_not_attempted(learner.judged(), "has no route yet")


# -- right ---------------------------------------------------------------------------------------


def solution(learner: Learner) -> None:
    file = Path("work/04/vouchers.py")
    file.parent.mkdir(parents=True)
    file.write_text(HANDLER, encoding="utf-8")
    exec(WIRING, learner.names)


ONE_ROUTE = code(
    """
    import json, os, uuid
    import boto3
    table = boto3.client("dynamodb")
    TABLE = os.environ["TABLE"]

    def answer(status, **body):
        return {
            "statusCode": status, "body": json.dumps(body),
            "headers": {"content-type": "application/json; charset=utf-8"},
        }

    def handler(event, context):
        method, parts = event["httpMethod"], event["path"].strip("/").split("/")[1:]
        if method == "POST" and parts == ["vouchers"]:
            try:
                amount = json.loads(event["body"] or "")["amount"]
                assert type(amount) is int and 5 <= amount <= 200
            except Exception:
                return answer(400, message="An amount is a whole number from 5 to 200.")
            item = {"id": {"S": str(uuid.uuid4())}, "amount": {"N": str(amount)}}
            table.put_item(TableName=TABLE, Item=item)
            return answer(201, id=item["id"]["S"], amount=amount)
        if len(parts) == 2 and parts[0] == "vouchers":
            key = {"id": {"S": parts[1]}}
            item = table.get_item(TableName=TABLE, Key=key).get("Item")
            if not item:
                return answer(404, message="There is no such voucher.")
            if method == "GET":
                return answer(200, id=parts[1], amount=int(item["amount"]["N"]))
            if method == "DELETE":
                table.delete_item(TableName=TABLE, Key=key)
                return {"statusCode": 204}
        return answer(405, message="There is no such thing here.")
    """
)


def one_route_and_format_1(learner: Learner) -> None:
    """A named stage, one $default route, the older event, and 404 for a second DELETE."""
    learner.table()
    function = learner.function(ONE_ROUTE)
    made = learner.api.create_api(Name=NAME, ProtocolType="HTTP")
    learner.api.create_stage(ApiId=made["ApiId"], StageName="v1", AutoDeploy=True)
    learner.names["connect"](made["ApiId"], function, ["$default"], version="1.0")
    learner.names["permit"](made["ApiId"], function)


@pytest.mark.parametrize(
    "work", [solution, one_route_and_format_1], ids=lambda function: function.__name__
)
def test_right_and_nothing_is_left_behind(
    learner: Learner, work: Callable[[Learner], None]
) -> None:
    work(learner)
    is_right(learner.judged())
    assert learner.names["dynamodb"].Table(NAME).scan()["Items"] == []


# -- wrong ---------------------------------------------------------------------------------------


def no_stage(learner: Learner) -> None:
    made = learner.api.create_api(Name=NAME, ProtocolType="HTTP")
    learner.names["connect"](made["ApiId"], learner.function(), ROUTES)


def no_permission(learner: Learner) -> None:
    learner.table()
    learner.http(learner.function(), ROUTES)


def a_permission_for_another_api(learner: Learner) -> None:
    learner.table()
    function = learner.function()
    learner.http(function, ROUTES)
    learner.names["permit"]("a1b2c3d4e5", function)


def a_permission_for_every_api(learner: Learner) -> None:
    learner.table()
    function = learner.function()
    learner.http(function, ROUTES)
    learner.lam.add_permission(
        FunctionName=NAME,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )


def another_table(learner: Learner) -> None:
    function = learner.function(table="shop-voucher")
    learner.names["permit"](learner.http(function, ROUTES), function)


IN_A_VARIABLE = but(
    ('table = boto3.resource("dynamodb").Table(os.environ["TABLE"])', "kept = {}"),
    ("table.put_item(Item=voucher)", 'kept[voucher["id"]] = voucher'),
    ('table.get_item(Key=key).get("Item")', 'kept.get(key["id"])'),
    ("table.delete_item(Key=key)", 'kept.pop(key["id"], None)'),
)
AMOUNT = "type(amount) is int and 5 <= amount <= 200"
BUILT: dict[str, tuple[Callable[[Learner], None], tuple[str, ...]]] = {
    "no stage": (no_stage, ("no stage", "answers nobody", "AutoDeploy")),
    "no permission": (no_permission, ("no permission", "was not called", "add_permission")),
    "a permission for another API": (a_permission_for_another_api, ("no permission",)),
    "a permission for every API": (a_permission_for_every_api, ("any API", "remove_permission")),
    "another table": (another_table, ("500", "log says", "environment variable")),
}
WRONG: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "a route is missing": (
        {"routes": [ROUTES[0], ROUTES[2]]},
        ("no route", "GET of a voucher", "DELETE /vouchers/{id}, POST /vouchers"),
    ),
    "the older format": ({"version": "1.0"}, ("500", "AttributeError", "NoneType")),
    "everything is 200": (
        {"handler": but(('{"statusCode": status', '{"statusCode": 200'))},
        ("200 for 201", "something new"),
    ),
    "a body that is a dictionary": (
        {"handler": but(('json.dumps(body, default=int) if body else ""', "body"))},
        ("500", "500 Internal Server Error"),
    ),
    "a body that is no JSON": (
        {"handler": but(("json.dumps(body, default=int)", "str(body)"))},
        ("not JSON", "writes Python"),
    ),
    "Decimals": (
        {"handler": but(("json.dumps(body, default=int)", "json.dumps(body)"))},
        ("500", "Decimal", "default=int"),
    ),
    "plain text": (
        {"handler": but(("application/json", "text/plain"))}, ("content type", "text/plain"),
    ),
    "null with 200": (
        {"handler": but(
            (' if voucher else reply(404, {"error": "no such voucher"})', ""),
            ('json.dumps(body, default=int) if body else ""', "json.dumps(body, default=int)"),
        )},
        ("200 for 404", "never was", "has no Item"),
    ),
    "nothing is deleted": (
        {"handler": but(("table.delete_item(Key=key)", "pass"))}, ("still there", "after DELETE"),
    ),
    "a second DELETE is refused": (
        {"handler": but((
            "            table.delete_item(Key=key)\n",
            '            if not table.get_item(Key=key).get("Item"):\n'
            '                return reply(400, {"error": "deleted before"})\n'
            "            table.delete_item(Key=key)\n",
        ))},
        ("not idempotent", "once more got status 400", "204, or 404"),
    ),
    "in a variable": ({"handler": IN_A_VARIABLE}, ("forgotten", "notebook 02")),
    "no JSON is not caught": (
        {"handler": but(("except (ValueError, TypeError", "except (TypeError"))},
        ("500", "the body hello", "JSONDecodeError"),
    ),
    "true is an amount": (
        {"handler": but((AMOUNT, "isinstance(amount, int) and 1 <= amount <= 200"))},
        ("accepted", "amount: true"),
    ),
    "every path is answered": (
        {
            "routes": [*ROUTES, "$default"],
            "handler": HANDLER + "        case _:\n            return reply(200, {})\n",
        },
        ("too wide", "PATCH /vouchers"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("work", "expected"), BUILT.values(), ids=BUILT.keys())
def test_built_wrong(
    learner: Learner, work: Callable[[Learner], None], expected: tuple[str, ...]
) -> None:
    work(learner)
    slip, *said = expected
    is_wrong(learner.judged(), slip, *said)


@pytest.mark.parametrize(("how", "expected"), WRONG.values(), ids=WRONG.keys())
def test_wrong(
    learner: Learner,
    how: dict[str, Any],
    expected: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if how.get("handler") != IN_A_VARIABLE:
        # New environments take longest, and only the answer above needs them to be told.
        monkeypatch.setattr(VoucherApi, "renew", lambda api: None)
    learner.build(**how)
    slip, *said = expected
    is_wrong(learner.judged(), slip, *said)


def test_points_are_given_for_what_is_met(learner: Learner) -> None:
    learner.build(but(("reply(204)", "reply(200)")))
    result = learner.judged()
    assert (result.points, result.of) == (7, 8)
    is_wrong(result, "200 for 204", "DELETE of a voucher")


def test_a_hidden_amount_is_judged_and_not_told(learner: Learner) -> None:
    learner.build(but((AMOUNT, f"{AMOUNT} or amount == 4.5")))
    hidden = Case(("amount: 4.5", {"amount": 4.5}), hidden=True)
    result = learner.judged({"bad amounts": (hidden,)})
    is_wrong(result, "500")
    assert "4.5" not in result.text()
