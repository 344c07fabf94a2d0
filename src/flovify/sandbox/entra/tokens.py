"""The token endpoint's three grants (v2-oauth2-auth-code-flow, refresh-tokens, v2-oauth2-client-creds-grant-flow)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

from flovify.sandbox.directory.models import App, RefreshToken, User
from flovify.sandbox.directory.service import APP_ROLES
from flovify.sandbox.entra.checks import CONSUMERS, SHARED, admits, check_authority
from flovify.sandbox.entra.errors import (
    EntraError,
    invalid_client,
    invalid_grant,
    invalid_request,
    missing_parameter,
    no_consent,
    unknown_application,
)
from flovify.sandbox.entra.scopes import DEFAULT, RESOURCE, graph_scopes, read_scopes
from flovify.sandbox.world import World


def answer(
    world: World, authority: str, origin: str, form: Mapping[str, str], headers: Mapping[str, str]
) -> dict[str, Any]:
    """Issue tokens. `origin` is scheme and host the request came to. Raises EntraError."""
    check_authority(world.directory, authority)
    grant = form.get("grant_type", "")
    if not grant:
        raise missing_parameter("grant_type")
    handlers = {"authorization_code": _code, "refresh_token": _refresh, "client_credentials": _client_credentials}
    if grant not in handlers:
        raise EntraError("unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant}'.")
    if "origin" in headers:
        raise invalid_request(
            9002326, "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type."
        )
    app = _authenticate(world, form, headers)
    return handlers[grant](world, authority, origin, form, app)


def _authenticate(world: World, form: Mapping[str, str], headers: Mapping[str, str]) -> App:
    client_id, secret = _credential(form, headers)
    if not client_id:
        raise missing_parameter("client_id")
    app = world.directory.app(client_id)
    if app is None:
        raise unknown_application(client_id)
    if not secret:
        raise invalid_client(
            7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        )
    if not world.directory.secret_matches(app, secret):
        raise invalid_client(
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{client_id}'.",
        )
    return app


def _credential(form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        raise invalid_client(7000218, "The Authorization header cannot be read.") from None
    return unquote_plus(name), unquote_plus(secret)


def _code(world: World, authority: str, origin: str, form: Mapping[str, str], app: App) -> dict[str, Any]:
    for name in ("code", "redirect_uri"):
        if not form.get(name):
            raise missing_parameter(name)
    code = world.flows.redeem(form["code"], app.client_id, form["redirect_uri"], form.get("code_verifier", ""))
    user = _user(world, code.user_id)
    _check_home(world, authority, user)
    return _tokens(world, origin, app, user, code.scopes, form, nonce=code.nonce)


def _refresh(world: World, authority: str, origin: str, form: Mapping[str, str], app: App) -> dict[str, Any]:
    if not form.get("refresh_token"):
        raise missing_parameter("refresh_token")
    token = world.directory.find_refresh_token(form["refresh_token"])
    if token is None or token.client_id != app.client_id:
        raise invalid_grant(9002313, "Invalid request. Request is malformed or invalid.")
    _check_refresh(world, token)
    user = _user(world, token.user_id)
    _check_home(world, authority, user)
    asked = read_scopes(form["scope"]) if form.get("scope") else tuple(token.scopes)
    granted = world.directory.consented(app.client_id, user.id)
    if any(scope.lower() not in granted for scope in graph_scopes(asked) if scope != DEFAULT):
        raise no_consent()
    world.directory.replace_refresh_token(token)
    return _tokens(world, origin, app, user, asked, form, kept_scopes=token.scopes, family=token.family)


def _check_refresh(world: World, token: RefreshToken) -> None:
    if world.directory.revoked(token.client_id, token.user_id, token.issued_at):
        raise invalid_grant(
            50173, "The provided grant has expired due to it being revoked, a fresh auth token is needed."
        )
    if token.expires_at <= world.clock.now():
        raise invalid_grant(700082, "The refresh token has expired due to inactivity.")
    if token.replaced and world.directory.policy.refresh_rotation == "strict":
        world.directory.end_family(token)
        raise invalid_grant(70000, "The provided refresh token was already used.")


def _client_credentials(
    world: World, authority: str, _origin: str, form: Mapping[str, str], app: App
) -> dict[str, Any]:
    tenant_id = world.directory.organization(authority)
    if authority in (*SHARED, CONSUMERS) or tenant_id is None:
        raise invalid_request(50194, f"The endpoint '/{authority}' is not for this grant; use one organisation's.")
    if not form.get("scope"):
        raise missing_parameter("scope")
    if form["scope"].split() != [RESOURCE + DEFAULT]:
        raise EntraError("invalid_scope", 1002012, "The scope must be https://graph.microsoft.com/.default.")
    token = world.directory.issue_access_token(app.client_id, None, tenant_id, [], APP_ROLES)
    return _envelope(world, token.token, token.expires_at)


def _tokens(
    world: World,
    origin: str,
    app: App,
    user: User,
    scopes: Sequence[str],
    form: Mapping[str, str],
    *,
    nonce: str = "",
    kept_scopes: Sequence[str] = (),
    family: str = "",
) -> dict[str, Any]:
    directory = world.directory
    permissions = _permissions(world, app, user, scopes)
    token = directory.issue_access_token(app.client_id, user, user.tenant_id, permissions)
    shown = [*[scope for scope in scopes if scope in {"openid", "profile", "email"}], *permissions]
    found = {**_envelope(world, token.token, token.expires_at), "scope": " ".join(shown)}
    if "offline_access" in scopes or "offline_access" in kept_scopes:
        found["refresh_token"] = directory.issue_refresh_token(app.client_id, user, kept_scopes or scopes, family)
    if "openid" in scopes:
        found["id_token"] = _id_token(world, origin, app, user, scopes, nonce)
    if form.get("client_info") == "1":
        found["client_info"] = _client_info(user)
    return found


def _permissions(world: World, app: App, user: User, scopes: Sequence[str]) -> list[str]:
    """The permissions at Graph of a token: those asked for, or with `.default` all that were consented to."""
    wanted = graph_scopes([scope for scope in scopes if scope != DEFAULT])
    if DEFAULT in scopes:
        granted = world.directory.granted(app.client_id, user.id)
        wanted = graph_scopes([scope for scope in granted if scope != DEFAULT])
    return wanted or ["User.Read"]


def _envelope(world: World, token: str, expires_at: Any) -> dict[str, Any]:
    seconds = int((expires_at - world.clock.now()).total_seconds())
    return {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token}


def _id_token(world: World, origin: str, app: App, user: User, scopes: Sequence[str], nonce: str) -> str:
    """Claims as in id-token-claims-reference; `oid` and names need the scope `profile`, the address needs `email`."""
    # Entra dates a token five minutes back, against clocks that are behind.
    now = int(world.clock.now().timestamp())
    claims: dict[str, Any] = {
        "ver": "2.0",
        "iss": f"{origin}/{user.tenant_id}/v2.0",
        "sub": _pairwise_subject(app, user),
        "aud": app.client_id,
        "exp": now + 3600,
        "iat": now - 300,
        "nbf": now - 300,
        "tid": user.tenant_id,
        "uti": secrets.token_urlsafe(16),
        "rh": "1." + secrets.token_urlsafe(20),
    }
    if "profile" in scopes:
        claims |= {"oid": user.id, "name": user.display_name, "preferred_username": user.address}
    if "email" in scopes:
        claims["email"] = user.address
    if nonce:
        claims["nonce"] = nonce
    return world.key.sign(claims)


def _pairwise_subject(app: App, user: User) -> str:
    """A name of the user that is different for every application."""
    digest = hashlib.sha256(f"{app.client_id} {user.id}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _client_info(user: User) -> str:
    """What MSAL builds its account's identifier from."""
    text = f'{{"uid":"{user.id}","utid":"{user.tenant_id}"}}'
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _user(world: World, user_id: str) -> User:
    user = world.directory.user_by_id(user_id)
    if user is None:
        raise invalid_grant(50034, "The user account does not exist in the directory.")
    return user


def _check_home(world: World, authority: str, user: User) -> None:
    if not admits(world.directory, authority, user):
        raise invalid_grant(
            700005, "The provided authorization code or token was issued to use against another tenant."
        )
