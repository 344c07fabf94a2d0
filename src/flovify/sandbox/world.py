"""Everything the sandbox knows, wired together."""

from __future__ import annotations

from dataclasses import dataclass

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.entra.flows import Flows
from flovify.sandbox.entra.keys import KEY_BLOB, SigningKey
from flovify.sandbox.faults.service import Faults, RequestLog
from flovify.sandbox.journal import Journal
from flovify.sandbox.mail.store import MailStore
from flovify.sandbox.settings import SandboxSettings
from flovify.sandbox.subscriptions.service import Subscriptions


@dataclass
class World:
    """One stand-in for Microsoft."""

    settings: SandboxSettings
    journal: Journal
    clock: SandboxClock
    directory: Directory
    mail: MailStore
    subscriptions: Subscriptions
    faults: Faults
    requests: RequestLog
    key: SigningKey
    flows: Flows

    def reset(self) -> None:
        """Forget everybody and everything, as on the first start; the signing key stays."""
        self.journal.clear(keep_blobs=[KEY_BLOB])
        self.clock.reset()
        self.directory.clear()
        self.mail.clear()
        self.subscriptions.clear()
        self.flows.clear()
        self.faults.remove()
        self.requests.clear()


def create_world(settings: SandboxSettings) -> World:
    """Read what the journal remembers, and register the application of the settings."""
    journal = Journal(settings.journal_path)
    clock = SandboxClock(journal)
    directory = Directory(journal, clock)
    mail = MailStore(journal, clock, directory)
    world = World(
        settings=settings,
        journal=journal,
        clock=clock,
        directory=directory,
        mail=mail,
        subscriptions=Subscriptions(journal, clock, directory, mail, allow_http=settings.flovify_sandbox_allow_http),
        faults=Faults(),
        requests=RequestLog(),
        key=SigningKey(journal),
        flows=Flows(journal, clock, directory),
    )
    register_own_app(world)
    return world


def register_own_app(world: World) -> None:
    """Register the application named by the environment; safe to repeat."""
    settings = world.settings
    if settings.flovify_sandbox_client_id:
        world.directory.register(
            "Flovify",
            settings.redirect_uris,
            settings.flovify_sandbox_client_id,
            settings.flovify_sandbox_client_secret.get_secret_value(),
        )
