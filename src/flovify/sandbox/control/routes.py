"""What a test or a curious administrator may do to the stand-in. Not part of Graph."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flovify.common.errors import InvalidRequest, NotFound
from flovify.sandbox.control.apps import app_table
from flovify.sandbox.control.bodies import no_mailbox, read_body
from flovify.sandbox.control.demands import demand_table
from flovify.sandbox.control.mailboxes import mailbox_table
from flovify.sandbox.control.organizations import organization_table
from flovify.sandbox.directory.models import Policy
from flovify.sandbox.faults.requests import NewFault, read_fault
from flovify.sandbox.seed import seed
from flovify.sandbox.world import World, set_up

LIFECYCLE = {
    "removed": "subscriptionRemoved",
    "missed": "missed",
    "reauthorize": "reauthorizationRequired",
}


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    """Time only moves ahead, ten years at most at a time."""

    advance_seconds: Annotated[float, Meta(ge=0, le=10 * 366 * 86400)]


class Rotation(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    refresh_rotation: Literal["lenient", "strict"] | None = None
    assertion_replay: Literal["lenient", "strict"] | None = None


class Again(msgspec.Struct, forbid_unknown_fields=True):
    message_id: str
    times: Annotated[int, Meta(ge=1, le=10_000)] = 1


class Control:
    """Faults, time and subscriptions.

    Each handler answers JSON, and a mistake is a problem+json that says what was expected.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    async def faults(self, _request: Request) -> Response:
        return JSONResponse({"items": msgspec.to_builtins(self._world.faults.all())})

    async def add_fault(self, request: Request) -> Response:
        try:
            fault = read_fault(await read_body(request, NewFault))
        except ValueError as error:
            raise InvalidRequest(str(error)) from None
        return JSONResponse(msgspec.to_builtins(self._world.faults.add(fault)), 201)

    async def remove_faults(self, request: Request) -> Response:
        return JSONResponse({"removed": self._world.faults.remove(request.query_params.get("id"))})

    async def advance_clock(self, request: Request) -> Response:
        self._world.clock.advance((await read_body(request, Advance)).advance_seconds)
        self._world.subscriptions.retry_now()
        return JSONResponse({"now": self._world.clock.now().isoformat()})

    async def set_policy(self, request: Request) -> Response:
        wanted, policy = await read_body(request, Rotation), self._world.directory.policy
        if wanted == Rotation():
            raise InvalidRequest("name refresh_rotation, assertion_replay, or both")
        changed = Policy(
            wanted.refresh_rotation or policy.refresh_rotation, wanted.assertion_replay or policy.assertion_replay
        )
        self._world.directory.set_policy(changed)
        return JSONResponse(msgspec.to_builtins(changed))

    async def lifecycle(self, request: Request) -> Response:
        event = LIFECYCLE.get(request.path_params["event"])
        if event is None:
            raise NotFound(f"no such event; choose one of {', '.join(LIFECYCLE)}")
        try:
            sent = self._world.subscriptions.lifecycle(request.path_params["id"], event)
        except KeyError:
            raise NotFound("there is no such subscription") from None
        return JSONResponse({"lifecycle_event": event, "sent": sent}, 202)

    async def expire_subscription(self, request: Request) -> Response:
        try:
            self._world.subscriptions.expire(request.path_params["id"])
        except KeyError:
            raise NotFound("there is no such subscription") from None
        return JSONResponse({"expired": request.path_params["id"]})

    async def about(self, _request: Request) -> Response:
        settings = self._world.settings
        smtp = {"host": "localhost", "port": settings.flovify_sandbox_smtp_port}
        return JSONResponse({"cloud": self._world.cloud.name, "smtp": smtp})

    async def notify_again(self, request: Request) -> Response:
        wanted = await read_body(request, Again)
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
            set_up(self._world)
            # The other clouds begin empty.
            if self._world.cloud.name == "global":
                seed(self._world.directory, self._world.mail, self._world.clock)
        return JSONResponse({"mailboxes": [user.address for user in self._world.directory.users()]})

    def _known(self, request: Request) -> None:
        if self._world.directory.user_by_address(request.path_params["address"]) is None:
            raise no_mailbox(request.path_params["address"])


def control_routes(world: World) -> list[Route]:
    """Everything under /_sandbox/."""
    control = Control(world)
    table: list[tuple[str, str, Any]] = [
        ("GET", "/about", control.about),
        ("GET", "/faults", control.faults),
        ("POST", "/faults", control.add_fault),
        ("DELETE", "/faults", control.remove_faults),
        ("POST", "/clock", control.advance_clock),
        ("POST", "/settings", control.set_policy),
        ("POST", "/subscriptions/{id}/notify-again", control.notify_again),
        ("POST", "/subscriptions/{id}/expire", control.expire_subscription),
        ("POST", "/subscriptions/{id}/{event}", control.lifecycle),
        ("POST", "/grants/{address}/revoke", control.revoke),
        ("POST", "/grants/{address}/expire-access-tokens", control.expire),
        ("GET", "/requests", control.requests),
        ("GET", "/deliveries", control.deliveries),
        ("POST", "/reset", control.reset),
    ]
    table += [*mailbox_table(world), *app_table(world), *organization_table(world), *demand_table(world)]
    return [Route(f"/_sandbox{path}", handler, methods=[method]) for method, path, handler in table]
