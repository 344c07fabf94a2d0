"""The document the typed client is made from."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from fastapi import APIRouter

from flovify.api.accounts.routes import create_router as accounts
from flovify.api.overview.routes import create_router as overview
from flovify.api.sandbox_panel.routes import create_router as sandbox
from flovify.api.subscriptions.routes import create_router as subscriptions
from flovify.api.system.routes import create_router as system
from flovify.common.audit.routes import create_router as audit
from flovify.common.operation_ids import camel

ANY: Any = lambda: None  # noqa: E731 - nothing is called here


@pytest.fixture
def routers() -> list[APIRouter]:
    return [
        accounts(ANY, ANY, ANY),
        audit("api", ANY, ANY, ANY),
        overview(ANY, ANY),
        sandbox(ANY, ANY, viewer=ANY, operator=ANY),
        subscriptions(ANY, ANY, ANY, viewer=ANY, operator=ANY, administrator=ANY),
        system(ANY, ANY, ANY),
    ]


def test_every_operation_has_a_name_of_its_own(routers: list[APIRouter]) -> None:
    names = Counter(camel(getattr(route, "name", "")) for router in routers for route in router.routes)
    assert [name for name, count in names.items() if count > 1] == []
    assert {"listAccounts", "getOverview", "listAudit", "renewSubscriptions", "createBreakage", "getSystem"} <= set(
        names
    )


def test_names_are_written_as_in_typescript() -> None:
    assert camel("list_accounts") == "listAccounts"
    assert camel("health") == "health"
