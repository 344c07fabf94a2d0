"""What leaves the house: without secrets, and with addresses and ids only as names that tell equal from different."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from pydantic import SecretStr

from flovify.cli.doctor.found import Found
from flovify.cli.services import SERVICES
from flovify.common.secret_files import secret_variables
from flovify.common.setting_types import words

_LOGIN_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")
# In a path of Graph's the @ may be encoded.
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:/]+(?:@|%40)[^\s@<>\"'(),;:/]+")
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SHORTEST_SECRET = 6  # what is shorter could stand anywhere by chance


class Redaction:
    """The same address or id has the same name in each bundle of an installation, and nobody can try addresses out."""

    def __init__(self, key: bytes, known_secrets: Iterable[str] = ()) -> None:
        self._key = key
        # The longest first: one may be a part of another.
        self._secrets = sorted({one for one in known_secrets if len(one) >= _SHORTEST_SECRET}, key=len, reverse=True)

    @classmethod
    def of(cls, found: Found) -> Redaction:
        """With a key that follows from SERVICE_SECRET, or another secret; without any, one for this bundle alone."""
        values = _values(found)
        origin = next((values[name] for name in ("SERVICE_SECRET", *sorted(values)) if name in values), "")
        key = hmac.digest(origin.encode() or secrets.token_bytes(32), b"flovify doctor bundle", hashlib.sha256)
        return cls(key, [part for value in values.values() for part in _parts(value)])

    def text(self, text: str) -> str:
        """Without what must not leave: secrets we know, logins in URLs, addresses, ids."""
        for secret in self._secrets:
            text = text.replace(secret, "(secret)")
        text = _LOGIN_IN_URL.sub("(login)@", text)
        text = _ADDRESS.sub(lambda found: self._name("address", found[0].replace("%40", "@")), text)
        return _ID.sub(lambda found: self._name("id", found[0]), text)

    def value(self, value: Any) -> Any:
        """The same for everything JSON may hold, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(name)): self.value(one) for name, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(one) for one in value]
        return value

    def _name(self, kind: str, what: str) -> str:
        digest = hmac.new(self._key, what.lower().encode(), hashlib.sha256).hexdigest()
        return f"{kind}-{digest[:8]}"


def _values(found: Found) -> dict[str, str]:
    """The secrets of all services that are here, by variable."""
    names = {"AUTH_DATABASE_URL", "API_DATABASE_URL"}.union(
        *(secret_variables(one.settings_class().model_fields) for one in SERVICES.values())
    )
    given = [found.given, *found.environments.values()]
    return {name: value for environment in given for name in names if (value := environment.get(name))}


def _parts(value: str) -> list[str]:
    """A secret as it stands, each of several by commas, and the password in a URL, as written and as meant."""
    parts = [value, *words(SecretStr(value))]
    if "://" in value and "@" in value:
        login = value.partition("://")[2].rpartition("@")[0]
        password = login.partition(":")[2]
        parts += [password, unquote(password)]
    return parts
