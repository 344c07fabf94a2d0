"""Having a provider make a subscription, and taking out of the way what is ours and in nobody's row.

What stands in the way cannot be adopted, because its secret is not kept.
"""

from __future__ import annotations

from collections.abc import Iterable

from flovify.api.auth_client import TenantToken
from flovify.api.errors import GraphRefused
from flovify.api.providers.errors import ProviderConflict, ProviderGone, ProviderNotFound
from flovify.api.providers.models import GrantedSubscription, SubscriptionWish
from flovify.api.providers.protocol import MailProvider
from flovify.api.subscriptions.store import SubscriptionStore
from flovify.common.logs import get_logger


async def make(
    store: SubscriptionStore, provider: MailProvider, token: TenantToken, wish: SubscriptionWish, replaces: str | None
) -> GrantedSubscription:
    """Make it, after what stood in its way is removed if it is ours: the one it `replaces`, or one that points to us.

    Raises ProviderError, and GraphRefused when another installation has it.
    """
    try:
        return await provider.subscribe(token, wish)
    except ProviderConflict as conflict:
        in_the_way = await provider.standing_in_the_way(token, wish, conflict.existing_id)
        ours = [item for item in in_the_way if item.id == replaces or item.notification_url == wish.notification_url]
        if in_the_way and not await remove_unknown(store, provider, token, ours):
            raise _made_elsewhere(in_the_way[0]) from None
        if not in_the_way and not conflict.existing_id:
            raise
    return await provider.subscribe(token, wish)


async def remove_unknown(
    store: SubscriptionStore, provider: MailProvider, token: TenantToken, found: Iterable[GrantedSubscription]
) -> int:
    """Remove those that are in no row; says how many there were. Raises ProviderError."""
    unknown = [item for item in found if await store.get_by_provider_id(provider.name, item.id) is None]
    for item in unknown:
        get_logger().warning("orphan_subscription_removed", graph_subscription=item.id)
        try:
            await provider.remove(token, item.id)
        except (ProviderNotFound, ProviderGone):
            continue
    return len(unknown)


def _made_elsewhere(other: GrantedSubscription) -> GraphRefused:
    return GraphRefused(
        "Microsoft already has such a subscription, made with the same app registration for another webhook "
        "address or another Flovify. Remove it there, or give this installation a registration of its own.",
        code="subscription_exists_elsewhere",
        extra={"graph_subscription_id": other.id},
    )
