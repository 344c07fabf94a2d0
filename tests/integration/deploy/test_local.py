"""deploy/local/docker-compose.local.yml from its own files to a stored message."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from flovify.cli.up.database import with_user
from tests.conftest import ROOT
from tests.integration.deploy.outside import Outside
from tests.support.compose import Compose, read_env_file
from tests.support.postgres import Cluster
from tests.support.processes import base_environment, stop
from tests.support.stack import ADMIN_EMAIL, ADMIN_PASSWORD, SALES

LOCAL = ROOT / "deploy/local"


async def test_from_the_local_compose_file_to_a_stored_message(own_cluster: Cluster, tmp_path: Path) -> None:
    async with own_cluster.fresh(migrated=False) as database:
        there = own_cluster.postgres.dsn("flovify_super", database.name)

        def here(url: str) -> str:
            user, password = urlsplit(url).username, urlsplit(url).password
            return there if user == "flovify_owner" else with_user(there, str(user), str(password))

        subprocess.run([str(LOCAL / "prepare.sh"), str(tmp_path)], check=True, env=base_environment())
        made = (tmp_path / ".env.local").read_bytes()
        subprocess.run([str(LOCAL / "prepare.sh"), str(tmp_path)], check=True, env=base_environment())
        assert (tmp_path / ".env.local").read_bytes() == made
        variables = read_env_file(tmp_path / ".env.local")
        compose = Compose(LOCAL / "docker-compose.local.yml", tmp_path, variables, database=here)
        try:
            await compose.up()
            console = f"http://{compose.address('bff', '8000').replace('127.0.0.1', 'localhost')}"
            login = f"http://localhost:{compose.ports['sandbox', '8365']}"
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
                outside = Outside(http, console, compose.ports["sandbox", "8325"])
                await outside.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD)
                await outside.one_mail(SALES, login)
        finally:
            for process in reversed(compose.running.values()):
                stop(process)
