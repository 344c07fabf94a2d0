"""Who may know Graph, and how a token finds its provider and its cloud."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

import flovify.api
from flovify.api.auth_client import TenantToken
from flovify.api.errors import ProviderNotSupported
from flovify.api.graph.provider import GraphMailProvider
from flovify.api.providers.registry import ProviderRegistry
from flovify.common.clock import SystemClock

ROOT = Path(flovify.api.__file__).parent


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_only_the_wiring_knows_graph() -> None:
    knowing = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if path.parent.name != "graph" and any(name.startswith("flovify.api.graph") for name in imports(path))
    }
    assert knowing == {"core.py"}


def token(provider: str = "ms365", cloud: str = "") -> TenantToken:
    return TenantToken("secret-token", datetime.now(UTC), "user", provider=provider, cloud=cloud)


@pytest.mark.parametrize(
    ("stand_in", "cloud", "url"),
    [
        ("", "", "https://graph.configured.example/v1.0"),
        ("", "global", "https://graph.microsoft.com/v1.0"),
        ("", "usgov", "https://graph.microsoft.us/v1.0"),
        ("", "dod", "https://dod-graph.microsoft.us/v1.0"),
        ("", "china", "https://microsoftgraph.chinacloudapi.cn/v1.0"),
        ("http://localhost:8365/", "global", "http://localhost:8365/v1.0"),
        ("http://localhost:8365/", "usgov", "http://localhost:8365/cloud/usgov/v1.0"),
    ],
)
async def test_a_token_goes_to_graph_of_its_cloud(stand_in: str, cloud: str, url: str) -> None:
    async with aiohttp.ClientSession() as session:
        provider = GraphMailProvider(
            session, SystemClock(), default_url="https://graph.configured.example", stand_in=stand_in
        )
        assert provider.client(cloud).base_url == url
        assert provider.client(cloud) is provider.client(cloud)


async def test_a_provider_is_found_by_the_token_and_a_foreign_one_refused() -> None:
    async with aiohttp.ClientSession() as session:
        graph = GraphMailProvider(session, SystemClock(), default_url="https://graph.microsoft.com")
        registry = ProviderRegistry([graph])
        assert registry.of(token()) is graph
        with pytest.raises(ProviderNotSupported, match="'elsewhere'"):
            registry.of(token("elsewhere"))


def test_a_token_shows_no_secret() -> None:
    assert "secret-token" not in repr(token())


@pytest.mark.parametrize(
    ("kind", "scopes", "may"),
    [
        ("delegated", ("Mail.Read",), False),
        ("delegated", ("Mail.Send", "User.Read"), False),
        ("delegated", ("mail.readwrite",), True),
        ("delegated", ("https://graph.microsoft.us/Mail.ReadWrite",), True),
        ("app", (), True),
    ],
)
async def test_a_draft_is_tried_only_where_it_may_be_written(kind: str, scopes: tuple[str, ...], may: bool) -> None:
    async with aiohttp.ClientSession() as session:
        graph = GraphMailProvider(session, SystemClock(), default_url="https://graph.microsoft.com")
        given = TenantToken("t", datetime.now(UTC), "user", token_type=kind, scopes=scopes)
        assert (graph.provocation(given) is None) is may
