"""JWT authorisers of HTTP APIs: a token is checked against its issuer's public keys.

The issuer must be on this machine: from here nothing is fetched from anywhere else.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from helpers.localaws.triggers.http.mapping import NotHere
from helpers.localaws.triggers.http.state import ApiState

_LOCAL = ("localhost", "127.0.0.1", "::1")
#: Only RSA signatures are taken, as on AWS.
_ALGORITHMS = ["RS256", "RS384", "RS512"]
_SECONDS = 5
#: Fetched keys are used again for so many seconds, as AWS does (two hours).
_KEPT_SECONDS = 7200


class BadToken(Exception):
    """The token does not pass; the text goes into WWW-Authenticate."""


class MissingScope(Exception):
    """The token is good, but not for this route."""


def check(
    token: str, issuer: str, audience: list[str], scopes: list[str], state: ApiState
) -> dict[str, Any]:
    """The token's claims and scopes, as the event shows them; ``state`` keeps the issuer's keys.

    Raises BadToken, MissingScope; NotHere for an issuer elsewhere.
    """
    from joserfc import jwt
    from joserfc.errors import JoseError

    if urlsplit(issuer).hostname not in _LOCAL:
        raise NotHere(
            f"asking the issuer {issuer} for its keys; it asks issuers on this machine only "
            "(http://localhost:…)"
        )
    try:
        decoded = jwt.decode(token, _key_set(issuer, state), algorithms=_ALGORITHMS)
    except (JoseError, ValueError) as problem:
        raise BadToken(f"the token has an invalid signature ({problem})") from None
    claims = dict(decoded.claims)
    _check_claims(claims, issuer, audience)
    held = _scopes(claims)
    if scopes and not set(scopes) & set(held):
        raise MissingScope("the token does not have a required scope")
    return {
        "claims": {name: _text(value) for name, value in claims.items()},
        "scopes": held if scopes else None,
    }


def _check_claims(claims: dict[str, Any], issuer: str, audience: list[str]) -> None:
    now = time.time()
    if claims.get("iss") != issuer:
        raise BadToken("the issuer is not correct")
    given = claims.get("aud", claims.get("client_id"))
    if not set(given if isinstance(given, list) else [given]) & set(audience):
        raise BadToken("the token does not have a valid audience")
    for name, fits in (
        ("exp", lambda value: value > now),
        ("nbf", lambda value: value <= now),
        ("iat", lambda value: value <= now),
    ):
        value = claims.get(name)
        if name == "exp" and value is None:
            raise BadToken("the token has no expiry")
        if value is not None and not (isinstance(value, int | float) and fits(value)):
            raise BadToken(
                "the token has expired" if name == "exp" else "the token is not yet valid"
            )


def _scopes(claims: dict[str, Any]) -> list[str]:
    given = claims.get("scope", claims.get("scp", ""))
    return given if isinstance(given, list) else str(given).split()


def _text(value: Any) -> str:
    """Claims stand in the event as texts; a list as ``[a b]``."""
    if isinstance(value, list):
        return "[" + " ".join(str(one) for one in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _key_set(issuer: str, state: ApiState) -> Any:
    """The issuer's public keys; raises BadToken where it does not answer."""
    from joserfc.jwk import KeySet

    keys = state.decision(("keys", issuer))
    if keys is not None:
        return keys
    try:
        found = _fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        address = found["jwks_uri"]
        if urlsplit(address).hostname not in _LOCAL:
            raise BadToken("the issuer's keys are not on this machine")
        keys = KeySet.import_key_set(_fetch(address))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BadToken(f"unable to fetch the issuer's keys: {problem}") from None
    state.remember(("keys", issuer), keys, _KEPT_SECONDS)
    return keys


def _fetch(address: str) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=_SECONDS) as reply:
        return json.load(reply)
