"""The steps of one check against the provider.

Nothing here is cancelled half way: a subscription whose making is cut off would stay with nobody knowing its id. Every
call has its own deadline, and whoever loses interest sets `abandoned`, which ends the waiting and skips what is left.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from flovify.api.auth_client import AuthClient, TenantToken
from flovify.api.connection_checks.models import Step, StepFailed, StepResult, StepStatus
from flovify.api.connection_checks.store import CHANNEL, CheckStore
from flovify.api.providers.errors import (
    ProviderBadRequest,
    ProviderError,
    ProviderForbidden,
    ProviderGone,
    ProviderNotFound,
    ProviderThrottled,
    ProviderUnavailable,
    ProviderValidationFailed,
)
from flovify.api.providers.models import SubscriptionWish
from flovify.api.providers.protocol import MailProvider, Providers
from flovify.api.queue.listener import Listener
from flovify.api.tenant_calls import call_as_tenant
from flovify.common.errors import FlovifyError
from flovify.common.logs import get_logger

# Graph raises a shorter life than 45 minutes to 45 (graph/api/resources/subscription).
LIFE_MINUTES = 60
# Outlook's notifications come within seconds, three minutes at most (graph/change-notifications-overview, latency).
NOTIFICATION_SECONDS = 30.0
# A call that ended so may have been carried out all the same.
_UNCERTAIN = (ProviderUnavailable, ProviderThrottled)

Tell = Callable[[StepResult], None]


@dataclass
class Attempt:
    """One check. `made_id` and `draft_id` are what must be gone at its end; `made_perhaps` if nobody can tell.

    `polled`: nothing is announced of this mailbox, so there is nothing to try.
    """

    id: uuid.UUID
    tenant_id: uuid.UUID
    notification_url: str
    lifecycle_url: str
    client_state: str = field(repr=False)
    change_types: tuple[str, ...] = ("created",)
    leftovers: list[str] = field(default_factory=list)
    abandoned: asyncio.Event = field(default_factory=asyncio.Event)
    wish: SubscriptionWish | None = None
    made_id: str | None = None
    made_perhaps: bool = False
    draft_id: str | None = None
    unhandshaken: StepFailed | None = None
    polled: bool = False


class Steps:
    """Takes one attempt through all steps and tells of each."""

    def __init__(
        self,
        attempt: Attempt,
        store: CheckStore,
        auth: AuthClient,
        providers: Providers,
        tell: Tell,
        *,
        notification_seconds: float = NOTIFICATION_SECONDS,
    ) -> None:
        self._attempt = attempt
        self._store = store
        self._auth = auth
        self._providers = providers
        self._tell = tell
        self._notification_seconds = notification_seconds

    async def run(self) -> bool:
        """All steps, and the cleaning whatever happened; whether none failed. Raises nothing of the provider's."""
        wanted = (
            (Step.TOKEN, self._token),
            (Step.MAILBOX_READ, self._mailbox_read),
            (Step.SUBSCRIPTION_CREATE, self._subscription_create),
            (Step.VALIDATION, self._validation),
            (Step.NOTIFICATION, self._notification),
        )
        broken: Step | None = None
        failed = False
        try:
            for step, work in wanted:
                if broken is not None and not (step is Step.VALIDATION and self._attempt.unhandshaken):
                    self._tell(_not_tried(step, broken))
                    continue
                result = await _timed(step, work)
                self._tell(result)
                if result.status is StepStatus.FAILED:
                    failed, broken = True, step
        finally:
            result = await _timed(Step.SUBSCRIPTION_REMOVE, self._subscription_remove)
        self._tell(result)
        return not failed and result.status is not StepStatus.FAILED

    async def _token(self) -> dict[str, Any]:
        token = await self._auth.request_tenant_token(self._attempt.tenant_id)
        provider = self._providers.of(token)
        return {
            "provider": provider.name,
            "token_type": token.token_type,
            "cloud": token.cloud or None,
            "mailbox": token.account_email,
            "seconds_left": int(token.expires_at.timestamp() - time.time()),
        }

    async def _mailbox_read(self) -> dict[str, Any]:
        async def look(provider: MailProvider, token: TenantToken) -> int:
            return await provider.look_into_inbox(token)

        return {"messages_seen": await self._call(look)}

    async def _subscription_create(self) -> dict[str, Any]:
        attempt = self._attempt

        async def subscribe(provider: MailProvider, token: TenantToken) -> dict[str, Any]:
            attempt.polled = token.is_shared
            _stop_if_polled(attempt)
            for leftover in attempt.leftovers:
                await _unless_gone(provider.remove(token, leftover))
            attempt.leftovers.clear()
            attempt.wish = SubscriptionWish(
                provider.resource(token, "inbox"),
                attempt.change_types,
                attempt.notification_url,
                attempt.lifecycle_url,
                attempt.client_state,
                LIFE_MINUTES,
            )
            attempt.made_perhaps = True
            try:
                granted = await provider.subscribe(token, attempt.wish)
            except ProviderError as error:
                attempt.made_perhaps = isinstance(error, _UNCERTAIN)
                if isinstance(error, ProviderValidationFailed):
                    attempt.unhandshaken = _failure(provider, error, attempt.wish)
                raise
            attempt.made_id = granted.id
            return {"resource": granted.resource, "expires_at": granted.expires_at.isoformat()}

        details: dict[str, Any] = await self._call(subscribe)
        if attempt.made_id is not None:
            await self._store.note_subscription(attempt.id, attempt.made_id)
        return details

    async def _validation(self) -> dict[str, Any]:
        """The provider makes a subscription only after our webhook gave its token back."""
        _stop_if_polled(self._attempt)
        if self._attempt.unhandshaken is not None:
            raise self._attempt.unhandshaken
        return {"url": self._attempt.notification_url}

    async def _notification(self) -> dict[str, Any]:
        attempt = self._attempt
        _stop_if_polled(attempt)

        async def provoke(provider: MailProvider, token: TenantToken) -> None:
            reason = provider.provocation(token)
            if reason is not None:
                raise StepFailed("permission_not_granted", reason, status=StepStatus.SKIPPED)
            try:
                attempt.draft_id = await provider.provoke(token)
            except (ProviderForbidden, ProviderBadRequest) as error:
                # To write is not what the connection is for, so that it may not is no failure of the connection.
                failure = _failure(provider, error)
                words = f"Nothing could be put into the mailbox to provoke a notification: {failure.words}"
                raise StepFailed(failure.code, words, failure.details, StepStatus.SKIPPED) from None

        await self._call(provoke)
        if not await self._notified():
            self._stop_if_abandoned()
            raise StepFailed(
                "notification_missing",
                f"Microsoft made the subscription but announced nothing within {self._notification_seconds:.0f} "
                "seconds, or what it sent did not reach this installation's webhook. Check that MS365_WEBHOOK_URL "
                "leads here and to no other installation, then try again.",
            )
        return {}

    async def _notified(self) -> bool:
        """Wait until an intake, in whatever process, has noted the check's notification."""
        heard = asyncio.Event()
        listener = asyncio.create_task(Listener(self._store.pool, CHANNEL, lambda _payload: heard.set()).run())
        gone = asyncio.create_task(self._attempt.abandoned.wait())
        gone.add_done_callback(lambda _task: heard.set())
        try:
            async with asyncio.timeout(self._notification_seconds):
                while not self._attempt.abandoned.is_set():
                    await heard.wait()
                    heard.clear()
                    if await self._store.is_notified(self._attempt.id):
                        return True
        except TimeoutError:
            return await self._store.is_notified(self._attempt.id)
        finally:
            for task in (listener, gone):
                task.cancel()
            await asyncio.gather(listener, gone, return_exceptions=True)
        return False

    async def _subscription_remove(self) -> dict[str, Any]:
        """Take away what was made. What cannot be taken away is named, and ends by itself within the hour."""
        attempt = self._attempt
        if not (attempt.made_id or attempt.made_perhaps or attempt.draft_id or attempt.leftovers):
            raise StepFailed("nothing_made", "There is nothing to remove.", status=StepStatus.SKIPPED)

        async def remove(provider: MailProvider, token: TenantToken) -> None:
            for made in [*attempt.leftovers, *await self._made(provider, token)]:
                await _unless_gone(provider.remove(token, made))

        async def discard(provider: MailProvider, token: TenantToken) -> None:
            if attempt.draft_id is not None:
                await _unless_gone(provider.discard(token, attempt.draft_id))

        # One that fails must not keep the other from being tried.
        tried = await asyncio.gather(
            self._call(remove, even_if_abandoned=True),
            self._call(discard, even_if_abandoned=True),
            return_exceptions=True,
        )
        for failure in tried:
            if isinstance(failure, BaseException):
                raise failure
        return {}

    async def _made(self, provider: MailProvider, token: TenantToken) -> list[str]:
        attempt = self._attempt
        if attempt.made_id is not None:
            return [attempt.made_id]
        if not attempt.made_perhaps or attempt.wish is None:
            return []
        # No other subscription has this check's URL, so what has it was made by the call whose answer was lost.
        found = await provider.standing_in_the_way(token, attempt.wish, None)
        return [item.id for item in found if item.notification_url == attempt.notification_url]

    async def _call(
        self, work: Callable[[MailProvider, TenantToken], Awaitable[Any]], *, even_if_abandoned: bool = False
    ) -> Any:
        """`work` in the tenant's name. Raises StepFailed for what the provider and auth refuse."""
        if not even_if_abandoned:
            self._stop_if_abandoned()
        provider: MailProvider | None = None

        async def call(token: TenantToken) -> Any:
            nonlocal provider
            provider = self._providers.of(token)
            return await work(provider, token)

        try:
            return await call_as_tenant(self._auth, self._attempt.tenant_id, call)
        except ProviderError as error:
            if provider is None:
                raise
            raise _failure(provider, error, self._attempt.wish) from None

    def _stop_if_abandoned(self) -> None:
        if self._attempt.abandoned.is_set():
            raise StepFailed("abandoned", "Whoever asked for this check has gone.", status=StepStatus.SKIPPED)


def _stop_if_polled(attempt: Attempt) -> None:
    if attempt.polled:
        words = "Microsoft announces nothing of a shared mailbox; Flovify looks for its mail every 40 seconds instead."
        raise StepFailed("polled", words, status=StepStatus.SKIPPED)


async def _timed(step: Step, work: Callable[[], Awaitable[dict[str, Any]]]) -> StepResult:
    started = time.perf_counter()

    def result(status: StepStatus, details: dict[str, Any], code: str | None = None, words: str = "") -> StepResult:
        return StepResult(step, status, round((time.perf_counter() - started) * 1000), code, words, details)

    try:
        return result(StepStatus.OK, await work())
    except StepFailed as failure:
        return result(failure.status, failure.details, failure.code, failure.words)
    except FlovifyError as error:
        return result(StepStatus.FAILED, dict(error.extra), error.problem_code, error.detail)
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not keep the following steps from cleaning up
        get_logger().error("connection_check_failed", step=step.value, error=type(error).__name__)
        words = "Something went wrong inside Flovify; see the log of the api for connection_check_failed."
        return result(StepStatus.FAILED, {}, "internal_error", words)


def _failure(provider: MailProvider, error: ProviderError, wish: SubscriptionWish | None = None) -> StepFailed:
    problem = provider.explain_creation(error, wish) if wish else provider.explain(error)
    words = provider.words(error)
    details = {"detail": problem.detail, "http_status": error.status, "request_id": error.request_id}
    details |= {"graph_code": error.code, **{key: words[key] for key in ("cause", "who_must_act", "action", "link")}}
    return StepFailed(words["code"], f"{words['cause']} {words['action']}".strip(), details)


def _not_tried(step: Step, broken: Step) -> StepResult:
    words = f"Not tried, because {broken.value} failed."
    return StepResult(step, StepStatus.SKIPPED, code="earlier_step_failed", words=words)


async def _unless_gone(work: Awaitable[None]) -> None:
    try:
        await work
    except (ProviderNotFound, ProviderGone):
        return
