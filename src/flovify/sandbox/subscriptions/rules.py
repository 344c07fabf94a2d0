"""What Graph accepts in a subscription (graph/api/resources/subscription, 2026-09-17; facts on errors are observed)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from flovify.sandbox.graph.errors import GraphError, bad_request
from flovify.sandbox.subscriptions.models import CHANGE_TYPES

MAX_CLIENT_STATE = 128
MAX_URL = 2048
SHORTEST = timedelta(minutes=45)
MAX_MINUTES = 10_080
_TLS_VERSIONS = ("v1_0", "v1_1", "v1_2", "v1_3")
_KNOWN = {
    "changeType", "notificationUrl", "lifecycleNotificationUrl", "resource", "expirationDateTime", "clientState",
    "includeResourceData", "encryptionCertificate", "encryptionCertificateId", "latestSupportedTlsVersion",
    "notificationUrlAppId", "notificationQueryOptions", "notificationContentType", "id", "applicationId", "creatorId",
}  # fmt: skip
_RICH = (
    "encryptionCertificate",
    "encryptionCertificateId",
    "notificationQueryOptions",
    "id",
    "applicationId",
    "creatorId",
)
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_RESOURCE = re.compile(
    r"/?(?:(?P<me>me)|users(?:/(?P<user>[^/()]+)|\('(?P<user_key>[^']+)'\)))"
    r"(?:/mailFolders(?:/(?P<folder>[^/()]+)|\('(?P<folder_key>[^']+)'\)))?/messages/?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wanted:
    """A create request after its checks. `user` None is the signed-in user, `folder` None the whole mailbox."""

    resource: str
    user: str | None
    folder: str | None
    change_types: list[str]
    client_state: str | None
    notification_url: str
    lifecycle_url: str | None
    expires_at: datetime
    tls_version: str


def invalid(message: str) -> GraphError:
    return bad_request(message, "InvalidRequest")


def not_understood() -> GraphError:
    return invalid(
        "Could not process subscription creation payload. Are all property names spelled and camelCased properly"
    )


def read_create(body: Mapping[str, Any], now: datetime, *, allow_http: bool, max_minutes: int) -> Wanted:
    """Check everything that needs neither directory nor network. Raises GraphError 400 or 503."""
    given = {name: value for name, value in body.items() if not name.startswith("@odata.")}
    if not given.keys() <= _KNOWN:
        raise not_understood()
    if given.get("includeResourceData") not in (None, False) or any(given.get(name) for name in _RICH):
        raise invalid("This sandbox sends no resource data and takes no read-only properties.")
    user, folder = read_resource(_text(given, "resource"))
    lifecycle_url = given.get("lifecycleNotificationUrl")
    return Wanted(
        resource=_text(given, "resource"),
        user=user,
        folder=folder,
        change_types=_change_types(_text(given, "changeType")),
        client_state=_client_state(given.get("clientState")),
        notification_url=read_url(_text(given, "notificationUrl"), "notificationUrl", allow_http=allow_http),
        lifecycle_url=None
        if lifecycle_url is None
        else read_url(_text(given, "lifecycleNotificationUrl"), "lifecycleNotificationUrl", allow_http=allow_http),
        expires_at=read_expiry(given.get("expirationDateTime"), now, max_minutes, "ExtensionError"),
        tls_version=_tls_version(given.get("latestSupportedTlsVersion")),
    )


def read_url(url: str, name: str, *, allow_http: bool) -> str:
    """An HTTPS address; plain HTTP only where the sandbox was set to allow it. Raises GraphError 400."""
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        raise invalid(f"Invalid '{name}' attribute: not a URL.") from None
    schemes = ("https", "http") if allow_http else ("https",)
    if parts.scheme.lower() not in schemes or not parts.hostname or not port_is_good or len(url) > MAX_URL:
        raise invalid(f"Invalid notification url. The '{name}' must be an absolute HTTPS URL.")
    if parts.fragment or parts.username or not url.isascii() or not url.isprintable() or " " in url:
        raise invalid(f"Invalid notification url. The '{name}' holds something a notification URL cannot have.")
    return url


def read_expiry(value: Any, now: datetime, max_minutes: int, too_far_code: str) -> datetime:
    """The effective expiry: raised to 45 minutes ahead, refused past the maximum or without a zone.

    Source: graph/api/resources/subscription, "expirationDateTime" and "Subscription lifetime".
    """
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
    except (TypeError, ValueError):
        raise not_understood() from None
    if moment.tzinfo is None:
        raise not_understood()
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise not_understood() from None
    if moment <= now:
        raise invalid("Subscription expiration must be in the future.")
    if moment > now + timedelta(minutes=max_minutes):
        raise bad_request(f"Subscription expiration can only be {max_minutes} minutes in the future.", too_far_code)
    return max(moment, now + SHORTEST)


def read_resource(resource: str) -> tuple[str | None, str | None]:
    """(user or None for me, folder or None for the mailbox) of a mail resource. Raises GraphError 400 or 503."""
    if "?" in resource:
        raise invalid("This sandbox takes no query options in 'resource'.")
    found = _RESOURCE.fullmatch(resource)
    if not found:
        raise invalid(f"Resource '{resource[:200]}' is not supported.")
    user = None if found["me"] else unquote(found["user"] or found["user_key"])
    folder = found["folder"] or found["folder_key"]
    return _without_prefix(user), unquote(folder) if folder else None


def _without_prefix(user: str | None) -> str | None:
    """A principal name that begins with a GUID is misread unless marked so.

    Source: graph/outlook-change-notifications-overview.
    """
    if user is None:
        return None
    if user.lower().startswith("aad-upn:"):
        return user[len("aad-upn:") :]
    if "@" in user and _GUID.match(user):
        raise GraphError(503, "ServiceUnavailable", "Mailbox info is stale.")
    return user


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise invalid(f"The property '{name}' is required and must be a string.")
    return value


def _change_types(value: str) -> list[str]:
    names = [name.strip().lower() for name in value.split(",")]
    if any(name not in CHANGE_TYPES for name in names):
        raise invalid(f"Invalid 'changeType' attribute: '{value[:100]}'.")
    return list(dict.fromkeys(names))


def _client_state(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MAX_CLIENT_STATE:
        raise invalid(f"The property 'clientState' must be a string of at most {MAX_CLIENT_STATE} characters.")
    return value


def _tls_version(value: Any) -> str:
    if value is None:
        return "v1_2"
    if value not in _TLS_VERSIONS:
        raise invalid("Invalid 'latestSupportedTlsVersion' attribute.")
    return str(value)
