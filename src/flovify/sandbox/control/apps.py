"""Control of application registrations: their credentials, what they ask for, and where they may be used."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flovify.common.errors import InvalidRequest, NotFound
from flovify.sandbox.control.bodies import read_body
from flovify.sandbox.control.checks import check_redirect_uri
from flovify.sandbox.directory.models import App, Certificate, Secret
from flovify.sandbox.directory.registrations import DEFAULT_ROLES, DEFAULT_SCOPES, NewApp, new_secret
from flovify.sandbox.entra.scopes import APP_ROLES, WORDS
from flovify.sandbox.world import World

Uris = Annotated[list[str], Meta(max_length=256)]
Pem = Annotated[str, Meta(max_length=50_000)]
Seconds = Annotated[float, Meta(ge=0, le=10 * 366 * 86400)]


class AppBody(msgspec.Struct, forbid_unknown_fields=True):
    """`tenancy`: `multi`, or the domain of the only organisation. `client_secret` empty: one is made up.

    `certificate_pem` (one or several) registers certificates; with `client_secret` null there is no secret then.
    """

    display_name: Annotated[str, Meta(min_length=1, max_length=256)]
    redirect_uris: Uris = []
    client_id: Annotated[str, Meta(max_length=36)] = ""
    client_secret: Annotated[str, Meta(max_length=256)] | None = ""
    secret_expires_in_seconds: Seconds | None = None
    certificate_pem: Pem | list[Pem] = []
    scopes: list[str] = msgspec.field(default_factory=lambda: list(DEFAULT_SCOPES))
    roles: list[str] = msgspec.field(default_factory=lambda: list(DEFAULT_ROLES))
    tenancy: Annotated[str, Meta(min_length=1, max_length=254)] = "multi"


class AppChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays. New permissions count once an administrator has consented again."""

    display_name: Annotated[str, Meta(min_length=1, max_length=256)] | None = None
    redirect_uris: Uris | None = None
    scopes: list[str] | None = None
    roles: list[str] | None = None
    tenancy: Annotated[str, Meta(min_length=1, max_length=254)] | None = None


class NewCredential(msgspec.Struct, forbid_unknown_fields=True):
    """A secret (made up when empty), or a certificate."""

    client_secret: Annotated[str, Meta(max_length=256)] = ""
    expires_in_seconds: Seconds | None = None
    certificate_pem: Pem = ""


class Expire(msgspec.Struct, forbid_unknown_fields=True):
    """Without a key id all credentials expire."""

    key_id: str | None = None


class AppControl:
    """The handlers; secrets are answered once, when they are made."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._registrations = world.directory.registrations

    async def apps(self, _request: Request) -> Response:
        return JSONResponse({"items": [_app(app) for app in self._registrations.all()]})

    async def add(self, request: Request) -> Response:
        wanted = await read_body(request, AppBody)
        _check(wanted.redirect_uris, wanted.scopes, wanted.roles)
        pems = [wanted.certificate_pem] if isinstance(wanted.certificate_pem, str) else wanted.certificate_pem
        if wanted.client_secret is None and not pems:
            raise InvalidRequest("an application needs a client_secret or a certificate_pem")
        secret = "" if wanted.client_secret is None else wanted.client_secret or new_secret()
        new = NewApp(
            wanted.display_name,
            wanted.redirect_uris,
            wanted.client_id,
            secret,
            self._expiry(wanted.secret_expires_in_seconds),
            pems,
            tuple(wanted.scopes),
            tuple(wanted.roles),
            self._home(wanted.tenancy),
        )
        try:
            app = self._registrations.register(new)
        except ValueError as error:
            raise InvalidRequest(str(error)) from None
        shown = {"client_id": app.client_id} | ({"client_secret": secret} if secret else {})
        return JSONResponse(shown, 201)

    async def change(self, request: Request) -> Response:
        app, wanted = self._app(request), await read_body(request, AppChange)
        _check(wanted.redirect_uris or [], wanted.scopes or [], wanted.roles or [])
        kept = self._registrations.change(
            app,
            display_name=wanted.display_name,
            redirect_uris=wanted.redirect_uris,
            scopes=wanted.scopes,
            roles=wanted.roles,
            home=None if wanted.tenancy is None else self._home(wanted.tenancy),
        )
        return JSONResponse(_app(kept))

    async def add_credential(self, request: Request) -> Response:
        app, wanted = self._app(request), await read_body(request, NewCredential)
        if wanted.certificate_pem:
            try:
                certificate = self._registrations.add_certificate(app, wanted.certificate_pem)
            except ValueError as error:
                raise InvalidRequest(str(error)) from None
            return JSONResponse(_certificate(certificate), 201)
        text = wanted.client_secret or new_secret()
        secret = self._registrations.add_secret(app, text, self._expiry(wanted.expires_in_seconds))
        return JSONResponse({**_secret(secret), "client_id": app.client_id, "client_secret": text}, 201)

    async def expire(self, request: Request) -> Response:
        app = self._app(request)
        wanted = await read_body(request, Expire) if await request.body() else Expire()
        count = self._registrations.expire(app, wanted.key_id)
        if wanted.key_id is not None and not count:
            raise NotFound("there is no such credential")
        return JSONResponse({"expired": count})

    async def remove_credential(self, request: Request) -> Response:
        if not self._registrations.remove(self._app(request), request.path_params["key_id"]):
            raise NotFound("there is no such credential")
        return JSONResponse({"removed": 1})

    def _app(self, request: Request) -> App:
        app = self._registrations.find(request.path_params["client_id"])
        if app is None:
            raise NotFound("there is no such application; make it with POST /_sandbox/apps")
        return app

    def _expiry(self, seconds: float | None) -> datetime | None:
        return None if seconds is None else self._world.clock.now() + timedelta(seconds=seconds)

    def _home(self, tenancy: str) -> str:
        """The domain of a single-tenant registration, empty for a multi-tenant one; the organisation is made."""
        return "" if tenancy == "multi" else self._world.directory.organizations.ensure(tenancy).domain


def app_table(world: World) -> list[tuple[str, str, Any]]:
    """Method, path under /_sandbox, handler."""
    control = AppControl(world)
    return [
        ("GET", "/apps", control.apps),
        ("POST", "/apps", control.add),
        ("PATCH", "/apps/{client_id}", control.change),
        ("POST", "/apps/{client_id}/secrets", control.add_credential),
        ("POST", "/apps/{client_id}/secrets/expire", control.expire),
        ("DELETE", "/apps/{client_id}/secrets/{key_id}", control.remove_credential),
    ]


def _check(redirect_uris: list[str], scopes: list[str], roles: list[str]) -> None:
    for uri in redirect_uris:
        check_redirect_uri(uri)
    check_permissions(scopes, roles)


def check_permissions(scopes: list[str], roles: list[str]) -> None:
    """Raises InvalidRequest for a name that is no permission here."""
    unknown = [name for name in scopes if name not in WORDS] + [name for name in roles if name not in APP_ROLES]
    if unknown:
        raise InvalidRequest(
            f"{unknown[0]!r} is no permission of this sandbox; scopes are {', '.join(WORDS)}; "
            f"roles are {', '.join(APP_ROLES)}"
        )


def _app(app: App) -> dict[str, Any]:
    return {
        "client_id": app.client_id,
        "display_name": app.display_name,
        "redirect_uris": app.redirect_uris,
        "scopes": app.scopes,
        "roles": app.roles,
        "tenancy": app.home or "multi",
        "credentials": [*map(_secret, app.secrets), *map(_certificate, app.certificates)],
    }


def _secret(secret: Secret) -> dict[str, Any]:
    return {"key_id": secret.key_id, "kind": "secret", "expires_at": _time(secret.expires_at)}


def _certificate(certificate: Certificate) -> dict[str, Any]:
    return {
        "key_id": certificate.key_id,
        "kind": "certificate",
        "expires_at": _time(certificate.expires_at),
        "x5t#S256": certificate.sha256,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
