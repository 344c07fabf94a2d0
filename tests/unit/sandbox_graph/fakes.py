"""Small stand-ins for what the rest of the sandbox gives to mail, Graph and subscriptions."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import msgspec

from flovify.sandbox.directory.organizations import Organizations
from flovify.sandbox.graph.context import GraphParts
from flovify.sandbox.graph.exchange import GraphRequest, GraphResponse
from flovify.sandbox.graph.service import GraphService
from flovify.sandbox.graph.throttle import Limits, Throttle
from flovify.sandbox.journal import Journal
from flovify.sandbox.mail.store import MailStore
from flovify.sandbox.subscriptions.service import Subscriptions

S = TypeVar("S", bound=msgspec.Struct)
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


class MemoryJournal:
    """Keeps encoded values, so that a store made anew from it sees what a restart would."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, bytes]] = {}
        self.blobs: dict[str, bytes] = {}

    def together(self) -> nullcontext[None]:
        return nullcontext()

    def put(self, kind: str, key: str, value: msgspec.Struct) -> None:
        self.values.setdefault(kind, {})[key] = msgspec.json.encode(value)

    def delete(self, kind: str, key: str) -> None:
        self.values.get(kind, {}).pop(key, None)

    def load(self, kind: str, type_: type[S]) -> Iterable[S]:
        return [msgspec.json.decode(value, type=type_) for value in self.values.get(kind, {}).values()]

    def put_blob(self, key: str, data: bytes) -> None:
        self.blobs[key] = data

    def get_blob(self, key: str) -> bytes:
        return self.blobs[key]


class FakeClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass(frozen=True)
class FakeUser:
    address: str
    display_name: str
    tenant_id: str
    id: str = field(default_factory=lambda: str(uuid4()))
    kind: str = "user"
    delegates: tuple[str, ...] = ()


@dataclass(frozen=True)
class FakeToken:
    user_id: str | None
    tenant_id: str
    client_id: str = APP
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


class FakeDirectory:
    """Two users in one tenant, one in another; a token names a user and its permissions: `sales Mail.Read`."""

    def __init__(self) -> None:
        contoso, fabrikam = str(uuid4()), str(uuid4())
        self.users = [
            FakeUser(SALES, "Sales Team", contoso),
            FakeUser(OTHER, "Other Person", contoso),
            FakeUser(FOREIGN, "Support", fabrikam),
        ]
        self.tokens: dict[str, FakeToken] = {}
        self.organizations = Organizations(Journal(None))
        self.kept_out: dict[str, str] = {}

    def grant(self, address: str, *scopes: str, client_id: str = APP) -> str:
        user = self.user_by_address(address)
        assert user is not None
        token = f"delegated-{len(self.tokens)}"
        self.tokens[token] = FakeToken(user.id, user.tenant_id, client_id, scopes)
        return token

    def grant_app(self, *roles: str, client_id: str = APP) -> str:
        token = f"app-{len(self.tokens)}"
        self.tokens[token] = FakeToken(None, self.users[0].tenant_id, client_id, (), roles)
        return token

    def members(self, tenant_id: str) -> list[FakeUser]:
        return [user for user in self.users if user.tenant_id == tenant_id]

    def excludes(self, _client_id: str, user: FakeUser) -> str:
        return self.kept_out.get(user.address, "")

    def exchange_roles(self, _client_id: str, _tenant_id: str) -> list[str]:
        return []

    def resolve_access_token(self, token: str) -> FakeToken | None:
        return self.tokens.get(token)

    def user_by_id(self, user_id: str) -> FakeUser | None:
        return next((user for user in self.users if user.id == user_id), None)

    def user_by_address(self, address: str) -> FakeUser | None:
        return next((user for user in self.users if user.address == address.lower()), None)


class Bench:
    """Store, subscriptions and Graph over the stand-ins, with `call` as the client."""

    def __init__(self, journal: MemoryJournal | None = None, directory: FakeDirectory | None = None) -> None:
        self.journal = journal or MemoryJournal()
        self.clock = FakeClock()
        self.directory = directory or FakeDirectory()
        self.mail = MailStore(self.journal, self.clock, self.directory)
        self.subscriptions = Subscriptions(self.journal, self.clock, self.directory, self.mail, allow_http=True)
        self.throttle = Throttle(self.clock, Limits())
        self.service = GraphService(
            GraphParts(self.directory, self.mail, self.subscriptions, self.clock, self.throttle)
        )
        self.token = self.directory.grant(SALES, "Mail.ReadWrite", "Mail.Read", "User.Read")

    def restarted(self) -> Bench:
        return Bench(self.journal, self.directory)

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
