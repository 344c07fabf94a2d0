"""Control of organisations, of who is in them, and of what their administrators have consented to."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flovify.common.errors import InvalidRequest, NotFound
from flovify.sandbox.control.apps import check_permissions
from flovify.sandbox.control.bodies import no_mailbox, read_body
from flovify.sandbox.control.checks import check_address
from flovify.sandbox.directory.models import App, MailboxKind, Organization, ScopeKind, User, UserConsent
from flovify.sandbox.entra.scopes import OPENID_SCOPES
from flovify.sandbox.world import World

_PERSONAL = (
    "personal accounts are in no organisation: no kind, administrator or delegates, and only in the global cloud"
)
Name = Annotated[str, Meta(max_length=256)]


class NewMailbox(msgspec.Struct, forbid_unknown_fields=True):
    """Of somebody known only what is named here changes, and never the name.

    A `personal` (Microsoft) account is in no organisation: it has neither kind, administrators nor delegates.
    """

    address: str
    display_name: Name = ""
    kind: MailboxKind | None = None
    administrator: bool | None = None
    delegates: Annotated[list[str], Meta(max_length=256)] | None = None
    personal: bool = False

    @property
    def belongs_somewhere(self) -> bool:
        """Whether something is asked for that only members of an organisation can have."""
        return self.kind not in (None, "user") or bool(self.administrator) or bool(self.delegates)


class OrganizationBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays. In `mailbox_scope`, null lets an application reach every mailbox again."""

    display_name: Annotated[str, Meta(min_length=1, max_length=256)] | None = None
    user_consent: UserConsent | None = None
    scope_kind: ScopeKind | None = None
    mailbox_scope: dict[str, Annotated[list[str], Meta(max_length=10_000)] | None] = {}


class ConsentBody(msgspec.Struct, forbid_unknown_fields=True):
    """What an administrator grants; without scopes and roles it is all that is registered."""

    client_id: str
    scopes: list[str] | None = None
    roles: list[str] | None = None


class OrganizationControl:
    """The handlers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._directory = world.directory
        self._organizations = world.directory.organizations

    async def mailboxes(self, _request: Request) -> Response:
        plans = self._world.subscriptions.plans
        shown = [
            {
                **_user(user),
                "notifications_dropped": plans.is_muted(user.id),
                "deliveries": plans.of(user.id).settings(),
            }
            for user in self._directory.users()
        ]
        return JSONResponse({"items": shown})

    async def add_mailbox(self, request: Request) -> Response:
        wanted = await read_body(request, NewMailbox)
        address = check_address(wanted.address)
        name = wanted.display_name.strip() or address.partition("@")[0]
        if wanted.personal:
            return JSONResponse(_user(self._personal(wanted, address, name)), 201)
        delegates = None if wanted.delegates is None else [check_address(one).lower() for one in wanted.delegates]
        known = self._directory.add_user(address, name)
        if known.personal and wanted.belongs_somewhere:
            raise InvalidRequest(_PERSONAL)
        user = self._directory.change_user(
            known,
            kind=wanted.kind,
            administrator=wanted.administrator,
            delegates=delegates,
        )
        return JSONResponse(_user(user), 201)

    def _personal(self, wanted: NewMailbox, address: str, name: str) -> User:
        if wanted.belongs_somewhere or self._world.cloud.name != "global":
            raise InvalidRequest(_PERSONAL)
        try:
            return self._directory.add_personal(address, name)
        except ValueError as error:
            raise InvalidRequest(str(error)) from None

    async def organizations(self, _request: Request) -> Response:
        return JSONResponse({"items": [self._shown(one) for one in self._organizations.all()]})

    async def put(self, request: Request) -> Response:
        domain = request.path_params["domain"]
        wanted = await read_body(request, OrganizationBody)
        check_address(f"x@{domain}")
        organization = self._organizations.find(domain) or self._organizations.ensure(domain)
        scope = {**organization.mailbox_scope, **self._scope(organization, wanted)}
        kept = self._organizations.change(
            organization,
            display_name=wanted.display_name,
            user_consent=wanted.user_consent,
            scope_kind=wanted.scope_kind,
            mailbox_scope={key: value for key, value in scope.items() if value is not None},
        )
        return JSONResponse(self._shown(kept))

    def _scope(self, organization: Organization, wanted: OrganizationBody) -> dict[str, list[str] | None]:
        found: dict[str, list[str] | None] = {}
        for client_id, addresses in wanted.mailbox_scope.items():
            self._app(client_id)
            lower = None if addresses is None else [one.strip().lower() for one in addresses]
            for address in lower or []:
                user = self._directory.user_by_address(address)
                if user is None or user.tenant_id != organization.tenant_id:
                    raise no_mailbox(address)
            found[client_id.lower()] = lower
        return found

    async def grant(self, request: Request) -> Response:
        """As if an administrator had accepted on the admin consent page."""
        organization, wanted = self._organization(request), await read_body(request, ConsentBody)
        app = self._app(wanted.client_id)
        scopes = app.scopes if wanted.scopes is None else wanted.scopes
        roles = app.roles if wanted.roles is None else wanted.roles
        check_permissions(scopes, roles)
        self._organizations.consent(app.client_id, organization.tenant_id, [*scopes, *OPENID_SCOPES], roles)
        return JSONResponse(self._shown(organization), 201)

    async def withdraw(self, request: Request) -> Response:
        """Take the application out: refreshes answer 65001, its own sign-ins 700016, its tokens end at once."""
        client_id = self._app(request.path_params["client_id"]).client_id
        if not self._directory.remove_app_from(client_id, self._organization(request).tenant_id):
            raise NotFound("nobody in this organisation has consented to this application")
        return JSONResponse({"withdrawn": client_id})

    def _organization(self, request: Request) -> Organization:
        found = self._organizations.find(request.path_params["domain"])
        if found is None:
            raise NotFound("there is no such organisation; make it with PUT /_sandbox/organizations/{domain}")
        return found

    def _app(self, client_id: str) -> App:
        app = self._directory.app(client_id)
        if app is None:
            raise InvalidRequest(f"there is no application {client_id[:64]!r}; make it with POST /_sandbox/apps")
        return app

    def _shown(self, organization: Organization) -> dict[str, Any]:
        consents = self._organizations.consents(organization.tenant_id)
        return {**msgspec.to_builtins(organization), "consents": msgspec.to_builtins(consents)}


def organization_table(world: World) -> list[tuple[str, str, Any]]:
    """Method, path under /_sandbox, handler."""
    control = OrganizationControl(world)
    return [
        ("GET", "/mailboxes", control.mailboxes),
        ("POST", "/mailboxes", control.add_mailbox),
        ("GET", "/organizations", control.organizations),
        ("PUT", "/organizations/{domain}", control.put),
        ("POST", "/organizations/{domain}/consents", control.grant),
        ("DELETE", "/organizations/{domain}/consents/{client_id}", control.withdraw),
    ]


def _user(user: User) -> dict[str, Any]:
    return {
        "address": user.address,
        "display_name": user.display_name,
        "id": user.id,
        "tenant_id": user.tenant_id,
        "kind": user.kind,
        "administrator": user.administrator,
        "delegates": user.delegates,
        "personal": user.personal,
    }
