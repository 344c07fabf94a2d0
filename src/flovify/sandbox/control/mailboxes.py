"""Control of single mailboxes: what is put into them, and how their changes are told."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flovify.common.errors import InvalidRequest, NotFound
from flovify.sandbox.control.bodies import no_mailbox, read_body
from flovify.sandbox.directory.models import User
from flovify.sandbox.mail.calendar import EVENT_TYPES
from flovify.sandbox.mail.ids import attachment_id
from flovify.sandbox.mail.models import MessageNotFound, Reference, UnknownMailbox
from flovify.sandbox.subscriptions.plans import DeliveryPlan
from flovify.sandbox.world import World

MAX_BODY = 50 * 2**20


class Dropping(msgspec.Struct, forbid_unknown_fields=True):
    dropped: bool


class Deliveries(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out is as it is at Microsoft: the body replaces all that was set before."""

    drop: bool = False
    delay_seconds: Annotated[float, Meta(ge=0, le=7 * 86400)] = 0
    copies: Annotated[int, Meta(ge=1, le=10)] = 1
    reorder: bool = False
    alter: dict[str, Any] = {}


class NewReference(msgspec.Struct, forbid_unknown_fields=True):
    """A link to a file elsewhere; `sourceUrl` is Graph's own name for it."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    source_url: Annotated[str, Meta(min_length=1, max_length=2048)] = msgspec.field(name="sourceUrl")


class ExpireDelta(msgspec.Struct, forbid_unknown_fields=True):
    """With which status a token that is not good any more is answered; 410 comes with a Location."""

    status: Literal[410, 400] = 410


class MailboxControl:
    """The handlers; the mailbox is named by its address."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def add_message(self, request: Request) -> Response:
        """`?type=` makes it a meeting message, whatever its source says."""
        raw, derived_type = await request.body(), request.query_params.get("type", "")
        if derived_type and derived_type not in EVENT_TYPES:
            raise InvalidRequest(f"type must be one of {', '.join(EVENT_TYPES)}")
        if not raw or len(raw) > MAX_BODY:
            raise InvalidRequest("send the raw message (message/rfc822) as the body, at most 50 MB")
        try:
            message = self._world.mail.deliver(request.path_params["address"], raw, derived_type=derived_type)
        except UnknownMailbox:
            raise no_mailbox(request.path_params["address"]) from None
        return JSONResponse({"id": message.immutable_id, "internet_message_id": message.internet_message_id}, 201)

    async def add_reference(self, request: Request) -> Response:
        """The message changes by it; Graph calls the link a referenceAttachment."""
        wanted, user, mail = await read_body(request, NewReference), self._user(request), self._world.mail
        try:
            message = mail.mailbox(user.id).message(request.path_params["id"])
        except MessageNotFound:
            raise NotFound("there is no such message in this mailbox") from None
        mail.attach(message, Reference(wanted.name, wanted.source_url))
        return JSONResponse({"id": attachment_id(message.key, len(mail.attachments(message)) - 1)}, 201)

    async def drop_notifications(self, request: Request) -> Response:
        wanted, user = await read_body(request, Dropping), self._user(request)
        self._world.subscriptions.plans.mute(user.id, muted=wanted.dropped)
        return JSONResponse({"address": user.address, "dropped": wanted.dropped})

    async def set_deliveries(self, request: Request) -> Response:
        wanted, user = await read_body(request, Deliveries), self._user(request)
        plan = DeliveryPlan(user.id, **msgspec.structs.asdict(wanted))
        self._world.subscriptions.plans.put(plan)
        return JSONResponse({"address": user.address, **plan.settings()})

    async def expire_delta(self, request: Request) -> Response:
        wanted = await read_body(request, ExpireDelta) if await request.body() else ExpireDelta()
        user = self._user(request)
        self._world.mail.sync.expire(user.id, wanted.status)
        return JSONResponse({"address": user.address, "status": wanted.status})

    def _user(self, request: Request) -> User:
        user = self._world.directory.user_by_address(request.path_params["address"])
        if user is None:
            raise no_mailbox(request.path_params["address"])
        return user


def mailbox_table(world: World) -> list[tuple[str, str, Any]]:
    """Method, path under /_sandbox, handler."""
    control = MailboxControl(world)
    return [
        ("POST", "/mailboxes/{address}/messages", control.add_message),
        ("POST", "/mailboxes/{address}/messages/{id}/reference-attachments", control.add_reference),
        ("PUT", "/mailboxes/{address}/notifications", control.drop_notifications),
        ("PUT", "/mailboxes/{address}/deliveries", control.set_deliveries),
        ("POST", "/mailboxes/{address}/delta/expire", control.expire_delta),
    ]
