"""A mailbox that is shared with whoever signs in: found, and read once, before it counts as connected."""

from __future__ import annotations

from flovify.auth.apps.models import Registration
from flovify.auth.connecting.flows import ConnectFailed
from flovify.auth.microsoft.id_token import Identity
from flovify.auth.microsoft.ms365 import TokenAnswer
from flovify.auth.organizations.graph import Access, GraphDirectory, GraphRefusal
from flovify.common.logs import get_logger


class SharedMailboxes:
    """Asks Graph with the token of whoever signed in."""

    def __init__(self, graph: GraphDirectory) -> None:
        self._graph = graph

    async def identify(
        self, registration: Registration, signed_in: Identity, answer: TokenAnswer, mailbox: str
    ) -> Identity:
        """Whose mailbox it is, once its inbox could be read; `mailbox` is an address or an object id.

        Raises ConnectFailed: `mailbox_is_own` for the mailbox of whoever signed in, which Microsoft announces mail of;
        `microsoft_unavailable`, `mailbox_not_found`, `mailbox_unsupported`, or `mailbox_not_shared` where Graph refuses
        to read it.
        """
        access = Access(registration.cloud, answer.access_token)
        try:
            found = await self._graph.mailbox(access, mailbox)
            if found.object_id == signed_in.object_id.lower():
                raise ConnectFailed("mailbox_is_own")
            await self._graph.read_inbox(access, found.object_id)
        except GraphRefusal as refusal:
            get_logger().warning("shared_mailbox_refused", reason=refusal.as_reason())
            raise _failed(refusal) from None
        return Identity(signed_in.tenant_id, found.object_id, found.address or mailbox, found.display_name)


def _failed(refusal: GraphRefusal) -> ConnectFailed:
    if refusal.status in (0, 429) or refusal.status >= 500:
        return ConnectFailed("microsoft_unavailable", status=503)
    if refusal.words.code == "mailbox_unsupported":
        return ConnectFailed(refusal.words.code)
    return ConnectFailed("mailbox_not_found" if refusal.status == 404 else "mailbox_not_shared")
