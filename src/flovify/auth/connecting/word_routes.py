"""What a stable code means, for consoles and programs."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from flovify.common.errors import NotFound
from flovify.common.jwt import RequireRole
from flovify.common.microsoft_errors import all_words, words


def router(viewer: RequireRole) -> APIRouter:
    """GET /auth/error-words, and one of them by its code."""
    routes = APIRouter(prefix="/auth/error-words", tags=["errors in words"], dependencies=[Depends(viewer)])

    @routes.get("", summary="All codes with their words")
    async def list_error_words() -> dict[str, list[dict[str, str]]]:
        return {"items": [one.as_dict() for one in all_words()]}

    @routes.get("/{code}", summary="Cause, who must act, and how, for one of Flovify's codes")
    async def error_words(code: str) -> dict[str, str]:
        found = words(code)
        if found is None:
            raise NotFound("there is no such code", code="code_not_found")
        return found.as_dict()

    return routes
