"""The settings of auth, checked at start."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from flovify.common.audit.settings import AuditKeySettings
from flovify.common.clouds import CLOUDS, CloudName, login_url
from flovify.common.https_proxy import PROXY_HELP, HttpsProxyUrl
from flovify.common.retention_settings import RetentionSettings
from flovify.common.setting_types import RANDOM, BaseUrl, DatabaseUrl, Port, RandomSecrets, RandomSecretsOrNone, words
from flovify.common.settings import ServiceSettings, decode_key

MIN_PASSWORD_LENGTH = 12
# What may stand after the login host: a tenant id or one of Entra's shared names (v2-protocols, "Endpoints").
_TENANT_SEGMENT = re.compile(
    r"/?|/(common|organizations|consumers|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/?"
)
_KEY_HINT = "32 random bytes in base64; make one with: openssl rand -base64 32"


class AuthDatabaseSettings(ServiceSettings):
    """Where auth's tables are: enough to add a user."""

    database_url: DatabaseUrl = Field(description="the database with the role flovify_auth, postgresql://…")


class AuthAuditSettings(AuthDatabaseSettings, AuditKeySettings):
    """Enough to check auth's audit log."""


class AuthVaultSettings(AuthDatabaseSettings):
    """What it takes to open what is sealed, and to name our addresses: enough for the app registrations."""

    public_url: BaseUrl = Field(default="http://localhost:8000", description="the console as browsers see it")
    microsoft_redirect_uri: BaseUrl = Field(default="", description="default: PUBLIC_URL/auth/oauth/ms365/callback")
    oauth_encryption_key: SecretStr = Field(description=_KEY_HINT)
    oauth_encryption_old_keys: SecretStr = Field(default=SecretStr(""), description="earlier keys, by commas")

    @field_validator("oauth_encryption_key")
    @classmethod
    def _check_key(cls, value: SecretStr) -> SecretStr:
        decode_key(value.get_secret_value(), "OAUTH_ENCRYPTION_KEY")
        return value

    @field_validator("oauth_encryption_old_keys")
    @classmethod
    def _check_old_keys(cls, value: SecretStr) -> SecretStr:
        for key in words(value):
            decode_key(key, "OAUTH_ENCRYPTION_OLD_KEYS")
        return value

    @property
    def redirect_uri(self) -> str:
        return self.microsoft_redirect_uri or f"{self.public_url}/auth/oauth/ms365/callback"

    @property
    def stand_in_host(self) -> str:
        """Who plays Microsoft; "" for nobody."""
        return ""

    @property
    def encryption_keys(self) -> list[bytes]:
        """The current key first, then the old ones."""
        current = decode_key(self.oauth_encryption_key.get_secret_value(), "OAUTH_ENCRYPTION_KEY")
        old = [decode_key(key, "OAUTH_ENCRYPTION_OLD_KEYS") for key in words(self.oauth_encryption_old_keys)]
        return [current, *old]


class AuthSettings(AuthVaultSettings):
    """Ports, database, Microsoft's application, the vault's keys and the credential between services."""

    flovify_auth_port: Port = 8001
    flovify_auth_internal_port: Port = 8011
    microsoft_client_id: str = Field(description="the application (client) id of your Entra app registration")
    microsoft_client_secret: SecretStr = Field(
        default=SecretStr(""), description="a client secret of that app registration; this or a certificate is required"
    )
    microsoft_client_secret_expires: str = Field(
        default="", description="the day the secret ends, as Entra shows it (2027-11-30); then you are warned in time"
    )
    microsoft_client_certificate: str = Field(
        default="", description="instead of a secret: a PEM file with a certificate and its private key"
    )
    microsoft_authority: BaseUrl = Field(
        default="", description="login host, with a tenant segment if it is not common"
    )
    microsoft_cloud: CloudName = "global"
    microsoft_scopes: str = Field(default="", description="scopes beyond the default ones, separated by spaces")
    service_secret: RandomSecrets = Field(description=f"shared with api and worker; {RANDOM}")
    front_door_secret: RandomSecretsOrNone = Field(
        default=SecretStr(""), description=f"shared with the bff, whose word for a caller's address is taken; {RANDOM}"
    )
    api_service_url: BaseUrl = Field(default="http://127.0.0.1:8012", description="the api's internal listener")
    flovify_connecting: Literal["on", "off"] = Field(
        default="on",
        description="off: no new account can be connected, in console and API; the others go on",
    )
    flovify_https_proxy: HttpsProxyUrl = Field(default=SecretStr(""), description=PROXY_HELP)
    flovify_admin_email: str = Field(default="", description="first administrator, made when there is no user")
    flovify_admin_password: SecretStr = SecretStr("")

    @property
    def connecting(self) -> bool:
        """Whether new accounts may be connected."""
        return self.flovify_connecting == "on"

    @field_validator("microsoft_authority")
    @classmethod
    def _check_tenant_segment(cls, value: str) -> str:
        if not _TENANT_SEGMENT.fullmatch(urlsplit(value).path):
            raise ValueError(
                "MICROSOFT_AUTHORITY must be a login host, alone or followed by a tenant id, common, organizations or "
                "consumers, such as https://login.microsoftonline.com/organizations"
            )
        return value

    @field_validator("flovify_admin_password")
    @classmethod
    def _check_admin_password(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and len(value.get_secret_value()) < MIN_PASSWORD_LENGTH:
            raise ValueError(
                f"FLOVIFY_ADMIN_PASSWORD must have at least {MIN_PASSWORD_LENGTH} characters; a few words are good"
            )
        return value

    @field_validator("microsoft_client_secret_expires")
    @classmethod
    def _check_day(cls, value: str) -> str:
        try:
            return date.fromisoformat(value).isoformat() if value else ""
        except ValueError:
            raise ValueError("MICROSOFT_CLIENT_SECRET_EXPIRES must be a day such as 2027-11-30") from None

    @model_validator(mode="after")
    def _check_credential(self) -> Self:
        secret, certificate = self.microsoft_client_secret.get_secret_value(), self.microsoft_client_certificate
        if not secret and not certificate:
            raise ValueError("MICROSOFT_CLIENT_SECRET or MICROSOFT_CLIENT_CERTIFICATE is required")
        if secret and certificate:
            raise ValueError("give MICROSOFT_CLIENT_SECRET or MICROSOFT_CLIENT_CERTIFICATE, not both")
        if certificate and self.microsoft_client_secret_expires:
            raise ValueError("MICROSOFT_CLIENT_SECRET_EXPIRES is not needed: a certificate carries its own date")
        return self

    @model_validator(mode="after")
    def _check_cloud(self) -> Self:
        """Tokens and registrations do not cross clouds, so a login host of another one is a mistake."""
        given = "microsoft_cloud" in self.model_fields_set
        if given and not self.stand_in and self.login_host != login_url(self.microsoft_cloud):
            raise ValueError("MICROSOFT_CLOUD and MICROSOFT_AUTHORITY name different clouds; leave one of them out")
        return self

    @model_validator(mode="after")
    def _check_production(self) -> Self:
        if not self.production:
            return self
        if self.stand_in:
            raise ValueError("MICROSOFT_AUTHORITY must be Microsoft's own login host when FLOVIFY_ENV=production")
        if not self.public_url.startswith("https://"):
            raise ValueError("PUBLIC_URL must be https when FLOVIFY_ENV=production")
        return self

    @property
    def cloud(self) -> CloudName:
        """MICROSOFT_CLOUD, or the one whose login host MICROSOFT_AUTHORITY names."""
        if "microsoft_cloud" not in self.model_fields_set:
            for name in get_args(CloudName):
                if self.login_host == login_url(name):
                    found: CloudName = name
                    return found
        return self.microsoft_cloud

    @property
    def authority(self) -> str:
        """Where people sign in, with a tenant segment."""
        return f"{login_url(self.cloud, self.login_host if self.stand_in else '')}/{self.authority_tenant}"

    @property
    def authority_tenant(self) -> str:
        """`common` unless MICROSOFT_AUTHORITY ends with another."""
        return urlsplit(self.microsoft_authority).path.strip("/").lower() or "common"

    @property
    def login_host(self) -> str:
        parts = urlsplit(self.microsoft_authority or login_url(self.microsoft_cloud))
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def stand_in(self) -> bool:
        """Whether somebody else plays Microsoft; then sandbox_auto is passed on."""
        return self.login_host not in {login_url(name) for name in CLOUDS}

    @property
    def stand_in_host(self) -> str:
        return self.login_host if self.stand_in else ""

    @property
    def client_secret_ends(self) -> datetime | None:
        """The first moment of MICROSOFT_CLIENT_SECRET_EXPIRES in UTC; None when it is not known."""
        day = self.microsoft_client_secret_expires
        return datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None

    @property
    def service_secrets(self) -> tuple[str, ...]:
        return words(self.service_secret)


class AuthServiceSettings(AuthSettings, AuditKeySettings, RetentionSettings):
    """Settings of `flovify serve auth`, which seals its audit log; commands beside it have no need of that key."""
