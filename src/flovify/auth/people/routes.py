"""Users over HTTP: for administrators, for whoever holds an invitation, and one's own password."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from flovify.auth.people.models import MadeInvitation, Person
from flovify.auth.people.service import PeopleService
from flovify.common.jwt import Principal, RequireRole

NO_STORE = {"Cache-Control": "no-store"}
Role = Literal["viewer", "operator", "administrator"]


class UserOut(BaseModel):
    """`invited`: a link to choose a password is open. Without a password nobody can sign in yet."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    role: Role
    disabled_at: datetime | None
    created_at: datetime
    last_signed_in_at: datetime | None
    has_password: bool
    invited: bool


class UserPage(BaseModel):
    items: list[UserOut]


class Invitation(BaseModel):
    """The token is told this once; the link is the console's /invitation#token=…"""

    user: UserOut
    token: str
    expires_at: datetime


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewUser(_Body):
    email: str = Field(max_length=254)
    role: Role


class UserChange(_Body):
    """What is left out stays."""

    role: Role | None = None
    disabled: bool | None = None


class Acceptance(_Body):
    token: str = Field(max_length=200)
    password: str = Field(max_length=10_000)


class PasswordChange(_Body):
    current_password: str = Field(max_length=10_000)
    new_password: str = Field(max_length=10_000)


def router(people: PeopleService, viewer: RequireRole, administrator: RequireRole) -> APIRouter:
    """List, invite, change, delete; accept an invitation; change one's own password."""
    routes = APIRouter(prefix="/auth", tags=["users"])

    @routes.get("/users", summary="Who may sign in", dependencies=[Depends(administrator)])
    async def list_users() -> UserPage:
        return UserPage(items=[_shown(one) for one in await people.list()])

    @routes.post("/users", status_code=201, summary="Invite somebody; the link is told this once")
    async def invite_user(
        body: NewUser, response: Response, principal: Principal = Depends(administrator)
    ) -> Invitation:
        response.headers.update(NO_STORE)
        return _invitation(await people.invite(body.email, body.role, principal.email))

    @routes.patch("/users/{user_id}", summary="Another role, or may sign in or not")
    async def change_user(user_id: UUID, body: UserChange, principal: Principal = Depends(administrator)) -> UserOut:
        return _shown(await people.change(user_id, principal, role=body.role, disabled=body.disabled))

    @routes.delete("/users/{user_id}", status_code=204, summary="Delete a user; what it did stays in the audit log")
    async def delete_user(user_id: UUID, principal: Principal = Depends(administrator)) -> None:
        await people.delete(user_id, principal)

    @routes.post("/users/{user_id}/invitation", status_code=201, summary="A new link to choose a password")
    async def invite_user_again(
        user_id: UUID, response: Response, principal: Principal = Depends(administrator)
    ) -> Invitation:
        """Until it is used the old password stays good; then it and all the user's sessions end."""
        response.headers.update(NO_STORE)
        return _invitation(await people.invite_again(user_id, principal.email))

    @routes.post("/invitations/accept", summary="Choose a password by an invitation")
    async def accept_invitation(body: Acceptance) -> UserOut:
        return _shown(await people.accept(body.token, body.password))

    @routes.post("/me/password", status_code=204, summary="Change one's own password; other sessions end")
    async def change_own_password(body: PasswordChange, principal: Principal = Depends(viewer)) -> None:
        await people.change_own_password(principal, body.current_password, body.new_password)

    return routes


def _shown(person: Person) -> UserOut:
    return UserOut.model_validate(person)


def _invitation(made: MadeInvitation) -> Invitation:
    return Invitation(user=_shown(made.person), token=made.token, expires_at=made.expires_at)
