"""A registration as JSON, for the routes and the command line; credentials are only described."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flovify.auth.apps.models import CredentialOverview, RegistrationOverview


def shown(overview: RegistrationOverview, now: datetime) -> dict[str, Any]:
    registration, longest = overview.registration, overview.longest()
    return {
        "id": str(registration.id),
        "provider": registration.provider,
        "client_id": registration.client_id,
        "cloud": registration.cloud,
        "authority_tenant": registration.authority_tenant,
        "display_name": registration.display_name,
        "is_default": registration.is_default,
        "source": registration.source,
        "tenants": overview.tenants,
        "warning": overview.warning(now),
        "expires_in_days": longest.expires_in_days(now) if longest else None,
        "credentials": [_shown_credential(one, now) for one in overview.credentials],
        "redirect_uris": overview.redirect_uris,
        "last_error": overview.last_error,
        "last_error_at": overview.last_error_at,
        "created_at": overview.created_at,
    }


def _shown_credential(one: CredentialOverview, now: datetime) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "kind": one.kind,
        "source": one.source,
        "thumbprint": one.thumbprint,
        "subject": one.subject,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "expires_in_days": one.expires_in_days(now),
        "warning": one.warning(now),
        "refused": one.refused,
        "refused_at": one.refused_at,
    }
