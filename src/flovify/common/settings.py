"""Typed settings from the environment, checked once at start.

A setting that is missing or malformed ends the process with one line that names it and says how to make a good one
(exit status 78, EX_CONFIG of sysexits.h).
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretBytes, SecretStr, ValidationError

from flovify.common.secret_files import SecretFileError, secret_variables, with_secret_files

EX_CONFIG = 78

T = TypeVar("T", bound="ServiceSettings")


class SettingError(Exception):
    """A setting cannot be used. The text is one line for the operator and never repeats a value."""


class ServiceSettings(BaseModel):
    """What every process takes. Field names are the variables' names in lower case; `load` reads them.

    Not pydantic's own BaseSettings: it would look into os.environ again and take an empty value for one, and costs each
    process as much to load as the rest of its settings.
    """

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, validate_default=True, protected_namespaces=()
    )

    flovify_env: Literal["development", "production"] = Field(
        default="development", description="development or production; production refuses stand-ins and plain http"
    )
    flovify_host: str = Field(default="127.0.0.1", description="the address to listen on; 0.0.0.0 in a container")
    flovify_log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error"
    )
    flovify_max_connections: int = Field(
        default=2048, ge=64, le=65_536, description="connections open at once, for each listener of the process"
    )

    @property
    def production(self) -> bool:
        return self.flovify_env == "production"

    def summary(self) -> dict[str, object]:
        """The settings for the start-up log: secrets only as configured yes or no."""
        return {name: _shown(getattr(self, name)) for name in type(self).model_fields}


def load(cls: type[T], environ: Mapping[str, str] | None = None) -> T:
    """Read and check the settings of one process.

    Raises SettingError, naming every variable at fault, when one is missing or malformed.
    """
    try:
        given = with_secret_files(os.environ if environ is None else environ, secret_variables(cls.model_fields))
        values = {name: given.get(name.upper(), "") for name in cls.model_fields}
        return cls.model_validate({name: value for name, value in values.items() if value != ""})
    except SecretFileError as error:
        raise SettingError(str(error)) from None
    except ValidationError as error:
        raise SettingError(_one_line(cls, error)) from None


def decode_key(value: str, name: str) -> bytes:
    """The 32 bytes of a base64 key.

    Strict: with a lenient decoder a url-safe key silently becomes a shorter one. Raises ValueError with the command
    that makes a good key.
    """
    hint = f"{name} must be 32 random bytes in base64; make one with: openssl rand -base64 32"
    try:
        key = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(hint) from None
    if len(key) != 32 or len(set(key)) < 8:
        raise ValueError(hint)
    return key


def _one_line(cls: type[ServiceSettings], error: ValidationError) -> str:
    parts: list[str] = []
    for item in error.errors(include_input=False, include_url=False):
        field = str(item["loc"][0]) if item["loc"] else ""
        variable = field.upper()
        message = str(item["msg"]).removeprefix("Value error, ").replace("\n", " ")
        if item["type"] == "missing":
            info = cls.model_fields.get(field)
            message = f"is required{'; ' + info.description if info and info.description else ''}"
        parts.append(message if variable and variable in message else f"{variable} {message}".strip())
    return "; ".join(parts)


def _shown(value: object) -> object:
    if isinstance(value, (SecretStr, SecretBytes)):
        return "configured" if value.get_secret_value() else "not configured"
    return value if isinstance(value, (bool, int, float, type(None))) else str(value)
