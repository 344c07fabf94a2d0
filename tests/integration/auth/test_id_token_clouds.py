"""Whose sign-in counts for which registration: cloud, audience and organisation hold, or nobody is connected."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
import pytest_asyncio

from flovify.auth.apps.addresses import Addresses
from flovify.auth.apps.models import Registration
from flovify.auth.microsoft.id_token import PERSONAL, IdTokenInvalid, IdTokenVerifier, OrganizationRefused
from flovify.common.clock import SystemClock
from flovify.common.http import create_session
from tests.integration.auth.fake_entra import CLIENT_ID, KEY, TENANT, FakeEntra, running_entra
from tests.unit.auth.registrations import registration

pytestmark = pytest.mark.asyncio(loop_scope="module")
OTHER = "11111111-0000-4000-8000-000000000001"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def entra() -> AsyncIterator[FakeEntra]:
    async with running_entra() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def verifier(entra: FakeEntra) -> AsyncIterator[IdTokenVerifier]:
    entra.reset()
    async with create_session() as session:
        yield IdTokenVerifier(session, Addresses("http://x", "http://x/callback", entra.origin), SystemClock())


def _token(entra: FakeEntra, cloud: str = "", audience: str = CLIENT_ID) -> str:
    base = f"{entra.origin}/cloud/{cloud}" if cloud else entra.origin
    return jwt.encode(entra.claims_for("n", audience, base), KEY, "RS256", dict(entra.header))


async def test_each_cloud_has_its_own_issuer_and_keys(entra: FakeEntra, verifier: IdTokenVerifier) -> None:
    identity = await verifier.verify(registration(cloud="usgov"), _token(entra, "usgov"), "n")
    assert identity.tenant_id == TENANT
    await verifier.verify(registration(), _token(entra), "n")
    for cloud, signed_in in (("usgov", ""), ("global", "usgov"), ("china", "usgov")):
        with pytest.raises(IdTokenInvalid, match="another issuer"):
            await verifier.verify(registration(cloud=cloud), _token(entra, signed_in), "n")


async def test_another_registration_s_token_is_not_ours(entra: FakeEntra, verifier: IdTokenVerifier) -> None:
    with pytest.raises(IdTokenInvalid):
        await verifier.verify(registration(), _token(entra, audience=OTHER), "n")
    await verifier.verify(registration(client_id=OTHER), _token(entra, audience=OTHER), "n")


@pytest.mark.parametrize(
    ("audience", "tenant", "fits"),
    [
        ("common", OTHER, True),
        ("common", PERSONAL, True),
        ("organizations", OTHER, True),
        ("organizations", PERSONAL, False),
        ("consumers", OTHER, False),
        (TENANT, TENANT, True),
        (TENANT, OTHER, False),
    ],
)
async def test_a_registration_for_one_organisation_takes_no_other(
    entra: FakeEntra, verifier: IdTokenVerifier, audience: str, tenant: str, *, fits: bool
) -> None:
    entra.person.tenant_id = tenant
    one: Registration = registration(authority_tenant=audience)
    work: Any = verifier.verify(one, _token(entra), "n")
    if fits:
        assert (await work).tenant_id == tenant
    else:
        with pytest.raises(OrganizationRefused):
            await work
