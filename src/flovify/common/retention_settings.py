"""What auth and the worker take alike about keeping things."""

from __future__ import annotations

from pydantic import Field, field_validator

from flovify.common.settings import ServiceSettings

LEAST_DAYS = 30


class RetentionSettings(ServiceSettings):
    """For how long the audit logs are kept, and where what goes is put away."""

    flovify_keep_audit_days: int = Field(
        default=365, ge=0, description=f"days an entry of the audit logs is kept, {LEAST_DAYS} at least; 0: for ever"
    )
    flovify_archive_dir: str = Field(
        default="", description="a folder: what is deleted because of its age is written there first, as .jsonl.gz"
    )

    @field_validator("flovify_keep_audit_days")
    @classmethod
    def _check_days(cls, value: int) -> int:
        if 0 < value < LEAST_DAYS:
            raise ValueError(f"FLOVIFY_KEEP_AUDIT_DAYS must be 0 or at least {LEAST_DAYS}")
        return value
