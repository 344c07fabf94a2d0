from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sandbox_entra.client import REDIRECT, SALES, Entra


async def _document(entra: Entra, authority: str, **options: Any) -> dict[str, Any]:
    answer = await entra.call("GET", f"/{authority}/v2.0/.well-known/openid-configuration", **options)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.parametrize("authority", ["common", "organizations"])
async def test_shared_documents_have_an_issuer_template(entra: Entra, authority: str) -> None:
    document = await _document(entra, authority)
    assert document["issuer"] == f"{entra.sandbox.url}/{{tenantid}}/v2.0"
    assert document["token_endpoint"] == f"{entra.sandbox.url}/{authority}/oauth2/v2.0/token"


async def test_a_domains_document_names_its_tenant_by_id(entra: Entra) -> None:
    user = next(u for u in (await entra.control("GET", "/mailboxes"))["items"] if u["address"] == SALES)
    base = f"{entra.sandbox.url}/{user['tenant_id']}"
    for authority in ("contoso.example", "CONTOSO.example", user["tenant_id"]):
        document = await _document(entra, authority)
        assert document["issuer"] == f"{base}/v2.0"
        assert document["authorization_endpoint"] == f"{base}/oauth2/v2.0/authorize"


async def test_documents_follow_the_name_the_client_used(entra: Entra) -> None:
    document = await _document(entra, "common", headers={"Host": "login.microsoftonline.com"})
    assert document["jwks_uri"] == "http://login.microsoftonline.com/common/discovery/v2.0/keys"


async def test_the_document_has_what_microsofts_has(entra: Entra, graph_reference: Path) -> None:
    sample = json.loads((graph_reference / "payloads" / "entra-openid-configuration-common-excerpt.json").read_bytes())
    document = await _document(entra, "common", headers={"Host": "login.microsoftonline.com"})
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint", "issuer"):
        assert document[name].replace("http://", "https://") == sample[name]
    for name in ("response_modes_supported", "subject_types_supported", "id_token_signing_alg_values_supported"):
        assert sorted(document[name]) == sorted(sample[name])


async def test_keys_look_like_microsofts(entra: Entra, graph_reference: Path) -> None:
    sample = json.loads((graph_reference / "payloads" / "entra-jwks-excerpt.json").read_bytes())
    keys = (await entra.call("GET", "/organizations/discovery/v2.0/keys")).json["keys"]
    assert len(keys) == 1
    assert set(keys[0]) >= {"kty", "use", "kid", "n", "e", "issuer"}
    assert "alg" not in keys[0], "Microsoft's keys name no algorithm, so nobody may rely on one"
    assert keys[0]["issuer"].endswith(sample["keys"][0]["issuer"].rpartition("/{")[2])


async def test_an_unknown_tenant_has_no_document(entra: Entra) -> None:
    answer = await entra.call("GET", "/nobody.example/v2.0/.well-known/openid-configuration")
    assert (answer.status, answer.json["error_codes"]) == (400, [90002])


async def test_instance_discovery_knows_microsofts_hosts_and_itself_only(entra: Entra) -> None:
    async def ask(endpoint: str) -> Any:
        query = {"api-version": "1.1", "authorization_endpoint": endpoint}
        return await entra.call("GET", "/common/discovery/instance", params=query)

    known = await ask("https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize")
    assert known.status == 200
    path = "/contoso.example/v2.0/.well-known/openid-configuration"
    assert known.json["tenant_discovery_endpoint"] == f"{entra.sandbox.url}{path}"
    assert "login.windows.net" in known.json["metadata"][0]["aliases"]
    assert (await ask(f"{entra.sandbox.url}/common/oauth2/v2.0/authorize")).status == 200
    foreign = await ask("https://login.evil.example/common/oauth2/v2.0/authorize")
    assert (foreign.status, foreign.json["error"]) == (400, "invalid_instance")


async def test_signing_out_goes_only_to_registered_addresses(entra: Entra) -> None:
    path = "/common/oauth2/v2.0/logout"
    back = await entra.call("GET", path, params={"post_logout_redirect_uri": REDIRECT})
    assert (back.status, back.headers["Location"]) == (302, REDIRECT)
    away = await entra.call("GET", path, params={"post_logout_redirect_uri": "https://evil.example"})
    assert (away.status, "Location" in away.headers) == (200, False)
