"""The two roles' connections, opened once for all checks, and why one cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import asyncpg

from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import NotLookedAt
from flovify.common.db import DATABASE_ERRORS, Pool, create_pool
from flovify.common.migrations import SCHEMAS, SchemaPending, SchemaTooNew, require_current

RUN_THERE = "Run `flovify doctor` beside `flovify up`, or in the container or unit of {service}."
_POOL_SIZE = 3
# What opening and asking may raise; a URL that is none is a ValueError of the driver's.
UNUSABLE: tuple[type[Exception], ...] = (*DATABASE_ERRORS, ValueError)


class Databases:
    """Pools by schema. A check that asks for one it cannot have is not looked at; one line says why, elsewhere."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._opening: dict[str, asyncio.Task[Pool]] = {}
        self._checking: dict[str, asyncio.Task[None]] = {}

    async def open(self, schema: str) -> Pool:
        """The pool of a schema's role. Raises NotLookedAt without settings, else what asyncpg raises."""
        dsn = self._found.dsn(schema)
        if not dsn:
            raise NotLookedAt(f"the settings of {schema} are not here", RUN_THERE.format(service=schema))
        if schema not in self._opening:
            opening = create_pool(dsn, application_name="flovify-doctor", max_size=_POOL_SIZE)
            self._opening[schema] = asyncio.create_task(opening)
        # Shielded: the first to ask may be at the end of its time, the others wait for the same connection.
        return await asyncio.shield(self._opening[schema])

    async def tables(self, schema: str) -> Pool:
        """The same for who reads tables of this version. Raises NotLookedAt where that is not possible."""
        try:
            pool = await self.open(schema)
            if schema not in self._checking:
                wanted = next(one for one in SCHEMAS if one.name == schema)
                self._checking[schema] = asyncio.create_task(require_current(pool, wanted))
            await asyncio.shield(self._checking[schema])
        except (SchemaPending, SchemaTooNew):
            raise NotLookedAt(
                f"schema {schema} is not this version's", "First mend what stands under schema."
            ) from None
        except UNUSABLE as error:
            raise NotLookedAt(
                f"the database of {schema} cannot be used ({type(error).__name__})",
                "First mend what stands under database.",
            ) from None
        return pool

    async def close(self) -> None:
        """Close what was opened; what is still being opened is given up."""
        for task in (*self._checking.values(), *self._opening.values()):
            task.cancel()
        ended = await asyncio.gather(*self._opening.values(), *self._checking.values(), return_exceptions=True)
        for one in ended:
            if isinstance(one, asyncpg.Pool):
                one.terminate()


def why_away(error: BaseException, service: str, *, beside_up: bool) -> Mapping[str, str]:
    """What an error at connecting means: `found` and `mend`."""
    variable = "AUTH_DATABASE_URL" if service == "auth" else "API_DATABASE_URL"
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        mend = f"Give the role flovify_{service} and its password in DATABASE_URL of {service} (or {variable}); "
        mend += "`flovify migrate apply --roles` gives the roles the passwords of these URLs."
        return {"found": "the server refuses role or password", "mend": mend}
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        mend = "Make it: CREATE DATABASE, then `flovify migrate apply`; or name the right one in DATABASE_URL."
        return {"found": "the server has no database of this name", "mend": mend}
    if isinstance(error, asyncpg.TooManyConnectionsError):
        mend = "Raise max_connections in postgresql.conf, or run fewer processes."
        return {"found": "the server has no connection left", "mend": mend}
    started = (
        "Start it: `flovify up`." if beside_up else "Start PostgreSQL, and see whether DATABASE_URL names its host."
    )
    return {"found": f"the database cannot be reached ({type(error).__name__})", "mend": started}
