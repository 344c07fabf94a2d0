"""Signing in over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from flovify.auth.users.models import Origin, SignedIn
from flovify.auth.users.service import UserService
from flovify.auth.users.signing import TokenSigner
from flovify.common.caller import address_of
from flovify.common.jwt import Principal, RequireRole

MAX_USER_AGENT = 300
NO_STORE = {"Cache-Control": "no-store"}


class Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Login(Body):
    """`device` is the `device_token` of an earlier sign-in in the same browser: its tries are counted apart."""

    email: str = Field(max_length=10_000)
    password: str = Field(max_length=10_000)
    device: str = Field(default="", max_length=200)


class Refresh(Body):
    refresh_token: str = Field(max_length=200)


class SetUp(Body):
    token: str = Field(max_length=200)
    email: str = Field(max_length=254)
    password: str = Field(max_length=10_000)


class SetupState(BaseModel):
    """`needed`: nobody can sign in yet; `flovify up` prints a link for it."""

    needed: bool


def router(service: UserService, signer: TokenSigner, any_user: RequireRole, *, connecting: bool) -> APIRouter:
    """login, refresh, logout, setup, me and the public keys. Whoever is signed in is told whether accounts may be
    connected.
    """
    routes = APIRouter(prefix="/auth", tags=["sign-in"])

    @routes.post("/login", summary="Begin a session")
    async def login(body: Login, request: Request, response: Response) -> dict[str, Any]:
        response.headers.update(NO_STORE)
        browser = request.headers.get("user-agent", "")[:MAX_USER_AGENT]
        origin = Origin(address_of(request) or "", browser, body.device)
        signed_in = await service.sign_in(body.email, body.password, origin)
        return {**_signed_in(signed_in, connecting), "device_token": signed_in.device_token or None}

    @routes.post("/refresh", summary="A fresh access token for a session")
    async def refresh(body: Refresh, response: Response) -> dict[str, Any]:
        response.headers.update(NO_STORE)
        return _signed_in(await service.refresh(body.refresh_token), connecting)

    @routes.post("/logout", status_code=204, summary="End a session")
    async def logout(body: Refresh) -> None:
        await service.sign_out(body.refresh_token)

    @routes.get("/setup", summary="Whether the first administrator is still to be made")
    async def get_setup() -> SetupState:
        return SetupState(needed=await service.setup_needed())

    @routes.post("/setup", status_code=201, summary="Make the first administrator with the one-time token")
    async def set_up(body: SetUp) -> dict[str, str]:
        user = await service.set_up(body.token, body.email, body.password)
        return {"id": str(user.id), "email": user.email, "role": user.role}

    @routes.get("/me", summary="Who the access token speaks for")
    async def me(principal: Principal = Depends(any_user)) -> dict[str, str]:
        return {"id": principal.user_id, "email": principal.email, "role": principal.role}

    routes.include_router(jwks_router(signer))
    return routes


def jwks_router(signer: TokenSigner) -> APIRouter:
    """The public keys; also on the internal listener, where the other services fetch them."""
    routes = APIRouter(tags=["sign-in"])

    @routes.get("/.well-known/jwks.json", summary="The keys that verify access tokens")
    async def jwks() -> dict[str, Any]:
        return await signer.jwks()

    return routes


def _signed_in(result: SignedIn, connecting: bool) -> dict[str, Any]:
    user = result.session.user
    return {
        "access_token": result.access_token,
        "token_type": "Bearer",
        "expires_in": result.access_seconds,
        "refresh_token": result.session_token,
        "refresh_expires_at": result.session.expires_at.isoformat(),
        "user": {"id": str(user.id), "email": user.email, "role": user.role},
        "connecting": connecting,
    }
