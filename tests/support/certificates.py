"""Self-signed certificates for tests."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Made:
    """A certificate and its key, as PEM."""

    certificate: x509.Certificate
    certificate_pem: str
    key_pem: str


def rsa_key(bits: int = 2048, number: int = 0) -> RSAPrivateKey:
    """Another key for each number; made once."""
    return _made_once(bits, number)


@cache
def _made_once(bits: int, _number: int) -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=bits)


def make_certificate(*, days: int = 90, age_days: int = 1, bits: int = 2048, number: int = 0) -> Made:
    """Valid from `age_days` ago until in `days`; negative ones lie on the other side of now."""
    key, now = rsa_key(bits, number), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"flovify test {number}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=age_days))
        .not_valid_after(now + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return Made(certificate, certificate.public_bytes(serialization.Encoding.PEM).decode(), key_pem(key))


def key_pem(key: RSAPrivateKey, password: str = "") -> str:
    protection = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection).decode()
