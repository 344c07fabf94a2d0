"""Secrets from files, as container platforms hand them out: `SERVICE_SECRET_FILE` names the file with SERVICE_SECRET.

So a secret stands in no process list, no `docker inspect` and no unit file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import SecretBytes, SecretStr
from pydantic.fields import FieldInfo

SUFFIX = "_FILE"
MAX_BYTES = 64 * 1024


class SecretFileError(ValueError):
    """The file cannot be used. The text names the variable and never repeats a value."""


def secret_variables(fields: Mapping[str, FieldInfo]) -> frozenset[str]:
    """The variables of a settings class that hold secrets."""
    return frozenset(name.upper() for name, info in fields.items() if info.annotation in (SecretStr, SecretBytes))


def with_secret_files(environ: Mapping[str, str], variables: Iterable[str]) -> dict[str, str]:
    """The environment, with the values of those `variables` that are given by file; one line end is cut off.

    Raises SecretFileError where both forms are given, or the file cannot be read, is empty or is no text.
    """
    found = dict(environ)
    for variable in variables:
        path = environ.get(variable + SUFFIX, "")
        if not path:
            continue
        if environ.get(variable):
            raise SecretFileError(f"give {variable} or {variable}{SUFFIX}, not both")
        found[variable] = _content(variable + SUFFIX, Path(path))
        # Settings that were read are given on by some commands and read again: then there is only the value.
        del found[variable + SUFFIX]
    return found


def _content(variable: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        text = raw.decode().removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise SecretFileError(f"{variable}: {path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SecretFileError(f"{variable}: {path} is no text") from None
    if not text or len(raw) > MAX_BYTES or "\x00" in text:
        raise SecretFileError(f"{variable}: {path} is empty, or holds more than a secret")
    return text
