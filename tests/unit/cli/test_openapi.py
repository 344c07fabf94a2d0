"""The documents are made without a database, and the console's calls are exactly what the services offer to it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from flovify.bff.proxy.table import TABLE
from tests.support.documents import document, print_document

# What auth offers to others than the console: to programs, to the front door itself, and to browsers by its own pages.
NOT_BY_THE_TABLE = {
    "GET /auth/.well-known/jwks.json",
    "POST /auth/login",
    "POST /auth/logout",
    "POST /auth/refresh",
}
FLOWS = re.compile(r"\w+ /auth/oauth/.*")


def _nameless(call: str) -> str:
    return re.sub(r"{[^}]*}", "{}", call)


def _offered(document: dict[str, Any]) -> set[str]:
    calls = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    return {_nameless(call) for call in calls if call not in NOT_BY_THE_TABLE and not FLOWS.fullmatch(call)}


@pytest.mark.parametrize("service", ["auth", "api"])
def test_the_console_may_ask_for_all_that_is_offered_and_for_nothing_else(service: str) -> None:
    asked = {_nameless(f"{way.method} {way.path}") for way in TABLE if way.service == service}
    assert asked == _offered(document(service))


@pytest.mark.parametrize("service", ["auth", "api"])
def test_operations_have_names_of_their_own(service: str) -> None:
    operations = [one for methods in document(service)["paths"].values() for one in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z][A-Za-z0-9]*", name)] == []


def test_a_document_is_the_same_each_time() -> None:
    assert print_document("api") == document("api")
