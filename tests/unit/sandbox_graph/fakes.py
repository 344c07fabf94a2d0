"""Mail, Graph and subscriptions of the sandbox in memory, at a time that stands still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.graph.context import GraphParts
from flovify.sandbox.graph.exchange import GraphRequest, GraphResponse
from flovify.sandbox.graph.service import GraphService
from flovify.sandbox.graph.throttle import Limits, Throttle
from flovify.sandbox.journal import Journal
from flovify.sandbox.mail.store import MailStore
from flovify.sandbox.subscriptions.service import Subscriptions

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
APP = "11111111-2222-4333-8444-555555555555"
SALES = "sales@contoso.example"
OTHER = "other@contoso.example"
FOREIGN = "support@fabrikam.example"
SIMPLE = (
    b"From: Ada Lovelace <ada@example.com>\r\nTo: sales@contoso.example\r\nSubject: %s\r\n"
    b"Date: Mon, 23 Nov 2026 01:02:03 +0000\r\nMessage-ID: <%s@example.com>\r\n\r\nHello\r\n"
)


def simple_mail(subject: str = "Order 17", message_id: str = "order-17") -> bytes:
    return SIMPLE % (subject.encode(), message_id.encode())


class FakeClock(SandboxClock):
    """Begins on one morning and stands still until it is moved."""

    def __init__(self, journal: Journal | None = None) -> None:
        super().__init__(journal or Journal(None))

    def now(self) -> datetime:
        return MORNING + timedelta(seconds=self._state.ahead_seconds)


class Bench:
    """Store, subscriptions and Graph over a directory of three people, with `call` as the client."""

    def __init__(self, journal: Journal | None = None) -> None:
        self.journal = journal or Journal(None)
        self.clock = FakeClock(self.journal)
        self.directory = Directory(self.journal, self.clock)
        for address, name in ((SALES, "Sales Team"), (OTHER, "Other Person"), (FOREIGN, "Support")):
            self.directory.add_user(address, name)
        self.mail = MailStore(self.journal, self.clock, self.directory)
        self.subscriptions = Subscriptions(self.journal, self.clock, self.directory, self.mail, allow_http=True)
        self.throttle = Throttle(self.clock, Limits())
        self.service = GraphService(
            GraphParts(self.directory, self.mail, self.subscriptions, self.clock, self.throttle)
        )
        self.token = self.grant(SALES, "Mail.ReadWrite", "Mail.Read", "User.Read")

    def restarted(self) -> Bench:
        return Bench(self.journal)

    def grant(self, address: str, *scopes: str, client_id: str = APP) -> str:
        """A delegated token of this user."""
        user = self.directory.user_by_address(address)
        assert user is not None
        return self.directory.issue_access_token(client_id, user, user.tenant_id, scopes).token

    def grant_app(self, *roles: str, client_id: str = APP) -> str:
        """A token of the application itself, for the organisation of SALES."""
        user = self.directory.user_by_address(SALES)
        assert user is not None
        return self.directory.issue_access_token(client_id, None, user.tenant_id, (), roles).token

    def request(
        self, method: str, url: str, body: Any = None, *, token: str | None = None, prefer: str = ""
    ) -> GraphRequest:
        path, _, query = url.partition("?")
        headers = {"authorization": f"Bearer {self.token if token is None else token}"}
        if prefer:
            headers["prefer"] = prefer
        data = b"" if body is None else msgspec.json.encode(body)
        return GraphRequest(method, path, query, headers, data, "https://graph.microsoft.com/v1.0")

    async def call(
        self, method: str, url: str, body: Any = None, *, token: str | None = None, prefer: str = ""
    ) -> GraphResponse:
        return await self.service.answer(self.request(method, url, body, token=token, prefer=prefer))

    async def get(self, url: str, **options: Any) -> Any:
        """The body of a GET that must succeed."""
        answer = await self.call("GET", url, **options)
        assert answer.status == 200, answer.body
        return answer.body
