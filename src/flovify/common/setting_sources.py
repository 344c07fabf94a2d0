"""Where each setting of a process comes from, and how it may be shown."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from pydantic import SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from flovify.common.secret_files import SUFFIX
from flovify.common.settings import ServiceSettings

Source = Literal["default", "environment", "file", "flovify up"]
VARIABLE = "FLOVIFY_SETTING_SOURCES"


@dataclass(frozen=True)
class ShownSetting:
    """One setting. `value` of a secret is None whether it is set or not; `is_set` says which."""

    name: str
    value: str | None
    secret: bool
    is_set: bool
    source: Source
    description: str


def shown_settings(settings: ServiceSettings, environ: Mapping[str, str] | None = None) -> list[ShownSetting]:
    """Every setting of a process, under its variable's name.

    Who starts the process may say in FLOVIFY_SETTING_SOURCES (JSON, variable to source) what it passed on from where;
    what it does not name comes from the environment, or is the default.
    """
    environ = os.environ if environ is None else environ
    told = _told(environ.get(VARIABLE, ""))
    fields = type(settings).model_fields
    return [_shown(name, info, getattr(settings, name), environ, told) for name, info in fields.items()]


def _shown(
    name: str, info: FieldInfo, value: object, environ: Mapping[str, str], told: Mapping[str, Source]
) -> ShownSetting:
    variable = name.upper()
    given = environ.get(variable, "") != ""
    secret = isinstance(value, (SecretStr, SecretBytes))
    by_file = secret and environ.get(variable + SUFFIX, "") != ""
    source: Source = told.get(variable, "environment") if given else "file" if by_file else "default"
    text = None if secret else _text(value)
    is_set = bool(value.get_secret_value()) if isinstance(value, (SecretStr, SecretBytes)) else text not in (None, "")
    return ShownSetting(variable, text, secret, is_set, source, info.description or "")


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    return str(value)


def _told(text: str) -> dict[str, Source]:
    """Unusable text is nothing: where a setting comes from must not keep a service from starting."""
    try:
        parsed: Any = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(parsed, dict):
        return {}
    known = get_args(Source)
    return {str(name): cast("Source", source) for name, source in parsed.items() if source in known}
