"""The OAuth flow under the console's own host, so that one port is enough on one machine."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from flovify.bff.errors import NotSignedIn
from flovify.bff.proxy.answers import PassedAnswer
from flovify.bff.proxy.headers import flow_headers, upstream_headers
from flovify.bff.proxy.upstream import Upstream
from flovify.bff.session.cookies import SessionCookie
from flovify.bff.session.csrf import check_csrf
from flovify.bff.session.service import Sessions
from flovify.common.clouds import CLOUDS

PROVIDERS = ("ms365",)
BEGINNINGS = ("authorize", "adminconsent")
# A cloud of its own has a redirect URI of its own; `common.clouds` knows which there are.
ENDINGS = ("callback", *(f"callback/{cloud}" for cloud in CLOUDS if cloud != "global"), "adminconsent/callback")
LINK_PATHS = tuple(f"/auth/oauth/{provider}/link" for provider in PROVIDERS)
MAX_LINK_BODY = 4096
SIGN_IN_PAGE = "/sign-in?return=%2Fadmin%2Ftenants%3Fconnect%3D1"


def oauth_routes(auth: Upstream, sessions: Sessions, cookie: SessionCookie) -> list[Route]:
    """For each provider: the address to go to as JSON, the steps a browser navigates to, and a link's page."""
    door = OAuthDoor(auth, sessions, cookie)
    return [route for provider in PROVIDERS for route in _flow(f"/auth/oauth/{provider}", door)]


def _flow(flow: str, door: OAuthDoor) -> list[Route]:
    routes = [Route(f"/bff{flow}/{name}", door.authorize_url, methods=["GET"]) for name in BEGINNINGS]
    routes += [Route(f"{flow}/{name}", door.authorize, methods=["GET"]) for name in BEGINNINGS]
    routes += [Route(f"{flow}/{name}", door.callback, methods=["GET"]) for name in ENDINGS]
    routes.append(Route(f"{flow}/done", door.page, methods=["GET"]))
    routes.append(Route(f"{flow}/link", door.link, methods=["GET", "POST"]))
    for route in routes:
        # Starlette adds HEAD; a link checker's HEAD must not use up a code.
        route.methods = (route.methods or set()) - {"HEAD"}
    return routes


class OAuthDoor:
    """Passes to auth what it needs: the session's access token at the start, the flow's own cookie at the end."""

    def __init__(self, auth: Upstream, sessions: Sessions, cookie: SessionCookie) -> None:
        self._auth = auth
        self._sessions = sessions
        self._cookie = cookie

    async def authorize_url(self, request: Request) -> Response:
        """{"authorize_url": …} to send the browser to; the flow's cookie comes with it."""
        check_csrf(request)
        token = (await self._sessions.access(self._cookie.read(request))).token
        headers = {**upstream_headers(request, token), "accept": "application/json"}
        return await self._pass_on(request, request.url.path.removeprefix("/bff"), headers)

    async def authorize(self, request: Request) -> Response:
        """Redirect to Microsoft, for the session of the cookie or for a program's own access token.

        The session cookie is SameSite=Strict, so that a link on another site cannot start this.
        """
        headers = upstream_headers(request)
        try:
            headers["Authorization"] = await self._authorization(request)
        except NotSignedIn:
            if "text/html" in request.headers.get("accept", ""):
                return RedirectResponse(SIGN_IN_PAGE, status_code=303)
            raise
        return await self._pass_on(request, request.url.path, headers)

    async def callback(self, request: Request) -> Response:
        """Where Microsoft sends the browser: the session cookie does not come along, the flow's cookie does."""
        headers = upstream_headers(request)
        flow = self._cookie.read_flow(request)
        if flow:
            headers["Cookie"] = f"{self._cookie.tx_name}={flow}"
        return await self._pass_on(request, request.url.path, headers)

    async def page(self, request: Request) -> Response:
        """A constant page of auth's, for people without an account here: neither session nor cookie goes along."""
        return await self._pass_on(request, request.url.path, upstream_headers(request))

    async def link(self, request: Request) -> Response:
        """A link's page, and what its button sends: the link's token in a body, from our own page only."""
        if request.method == "GET":
            return await self.page(request)
        check_csrf(request)
        body = await request.body()
        return await self._pass_on(request, request.url.path, upstream_headers(request), "POST", body)

    async def _authorization(self, request: Request) -> str:
        session_token = self._cookie.read(request)
        own = request.headers.get("authorization")
        if own and not session_token:
            return own
        return f"Bearer {(await self._sessions.access(session_token)).token}"

    async def _pass_on(
        self, request: Request, path: str, headers: dict[str, str], method: str = "GET", body: bytes | None = None
    ) -> Response:
        url = self._auth.url(path, request.scope["query_string"])
        response = await self._auth.send(method, url, headers, body)
        return PassedAnswer(response, flow_headers(response, self._cookie.tx_name))
