"""The flows over HTTP: a browser goes to Microsoft and comes back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from flovify.auth.connecting import pages
from flovify.auth.connecting.admin_consent import AdminConsentService, ConsentCallback
from flovify.auth.connecting.answers import Answers
from flovify.auth.connecting.flows import ConnectFailed, Starter, StarterGone, StateInvalid
from flovify.auth.connecting.service import Callback, OAuthService
from flovify.auth.errors import LinkUnusable
from flovify.auth.tenants.models import Subscribe
from flovify.common.jwt import Principal, RequireRole

OtherCloud = Annotated[str, Path(pattern="^(usgov|dod|china)$")]


def router(
    service: OAuthService, consent: AdminConsentService, administrator: RequireRole, answers: Answers
) -> APIRouter:
    """Authorize, admin consent and their ways back, for Microsoft 365."""
    routes = APIRouter(prefix="/auth/oauth/ms365", tags=["connecting"])

    @routes.get("/authorize", summary="Begin to connect an account: redirects to Microsoft")
    async def authorize(
        request: Request,
        principal: Principal = Depends(administrator),
        login_hint: Annotated[str, Query(max_length=254)] = "",
        prompt: Annotated[str, Query(max_length=32)] = "",
        tenant_id: UUID | None = None,
        registration_id: UUID | None = None,
        sandbox_auto: Annotated[str, Query(max_length=254)] = "",
        subscribe: Subscribe | None = None,
        mailbox: Annotated[str, Query(max_length=254)] = "",
    ) -> Response:
        """`mailbox`: the address or object id of a mailbox that is shared with whoever signs in, to be connected
        instead of their own. Microsoft announces nothing of such a mailbox, so it is polled.
        """
        extra = {"login_hint": login_hint, "prompt": prompt, **answers.for_stand_in(sandbox_auto)}
        starter = Starter(session_id=UUID(principal.session_id), subscribe=subscribe, mailbox=mailbox or None)
        return answers.begun(request, await service.begin(starter, registration_id, tenant_id, extra))

    @routes.get("/adminconsent", summary="Begin an organisation's approval: redirects its administrator to Microsoft")
    async def admin_consent(
        request: Request,
        principal: Principal = Depends(administrator),
        registration_id: UUID | None = None,
        organization: Annotated[str, Query(max_length=36)] = "",
        sandbox_auto: Annotated[str, Query(max_length=254)] = "",
    ) -> Response:
        starter = Starter(session_id=UUID(principal.session_id))
        extra = answers.for_stand_in(sandbox_auto)
        return answers.begun(request, await consent.begin(starter, registration_id, organization, extra))

    @routes.get("/adminconsent/callback", summary="Where Microsoft sends an organisation's administrator back to")
    async def admin_consent_callback(request: Request) -> Response:
        query = request.query_params
        came = ConsentCallback(
            state=query.get("state", ""),
            browser_secret=answers.browser_secret(request),
            organization=query.get("tenant", ""),
            error=query.get("error", ""),
            error_description=query.get("error_description", ""),
        )
        try:
            return answers.consented(request, await consent.finish(came))
        except (StateInvalid, StarterGone, LinkUnusable, ConnectFailed) as error:
            return answers.failed(request, error)

    async def finish(request: Request, cloud: str) -> Response:
        query = request.query_params
        came = Callback(
            state=query.get("state", ""),
            code=query.get("code", ""),
            error=query.get("error", ""),
            error_description=query.get("error_description", ""),
            issuer=query.get("iss", ""),
            admin_consent=query.get("admin_consent", ""),
            browser_secret=answers.browser_secret(request),
            cloud=cloud,
        )
        try:
            return answers.connected(request, await service.finish(came))
        except (StateInvalid, StarterGone, LinkUnusable, ConnectFailed) as error:
            return answers.failed(request, error)

    @routes.get("/callback", summary="Where Microsoft sends the browser back to")
    async def callback(request: Request) -> Response:
        return await finish(request, "global")

    @routes.get("/callback/{cloud}", summary="The same for another of Microsoft's clouds")
    async def callback_of_cloud(request: Request, cloud: OtherCloud) -> Response:
        return await finish(request, cloud)

    @routes.get("/done", summary="How a flow begun by a link ended", include_in_schema=False)
    async def done(result: Annotated[str, Query(max_length=64)] = "") -> Response:
        return pages.done(result)

    return routes
