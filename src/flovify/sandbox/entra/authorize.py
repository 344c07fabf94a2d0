"""The authorization endpoint: checks, pages, and the answer on the redirect URI (v2-oauth2-auth-code-flow)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from flovify.sandbox.directory.models import App, User
from flovify.sandbox.entra import pages
from flovify.sandbox.entra.checks import (
    admits,
    check_authority,
    check_authorize,
    check_client,
    check_home,
    read_authority,
)
from flovify.sandbox.entra.errors import EntraError, declined, needs_approval
from flovify.sandbox.entra.flows import AuthorizeRequest
from flovify.sandbox.entra.forms import read_form, read_query
from flovify.sandbox.entra.pending import Flow
from flovify.sandbox.entra.scopes import DEFAULT, blocked_for_mail, read_scopes
from flovify.sandbox.world import World

EXTRA = "sandbox_auto"  # our own parameter: sign in and consent at once, for scripts
DECISION = "sandbox_decision"  # beside it: what is pressed on the consent page, `accept` unless said otherwise


class ShownError(Exception):
    """A refusal that is shown to the person, because there is no redirect URI that may be trusted with it."""

    def __init__(self, error: EntraError) -> None:
        super().__init__(error.text)
        self.error = error


class Authorize:
    """GET begins a flow; POST carries on with what was picked on a page."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def get(self, request: Request) -> Response:
        """Show the account picker, or answer at once where nobody needs to be asked."""
        try:
            query = read_query(request)
            check_authority(self._world.directory, _authority(request))
            app, redirect_uri = check_client(
                self._world.directory, query.get("client_id", ""), query.get("redirect_uri", "")
            )
            check_home(self._world.directory, app, _authority(request))
            asked = _read(_authority(request), app, redirect_uri, query)
            return self._begin_or_refuse(request, app, asked, query)
        except EntraError as error:
            return pages.error(error.text, error.number)
        except ShownError as shown:
            return pages.error(shown.error.text, shown.error.number)

    async def post(self, request: Request) -> Response:
        """Take what was picked or decided on a page."""
        try:
            form = await read_form(request)
            flow = self._world.flows.find(form.get("flow", ""))
            app, _ = check_client(self._world.directory, flow.request.client_id, flow.request.redirect_uri)
            if "decision" in form:
                return self._decided(flow, form["decision"])
            return self._picked(request, app, flow, self._user(flow, form.get("user", "")))
        except EntraError as error:
            return pages.error(error.text, error.number)

    def _begin_or_refuse(
        self, request: Request, app: App, asked: AuthorizeRequest, query: Mapping[str, str]
    ) -> Response:
        """From here on a refusal goes to the redirect URI, which has been checked."""
        try:
            check_authorize(asked, query.get("response_type", ""))
            asked = asked.with_scopes(read_scopes(query.get("scope", ""), self._world.cloud.scope_prefix))
            return self._begin(request, app, asked, query)
        except EntraError as error:
            return _redirect_error(asked, error)

    def _begin(self, request: Request, app: App, asked: AuthorizeRequest, query: Mapping[str, str]) -> Response:
        if query.get(EXTRA):
            return self._at_once(asked, query[EXTRA], query.get(DECISION, "accept"))
        users = [user for user in self._world.directory.users() if self._admits(asked, user)]
        hinted = next((user for user in users if user.address == asked.login_hint.strip().lower()), None)
        if asked.prompt == "none":
            return self._silently(asked, hinted)
        flow = self._world.flows.begin(asked)
        if hinted and asked.prompt != "login":
            return self._picked(request, app, flow, hinted)
        return pages.picker(app, flow.id, request.url.path, users)

    def _at_once(self, asked: AuthorizeRequest, address: str, decision: str) -> Response:
        user = self._world.directory.user_by_address(address)
        if user is None:
            raise ShownError(EntraError("", 50034, f"{EXTRA} names no mailbox of this sandbox: {address}"))
        self._check_signs_in(asked, user)
        if self._needs_approval(asked, user):
            raise needs_approval()
        if decision != "accept":
            raise declined()
        self._world.directory.consent(asked.client_id, user.id, asked.scopes)
        return self._success(asked, user)

    def _check_signs_in(self, asked: AuthorizeRequest, user: User) -> None:
        if not user.signs_in:
            raise ShownError(
                EntraError("", 50057, "The user account is disabled. Nobody signs in to a shared mailbox.")
            )
        if not self._admits(asked, user):
            raise ShownError(_not_in_tenant(asked, user.address))

    def _silently(self, asked: AuthorizeRequest, user: User | None) -> Response:
        if user is None:
            raise EntraError("login_required", 50058, "A silent sign-in request was sent but no user is signed in.")
        if self._missing(asked, user):
            raise EntraError(
                "interaction_required", 65001, "The user or administrator has not consented to use the application."
            )
        return self._success(asked, user)

    def _user(self, flow: Flow[AuthorizeRequest], user_id: str) -> User:
        user = self._world.directory.user_by_id(user_id)
        if user is None:
            raise EntraError("", 50034, "The account does not exist. Go back to the application and start again.")
        if not self._admits(flow.request, user):
            raise _not_in_tenant(flow.request, user.address)
        return user

    def _picked(self, request: Request, app: App, flow: Flow[AuthorizeRequest], user: User) -> Response:
        if self._needs_approval(flow.request, user):
            return pages.need_approval(app, self._world.flows.pick(flow, user).id, request.url.path, user)
        flow = self._world.flows.pick(flow, user)
        if self._missing(flow.request, user) or flow.request.prompt == "consent":
            return pages.consent(app, flow.id, request.url.path, user, flow.request.scopes)
        self._world.flows.end(flow)
        return self._success(flow.request, user)

    def _decided(self, flow: Flow[AuthorizeRequest], decision: str) -> Response:
        """The decision is that of the account picked before, whatever else the form says."""
        user = self._user(flow, flow.user_id)
        self._world.flows.end(flow)
        if self._needs_approval(flow.request, user):
            return _redirect_error(flow.request, needs_approval())
        if decision != "accept":
            return _redirect_error(flow.request, declined())
        self._world.directory.consent(flow.request.client_id, user.id, flow.request.scopes)
        return self._success(flow.request, user)

    def _success(self, asked: AuthorizeRequest, user: User) -> Response:
        """A code, unless a failure was asked for by POST /_sandbox/token-errors."""
        demanded = self._world.demanded.take("authorize", asked.client_id, user.address)
        if demanded is not None:
            return _redirect_error(asked, demanded)
        code = self._world.flows.issue_code(asked, user)
        return _answer(asked, {"code": code, "state": asked.state, "session_state": str(uuid.uuid4())})

    def _missing(self, asked: AuthorizeRequest, user: User) -> list[str]:
        granted = self._world.directory.consented(asked.client_id, user.id)
        return [scope for scope in asked.scopes if scope.lower() not in granted]

    def _needs_approval(self, asked: AuthorizeRequest, user: User) -> bool:
        """Whether the organisation's policy forbids this user to consent to what is missing."""
        organization = self._world.directory.organizations.find(user.tenant_id)
        if user.administrator or organization is None or organization.user_consent == "open":
            return False
        app = self._world.directory.app(asked.client_id)
        wanted = [*asked.scopes, *(app.scopes if app and DEFAULT in asked.scopes else [])]
        granted = self._world.directory.consented(asked.client_id, user.id)
        return bool(blocked_for_mail(scope for scope in wanted if scope.lower() not in granted))

    def _admits(self, asked: AuthorizeRequest, user: User) -> bool:
        return admits(self._world.directory, asked.authority, user)


def _authority(request: Request) -> str:
    return read_authority(str(request.path_params["authority"]))


def _not_in_tenant(asked: AuthorizeRequest, address: str) -> EntraError:
    return EntraError("", 50020, f"User account '{address}' does not exist in tenant '{asked.authority}'.")


def _read(authority: str, app: App, redirect_uri: str, query: Mapping[str, str]) -> AuthorizeRequest:
    challenge = query.get("code_challenge", "")
    return AuthorizeRequest(
        authority=authority,
        client_id=app.client_id,
        redirect_uri=redirect_uri,
        scopes=(),
        state=query.get("state", ""),
        nonce=query.get("nonce", ""),
        response_mode=query.get("response_mode", "query"),
        prompt=query.get("prompt", ""),
        login_hint=query.get("login_hint", ""),
        code_challenge=challenge,
        # Without a method the challenge is taken as plain (v2-oauth2-auth-code-flow).
        code_challenge_method=query.get("code_challenge_method", "plain" if challenge else ""),
    )


def _redirect_error(asked: AuthorizeRequest, error: EntraError) -> Response:
    fields = {"error": error.error, "error_description": error.description, "state": asked.state}
    return _answer(asked, fields)


def _answer(asked: AuthorizeRequest, fields: Mapping[str, str]) -> Response:
    """Carry the answer to the redirect URI in the way that was asked for."""
    given = {name: value for name, value in fields.items() if value}
    if asked.response_mode == "form_post":
        return pages.form_post(asked.redirect_uri, given)
    mark = "#" if asked.response_mode == "fragment" else "&" if "?" in asked.redirect_uri else "?"
    target = f"{asked.redirect_uri}{mark}{urlencode(given)}"
    return RedirectResponse(target, status_code=302, headers={"Cache-Control": "no-store"})
