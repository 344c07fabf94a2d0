"""`flovify subscriptions keys` beside a `flovify up`: the data directory is all that has to be known."""

from __future__ import annotations

from pathlib import Path

from flovify.api.subscriptions import client_state
from flovify.cli.up import roles
from flovify.cli.up.postgres import EmbeddedPostgres, database_url
from flovify.cli.up.secrets import load_or_create
from flovify.common import migrations
from tests.support.command import flovify


async def test_the_data_directory_names_database_and_key(
    data_dir: Path, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    assert postgres.data_dir == data_dir
    owner = database_url(data_dir, roles.OWNER)
    assert owner is not None
    env = {"FLOVIFY_DATA_DIR": str(data_dir)}
    pending = await flovify("subscriptions", "keys", env=env, cwd=tmp_path)
    assert (pending.status, "flovify migrate apply" in pending.errors) == (78, True)
    await migrations.apply(owner)
    made = client_state.key_id(load_or_create(data_dir)["MS365_CLIENT_STATE"])
    shown = await flovify("subscriptions", "keys", env=env, cwd=tmp_path)
    assert (shown.status, shown.output) == (0, f"key       state     subscriptions\n{made}  first     0\n")
    verified = await flovify("audit", "verify", env=env, cwd=tmp_path)
    assert (verified.status, verified.output.splitlines()) == (
        0,
        [f"{log}: whole; 0 entries, head none yet" for log in ("auth", "api")],
    )
    replacing = {
        **env,
        "MS365_CLIENT_STATE": "another-key-0123456789," + load_or_create(data_dir)["MS365_CLIENT_STATE"],
    }
    shown = await flovify("subscriptions", "keys", env=replacing, cwd=tmp_path)
    assert shown.output.splitlines()[2] == f"{made}  accepted  0"
