"""Application registrations and their credentials: secrets and certificates, several valid at a time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.models import App, Certificate, Secret, changed
from flovify.sandbox.journal import Journal

DEFAULT_SCOPES = ("openid", "profile", "offline_access", "User.Read", "Mail.Read")
DEFAULT_ROLES = ("Mail.Read", "User.Read.All")
_KIND = "app"


@dataclass(frozen=True)
class NewApp:
    """A registration as it is asked for; what is empty is chosen. `certificates` are PEM."""

    display_name: str
    redirect_uris: list[str]
    client_id: str = ""
    secret: str = ""
    secret_expires_at: datetime | None = None
    certificates: list[str] = field(default_factory=list)
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    roles: tuple[str, ...] = DEFAULT_ROLES
    home: str = ""


class Registrations:
    """In memory and in the journal. Secrets are kept as hashes only."""

    def __init__(self, journal: Journal, clock: SandboxClock) -> None:
        self._journal = journal
        self._clock = clock
        self._apps = {app.client_id: _current(app) for app in journal.load(_KIND, App)}

    def clear(self) -> None:
        """Forget all; the journal is cleared by the caller."""
        self._apps.clear()

    def register(self, wanted: NewApp) -> App:
        """Add an application, or replace the one with the same client id. Raises ValueError for a bad certificate."""
        app = App(
            client_id=(wanted.client_id or str(uuid.uuid4())).lower(),
            display_name=wanted.display_name,
            redirect_uris=list(wanted.redirect_uris),
            certificates=[read_certificate(pem) for pem in wanted.certificates],
            scopes=list(wanted.scopes),
            roles=list(wanted.roles),
            home=wanted.home,
        )
        if wanted.secret:
            app.secrets = [_secret(wanted.secret, wanted.secret_expires_at)]
        return self._keep(app)

    def find(self, client_id: str) -> App | None:
        return self._apps.get(client_id.lower())

    def all(self) -> list[App]:
        return list(self._apps.values())

    def change(
        self,
        app: App,
        *,
        display_name: str | None = None,
        redirect_uris: list[str] | None = None,
        scopes: list[str] | None = None,
        roles: list[str] | None = None,
        home: str | None = None,
    ) -> App:
        """Keep the registration with other values; what is None stays."""
        return self._keep(
            changed(app, display_name=display_name, redirect_uris=redirect_uris, scopes=scopes, roles=roles, home=home)
        )

    def add_secret(self, app: App, text: str, expires_at: datetime | None) -> Secret:
        secret = _secret(text, expires_at)
        self._keep(changed(app, secrets=[*app.secrets, secret]))
        return secret

    def add_certificate(self, app: App, pem: str) -> Certificate:
        """Raises ValueError for what is no certificate with an RSA key."""
        certificate = read_certificate(pem)
        self._keep(changed(app, certificates=[*app.certificates, certificate]))
        return certificate

    def expire(self, app: App, key_id: str | None) -> int:
        """End one credential, or all of them, now; says how many."""
        now = self._clock.now()
        credentials: list[Secret | Certificate] = [*app.secrets, *app.certificates]
        chosen = [one for one in credentials if key_id in (None, one.key_id)]
        for one in chosen:
            one.expires_at = now
        self._keep(app)
        return len(chosen)

    def remove(self, app: App, key_id: str) -> bool:
        """Take one credential away, as if it had never been; says whether it was there."""
        kept = [one for one in app.secrets if one.key_id != key_id]
        certificates = [one for one in app.certificates if one.key_id != key_id]
        self._keep(changed(app, secrets=kept, certificates=certificates))
        return len(kept) + len(certificates) < len(app.secrets) + len(app.certificates)

    def secret(self, app: App, text: str) -> Secret | None:
        """The registered secret that this is, expired ones included."""
        digest = sha256_hex(text)
        return next((one for one in app.secrets if hmac.compare_digest(one.sha256, digest)), None)

    def _keep(self, app: App) -> App:
        self._apps[app.client_id] = app
        self._journal.put(_KIND, app.client_id, app)
        return app


def new_secret() -> str:
    """Forty characters, as Entra's are."""
    return secrets.token_urlsafe(30)


def sha256_hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_certificate(pem: str) -> Certificate:
    """Raises ValueError saying what is wrong; a private key in the text is refused rather than ignored."""
    if "PRIVATE KEY" in pem:
        raise ValueError("certificate_pem holds a private key; register the certificate alone")
    try:
        found = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise ValueError("certificate_pem is no certificate in PEM") from None
    return Certificate(
        key_id=str(uuid.uuid4()),
        pem=pem,
        sha1=_base64url(found.fingerprint(hashes.SHA1())),  # noqa: S303 - x5t is defined so (RFC 7515, 4.1.7)
        sha256=_base64url(found.fingerprint(hashes.SHA256())),
        expires_at=found.not_valid_after_utc,
    )


def _secret(text: str, expires_at: datetime | None) -> Secret:
    return Secret(str(uuid.uuid4()), sha256_hex(text), expires_at)


def _current(app: App) -> App:
    """Bring state of an earlier version, with its one secret and fixed permissions, to today's form."""
    if not app.secret_sha256:
        return app
    kept = [Secret(str(uuid.uuid4()), app.secret_sha256)]
    return msgspec.structs.replace(
        app, secrets=kept, secret_sha256="", scopes=list(DEFAULT_SCOPES), roles=list(DEFAULT_ROLES)
    )


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
