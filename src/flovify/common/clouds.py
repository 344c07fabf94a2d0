"""Microsoft's clouds: who signs people in, and where Graph is (graph/deployments; authentication-national-cloud).

Tokens, app registrations and consent do not cross clouds, so a cloud is chosen once, by the registration, and every
host follows from it. A stand-in for Microsoft has one address; its other clouds live under it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

CloudName: TypeAlias = Literal["global", "usgov", "dod", "china"]


@dataclass(frozen=True)
class Cloud:
    """One of Microsoft's clouds by its hosts."""

    name: CloudName
    login_host: str
    graph_host: str

    @property
    def scope_prefix(self) -> str:
        """Before a permission's name where a full scope is needed; Microsoft's own host with a stand-in too."""
        return f"https://{self.graph_host}/"


CLOUDS: dict[str, Cloud] = {
    cloud.name: cloud
    for cloud in (
        Cloud("global", "login.microsoftonline.com", "graph.microsoft.com"),
        Cloud("usgov", "login.microsoftonline.us", "graph.microsoft.us"),
        Cloud("dod", "login.microsoftonline.us", "dod-graph.microsoft.us"),
        Cloud("china", "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
    )
}


def login_url(cloud: str, stand_in: str = "") -> str:
    """Where people of a cloud sign in, without a tenant segment. Raises KeyError for an unknown cloud."""
    return _stood_in(cloud, stand_in) if stand_in else f"https://{CLOUDS[cloud].login_host}"


def graph_url(cloud: str, stand_in: str = "") -> str:
    """Graph of a cloud, without version. Raises KeyError for an unknown cloud."""
    return _stood_in(cloud, stand_in) if stand_in else f"https://{CLOUDS[cloud].graph_host}"


def graph_cloud(url: str) -> CloudName:
    """The cloud whose Graph an address is; the global one for a stand-in's."""
    return next((cloud.name for cloud in CLOUDS.values() if urlsplit(url).hostname == cloud.graph_host), "global")


def _stood_in(cloud: str, origin: str) -> str:
    known = CLOUDS[cloud]
    return origin if known.name == "global" else f"{origin}/cloud/{known.name}"
