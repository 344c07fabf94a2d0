"""What auth refuses, and why.

FlovifyError
 ├─ VaultTampered          503           vault_locked
 ├─ VaultKeyMissing        503           vault_key_missing
 ├─ TenantNotFound         404           tenant_not_found
 ├─ ReconnectRequired      409           reconnect_required
 ├─ AccountMismatch        409           account_mismatch
 ├─ ConnectingOff          403           connecting_off
 ├─ TokenEndpointAway      503           token_endpoint_unavailable
 ├─ AppCredentialInvalid   503           app_credential_invalid
 ├─ LinkNotFound           404           link_not_found
 ├─ LinkUnusable           410           link_unusable
 ├─ OrganizationNotFound   404           organization_not_found
 ├─ OrganizationInUse      409           organization_in_use
 ├─ OrganizationNotGranted 409           organization_not_granted
 ├─ GraphRefused           409, 503      by Microsoft's answer
 ├─ SignInDelayed          429           sign_in_delayed
 ├─ UserNotFound           404           user_not_found
 ├─ OwnAccount             409           own_account
 ├─ LastAdministrator      409           last_administrator
 ├─ InvitationUnusable     410           invitation_unusable
 └─ DatabaseAway           503           database_unavailable
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flovify.common.errors import Conflict, FlovifyError, Forbidden, NotFound, Unavailable
from flovify.common.microsoft_errors import Words, reason_in_words


class ConnectingOff(Forbidden):
    """The operator has switched the connecting of new accounts off."""

    code = "connecting_off"

    def __init__(self) -> None:
        super().__init__(
            "no new account can be connected at present: the operator has switched it off (FLOVIFY_CONNECTING=off); "
            "accounts that are connected go on and can be reconnected"
        )


class VaultTampered(Unavailable):
    """A sealed value does not belong where it stands, was changed, or its key is gone."""

    code = "vault_locked"

    def __init__(self) -> None:
        super().__init__(
            "a stored secret cannot be opened: it was changed, moved from another place, or its key is missing; an "
            "operator must look at auth's log, and connecting the account again replaces it",
            retry_after=60,
        )


class VaultKeyMissing(Unavailable):
    """This process was not given the key that a data key is wrapped with; another process may have it."""

    code = "vault_key_missing"

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"this auth process lacks the encryption key with the id {key_id}: give it as OAUTH_ENCRYPTION_KEY or "
            "among OAUTH_ENCRYPTION_OLD_KEYS and restart it; nothing is lost, and other processes go on",
            retry_after=5,
        )
        self.key_id = key_id


class TenantNotFound(NotFound):
    code = "tenant_not_found"

    def __init__(self) -> None:
        super().__init__("there is no connected account with this id; GET /auth/tenants lists them")


class ReconnectRequired(Conflict):
    code = "reconnect_required"

    def __init__(self, reason: dict[str, Any] | None) -> None:
        detail = "Microsoft no longer accepts this account's sign-in; connect the account again"
        super().__init__(_said(reason, detail), extra=_told(reason))


class AccountMismatch(Conflict):
    code = "account_mismatch"

    def __init__(self) -> None:
        super().__init__("another account signed in than the one to reconnect; nothing was changed")


class TokenEndpointAway(Unavailable):
    code = "token_endpoint_unavailable"

    def __init__(self, retry_after: float, reason: dict[str, Any] | None = None) -> None:
        detail = "Microsoft's token endpoint gives no usable answer just now"
        super().__init__(_said(reason, detail), retry_after=retry_after, extra=_told(reason))


class AppCredentialInvalid(Unavailable):
    """Not the account is at fault but the app registration: everywhere, or in one organisation."""

    code = "app_credential_invalid"

    def __init__(
        self, registration_id: UUID | None = None, organization: str = "", reason: dict[str, Any] | None = None
    ) -> None:
        detail = (
            f"Microsoft does not accept this installation's app registration in organisation {organization}; an "
            "administrator there must approve it again, or allow what it asks for"
            if organization
            else "Microsoft refuses this installation's app registration; an operator must look at `flovify apps list` "
            "and, if its credential has expired, give a new one with `flovify apps rotate`"
        )
        self.everywhere = not organization
        known = {"registration_id": str(registration_id) if registration_id else "", "organization": organization}
        told = {**{name: value for name, value in known.items() if value}, **(_told(reason) or {})}
        super().__init__(_said(reason, detail), retry_after=60, extra=told)


class SignInDelayed(FlovifyError):
    code = "sign_in_delayed"
    http_status = 429

    def __init__(self, seconds: float) -> None:
        wait = max(1, round(seconds + 0.5))
        super().__init__(f"too many failed sign-ins; try again in {wait} seconds", headers={"Retry-After": str(wait)})


class UserNotFound(NotFound):
    code = "user_not_found"

    def __init__(self) -> None:
        super().__init__("there is no user with this id; GET /auth/users lists them")


class OwnAccount(Conflict):
    code = "own_account"

    def __init__(self) -> None:
        super().__init__("nobody changes their own role or deletes themselves; ask another administrator")


class LastAdministrator(Conflict):
    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__("this is the last administrator who can sign in; make somebody else one first")


class InvitationUnusable(FlovifyError):
    """Unknown, used, replaced, too old, or of a user who was disabled."""

    code = "invitation_unusable"
    http_status = 410

    def __init__(self) -> None:
        super().__init__(
            "this invitation cannot be used (any more): it was used, replaced or has expired; ask an administrator for "
            "a new one"
        )


class LinkNotFound(NotFound):
    code = "link_not_found"

    def __init__(self) -> None:
        super().__init__("there is no link with this id; GET /auth/connect-links lists them")


class LinkUnusable(FlovifyError):
    """Unknown, used, too old, withdrawn, tried too often, or of somebody who is no administrator any more."""

    code = "link_unusable"
    http_status = 410

    def __init__(self) -> None:
        super().__init__(
            "this link cannot be used (any more): it was used, has expired or was withdrawn; ask for a new one"
        )


class OrganizationNotFound(NotFound):
    code = "organization_not_found"

    def __init__(self) -> None:
        super().__init__("there is no organisation with this id; GET /auth/organizations lists them")


class OrganizationInUse(Conflict):
    code = "organization_in_use"

    def __init__(self, mailboxes: int) -> None:
        super().__init__(f"{mailboxes} mailboxes are connected by this organisation's approval; disconnect them first")


class OrganizationNotGranted(Conflict):
    """Microsoft gives no token for the organisation; `reason` and `words` say why."""

    code = "organization_not_granted"

    def __init__(self, words: Words, reason: dict[str, Any]) -> None:
        super().__init__(f"{words.cause} {words.action}", extra={"reason": reason, "words": words.as_dict()})


class GraphRefused(FlovifyError):
    """Graph's answer in words: 503 where it passes by itself, 409 otherwise."""

    def __init__(self, words: Words, reason: dict[str, Any]) -> None:
        waiting = words.status == "waiting"
        super().__init__(
            f"{words.cause} {words.action}",
            code=words.code,
            http_status=503 if waiting else 409,
            headers={"Retry-After": "10"} if waiting else None,
            extra={"reason": reason, "words": words.as_dict()},
        )


class DatabaseAway(Unavailable):
    """The database went away in the middle of something that must not be lost."""

    code = "database_unavailable"

    def __init__(self) -> None:
        super().__init__("the database cannot be reached; try again in a few seconds", retry_after=2)


def _said(reason: dict[str, Any] | None, otherwise: str) -> str:
    """Microsoft's refusal in a sentence or two; `otherwise` where Microsoft was not asked."""
    found = reason_in_words(reason)
    return f"{found['words']['cause']} {found['words']['action']}" if found and found.get("error") else otherwise


def _told(reason: dict[str, Any] | None) -> dict[str, Any] | None:
    """Problem members: `reason` as Microsoft gave it, and `words` for it."""
    found = reason_in_words(reason)
    return {"reason": reason, "words": found["words"]} if found else None
