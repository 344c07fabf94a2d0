"""`--bundle`: what somebody who helps needs to know, in one file, with nothing in it that must not leave the house."""

from __future__ import annotations

import asyncio
import io
import json
import os
import platform
import sys
import tarfile
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from flovify import __version__
from flovify.api.system.store import SystemStore
from flovify.cli.doctor.databases import UNUSABLE, Databases
from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import Check, NotLookedAt
from flovify.cli.doctor.redact import Redaction
from flovify.cli.doctor.report import as_dict
from flovify.common.errors import FlovifyError, InvalidRequest
from flovify.common.migrations import SCHEMAS, Schema, status

STANDARD_OUTPUT = "-"
GATHER_SECONDS = 10.0
_README = """What `flovify doctor --bundle` found out. JSON files:

versions    of Flovify, Python and the system
checks      every check with its outcome and mend
settings    of each service, secrets only as configured or not
migrations  of each schema
depth       how much waits, the workers, the periodic tasks with their last errors

No mail, no secrets, no log. E-mail addresses and ids are replaced: address-… and id-… stand for the same address or id
wherever they occur, and cannot be turned back.
"""


async def gather(found: Found, databases: Databases, checks: Sequence[Check], now: datetime) -> dict[str, Any]:
    """What goes into the bundle, by name of its file; everything of it redacted."""
    migrations, depth = await asyncio.gather(_within(_migrations(found)), _within(_depth(databases)))
    content = {
        "versions": {"flovify": __version__, "python": platform.python_version(), "system": platform.platform()},
        "checks": {"at": now.isoformat(), **as_dict(checks)},
        "settings": settings(found),
        "migrations": migrations,
        "depth": depth,
    }
    redacted: dict[str, Any] = Redaction.of(found).value(content)
    return redacted


def settings(found: Found) -> dict[str, Any]:
    """As `flovify config show` has them."""
    shown: dict[str, Any] = {name: one.summary() for name, one in found.settings.items()}
    return shown | {name: {"error": fault} for name, fault in found.faults.items()}


def write(content: Mapping[str, Any], place: str, now: datetime) -> None:
    """A new file that only its owner can read, or standard output for `-`. Raises InvalidRequest."""
    packed = pack(content, now)
    if place == STANDARD_OUTPUT:
        sys.stdout.buffer.write(packed)
        sys.stdout.flush()
        return
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(packed)
    except OSError as error:
        raise InvalidRequest(f"{place} cannot be written: {error.strerror}") from None


def refuse_place(place: str) -> str | None:
    """Why a bundle cannot be written there, before anything is looked at; None where it can."""
    path = Path(place)
    if place == STANDARD_OUTPUT:
        return None
    if path.exists():
        return f"{place} exists already: name another file"
    return None if os.access(path.parent, os.W_OK) else f"{path.parent} cannot be written to"


def pack(content: Mapping[str, Any], now: datetime) -> bytes:
    """A tar.gz with one folder."""
    buffer = io.BytesIO()
    files = {f"{name}.json": json.dumps(value, indent=2, default=str) + "\n" for name, value in content.items()}
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in {"README.txt": _README, **files}.items():
            member = tarfile.TarInfo(f"flovify-doctor/{name}")
            raw = text.encode()
            member.size, member.mtime, member.mode = len(raw), int(now.timestamp()), 0o600
            archive.addfile(member, io.BytesIO(raw))
    return buffer.getvalue()


async def _within(work: Awaitable[Any]) -> Any:
    """What could be found out, or the class of why not: a bundle is wanted most where something is broken."""
    try:
        async with asyncio.timeout(GATHER_SECONDS):
            return await work
    except NotLookedAt as skipped:
        return {"error": skipped.why}
    except FlovifyError as error:
        return {"error": error.detail}
    except UNUSABLE as error:
        return {"error": type(error).__name__}


async def _migrations(found: Found) -> list[dict[str, Any]]:
    known = [schema for schema in SCHEMAS if found.dsn(schema.name)]
    return [one for schema in known for one in await _states(found, schema)]


async def _states(found: Found, schema: Schema) -> list[dict[str, Any]]:
    return [
        {"schema": schema.name, "file": one.file.name, "state": one.state, "applied_at": one.applied_at}
        for one in await status(found.dsn(schema.name), [schema])
    ]


async def _depth(databases: Databases) -> dict[str, Any]:
    store = SystemStore(await databases.tables("api"))
    return {
        "queue": vars(await store.depth()),
        "workers": [vars(one) for one in await store.workers()],
        "periodic_tasks": list(await store.periodic_tasks()),
    }
