"""Certificates as credentials: read, checked against their key, and described (certificate-credentials)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from flovify.auth.apps.errors import CredentialInvalid
from flovify.auth.apps.models import NewCredential
from flovify.auth.vault.cipher import SecretText
from flovify.common.settings import SettingError

MIN_KEY_BITS = 2048
MAX_PEM = 64 * 1024
MAX_SUBJECT = 400


def certificate_credential(certificate_pem: str, private_key_pem: str, now: datetime) -> NewCredential:
    """A certificate with its RSA key. Raises CredentialInvalid, in words, for anything Microsoft would refuse."""
    key = _private_key(private_key_pem)
    certificate = _of_key(_certificates(certificate_pem), key)
    if certificate.not_valid_after_utc <= now:
        raise CredentialInvalid(f"the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}")
    if certificate.not_valid_before_utc > now:
        raise CredentialInvalid(f"the certificate is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}")
    return NewCredential(
        kind="certificate",
        secret=SecretText(_as_pem(key)),
        expires_at=certificate.not_valid_after_utc,
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        thumbprint=certificate.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303 - a name, as Entra shows it
        subject=certificate.subject.rfc4514_string()[:MAX_SUBJECT],
    )


def certificate_file(path: str, setting: str, now: datetime) -> NewCredential:
    """A PEM file that holds a certificate and its key. Raises SettingError naming `setting`."""
    try:
        text = Path(path).read_text(encoding="ascii")
        return certificate_credential(text, text, now)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{setting} names a file that cannot be read ({type(error).__name__})") from None
    except CredentialInvalid as error:
        raise SettingError(f"{setting}: {error.detail}") from None


def _private_key(pem: str) -> RSAPrivateKey:
    if len(pem) > MAX_PEM:
        raise CredentialInvalid("the private key is too long for a PEM of one key")
    try:
        key = serialization.load_pem_private_key(_block(pem, "PRIVATE KEY"), password=None)
    except TypeError:
        raise CredentialInvalid("the private key is protected by a passphrase; give it without one") from None
    except ValueError:
        raise CredentialInvalid(
            "there is no readable private key; it begins with -----BEGIN PRIVATE KEY-----"
        ) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < MIN_KEY_BITS:
        raise CredentialInvalid(f"Microsoft takes RSA keys of at least {MIN_KEY_BITS} bits only")
    return key


def _certificates(pem: str) -> list[x509.Certificate]:
    if len(pem) > MAX_PEM:
        raise CredentialInvalid("the certificate is too long for a PEM")
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise CredentialInvalid(
            "there is no readable certificate; it begins with -----BEGIN CERTIFICATE-----"
        ) from None


def _of_key(certificates: list[x509.Certificate], key: RSAPrivateKey) -> x509.Certificate:
    """A file may hold the issuers too."""
    public = key.public_key()
    for certificate in certificates:
        if certificate.public_key() == public:
            return certificate
    raise CredentialInvalid("the private key does not belong to the certificate")


def _block(pem: str, ending: str) -> bytes:
    """The first PEM block whose label ends so, as a file may hold certificates before it. Raises ValueError."""
    lines = pem.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith("-----BEGIN") and f"{ending}-----" in line), -1)
    stop = next((i for i, line in enumerate(lines) if i > start >= 0 and line.startswith("-----END")), -1)
    if stop < 0:
        raise ValueError
    return "\n".join(lines[start : stop + 1]).encode() + b"\n"


def _as_pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
