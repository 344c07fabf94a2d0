from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from flovify.auth.apps.addresses import Addresses
from flovify.auth.apps.models import NewRegistration
from flovify.auth.apps.rules import checked
from flovify.auth.microsoft.ms365 import Ms365Client
from flovify.common.errors import InvalidRequest
from tests.unit.auth.registrations import CLIENT_ID, TENANT, registration

CALLBACK = "https://console.example/auth/oauth/ms365/callback"
REAL = Addresses("https://console.example", CALLBACK)
STOOD_IN = Addresses(
    "http://localhost:8000", "http://localhost:8000/auth/oauth/ms365/callback", "http://localhost:8365"
)
BAD_IDS = ["common/../x", "evil.com#", "a@b", "a" * 5000, "%2e%2e", "common", TENANT + "x", "{" + TENANT[:34] + "}", ""]


@pytest.mark.parametrize(
    ("cloud", "host", "callback"),
    [
        ("global", "login.microsoftonline.com", CALLBACK),
        ("usgov", "login.microsoftonline.us", f"{CALLBACK}/usgov"),
        ("dod", "login.microsoftonline.us", f"{CALLBACK}/dod"),
        ("china", "login.partner.microsoftonline.cn", f"{CALLBACK}/china"),
    ],
)
def test_every_host_follows_from_the_registration_s_cloud(cloud: str, host: str, callback: str) -> None:
    one = registration(cloud=cloud)
    assert REAL.authority(one) == f"https://{host}/common"
    assert REAL.callback(one) == callback
    assert str(REAL.token_url(one, TENANT.upper())) == f"https://{host}/{TENANT}/oauth2/v2.0/token"
    query = parse_qsl(urlsplit(_client(REAL).admin_consent_url(one, organization="", state="s")).query)
    assert ("redirect_uri", "https://console.example/auth/oauth/ms365/adminconsent/callback") in query


def test_a_stand_in_s_other_clouds_live_under_its_address() -> None:
    assert STOOD_IN.authority(registration()) == "http://localhost:8365/common"
    assert STOOD_IN.authority(registration(cloud="usgov")) == "http://localhost:8365/cloud/usgov/common"


@pytest.mark.parametrize("bad", [one for one in BAD_IDS if one])
def test_no_url_is_built_from_what_is_no_organisation_s_id(bad: str) -> None:
    with pytest.raises(InvalidRequest):
        REAL.token_url(registration(), bad)
    with pytest.raises(InvalidRequest):
        _client(REAL).admin_consent_url(registration(), organization=bad, state="s")


@pytest.mark.parametrize("bad", [*BAD_IDS[:5], BAD_IDS[6]])
def test_a_registration_s_audience_is_shared_or_one_organisation(bad: str) -> None:
    with pytest.raises(InvalidRequest):
        checked(NewRegistration(CLIENT_ID, authority_tenant=bad))
    assert checked(NewRegistration(CLIENT_ID.upper(), authority_tenant=TENANT.upper())).authority_tenant == TENANT


@pytest.mark.parametrize("changes", [{"client_id": "my app"}, {"cloud": "mars"}, {"display_name": "a\nb"}])
def test_what_microsoft_could_not_know_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        checked(NewRegistration(**{"client_id": CLIENT_ID, **changes}))


def test_admin_consent_goes_to_the_organisation_or_to_all() -> None:
    client = _client(REAL)
    url = urlsplit(client.admin_consent_url(registration(cloud="usgov"), organization=TENANT, state="s"))
    assert (url.netloc, url.path) == ("login.microsoftonline.us", f"/{TENANT}/v2.0/adminconsent")
    assert ("scope", "https://graph.microsoft.us/.default") in parse_qsl(url.query)
    assert "/organizations/v2.0/" in client.admin_consent_url(registration(), organization="", state="s")
    only = registration(authority_tenant=TENANT)
    assert f"/{TENANT}/v2.0/" in client.admin_consent_url(only, organization="", state="s")
    with pytest.raises(InvalidRequest, match="another organisation"):
        client.admin_consent_url(only, organization="00000000-0000-4000-8000-000000000001", state="s")


def _client(addresses: Addresses) -> Ms365Client:
    return Ms365Client(None, addresses, None, None)  # type: ignore[arg-type]
