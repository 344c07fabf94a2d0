"""The OAuth flow over HTTP: the administrator's browser goes to Microsoft and comes back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from flovify.auth.errors import AccountMismatch
from flovify.auth.oauth.service import Callback, ConnectFailed, OAuthService, StateInvalid
from flovify.auth.oauth.store import STATE_SECONDS
from flovify.common.jwt import Principal, RequireRole

CONSOLE_PAGE = "/admin/tenants"
_SAFE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_START_AGAIN = (
    "<!doctype html><meta charset=utf-8><title>Start again</title><h1>Please start again</h1>"
    "<p>This sign-in cannot be completed: it was used before, took more than ten minutes, or was begun in another "
    "browser. Nothing was changed. Go back to Flovify and connect the account again.</p>"
)


def router(service: OAuthService, administrator: RequireRole, *, public_url: str) -> APIRouter:
    """Authorize and callback for Microsoft 365."""
    routes = APIRouter(prefix="/auth/oauth/ms365", tags=["connecting"])
    secure = public_url.startswith("https://")
    cookie = "__Secure-flovify_oauth_tx" if secure else "flovify_oauth_tx"

    @routes.get("/authorize", summary="Begin to connect an account: redirects to Microsoft")
    async def authorize(
        request: Request,
        principal: Principal = Depends(administrator),
        login_hint: Annotated[str, Query(max_length=254)] = "",
        prompt: Annotated[str, Query(max_length=32)] = "",
        tenant_id: UUID | None = None,
        sandbox_auto: Annotated[str, Query(max_length=254)] = "",
    ) -> Response:
        extra = {"login_hint": login_hint, "prompt": prompt, "sandbox_auto": sandbox_auto}
        begun = await service.begin(UUID(principal.session_id), tenant_id, extra)
        response: Response
        if "application/json" in request.headers.get("accept", ""):
            response = JSONResponse({"authorize_url": begun.authorize_url}, headers=_SAFE)
        else:
            response = RedirectResponse(begun.authorize_url, status_code=302, headers=_SAFE)
        response.set_cookie(
            cookie,
            begun.browser_secret,
            max_age=STATE_SECONDS,
            path="/auth/oauth",
            secure=secure,
            httponly=True,
            samesite="lax",  # the way back comes from Microsoft's site; Strict would not be sent
        )
        return response

    @routes.get("/callback", summary="Where Microsoft sends the browser back to")
    async def callback(request: Request) -> Response:
        query = request.query_params
        came = Callback(
            state=query.get("state", ""),
            code=query.get("code", ""),
            error=query.get("error", ""),
            error_description=query.get("error_description", ""),
            issuer=query.get("iss", ""),
            admin_consent=query.get("admin_consent", ""),
            browser_secret=_only_cookie(request, cookie),
        )
        try:
            tenant = await service.finish(came)
            response = _to_console(f"connected={tenant.id}")
        except StateInvalid:
            headers = {**_SAFE, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
            return HTMLResponse(_START_AGAIN, status_code=400, headers=headers)
        except ConnectFailed as error:
            response = _to_console(f"error={error.code}" + (f"&scope={error.scope}" if error.scope else ""))
        except AccountMismatch as error:
            response = _to_console(f"error={error.problem_code}")
        response.delete_cookie(cookie, path="/auth/oauth", secure=secure, httponly=True, samesite="lax")
        return response

    return routes


def _only_cookie(request: Request, name: str) -> str:
    """The value of a cookie that was sent exactly once; a second one was planted by somebody."""
    pairs = [pair.strip().partition("=") for header in request.headers.getlist("cookie") for pair in header.split(";")]
    values = [value for key, _, value in pairs if key == name]
    return values[0] if len(values) == 1 else ""


def _to_console(query: str) -> Response:
    """303 to a constant path: the code leaves the address bar, and nothing can redirect elsewhere (RFC 9700, 4.12)."""
    return RedirectResponse(f"{CONSOLE_PAGE}?{query}", status_code=303, headers=_SAFE)
