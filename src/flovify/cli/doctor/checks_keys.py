"""Keys: those that the data in the database needs are those that are configured. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence

from flovify.api.settings import ApiKeySettings
from flovify.api.subscriptions.keys.models import Keyring as ClientStateKeys
from flovify.api.subscriptions.keys.models import KeyState, KeyUse
from flovify.api.subscriptions.keys.store import KeyStore
from flovify.auth.settings import AuthVaultSettings
from flovify.auth.vault.keyring import Keyring
from flovify.auth.vault.service import KeysInUse, Vault
from flovify.auth.vault.store import VaultStore
from flovify.cli.doctor.databases import RUN_THERE, Databases
from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import Check, NotLookedAt, Results, Say, Subject, Unit
from flovify.cli.doctor.store import DoctorStore
from flovify.common.audit.chain import LogKeys
from flovify.common.audit.settings import AuditKeySettings
from flovify.common.clock import Clock
from flovify.common.settings import SettingError

LATE_SECONDS = 120.0
_SEALERS = {"auth": "auth", "api": "worker"}
_CONFIGURATION = "docs/configuration.md, Replacing MS365_CLIENT_STATE"


def units(found: Found, databases: Databases, clock: Clock) -> list[Unit]:
    """The vault's, the subscriptions', and the two audit logs'."""

    async def vault(say: Say) -> Results:
        return [await _vault(say, found, databases)]

    async def client_state(say: Say) -> Results:
        settings = found.part(ApiKeySettings, "api") or found.part(ApiKeySettings, "worker")
        if settings is None:
            raise NotLookedAt("MS365_CLIENT_STATE is not here", RUN_THERE.format(service="api"))
        counts = await KeyStore(await databases.tables("api")).counts(clock.now())
        return [judge_uses(say, ClientStateKeys(settings.client_state_keys).uses(counts))]

    def audit(log: str) -> Unit:
        async def look(say: Say) -> Results:
            return await _audit(say, log, found, databases)

        return Unit(Say(Subject.KEYS, f"audit log of {log}"), "audit_key", look)

    return [
        Unit(Say(Subject.KEYS, "OAUTH_ENCRYPTION_KEY"), "vault", vault),
        Unit(Say(Subject.KEYS, "MS365_CLIENT_STATE"), "client_state", client_state),
        *map(audit, _SEALERS),
    ]


def judge_uses(say: Say, uses: Sequence[KeyUse]) -> Check:
    """Whether each subscription's secret can be recognised."""
    missing = [use for use in uses if use.state is KeyState.MISSING]
    if missing:
        ids = ", ".join(str(use.id) for use in missing)
        mend = f"Put the value with the id {ids} back behind the first, by a comma, in api and worker; if it is lost: "
        mend += "; ".join(f"flovify subscriptions abandon-key {use.id}" for use in missing)
        return say.failed("client_state", f"{sum(use.subscriptions for use in missing)} subscriptions need {ids}", mend)
    old = [use for use in uses if use.state is KeyState.ACCEPTED]
    ready = [use for use in old if not use.subscriptions]
    if old and len(ready) == len(old) and all(use.state is not KeyState.UNKNOWN for use in uses):
        mend = f"Drop what stands behind the first comma in api and worker ({_CONFIGURATION})."
        return say.warning("client_state", "nothing needs the old keys any more", mend)
    waiting = sum(use.subscriptions for use in old)
    text = f"being replaced: {waiting} subscriptions are on the old" if old else "every key in use is there"
    return say.ok("client_state", text)


def judge_audit(say: Say, waiting: int, oldest_seconds: float, *, known: bool) -> list[Check]:
    """`known`: the last seal was made by one of the keys configured here."""
    made = say.ok("audit_key", "the last seal is by a key that is there")
    if not known:
        mend = "AUDIT_KEY must be the same in auth and worker; put the earlier value behind the new one, by a comma."
        made = say.failed("audit_key", "the last seal was made by a key that is not in AUDIT_KEY here", mend)
    if oldest_seconds <= LATE_SECONDS:
        return [made, say.ok("audit_sealed", f"{waiting} entries wait for their seal" if waiting else "all are sealed")]
    text = f"{waiting} entries wait for their seal, the oldest for {oldest_seconds:.0f} seconds"
    who = "auth" if say.of.endswith("auth") else "the worker"
    return [made, say.failed("audit_sealed", text, f"See whether {who} runs, and in its log: audit_not_sealed.")]


async def _vault(say: Say, found: Found, databases: Databases) -> Check:
    settings = found.part(AuthVaultSettings, "auth")
    if settings is None:
        raise NotLookedAt("OAUTH_ENCRYPTION_KEY is not here, or no key", RUN_THERE.format(service="auth"))
    vault = Vault(Keyring(settings.encryption_keys), VaultStore(await databases.tables("auth")))
    try:
        keys = await vault.keys_in_use()
    except SettingError as error:
        mend = "Give auth the key, in OAUTH_ENCRYPTION_KEY or behind it in OAUTH_ENCRYPTION_OLD_KEYS, from the backup "
        mend += "of the secrets (docs/security.md, Keys)."
        return say.failed("vault", str(error), mend)
    return judge_vault(say, keys)


def judge_vault(say: Say, keys: KeysInUse) -> Check:
    """All keys in use open; are some of them only there to be replaced?"""
    if not keys.known:
        return say.ok("vault", "nothing is sealed yet: auth registers the key at its first start")
    if keys.in_use - {keys.current_id}:
        mend = (
            "When every auth process has the new key: flovify admin rewrap-keys, then drop OAUTH_ENCRYPTION_OLD_KEYS."
        )
        return say.warning("vault", f"being replaced: {len(keys.in_use)} keys are in use", mend)
    return say.ok("vault", f"opens what is sealed (key id {keys.current_id})")


async def _audit(say: Say, log: str, found: Found, databases: Databases) -> Results:
    service = _SEALERS[log]
    settings = found.part(AuditKeySettings, service)
    store = DoctorStore(await databases.tables(log), log)
    waiting, oldest = await store.unsealed()
    if settings is None:
        skipped = say.skipped("audit_key", f"AUDIT_KEY of {service} is not here", RUN_THERE.format(service=service))
        return [skipped, *judge_audit(say, waiting, oldest, known=True)[1:]]
    key_id = await store.sealing_key()
    known = key_id is None or LogKeys(settings.audit_keys, log).find(key_id) is not None
    return judge_audit(say, waiting, oldest, known=known)
