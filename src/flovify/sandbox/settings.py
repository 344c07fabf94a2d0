"""The sandbox's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from flovify.common.setting_types import Port
from flovify.common.settings import ServiceSettings


class SandboxSettings(ServiceSettings):
    """Ports, where state is kept, and one application to register at start."""

    flovify_data_dir: Path = Field(default=Path(".flovify"), description="where the sandbox keeps its state and its CA")
    flovify_sandbox_port: Port = Field(default=8365, description="plain HTTP")
    flovify_sandbox_tls_port: Port = Field(default=8366, description="HTTPS with the sandbox's own CA")
    flovify_sandbox_proxy_port: Port = Field(default=8367, description="CONNECT proxy for Microsoft's host names")
    flovify_sandbox_smtp_port: Port = Field(default=8325, description="SMTP intake")
    flovify_sandbox_allow_http: bool = Field(
        default=False, description="accept plain http notification URLs, which Graph refuses"
    )
    flovify_sandbox_mailbox_requests: int = Field(
        default=10_000, ge=1, description="requests in ten minutes for one application and mailbox; Graph's own limit"
    )
    flovify_sandbox_memory: bool = Field(default=False, description="keep no state over a restart")
    flovify_sandbox_client_id: str = Field(default="", description="an application to register at start")
    flovify_sandbox_client_secret: SecretStr = Field(default=SecretStr(""), description="its secret")
    flovify_sandbox_redirect_uris: str = Field(default="", description="its redirect URIs, separated by commas")

    @model_validator(mode="after")
    def _never_in_production(self) -> Self:
        if self.production:
            raise ValueError("FLOVIFY_ENV=production: the sandbox never runs in production; unset one of the two")
        return self

    @model_validator(mode="after")
    def _whole_registration(self) -> Self:
        if self.flovify_sandbox_client_id and not (
            self.flovify_sandbox_client_secret.get_secret_value() and self.redirect_uris
        ):
            raise ValueError(
                "FLOVIFY_SANDBOX_CLIENT_ID needs FLOVIFY_SANDBOX_CLIENT_SECRET and FLOVIFY_SANDBOX_REDIRECT_URIS; "
                "set all three or none"
            )
        return self

    def journal_path(self, cloud: str = "global") -> Path | None:
        """A cloud's SQLite file, or None when nothing is to be kept."""
        name = "sandbox.sqlite3" if cloud == "global" else f"sandbox-{cloud}.sqlite3"
        return None if self.flovify_sandbox_memory else self.flovify_data_dir / "sandbox" / name

    @property
    def redirect_uris(self) -> list[str]:
        return [uri.strip() for uri in self.flovify_sandbox_redirect_uris.split(",") if uri.strip()]
