"""The token endpoint's three grants (v2-oauth2-auth-code-flow, refresh-tokens, v2-oauth2-client-creds-grant-flow)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flovify.sandbox.directory.models import App, RefreshToken, User
from flovify.sandbox.entra.checks import CONSUMERS, SHARED, admits, check_authority
from flovify.sandbox.entra.credentials import authenticate
from flovify.sandbox.entra.errors import (
    EntraError,
    invalid_grant,
    invalid_request,
    missing_parameter,
    no_consent,
    unknown_application,
)
from flovify.sandbox.entra.scopes import DEFAULT, graph_scopes, read_scopes
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
    app = authenticate(world, authority, origin, form, headers)
    return handlers[grant](world, authority, origin, form, app)


def _code(world: World, authority: str, origin: str, form: Mapping[str, str], app: App) -> dict[str, Any]:
    for name in ("code", "redirect_uri"):
        if not form.get(name):
            raise missing_parameter(name)
    _check_demand(world, app, form, world.flows.owner(form["code"]))
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
    _check_demand(world, app, form, token.user_id)
    _check_refresh(world, token)
    user = _user(world, token.user_id)
    _check_home(world, authority, user)
    asked = read_scopes(form["scope"], world.cloud.scope_prefix) if form.get("scope") else tuple(token.scopes)
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
    """A token with the roles an administrator has granted, none where only people have consented."""
    organization = world.directory.organizations.find(authority)
    if authority in (*SHARED, CONSUMERS) or organization is None:
        raise invalid_request(50194, f"The endpoint '/{authority}' is not for this grant; use one organisation's.")
    if not form.get("scope"):
        raise missing_parameter("scope")
    wanted = world.cloud.scope_prefix + DEFAULT
    if form["scope"].split() != [wanted]:
        raise EntraError("invalid_scope", 1002012, f"The scope must be {wanted}.")
    _check_demand(world, app, form, "")
    if not world.directory.present(app, organization.tenant_id):
        raise unknown_application(app.client_id, organization.display_name)
    granted = world.directory.organizations.consent_of(app.client_id, organization.tenant_id)
    roles = granted.roles if granted else []
    token = world.directory.issue_access_token(app.client_id, None, organization.tenant_id, [], roles)
    return _envelope(world, token.token, token.expires_at)


def _check_demand(world: World, app: App, form: Mapping[str, str], user_id: str) -> None:
    """Raises the EntraError that was asked for by POST /_sandbox/token-errors, if there is one for this request."""
    user = world.directory.user_by_id(user_id)
    demanded = world.demanded.take("token", app.client_id, user.address if user else "", form["grant_type"])
    if demanded is not None:
        raise demanded


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


def _envelope(world: World, token: str, expires_at: datetime) -> dict[str, Any]:
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
        claims |= {"oid": user.oid, "name": user.display_name, "preferred_username": user.address}
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
    text = f'{{"uid":"{user.oid}","utid":"{user.tenant_id}"}}'
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
