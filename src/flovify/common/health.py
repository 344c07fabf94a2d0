"""Live and ready, apart: live says the process answers, ready says what it needs is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flovify import __version__

Check = Callable[[], Awaitable[None]]
CHECK_SECONDS = 2.0


def health_routes(prefix: str, checks: Mapping[str, Check], *, service: str | None = None) -> list[Route]:
    """`{prefix}/health` (always 200 while the process answers) and `{prefix}/ready` (503 names the check that fails).

    A check passes by returning; it has two seconds.
    """
    name = service or prefix.strip("/").split("/")[0]

    async def health(_request: Request) -> Response:
        return _answer({"status": "ok", "service": name, "version": __version__}, 200)

    async def ready(_request: Request) -> Response:
        outcomes = {check: await _outcome(run) for check, run in checks.items()}
        good = all(outcome == "ok" for outcome in outcomes.values())
        body = {"status": "ok" if good else "unavailable", "service": name, "version": __version__, "checks": outcomes}
        return _answer(body, 200 if good else 503)

    return [Route(f"{prefix}/health", health), Route(f"{prefix}/ready", ready)]


def _answer(body: Mapping[str, object], status: int) -> Response:
    return JSONResponse(dict(body), status_code=status, headers={"Cache-Control": "no-store"})


async def _outcome(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Exception as error:  # noqa: BLE001 - a health check reports every failure, by class name only
        return type(error).__name__
    return "ok"
