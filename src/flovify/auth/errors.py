"""What auth refuses, and why.

FlovifyError
 ├─ VaultTampered          503           vault_locked
 ├─ TenantNotFound         404           tenant_not_found
 ├─ ReconnectRequired      409           reconnect_required
 ├─ AccountMismatch        409           account_mismatch
 ├─ TokenEndpointAway      503           token_endpoint_unavailable
 ├─ AppCredentialInvalid   503           app_credential_invalid
 ├─ SignInDelayed          429           sign_in_delayed
 └─ DatabaseAway           503           database_unavailable
"""

from __future__ import annotations

from typing import Any

from flovify.common.errors import Conflict, FlovifyError, NotFound, Unavailable


class VaultTampered(Unavailable):
    """A sealed value does not belong where it stands, was changed, or its key is gone."""

    code = "vault_locked"

    def __init__(self) -> None:
        super().__init__(
            "a stored secret cannot be opened: it was changed, moved from another place, or its key is missing; an "
            "operator must look at auth's log, and connecting the account again replaces it",
            retry_after=60,
        )


class TenantNotFound(NotFound):
    code = "tenant_not_found"

    def __init__(self) -> None:
        super().__init__("there is no connected account with this id; GET /auth/tenants lists them")


class ReconnectRequired(Conflict):
    code = "reconnect_required"

    def __init__(self, reason: dict[str, Any] | None) -> None:
        super().__init__(
            "Microsoft no longer accepts this account's sign-in; connect the account again",
            extra={"reason": reason} if reason else None,
        )


class AccountMismatch(Conflict):
    code = "account_mismatch"

    def __init__(self) -> None:
        super().__init__("another account signed in than the one to reconnect; nothing was changed")


class TokenEndpointAway(Unavailable):
    code = "token_endpoint_unavailable"

    def __init__(self, retry_after: float) -> None:
        super().__init__("Microsoft's token endpoint gives no usable answer just now", retry_after=retry_after)


class AppCredentialInvalid(Unavailable):
    code = "app_credential_invalid"

    def __init__(self) -> None:
        super().__init__(
            "Microsoft refuses this installation's own credential; an operator must check MICROSOFT_CLIENT_ID and "
            "MICROSOFT_CLIENT_SECRET (secrets expire)",
            retry_after=60,
        )


class SignInDelayed(FlovifyError):
    code = "sign_in_delayed"
    http_status = 429

    def __init__(self, seconds: float) -> None:
        wait = max(1, round(seconds + 0.5))
        super().__init__(f"too many failed sign-ins; try again in {wait} seconds", headers={"Retry-After": str(wait)})


class DatabaseAway(Unavailable):
    """The database went away in the middle of something that must not be lost."""

    code = "database_unavailable"

    def __init__(self) -> None:
        super().__init__("the database cannot be reached; try again in a few seconds", retry_after=2)
