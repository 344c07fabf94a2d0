"""Names of operations in OpenAPI documents, from the names of the functions behind them."""

from __future__ import annotations

from fastapi.routing import APIRoute


def camel(name: str) -> str:
    """`list_accounts` as `listAccounts`."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def operation_id(route: APIRoute) -> str:
    """For `FastAPI(generate_unique_id_function=…)`: a route's function has a name of its own in its application."""
    return camel(route.name)
