"""Where a secret must not be seen, and what secrets look like."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Mapping

from tests.support.postgres import Cluster
from tests.support.processes import base_environment
from tests.support.stack import ADMIN_PASSWORD, Stack

_ID = r"[A-Za-z0-9_-]"
# Nobody keeps a list of all that was handed out while the tests ran, but each class has a shape of its own.
SHAPES = {
    "access token, id_token or assertion": re.compile(rf"eyJ{_ID}{{20,}}\.{_ID}{{20,}}\.{_ID}{{10,}}"),
    "refresh token or authorization code": re.compile(rf"(?<!{_ID})1\.A{_ID}{{150,}}"),
    "clientState": re.compile(rf"(?<!{_ID})1\.{_ID}{{22}}\.{_ID}{{43}}(?!{_ID})"),
    "API key": re.compile(r"flv_[A-Za-z0-9]{30,}"),
    "private key": re.compile("-----BEGIN [A-Z ]*PRIVATE KEY"),
    "password's hash": re.compile(r"\$argon2"),
}
# Session, state, nonce, invitation, link: 32 random bytes each. A dump has ids of messages that look alike.
_RANDOM = {"random token": re.compile(rf"(?<!{_ID})(?={_ID}*[A-Z])(?={_ID}*[a-z])(?={_ID}*[0-9]){_ID}{{43}}(?!{_ID})")}
# Kept on purpose: what it protects cannot be had from it.
_IN_DUMP = frozenset(("password's hash",))


async def places(stack: Stack, cluster: Cluster) -> dict[str, str]:
    """A dump of the database as its owner, all that was logged, and every service's metrics."""
    urls = [
        f"{stack.auth_internal}/metrics",
        f"{stack.api_internal}/metrics",
        f"{stack.url('FLOVIFY_WORKER_PORT')}/metrics",
        f"{stack.url('FLOVIFY_BFF_INTERNAL_PORT')}/metrics",
    ]
    return {
        "dump": await asyncio.to_thread(_dump, cluster, stack.database.owner_dsn),
        "logs": stack.logs(),
        "metrics": "".join([await _text(stack, url) for url in urls]),
    }


def known(stack: Stack) -> dict[str, str]:
    """Every secret that the stack was given."""
    return {"administrator's password": ADMIN_PASSWORD} | {
        name: value for name, value in vars(stack.secrets).items() if name != "client_id"
    }


def found(texts: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
    """What stands in clear, and where."""
    values = [f"{name} in {place}" for name, value in secrets.items() for place, text in texts.items() if value in text]
    return values + [
        f"{name} in {place}: {match[0][:12]}…"
        for place, text in texts.items()
        for name, shape in {**SHAPES, **({} if place == "dump" else _RANDOM)}.items()
        if not (place == "dump" and name in _IN_DUMP)
        for match in shape.finditer(text)
    ]


async def _text(stack: Stack, url: str) -> str:
    async with stack.http.get(url) as answer:
        assert answer.status == 200
        return await answer.text()


def _dump(cluster: Cluster, dsn: str) -> str:
    command = [str(cluster.postgres.bin("pg_dump")), "--inserts", dsn]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=base_environment(), errors="replace")
    return done.stdout
