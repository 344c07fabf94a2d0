"""The registration that the environment names: MICROSOFT_CLIENT_ID and what goes with it."""

from __future__ import annotations

from flovify.auth.apps.addresses import Addresses
from flovify.auth.apps.certificates import certificate_file
from flovify.auth.apps.models import NewCredential, NewRegistration
from flovify.auth.settings import AuthSettings, AuthVaultSettings
from flovify.auth.vault.cipher import SecretText
from flovify.common.clock import Clock


def environment_registration(settings: AuthSettings) -> NewRegistration:
    return NewRegistration(
        client_id=settings.microsoft_client_id,
        cloud=settings.cloud,
        authority_tenant=settings.authority_tenant,
        display_name="from the environment",
    )


def environment_credential(settings: AuthSettings, clock: Clock) -> NewCredential:
    """Raises SettingError for a certificate file that cannot be used."""
    if settings.microsoft_client_certificate:
        return certificate_file(settings.microsoft_client_certificate, "MICROSOFT_CLIENT_CERTIFICATE", clock.now())
    secret = SecretText(settings.microsoft_client_secret.get_secret_value())
    return NewCredential("secret", secret, settings.client_secret_ends)


def addresses(settings: AuthVaultSettings) -> Addresses:
    return Addresses(settings.public_url, settings.redirect_uri, settings.stand_in_host)
