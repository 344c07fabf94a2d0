"""The sandbox's own certification authority.

Its certificate carries critical name constraints, so a machine that trusts it trusts it for Microsoft's two host names
and for itself, and for nothing else (RFC 5280, 4.2.1.10).
"""

from __future__ import annotations

import datetime as dt
import fcntl
import ipaddress
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from flovify.common.logs import get_logger
from flovify.common.settings import SettingError
from flovify.sandbox.tls.names import LOCAL_ADDRESSES, LOCAL_HOSTS, MICROSOFT_HOSTS

CA_NAME = "Flovify sandbox CA"
CA_FILE = "ca.pem"
CA_KEY_FILE = "ca-key.pem"
_CA_YEARS = 10
# Under the 398 days that browsers accept. Leaves are issued anew at each start.
_LEAF_DAYS = 397
# Tolerates a client whose clock is a little behind.
_BACKDATE = dt.timedelta(days=1)


class CertificateAuthority:
    """A key and its self-signed certificate. Owns no file."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self.key = key
        self.certificate = certificate

    @property
    def pem(self) -> bytes:
        """The certificate, without its key: what a client is told to trust."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, names: Sequence[str]) -> bytes:
        """A new server key and certificate for DNS names and IP addresses: one PEM, key first, then leaf, then CA.

        It is for the caller to keep (mode 600). Names outside the CA's constraints are not refused here: no client
        accepts such a certificate, and a test proves it.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        issuer_key_id = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        certificate = (
            _builder(names[0], self.certificate.subject, key.public_key(), dt.timedelta(days=_LEAF_DAYS))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([_alternative_name(name) for name in names]), critical=False)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key_id), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )
        return _key_pem(key) + certificate.public_bytes(serialization.Encoding.PEM) + self.pem


def create() -> CertificateAuthority:
    """A new authority, kept nowhere."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, CA_NAME)])
    certificate = (
        _builder(CA_NAME, name, key.public_key(), dt.timedelta(days=365 * _CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(_name_constraints(), critical=True)
        .sign(key, hashes.SHA256())
    )
    return CertificateAuthority(key, certificate)


def load_or_create(folder: Path) -> CertificateAuthority:
    """The authority kept in `folder`, made on the first call and when it has expired.

    `folder` is made with mode 700, the key file has mode 600. Several processes may call at once and get the same
    authority. Raises SettingError when the folder cannot be used or the files are not a pair.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(folder):
            kept = _read(folder)
            if kept is None:
                kept = create()
                # The key goes first: a certificate without its key would be trusted by clients in vain.
                write_private(folder / CA_KEY_FILE, _key_pem(kept.key))
                _write(folder / CA_FILE, kept.pem, 0o644)
                get_logger().info("sandbox_ca_created", certificate=str(folder / CA_FILE))
            return kept
    except OSError as error:
        raise SettingError(
            f"FLOVIFY_DATA_DIR: the sandbox cannot keep its CA in {folder} ({error.strerror}); "
            "name a folder this user may write to"
        ) from None


def write_private(path: Path, content: bytes) -> None:
    """Replace a file at once, readable by its owner alone."""
    _write(path, content, 0o600)


def _read(folder: Path) -> CertificateAuthority | None:
    paths = (folder / CA_KEY_FILE, folder / CA_FILE)
    if not all(path.exists() for path in paths):
        return None
    try:
        authority = _parse(paths[0].read_bytes(), paths[1].read_bytes())
    except (ValueError, TypeError, InvalidSignature):
        raise SettingError(
            f"FLOVIFY_DATA_DIR: {paths[1]} and {paths[0].name} are not a certificate and its key; "
            "remove both and start again, then have clients trust the new certificate"
        ) from None
    # A client cannot use a leaf longer than its issuer, so the authority is replaced before that comes close.
    left = authority.certificate.not_valid_after_utc - dt.datetime.now(dt.UTC)
    return authority if left > dt.timedelta(days=_LEAF_DAYS) else None


def _parse(key_pem: bytes, certificate_pem: bytes) -> CertificateAuthority:
    key = serialization.load_pem_private_key(key_pem, password=None)
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise ValueError
    certificate.verify_directly_issued_by(certificate)
    return CertificateAuthority(key, certificate)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".ca.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, content: bytes, mode: int) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as sink:
            # The umask may have taken bits away, and never may it add any.
            os.fchmod(sink.fileno(), mode)
            sink.write(content)
            sink.flush()
            os.fsync(sink.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _builder(
    common_name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, lifetime: dt.timedelta
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(now - _BACKDATE + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name_constraints() -> x509.NameConstraints:
    names = [x509.DNSName(name) for name in (*MICROSOFT_HOSTS, *LOCAL_HOSTS)]
    addresses = [x509.IPAddress(ipaddress.ip_network(address)) for address in LOCAL_ADDRESSES]
    return x509.NameConstraints(permitted_subtrees=[*names, *addresses], excluded_subtrees=None)


def _alternative_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
