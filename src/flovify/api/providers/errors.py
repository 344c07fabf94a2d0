"""What a provider refuses, sorted by what can be done about it. Every provider speaks to the rest of the api in these.

ProviderError
 ├─ ProviderBadRequest          400, 405, 413, 414, 415, 422: our request, or this one item, is wrong
 │   ├─ ProviderValidationFailed   our notification URL did not answer the provider's handshake
 │   └─ ProviderExpirationTooFar   the asked lifetime is longer than the provider gives
 ├─ ProviderUnauthorized        401: the token is no longer taken (claims: the user must interact)
 ├─ ProviderForbidden           403: permission or policy; not retryable soon
 ├─ ProviderNotFound            404 in the provider's own words; anybody's 404 is ProviderUnavailable
 │   └─ ItemNotFound               the provider says that this very item is not there
 ├─ ProviderGone                410: a sync state or resource is over; start a new round
 ├─ ProviderConflict            409, 412 (existing_id: the subscription the provider names)
 ├─ MailboxUnsupported          the mailbox is inactive, unlicensed, soft-deleted or on-premises: stop, look again daily
 ├─ ProviderTooLarge            the answer is longer than we hold
 ├─ ProviderThrottled           429, or 503/504 with Retry-After (retry_after in seconds, None when none is named)
 └─ ProviderUnavailable         5xx, time-outs, network, and every answer that the provider does not document
"""

from __future__ import annotations

from flovify.common.errors import FlovifyError


class ProviderError(Exception):
    """A refusal or failure. `code` is the provider's own, `request_id` is what its support asks for.

    The text is the provider's message and holds no token.
    """

    kind = "provider_error"

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        claims: str | None = None,
        existing_id: str | None = None,
        max_minutes: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retry_after = retry_after
        self.claims = claims
        self.existing_id = existing_id
        self.max_minutes = max_minutes

    def describe(self) -> str:
        """One line for a log, a dead letter or an administrator."""
        parts = [str(self.status or "no answer"), self.code, self.message[:500]]
        tail = f" (request-id {self.request_id})" if self.request_id else ""
        return " ".join(part for part in parts if part) + tail


class ProviderBadRequest(ProviderError):
    kind = "bad_request"


class ProviderValidationFailed(ProviderBadRequest):
    kind = "validation_failed"


class ProviderExpirationTooFar(ProviderBadRequest):
    kind = "expiration_too_far"


class ProviderUnauthorized(ProviderError):
    kind = "unauthorized"


class ProviderForbidden(ProviderError):
    kind = "forbidden"


class ProviderNotFound(ProviderError):
    kind = "not_found"


class ItemNotFound(ProviderNotFound):
    pass


class ProviderGone(ProviderError):
    kind = "gone"


class ProviderConflict(ProviderError):
    kind = "conflict"


class MailboxUnsupported(ProviderError):
    kind = "mailbox_unsupported"


class ProviderTooLarge(ProviderError):
    kind = "too_large"


class ProviderThrottled(ProviderError):
    kind = "throttled"


class ProviderUnavailable(ProviderError):
    kind = "unavailable"


def code_of(error: ProviderError | FlovifyError) -> str:
    """One stable word for what a call in a tenant's name met: the provider's refusal, or ours."""
    return error.kind if isinstance(error, ProviderError) else error.problem_code


def text_of(error: ProviderError | FlovifyError) -> str:
    """One line for it, for a row or an administrator."""
    return error.describe() if isinstance(error, ProviderError) else f"{error.problem_code}: {error.detail}"
