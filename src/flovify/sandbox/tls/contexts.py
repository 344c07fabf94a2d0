"""TLS contexts: for the sandbox's own listeners, and for its calls to receivers of notifications."""

from __future__ import annotations

import ssl
from pathlib import Path

from flovify.common.settings import SettingError
from flovify.sandbox.tls.ca import CertificateAuthority, load_or_create, write_private
from flovify.sandbox.tls.names import LOCAL_ADDRESSES, LOCAL_HOSTS, MICROSOFT_HOSTS

# Key, leaf and CA in one file each, so that no reader ever sees half of a new pair. A local program that wants to
# receive notifications over https may serve with the first one.
LOCAL_FILE = "localhost.pem"
MICROSOFT_FILE = "microsoft.pem"


def sandbox_folder(data_dir: str | Path) -> Path:
    """Where the sandbox keeps its CA and certificates under FLOVIFY_DATA_DIR."""
    return Path(data_dir) / "sandbox"


def server_context(folder: Path) -> ssl.SSLContext:
    """A context that shows the leaf for the name a client asks for by SNI, the one for localhost otherwise.

    Loads or makes the CA of `folder` and issues both leaves anew. Raises SettingError when the folder cannot be used.
    """
    authority = load_or_create(folder)
    local = _context(authority, folder / LOCAL_FILE, (*LOCAL_HOSTS, *map(str, LOCAL_ADDRESSES)))
    microsoft = _context(authority, folder / MICROSOFT_FILE, MICROSOFT_HOSTS)

    def choose(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        if name is not None and name.lower() in MICROSOFT_HOSTS:
            connection.context = microsoft

    local.sni_callback = choose
    return local


def client_context(folder: Path) -> ssl.SSLContext:
    """What the machine trusts, and the sandbox's own CA: for deliveries to a receiver on this machine over https.

    Loads or makes the CA of `folder`. Raises SettingError when the folder cannot be used.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=load_or_create(folder).pem.decode("ascii"))
    return context


def _context(authority: CertificateAuthority, path: Path, names: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        write_private(path, authority.issue(names))
        context.load_cert_chain(path)
    except OSError as error:
        raise SettingError(f"FLOVIFY_DATA_DIR: the sandbox cannot use {path} ({error.strerror or error})") from None
    return context
