"""The applications registered at Microsoft: kept, rotated, warned about, and watched while they are in use."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from prometheus_client import Counter

from flovify.auth.apps import rules
from flovify.auth.apps.addresses import Addresses
from flovify.auth.apps.errors import CredentialInvalid, RegistrationExists, RegistrationNotFound
from flovify.auth.apps.models import (
    Credential,
    NewCredential,
    NewRegistration,
    Registration,
    RegistrationOverview,
    Source,
)
from flovify.auth.apps.store import AppStore
from flovify.auth.audit.store import AuditLog
from flovify.auth.vault.cipher import Place
from flovify.auth.vault.service import Vault
from flovify.common.clock import Clock
from flovify.common.db import Connection
from flovify.common.errors import NotFound
from flovify.common.logs import get_logger

PROVIDER = "ms365"
WARN_EVERY_SECONDS = 3600.0
REFUSED = Counter("flovify_auth_app_refused_total", "Refusals of an app registration's credentials", ["registration"])


class AppService:
    """Registrations and credentials. Nothing is held in memory: a rotation counts at once in every process."""

    def __init__(self, store: AppStore, vault: Vault, audit: AuditLog, clock: Clock, addresses: Addresses) -> None:
        self._store = store
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._addresses = addresses

    async def get(self, registration_id: UUID) -> Registration:
        """Raises RegistrationNotFound."""
        found = await self._store.get(registration_id)
        if found is None:
            raise RegistrationNotFound
        return found

    async def resolve(self, registration_id: UUID | None) -> Registration:
        """The one with this id, the default for None. Raises RegistrationNotFound."""
        if registration_id is not None:
            return await self.get(registration_id)
        found = await self._store.default(PROVIDER)
        if found is None:
            raise RegistrationNotFound
        return found

    async def find_by_client_id(self, client_id: str) -> list[Registration]:
        """Those with this client id: at most one for each cloud."""
        return await self._store.by_client_id(PROVIDER, client_id.lower())

    async def list_overviews(self) -> list[RegistrationOverview]:
        """All of them, the default first; nothing secret."""
        return await self._overviews(None)

    async def overview(self, registration_id: UUID) -> RegistrationOverview:
        """Raises RegistrationNotFound."""
        found = await self._overviews(registration_id)
        if not found:
            raise RegistrationNotFound
        return found[0]

    async def _overviews(self, only: UUID | None) -> list[RegistrationOverview]:
        credentials = await self._store.credentials(only)
        found = []
        for registration, row in await self._store.rows(only):
            mine = credentials.get(registration.id, [])
            errors = (row["last_error"], row["last_error_at"], row["created_at"])
            found.append(RegistrationOverview(registration, mine, row["tenants"], *errors, self._uris(registration)))
        return found

    def _uris(self, registration: Registration) -> list[str]:
        return [self._addresses.callback(registration), self._addresses.admin_consent_callback()]

    async def add(self, new: NewRegistration, credential: NewCredential | None, actor: str) -> RegistrationOverview:
        """Keep a registration, with its first credential. Raises InvalidRequest and RegistrationExists."""
        new = rules.checked(new)
        async with self._store.transaction() as connection:
            await self._store.lock(connection)
            registration = await self._store.add(PROVIDER, new, "stored", connection)
            if registration is None:
                raise RegistrationExists
            if new.is_default or await self._store.default(PROVIDER, connection) is None:
                await self._store.make_default(PROVIDER, registration.id, connection)
            if credential is not None:
                await self._keep(registration.id, credential, "stored", connection)
            details = {"client_id": new.client_id, "cloud": new.cloud, "authority_tenant": new.authority_tenant}
            await self._audit.record(actor, "registration.added", str(registration.id), details, connection)
        get_logger().info("app_registration_added", registration_id=str(registration.id), cloud=new.cloud)
        return await self.overview(registration.id)

    async def change(
        self,
        registration_id: UUID,
        actor: str,
        *,
        display_name: str | None = None,
        authority_tenant: str | None = None,
        make_default: bool = False,
    ) -> RegistrationOverview:
        """Change what None does not leave as it is. Raises RegistrationNotFound and InvalidRequest."""
        tenant = rules.authority_tenant(authority_tenant) if authority_tenant is not None else None
        name = rules.display_name(display_name) if display_name is not None else None
        async with self._store.transaction() as connection:
            await self._store.lock(connection)
            if not await self._store.change(registration_id, name, tenant, connection):
                raise RegistrationNotFound
            if make_default:
                await self._store.make_default(PROVIDER, registration_id, connection)
            details = {"display_name": name, "authority_tenant": tenant, "made_default": make_default}
            await self._audit.record(actor, "registration.changed", str(registration_id), details, connection)
        return await self.overview(registration_id)

    async def rotate(self, registration_id: UUID, new: NewCredential, actor: str) -> RegistrationOverview:
        """Add a credential, which is used from now on; of the earlier ones the best stays as the second.

        Raises RegistrationNotFound and CredentialInvalid.
        """
        if new.expires_at is not None and new.expires_at <= self._clock.now():
            raise CredentialInvalid("this credential's expiry date has passed already")
        await self.get(registration_id)
        async with self._store.transaction() as connection:
            await self._store.lock(connection)
            credential_id = await self._keep(registration_id, new, "stored", connection)
            retired = await self._store.retire_surplus(registration_id, connection)
            await self._store.clear_error(registration_id, connection)
            await self._store.unblock_tokens(registration_id, connection)
            details = {"kind": new.kind, "credential_id": str(credential_id), "retired": [str(one) for one in retired]}
            await self._audit.record(actor, "registration.rotated", str(registration_id), details, connection)
        get_logger().info("app_credential_added", registration_id=str(registration_id), kind=new.kind)
        return await self.overview(registration_id)

    async def remove_credential(self, registration_id: UUID, credential_id: UUID, actor: str) -> None:
        """Forget a credential. Raises NotFound."""
        async with self._store.transaction() as connection:
            await self._store.lock(connection)
            source = await self._store.credential_source(registration_id, credential_id, connection)
            if source is None:
                raise NotFound("this registration has no such credential", code="credential_not_found")
            await self._store.take_away(credential_id, source, connection)
            details = {"credential_id": str(credential_id)}
            await self._audit.record(
                actor, "registration.credential_removed", str(registration_id), details, connection
            )

    async def remove(self, registration_id: UUID, actor: str, *, force: bool = False) -> None:
        """Forget a registration and its secrets. With `force` accounts connected under it must be connected anew.

        Raises RegistrationNotFound, and RegistrationInUse for the environment's, the default, and, without `force`,
        one that accounts are connected under.
        """
        found = await self.overview(registration_id)
        rules.check_removable(found, force=force)
        reason = {"kind": "registration_removed", "client_id": found.registration.client_id}
        async with self._store.transaction() as connection:
            await self._store.lock(connection)
            await self._vault.shred(registration_id, connection)
            if not await self._store.delete(registration_id, reason if force else None, connection):
                raise RegistrationNotFound
            details = {"client_id": found.registration.client_id, "tenants": found.tenants, "force": force}
            await self._audit.record(actor, "registration.removed", str(registration_id), details, connection)
        get_logger().info("app_registration_removed", registration_id=str(registration_id))

    async def ensure_environment(self, new: NewRegistration, credential: NewCredential) -> Registration:
        """Keep what the environment names, as the default unless an operator chose another. Safe to repeat.

        Accounts without a registration get it. Of an application the environment no longer names, registration and
        credential stay, for the accounts connected under it.
        """
        async with self._store.transaction() as connection:
            await self._store.lock(connection)
            registration = await self._environment_registration(new, connection)
            await self._environment_credential(registration.id, credential, connection)
            await self._store.give_to_tenants(PROVIDER, registration.id, connection)
        return registration

    async def _environment_registration(self, new: NewRegistration, connection: Connection) -> Registration:
        added = await self._store.add(PROVIDER, new, "environment", connection)
        await self._store.adopt_as_environment(PROVIDER, new, connection)
        found = await self._store.find(PROVIDER, new.cloud, new.client_id, connection)
        assert found is not None  # noqa: S101 - just added, or there before
        default = await self._store.default(PROVIDER, connection)
        released = await self._store.release_environment(PROVIDER, found.id, connection)
        if default is None or default.id in released:
            await self._store.make_default(PROVIDER, found.id, connection)
            found = replace(found, is_default=True)
        if added is not None:
            get_logger().info("app_registration_added", registration_id=str(found.id), cloud=found.cloud)
        return found

    async def _environment_credential(self, registration_id: UUID, new: NewCredential, connection: Connection) -> None:
        """The same value as at the last start keeps its age, and learns its day; another one is the newest."""
        key = await self._vault.hold(registration_id, connection)
        stored = await self._store.environment_credential(registration_id, connection)
        if stored is not None:
            opened = self._vault.open(stored.sealed, credential_place(registration_id, stored.id), key)
            same_certificate = stored.certificate_pem == new.certificate_pem
            if same_certificate and opened.reveal() == new.secret.reveal():
                await self._store.date_credential(stored.id, new.expires_at, connection)
                return
            await self._store.delete_credential(stored.id, connection)
        await self._keep(registration_id, new, "environment", connection)
        await self._store.retire_surplus(registration_id, connection)
        await self._store.clear_error(registration_id, connection)
        await self._store.unblock_tokens(registration_id, connection)

    async def _keep(self, registration_id: UUID, new: NewCredential, source: Source, connection: Connection) -> UUID:
        credential_id = uuid4()
        place = credential_place(registration_id, credential_id)
        sealed = await self._vault.seal(new.secret.reveal(), place, connection)
        await self._store.add_credential(registration_id, credential_id, new, sealed, source, connection)
        return credential_id

    async def credentials(self, registration_id: UUID) -> list[Credential]:
        """What to present to Microsoft: at most two, the newest valid one first.

        Raises VaultTampered, VaultKeyMissing.
        """
        return [
            Credential(
                id=one.id,
                kind=one.kind,
                secret=self._vault.open(one.sealed, credential_place(registration_id, one.id), one.data_key),
                certificate_pem=one.certificate_pem,
                refused=one.refused,
            )
            for one in await self._store.usable(registration_id)
        ]

    async def credential_mark(self, registration_id: UUID) -> str:
        """Changes when a credential is added or taken away: whoever waits because one was refused may go on."""
        return await self._store.credential_mark(registration_id)

    async def note_credential_refused(self, credential: Credential, reason: dict[str, Any]) -> None:
        """Microsoft refuses this one; another may do."""
        await self._store.mark_refused(credential.id, reason)
        if not credential.refused:
            get_logger().warning("app_credential_refused", credential_id=str(credential.id), reason=reason)

    async def note_refused(self, registration_id: UUID, reason: dict[str, Any]) -> None:
        """Microsoft refuses all we have: one alarm, however many accounts ask, until it works again."""
        REFUSED.labels(str(registration_id)).inc()
        if await self._store.note_error(registration_id, reason):
            get_logger().error("app_registration_refused", registration_id=str(registration_id), reason=reason)

    async def note_accepted(self, registration_id: UUID, credential: Credential) -> None:
        """Microsoft took it: an earlier alarm is over. Writes only where there was one."""
        if credential.refused:
            await self._store.mark_accepted(credential.id)
        if await self._store.clear_error(registration_id):
            get_logger().info("app_registration_accepted", registration_id=str(registration_id))

    async def warn(self) -> None:
        """Log what ends within sixty days; for every hour."""
        now = self._clock.now()
        for overview in await self.list_overviews():
            longest = overview.longest()
            if longest is not None and overview.warning(now) != "ok":
                days = longest.expires_in_days(now)
                registration = overview.registration
                names = {"registration_id": str(registration.id), "name": registration.display_name}
                get_logger().warning("app_credential_expires", **names, client_id=registration.client_id, days=days)


def credential_place(registration_id: UUID, credential_id: UUID) -> Place:
    """Where a credential's secret belongs."""
    return Place(registration_id, f"app_credential/{credential_id}")
