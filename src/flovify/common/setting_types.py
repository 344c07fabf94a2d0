"""Types of settings that several services take, so that one value starts all of them or none.

Their messages name no variable: `settings.load` puts it before them.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, SecretStr

RANDOM = "make one with: openssl rand -base64 32"
_MIN_LENGTH, _MIN_DIFFERENT = 16, 6


def words(value: SecretStr) -> tuple[str, ...]:
    """The values of a setting that may hold several by commas, while one is being replaced."""
    return tuple(word.strip() for word in value.get_secret_value().split(",") if word.strip())


def _database_url(value: SecretStr) -> SecretStr:
    if urlsplit(value.get_secret_value()).scheme not in {"postgresql", "postgres"}:
        raise ValueError("must look like postgresql://user:password@host:5432/flovify")
    return value


def _random_secrets(value: SecretStr) -> SecretStr:
    for one in words(value) or ("",):
        if len(one) < _MIN_LENGTH or len(set(one)) < _MIN_DIFFERENT:
            raise ValueError(f"must be a random secret of at least {_MIN_LENGTH} characters; {RANDOM}")
    return value


def _random_secrets_or_none(value: SecretStr) -> SecretStr:
    return _random_secrets(value) if value.get_secret_value() else value


def _url(value: str) -> str:
    parts = _split(value)
    if value and (parts is None or parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("must be a full http(s) URL without user name or fragment, such as https://host.example/path")
    return value


def _secret_url(value: SecretStr) -> SecretStr:
    _url(value.get_secret_value())
    return value


def _base_url(value: str) -> str:
    if "?" in _url(value):
        raise ValueError("must be an http(s) URL without a query, such as https://console.example.com")
    return value.rstrip("/")


def _origin(value: str) -> str:
    parts = _split(_base_url(value))
    if parts is None or parts.path:
        raise ValueError("must be scheme and host only, such as https://console.example.com")
    return value.rstrip("/")


def _split(value: str) -> SplitResult | None:
    """None for what has no readable host and port, or more than a URL of ours may have."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return None if "@" in parts.netloc or parts.fragment else parts


DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
# One or several by commas, each random.
RandomSecrets = Annotated[SecretStr, AfterValidator(_random_secrets)]
RandomSecretsOrNone = Annotated[SecretStr, AfterValidator(_random_secrets_or_none)]
# Any of the four may be empty where the setting's default is.
Url = Annotated[str, AfterValidator(_url)]
SecretUrl = Annotated[SecretStr, AfterValidator(_secret_url)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Origin = Annotated[str, AfterValidator(_origin)]
Port = Annotated[int, Field(ge=1, le=65535)]
