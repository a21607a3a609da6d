"""`04.api`: an API of the learner's own, with its routes, its table and its status codes."""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import requests

from helpers.teach.checking import Case, Check, Context, NotAttempted, Requirement, Slip
from helpers.teach.checking.words import short
from helpers.teach.lessons.nb04.voucher_api import NAME, VoucherApi

AGAIN = "Then run this cell again."
GOOD = 25
REFUSED: tuple[tuple[str, Any], ...] = (
    ("the body hello", b"hello"),
    ("no body", None),
    ("the body {}", {}),
    ("the body []", []),
    ('amount: "25" (text)', {"amount": "25"}),
    ("amount: true", {"amount": True}),
    ("amount: 4", {"amount": 4}),
    ("amount: 201", {"amount": 201}),
)


@contextlib.contextmanager
def _api(context: Context) -> Iterator[VoucherApi]:
    api = VoucherApi(context.cloud)
    if api.api is None:
        raise NotAttempted(
            f"there is no HTTP API called {NAME} yet. Write your cells above, run them, then this "
            "one."
        )
    if not api.routes:
        raise NotAttempted(
            f"the API {NAME} has no route yet. Write your cells above, run them, then this one."
        )
    if api.url is None:
        raise Slip(
            "no stage",
            f"the API {NAME} has routes and no stage, so it answers nobody.",
            f'create_stage with StageName="$default" and AutoDeploy=True. {AGAIN}',
        )
    try:
        yield api
    finally:
        api.clean()


def _explain(api: VoucherApi, asked: str, answer: requests.Response) -> Slip | None:
    """Why an answer is a 5xx, or a 404 of the API itself; None for any other."""
    if answer.status_code == 404 and _message(answer) == "Not Found":
        return Slip(
            "no route",
            f"{asked} got 404 from the API itself. Its routes are: {', '.join(api.route_keys)}.",
            f"A route key is a method, a space and a path: POST /vouchers. {AGAIN}",
        )
    if answer.status_code < 500:
        return None
    if not api.is_permitted():
        return Slip(
            "no permission",
            f"{asked} got {answer.status_code}, and the function was not called: it does not "
            "allow this API to.",
            "add_permission on the function, with apigateway.amazonaws.com as Principal, as in "
            f"section 3. {AGAIN}",
            final=True,
        )
    logged = api.last_error()
    why = f"The function's log says: {short(logged, 200)}" if logged else "Its log has no error."
    if "AccessDenied" in logged:
        advice = "The function's role may not use that table. Which table does the policy name?"
    elif "ResourceNotFound" in logged:
        advice = "There is no table of that name. Which one does the environment variable name?"
    elif "Decimal" in logged:
        advice = "DynamoDB gives numbers as Decimal; json.dumps(…, default=int) can write them."
    elif logged:
        advice = "A value was not what the handler expected. Look at that line."
    else:
        advice = "statusCode has to be a number and body a text; json.dumps(…) makes it one."
    return Slip(
        str(answer.status_code),
        f"{asked} got {answer.status_code} {_message(answer)}. {why}",
        f"{advice} {AGAIN}",
    )


def _message(answer: requests.Response) -> str:
    found = _json(answer)
    return str(found.get("message", "")) if isinstance(found, dict) else ""


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _document(answer: requests.Response, asked: str) -> dict[str, Any]:
    """The JSON object in an answer. Raises Slip."""
    found = _json(answer)
    if not isinstance(found, dict):
        raise Slip(
            "not JSON",
            f"{asked} got the body {short(answer.text)}, which is no JSON object.",
            f"json.dumps(…) makes one; str(…) writes Python. {AGAIN}",
        )
    return found


def _status(api: VoucherApi, asked: str, answer: requests.Response, wanted: int, why: str) -> None:
    if answer.status_code != wanted:
        raise _explain(api, asked, answer) or Slip(
            f"{answer.status_code} for {wanted}",
            f"{asked} got status {answer.status_code} and {short(answer.text) or 'no body'}.",
            f"{why} {AGAIN}",
        )


def _make(api: VoucherApi, strictly: bool = False) -> str:
    """The id of a new voucher. Raises Slip; a wrong status among the 200s is one if `strictly`."""
    asked = f'POST /vouchers with {{"amount": {GOOD}}}'
    answer = api.ask("POST", "/vouchers", {"amount": GOOD})
    if strictly or not answer.ok:
        _status(api, asked, answer, 201, "201 says that something new has been made.")
    made = _document(answer, asked)
    if not isinstance(made.get("id"), str) or not made["id"]:
        raise Slip(
            "no id",
            f"{asked} got {short(made)}: there is no id (a text) in it.",
            f"Without an id nobody can ask for the voucher again. {AGAIN}",
        )
    api.made.append(made["id"])
    return str(made["id"])


def _creates(api: VoucherApi, case: Case) -> None:
    """POST answers 201 and an id. Without an id there is nothing to read or to delete."""
    try:
        _make(api, strictly=True)
    except Slip as slip:
        slip.final = slip.name != "200 for 201"
        raise


def _reads(api: VoucherApi, case: Case) -> None:
    """GET answers with the voucher, and 404 for one that never was."""
    voucher = _make(api)
    try:
        _read(api, voucher, "GET of a voucher that was just made")
    except Slip as slip:
        api.unread = slip
        raise
    asked = "GET of a voucher that never was"
    nobody = api.ask("GET", f"/vouchers/{uuid.uuid4().hex}")
    why = "get_item has no Item where nothing is found: ask for it with .get, and answer 404."
    _status(api, asked, nobody, 404, why)
    own = _explain(api, asked, nobody)
    if own:
        raise own


def _read(api: VoucherApi, voucher: str, asked: str) -> None:
    answer = api.ask("GET", f"/vouchers/{voucher}")
    _status(api, asked, answer, 200, "What is there is answered with 200.")
    found = _document(answer, asked)
    if found.get("id") != voucher or found.get("amount") != GOOD:
        raise Slip(
            "another voucher",
            f"{asked} got {short(found)}; it was made with the amount {GOOD}.",
            "The same id, and the amount as a number. DynamoDB gives a Decimal: default=int turns "
            f"it into a number again, default=str into a text. {AGAIN}",
        )
    kind = answer.headers.get("Content-Type", "")
    if not re.match(r"application/([\w.]+\+)?json\b", kind):
        raise Slip(
            "content type",
            f'{asked} got JSON that calls itself "{kind}".',
            'Give the reply headers: {"Content-Type": "application/json"}. ' + AGAIN,
        )


def _deletes(api: VoucherApi, case: Case) -> None:
    """DELETE answers 204, the voucher is gone, and a second time does no harm."""
    voucher = _make(api)
    path = f"/vouchers/{voucher}"
    answer = api.ask("DELETE", path)
    _status(api, "DELETE of a voucher", answer, 204, "204 says: done, and there is no more to say.")
    gone = api.ask("GET", path)
    if gone.status_code != 404:
        raise _explain(api, "GET of a deleted voucher", gone) or Slip(
            "still there",
            f"after DELETE, GET still got status {gone.status_code} and {short(gone.text)}",
            f"delete_item with the same Key takes it out of the table. {AGAIN}",
        )
    again = api.ask("DELETE", path)
    if again.status_code not in (204, 404):
        raise Slip(
            "not idempotent",
            f"DELETE of the same voucher once more got status {again.status_code}.",
            "Callers repeat a request when they have not heard the answer. The voucher is gone, as "
            f"they wished: 204, or 404 if you prefer. {AGAIN}",
        )


def _keeps(api: VoucherApi, case: Case) -> None:
    """A voucher outlives the environment in which it was made."""
    if api.unread:
        raise api.unread
    voucher = _make(api)
    api.renew()
    answer = api.ask("GET", f"/vouchers/{voucher}")
    if answer.status_code == 404:
        raise Slip(
            "forgotten",
            "a voucher was made, the function got a new execution environment, and the voucher "
            "was gone.",
            "A variable or /tmp belongs to one environment (notebook 02). Keep the vouchers in a "
            f"table. {AGAIN}",
        )
    _read(api, voucher, "GET of a voucher, in a new execution environment,")


def _refuses(api: VoucherApi, case: Case) -> None:
    """What is no amount from 5 to 200 gets 400, and a reason in JSON."""
    says, body = case.given
    asked = f"POST /vouchers with {says}"
    answer = api.ask("POST", "/vouchers", body)
    if answer.status_code == 201:
        found = _json(answer)
        if isinstance(found, dict) and isinstance(found.get("id"), str):
            api.made.append(found["id"])
        raise Slip(
            "accepted",
            f"{asked} got 201.",
            f"An amount is a whole number from 5 to 200, and nothing else is one. {AGAIN}",
        )
    _status(api, asked, answer, 400, "What the caller has to mend is a 400.")
    said = _document(answer, asked)
    if "amount" not in json.dumps(said) and isinstance(body, dict):
        raise Slip(
            "no reason",
            f"{asked} got 400 and {short(said)}, which does not name the field.",
            f"Say which field it was, and what would be right. {AGAIN}",
        )


def _others(api: VoucherApi, case: Case) -> None:
    """What the API does not offer, it does not answer."""
    method, path = case.given
    answer = api.ask(method, path)
    if answer.status_code >= 500:
        slip = _explain(api, f"{method} {path}", answer)
        assert slip is not None
        raise slip
    if answer.status_code not in (404, 405):
        raise Slip(
            "too wide",
            f"{method} {path} got status {answer.status_code}, and there is no such thing in this "
            "API.",
            "Name the three routes one by one, or let the handler answer 404 or 405 for all "
            f"others. {AGAIN}",
        )


def _only_this_api(api: VoucherApi, case: Case) -> None:
    if api.any_api():
        raise Slip(
            "any API",
            "the function's policy lets in APIs other than this one.",
            "add_permission takes a SourceArn that names the API: arn:aws:execute-api:REGION:"
            f"ACCOUNT:{api.id}/*/*. First take the wide one away with remove_permission. {AGAIN}",
        )


API = Check(
    key="04.api",
    prepare=_api,
    solution="vouchers.py",
    requirements=(
        Requirement("POST", _creates, points=2),
        Requirement("GET", _reads),
        Requirement("DELETE", _deletes),
        Requirement("kept in a table", _keeps),
        Requirement("bad amounts", _refuses, tuple(Case(one) for one in REFUSED)),
        Requirement(
            "other requests", _others, (Case(("PATCH", "/vouchers")), Case(("GET", "/coupons")))
        ),
        Requirement("only this API", _only_this_api),
    ),
    hints=(
        "Take section 3 as your model: its table, its handler, its API. Then put the amount's "
        "rule into the branch of POST, before anything is written.",
        'In a cell: new_table, deploy with environment={"TABLE": …}, new_api("shop-vouchers"), '
        "connect with three route keys, permit.",
        "For the amount: json.loads in a try, then type(amount) is int and 5 <= amount <= 200. "
        "What json.loads gives may be a list, so catch TypeError and KeyError as well.",
        "When something gets 500, the function's log has the reason, and where the log is empty, "
        "the permission is missing.",
    ),
    praise="Somebody else's program could use this API, mistakes included.",
)
