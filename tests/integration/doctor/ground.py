"""A running installation, and the doctor beside it with whatever settings a test gives."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.support.certificates import key_pem, rsa_key
from tests.support.command import Ran, flovify
from tests.support.stack import Stack

SHARED = ("auth", "api", "worker", "bff")


@dataclass
class Found:
    """What the doctor said."""

    status: int
    checks: list[dict[str, Any]]
    ran: Ran = field(repr=False)

    def bad(self) -> dict[tuple[str, str], str]:
        """(name, of) of whatever is failed or warned about, with its outcome."""
        return {(one["name"], one["of"]): one["outcome"] for one in self.checks if one["outcome"] in _BAD}

    def one(self, name: str, of: str = "") -> dict[str, Any]:
        """The only line with this name. Raises AssertionError."""
        found = [one for one in self.checks if one["name"] == name and of in ("", one["of"])]
        assert len(found) == 1, (name, self.checks)
        return found[0]


_BAD = ("failed", "warning")


@dataclass(frozen=True)
class Ground:
    stack: Stack
    account: str
    folder: Path
    super_dsn: str

    def environment(self, *services: str, **changes: str) -> dict[str, str]:
        """What these services are given, as one environment; all of them without a name."""
        whole: dict[str, str] = {}
        for service in services or SHARED:
            whole |= self.stack.environment(service)
        if not services:
            del whole["DATABASE_URL"]
            urls = {"AUTH_DATABASE_URL": self.stack.database.auth_dsn, "API_DATABASE_URL": self.stack.database.api_dsn}
            whole |= urls
        return {**whole, **changes}

    async def doctor(self, *only: str, env: Mapping[str, str] | None = None, options: tuple[str, ...] = ()) -> Found:
        """Run it with these subjects only; all of them without one."""
        return await doctor(self.folder, self.environment() if env is None else env, *only, options=options)

    async def failing(self, subject: str, **changes: str) -> Found:
        return await self.doctor(subject, env=self.environment(**changes))

    @asynccontextmanager
    async def broken(self, statement: str, mend: str) -> AsyncIterator[None]:
        """The database changed by its superuser, and changed back."""
        connection = await asyncpg.connect(self.super_dsn)
        try:
            await connection.execute(statement)
            yield
        finally:
            await connection.execute(mend)
            await connection.close()

    async def add_app(self, name: str, *options: str, secret: str = "", **wanted: Any) -> str:
        """An application at the sandbox, registered here for Contoso alone; `secret` is what we believe it is."""
        uris = [f"{self.stack.bff}/auth/oauth/ms365{path}" for path in ("/callback", "/adminconsent/callback")]
        body = {"display_name": name, "redirect_uris": uris, **wanted}
        made = await self.stack.call("POST", f"{self.stack.sandbox}/_sandbox/apps", token=None, json=body)
        await self.register(made["client_id"], name, *options, secret=secret or made["client_secret"])
        return str(made["client_id"])

    async def register(self, client_id: str, name: str, *options: str, secret: str) -> None:
        words = ("apps", "add", client_id, "--name", name, "--tenant", await self.organization(), "--secret-stdin")
        ran = await flovify(*words, *options, env=self.environment("auth"), cwd=self.folder, stdin=secret)
        assert ran.status == 0, ran

    async def organization(self) -> str:
        """Microsoft's id of Contoso, as the connected account shows it."""
        row = "SELECT external_tenant_id FROM auth.tenants LIMIT 1"
        connection = await asyncpg.connect(self.super_dsn)
        try:
            return str(await connection.fetchval(row))
        finally:
            await connection.close()


async def doctor(folder: Path, env: Mapping[str, str], *only: str, options: tuple[str, ...] = ()) -> Found:
    """Run it in this folder with nothing but these settings."""
    words = [word for subject in only for word in ("--only", subject)]
    ran = await flovify("doctor", *words, "--json", *options, env=env, cwd=folder)
    assert ran.output, ran
    said = json.loads(ran.output)
    assert said["ok"] is (ran.status == 0)
    return Found(ran.status, said["checks"], ran)


@asynccontextmanager
async def tls_server(folder: Path, name: str, *, days: int, host: str = "localhost") -> AsyncIterator[tuple[str, Path]]:
    """Something that speaks TLS with a certificate of so many more days; (its URL, the certificate to trust)."""
    pem = folder / f"{name}.pem"
    pem.write_text(_certificate(host, days) + key_pem(rsa_key()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def ignore(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(ignore, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}", pem


@asynccontextmanager
async def answering(body: bytes) -> AsyncIterator[str]:
    """Something that answers each request with 200 and this body; its URL."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _certificate(host: str, days: int) -> str:
    key, now = rsa_key(), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=90))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()
