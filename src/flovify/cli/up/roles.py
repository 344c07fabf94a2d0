"""The roles of one installation and the SQL that makes them what they should be, safe to run at every start."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping

DATABASE = "flovify"
SUPER = "flovify_super"
OWNER = "flovify_owner"
SERVICES = ("flovify_auth", "flovify_api")
ALL = (SUPER, OWNER, *SERVICES)

_ITERATIONS = 4096  # PostgreSQL's own default (scram_iterations); the passwords are 256 random bits


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """What PostgreSQL stores for ``password`` (PostgreSQL documentation, catalog pg_authid; RFC 5803).

    Sent instead of the password so that no statement, server log or activity view ever holds the plaintext.
    The password must be printable ASCII: SASLprep is then the identity.
    """
    salt = salt or os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")

    def text(value: bytes) -> str:
        return base64.b64encode(value).decode()

    return f"SCRAM-SHA-256${_ITERATIONS}:{text(salt)}${text(stored)}:{text(server)}"


_NO_RIGHTS = " NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"


def role_statements(passwords: Mapping[str, str], *, superuser: bool) -> str:
    """SQL that makes the given roles exist and sign in with these passwords.

    ``superuser`` says who runs it: a superuser also takes every other right away, which PostgreSQL 16 and newer
    let nobody else even mention; a new role has none of them anyway.
    """
    rights = f"LOGIN{_NO_RIGHTS if superuser else ''}"
    return "\n".join(_role(name, rights, scram_verifier(password)) for name, password in passwords.items())


def _role(name: str, rights: str, verifier: str) -> str:
    return (
        f"DO $do$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
        f"THEN CREATE ROLE {name}; END IF; END $do$;\n"
        f"ALTER ROLE {name} {rights} PASSWORD '{verifier}';"
    )


def database_grants(database: str = DATABASE) -> str:
    """SQL for a superuser: only our roles may connect, to our database only."""
    roles = ", ".join((OWNER, *SERVICES))
    return (
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;\n"
        f"GRANT CONNECT ON DATABASE {database} TO {roles};\n"
        "REVOKE ALL ON DATABASE postgres FROM PUBLIC;\n"
        "REVOKE ALL ON DATABASE template1 FROM PUBLIC;"
    )
