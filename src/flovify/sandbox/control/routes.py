"""What a test or a curious administrator may do to the stand-in. Not part of Graph."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flovify.common.errors import FlovifyError, InvalidRequest, NotFound
from flovify.sandbox.control.checks import check_address, check_redirect_uri
from flovify.sandbox.directory.models import Policy, User
from flovify.sandbox.faults.requests import NewFault, read_fault
from flovify.sandbox.mail.models import UnknownMailbox
from flovify.sandbox.seed import seed
from flovify.sandbox.world import World, register_own_app

T = TypeVar("T")
MAX_BODY = 50 * 2**20
LIFECYCLE = {
    "removed": "subscriptionRemoved",
    "missed": "missed",
    "reauthorize": "reauthorizationRequired",
}


Name = Annotated[str, Meta(max_length=256)]


class NewApp(msgspec.Struct, forbid_unknown_fields=True):
    display_name: Annotated[str, Meta(min_length=1, max_length=256)]
    redirect_uris: Annotated[list[str], Meta(max_length=256)] = []


class NewMailbox(msgspec.Struct, forbid_unknown_fields=True):
    address: str
    display_name: Name = ""


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    """Time only moves ahead, ten years at most at a time."""

    advance_seconds: Annotated[float, Meta(ge=0, le=10 * 366 * 86400)]


class Rotation(msgspec.Struct, forbid_unknown_fields=True):
    refresh_rotation: Literal["lenient", "strict"]


class Again(msgspec.Struct, forbid_unknown_fields=True):
    message_id: str
    times: Annotated[int, Meta(ge=1, le=10_000)] = 1


class Control:
    """The handlers; each answers JSON, and a mistake is a problem+json that says what was expected."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def add_app(self, request: Request) -> Response:
        wanted = await _body(request, NewApp)
        for uri in wanted.redirect_uris:
            check_redirect_uri(uri)
        app, secret = self._world.directory.register(wanted.display_name, wanted.redirect_uris)
        return JSONResponse({"client_id": app.client_id, "client_secret": secret}, 201)

    async def mailboxes(self, _request: Request) -> Response:
        return JSONResponse({"items": [_user(user) for user in self._world.directory.users()]})

    async def add_mailbox(self, request: Request) -> Response:
        wanted = await _body(request, NewMailbox)
        address = check_address(wanted.address)
        name = wanted.display_name.strip() or address.partition("@")[0]
        return JSONResponse(_user(self._world.directory.add_user(address, name)), 201)

    async def add_message(self, request: Request) -> Response:
        raw = await request.body()
        if not raw or len(raw) > MAX_BODY:
            raise InvalidRequest("send the raw message (message/rfc822) as the body, at most 50 MB")
        try:
            message = self._world.mail.deliver(request.path_params["address"], raw)
        except UnknownMailbox:
            raise _no_mailbox(request.path_params["address"]) from None
        return JSONResponse({"id": message.immutable_id, "internet_message_id": message.internet_message_id}, 201)

    async def faults(self, _request: Request) -> Response:
        return JSONResponse({"items": msgspec.to_builtins(self._world.faults.all())})

    async def add_fault(self, request: Request) -> Response:
        try:
            fault = read_fault(await _body(request, NewFault))
        except ValueError as error:
            raise InvalidRequest(str(error)) from None
        return JSONResponse(msgspec.to_builtins(self._world.faults.add(fault)), 201)

    async def remove_faults(self, request: Request) -> Response:
        return JSONResponse({"removed": self._world.faults.remove(request.query_params.get("id"))})

    async def advance_clock(self, request: Request) -> Response:
        self._world.clock.advance((await _body(request, Advance)).advance_seconds)
        self._world.subscriptions.retry_now()
        return JSONResponse({"now": self._world.clock.now().isoformat()})

    async def set_rotation(self, request: Request) -> Response:
        wanted = (await _body(request, Rotation)).refresh_rotation
        self._world.directory.set_policy(Policy(refresh_rotation=wanted))
        return JSONResponse({"refresh_rotation": wanted})

    async def lifecycle(self, request: Request) -> Response:
        event = LIFECYCLE.get(request.path_params["event"])
        if event is None:
            raise NotFound(f"no such event; choose one of {', '.join(LIFECYCLE)}")
        try:
            sent = self._world.subscriptions.lifecycle(request.path_params["id"], event)
        except KeyError:
            raise NotFound("there is no such subscription") from None
        return JSONResponse({"lifecycle_event": event, "sent": sent}, 202)

    async def notify_again(self, request: Request) -> Response:
        wanted = await _body(request, Again)
        try:
            self._world.subscriptions.notify_again(request.path_params["id"], wanted.message_id, wanted.times)
        except LookupError:
            raise NotFound("there is no such subscription or message") from None
        return JSONResponse({"times": wanted.times}, 202)

    async def revoke(self, request: Request) -> Response:
        self._known(request)
        return JSONResponse({"revoked": self._world.directory.revoke_grants(request.path_params["address"])})

    async def expire(self, request: Request) -> Response:
        self._known(request)
        return JSONResponse({"expired": self._world.directory.expire_access_tokens(request.path_params["address"])})

    async def requests(self, request: Request) -> Response:
        query = request.query_params
        found = self._world.requests.find(query.get("method", "*"), query.get("path", "*"))
        return JSONResponse({"items": msgspec.to_builtins(found)})

    async def deliveries(self, _request: Request) -> Response:
        items = msgspec.to_builtins(self._world.subscriptions.deliveries())
        return JSONResponse({"items": items, "delivering": self._world.subscriptions.delivering})

    async def reset(self, _request: Request) -> Response:
        self._world.reset()
        with self._world.journal.together():
            register_own_app(self._world)
            seed(self._world.directory, self._world.mail, self._world.clock)
        return JSONResponse({"mailboxes": [user.address for user in self._world.directory.users()]})

    def _known(self, request: Request) -> None:
        if self._world.directory.user_by_address(request.path_params["address"]) is None:
            raise _no_mailbox(request.path_params["address"])


def control_routes(world: World) -> list[Route]:
    """Everything under /_sandbox/."""
    control = Control(world)
    table: list[tuple[str, str, Any]] = [
        ("POST", "/apps", control.add_app),
        ("GET", "/mailboxes", control.mailboxes),
        ("POST", "/mailboxes", control.add_mailbox),
        ("POST", "/mailboxes/{address}/messages", control.add_message),
        ("GET", "/faults", control.faults),
        ("POST", "/faults", control.add_fault),
        ("DELETE", "/faults", control.remove_faults),
        ("POST", "/clock", control.advance_clock),
        ("POST", "/settings", control.set_rotation),
        ("POST", "/subscriptions/{id}/notify-again", control.notify_again),
        ("POST", "/subscriptions/{id}/{event}", control.lifecycle),
        ("POST", "/grants/{address}/revoke", control.revoke),
        ("POST", "/grants/{address}/expire-access-tokens", control.expire),
        ("GET", "/requests", control.requests),
        ("GET", "/deliveries", control.deliveries),
        ("POST", "/reset", control.reset),
    ]
    return [Route(f"/_sandbox{path}", handler, methods=[method]) for method, path, handler in table]


async def _body(request: Request, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(await request.body(), type=type_)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidRequest(f"the JSON body does not fit: {error}") from None


def _user(user: User) -> dict[str, str]:
    return {
        "address": user.address,
        "display_name": user.display_name,
        "id": user.id,
        "tenant_id": user.tenant_id,
    }


def _no_mailbox(address: str) -> FlovifyError:
    return NotFound(f"there is no mailbox {address}; make it with POST /_sandbox/mailboxes")
