"""Microsoft's own clients and the most used third-party one, unmodified, under Microsoft's own host names."""

from __future__ import annotations

import importlib.util
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.clients.program import ATTACHMENT
from tests.contract.sandbox_process import SALES, Sandbox, run_program, run_sandbox

# The clients are large: one of them needs most of its time to be imported.
pytestmark = [pytest.mark.compat, pytest.mark.timeout(700)]

WANTED_ATTACHMENT = ATTACHMENT[0]


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that refuses http receivers, as Graph does."""
    with run_sandbox(tmp_path_factory.mktemp("strict"), allow_http=False) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that was told to allow http receivers."""
    with run_sandbox(tmp_path_factory.mktemp("lenient"), allow_http=True) as sandbox:
        yield sandbox


@pytest.fixture(params=[pytest.param("strict", id="https-receiver"), pytest.param("lenient", id="http-receiver")])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    chosen: Sandbox = request.getfixturevalue(request.param)
    return chosen


def _needs(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")


def _https(request: pytest.FixtureRequest) -> bool:
    return "https-receiver" in request.node.name


def test_msal_signs_in_refreshes_reads_and_subscribes(sandbox: Sandbox, request: pytest.FixtureRequest) -> None:
    _needs("msal")
    seen = run_program(sandbox, "msal", https_receiver=_https(request))
    assert seen["signed_in_as"] == SALES
    assert seen["refreshed"] == {"username": SALES, "cached_is_first": True, "different_tokens": 3}
    mail = seen["mail"]
    assert mail["listed"][0] == mail["subject"] == "msal: first"
    assert len(mail["listed"]) == 5
    assert mail["has_next_page"]
    assert mail["sender"] == "ada@example.org"
    assert [name for name, _ in mail["attachments"]] == [WANTED_ATTACHMENT]
    assert seen["subscription"] == {
        "validated": 1,
        "client_state": "msal-program",
        "announced": "msal: announced",
        "renewed_later": True,
        "after_delete": [404, "ResourceNotFound"],
    }
    assert seen["app_only"] == {"refresh_token": False, "listed": 1}
    assert seen["bad_token"] == [401, "InvalidAuthenticationToken"]


def test_msgraph_sdk_with_azure_identity_does_the_same(strict: Sandbox) -> None:
    _needs("msgraph")
    seen = run_program(strict, "msgraph", https_receiver=True)
    assert seen["refreshed"] == {"cached_is_first": True, "different_tokens": 2}
    mail = seen["mail"]
    assert mail["user"] == SALES
    assert mail["listed"][0] == mail["subject"] == "msgraph: first"
    assert mail["sender"] == "ada@example.org"
    assert mail["received_has_zone"]
    assert [name for name, _ in mail["attachments"]] == [WANTED_ATTACHMENT]
    assert mail["attachment_type"] == "FileAttachment"
    assert mail["source_holds_subject"]
    assert seen["subscription"] == {
        # The lifecycle URL is the same one, and both are validated.
        "validated": 2,
        "client_state": "msgraph-program",
        "announced": "msgraph: announced",
        "listed": True,
        "renewed_later": True,
        "after_delete": [404, "ResourceNotFound"],
    }
    assert seen["app_only"] == {"listed": True}


def test_o365_does_the_same_by_its_own_interfaces(sandbox: Sandbox, request: pytest.FixtureRequest) -> None:
    _needs("O365")
    seen = run_program(sandbox, "o365", https_receiver=_https(request))
    assert seen["authenticated"]
    assert seen["username"] == SALES
    assert seen["refreshed"] == {"new_token": True, "refreshed": True}
    mail = seen["mail"]
    assert mail["user"] == SALES
    assert mail["listed"][0] == mail["subject"] == "o365: first"
    assert mail["sender"] == "ada@example.org"
    assert "A mail for a client program." in mail["body"]
    assert [name for name, _ in mail["attachments"]] == [WANTED_ATTACHMENT]
    assert seen["subscription"] == {
        "validated": 1,
        "client_state": "o365-program",
        "announced": "o365: announced",
        "listed": True,
        "renewed_later": True,
        "deleted": True,
        "after_delete": 404,
    }


@pytest.mark.parametrize("host", ["www.microsoft.com", "example.com", "login.microsoftonline.us", "localhost"])
def test_the_proxy_leads_to_no_other_host(strict: Sandbox, host: str) -> None:
    context = ssl.create_default_context(cafile=str(strict.ca))
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"https": strict.proxy}), urllib.request.HTTPSHandler(context=context)
    )
    with pytest.raises(urllib.error.URLError, match="Tunnel connection failed: 403 Forbidden"):
        opener.open(f"https://{host}/", timeout=10)
    with opener.open("https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration") as answer:
        assert json.loads(answer.read())["issuer"] == "https://login.microsoftonline.com/{tenantid}/v2.0"


def test_the_ca_survives_a_restart_and_is_still_trusted(tmp_path: Path) -> None:
    _needs("msal")
    certificates = []
    for _ in range(2):
        with run_sandbox(tmp_path, allow_http=False) as sandbox:
            certificates.append(sandbox.ca.read_bytes())
    assert certificates[0] == certificates[1]
