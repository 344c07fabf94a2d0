"""What a registration may be, and when it may go."""

from __future__ import annotations

from dataclasses import replace

from flovify.auth.apps.addresses import organization_id
from flovify.auth.apps.errors import RegistrationInUse
from flovify.auth.apps.models import NewRegistration, RegistrationOverview
from flovify.common.clouds import CLOUDS
from flovify.common.errors import InvalidRequest

MAX_NAME = 256


def checked(new: NewRegistration) -> NewRegistration:
    """In its usual form. Raises InvalidRequest for what Microsoft could not know."""
    if new.cloud not in CLOUDS:
        raise InvalidRequest(f"a cloud is one of {', '.join(CLOUDS)}")
    try:
        client_id = organization_id(new.client_id)
    except InvalidRequest:
        raise InvalidRequest("a client id is a UUID; Entra shows it as Application (client) ID") from None
    name = display_name(new.display_name) or f"{client_id[:8]} ({new.cloud})"
    return replace(new, client_id=client_id, display_name=name, authority_tenant=authority_tenant(new.authority_tenant))


def authority_tenant(text: str) -> str:
    return text if text in {"common", "organizations"} else organization_id(text)


def display_name(text: str) -> str:
    if len(text) > MAX_NAME or not text.isprintable():
        raise InvalidRequest(f"a display name has at most {MAX_NAME} printable characters")
    return text.strip()


def check_removable(found: RegistrationOverview, *, force: bool) -> None:
    registration = found.registration
    if registration.source == "environment":
        raise RegistrationInUse("this registration is MICROSOFT_CLIENT_ID of the environment; change that instead")
    if registration.is_default:
        raise RegistrationInUse("this registration is the default; make another one the default first")
    if found.tenants and not force:
        raise RegistrationInUse(
            f"{found.tenants} connected accounts use this registration; disconnect them first, or remove it with "
            "force and connect them again under another one",
            extra={"tenants": found.tenants},
        )
