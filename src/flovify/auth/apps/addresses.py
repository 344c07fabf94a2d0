"""Where a registration's people sign in, and where Microsoft sends them back to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yarl import URL

from flovify.auth.apps.models import Registration
from flovify.common.clouds import login_url
from flovify.common.errors import InvalidRequest

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Addresses:
    """Hosts come from the registration's cloud, never from a request. `stand_in`: who plays Microsoft, "" for nobody.

    `redirect_uri` is the one of the global cloud; another cloud's has the cloud's name behind it, so that an answer
    of one cloud can never be taken for another's (RFC 9700, 4.4).
    """

    public_url: str
    redirect_uri: str
    stand_in: str = ""

    def login(self, registration: Registration) -> str:
        """The sign-in host, without a tenant segment."""
        return login_url(registration.cloud, self.stand_in)

    def authority(self, registration: Registration) -> str:
        return f"{self.login(registration)}/{registration.authority_tenant}"

    def token_url(self, registration: Registration, organization: str = "") -> URL:
        """The token endpoint, of one organisation where its id is given. Raises InvalidRequest for what is no id."""
        segment = organization_id(organization) if organization else registration.authority_tenant
        return URL(f"{self.login(registration)}/{segment}/oauth2/v2.0/token")

    def callback(self, registration: Registration) -> str:
        return self.redirect_uri if registration.cloud == "global" else f"{self.redirect_uri}/{registration.cloud}"

    def admin_consent_callback(self) -> str:
        return f"{self.public_url}/auth/oauth/ms365/adminconsent/callback"


def organization_id(text: str) -> str:
    """The id of an organisation (tid) in its usual form. Raises InvalidRequest for anything but a UUID's text."""
    if not _UUID.fullmatch(text):
        raise InvalidRequest("an organisation's id is a UUID such as 7d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f")
    return text.lower()
