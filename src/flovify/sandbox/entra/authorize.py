"""The authorization endpoint: checks, pages, and the answer on the redirect URI (v2-oauth2-auth-code-flow)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from yarl import URL

from flovify.sandbox.directory.models import App, User
from flovify.sandbox.entra import pages
from flovify.sandbox.entra.errors import EntraError
from flovify.sandbox.entra.flows import AuthorizeRequest, Flow, check_authorize, check_client, read_scopes
from flovify.sandbox.world import World

EXTRA = "sandbox_auto"  # our own parameter: sign in and consent at once, for scripts


class Authorize:
    """GET begins a flow; POST carries on with what was picked on a page."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def get(self, request: Request) -> Response:
        """Show the account picker, or answer at once where nobody needs to be asked."""
        query = request.query_params
        try:
            app, redirect_uri = check_client(
                self._world.directory, query.get("client_id", ""), query.get("redirect_uri", "")
            )
        except EntraError as error:
            return pages.error(error.text, error.number)
        unchecked = _read(request, redirect_uri)
        try:
            asked = _checked(unchecked, query)
            return self._begin(request, app, asked, query.get(EXTRA, ""))
        except EntraError as error:
            return _redirect_error(unchecked, error)

    def _begin(self, request: Request, app: App, asked: AuthorizeRequest, auto: str) -> Response:
        if auto:
            return self._at_once(asked, auto)
        hinted = self._world.directory.user_by_address(asked.login_hint) if asked.login_hint else None
        if asked.prompt == "none":
            return self._silently(asked, hinted)
        flow = self._world.flows.begin(asked)
        if hinted and asked.prompt != "login":
            return self._picked(request, app, flow, hinted)
        users = [user for user in self._world.directory.users() if self._fits(asked, user)]
        return pages.picker(app, flow.id, request.url.path, users)

    def _at_once(self, asked: AuthorizeRequest, address: str) -> Response:
        user = self._world.directory.user_by_address(address)
        if user is None:
            return pages.error(f"{EXTRA} names no mailbox of this sandbox: {address}", 50034)
        self._world.directory.consent(asked.client_id, user.id, asked.scopes)
        return self._success(asked, user)

    def _silently(self, asked: AuthorizeRequest, user: User | None) -> Response:
        if user is None:
            raise EntraError("login_required", 50058, "A silent sign-in request was sent but no user is signed in.")
        if self._missing(asked, user):
            raise EntraError(
                "consent_required", 65001, "The user or administrator has not consented to the application."
            )
        return self._success(asked, user)

    async def post(self, request: Request) -> Response:
        """Take what was picked or decided on a page."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            flow = self._world.flows.find(form.get("flow", ""))
        except EntraError as error:
            return pages.error(error.text, error.number)
        app = self._world.directory.app(flow.request.client_id)
        user = self._world.directory.user_by_id(form.get("user") or flow.user_id)
        if app is None or user is None:
            return pages.error("The account does not exist any more. Go back and start again.", 50034)
        if "decision" in form:
            return self._decided(flow, user, form["decision"])
        return self._picked(request, app, flow, user)

    def _picked(self, request: Request, app: App, flow: Flow, user: User) -> Response:
        flow = self._world.flows.pick(flow, user)
        missing = self._missing(flow.request, user)
        if missing or flow.request.prompt == "consent":
            return pages.consent(app, flow.id, request.url.path, user, flow.request.scopes)
        self._world.flows.end(flow)
        return self._success(flow.request, user)

    def _decided(self, flow: Flow, user: User, decision: str) -> Response:
        self._world.flows.end(flow)
        if decision != "accept":
            return _redirect_error(
                flow.request,
                EntraError("access_denied", 65004, "The resource owner or authorization server denied the request."),
            )
        self._world.directory.consent(flow.request.client_id, user.id, flow.request.scopes)
        return self._success(flow.request, user)

    def _success(self, asked: AuthorizeRequest, user: User) -> Response:
        code = self._world.flows.issue_code(asked, user)
        return _answer(asked, {"code": code, "state": asked.state, "session_state": str(uuid.uuid4())})

    def _missing(self, asked: AuthorizeRequest, user: User) -> list[str]:
        granted = self._world.directory.consented(asked.client_id, user.id)
        return [scope for scope in asked.scopes if scope.lower() not in granted]

    def _fits(self, asked: AuthorizeRequest, user: User) -> bool:
        if asked.authority in {"common", "organizations"}:
            return True
        return self._world.directory.organization(asked.authority) == user.tenant_id


def _read(request: Request, redirect_uri: str) -> AuthorizeRequest:
    query = request.query_params
    challenge = query.get("code_challenge", "")
    return AuthorizeRequest(
        authority=request.path_params["authority"],
        client_id=query.get("client_id", ""),
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


def _checked(unchecked: AuthorizeRequest, query: Mapping[str, str]) -> AuthorizeRequest:
    asked = AuthorizeRequest(**{**vars(unchecked), "scopes": read_scopes(query.get("scope", ""))})
    check_authorize(asked, query.get("response_type", ""))
    return asked


def _redirect_error(asked: AuthorizeRequest, error: EntraError) -> Response:
    fields = {"error": error.error, "error_description": f"AADSTS{error.number}: {error.text}", "state": asked.state}
    return _answer(asked, fields)


def _answer(asked: AuthorizeRequest, fields: Mapping[str, str]) -> Response:
    """Carry the answer to the redirect URI in the way that was asked for."""
    given = {name: value for name, value in fields.items() if value}
    if asked.response_mode == "form_post":
        return pages.form_post(asked.redirect_uri, given)
    url = URL(asked.redirect_uri)
    target = (
        url.with_fragment(str(URL.build(query=given)).lstrip("?"))
        if asked.response_mode == "fragment"
        else url.extend_query(given)
    )
    return RedirectResponse(str(target), status_code=302, headers={"Cache-Control": "no-store"})
