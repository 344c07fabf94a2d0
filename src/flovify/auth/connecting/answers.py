"""What a browser, or a program, is told at each step of a flow.

A browser is sent on to a constant path with a stable code: the authorization code leaves the address bar, and nothing
can redirect elsewhere (RFC 9700, 4.12). A program that asks for JSON gets the same as a problem with its status.
"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from flovify.auth.connecting import pages
from flovify.auth.connecting.admin_consent import Consented
from flovify.auth.connecting.flows import Begun, ConnectFailed, StarterGone, StateInvalid
from flovify.auth.connecting.service import Connected
from flovify.auth.connecting.store import STATE_SECONDS
from flovify.auth.errors import LinkUnusable
from flovify.common.errors import FlovifyError
from flovify.common.microsoft_errors import Words, words
from flovify.common.problems import problem_response

CONSOLE_PAGE = "/admin/tenants"
DONE_PAGE = "/auth/oauth/ms365/done"
PATH = "/auth/oauth"


class Answers:
    """Knows the flow's cookie. `stand_in`: somebody else plays Microsoft, so sandbox_auto is passed on."""

    def __init__(self, public_url: str, *, stand_in: bool) -> None:
        self._secure = public_url.startswith("https://")
        self._cookie = "__Secure-flovify_oauth_tx" if self._secure else "flovify_oauth_tx"
        self._stand_in = stand_in

    def for_stand_in(self, sandbox_auto: str) -> dict[str, str]:
        return {"sandbox_auto": sandbox_auto} if self._stand_in and sandbox_auto else {}

    def browser_secret(self, request: Request) -> str:
        """The flow's cookie, if it was sent exactly once; a second one was planted by somebody."""
        sent = request.headers.getlist("cookie")
        pairs = [pair.strip().partition("=") for header in sent for pair in header.split(";")]
        values = [value for key, _, value in pairs if key == self._cookie]
        return values[0] if len(values) == 1 else ""

    def begun(self, request: Request, begun: Begun, redirect_status: int = 302) -> Response:
        """On to Microsoft, with the cookie that binds the flow to this browser."""
        response: Response
        if _wants_json(request):
            response = JSONResponse({"authorize_url": begun.authorize_url}, headers=pages.SAFE)
        else:
            response = RedirectResponse(begun.authorize_url, status_code=redirect_status, headers=pages.SAFE)
        response.set_cookie(
            self._cookie,
            begun.browser_secret,
            max_age=STATE_SECONDS,
            path=PATH,
            secure=self._secure,
            httponly=True,
            samesite="lax",  # the way back comes from Microsoft's site; Strict would not be sent
        )
        return response

    def connected(self, request: Request, end: Connected) -> Response:
        found = {"connected": str(end.tenant.id)}
        return self._end(request, end.by_link, "connected", found)

    def consented(self, request: Request, end: Consented) -> Response:
        organization = end.organization
        found = {"organization": str(organization.id), "consent": organization.status}
        if organization.missing:
            found["missing"] = " ".join(organization.missing)
        result = "granted" if organization.status == "granted" else "pending"
        return self._end(request, end.by_link, result, found)

    def failed(self, request: Request, error: Exception) -> Response:
        """Says how a flow failed. The cookie stays where the state was none of this browser's."""
        if isinstance(error, ConnectFailed):
            return self._connect_failed(request, error)
        if isinstance(error, LinkUnusable):
            if _wants_json(request):
                return problem_response(error)
            return self._leave(f"{DONE_PAGE}?result={error.problem_code}")
        if isinstance(error, StarterGone):
            return _problem("session_ended", 403) if _wants_json(request) else self._without_cookie(pages.signed_out())
        if isinstance(error, StateInvalid):
            return _problem("state_invalid", 400) if _wants_json(request) else pages.start_again()
        raise error

    def _connect_failed(self, request: Request, error: ConnectFailed) -> Response:
        found = {"error": error.code, **({"scope": error.scope} if error.scope else {}), **_for_support(error)}
        if _wants_json(request):
            text = _words_of(error)
            extra = {**{name: value for name, value in found.items() if name != "error"}, "words": text.as_dict()}
            return self._without_cookie(
                problem_response(
                    FlovifyError(f"{text.cause} {text.action}", code=error.code, http_status=error.status, extra=extra)
                )
            )
        reason = found.get("reason", error.code)
        return self._leave(
            f"{DONE_PAGE}?{urlencode({'result': reason})}" if error.by_link else f"{CONSOLE_PAGE}?{urlencode(found)}"
        )

    def _end(self, request: Request, by_link: bool, result: str, found: dict[str, str]) -> Response:
        if _wants_json(request):
            shown = {"result": result} if by_link else {"result": result, **found}
            return self._without_cookie(JSONResponse(shown, headers=pages.SAFE))
        # Whoever came by a link learns no id of ours.
        return self._leave(f"{DONE_PAGE}?result={result}" if by_link else f"{CONSOLE_PAGE}?{urlencode(found)}")

    def _leave(self, path: str) -> Response:
        return self._without_cookie(RedirectResponse(path, status_code=303, headers=pages.SAFE))

    def _without_cookie(self, response: Response) -> Response:
        response.delete_cookie(self._cookie, path=PATH, secure=self._secure, httponly=True, samesite="lax")
        return response


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _words_of(error: ConnectFailed) -> Words:
    failure = error.failure
    if failure is not None:
        return failure.words()
    found = words(error.code) or words("authorization_failed")
    assert found is not None  # noqa: S101 - the table has it
    return found


def _for_support(error: ConnectFailed) -> dict[str, str]:
    """The cause in the table where it is closer than the code, and what Microsoft's support asks for."""
    failure = error.failure
    if failure is None:
        return {}
    told = {
        "reason": _words_of(error).code,
        "aadsts": str(failure.aadsts or ""),
        "trace_id": failure.trace_id or "",
        "correlation_id": failure.correlation_id or "",
        "at": failure.timestamp or "",
    }
    return {name: value for name, value in told.items() if value and value != error.code}


def _problem(code: str, status: int) -> Response:
    detail = {
        "session_ended": "the session that began this has ended; sign in and begin again",
        "state_invalid": "this fits no flow of this browser: it was used, took too long, or was begun elsewhere",
    }
    return problem_response(FlovifyError(detail[code], code=code, http_status=status))
