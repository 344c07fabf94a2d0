"""App registrations over HTTP, for administrators. Nothing secret is ever read back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from flovify.auth.apps.credentials import given_credential
from flovify.auth.apps.models import NewCredential, NewRegistration
from flovify.auth.apps.service import AppService
from flovify.auth.apps.shown import shown
from flovify.common.clock import Clock
from flovify.common.jwt import Principal, RequireRole

MAX_TEXT = 65_536
_NONE = SecretStr("")


class GivenCredential(BaseModel):
    """`expires_at` is for a secret, whose end only Entra's page tells; a certificate carries its own."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["secret", "certificate"]
    secret: SecretStr = Field(default=_NONE, max_length=MAX_TEXT)
    certificate_pem: str = Field(default="", max_length=MAX_TEXT)
    private_key_pem: SecretStr = Field(default=_NONE, max_length=MAX_TEXT)
    expires_at: datetime | None = None

    def checked(self, now: datetime) -> NewCredential:
        """Raises CredentialInvalid."""
        secret, key = self.secret.get_secret_value(), self.private_key_pem.get_secret_value()
        return given_credential(self.kind, secret, self.certificate_pem, key, self.expires_at, now)


class GivenRegistration(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: str = Field(max_length=100)
    cloud: str = Field(default="global", max_length=20)
    authority_tenant: str = Field(default="common", max_length=100)
    display_name: str = Field(default="", max_length=1000)
    is_default: bool = False
    credential: GivenCredential | None = None

    def registration(self) -> NewRegistration:
        values = (self.client_id, self.cloud, self.authority_tenant, self.display_name, self.is_default)
        return NewRegistration(*values)


class Change(BaseModel):
    """What is left out stays. The client id and the cloud are what a registration is: add another one instead."""

    model_config = ConfigDict(extra="forbid")

    display_name: str | None = Field(default=None, max_length=1000)
    authority_tenant: str | None = Field(default=None, max_length=100)
    is_default: Literal[True] | None = None


def router(service: AppService, clock: Clock, administrator: RequireRole) -> APIRouter:
    """List, add, get, change, remove; credentials in and out of use."""
    routes = APIRouter(prefix="/auth/apps", tags=["app registrations"])

    @routes.get("", summary="App registrations with the state of their credentials")
    async def list_apps(_: Principal = Depends(administrator)) -> dict[str, Any]:
        now = clock.now()
        return {"items": [shown(one, now) for one in await service.list_overviews()], "next": None}

    @routes.post("", status_code=201, summary="Add an app registration, best with its credential")
    async def add_app(body: GivenRegistration, principal: Principal = Depends(administrator)) -> dict[str, Any]:
        credential = body.credential.checked(clock.now()) if body.credential else None
        return shown(await service.add(body.registration(), credential, principal.email), clock.now())

    @routes.get("/{registration_id}", summary="One app registration")
    async def get_app(registration_id: UUID, _: Principal = Depends(administrator)) -> dict[str, Any]:
        return shown(await service.overview(registration_id), clock.now())

    @routes.patch("/{registration_id}", summary="Change its name or audience, or make it the default")
    async def change_app(
        registration_id: UUID, body: Change, principal: Principal = Depends(administrator)
    ) -> dict[str, Any]:
        changed = await service.change(
            registration_id,
            principal.email,
            display_name=body.display_name,
            authority_tenant=body.authority_tenant,
            make_default=bool(body.is_default),
        )
        return shown(changed, clock.now())

    @routes.delete("/{registration_id}", status_code=204, summary="Remove it; ?force=true although accounts use it")
    async def remove_app(
        registration_id: UUID, principal: Principal = Depends(administrator), force: bool = False
    ) -> None:
        await service.remove(registration_id, principal.email, force=force)

    @routes.post(
        "/{registration_id}/credentials", status_code=201, summary="Rotate: the new credential is used at once"
    )
    async def add_app_credential(
        registration_id: UUID, body: GivenCredential, principal: Principal = Depends(administrator)
    ) -> dict[str, Any]:
        rotated = await service.rotate(registration_id, body.checked(clock.now()), principal.email)
        return shown(rotated, clock.now())

    @routes.delete("/{registration_id}/credentials/{credential_id}", status_code=204, summary="Forget a credential")
    async def remove_app_credential(
        registration_id: UUID, credential_id: UUID, principal: Principal = Depends(administrator)
    ) -> None:
        await service.remove_credential(registration_id, credential_id, principal.email)

    return routes
