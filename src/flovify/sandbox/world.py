"""Everything the sandbox knows, wired together."""

from __future__ import annotations

from dataclasses import dataclass

from flovify.common.clouds import CLOUDS, Cloud
from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.registrations import NewApp
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.entra.assertions import Assertions
from flovify.sandbox.entra.demanded import Demanded
from flovify.sandbox.entra.flows import Flows
from flovify.sandbox.entra.keys import KEY_BLOB, SigningKey
from flovify.sandbox.faults.service import Faults, RequestLog
from flovify.sandbox.journal import Journal
from flovify.sandbox.mail.store import MailStore
from flovify.sandbox.settings import SandboxSettings
from flovify.sandbox.subscriptions.service import Subscriptions


@dataclass
class World:
    """One stand-in for one of Microsoft's clouds."""

    cloud: Cloud
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
    demanded: Demanded
    assertions: Assertions

    def reset(self) -> None:
        """Forget everybody and everything, as on the first start; the signing key stays."""
        self.journal.clear(keep_blobs=[KEY_BLOB])
        self.clock.reset()
        self.directory.clear()
        self.mail.clear()
        self.subscriptions.clear()
        self.flows.clear()
        self.faults.remove()
        self.demanded.remove()
        self.assertions.clear()
        self.requests.clear()


def create_world(settings: SandboxSettings, cloud: str = "global") -> World:
    """Read what the journal of a cloud remembers; the application of the settings is registered in the global one."""
    journal = Journal(settings.journal_path(cloud))
    clock = SandboxClock(journal)
    directory = Directory(journal, clock, cloud)
    mail = MailStore(journal, clock, directory)
    world = World(
        cloud=CLOUDS[cloud],
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
        demanded=Demanded(),
        assertions=Assertions(),
    )
    set_up(world)
    return world


def set_up(world: World) -> None:
    """Register the application named by the environment; safe to repeat.

    What was added to it by hand stays: other credentials, other redirect URIs, other permissions.
    """
    settings, registrations = world.settings, world.directory.registrations
    if world.cloud.name != "global" or not settings.flovify_sandbox_client_id:
        return
    client_id, secret = settings.flovify_sandbox_client_id, settings.flovify_sandbox_client_secret.get_secret_value()
    known = registrations.find(client_id)
    if known is None:
        registrations.register(NewApp("Flovify", settings.redirect_uris, client_id, secret))
        return
    uris = list(dict.fromkeys([*settings.redirect_uris, *known.redirect_uris]))
    known = registrations.change(known, redirect_uris=uris)
    if registrations.secret(known, secret) is None:
        registrations.add_secret(known, secret, None)
