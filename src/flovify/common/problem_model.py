"""problem+json (RFC 9457) as the OpenAPI documents describe it; see `errors` for how it is made."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Problem(BaseModel):
    """Why something was refused or failed. `code` is stable, `detail` is for people; some codes have more members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    correlation_id: str | None = None


# For `FastAPI(responses=…)`. 422 is named, because FastAPI would describe it in its own shape otherwise.
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "The request is malformed."},
    "4XX": {"model": Problem, "description": "The request is refused."},
    "5XX": {"model": Problem, "description": "Something that is needed is away, or a fault."},
}
