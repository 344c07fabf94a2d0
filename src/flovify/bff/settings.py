"""The front door's settings. It has no database and no service secret."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from flovify.common.settings import ServiceSettings


class BffSettings(ServiceSettings):
    """Where it listens, how browsers see it, and where auth and api are."""

    flovify_port: int = Field(default=8000, description="the one port that browsers and Microsoft need")
    public_url: str = Field(default="http://localhost:8000", description="the console as browsers see it")
    flovify_auth_url: str = Field(default="http://127.0.0.1:8001", description="auth's public listener")
    flovify_api_url: str = Field(default="http://127.0.0.1:8002", description="the api's public listener")

    @field_validator("public_url", "flovify_auth_url", "flovify_api_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("must be scheme and host only, such as https://console.example.com")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _https_in_production(self) -> Self:
        if self.production and not self.https:
            raise ValueError("PUBLIC_URL must be https when FLOVIFY_ENV=production")
        return self

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def public_port(self) -> int:
        return urlsplit(self.public_url).port or (443 if self.https else 80)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Host headers that are answered: the public one, and loopback names in development."""
        hosts = {urlsplit(self.public_url).netloc.lower()}
        if not self.production:
            ports = {self.flovify_port, self.public_port}
            hosts |= {f"{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]") for port in ports}
        return frozenset(hosts)
