"""Applications acting as themselves: secrets, certificates, where they are known, and what an administrator grants."""

from __future__ import annotations

import time
import uuid
from typing import Any

import jwt
import pytest

from flovify.sandbox.directory.registrations import read_certificate
from tests.integration.sandbox_entra.client import REDIRECT, Answer, Entra, check_error
from tests.support.certificates import make_certificate

SCOPE = "https://graph.microsoft.com/.default"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CONTOSO = "contoso.example"


async def _register(entra: Entra, **body: Any) -> dict[str, str]:
    made: dict[str, str] = await entra.control(
        "POST", "/apps", json={"display_name": "App", "redirect_uris": [REDIRECT], **body}
    )
    return made


async def _grant(entra: Entra, client_id: str, domain: str = CONTOSO, **body: Any) -> None:
    await entra.control("POST", f"/organizations/{domain}/consents", json={"client_id": client_id, **body})


async def _app_token(entra: Entra, authority: str = CONTOSO, **form: Any) -> Answer:
    return await entra.token(authority=authority, grant_type="client_credentials", scope=SCOPE, **form)


async def _get(entra: Entra, token: str, path: str) -> Answer:
    return await entra.call("GET", f"/v1.0{path}", headers={"Authorization": f"Bearer {token}"})


async def test_an_application_is_unknown_where_nobody_consented_and_powerless_where_only_a_user_did(
    entra: Entra,
) -> None:
    app = await _register(entra)
    check_error(await _app_token(entra, **app), 400, "unauthorized_client", 700016)
    await entra.code(client_id=app["client_id"])
    token = (await _app_token(entra, **app)).json["access_token"]
    assert (await _get(entra, token, "/users/sales@contoso.example/messages")).json["error"]["code"] == (
        "ErrorAccessDenied"
    )
    assert (await _get(entra, token, "/users")).json["error"]["code"] == "Authorization_RequestDenied"
    await _grant(entra, app["client_id"])
    assert (await _get(entra, token, "/users")).status == 403, "a grant shows only in tokens issued after it"
    token = (await _app_token(entra, **app)).json["access_token"]
    assert (await _get(entra, token, "/users")).status == 200
    check_error(await _app_token(entra, "fabrikam.example", **app), 400, "unauthorized_client", 700016)


async def test_consent_withdrawn_in_use_ends_all_tokens_of_the_application_there(entra: Entra) -> None:
    app = await _register(entra)
    await _grant(entra, app["client_id"])
    own = (await _app_token(entra, **app)).json["access_token"]
    code = await entra.code(client_id=app["client_id"])
    tokens = (await entra.redeem(code, **app)).json
    await entra.control("DELETE", f"/organizations/{CONTOSO}/consents/{app['client_id']}")
    assert (await _get(entra, own, "/users")).status == 401
    check_error(await _app_token(entra, **app), 400, "unauthorized_client", 700016)
    refused = await entra.refresh(tokens["refresh_token"], **app)
    check_error(refused, 400, "invalid_grant", 65001)
    assert refused.json["suberror"] == "consent_required"


async def test_two_secrets_are_valid_at_once_and_an_expired_one_is_told_apart_from_a_wrong_one(entra: Entra) -> None:
    app = await _register(entra, secret_expires_in_seconds=1000)
    await _grant(entra, app["client_id"])
    second = await entra.control("POST", f"/apps/{app['client_id']}/secrets", json={"client_secret": "second-one"})
    assert second["client_secret"] == "second-one"
    assert (await _app_token(entra, **app)).status == 200
    rotated = {"client_id": app["client_id"], "client_secret": "second-one"}
    assert (await _app_token(entra, **rotated)).status == 200
    await entra.control("POST", "/clock", json={"advance_seconds": 1001})
    check_error(await _app_token(entra, **app), 401, "invalid_client", 7000222)
    assert (await _app_token(entra, **rotated)).status == 200
    assert await entra.control("POST", f"/apps/{app['client_id']}/secrets/expire") == {"expired": 2}
    check_error(await _app_token(entra, **rotated), 401, "invalid_client", 7000222)
    await entra.control("DELETE", f"/apps/{app['client_id']}/secrets/{second['key_id']}")
    check_error(await _app_token(entra, **rotated), 401, "invalid_client", 7000215)


async def test_a_single_tenant_application_works_at_home_only(entra: Entra) -> None:
    app = await _register(entra, tenancy=CONTOSO)
    assert (await _app_token(entra, **app)).status == 200, "at home it is known without consent"
    check_error(await _app_token(entra, "fabrikam.example", **app), 400, "unauthorized_client", 700016)
    assert "AADSTS50194" in (await entra.authorize(client_id=app["client_id"])).text
    foreign = await entra.authorize(client_id=app["client_id"], authority="fabrikam.example")
    assert "AADSTS700016" in foreign.text
    code = await entra.code(client_id=app["client_id"], authority=CONTOSO)
    check_error(await entra.redeem(code, **app), 400, "invalid_request", 50194)
    assert (await entra.redeem(code, authority=CONTOSO, **app)).status == 200


class Key:
    """A certificate, and assertions signed with its key."""

    def __init__(self, entra: Entra, **options: Any) -> None:
        made = make_certificate(**options)
        self.certificate_pem, self.key_pem = made.certificate_pem, made.key_pem
        self.thumbprint = read_certificate(self.certificate_pem)
        self.url = entra.sandbox.url

    def form(self, client_id: str, *, header: Any = None, algorithm: str = "PS256", **claims: Any) -> dict[str, Any]:
        """The form fields; a claim or header given as None is left out."""
        now = int(time.time())
        whole = {
            "aud": f"{self.url}/{CONTOSO}/oauth2/v2.0/token", "iss": client_id, "sub": client_id, "nbf": now,
            "exp": now + 600, "jti": str(uuid.uuid4()), **claims,
        }  # fmt: skip
        sent = {"x5t#S256": self.thumbprint.sha256, **(header or {})}
        text = jwt.encode(
            {name: value for name, value in whole.items() if value is not None},
            self.key_pem,
            algorithm,
            {name: value for name, value in sent.items() if value is not None},
        )
        return {
            "client_id": client_id, "client_secret": None, "client_assertion": text, "client_assertion_type": ASSERTION,
        }  # fmt: skip


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
async def test_a_certificate_signs_in_an_application_and_redeems_codes(entra: Entra, algorithm: str) -> None:
    key = Key(entra)
    app = await _register(entra, certificate_pem=key.certificate_pem, client_secret=None)
    assert set(app) == {"client_id"}
    await _grant(entra, app["client_id"])
    token = await _app_token(entra, **key.form(app["client_id"], algorithm=algorithm))
    assert (await _get(entra, token.json["access_token"], "/users")).status == 200
    sha1 = key.form(app["client_id"], algorithm=algorithm, header={"x5t#S256": None, "x5t": key.thumbprint.sha1})
    assert (await _app_token(entra, **sha1)).status == 200
    code = await entra.code(client_id=app["client_id"])
    common = key.form(app["client_id"], aud=f"{entra.sandbox.url}/common/oauth2/v2.0/token")
    tokens = (await entra.redeem(code, **common)).json
    refreshed = await entra.refresh(
        tokens["refresh_token"], **key.form(app["client_id"], aud=f"{entra.sandbox.url}/common/oauth2/v2.0/token")
    )
    assert refreshed.status == 200


async def test_the_audience_may_name_the_organisation_by_its_id(entra: Entra) -> None:
    key = Key(entra)
    app = await _register(entra, certificate_pem=[key.certificate_pem])
    await _grant(entra, app["client_id"])
    tenant = (await entra.control("GET", "/mailboxes"))["items"][0]["tenant_id"]
    by_id = key.form(app["client_id"], aud=f"{entra.sandbox.url}/{tenant}/oauth2/v2.0/token")
    assert (await _app_token(entra, **by_id)).status == 200
    assert (await _app_token(entra, tenant, **by_id)).status == 200


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"aud": "https://login.microsoftonline.com/common/oauth2/v2.0/token"}, 700023),
        ({"aud": ["a", "b"]}, 700023),
        ({"exp": int(time.time()) - 40_000, "nbf": int(time.time()) - 40_600}, 700024),
        ({"nbf": int(time.time()) + 40_000, "exp": int(time.time()) + 40_600}, 700024),
        ({"exp": int(time.time()) + 86400}, 700024),
        ({"exp": None}, 50027),
        ({"jti": None}, 50027),
        ({"iss": "00000000-0000-0000-0000-000000000000"}, 700021),
        ({"sub": "00000000-0000-0000-0000-000000000000"}, 700021),
        ({"header": {"x5t#S256": "AAAA"}}, 700027),
        ({"header": {"x5t#S256": None}}, 700027),
    ],
)
async def test_a_wrong_assertion_is_refused(entra: Entra, changes: dict[str, Any], number: int) -> None:
    key = Key(entra)
    app = await _register(entra, certificate_pem=key.certificate_pem)
    await _grant(entra, app["client_id"])
    refused = await _app_token(entra, **key.form(app["client_id"], **changes))
    check_error(refused, 401, "invalid_client", number)


async def test_an_assertion_of_another_key_or_none_at_all_is_refused(entra: Entra) -> None:
    key, other = Key(entra), Key(entra, number=1)
    app = await _register(entra, certificate_pem=key.certificate_pem)
    await _grant(entra, app["client_id"])
    other.thumbprint = key.thumbprint
    check_error(await _app_token(entra, **other.form(app["client_id"])), 401, "invalid_client", 700027)
    good = key.form(app["client_id"])
    unsigned = jwt.encode({"iss": app["client_id"]}, "", "none", {"x5t#S256": key.thumbprint.sha256})
    check_error(await _app_token(entra, **{**good, "client_assertion": unsigned}), 401, "invalid_client", 700027)
    check_error(await _app_token(entra, **{**good, "client_assertion": "rubbish"}), 401, "invalid_client", 50027)
    wrong_type = {**good, "client_assertion_type": "jwt"}
    check_error(await _app_token(entra, **wrong_type), 400, "invalid_request", 700021)


async def test_a_replayed_assertion_is_refused_where_a_test_asks_for_it(entra: Entra) -> None:
    key = Key(entra)
    app = await _register(entra, certificate_pem=key.certificate_pem)
    await _grant(entra, app["client_id"])
    form = key.form(app["client_id"])
    assert (await _app_token(entra, **form)).status == 200
    assert (await _app_token(entra, **form)).status == 200, "MSAL sends one assertion for nine minutes"
    await entra.control("POST", "/settings", json={"assertion_replay": "strict"})
    check_error(await _app_token(entra, **form), 401, "invalid_client", 700027)
    assert (await _app_token(entra, **key.form(app["client_id"]))).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"certificate_pem": "rubbish"},
        {"roles": ["Mail.Everything"]},
        {"scopes": ["User.Read.All"]},
        {"client_secret": None},
        {"secret_expires_in_seconds": -1},
    ],
)
async def test_a_registration_that_entra_would_not_take_is_refused(entra: Entra, body: dict[str, Any]) -> None:
    answer = await entra.call("POST", "/_sandbox/apps", json={"display_name": "App", **body})
    assert answer.status == 422, answer.text
    key = Key(entra)
    private = {"display_name": "App", "certificate_pem": key.certificate_pem + key.key_pem}
    refused = await entra.call("POST", "/_sandbox/apps", json=private)
    assert (refused.status, "private key" in refused.text) == (422, True)
    assert "BEGIN" not in refused.text


async def test_what_is_registered_can_be_changed_and_is_listed_without_secrets(entra: Entra) -> None:
    app = await _register(entra)
    changed = await entra.control("PATCH", f"/apps/{app['client_id']}", json={"redirect_uris": [], "roles": []})
    assert (changed["redirect_uris"], changed["roles"], changed["tenancy"]) == ([], [], "multi")
    assert "AADSTS50011" in (await entra.authorize(client_id=app["client_id"])).text
    listed = await entra.call("GET", "/_sandbox/apps")
    assert app["client_id"] in listed.text
    assert app["client_secret"] not in listed.text
    missing = await entra.call("PATCH", "/_sandbox/apps/none", json={})
    assert missing.status == 404
