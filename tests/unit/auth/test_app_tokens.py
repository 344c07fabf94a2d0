from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flovify.auth.apps.models import Registration
from flovify.auth.microsoft.ms365 import TokenAnswer
from flovify.auth.tokens.app_tokens import AppTokens
from flovify.auth.tokens.pauses import PAUSE_SECONDS, Pauses
from flovify.auth.vault.cipher import SecretText
from tests.unit.auth.registrations import TENANT, registration

OTHER = "00000000-0000-4000-8000-000000000009"


class _Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


class _Microsoft:
    def __init__(self, clock: _Clock) -> None:
        self.calls: list[str] = []
        self._clock = clock

    async def request_app_token(self, registration: Registration, organization: str) -> TokenAnswer:
        assert registration.provider == "ms365"
        self.calls.append(organization)
        await asyncio.sleep(0)
        token = SecretText(f"token-{len(self.calls)}")
        return TokenAnswer(token, None, None, (), self._clock.now() + timedelta(seconds=3600))


def _tokens() -> tuple[AppTokens, _Microsoft, _Clock]:
    clock = _Clock()
    microsoft = _Microsoft(clock)
    return AppTokens(microsoft, clock), microsoft, clock


async def test_mailboxes_of_one_organisation_share_a_call() -> None:
    tokens, microsoft, _ = _tokens()
    answers = await asyncio.gather(*(tokens.get(registration(), TENANT, seconds=300) for _ in range(20)))
    assert len({answer.access_token.reveal() for answer in answers}) == 1
    await tokens.get(registration(), OTHER, seconds=300)
    await tokens.get(registration(id=UUID(int=8)), TENANT, seconds=300)
    assert microsoft.calls == [TENANT, OTHER, TENANT]


async def test_a_token_with_too_little_life_or_one_that_graph_refused_is_replaced() -> None:
    tokens, microsoft, clock = _tokens()
    first = await tokens.get(registration(), TENANT, seconds=300)
    clock.seconds = 3301
    second = await tokens.get(registration(), TENANT, seconds=300)
    assert len(microsoft.calls) == 2
    refused = hashlib.sha256(second.access_token.reveal().encode()).hexdigest()
    third = await tokens.get(registration(), TENANT, seconds=300, not_sha256=refused.upper())
    assert len({one.access_token.reveal() for one in (first, second, third)}) == 3


async def test_those_who_force_a_call_at_once_share_it() -> None:
    tokens, microsoft, _ = _tokens()
    await tokens.get(registration(), TENANT, seconds=300)
    await asyncio.gather(*(tokens.get(registration(), TENANT, seconds=300, force=True) for _ in range(5)))
    assert len(microsoft.calls) == 2


async def test_a_pause_ends_with_time_or_with_a_new_credential() -> None:
    clock, marks = _Clock(), {UUID(int=7): "a"}

    async def mark(registration_id: UUID) -> str:
        return marks[registration_id]

    pauses = Pauses(mark, clock)
    pauses.begin(UUID(int=7), "", "a")
    assert await pauses.holds(UUID(int=7), "")
    marks[UUID(int=7)] = "a,b"
    assert not await pauses.holds(UUID(int=7), "")
    pauses.begin(UUID(int=7), TENANT, "a,b")
    assert await pauses.holds(UUID(int=7), TENANT)
    assert not await pauses.holds(UUID(int=7), OTHER)
    assert not await pauses.holds(UUID(int=7), "")
    clock.seconds = PAUSE_SECONDS
    assert not await pauses.holds(UUID(int=7), TENANT)
