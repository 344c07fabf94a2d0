"""Control of Entra's failures on demand."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flovify.common.errors import InvalidRequest
from flovify.sandbox.control.bodies import read_body
from flovify.sandbox.entra.demanded import KNOWN, Demand, Place, defaults
from flovify.sandbox.world import World


class NewDemand(msgspec.Struct, forbid_unknown_fields=True):
    """Whom it meets: an `address`, a `client_id`, or both. What is left out follows from the number `aadsts`."""

    aadsts: Annotated[int, Meta(ge=1, le=99_999_999)]
    error: Annotated[str, Meta(max_length=64, pattern="^[a-z_]*$")] = ""
    address: Annotated[str, Meta(max_length=254)] = ""
    client_id: Annotated[str, Meta(max_length=64)] = ""
    at: Place = "token"
    grant_type: Annotated[str, Meta(max_length=64)] = ""
    times: Annotated[int, Meta(ge=1)] | None = None
    description: Annotated[str, Meta(max_length=2000)] = ""
    suberror: Annotated[str, Meta(max_length=64)] | None = None
    claims: Annotated[str, Meta(max_length=4000)] = ""
    status: Annotated[int, Meta(ge=400, le=599)] | None = None


class DemandControl:
    """The handlers."""

    def __init__(self, world: World) -> None:
        self._demanded = world.demanded

    async def all(self, _request: Request) -> Response:
        """Those in force, and every number whose error and words are known here."""
        known = [{"aadsts": number, "error": error, "description": words} for number, (error, words) in KNOWN.items()]
        return JSONResponse({"items": msgspec.to_builtins(self._demanded.all()), "known": known})

    async def add(self, request: Request) -> Response:
        wanted = await read_body(request, NewDemand)
        if not (wanted.address or wanted.client_id):
            raise InvalidRequest("say whom the failure is to meet: an address, a client_id, or both")
        try:
            error, words, status, suberror = defaults(wanted.aadsts, wanted.error)
        except ValueError as problem:
            raise InvalidRequest(str(problem)) from None
        demand = Demand(
            error=error,
            aadsts=wanted.aadsts,
            description=wanted.description or words,
            status=wanted.status or status,
            address=wanted.address.strip().lower(),
            client_id=wanted.client_id.strip().lower(),
            at=wanted.at,
            grant_type=wanted.grant_type,
            suberror=suberror if wanted.suberror is None else wanted.suberror,
            claims=wanted.claims,
            times=wanted.times,
        )
        return JSONResponse(msgspec.to_builtins(self._demanded.add(demand)), 201)

    async def remove(self, request: Request) -> Response:
        return JSONResponse({"removed": self._demanded.remove(request.query_params.get("id"))})


def demand_table(world: World) -> list[tuple[str, str, Any]]:
    """Method, path under /_sandbox, handler."""
    control = DemandControl(world)
    return [
        ("GET", "/token-errors", control.all),
        ("POST", "/token-errors", control.add),
        ("DELETE", "/token-errors", control.remove),
    ]
