"""Both admin consent endpoints (Entra: v2-admin-consent; v1 in v2-oauth2-client-creds-grant-flow).

The old one asks for everything registered and calls a refusal `permission_denied`, without state; the new one asks
for `scope` and says `admin_consent=True` on a refusal too. Neither answer proves anything to the application.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from flovify.sandbox.directory.models import App, User
from flovify.sandbox.entra import pages
from flovify.sandbox.entra.authorize import DECISION, EXTRA
from flovify.sandbox.entra.checks import CONSUMERS, admits, check_authority, check_client, check_home, read_authority
from flovify.sandbox.entra.errors import EntraError, declined, invalid_request, missing_parameter, needs_approval
from flovify.sandbox.entra.forms import read_form, read_query
from flovify.sandbox.entra.pending import Flow, PendingFlows
from flovify.sandbox.entra.scopes import DEFAULT, OPENID_SCOPES, graph_scopes, read_scopes
from flovify.sandbox.world import World


@dataclass(frozen=True)
class AdminRequest:
    """A checked request. `shown_scope` is what the answer repeats; empty at the old endpoint."""

    authority: str
    client_id: str
    redirect_uri: str
    state: str
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    shown_scope: str = ""

    @property
    def old(self) -> bool:
        return not self.shown_scope


class AdminConsent:
    """GET begins; POST carries on with what was picked on a page."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._flows: PendingFlows[AdminRequest] = PendingFlows(world.clock)

    async def get(self, request: Request) -> Response:
        """Show the account picker, or answer at once for `sandbox_auto`."""
        try:
            query = read_query(request)
            app, asked = self._read(request, query)
            if query.get(EXTRA):
                return self._at_once(asked, query[EXTRA], query.get(DECISION, "accept"))
            users = [user for user in self._world.directory.users() if self._admits(asked, user)]
            return pages.picker(app, self._flows.begin(asked).id, request.url.path, users)
        except EntraError as error:
            return pages.error(error.text, error.number)

    async def post(self, request: Request) -> Response:
        """Take what was picked or decided on a page."""
        try:
            form = await read_form(request)
            flow = self._flows.find(form.get("flow", ""))
            app, _ = check_client(self._world.directory, flow.request.client_id, flow.request.redirect_uri)
            if "decision" in form:
                return self._decided(flow, form["decision"])
            return self._picked(request, app, self._flows.pick(flow, self._user(flow.request, form.get("user", ""))))
        except EntraError as error:
            return pages.error(error.text, error.number)

    def _read(self, request: Request, query: Mapping[str, str]) -> tuple[App, AdminRequest]:
        """Every refusal here is shown, never redirected. Raises EntraError."""
        authority = read_authority(str(request.path_params["authority"]))
        old = not request.url.path.endswith("/v2.0/adminconsent")
        # Personal accounts cannot consent for anybody, so the new endpoint is not for `common`.
        if authority == CONSUMERS or (authority == "common" and not old):
            raise invalid_request(90023, f"'{authority}' cannot be used here; name 'organizations' or one tenant.")
        check_authority(self._world.directory, authority)
        if not query.get("redirect_uri"):
            raise missing_parameter("redirect_uri")
        app, redirect_uri = check_client(
            self._world.directory, query.get("client_id", ""), query.get("redirect_uri", "")
        )
        check_home(self._world.directory, app, authority)
        asked = AdminRequest(authority, app.client_id, redirect_uri, query.get("state", ""))
        return app, self._everything(app, asked) if old else self._named(app, asked, query.get("scope", ""))

    def _everything(self, app: App, asked: AdminRequest) -> AdminRequest:
        return replace(asked, scopes=tuple(app.scopes), roles=tuple(app.roles))

    def _named(self, app: App, asked: AdminRequest, text: str) -> AdminRequest:
        """Application roles come only through `.default`, with all that is registered."""
        resource = self._world.cloud.scope_prefix
        scopes = read_scopes(text, resource)
        shown = " ".join(name if name in OPENID_SCOPES else resource + name for name in scopes)
        if DEFAULT in scopes:
            asked = self._everything(app, asked)
        named = tuple(scope for scope in scopes if scope != DEFAULT)
        return replace(asked, scopes=tuple(dict.fromkeys((*asked.scopes, *named))), shown_scope=shown)

    def _at_once(self, asked: AdminRequest, address: str, decision: str) -> Response:
        user = self._world.directory.user_by_address(address)
        if user is None:
            raise EntraError("", 50034, f"{EXTRA} names no mailbox of this sandbox: {address}")
        self._check_member(asked, user)
        return self._answer(asked, user, decision)

    def _picked(self, request: Request, app: App, flow: Flow[AdminRequest]) -> Response:
        user, path = self._user(flow.request, flow.user_id), request.url.path
        if not user.administrator:
            return pages.need_approval(app, flow.id, path, user)
        scopes = graph_scopes(flow.request.scopes)
        return pages.admin_consent(app, flow.id, path, user, scopes, flow.request.roles)

    def _decided(self, flow: Flow[AdminRequest], decision: str) -> Response:
        """The decision is that of the account picked before, whatever else the form says."""
        user = self._user(flow.request, flow.user_id)
        self._flows.end(flow)
        return self._answer(flow.request, user, decision)

    def _answer(self, asked: AdminRequest, user: User, decision: str) -> Response:
        demanded = self._world.demanded.take("adminconsent", asked.client_id, user.address)
        if demanded is not None:
            return _refused(asked, demanded)
        if not user.administrator:
            return _refused(asked, needs_approval())
        if decision != "accept":
            return _refused(asked, declined())
        # Signing in and staying signed in are allowed along with any permission.
        scopes = [*asked.scopes, *OPENID_SCOPES]
        self._world.directory.organizations.consent(asked.client_id, user.tenant_id, scopes, asked.roles)
        fields = {"admin_consent": "True", "tenant": user.tenant_id, "scope": asked.shown_scope, "state": asked.state}
        return _redirect(asked, fields)

    def _user(self, asked: AdminRequest, user_id: str) -> User:
        user = self._world.directory.user_by_id(user_id)
        if user is None:
            raise EntraError("", 50034, "The account does not exist. Go back to the application and start again.")
        self._check_member(asked, user)
        return user

    def _check_member(self, asked: AdminRequest, user: User) -> None:
        if not self._admits(asked, user):
            raise EntraError("", 50020, f"User account '{user.address}' cannot sign in to '{asked.authority}'.")

    def _admits(self, asked: AdminRequest, user: User) -> bool:
        return admits(self._world.directory, asked.authority, user)


def _refused(asked: AdminRequest, error: EntraError) -> Response:
    if asked.old:
        return _redirect(asked, {"error": "permission_denied", "error_description": error.description})
    # What an administrator declines is `consent_required` here; other failures keep their name.
    kind = "consent_required" if error.error == "access_denied" else error.error
    fields = {"admin_consent": "True", "error": kind, "error_description": error.description, "state": asked.state}
    return _redirect(asked, fields)


def _redirect(asked: AdminRequest, fields: Mapping[str, str]) -> Response:
    given = {name: value for name, value in fields.items() if value}
    target = f"{asked.redirect_uri}{'&' if '?' in asked.redirect_uri else '?'}{urlencode(given)}"
    return RedirectResponse(target, status_code=302, headers={"Cache-Control": "no-store"})
