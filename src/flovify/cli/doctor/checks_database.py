"""The database: reachable, new enough, safe on the way, its roles no more than they need, room for more."""

from __future__ import annotations

import ipaddress
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from flovify.cli.doctor.databases import UNUSABLE, Databases, why_away
from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import Check, Results, Say, Subject, Unit
from flovify.cli.doctor.store import DoctorStore, Server
from flovify.cli.up.database import OLDEST_POSTGRES
from flovify.common.migrations import SCHEMAS, MigrationState, SchemaPending, SchemaTooNew, require_current, status

FEW_CONNECTIONS = 10
_ROOM_WARNING = 4  # times what the intake closes at
_OTHER = {"auth": "api", "api": "auth"}


def units(found: Found, databases: Databases) -> list[Unit]:
    """Each role by itself; the disk only where the database is this machine's."""

    async def room(say: Say) -> Results:
        return [room_left(say, *_room(found))]

    wanted = [Unit(Say(Subject.DATABASE, schema), "reachable", _role(found, databases, schema)) for schema in _OTHER]
    return [*wanted, Unit(Say(Subject.DATABASE, "disk"), "room", room)] if found.beside_up else wanted


def schema_units(found: Found, databases: Databases) -> list[Unit]:
    """Whether each schema is this code's."""

    def work(name: str) -> Unit:
        async def look(say: Say) -> Results:
            return await _schema(say, found, databases)

        return Unit(Say(Subject.SCHEMA, name), "current", look)

    return [work(schema.name) for schema in SCHEMAS]


def judge_server(say: Say, server: Server) -> Iterator[Check]:
    """Version, encryption and role."""
    if server.major < OLDEST_POSTGRES:
        mend = f"Move to PostgreSQL {OLDEST_POSTGRES} or newer."
        yield say.failed("version", f"PostgreSQL {server.major}", mend)
    else:
        yield say.ok("version", f"PostgreSQL {server.major}")
    yield _encryption(say, server)
    if server.superuser:
        mend = (
            f"DATABASE_URL of {say.of} must name the role flovify_{say.of}; or: ALTER ROLE {server.role} NOSUPERUSER;"
        )
        yield say.failed("role", f"{server.role} is a superuser: every rule between the services is void", mend)
    else:
        yield say.ok("role", f"{server.role} is no superuser")


def _encryption(say: Say, server: Server) -> Check:
    if server.tls:
        return say.ok("tls", f"the connection to {server.remote or 'it'} is encrypted")
    if server.remote is None:
        return say.ok("tls", "needs no TLS: a socket of this machine")
    address = ipaddress.ip_address(server.remote)
    if address.is_loopback:
        return say.ok("tls", "needs no TLS: an address of this machine")
    if address.is_private:
        return say.ok("tls", f"the connection is not encrypted, within the private network of {address}")
    mend = "Add ?sslmode=verify-full (and sslrootcert=…) to DATABASE_URL."
    return say.warning("tls", f"the connection is not encrypted, and {address} is no private address", mend)


def judge_rights(say: Say, readable: int) -> Check:
    """The service that answers strangers must not read tokens, nor the other way round."""
    other = _OTHER[say.of]
    if not readable:
        return say.ok("rights", f"cannot read the tables of {other}")
    mend = f"As their owner: REVOKE ALL ON ALL TABLES IN SCHEMA {other} FROM flovify_{say.of}, PUBLIC; "
    mend += f"REVOKE ALL ON SCHEMA {other} FROM flovify_{say.of}, PUBLIC; and take away roles it is a member of."
    return say.failed("rights", f"may read {readable} tables of {other}", mend)


def judge_connections(say: Say, free: int, most: int) -> Check:
    if free >= FEW_CONNECTIONS:
        return say.ok("connections", f"{free} of {most} connections are free")
    mend = "Raise max_connections in postgresql.conf, or run fewer processes (`flovify-…` in pg_stat_activity)."
    return say.warning("connections", f"only {free} of {most} connections are free", mend)


def room_left(say: Say, free_mb: int, least_mb: int) -> Check:
    """Against the room with which the intake closes."""
    mend = "Make room on the disk of FLOVIFY_DATA_DIR; below FLOVIFY_MIN_FREE_MB notifications are answered 503."
    text = f"{free_mb} MB free; the intake closes at {least_mb} MB"
    if free_mb < least_mb:
        return say.failed("room", text, mend)
    return say.warning("room", text, mend) if free_mb < _ROOM_WARNING * least_mb else say.ok("room", text)


def judge_schema(say: Say, states: list[MigrationState]) -> Check:
    """Pending and altered files."""
    altered = [state.file.name for state in states if state.state == "altered"]
    pending = [state.file.name for state in states if state.state == "pending"]
    if altered:
        mend = "Restore the file as it was released, and put the change in a new one: install this version anew."
        return say.failed("altered", f"applied, but changed since: {', '.join(altered)}", mend)
    if pending:
        mend = "Run: flovify migrate apply (safe to repeat; `flovify up` does it at its start)."
        return say.failed("pending", f"lacks {len(pending)} of {len(states)} files, from {pending[0]} on", mend)
    return say.ok("current", f"all {len(states)} files are applied, version {states[-1].file.version}")


def _role(found: Found, databases: Databases, schema: str) -> Callable[[Say], Awaitable[Results]]:
    async def look(say: Say) -> Results:
        try:
            pool = await databases.open(schema)
            store = DoctorStore(pool, schema)
            server, rights = await store.server(), await store.readable(_OTHER[schema])
            connections = judge_connections(say, *await store.connections())
        except UNUSABLE as error:
            return [say.failed("reachable", **why_away(error, schema, beside_up=found.beside_up))]
        return [say.ok("reachable", "answers"), *judge_server(say, server), judge_rights(say, rights), connections]

    return look


async def _schema(say: Say, found: Found, databases: Databases) -> Results:
    schema = next(one for one in SCHEMAS if one.name == say.of)
    try:
        pool = await databases.open(say.of)
        check = judge_schema(say, await status(found.dsn(say.of), [schema]))
        await require_current(pool, schema)
    except SchemaPending:
        return [check]
    except SchemaTooNew as error:
        mend = "Install the newer Flovify whose code has worked on this database (docs/deploy.md, Another release)."
        return [say.failed("too_new", error.detail, mend)]
    except UNUSABLE as error:
        return [say.skipped("current", f"the database cannot be used ({type(error).__name__})", "See database.")]
    return [check]


def _room(found: Found) -> tuple[int, int]:
    least = found.value("FLOVIFY_MIN_FREE_MB", "api")
    free = shutil.disk_usage(found.data_dir or Path.cwd()).free
    return free // 2**20, int(least) if least.isdigit() else 512
