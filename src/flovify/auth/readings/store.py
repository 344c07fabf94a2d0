"""Counting auth's figures, for every ten seconds."""

from __future__ import annotations

from flovify.auth.apps.models import RegistrationOverview
from flovify.auth.apps.service import AppService
from flovify.auth.readings import figures
from flovify.common.db import Pool, load_queries
from flovify.common.readings.models import Values

# A refresh token lives for 90 days, anew with each use (Entra: refresh-tokens, "Token lifetime").
REFRESH_TOKEN_DAYS = 90
_QUERIES = load_queries("flovify.auth.readings")


class FigureReader:
    """Counts; who calls it, and how often, is others' business."""

    def __init__(self, pool: Pool, apps: AppService) -> None:
        self._pool = pool
        self._apps = apps

    async def take(self) -> Values:
        """All figures of this moment."""
        states = {row["state"]: row["count"] for row in await self._pool.fetch(_QUERIES["tenants"])}
        values: Values = {figures.TENANTS.name: {(state,): states.get(state, 0) for state in figures.STATES}}
        return values | await self._tokens() | _credentials(await self._apps.list_overviews())

    async def _tokens(self) -> Values:
        (row,) = await self._pool.fetch(_QUERIES["tokens"], REFRESH_TOKEN_DAYS)
        values: Values = {figures.FAILING.name: {(): row["failing"]}}
        if row["lapses_seconds"] is not None:
            values[figures.REFRESH_TOKEN.name] = {(): row["lapses_seconds"]}
        return values


def _credentials(registrations: list[RegistrationOverview]) -> Values:
    longest: dict[tuple[str, ...], float] = {}
    each: dict[tuple[str, ...], float] = {}
    for overview in registrations:
        name = str(overview.registration.id)
        for one in overview.credentials:
            if one.expires_at is not None:
                each[name, str(one.id), one.kind] = one.expires_at.timestamp()
        last = overview.longest()
        if last is not None and last.expires_at is not None:
            longest[(name,)] = last.expires_at.timestamp()
    return {figures.REGISTRATION.name: longest, figures.CREDENTIAL.name: each}
