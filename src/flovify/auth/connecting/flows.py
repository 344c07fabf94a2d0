"""What all flows share: a state that works once, in the browser it was made for, for as long as whoever began it may.

State is 256 random bits, kept as a hash, for ten minutes, bound to a cookie and to the session or link that began the
flow (RFC 9700, 4.7); taking it is one DELETE, so that of many callbacks at once one goes on.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from flovify.auth.apps.errors import RegistrationNotFound
from flovify.auth.apps.models import Registration
from flovify.auth.apps.service import AppService
from flovify.auth.connecting.store import OAuthState, OAuthStateStore
from flovify.auth.errors import LinkUnusable
from flovify.auth.kept_hash import kept_hash
from flovify.auth.links.models import ConnectLink, Purpose
from flovify.auth.links.service import LinkService
from flovify.auth.microsoft.entra_errors import EntraFailure
from flovify.auth.tenants.models import Subscribe
from flovify.auth.users.models import User
from flovify.auth.vault.cipher import Place
from flovify.auth.vault.service import INSTALLATION, Vault

PROVIDER = "ms365"


class StateInvalid(Exception):
    """The callback fits no flow of this browser; nothing may be done with it."""


class StarterGone(Exception):
    """The session that began the flow has ended, or its user is no administrator any more."""


class ConnectFailed(Exception):
    """The flow ends without a connection; `code` is what the console shows, `scope` what was not granted.

    `failure` is what Microsoft said, for its ids. `by_link`: whoever came has no account here.
    """

    def __init__(self, code: str, scope: str = "", *, failure: EntraFailure | None = None, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.scope = scope
        self.failure = failure
        self.status = status
        self.by_link = False


@dataclass(frozen=True)
class Starter:
    """Who begins a flow: an administrator's session, or a link; and what is to be subscribed to after it.

    `mailbox`: the address or object id of the shared mailbox that is meant; None: the one of whoever signs in.
    """

    session_id: UUID | None = None
    link: ConnectLink | None = None
    subscribe: Subscribe | None = None
    mailbox: str | None = None


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and the value that binds the flow to it (for a cookie)."""

    authorize_url: str
    browser_secret: str


@dataclass(frozen=True)
class Opened:
    """The secrets of a new flow."""

    state: str
    browser_secret: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Flow:
    """A flow that came back. `actor` is for the audit log."""

    registration: Registration
    state: OAuthState
    verifier: str
    actor: str

    @property
    def by_link(self) -> bool:
        return self.state.link_id is not None


class Flows:
    """Opens flows and takes them up again, once."""

    def __init__(
        self,
        states: OAuthStateStore,
        vault: Vault,
        apps: AppService,
        links: LinkService,
        live_user: Callable[[UUID], Awaitable[User | None]],
    ) -> None:
        self._states = states
        self._vault = vault
        self._apps = apps
        self._links = links
        self._live_user = live_user

    async def open(
        self, purpose: Purpose, starter: Starter, registration: Registration, reconnect_id: UUID | None = None
    ) -> Opened:
        """Keep a new flow; what the browser and Microsoft get of it is told this once."""
        state, browser, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        opened = Opened(state, browser, nonce, secrets.token_urlsafe(64))
        state_hash = kept_hash(opened.state)
        async with self._states.transaction() as connection:
            row = OAuthState(
                session_id=starter.session_id,
                provider=registration.provider,
                nonce=opened.nonce,
                sealed_verifier=await self._vault.seal(opened.verifier, verifier_place(state_hash), connection),
                reconnect_id=reconnect_id,
                registration_id=registration.id,
                purpose=purpose,
                link_id=starter.link.id if starter.link else None,
                subscribe=starter.subscribe,
                mailbox=starter.mailbox,
            )
            await self._states.add(state_hash, kept_hash(opened.browser_secret), row, connection)
        return opened

    async def take(self, state: str, browser_secret: str, purpose: Purpose, cloud: str | None) -> Flow:
        """Use a state up, whatever comes of it.

        Raises StateInvalid before anything else is looked at, also when the registration is of another cloud than the
        redirect URI that was called (mix-up, RFC 9700, 4.4); StarterGone; LinkUnusable; VaultKeyMissing while the state
        is still good, for another process.
        """
        async with self._states.transaction() as connection:
            # A row that is gone cannot be read again: its key must stay until it is read.
            key = await self._vault.hold(INSTALLATION, connection)
            row = await self._states.take(kept_hash(state), kept_hash(browser_secret), connection)
        if row is None or row.purpose != purpose:
            raise StateInvalid
        try:
            registration = await self._apps.resolve(row.registration_id)
        except RegistrationNotFound:
            raise StateInvalid from None
        if cloud is not None and registration.cloud != cloud:
            raise StateInvalid
        actor = await self._actor(row)
        verifier = self._vault.open(row.sealed_verifier, verifier_place(kept_hash(state)), key)
        return Flow(registration, row, verifier.reveal(), actor)

    async def _actor(self, row: OAuthState) -> str:
        if row.link_id is not None:
            creator = await self._links.speaks_for(row.link_id)
            if creator is None:
                raise LinkUnusable
            return f"{creator} by link {row.link_id}"
        user = await self._live_user(row.session_id) if row.session_id else None
        if user is None or user.role != "administrator":
            raise StarterGone
        return user.email


def verifier_place(state_hash: bytes) -> Place:
    """Where a flow's verifier belongs."""
    return Place(INSTALLATION, f"pkce_verifier/{state_hash.hex()}")
