from __future__ import annotations

import stat
from pathlib import Path

import aiohttp
import pytest

from tests.integration.sandbox_entra.client import CLIENT_ID, SALES, Entra, Sandbox
from tests.support.command import run_command
from tests.support.processes import spawn

LETTER = b"From: a@example.org\r\nTo: sales@contoso.example\r\nSubject: kept\r\n\r\nHello\r\n"


async def test_a_killed_sandbox_comes_back_with_everything_it_acknowledged(own_entra: Entra) -> None:
    entra = own_entra
    tokens = await entra.sign_in()
    used, open_code = await entra.code(), await entra.code()
    assert (await entra.redeem(used)).status == 200
    app = await entra.control("POST", "/apps", json={"display_name": "Kept", "redirect_uris": []})
    consent = {"client_id": app["client_id"]}
    await entra.control("POST", "/organizations/contoso.example/consents", json=consent)
    await entra.control("POST", "/mailboxes", json={"address": "kept@contoso.example"})
    message = await entra.control("POST", f"/mailboxes/{SALES}/messages", data=LETTER)
    await entra.control("POST", "/settings", json={"refresh_rotation": "strict"})
    await entra.control("POST", "/clock", json={"advance_seconds": 300})
    keys = (await entra.call("GET", "/common/discovery/v2.0/keys")).json
    mailboxes = await entra.control("GET", "/mailboxes")

    entra.sandbox.process.kill9()
    entra.sandbox.start()

    assert (await entra.me(tokens["access_token"])).status == 200
    assert (await entra.call("GET", "/common/discovery/v2.0/keys")).json == keys
    assert await entra.control("GET", "/mailboxes") == mailboxes
    bearer = {"Authorization": f"Bearer {tokens['access_token']}", "Prefer": 'IdType="ImmutableId"'}
    assert (await entra.call("GET", f"/v1.0/me/messages/{message['id']}", headers=bearer)).json["subject"] == "kept"
    assert (await entra.redeem(used)).json["error_codes"] == [54005]
    assert (await entra.redeem(open_code)).status == 200
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    own = await entra.token(authority="contoso.example", **{**form, **app})
    assert own.status == 200
    refreshed = (await entra.refresh(tokens["refresh_token"])).json
    assert (await entra.refresh(tokens["refresh_token"])).json["error_codes"] == [70000], "strict rotation is kept"
    assert refreshed["expires_in"] > 0
    assert "code" in (await entra.authorize(login_hint=SALES, prompt="none")).query


async def test_state_is_readable_by_its_owner_only_and_revocation_survives(own_entra: Entra) -> None:
    entra = own_entra
    tokens = await entra.sign_in()
    await entra.control("POST", f"/grants/{SALES}/revoke")
    for file in (entra.sandbox.data_dir / "sandbox").glob("sandbox.sqlite3*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    entra.sandbox.process.kill9()
    entra.sandbox.start()
    assert (await entra.refresh(tokens["refresh_token"])).json["error_codes"] == [50173]
    assert (await entra.me(tokens["access_token"])).status == 401


def _refusal(env: dict[str, str]) -> tuple[int, str]:
    with spawn(["sandbox"], env) as process:
        return process.popen.wait(120), process.output()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"FLOVIFY_ENV": "production"}, "FLOVIFY_ENV"),
        ({"FLOVIFY_SANDBOX_CLIENT_SECRET": ""}, "FLOVIFY_SANDBOX_CLIENT_SECRET"),
        ({"FLOVIFY_SANDBOX_PORT": "many"}, "FLOVIFY_SANDBOX_PORT"),
    ],
)
def test_settings_that_cannot_be_used_end_the_start_with_one_line(
    wrong: dict[str, str], named: str, tmp_path: Path
) -> None:
    done = run_command("sandbox", env={**Sandbox(tmp_path).env, **wrong}, cwd=tmp_path)
    assert (done.status, done.output) == (78, "")
    assert len(done.errors.splitlines()) == 1
    assert named in done.errors


def test_a_data_directory_that_cannot_be_made_ends_the_process_so(tmp_path: Path) -> None:
    status, output = _refusal({**Sandbox(tmp_path).env, "FLOVIFY_DATA_DIR": "/proc/none"})
    assert status == 78, output
    assert "FLOVIFY_DATA_DIR" in output
    assert "Traceback" not in output


def test_a_damaged_state_file_is_named(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    file = sandbox.data_dir / "sandbox" / "sandbox.sqlite3"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database" * 100)
    status, output = _refusal(sandbox.env)
    assert (status, "Traceback" in output) == (78, False)
    assert str(file) in output


async def test_without_a_file_nothing_is_kept(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    entra = Entra(Sandbox(tmp_path), http)
    entra.sandbox.env["FLOVIFY_SANDBOX_MEMORY"] = "1"
    entra.sandbox.start()
    await entra.control("POST", "/mailboxes", json={"address": "gone@contoso.example"})
    entra.sandbox.stop()
    entra.sandbox.start()
    addresses = [one["address"] for one in (await entra.control("GET", "/mailboxes"))["items"]]
    entra.sandbox.stop()
    assert "gone@contoso.example" not in addresses
    assert CLIENT_ID not in str(addresses)
