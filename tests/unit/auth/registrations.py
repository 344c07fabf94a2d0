"""A registration for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flovify.auth.apps.models import Registration

CLIENT_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"
TENANT = "7d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f"


def registration(**changes: Any) -> Registration:
    plain = Registration(UUID(int=7), "ms365", CLIENT_ID, "global", "common", "test", is_default=True, source="stored")
    return replace(plain, **changes)
