"""Unmodified MSAL and our own client get the same from the same sandbox: by secret, by certificate, and by code."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from flovify.auth.microsoft.entra_errors import EntraError
from tests.contract.graph_session import fetch
from tests.contract.own_client import OwnClient
from tests.contract.sandbox_process import SALES, Sandbox, run_program
from tests.support.certificates import Made, make_certificate

pytestmark = [pytest.mark.compat, pytest.mark.timeout(700)]
# Different in every token, whoever asks; `iss` begins with the host that was asked, ours without the proxy.
_OF_THE_MOMENT = {"exp", "iat", "nbf", "nonce", "uti", "rh", "iss"}


@dataclass(frozen=True)
class Both:
    """One application known by a secret and by a certificate, and what MSAL got with it."""

    sandbox: Sandbox
    client_id: str
    secret: str
    certificate: Made
    tenant: str
    msal: dict[str, Any]


@pytest.fixture(scope="module")
def both(shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Both:
    if importlib.util.find_spec("msal") is None:
        pytest.skip("msal is not installed")
    made, folder = make_certificate(), tmp_path_factory.mktemp("certificate")
    (folder / "key.pem").write_text(made.key_pem)
    (folder / "certificate.pem").write_text(made.certificate_pem)
    app = shared_sandbox.register("two proofs")
    shared_sandbox.control(f"apps/{app['client_id']}/secrets", {"certificate_pem": made.certificate_pem})
    mailboxes = shared_sandbox.control("mailboxes")["items"]
    tenant = next(one["tenant_id"] for one in mailboxes if one["address"] == SALES)
    env = {
        "PROGRAM_KEY": str(folder / "key.pem"), "PROGRAM_CERTIFICATE": str(folder / "certificate.pem"),
        "PROGRAM_TENANT": tenant,
    }  # fmt: skip
    seen = run_program(shared_sandbox, "msal_app", https_receiver=False, app=app, more_env=env)
    return Both(shared_sandbox, app["client_id"], app["client_secret"], made, tenant, seen)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


@pytest.fixture(params=["secret", "certificate"])
def proof(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _own(both: Both, session: aiohttp.ClientSession, proof: str) -> OwnClient:
    credential = both.secret if proof == "secret" else both.certificate
    return OwnClient(both.sandbox, session, both.client_id, credential)


def _people(both: Both, token: str) -> list[str]:
    url = f"{both.sandbox.url}/v1.0/users?$select=id,userPrincipalName"
    listed = fetch("GET", url, headers={"Authorization": f"Bearer {token}"}).body["value"]
    return [one["userPrincipalName"] for one in listed]


async def test_the_application_s_own_token_opens_the_same(
    both: Both, session: aiohttp.ClientSession, proof: str
) -> None:
    msal = both.msal[proof]
    assert msal["fields"] == ["access_token", "expires_in", "ext_expires_in", "token_type"], "no refresh token"
    assert msal["cached"]
    answer = await _own(both, session, proof).app_token(both.tenant)
    assert (answer.refresh_token, answer.id_token, answer.scopes) == (None, None, ())
    assert _people(both, answer.access_token.reveal()) == msal["people"]
    assert SALES in msal["people"]


async def test_claims_and_scopes_by_code_agree(both: Both, session: aiohttp.ClientSession, proof: str) -> None:
    msal = both.msal[f"code_with_{proof}"]
    own = await _own(both, session, proof).sign_in()
    assert {name: own.claims[name] for name in own.claims if name not in _OF_THE_MOMENT} == {
        name: msal["claims"][name] for name in msal["claims"] if name not in _OF_THE_MOMENT
    }
    assert set(own.claims) == set(msal["claims"])
    assert own.claims["iss"] == f"{both.sandbox.url}/{both.tenant}/v2.0"
    assert msal["claims"]["iss"] == f"https://login.microsoftonline.com/{both.tenant}/v2.0"
    assert set(own.answer.scopes) == set(msal["scope"].split()) == set(own.refreshed.scopes)
    assert (own.identity.tenant_id, own.identity.object_id) == (msal["claims"]["tid"], msal["claims"]["oid"])
    assert own.identity.address == SALES


async def test_a_wrong_secret_is_called_the_same(both: Both, session: aiohttp.ClientSession) -> None:
    assert both.msal["wrong_secret"] == ["invalid_client", [7000215]]
    with pytest.raises(EntraError) as refused:
        await OwnClient(both.sandbox, session, both.client_id, "wrong").app_token(both.tenant)
    assert (refused.value.failure.error, refused.value.failure.aadsts) == ("invalid_client", 7000215)
