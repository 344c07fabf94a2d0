"""National clouds: worlds of their own under /cloud/<name>."""

from __future__ import annotations

import asyncio
import smtplib
from typing import Any

import jwt
import pytest

from flovify.common.clouds import CLOUDS
from tests.integration.sandbox_entra.client import CLIENT_ID, REDIRECT, SALES, Answer, Entra, check_error

ADDRESS = "ops@agency.example"
SECRET = "cloud-secret"
LETTER = b"From: a@example.org\r\nTo: ops@agency.example\r\nSubject: in the cloud\r\n\r\nHello\r\n"


class Cloud:
    """One cloud of a sandbox, with an application and a mailbox."""

    def __init__(self, entra: Entra, name: str) -> None:
        self.entra, self.name, self.prefix = entra, name, f"/cloud/{name}"
        self.client_id = ""

    @property
    def url(self) -> str:
        return self.entra.sandbox.url + self.prefix

    async def control(self, method: str, path: str, **options: Any) -> Any:
        answer = await self.entra.call(method, f"{self.prefix}/_sandbox{path}", **options)
        assert answer.status < 300, answer.text
        return answer.json

    async def set_up(self) -> None:
        await self.control("POST", "/reset")
        body = {"display_name": "App", "redirect_uris": [REDIRECT], "client_secret": SECRET}
        self.client_id = (await self.control("POST", "/apps", json=body))["client_id"]
        await self.control("POST", "/mailboxes", json={"address": ADDRESS, "administrator": True})

    async def authorize(self, **query: str) -> Answer:
        asked = {
            "client_id": self.client_id, "response_type": "code", "redirect_uri": REDIRECT, "nonce": "n",
            "scope": f"openid profile {CLOUDS[self.name].scope_prefix}Mail.Read", "sandbox_auto": ADDRESS, **query,
        }  # fmt: skip
        return await self.entra.call("GET", f"{self.prefix}/common/oauth2/v2.0/authorize", params=asked)

    async def token(self, authority: str = "common", **form: str) -> Answer:
        whole = {"client_id": self.client_id, "client_secret": SECRET, **form}
        return await self.entra.call("POST", f"{self.prefix}/{authority}/oauth2/v2.0/token", data=whole)

    async def sign_in(self) -> dict[str, Any]:
        code = (await self.authorize()).query["code"]
        answer = await self.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
        assert answer.status == 200, answer.text
        tokens: dict[str, Any] = answer.json
        return tokens

    async def graph(self, token: str, path: str) -> Answer:
        return await self.entra.call("GET", f"{self.prefix}/v1.0{path}", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(params=["usgov", "china"])
async def cloud(entra: Entra, request: pytest.FixtureRequest) -> Cloud:
    made = Cloud(entra, request.param)
    await made.set_up()
    return made


async def test_signing_in_and_reading_work_under_the_prefix(cloud: Cloud) -> None:
    tokens = await cloud.sign_in()
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert claims["iss"] == f"{cloud.url}/{claims['tid']}/v2.0"
    message = await cloud.control("POST", f"/mailboxes/{ADDRESS}/messages", data=LETTER)
    listed = await cloud.graph(tokens["access_token"], "/me/messages?$select=subject&$top=1&$count=true")
    assert listed.json["value"][0]["subject"] == "in the cloud"
    assert listed.json["@odata.context"].startswith(f"{cloud.url}/v1.0/$metadata")
    assert message["id"]


async def test_its_documents_name_its_own_addresses_and_keys(cloud: Cloud) -> None:
    path = "/common/v2.0/.well-known/openid-configuration"
    document = (await cloud.entra.call("GET", cloud.prefix + path)).json
    assert document["issuer"] == f"{cloud.url}/{{tenantid}}/v2.0"
    assert document["token_endpoint"] == f"{cloud.url}/common/oauth2/v2.0/token"
    assert document["msgraph_host"] == CLOUDS[cloud.name].graph_host
    keys = (await cloud.entra.call("GET", f"{cloud.prefix}/common/discovery/v2.0/keys")).json["keys"]
    home = (await cloud.entra.call("GET", "/common/discovery/v2.0/keys")).json["keys"]
    assert keys[0]["kid"] != home[0]["kid"]
    assert keys[0]["issuer"].startswith(cloud.url)


async def test_nothing_crosses_from_one_cloud_to_another(cloud: Cloud) -> None:
    entra = cloud.entra
    foreign, own = await entra.sign_in(), await cloud.sign_in()
    assert (await cloud.graph(foreign["access_token"], "/me")).status == 401
    assert (await entra.me(own["access_token"])).status == 401
    assert "AADSTS700016" in (await cloud.authorize(client_id=CLIENT_ID)).text
    assert "AADSTS700016" in (await entra.authorize(client_id=cloud.client_id)).text
    assert "AADSTS50034" in (await cloud.authorize(sandbox_auto=SALES)).text
    refresh = await cloud.token(grant_type="refresh_token", refresh_token=foreign["refresh_token"])
    check_error(refresh, 400, "invalid_grant", 9002313)
    wrong = await cloud.authorize(scope="https://graph.microsoft.com/Mail.Read")
    assert wrong.query["error"] == "invalid_scope"
    check_error(
        await cloud.token("agency.example", grant_type="client_credentials",
                          scope="https://graph.microsoft.com/.default"),
        400, "invalid_scope", 1002012,
    )  # fmt: skip


async def test_the_same_domain_is_another_organisation_there(cloud: Cloud) -> None:
    user = await cloud.control("POST", "/mailboxes", json={"address": SALES})
    home = (await cloud.entra.control("GET", "/mailboxes"))["items"][0]
    assert user["address"] == home["address"]
    assert {user["id"], user["tenant_id"]}.isdisjoint({home["id"], home["tenant_id"]})


async def test_an_application_acts_as_itself_there(cloud: Cloud) -> None:
    scope = f"{CLOUDS[cloud.name].scope_prefix}.default"
    query = {
        "client_id": cloud.client_id, "redirect_uri": REDIRECT, "state": "s", "scope": scope, "sandbox_auto": ADDRESS,
    }  # fmt: skip
    path = f"{cloud.prefix}/organizations/v2.0/adminconsent"
    granted = (await cloud.entra.call("GET", path, params=query)).query
    assert granted["scope"] == scope
    answer = await cloud.token(granted["tenant"], grant_type="client_credentials", scope=scope)
    assert (await cloud.graph(answer.json["access_token"], "/users?$top=1")).json["value"][0]["mail"] == ADDRESS


async def test_faults_and_requests_are_the_clouds_own(cloud: Cloud) -> None:
    await cloud.control("POST", "/faults", json={"path": "/v1.0/me", "status": 503, "times": 1})
    token = (await cloud.entra.sign_in())["access_token"]
    assert (await cloud.entra.me(token)).status == 200
    assert (await cloud.graph("x", "/me")).status == 503
    assert [one["path"] for one in (await cloud.control("GET", "/requests"))["items"]] == ["/v1.0/me"]


async def test_mail_by_smtp_goes_to_whichever_cloud_knows_the_address(cloud: Cloud) -> None:
    tokens = await cloud.sign_in()
    port = cloud.entra.sandbox.ports["FLOVIFY_SANDBOX_SMTP_PORT"]

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port, "here.example", timeout=20) as smtp:
            smtp.sendmail("a@example.org", [ADDRESS], LETTER)

    await asyncio.to_thread(send)
    listed = (await cloud.graph(tokens["access_token"], "/me/messages")).json["value"]
    assert [one["subject"] for one in listed] == ["in the cloud"]


async def test_a_cloud_that_is_none_is_no_world(entra: Entra) -> None:
    assert (await entra.call("GET", "/cloud/mars/v1.0/me")).status == 404
    assert (await entra.call("GET", "/cloud/global/_sandbox/mailboxes")).status == 404


async def test_a_cloud_survives_a_restart(own_entra: Entra) -> None:
    cloud = Cloud(own_entra, "dod")
    await cloud.set_up()
    tokens = await cloud.sign_in()
    own_entra.sandbox.process.kill9()
    own_entra.sandbox.start()
    assert (await cloud.graph(tokens["access_token"], "/me/messages")).status == 200
