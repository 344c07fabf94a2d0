"""Where Flovify's own alerts go."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from flovify.common.setting_types import SecretUrl
from flovify.common.settings import ServiceSettings

Encryption: TypeAlias = Literal["tls", "starttls", "none"]
_HINT = (
    "must look like smtp://user:password@host:587 or smtps://user:password@host:465, without a path; "
    "write special characters of the password as %XX"
)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9.\-]+[A-Za-z0-9]", re.ASCII)


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in; its repr shows no password. Without encryption only on this machine."""

    host: str
    port: int
    encryption: Encryption
    user: str = ""
    password: str = field(default="", repr=False)


def read_server(value: SecretStr) -> MailServer | None:
    """What the setting says; None when it is empty. Raises ValueError, without repeating the value."""
    text = value.get_secret_value()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
        user, password = unquote(parts.username or "", errors="strict"), unquote(parts.password or "", errors="strict")
    except ValueError:
        raise ValueError(_HINT) from None
    extra = parts.path not in ("", "/") or "?" in text or "#" in text
    printable = all(char.isprintable() and not char.isspace() for char in text) and (user + password).isprintable()
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or extra or not printable:
        raise ValueError(_HINT)
    if bool(user) != bool(password):
        raise ValueError(_HINT)
    if parts.scheme == "smtps":
        return MailServer(parts.hostname, port or 465, "tls", user, password)
    return MailServer(parts.hostname, port or 587, "none" if _is_here(parts.hostname) else "starttls", user, password)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_server(value: SecretStr) -> SecretStr:
    read_server(value)
    return value


def _checked_addresses(value: str) -> str:
    if any(not _ADDRESS.fullmatch(one) for one in _addresses(value)):
        raise ValueError("must be addresses such as ops@example.com, several by commas")
    return value


def _checked_address(value: str) -> str:
    if value and not _ADDRESS.fullmatch(value):
        raise ValueError("must be one address, such as flovify@example.com")
    return value


def _addresses(value: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in value.split(",") if one.strip())


class AlertSettings(ServiceSettings):
    """Two ways, each optional. The webhook's address is a secret: with many receivers it is all that one needs."""

    flovify_alert_webhook_url: SecretUrl = Field(
        default=SecretStr(""), description="alerts are sent there as JSON by POST; default: none"
    )
    flovify_alert_smtp_url: Annotated[SecretStr, AfterValidator(_checked_server)] = Field(
        default=SecretStr(""),
        description="the mail server for alerts: smtp://user:password@host:587 with STARTTLS, or "
        "smtps://user:password@host:465; default: none",
    )
    flovify_alert_to: Annotated[str, AfterValidator(_checked_addresses)] = Field(
        default="", description="who gets alerts by mail, addresses by commas"
    )
    flovify_alert_from: Annotated[str, AfterValidator(_checked_address)] = Field(
        default="", description="the address that alerts by mail come from"
    )

    @model_validator(mode="after")
    def _check_alerts(self) -> AlertSettings:
        mail = {
            "FLOVIFY_ALERT_SMTP_URL": self.flovify_alert_smtp_url.get_secret_value(),
            "FLOVIFY_ALERT_TO": ",".join(self.alert_addresses),
            "FLOVIFY_ALERT_FROM": self.flovify_alert_from,
        }
        missing = [name for name, value in mail.items() if not value]
        if missing and len(missing) < len(mail):
            raise ValueError(f"{', '.join(missing)} must be set too: alerts by mail take {', '.join(mail)}")
        webhook = urlsplit(self.flovify_alert_webhook_url.get_secret_value())
        if self.production and webhook.scheme == "http" and not _is_here(webhook.hostname or ""):
            raise ValueError("FLOVIFY_ALERT_WEBHOOK_URL must be https when FLOVIFY_ENV=production")
        return self

    @property
    def alert_addresses(self) -> tuple[str, ...]:
        return _addresses(self.flovify_alert_to)
