"""What every Graph call is given: the sandbox's parts, who asks, and the request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.models import User
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.graph.access import READ, Caller
from flovify.sandbox.graph.exchange import GraphRequest, GraphResponse
from flovify.sandbox.graph.throttle import Throttle
from flovify.sandbox.mail.store import MailStore
from flovify.sandbox.subscriptions.service import Subscriptions


@dataclass(frozen=True)
class GraphParts:
    """The sandbox's state as Graph needs it."""

    directory: Directory
    mail: MailStore
    subscriptions: Subscriptions
    clock: SandboxClock
    throttle: Throttle


@dataclass(frozen=True)
class Call:
    """One authenticated call; `ids` come from the path."""

    parts: GraphParts
    caller: Caller
    request: GraphRequest
    ids: dict[str, str]

    @property
    def immutable(self) -> bool:
        return self.request.immutable_ids


@dataclass(frozen=True)
class MailboxCall(Call):
    """A call on the mailbox of `user`, with the permissions that count there."""

    user: User

    @property
    def body_type(self) -> str | None:
        wanted = self.request.preferences.get("outlook.body-content-type", "").lower()
        return wanted if wanted in ("text", "html") else None

    @property
    def basic(self) -> bool:
        """Whether the token may see no bodies."""
        return not self.caller.may(READ)

    def context(self, tail: str) -> str:
        """The @odata.context of an answer from this user's mailbox."""
        return f"{self.request.base}/$metadata#users('{quote(self.user.id)}')/{tail}"


Handler = Callable[[Call], Awaitable[GraphResponse]]
MailboxHandler = Callable[[MailboxCall], Awaitable[GraphResponse]]
