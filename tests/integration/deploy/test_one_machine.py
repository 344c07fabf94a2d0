"""deploy/docker-compose.yml from its own files to a stored message, with Caddy in front, in production mode.

Microsoft is the sandbox behind a proxy that answers for Microsoft's host names: the services believe it is Microsoft.
"""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio

from flovify.cli.up.database import with_user
from flovify.sandbox.tls.ca import load_or_create
from tests.conftest import ROOT
from tests.integration.deploy.outside import Outside
from tests.support.compose import Compose, read_env_file
from tests.support.net import free_ports
from tests.support.postgres import Cluster
from tests.support.processes import base_environment, start, stop
from tests.support.stack import SALES, Stack
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEPLOY = ROOT / "deploy"
CADDY = ROOT / ".tools/debian/usr/bin/caddy"
PASSWORD = "correct horse battery staple"


@dataclass
class Place:
    """What runs, as somebody outside sees it."""

    compose: Compose
    outside: Outside
    http: aiohttp.ClientSession
    webhook: str
    plain: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(own_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("deploy")
    async with AsyncExitStack() as cleanup, own_cluster.fresh(migrated=False) as database:
        sandbox = Stack(database, folder / "sandbox")
        authority = load_or_create(folder / "sandbox" / "sandbox")
        ports = dict(zip(("HTTP_PORT", "HTTPS_PORT"), map(str, free_ports(2)), strict=True))
        console, webhook = (f"{host}:{ports['HTTPS_PORT']}" for host in ("localhost", "127.0.0.1"))
        names = {"CONSOLE_HOST": console, "WEBHOOK_HOST": webhook}
        _prepare(
            folder,
            own_cluster,
            database.name,
            names | {"sandbox": sandbox.secrets.client_id},
            sandbox,
        )
        extra = {"SSL_CERT_FILE": str(folder / "sandbox" / "sandbox" / "ca.pem")}
        certificate = folder / "localhost.pem"
        certificate.write_bytes(authority.issue(["localhost", "127.0.0.1"]))
        _start_sandbox(sandbox, cleanup, extra, f"https://{console}")
        compose = Compose(DEPLOY / "docker-compose.yml", folder, read_env_file(folder / ".env"), extra)
        cleanup.callback(_stop_all, compose)
        await compose.up()
        _start_caddy(compose, ports, certificate, folder, cleanup)
        trusting = ssl.create_default_context(cafile=extra["SSL_CERT_FILE"])
        http = await cleanup.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trusting), cookie_jar=aiohttp.CookieJar(unsafe=True)
            )
        )
        await until(lambda: _answers(http, f"https://{console}/bff/health"), 20, "Caddy")
        microsoft = {"proxy": f"http://127.0.0.1:{sandbox.ports['FLOVIFY_SANDBOX_PROXY_PORT']}"}
        outside = Outside(http, f"https://{console}", sandbox.ports["FLOVIFY_SANDBOX_SMTP_PORT"], microsoft)
        yield Place(compose, outside, http, f"https://{webhook}", f"http://localhost:{ports['HTTP_PORT']}")


def _stop_all(compose: Compose) -> None:
    for process in reversed(compose.running.values()):
        stop(process)


def _prepare(folder: Path, cluster: Cluster, database: str, names: dict[str, str], sandbox: Stack) -> None:
    """deploy/prepare.sh, and what it says is left to be filled in."""
    script = [str(DEPLOY / "prepare.sh"), str(folder)]
    first = subprocess.run(script, capture_output=True, text=True, check=False, env=base_environment())
    assert (first.returncode, first.stderr) == (1, ""), first.stdout
    assert "still to be filled in" in first.stdout
    _fill(folder / ".env", {**{k: v for k, v in names.items() if k != "sandbox"}, "ACME_EMAIL": "ops@example.com"})
    proxy = f"http://127.0.0.1:{sandbox.ports['FLOVIFY_SANDBOX_PROXY_PORT']}"
    for name in ("auth", "api", "worker"):
        _fill(folder / "env" / f"{name}.env", {"FLOVIFY_HTTPS_PROXY": proxy})
    _fill(folder / "env" / "auth.env", {"MICROSOFT_CLIENT_ID": names["sandbox"]})
    (folder / "secrets" / "microsoft_client_secret").write_text(sandbox.secrets.client_secret)
    again = subprocess.run(script, capture_output=True, text=True, check=False, env=base_environment())
    assert (again.returncode, again.stderr) == (0, ""), again.stdout
    # The database's address; who signs in how stays as it was made.
    there = cluster.postgres.dsn("flovify_super", database)
    for secret in (folder / "secrets").glob("*_database_url"):
        made = urlsplit(secret.read_text())
        url = there if made.username == "flovify_owner" else with_user(there, str(made.username), str(made.password))
        secret.chmod(0o600)
        secret.write_text(url)


def _fill(path: Path, values: dict[str, str]) -> None:
    """As an operator does: the line that is empty or commented out gets its value."""
    text = path.read_text()
    for name, value in values.items():
        lines = [line for line in text.splitlines() if line.lstrip("#").startswith(f"{name}=")]
        assert len(lines) == 1, f"{path.name} has {len(lines)} lines for {name}"
        text = text.replace(lines[0], f"{name}={value}")
    path.write_text(text)


def _start_sandbox(sandbox: Stack, cleanup: AsyncExitStack, extra: dict[str, str], console: str) -> None:
    uris = ",".join(f"{console}/auth/oauth/ms365{path}" for path in ("/callback", "/adminconsent/callback"))
    sandbox.start("sandbox", env=extra | {"FLOVIFY_SANDBOX_REDIRECT_URIS": uris, "FLOVIFY_SANDBOX_ALLOW_HTTP": ""})
    cleanup.callback(stop, sandbox.processes["sandbox"])
    sandbox.wait_ready("sandbox")


def _start_caddy(
    compose: Compose, ports: dict[str, str], certificate: Path, folder: Path, cleanup: AsyncExitStack
) -> None:
    environment = {key: str(value) for key, value in compose.services["caddy"]["environment"].items()}
    environment["FRONT_DOOR"] = compose.address(*environment["FRONT_DOOR"].split(":"))
    environment["CADDY_TLS"] = f"tls {certificate} {certificate}"
    home = {"XDG_DATA_HOME": str(folder / "caddy"), "XDG_CONFIG_HOME": str(folder / "caddy"), "HOME": str(folder)}
    command = [str(CADDY), "run", "--config", str(DEPLOY / "caddy" / "Caddyfile"), "--adapter", "caddyfile"]
    cleanup.callback(stop, start(command, environment | ports | home))


async def _answers(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def test_from_the_compose_file_to_a_stored_message(place: Place) -> None:
    await place.compose.run("auth", "admin", "create-user", "you@example.com", "--password-stdin")
    await place.outside.sign_in("you@example.com", PASSWORD)
    await place.outside.one_mail(SALES, "https://login.microsoftonline.com")
    sessions = await place.outside.call("GET", "/bff/auth/sessions")
    assert {one["address"] for one in sessions["items"]} == {"127.0.0.1"}


async def test_the_webhook_s_name_leads_to_the_webhook_alone(place: Place) -> None:
    statuses = {}
    for path in ("/api/ms365/webhook", "/", "/bff/health", "/api/messages", "/auth/oauth/ms365/callback", "/setup"):
        async with place.http.get(f"{place.webhook}{path}", allow_redirects=False) as answer:
            statuses[path] = answer.status
    assert statuses.pop("/api/ms365/webhook") == 405
    assert set(statuses.values()) == {404}
    async with place.http.post(f"{place.webhook}/api/ms365/webhook?validationToken=a%20b") as answer:
        assert (answer.status, await answer.text()) == (200, "a b")


async def test_a_browser_s_address_comes_through_and_cannot_be_made_up(place: Place) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Flovify": "1"}
    body = {"email": "nobody@example.com", "password": "wrong horse battery"}
    async with place.http.post(f"{place.outside.console}/bff/session", json=body, headers=headers) as answer:
        assert answer.status == 401
    entries = await place.outside.call("GET", "/bff/auth/audit?action=user.sign_in_failed")
    assert "203.0.113.9" not in str(entries)


async def test_http_leads_to_https(place: Place) -> None:
    async with place.http.get(f"{place.plain}/accounts", allow_redirects=False) as answer:
        assert answer.status == 308
        assert answer.headers["Location"].startswith("https://localhost")
