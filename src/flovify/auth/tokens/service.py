"""Access tokens for the other services: one call to Microsoft per expiry, however many processes ask.

The lease is a row, the call to Microsoft happens outside any transaction, and the result is written only over the
generation it was asked for (fencing). Whoever does not get the lease waits for the result.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from prometheus_client import Counter

from flovify.auth.apps.models import Registration
from flovify.auth.errors import (
    AppCredentialInvalid,
    DatabaseAway,
    ReconnectRequired,
    TenantNotFound,
    TokenEndpointAway,
    VaultKeyMissing,
    VaultTampered,
)
from flovify.auth.microsoft.entra_errors import EntraError, EntraFailure
from flovify.auth.microsoft.ms365 import NO_CREDENTIAL, REFUSED, Ms365Client, TokenAnswer
from flovify.auth.tokens.app_tokens import AppTokens
from flovify.auth.tokens.models import APP, DueToken, HandedOut, SealedToken, StoredToken
from flovify.auth.tokens.pauses import Pauses
from flovify.auth.tokens.store import TokenStore
from flovify.auth.vault.cipher import Place, SecretText
from flovify.auth.vault.service import Vault
from flovify.common.clock import Clock
from flovify.common.db import Connection
from flovify.common.errors import FlovifyError
from flovify.common.logs import get_logger

LEASE_SECONDS = 20.0  # a killed holder is replaced after this; a call to Microsoft has less (see MICROSOFT_SECONDS)
MICROSOFT_SECONDS = 15.0
WAIT_SECONDS = 25.0
POLL_SECONDS = 0.1
BLOCK_SECONDS = 5.0
LONGEST_BLOCK_SECONDS = 30.0
WRITE_SECONDS = 60.0  # how long an answer of Microsoft is kept in memory while the database is away
EVERYWHERE = {REFUSED, NO_CREDENTIAL}  # these are about the registration's credential, whoever is asked for
LAST_MINUTE = 60  # an access token with less life than this is not handed out
ACCESS, REFRESH = "access", "refresh"

REFRESHES = Counter("flovify_auth_token_refreshes_total", "Calls to Microsoft for a fresh token", ["outcome"])


@dataclass(frozen=True)
class Wanted:
    """What a caller needs: seconds of life left, and, after Graph refused a token, not that one (SHA-256 in hex).

    `force` asks Microsoft whatever is stored; with `fresh_only` its refusal is raised even while an older token lives.
    """

    min_seconds: int = 300
    rejected_sha256: str = ""
    force: bool = False
    fresh_only: bool = False


class Registrations(Protocol):
    """What is asked of the app registrations."""

    async def get(self, registration_id: UUID) -> Registration:
        """Raises RegistrationNotFound."""

    async def credential_mark(self, registration_id: UUID) -> str:
        """A text that changes with the registration's credentials."""


class TokenService:
    """Hands out, stores and refreshes tokens, of people and of the application itself."""

    def __init__(
        self,
        store: TokenStore,
        vault: Vault,
        client: Ms365Client,
        registrations: Registrations,
        clock: Clock,
        announce: Callable[[UUID], None] = lambda _: None,
    ) -> None:
        """`announce` is told of each account whose tokens or status changed; it may not block."""
        self._store = store
        self._vault = vault
        self._client = client
        self._clock = clock
        self._announce = announce
        self._owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._registrations = registrations
        self.app_tokens = AppTokens(client, clock)
        self.pauses = Pauses(registrations.credential_mark, clock)
        self.microsoft_seconds = MICROSOFT_SECONDS

    async def store_tenant_tokens(
        self, tenant_id: UUID, registration: Registration, answer: TokenAnswer, token_type: str, connection: Connection
    ) -> None:
        """Keep the tokens of a new connection, sealed, in the caller's transaction.

        The account's row names the registration already. Of the application's own token (`app`) no refresh token is
        kept: there is none. What was granted may have changed with it, so the next one is asked for anew.
        """
        if token_type == APP:
            self.app_tokens.forget()
        await self._vault.hold(tenant_id, connection)
        generation = await self._store.next_generation(tenant_id, connection)
        refresh_token = None if token_type == APP else answer.refresh_token
        sealed = await self._seal(tenant_id, generation, answer, refresh_token, connection)
        await self._store.put(tenant_id, token_type, sealed, generation, connection)
        get_logger().debug("tokens_stored", tenant_id=str(tenant_id), registration_id=str(registration.id))

    async def get_tenant_token(self, tenant_id: UUID, wanted: Wanted | None = None) -> HandedOut:
        """An access token with enough life left, refreshed if need be.

        Raises TenantNotFound, ReconnectRequired, TokenEndpointAway, AppCredentialInvalid, VaultTampered and
        VaultKeyMissing.
        """
        wanted = wanted or Wanted()
        deadline = self._clock.monotonic() + WAIT_SECONDS
        first_generation: int | None = None
        while True:
            row = await self._row(tenant_id)
            access = self._open(row, row.sealed_access, ACCESS, row.generation)
            first_generation = first_generation if first_generation is not None else row.generation
            unchanged = row.generation == first_generation
            # What another caller got while we waited is as fresh as it gets, even if Microsoft gave it little life.
            needed = wanted.min_seconds if unchanged else 1
            if not (wanted.force and unchanged) and self._good(row, access, wanted, needed):
                return _handed_out(row, access)
            if await self.pauses.holds(row.registration_id, ""):
                return self._fallback(row, access, wanted, _app_refused(row, row.last_error, everywhere=True))
            if await self.pauses.holds(row.registration_id, row.external_tenant_id):
                return self._fallback(row, access, wanted, _app_refused(row, row.last_error))
            if not row.leased and row.blocked_seconds <= 0:
                if await self._store.take_lease(tenant_id, row.generation, self._owner, LEASE_SECONDS):
                    return await self._refresh(row, access, wanted)
            elif not row.leased or self._clock.monotonic() > deadline:
                return self._fallback(row, access, wanted, _error(row))
            await asyncio.sleep(POLL_SECONDS)

    async def refresh_tenant_token(self, tenant_id: UUID) -> HandedOut:
        """Refresh now, whatever life is left. Raises as get_tenant_token, also while the older token still lives."""
        return await self.get_tenant_token(tenant_id, Wanted(force=True, fresh_only=True))

    async def due_for_refresh(self, soon_seconds: float, idle_seconds: float) -> list[DueToken]:
        """Active tenants whose access token ends soon, or that were not refreshed for long."""
        return await self._store.due_for_refresh(soon_seconds, idle_seconds)

    async def forget_previous(self) -> None:
        """Delete the refresh tokens that were replaced more than a day ago."""
        await self._store.forget_previous()

    async def _row(self, tenant_id: UUID) -> StoredToken:
        row = await self._store.get(tenant_id)
        if row is None:
            raise TenantNotFound
        if row.tenant_status == "reconnect_required":
            raise ReconnectRequired(row.tenant_reason)
        return row

    def _good(self, row: StoredToken, access: SecretText, wanted: Wanted, seconds: float) -> bool:
        left = row.expires_at - self._clock.now()
        return left >= timedelta(seconds=seconds) and not _rejected(access, wanted)

    def _fallback(self, row: StoredToken, access: SecretText, wanted: Wanted, error: FlovifyError) -> HandedOut:
        """While no fresh token can be had, one that still lives is used; otherwise `error` is raised."""
        if not wanted.fresh_only and self._good(row, access, wanted, LAST_MINUTE):
            return _handed_out(row, access)
        raise error

    async def _refresh(self, row: StoredToken, access: SecretText, wanted: Wanted) -> HandedOut:
        """Refresh as the holder of the lease."""
        mark = await self.pauses.mark(row.registration_id)
        try:
            answer, used = await self._ask_microsoft(row, wanted)
            fresh = await self._write(row, answer, used)
        except EntraError as error:
            return await self._failed(row, access, wanted, error.failure, mark)
        except VaultTampered:
            locked = {"kind": "vault_locked"}
            await self._store.end_lease(row.tenant_id, row.generation, self._owner, locked, BLOCK_SECONDS)
            raise
        except VaultKeyMissing:
            # Only this process lacks a key: another one refreshes.
            await self._store.give_back_lease(row.tenant_id, row.generation, self._owner)
            raise
        if fresh is None:
            return await self.get_tenant_token(row.tenant_id, Wanted(wanted.min_seconds, wanted.rejected_sha256))
        REFRESHES.labels("ok").inc()
        self._announce(row.tenant_id)
        get_logger().info("token_refreshed", tenant_id=str(row.tenant_id), generation=row.generation + 1)
        shown = replace(row, scopes=fresh.scopes, expires_at=answer.expires_at)
        return _handed_out(shown, answer.access_token)

    async def _ask_microsoft(self, row: StoredToken, wanted: Wanted) -> tuple[TokenAnswer, SecretText | None]:
        """The answer, and the refresh token it was got with, None for the application's own."""
        registration = await self._registrations.get(row.registration_id)
        if row.token_type == APP:
            return await self._ask_for_app(registration, row, wanted), None
        return await self._ask_for_person(registration, row)

    async def _ask_for_app(self, registration: Registration, row: StoredToken, wanted: Wanted) -> TokenAnswer:
        async with _microsoft(self.microsoft_seconds):
            return await self.app_tokens.get(
                registration,
                row.external_tenant_id,
                seconds=wanted.min_seconds,
                not_sha256=wanted.rejected_sha256,
                force=wanted.force,
            )

    async def _ask_for_person(self, registration: Registration, row: StoredToken) -> tuple[TokenAnswer, SecretText]:
        """Ask with the current refresh token, and once with the one before it if that is refused.

        An answer that was lost on its way may have replaced the current one (rotation).
        """
        if row.sealed_refresh is None:
            raise EntraError(EntraFailure("dead_grant", "no_refresh_token", 0))
        current = self._open(row, row.sealed_refresh, REFRESH, row.generation)
        try:
            return await self._call(registration, current), current
        except EntraError as error:
            if error.failure.kind != "dead_grant" or row.sealed_previous is None or row.previous_generation is None:
                raise
            first = error
        previous = self._open(row, row.sealed_previous, REFRESH, row.previous_generation)
        try:
            return await self._call(registration, previous), previous
        except EntraError as second:
            # A second failure that may pass must not be taken for a dead grant.
            raise (first if second.failure.kind == "dead_grant" else second) from None

    async def _call(self, registration: Registration, refresh_token: SecretText) -> TokenAnswer:
        async with _microsoft(self.microsoft_seconds / 2):
            return await self._client.refresh_access_token(registration, refresh_token)

    async def _write(self, row: StoredToken, answer: TokenAnswer, used: SecretText | None) -> SealedToken | None:
        """Keep the answer; None when fenced out."""
        # Entra: if a reply has no refresh_token, keep the old.
        keep = None if row.token_type == APP else answer.refresh_token or used
        deadline = self._clock.monotonic() + WRITE_SECONDS
        while True:
            try:
                return await self._finish(row, answer, keep)
            except DatabaseAway:
                # With rotation the old refresh token may be dead already: this answer must not be lost.
                if self._clock.monotonic() > deadline:
                    raise
                get_logger().warning("token_write_postponed", tenant_id=str(row.tenant_id))
                await asyncio.sleep(1)

    async def _finish(self, row: StoredToken, answer: TokenAnswer, keep: SecretText | None) -> SealedToken | None:
        """Sealed and written in one transaction: a change of data keys comes before it or after it."""
        async with self._store.transaction() as connection:
            sealed = await self._seal(row.tenant_id, row.generation + 1, answer, keep, connection)
            sealed = replace(sealed, scopes=sealed.scopes or row.scopes)
            kept = await self._store.finish(row.tenant_id, row.generation, sealed, connection)
        return sealed if kept else None

    async def _failed(
        self, row: StoredToken, access: SecretText, wanted: Wanted, failure: EntraFailure, mark: str
    ) -> HandedOut:
        REFRESHES.labels(failure.kind).inc()
        blocked, in_a_row = _backoff(row, failure)
        kept = {**failure.as_reason(), "in_a_row": in_a_row}
        held = await self._store.end_lease(row.tenant_id, row.generation, self._owner, kept, blocked)
        log = get_logger(tenant_id=str(row.tenant_id), reason=failure.as_reason())
        if failure.kind == "dead_grant":
            return await self._grant_is_dead(row, wanted, failure)
        if failure.kind in {"app_credential", "our_request"}:
            # Nobody's connection is at fault, so nobody is flagged: an operator must act. A credential is refused for
            # all, and has been reported by the registration; anything else may be one organisation's doing.
            everywhere = failure.error in EVERYWHERE
            self.pauses.begin(row.registration_id, "" if everywhere else row.external_tenant_id, mark)
            if not everywhere:
                log.error("app_not_accepted", organization=row.external_tenant_id)
            return self._fallback(row, access, wanted, _app_refused(row, failure.as_reason()))
        log.warning("token_refresh_failed")
        if not held:  # we slept past our lease: somebody else has the answer, or is about to
            return await self.get_tenant_token(row.tenant_id, Wanted(wanted.min_seconds, wanted.rejected_sha256))
        return self._fallback(row, access, wanted, TokenEndpointAway(max(1.0, blocked), failure.as_reason()))

    async def _grant_is_dead(self, row: StoredToken, wanted: Wanted, failure: EntraFailure) -> HandedOut:
        """Flag the tenant, unless another process refreshed, or the account was connected anew, meanwhile."""
        if await self._store.flag_tenant(row.tenant_id, row.generation, failure.as_reason()):
            self._announce(row.tenant_id)
            get_logger().warning("tenant_reconnect_required", tenant_id=str(row.tenant_id), reason=failure.as_reason())
            raise ReconnectRequired(failure.as_reason())
        if (await self._row(row.tenant_id)).generation == row.generation:
            raise ReconnectRequired(failure.as_reason())  # not flagged because it is being disconnected
        return await self.get_tenant_token(row.tenant_id, Wanted(wanted.min_seconds, wanted.rejected_sha256))

    async def _seal(
        self,
        tenant_id: UUID,
        generation: int,
        answer: TokenAnswer,
        refresh_token: SecretText | None,
        connection: Connection,
    ) -> SealedToken:
        access = await self._vault.seal(answer.access_token.reveal(), Place(tenant_id, ACCESS, generation), connection)
        refresh = None
        if refresh_token is not None:
            refresh = await self._vault.seal(refresh_token.reveal(), Place(tenant_id, REFRESH, generation), connection)
        return SealedToken(access, refresh, list(answer.scopes), answer.expires_at)

    def _open(self, row: StoredToken, sealed: str, purpose: str, generation: int) -> SecretText:
        return self._vault.open(sealed, Place(row.tenant_id, purpose, generation), row.data_key)


def _rejected(access: SecretText, wanted: Wanted) -> bool:
    digest = hashlib.sha256(access.reveal().encode()).hexdigest()
    return hmac.compare_digest(digest.encode(), wanted.rejected_sha256.lower().encode(errors="replace"))


def _error(row: StoredToken) -> FlovifyError:
    """Why there is no fresh token: what the last try found, while nobody may try again."""
    kind = (row.last_error or {}).get("kind")
    if kind == "dead_grant":
        return ReconnectRequired(row.last_error)
    if kind in {"app_credential", "our_request"}:
        return _app_refused(row, row.last_error)
    if kind == "vault_locked":
        return VaultTampered()
    return TokenEndpointAway(max(1.0, row.blocked_seconds), row.last_error)


def _app_refused(row: StoredToken, reason: dict[str, Any] | None, *, everywhere: bool = False) -> AppCredentialInvalid:
    """For everybody when our credential is refused, otherwise in this account's organisation."""
    told = reason if (reason or {}).get("kind") in {"app_credential", "our_request"} else None
    everywhere = everywhere or (told or {}).get("error") in EVERYWHERE
    return AppCredentialInvalid(row.registration_id, "" if everywhere else row.external_tenant_id, told)


def _backoff(row: StoredToken, failure: EntraFailure) -> tuple[float, int]:
    """For how long nobody asks again, and how many failures in a row that are: 5, 10, 20, 30 seconds.

    Microsoft's own Retry-After goes before. AADSTS50196 above all wants fewer requests (reference-error-codes).
    """
    in_a_row = int((row.last_error or {}).get("in_a_row", 0)) + 1
    grown = min(BLOCK_SECONDS * 2 ** min(in_a_row - 1, 8), LONGEST_BLOCK_SECONDS)
    return failure.retry_after or grown, in_a_row


def _handed_out(row: StoredToken, access: SecretText) -> HandedOut:
    return HandedOut(
        access_token=access,
        expires_at=row.expires_at,
        token_type=row.token_type,
        scopes=row.scopes,
        registration_id=row.registration_id,
        cloud=row.cloud,
        provider=row.provider,
        external_tenant_id=row.external_tenant_id,
        external_account_id=row.external_account_id,
        account_email=row.account_email,
        status=row.tenant_status,
    )


@asynccontextmanager
async def _microsoft(seconds: float) -> AsyncIterator[None]:
    """A call that takes longer fails as one that may pass."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise EntraError(EntraFailure("transient", "timeout", 0)) from None
