"""Each thing that is usually wrong is made wrong, and has a name and a mend of its own."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import io
import json
import tarfile
from pathlib import Path

import asyncpg
import pytest

from flovify.cli.up.secrets import load_or_create
from tests.integration.doctor.ground import Ground, answering, doctor, tls_server
from tests.support.command import flovify
from tests.support.net import free_port
from tests.support.processes import base_environment, flovify_command

pytestmark = pytest.mark.asyncio(loop_scope="module")
CLIENT_ID = "11111111-2222-3333-4444-555555555555"


async def test_a_whole_installation_is_well_and_proven_from_outside_by_a_real_subscription(ground: Ground) -> None:
    found = await ground.doctor(options=("--account", ground.account))
    assert (found.status, found.bad()) == (0, {})
    assert {one["subject"] for one in found.checks} == {
        "settings", "database", "schema", "keys", "clock", "processes", "addresses", "webhook", "entra", "permissions",
        "graph",
    }  # fmt: skip
    assert "Microsoft called the webhook" in found.one("validation")["found"]
    assert "does not prove that the internet reaches it" in found.one("answers", "MS365_WEBHOOK_URL")["found"]
    assert found.one("credential")["found"] == "Microsoft takes it"
    assert [one["outcome"] for one in found.checks if one["name"] == "redirect_uri"] == ["ok", "ok"]
    assert "well" in (await flovify("doctor", "--only", "graph", env=ground.environment(), cwd=ground.folder)).output


@pytest.mark.parametrize(
    ("service", "looked_at", "elsewhere"),
    [
        ("auth", {"settings", "database", "keys", "entra"}, {"api", "worker", "bff"}),
        ("api", {"settings", "database", "keys", "webhook"}, {"auth", "worker", "bff"}),
        ("bff", {"settings", "processes"}, {"auth", "api", "worker"}),
    ],
)
async def test_beside_one_service_what_its_settings_allow_is_looked_at_and_the_rest_is_named(
    ground: Ground, service: str, looked_at: set[str], elsewhere: set[str]
) -> None:
    found = await ground.doctor(env=ground.environment(service))
    assert (found.status, found.bad()) == (0, {})
    assert looked_at <= {one["subject"] for one in found.checks if one["outcome"] == "ok"}
    missing = {one["of"]: one for one in found.checks if one["name"] == "valid" and one["outcome"] == "skipped"}
    assert set(missing) == elsewhere
    assert all(one["of"] in one["mend"] for one in missing.values())


async def test_without_anything_running_each_part_says_so_and_nothing_is_made(tmp_path: Path) -> None:
    nothing = await doctor(tmp_path, {})
    assert (nothing.status, nothing.bad()) == (1, {("nothing_found", ""): "failed"})
    assert list(tmp_path.iterdir()) == []


async def test_beside_a_flovify_up_that_is_stopped_the_database_and_the_processes_are_named(tmp_path: Path) -> None:
    load_or_create(tmp_path / ".flovify")
    stopped = await doctor(tmp_path, {"FLOVIFY_PORT": str(free_port())}, "database", "processes", "settings", "keys")
    assert stopped.status == 1
    assert {name for name, _ in stopped.bad()} == {"reachable", "answers"}
    assert "flovify up" in stopped.one("reachable", "auth")["mend"]
    assert "See" in stopped.one("vault")["mend"] or "First mend" in stopped.one("vault")["mend"]


@pytest.mark.parametrize(
    ("dsn", "found_text", "mend"),
    [
        ("postgresql://flovify_api:canary-pw@127.0.0.1:1/flovify", "cannot be reached", "Start PostgreSQL"),
        ("other database", "no database of this name", "CREATE DATABASE"),
        ("other password", "refuses role or password", "flovify migrate apply --roles"),
        ("not-a-url", "", "docs/configuration.md"),
    ],
    ids=["nobody there", "database", "password", "malformed"],
)
async def test_a_database_that_cannot_be_used_is_told_apart_by_why(
    ground: Ground, dsn: str, found_text: str, mend: str
) -> None:
    own, name = ground.stack.database.api_dsn, ground.stack.database.name
    others = {
        "other database": own.replace(f"/{name}", f"/{name}-other"),
        "other password": own.replace(_passwords(own)[0], "canary-pw"),
    }
    url = others.get(dsn, dsn)
    found = await ground.doctor("database", "settings", "schema", env=ground.environment(API_DATABASE_URL=url))
    assert found.status == 1
    text = json.dumps(found.checks)
    assert found_text in text
    assert mend in text
    assert "canary-pw" not in text
    assert ("reachable", "api") in found.bad()


async def test_a_role_that_may_more_than_it_should_is_a_failure(ground: Ground) -> None:
    found = await ground.failing("database", API_DATABASE_URL=ground.super_dsn)
    assert {name for name, _ in found.bad()} == {"role", "rights"}
    assert "NOSUPERUSER" in found.one("role", "api")["mend"]
    grant = "GRANT USAGE ON SCHEMA auth TO flovify_api; GRANT SELECT ON auth.users TO flovify_api"
    back = "REVOKE SELECT ON auth.users FROM flovify_api; REVOKE USAGE ON SCHEMA auth FROM flovify_api"
    async with ground.broken(grant, back):
        found = await ground.doctor("database")
    assert found.bad() == {("rights", "api"): "failed"}
    assert "REVOKE ALL" in found.one("rights", "api")["mend"]


@pytest.mark.parametrize(
    ("name", "statement", "mend", "words"),
    [
        (
            "pending",
            (
                "CREATE TABLE public.kept AS SELECT * FROM api.migration_history; "
                "DELETE FROM api.migration_history WHERE file_seq = 1"
            ),
            "INSERT INTO api.migration_history SELECT * FROM public.kept WHERE file_seq = 1; DROP TABLE public.kept",
            "flovify migrate apply",
        ),
        (
            "altered",
            "UPDATE api.migration_history SET checksum = 'x' || checksum WHERE file_seq = 3",
            "UPDATE api.migration_history SET checksum = substr(checksum, 2) WHERE file_seq = 3",
            "put the change in a new one",
        ),
        (
            "too_new",
            "UPDATE api.schema_registry SET oldest_code = '99.0.0' WHERE service = 'api'",
            "UPDATE api.schema_registry SET oldest_code = '0.1.0' WHERE service = 'api'",
            "Install the newer Flovify",
        ),
    ],
    ids=["pending", "altered", "too new"],
)
async def test_a_schema_that_is_not_this_versions_has_its_own_name(
    ground: Ground, name: str, statement: str, mend: str, words: str
) -> None:
    async with ground.broken(statement, mend):
        found = await ground.doctor("schema")
    assert found.bad() == {(name, "api"): "failed"}
    assert words in found.one(name)["mend"]
    assert (await ground.doctor("schema")).bad() == {}


@pytest.mark.parametrize(
    ("variable", "value", "names", "mend"),
    [
        (
            "OAUTH_ENCRYPTION_KEY",
            base64.b64encode(bytes(range(60, 92))).decode(),
            {"vault"},
            "OAUTH_ENCRYPTION_OLD_KEYS",
        ),
        ("MS365_CLIENT_STATE", "another-key-of-these-tests-7Hq2", {"client_state"}, "abandon-key"),
        ("AUDIT_KEY", "another-audit-key-of-these-tests-4Kd", {"audit_key"}, "same in auth and worker"),
    ],
    ids=["vault", "client state", "audit"],
)
async def test_a_key_that_the_data_needs_and_is_not_there_is_named(
    ground: Ground, variable: str, value: str, names: set[str], mend: str
) -> None:
    found = await ground.failing("keys", **{variable: value})
    assert {name for name, _ in found.bad()} == names
    assert set(found.bad().values()) == {"failed"}
    assert all(mend in one["mend"] for one in found.checks if one["outcome"] == "failed")
    assert value not in found.ran.output


@pytest.mark.parametrize(("offset", "outcome"), [("90", "failed"), ("-12", "warning")])
async def test_a_clock_that_goes_wrong_is_seen_against_database_and_microsoft(
    ground: Ground, offset: str, outcome: str
) -> None:
    found = await ground.failing("clock", FLOVIFY_CLOCK_OFFSET=offset)
    assert found.bad() == {("skew", of): outcome for of in ("database", "sign-in host", "graph")}
    assert "FLOVIFY_CLOCK_OFFSET" in found.one("skew", "database")["mend"]


async def test_processes_that_are_dead_or_know_another_secret_are_told_apart(ground: Ground) -> None:
    found = await ground.failing("processes", SERVICE_SECRET="another-service-secret-6Tz")
    assert {name for name, _ in found.bad()} == {"shared_with_auth", "shared_with_api"}
    found = await ground.failing("processes", API_SERVICE_URL=f"http://127.0.0.1:{free_port()}")
    assert found.bad() == {("answers", "api (API_SERVICE_URL)"): "failed"}
    assert "API_SERVICE_URL" in found.one("answers", "api (API_SERVICE_URL)")["mend"]


@pytest.mark.parametrize(
    ("name", "days", "host", "trusted", "outcome"),
    [
        ("certificate_expired", -3, "localhost", True, "failed"),
        ("certificate_ends", 6, "localhost", True, "warning"),
        ("certificate_name", 60, "elsewhere.example", True, "failed"),
        ("certificate_chain", 60, "localhost", False, "failed"),
    ],
)
async def test_a_certificate_that_is_not_good_is_named_by_why(
    ground: Ground, tmp_path: Path, name: str, days: int, host: str, trusted: bool, outcome: str
) -> None:
    async with tls_server(tmp_path, name, days=days, host=host) as (url, pem):
        env = ground.environment(MS365_WEBHOOK_URL=f"{url}/api/ms365/webhook")
        found = await ground.doctor("addresses", env={**env, **({"SSL_CERT_FILE": str(pem)} if trusted else {})})
    assert found.bad() == {(name, "MS365_WEBHOOK_URL"): outcome}
    assert found.one(name)["mend"]


async def test_addresses_that_lead_nowhere_or_to_somebody_else_are_named(ground: Ground) -> None:
    found = await ground.failing(
        "addresses",
        PUBLIC_URL=ground.stack.sandbox,
        MS365_WEBHOOK_URL="https://no-such-host.invalid/api/ms365/webhook",
        MS365_LIFECYCLE_URL=f"https://127.0.0.1:{free_port()}/api/ms365/webhook",
    )
    assert found.bad() == {
        ("front_door", "PUBLIC_URL"): "failed",
        ("dns", "MS365_WEBHOOK_URL"): "failed",
        ("connection", "MS365_LIFECYCLE_URL"): "failed",
    }
    async with answering(b'{"service": "other"}') as url:
        other = await ground.failing("addresses", PUBLIC_URL=url)
    assert other.bad() == {("front_door", "PUBLIC_URL"): "failed"}
    plain = await ground.failing("addresses", FLOVIFY_ENV="production")
    assert ("https", "MS365_WEBHOOK_URL") in plain.bad()


async def test_a_webhook_that_does_not_answer_is_named_by_how_far_it_came(ground: Ground) -> None:
    found = await ground.failing("webhook", MS365_WEBHOOK_URL=f"http://127.0.0.1:{free_port()}/api/ms365/webhook")
    assert found.bad() == {("webhook_connection", "MS365_WEBHOOK_URL"): "failed"}
    found = await ground.failing("webhook", MS365_WEBHOOK_URL=f"{ground.stack.bff}/api/ms365/webhok")
    assert found.bad() == {("webhook_answer", "MS365_WEBHOOK_URL"): "failed"}
    assert "docs/deploy.md" in found.one("webhook_answer")["mend"]


async def test_an_account_that_is_none_fails_and_a_bad_option_is_no_run(ground: Ground) -> None:
    found = await ground.doctor("webhook", options=("--account", CLIENT_ID))
    assert found.bad() == {("token", "from outside"): "failed"}
    env = ground.environment(API_SERVICE_URL=f"http://127.0.0.1:{free_port()}")
    found = await ground.doctor("webhook", env=env, options=("--account", ground.account))
    assert found.bad() == {("handshake", "from outside"): "failed"}
    assert "API_SERVICE_URL" in found.one("handshake")["found"]
    for options in (("--account", "sales"), ("--only", "weather"), ("--bundle", str(ground.folder))):
        ran = await flovify("doctor", *options, env=ground.environment(), cwd=ground.folder)
        assert (ran.status, ran.output) == (2, "")


async def test_what_microsoft_says_of_each_registration_has_words_and_a_mend(ground: Ground) -> None:
    nowhere = [f"{ground.stack.bff}/elsewhere"]
    await ground.add_app("Ended", secret_expires_in_seconds=0)
    await ground.add_app("Mistyped", secret="not-the-secret-3Fw", redirect_uris=nowhere)
    await ground.add_app("Soon", "--expires", _in_days(20))
    await ground.register(CLIENT_ID, "Unknown", secret="whatever-it-is-8Lp")
    found = await ground.doctor("entra")
    told = {key: outcome for key, outcome in found.bad().items() if key[0] != "credential_end_unknown"}
    assert told == {
        ("client_secret_expired", "Ended"): "failed",
        ("client_secret_wrong", "Mistyped"): "failed",
        ("redirect_uri_missing", "Mistyped"): "failed",
        ("credential_expiring", "Soon"): "warning",
        ("app_not_in_organization", "Soon"): "warning",
        ("app_not_in_organization", "Unknown"): "failed",
    }
    assert "flovify apps rotate" in found.one("client_secret_expired")["mend"]
    missing = [one for one in found.checks if one["name"] == "redirect_uri_missing"]
    assert all("Authentication, platform Web: " in one["mend"] for one in missing)
    assert "/adminconsent/callback" in missing[1]["mend"]
    assert await _written(ground) == 0, "the doctor notes nothing"


async def test_an_organisation_that_has_not_agreed_is_named(ground: Ground) -> None:
    await ground.add_app("Reads all", roles=["Mail.Read", "User.Read.All"])
    row = (
        "INSERT INTO auth.organizations (registration_id, external_tenant_id, display_name) "
        f"SELECT id, '{await ground.organization()}', 'Contoso' FROM auth.app_registrations "
        "WHERE display_name = 'Reads all'"
    )
    async with ground.broken(row, "DELETE FROM auth.organizations"):
        found = await ground.doctor("permissions")
    assert list(found.bad()) in ([("not_granted", "Contoso")], [("permission_missing", "Contoso")])


async def test_a_proxy_that_is_away_is_what_is_named_not_microsoft(ground: Ground) -> None:
    env = ground.environment("api", FLOVIFY_HTTPS_PROXY=f"http://u:proxy-canary@127.0.0.1:{free_port()}")
    del env["MICROSOFT_GRAPH_URL"]
    found = await ground.doctor("graph", env=env)
    assert found.bad() == {("unreachable", "graph"): "failed"}
    assert "FLOVIFY_HTTPS_PROXY" in json.dumps(found.one("unreachable"))
    assert "no answer" not in found.one("unreachable")["found"]
    assert "proxy-canary" not in found.ran.output


async def test_a_bundle_holds_nothing_that_must_not_leave(ground: Ground) -> None:
    address, canary = "ada.canary@contoso.example", "login-canary-5Zx"
    note = f"refused {address} of {ground.account} by postgresql://u:{canary}@db/flovify"
    row = (
        "INSERT INTO api.periodic_tasks (name, due_at, last_error) VALUES ('canary', now(), "
        f"'{note} {ground.stack.secrets.service_secret}')"
    )
    place = ground.folder / "bundle.tar.gz"
    env = ground.environment(FLOVIFY_ADMIN_EMAIL=address, FLOVIFY_HTTPS_PROXY=f"http://u:{canary}@proxy.example:3128")
    async with ground.broken(row, "DELETE FROM api.periodic_tasks WHERE name = 'canary'"):
        await ground.doctor("settings", "entra", env=env, options=("--bundle", str(place)))
    assert place.stat().st_mode & 0o777 == 0o600
    files = _unpacked(place.read_bytes())
    assert set(files) == {
        "README.txt",
        "versions.json",
        "checks.json",
        "settings.json",
        "migrations.json",
        "depth.json",
    }
    text = "\n".join(files.values())
    mine = ground.stack.secrets
    database = [part for url in ground.environment().items() if "DATABASE" in url[0] for part in _passwords(url[1])]
    must_not = [*vars(mine).values(), canary, address, ground.account, *database]
    assert [one for one in must_not if one and one in text] == []
    assert "contoso.example" not in text
    settings = json.loads(files["settings.json"])
    assert settings["auth"]["service_secret"] == "configured"
    # The same address is the same name wherever it stands.
    named = settings["auth"]["flovify_admin_email"]
    assert named.startswith("address-")
    assert named in files["depth.json"]
    assert json.loads(files["migrations.json"])[0]["state"] == "applied"
    assert "waiting" in json.loads(files["depth.json"])["queue"]


async def test_as_a_process_the_bundle_goes_to_standard_output_and_the_report_beside_it(ground: Ground) -> None:
    words = flovify_command("doctor", "--only", "graph", "--bundle", "-")
    env = {**base_environment(), **ground.environment("api")}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, env=env, cwd=ground.folder, stdout=pipe, stderr=pipe)
    packed, report = await process.communicate()
    assert process.returncode == 0, report
    assert "checks.json" in _unpacked(packed)
    assert b"graph: the stand-in" in report


def _unpacked(packed: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        members = {Path(one.name).name: archive.extractfile(one) for one in archive.getmembers()}
        return {name: file.read().decode() for name, file in members.items() if file}


def _passwords(url: str) -> list[str]:
    login = url.partition("://")[2].rpartition("@")[0]
    return [login.partition(":")[2]]


def _in_days(days: int) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).date().isoformat()


async def _written(ground: Ground) -> int:
    connection = await asyncpg.connect(ground.super_dsn)
    try:
        noted = "SELECT count(*) FROM auth.app_registrations WHERE last_error IS NOT NULL"
        return int(await connection.fetchval(noted))
    finally:
        await connection.close()
