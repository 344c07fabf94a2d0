"""The limit for one process: the same server, and a route that does nothing."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flovify.common.server import Listener, serve


async def hello(_request: Request) -> Response:
    return Response(b"")


def main() -> None:
    app = Starlette(routes=[Route("/", hello, methods=["GET", "POST"])])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve([Listener(app, "127.0.0.1", int(sys.argv[1]))]))


if __name__ == "__main__":
    main()
