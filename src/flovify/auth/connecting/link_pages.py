"""A link's page, and what its button does; open to whoever has the link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from flovify.auth.connecting import pages
from flovify.auth.connecting.admin_consent import AdminConsentService
from flovify.auth.connecting.answers import Answers
from flovify.auth.connecting.flows import Starter
from flovify.auth.connecting.service import OAuthService
from flovify.auth.links.service import PATH, LinkService


class Token(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    token: Annotated[str, Field(max_length=200)]


def router(links: LinkService, oauth: OAuthService, consent: AdminConsentService, answers: Answers) -> APIRouter:
    """The page at PATH and the POST of its button."""
    routes = APIRouter(tags=["connecting"])

    @routes.get(PATH, summary="The page a link leads to", include_in_schema=False)
    async def page() -> Response:
        return pages.link_page()

    @routes.post(PATH, summary="Begin the flow of a link: {token} gives the address at Microsoft")
    async def begin(request: Request, body: Token) -> Response:
        link = await links.begin(body.token)
        starter = Starter(link=link, subscribe=link.subscribe, mailbox=link.mailbox or None)
        if link.purpose == "admin_consent":
            begun = await consent.begin(starter, link.registration_id, "", {})
        else:
            hint = {"login_hint": link.login_hint}
            begun = await oauth.begin(starter, link.registration_id, link.tenant_id, hint)
        return answers.begun(request, begun, 303)

    return routes
