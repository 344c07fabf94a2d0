"""The settings of auth for a command beside it: the environment's, or those of a `flovify up`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flovify.common.settings import SettingError, load

if TYPE_CHECKING:
    from flovify.auth.settings import AuthSettings


def auth_settings() -> AuthSettings:
    """What auth itself would take. Raises SettingError, naming what is missing."""
    from flovify.auth.settings import AuthSettings  # noqa: PLC0415
    from flovify.cli.up.environment import read_settings  # noqa: PLC0415

    given = read_settings(os.environ, Path.cwd())
    if given.get("OAUTH_ENCRYPTION_KEY") and given.get("DATABASE_URL"):
        return load(AuthSettings, given)
    return load(AuthSettings, _of_installation(given))


def _of_installation(given: Mapping[str, str]) -> Mapping[str, str]:
    from flovify.cli.up.database import Connections  # noqa: PLC0415
    from flovify.cli.up.environment import ports  # noqa: PLC0415
    from flovify.cli.up.plan import Plan, wants_sandbox  # noqa: PLC0415
    from flovify.cli.up.postgres import database_url  # noqa: PLC0415
    from flovify.cli.up.secrets import load_or_create  # noqa: PLC0415

    data_dir = Path(given.get("FLOVIFY_DATA_DIR", ".flovify")).resolve()
    dsn = given.get("AUTH_DATABASE_URL") or database_url(data_dir, "flovify_auth")
    if not dsn:
        raise SettingError(
            "give auth's own variables (DATABASE_URL and the others), or FLOVIFY_DATA_DIR of a `flovify up`"
        )
    plan = Plan(
        settings=given,
        data_dir=data_dir,
        ports=ports(given),
        sandbox=wants_sandbox(given, allowed=True),
        secrets=load_or_create(data_dir).with_environment(given),
    )
    return plan.environment("auth", Connections(dsn, dsn, dsn))
