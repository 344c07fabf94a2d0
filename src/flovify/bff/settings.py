"""The front door's settings. It has no database, and no secret but the one by which the services know it."""

from __future__ import annotations

import ipaddress
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from flovify.common.clouds import CLOUDS
from flovify.common.setting_types import RANDOM, Origin, Port, RandomSecretsOrNone, Url, words
from flovify.common.settings import ServiceSettings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class BffSettings(ServiceSettings):
    """Where it listens, how browsers see it, and where auth and api are."""

    flovify_port: Port = Field(default=8000, description="the one port that browsers and Microsoft need")
    flovify_bff_internal_port: Port = Field(
        default=8010, description="internal listener: metrics; never to be reached from outside"
    )
    flovify_bff_internal_host: str = Field(
        default="127.0.0.1",
        description="the address of that listener, which FLOVIFY_HOST does not move; 0.0.0.0 in a container",
    )
    public_url: Origin = Field(default="http://localhost:8000", description="the console as browsers see it")
    flovify_auth_url: Origin = Field(default="http://127.0.0.1:8001", description="auth's public listener")
    flovify_api_url: Origin = Field(default="http://127.0.0.1:8002", description="the api's public listener")
    front_door_secret: RandomSecretsOrNone = Field(
        default=SecretStr(""),
        description=f"sent to auth and api, which then believe what it says of callers; {RANDOM}",
    )
    ms365_webhook_url: Url = Field(default="", description="its host is answered too, for the webhook only")
    microsoft_graph_url: Origin = Field(
        default="https://graph.microsoft.com", description="as the api has it; the console says when it is a stand-in"
    )
    flovify_trusted_proxies: str = Field(
        default="",
        description="addresses or networks of reverse proxies, by commas: their X-Forwarded-For is believed, and their "
        "connections count for nobody's share",
    )
    flovify_max_connections_per_address: int = Field(
        default=256, ge=8, description="of these at most so many from one address (IPv6: one /64)"
    )

    @field_validator("flovify_trusted_proxies")
    @classmethod
    def _check_proxies(cls, value: str) -> str:
        try:
            _networks(value)
        except ValueError:
            raise ValueError("must be addresses or networks by commas, such as 10.0.0.5,172.18.0.0/16") from None
        return value

    @model_validator(mode="after")
    def _https_in_production(self) -> Self:
        if self.production and not self.https:
            raise ValueError("PUBLIC_URL must be https when FLOVIFY_ENV=production")
        return self

    @property
    def sandbox(self) -> bool:
        """Whether something else plays Microsoft."""
        return urlsplit(self.microsoft_graph_url).hostname not in {cloud.graph_host for cloud in CLOUDS.values()}

    @property
    def hop_secret(self) -> str:
        """What it proves itself with to auth and api; empty without one."""
        return next(iter(words(self.front_door_secret)), "")

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def public_port(self) -> int:
        return urlsplit(self.public_url).port or (443 if self.https else 80)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Host names that are answered: the public one, and loopback in development.

        Ports are free: they may be forwarded, and a rebinding attack needs a name.
        """
        return frozenset({host_name(urlsplit(self.public_url).netloc)}) | (frozenset() if self.production else LOOPBACK)

    @property
    def webhook_hosts(self) -> frozenset[str]:
        """The names Microsoft may call the webhook by; a tunnel's name stands in no other setting."""
        return self.allowed_hosts | {host_name(urlsplit(self.ms365_webhook_url).netloc)} - {""}

    @property
    def trusted_proxies(self) -> tuple[Network, ...]:
        return _networks(self.flovify_trusted_proxies)


def host_name(host: str) -> str:
    """The name of a Host header or netloc, in lower case, without its port; brackets stay on an IPv6 address."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _networks(value: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(item.strip()) for item in value.split(",") if item.strip())
