"""Graph's errors as answers to our own callers: each says what can be done."""

from __future__ import annotations

from flovify.api.errors import GraphAway, GraphRefused, MessageGone, ReconnectRequired
from flovify.api.providers.errors import (
    MailboxUnsupported,
    ProviderError,
    ProviderForbidden,
    ProviderGone,
    ProviderNotFound,
    ProviderThrottled,
    ProviderTooLarge,
    ProviderUnauthorized,
    ProviderUnavailable,
)
from flovify.common.errors import FlovifyError
from flovify.common.microsoft_errors import graph_words

_DEFAULT_WAIT_SECONDS = 10.0


def to_problem(error: ProviderError) -> FlovifyError:
    """The problem a caller of ours sees for `error`; Graph's request id goes with it, for Microsoft's support."""
    extra: dict[str, object] = {"words": graph_words(error.status, error.code, error.message).as_dict()}
    if error.request_id:
        extra |= {"graph_code": error.code, "graph_request_id": error.request_id}
    wait = error.retry_after if error.retry_after is not None else _DEFAULT_WAIT_SECONDS
    if isinstance(error, ProviderThrottled):
        return GraphAway(
            "Microsoft Graph asks to slow down for this mailbox. Try again after the time in Retry-After.",
            code="graph_throttled",
            retry_after=wait,
            extra=extra,
        )
    if isinstance(error, ProviderUnavailable):
        return GraphAway(
            "Microsoft Graph does not answer properly. Nothing was changed; try again shortly, and if it stays so, see "
            "Microsoft's service health page and this machine's way to the internet.",
            retry_after=wait,
            extra=extra,
        )
    return _refusal(error, extra)


def _refusal(error: ProviderError, extra: dict[str, object]) -> FlovifyError:
    if isinstance(error, ProviderUnauthorized):
        return ReconnectRequired(
            "Microsoft no longer accepts this account's sign-in; connect the account again.", extra=extra
        )
    if isinstance(error, MailboxUnsupported):
        return GraphRefused(
            "Microsoft says this account's mailbox cannot be reached through Graph: it is inactive, unlicensed, "
            "deleted or on a server of the organisation's own. Give it an Exchange Online licence, then try again.",
            code="mailbox_unsupported",
            extra=extra,
        )
    if isinstance(error, ProviderForbidden):
        return GraphRefused(
            f"Microsoft refuses access ({error.message[:200]}). The account lacks the permission Mail.Read, a policy "
            "of its organisation forbids it, or a limit is reached; ask the organisation's administrator.",
            code="mailbox_access_denied",
            extra=extra,
        )
    if isinstance(error, (ProviderNotFound, ProviderGone)):
        return MessageGone("This is no longer in the mailbox, and Flovify keeps no copy of it.", extra=extra)
    if isinstance(error, ProviderTooLarge):
        return GraphRefused("Microsoft's answer is larger than Flovify accepts.", code="too_large", extra=extra)
    return GraphRefused(f"Microsoft refuses the request: {error.describe()}", extra=extra)
