"""Getting the messages of one mailbox, each with its own outcome, whatever goes wrong with the others."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from flovify.api.auth_client import TenantToken
from flovify.api.messages.models import NormalizedMessage
from flovify.api.providers.errors import ProviderBadRequest, ProviderError, ProviderUnavailable
from flovify.api.providers.models import Fetched, FetchFailure, FetchResult
from flovify.api.worker.errors import Stage, Trouble, TroubleKind, sort_error
from flovify.api.worker.metrics import FETCH_SECONDS
from flovify.common.errors import FlovifyError

Outcome = dict[str, Any] | Trouble


class Tokens(Protocol):
    """See `AuthClient`."""

    async def request_tenant_token(
        self, tenant_id: uuid.UUID, *, min_seconds: int = 300, rejected_token: str | None = None
    ) -> TenantToken: ...


class Mailbox(Protocol):
    """What the worker needs of a `MailProvider`."""

    async def fetch(
        self, token: TenantToken, message_ids: Sequence[str], *, attachments: bool = True
    ) -> dict[str, FetchResult]: ...

    async def fetch_source(self, token: TenantToken, message_id: str) -> bytes: ...

    async def probe(self, token: TenantToken) -> bool: ...

    def normalize(self, message: dict[str, Any], message_id: str) -> NormalizedMessage: ...


class Mailboxes(Protocol):
    """See `ProviderRegistry`."""

    def of(self, token: TenantToken) -> Mailbox: ...


class MailboxReader:
    """One mailbox for the time of one lease: gets a token when it is first needed, and a new one after one 401."""

    def __init__(self, tokens: Tokens, providers: Mailboxes, tenant_id: uuid.UUID) -> None:
        self._tokens = tokens
        self._providers = providers
        self._tenant_id = tenant_id
        self._token: TenantToken | None = None
        self._refreshed = False

    async def read(self, message_ids: Sequence[str], *, attachments: bool = True) -> Mapping[str, Outcome]:
        """Each id with its JSON or the trouble with it; with `attachments` the JSON lists them.

        UNCLEAR does not come out of here: it has been cleared.
        """
        if not message_ids:
            return {}
        try:
            self._providers.of(await self._get_token())
        except (ProviderError, FlovifyError) as error:
            return dict.fromkeys(message_ids, sort_error(error, Stage.TOKEN))
        with FETCH_SECONDS.time():
            results = await self._fetch(message_ids, attachments)
            rejected = {
                key: value
                for key, value in results.items()
                if isinstance(value, Trouble) and value.kind is TroubleKind.UNAUTHORIZED
            }
            if rejected:
                results |= await self._with_new_token(list(rejected), next(iter(rejected.values())), attachments)
            return await self._clear_up(results)

    async def read_mime(self, message_id: str) -> bytes | Trouble:
        """The message's source, or the trouble with it; as in `read` a rejected token is refreshed once."""
        found = await self._fetch_source(message_id)
        if isinstance(found, Trouble) and found.kind is TroubleKind.UNAUTHORIZED:
            found = await self._refresh(found) or await self._fetch_source(message_id)
        if isinstance(found, Trouble) and found.kind is TroubleKind.UNCLEAR:
            return found.cleared(served=await self._is_served())
        return found

    def normalize(self, message: dict[str, Any], message_id: str) -> NormalizedMessage:
        """A message that `read` gave, in Flovify's shape. It comes after `read`, so a token is there."""
        if self._token is None:
            raise RuntimeError("nothing was read yet")
        return self._providers.of(self._token).normalize(message, message_id)

    async def _get_token(self) -> TenantToken:
        if self._token is None:
            self._token = await self._tokens.request_tenant_token(self._tenant_id)
        return self._token

    async def _fetch(self, message_ids: Sequence[str], attachments: bool) -> dict[str, Outcome]:
        token = await self._get_token()
        try:
            found = await self._providers.of(token).fetch(token, message_ids, attachments=attachments)
        except (ProviderUnavailable, ProviderBadRequest) as error:
            # Perhaps one message is what makes the whole call fail.
            trouble = sort_error(error, Stage.FETCH)
            served = await self._is_served()
            if served and len(message_ids) > 1:
                return await self._one_by_one(message_ids, attachments)
            return dict.fromkeys(message_ids, trouble.cleared(served=served))
        except (ProviderError, FlovifyError) as error:
            return dict.fromkeys(message_ids, sort_error(error, Stage.FETCH))
        missing = FetchFailure(ProviderUnavailable("no result for this message", code="no_item"))
        return {key: _outcome(found.get(key, missing)) for key in message_ids}

    async def _one_by_one(self, message_ids: Sequence[str], attachments: bool) -> dict[str, Outcome]:
        outcomes: dict[str, Outcome] = {}
        for message_id in message_ids:
            outcomes |= await self._fetch([message_id], attachments)
        return outcomes

    async def _fetch_source(self, message_id: str) -> bytes | Trouble:
        try:
            token = await self._get_token()
            return await self._providers.of(token).fetch_source(token, message_id)
        except (ProviderError, FlovifyError) as error:
            return sort_error(error, Stage.FETCH)

    async def _with_new_token(
        self, message_ids: Sequence[str], rejected: Trouble, attachments: bool
    ) -> dict[str, Outcome]:
        """Ask again with a token that auth has refreshed."""
        trouble = await self._refresh(rejected)
        return dict.fromkeys(message_ids, trouble) if trouble else await self._fetch(message_ids, attachments)

    async def _refresh(self, rejected: Trouble) -> Trouble | None:
        """Have auth refresh the token, once a lease; the trouble that is left when there is no new one."""
        if self._refreshed or self._token is None:
            return rejected
        self._refreshed = True
        try:
            self._token = await self._tokens.request_tenant_token(
                self._tenant_id, rejected_token=self._token.access_token
            )
        except (ProviderError, FlovifyError) as error:
            return sort_error(error, Stage.TOKEN)
        return None

    async def _clear_up(self, results: dict[str, Outcome]) -> dict[str, Outcome]:
        """Decide whether an unclear failure is the message's or the mailbox's.

        The provider serves the mailbox otherwise when another message of this call came, or when the probe succeeds.
        """
        if not any(_is(value, TroubleKind.UNCLEAR) for value in results.values()):
            return results
        served = any(not isinstance(value, Trouble) for value in results.values()) or await self._is_served()
        return {
            key: value.cleared(served=served) if isinstance(value, Trouble) else value for key, value in results.items()
        }

    async def _is_served(self) -> bool:
        token = await self._get_token()
        return await self._providers.of(token).probe(token)


def _outcome(result: FetchResult) -> Outcome:
    return result.message if isinstance(result, Fetched) else sort_error(result.error, Stage.FETCH)


def _is(outcome: Outcome, kind: TroubleKind) -> bool:
    return isinstance(outcome, Trouble) and outcome.kind is kind
