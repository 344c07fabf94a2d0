from __future__ import annotations

import uuid

import pytest

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.registrations import NewApp, new_secret
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.entra.errors import EntraError
from flovify.sandbox.entra.flows import AuthorizeRequest, Flows
from flovify.sandbox.journal import Journal

ADDRESS = "sales@contoso.example"
APP = "0f0e0d0c-0b0a-4908-8706-050403020100"


@pytest.fixture
def journal() -> Journal:
    return Journal(None)


@pytest.fixture
def clock(journal: Journal) -> SandboxClock:
    return SandboxClock(journal)


@pytest.fixture
def directory(journal: Journal, clock: SandboxClock) -> Directory:
    return Directory(journal, clock)


def test_ids_of_users_and_organisations_follow_from_the_address(directory: Directory, clock: SandboxClock) -> None:
    user = directory.add_user(" Sales@Contoso.Example ", "Sales")
    again = Directory(Journal(None), clock).add_user(ADDRESS, "Another name")
    assert (user.address, user.id, user.tenant_id) == (ADDRESS, again.id, again.tenant_id)
    assert uuid.UUID(user.id).version == 5
    assert user.id != user.tenant_id
    colleague = directory.add_user("other@contoso.example", "Other")
    assert (colleague.tenant_id, colleague.id != user.id) == (user.tenant_id, True)
    assert directory.add_user("support@fabrikam.example", "Support").tenant_id != user.tenant_id


def test_users_are_found_whatever_the_case(directory: Directory) -> None:
    user = directory.add_user(ADDRESS, "Sales")
    assert directory.user_by_address("SALES@contoso.EXAMPLE") is user
    assert directory.user_by_id(user.id.upper()) is user
    assert directory.organization("CONTOSO.example") == directory.organization(user.tenant_id.upper()) == user.tenant_id
    assert directory.organization("contoso") is None


def test_an_access_token_speaks_for_its_user_until_it_ends(directory: Directory, clock: SandboxClock) -> None:
    user = directory.add_user(ADDRESS, "Sales")
    token = directory.issue_access_token(APP, user, user.tenant_id, ["Mail.Read"])
    assert token.token.count(".") == 2
    assert directory.resolve_access_token(token.token) is token
    assert directory.resolve_access_token(token.token[:-1]) is None
    clock.advance(3599)
    assert directory.resolve_access_token(token.token) is token
    clock.advance(1801)
    assert directory.resolve_access_token(token.token) is None


def test_ended_access_tokens_are_forgotten_at_the_next_start(
    directory: Directory, clock: SandboxClock, journal: Journal
) -> None:
    user = directory.add_user(ADDRESS, "Sales")
    for _ in range(3):
        directory.issue_access_token(APP, user, user.tenant_id, [])
    clock.advance(6000)
    fresh = directory.issue_access_token(APP, user, user.tenant_id, [])
    again = Directory(journal, clock)
    assert list(again._access) == [fresh.token]


def test_secrets_and_refresh_tokens_are_kept_as_hashes_only(
    directory: Directory, clock: SandboxClock, journal: Journal
) -> None:
    user = directory.add_user(ADDRESS, "Sales")
    secret = new_secret()
    app = directory.registrations.register(NewApp("App", [], secret=secret))
    refresh = directory.issue_refresh_token(app.client_id, user, ["Mail.Read"])
    stored = str(journal._db.execute("SELECT value FROM entries").fetchall())
    assert secret not in stored
    assert refresh not in stored
    again = Directory(journal, clock)
    kept = again.registrations.all()[0]
    assert again.registrations.secret(kept, secret) is not None
    assert again.registrations.secret(kept, secret + "x") is None
    found = again.find_refresh_token(refresh)
    assert found is not None
    assert found.scopes == ["Mail.Read"]


def test_an_application_is_known_by_its_id_in_any_case_and_can_be_registered_again(directory: Directory) -> None:
    directory.registrations.register(NewApp("First", ["https://a.example"], APP.upper(), "one"))
    app = directory.registrations.register(NewApp("Second", ["https://b.example"], APP, "two"))
    assert directory.registrations.all() == [app]
    assert directory.app(APP.upper()) is app
    assert app.display_name == "Second"
    assert directory.registrations.secret(app, "two") is not None
    assert directory.registrations.secret(app, "one") is None


def test_consent_adds_up_and_revoking_takes_all_of_it_back(directory: Directory, clock: SandboxClock) -> None:
    user = directory.add_user(ADDRESS, "Sales")
    directory.consent(APP, user.id, ["Mail.Read", "openid"])
    directory.consent(APP, user.id, ["mail.read", "Mail.Send"])
    assert directory.granted(APP, user.id) == ["Mail.Read", "openid", "Mail.Send"]
    before = clock.now()
    assert directory.revoke_grants(ADDRESS) == 1
    assert directory.consented(APP, user.id) == set()
    assert directory.revoked(APP, user.id, before)
    assert not directory.revoked(APP, user.id, clock.now())
    assert directory.revoke_grants("nobody@contoso.example") == 0


def test_codes_are_forgotten_a_day_after_their_end(directory: Directory, clock: SandboxClock, journal: Journal) -> None:
    user = directory.add_user(ADDRESS, "Sales")
    request = AuthorizeRequest(
        authority="common", client_id=APP, redirect_uri="r", scopes=("openid",), state="", nonce="",
        response_mode="query", prompt="", login_hint="", code_challenge="", code_challenge_method="",
    )  # fmt: skip
    code = Flows(journal, clock, directory).issue_code(request, user)
    numbers = []
    for seconds in (0, 601, 86400):
        clock.advance(seconds)
        flows = Flows(journal, clock, directory)
        try:
            flows.redeem(code, APP, "r", "")
        except EntraError as error:
            numbers.append(error.number)
    assert numbers == [54005, 70000], "redeemed once, then told apart for a day, then unknown"
