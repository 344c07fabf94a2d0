"""auth's own parts for commands that work beside the running services, on the database alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flovify.cli.up.environment import read_settings
from flovify.cli.up.errors import ConfigurationError
from flovify.cli.up.postgres import database_url
from flovify.cli.up.secrets import FILE_NAME, load_or_create
from flovify.common.errors import Unavailable
from flovify.common.settings import SettingError, decode_key

if TYPE_CHECKING:
    from flovify.auth.apps.service import AppService
    from flovify.auth.vault.service import Vault


@dataclass(frozen=True)
class Place:
    """Where the database is, the vault's keys (the current one first), and where browsers come back to."""

    dsn: str
    keys: list[bytes]
    public_url: str
    redirect_uri: str

    def __repr__(self) -> str:
        return "Place(***)"


def find_place(environ: Mapping[str, str], directory: Path) -> Place:
    """From the environment and `.env`, or from the data directory of a `flovify up`. Raises SettingError."""
    try:
        settings = read_settings(environ, directory)
        data_dir = Path(settings.get("FLOVIFY_DATA_DIR", ".flovify"))
        dsn = settings.get("AUTH_DATABASE_URL") or settings.get("DATABASE_URL")
        dsn = dsn or database_url(data_dir, "flovify_auth")
        key = settings.get("OAUTH_ENCRYPTION_KEY") or _key_of(data_dir)
    except ConfigurationError as error:
        raise SettingError(str(error)) from None
    if not dsn:
        raise SettingError("DATABASE_URL is required, or FLOVIFY_DATA_DIR of a `flovify up`; give the auth role's")
    if not key:
        raise SettingError("OAUTH_ENCRYPTION_KEY is required, or FLOVIFY_DATA_DIR of a `flovify up`; give auth's")
    public = settings.get("PUBLIC_URL", f"http://localhost:{settings.get('FLOVIFY_PORT', '8000')}").rstrip("/")
    redirect = settings.get("MICROSOFT_REDIRECT_URI", f"{public}/auth/oauth/ms365/callback").rstrip("/")
    return Place(dsn, _keys(key, settings.get("OAUTH_ENCRYPTION_OLD_KEYS", "")), public, redirect)


def _key_of(data_dir: Path) -> str | None:
    """Only read: a command that looks must not make secrets."""
    return load_or_create(data_dir)["OAUTH_ENCRYPTION_KEY"] if (data_dir / FILE_NAME).exists() else None


def _keys(current: str, old: str) -> list[bytes]:
    try:
        earlier = [decode_key(one.strip(), "OAUTH_ENCRYPTION_OLD_KEYS") for one in old.split(",") if one.strip()]
        return [decode_key(current, "OAUTH_ENCRYPTION_KEY"), *earlier]
    except ValueError as error:
        raise SettingError(str(error)) from None


@asynccontextmanager
async def open_vault(place: Place) -> AsyncIterator[Vault]:
    """The vault, once its keys are known to be the right ones. Raises SettingError, SchemaPending, Unavailable."""
    async with _opened(place) as (_, vault):
        yield vault


@asynccontextmanager
async def open_apps(place: Place) -> AsyncIterator[AppService]:
    """The app registrations. Raises SettingError, SchemaPending, Unavailable."""
    async with _opened(place) as (apps, _):
        yield apps


@asynccontextmanager
async def _opened(place: Place) -> AsyncIterator[tuple[AppService, Vault]]:
    from flovify.auth.apps.addresses import Addresses  # noqa: PLC0415
    from flovify.auth.apps.service import AppService  # noqa: PLC0415
    from flovify.auth.apps.store import AppStore  # noqa: PLC0415
    from flovify.auth.audit.store import AuditLog  # noqa: PLC0415
    from flovify.auth.vault.keyring import Keyring  # noqa: PLC0415
    from flovify.auth.vault.service import Vault  # noqa: PLC0415
    from flovify.auth.vault.store import VaultStore  # noqa: PLC0415
    from flovify.common.clock import SystemClock  # noqa: PLC0415
    from flovify.common.db import AWAY, create_pool  # noqa: PLC0415
    from flovify.common.logs import configure  # noqa: PLC0415
    from flovify.common.migrations import SCHEMAS, require_current  # noqa: PLC0415

    configure("cli", "error")  # what went well is told by the command itself
    try:
        # Two: a transaction and a look beside it.
        pool = await create_pool(place.dsn, application_name="flovify-cli", max_size=2)
    except AWAY as error:
        raise Unavailable(
            f"the database cannot be reached ({type(error).__name__}); is it running, for instance by `flovify up`?"
        ) from None
    try:
        await require_current(pool, SCHEMAS[0])
        vault = Vault(Keyring(place.keys), VaultStore(pool))
        await vault.check_keys()
        addresses = Addresses(place.public_url, place.redirect_uri)
        yield AppService(AppStore(pool), vault, AuditLog(pool), SystemClock(), addresses), vault
    finally:
        await pool.close()
