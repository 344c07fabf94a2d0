"""The setting by which audit logs are sealed and checked."""

from __future__ import annotations

from pydantic import Field

from flovify.common.setting_types import RANDOM, RandomSecrets, words
from flovify.common.settings import ServiceSettings


class AuditKeySettings(ServiceSettings):
    """For the processes that seal, and for the command that checks."""

    audit_key: RandomSecrets = Field(
        description=f"seals the audit logs; the same in auth and worker, several by commas: the first seals, all "
        f"verify; {RANDOM}"
    )

    @property
    def audit_keys(self) -> tuple[str, ...]:
        """The values of AUDIT_KEY."""
        return words(self.audit_key)
