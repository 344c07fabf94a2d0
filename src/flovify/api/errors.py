"""Errors of the api.

FlovifyError
 ├─ TenantNotFound          404 tenant_not_found
 ├─ ReconnectRequired       409 reconnect_required
 ├─ ResourceNotSupported    422 resource_not_supported
 ├─ MailboxNotYours         422 mailbox_not_yours
 │   └─ SharedMailboxNoPush     422 shared_mailbox_no_push
 ├─ ProviderNotSupported    409 provider_not_supported
 ├─ WebhookValidationFailed 409 webhook_validation_failed
 ├─ GraphRefused            409 graph_refused, mailbox_access_denied, mailbox_unsupported, …
 ├─ MessageGone             410 message_gone
 └─ Unavailable
     ├─ AuthUnavailable         503 auth_unavailable (or auth's own code: vault_locked, token_endpoint_unavailable)
     ├─ AppCredentialInvalid    503 app_credential_invalid
     └─ GraphAway               503 graph_unavailable, graph_throttled
"""

from __future__ import annotations

from flovify.common.errors import Conflict, FlovifyError, InvalidRequest, NotFound, Unavailable


class TenantNotFound(NotFound):
    """Auth knows no such connected account."""

    code = "tenant_not_found"


class ReconnectRequired(Conflict):
    """The account's consent or credential is gone; only its owner, signing in again, can bring it back."""

    code = "reconnect_required"


class AuthUnavailable(Unavailable):
    """Auth, or Microsoft's token endpoint behind it, cannot give a token now. `retry_after` is in seconds."""

    code = "auth_unavailable"


class AppCredentialInvalid(Unavailable):
    """Microsoft refuses this installation's own client id or secret: nothing works until the operator acts."""

    code = "app_credential_invalid"


class ResourceNotSupported(InvalidRequest):
    """The asked resource is none that Flovify subscribes to."""

    code = "resource_not_supported"


class MailboxNotYours(InvalidRequest):
    """The resource names another mailbox than the tenant's own."""

    code = "mailbox_not_yours"


class SharedMailboxNoPush(MailboxNotYours):
    """A delegated token asked for another mailbox.

    Microsoft would take the subscription and never deliver (graph/outlook-change-notifications-overview: delegated
    permissions do not support shared folders), so it is refused before Microsoft is asked.
    """

    code = "shared_mailbox_no_push"


class ProviderNotSupported(FlovifyError):
    """A tenant of a provider that this api does not have."""

    code = "provider_not_supported"
    http_status = 409


class WebhookValidationFailed(FlovifyError):
    """Graph could not reach our webhook, or did not get its token back."""

    code = "webhook_validation_failed"
    http_status = 409


class GraphRefused(FlovifyError):
    """Graph understood and refused."""

    code = "graph_refused"
    http_status = 409


class MessageGone(FlovifyError):
    """What was asked for is no longer at Microsoft, and Flovify keeps no copy of it."""

    code = "message_gone"
    http_status = 410


class GraphAway(Unavailable):
    """Graph does not answer or asks for patience. `retry_after` is in seconds."""

    code = "graph_unavailable"
