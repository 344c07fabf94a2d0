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

PROVIDERS = ("ms365",)
SIGN_IN_PAGE = "/?error=session_ended"


def oauth_routes(auth: Upstream, sessions: Sessions, cookie: SessionCookie) -> list[Route]:
    """For each provider: the address to go to as JSON, and the two steps a browser navigates to."""
    door = OAuthDoor(auth, sessions, cookie)
    routes: list[Route] = []
    for provider in PROVIDERS:
        flow = f"/auth/oauth/{provider}"
        routes.append(Route(f"/bff{flow}/authorize", door.authorize_url, methods=["GET"]))
        routes.append(Route(f"{flow}/authorize", door.authorize, methods=["GET"]))
        routes.append(Route(f"{flow}/callback", door.callback, methods=["GET"]))
    for route in routes:
        route.methods = {"GET"}  # Starlette adds HEAD; a link checker's HEAD must not use up a code
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

    async def _authorization(self, request: Request) -> str:
        session_token = self._cookie.read(request)
        own = request.headers.get("authorization")
        if own and not session_token:
            return own
        return f"Bearer {(await self._sessions.access(session_token)).token}"

    async def _pass_on(self, request: Request, path: str, headers: dict[str, str]) -> Response:
        url = self._auth.url(path, request.scope["query_string"])
        response = await self._auth.send("GET", url, headers)
        return PassedAnswer(response, flow_headers(response, self._cookie.tx_name))
