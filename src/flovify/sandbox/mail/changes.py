"""What a client may change on a message that is not a draft (graph/api/message-update, "only if isDraft" left out)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flovify.sandbox.mail.models import InvalidChange, StoredMessage

_FLAG_STATES = ("notFlagged", "flagged", "complete")
_FLAG_TIMES = ("completedDateTime", "dueDateTime", "startDateTime")


def apply_changes(message: StoredMessage, changes: dict[str, Any]) -> None:
    """Check all values, then set them. Raises InvalidChange and changes nothing otherwise."""
    checked = []
    for name, value in changes.items():
        if name.startswith("@odata."):
            continue
        if name not in _SETTERS:
            raise InvalidChange(
                f"The property '{name}' is read-only or can only be changed while the message is a draft."
            )
        attribute, check = _SETTERS[name]
        checked.append((attribute, check(name, value)))
    for attribute, value in checked:
        setattr(message, attribute, value)


def _boolean(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidChange(f"The value of '{name}' must be a boolean.")
    return value


def _strings(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidChange(f"The value of '{name}' must be a list of strings.")
    return list(dict.fromkeys(value))


def _flag(name: str, value: Any) -> dict[str, object]:
    if not isinstance(value, dict) or value.get("flagStatus", "flagged") not in _FLAG_STATES:
        raise InvalidChange(
            f"The value of '{name}' must be a followupFlag with a flagStatus of {', '.join(_FLAG_STATES)}."
        )
    times = {key: value[key] for key in _FLAG_TIMES if isinstance(value.get(key), dict)}
    if "dueDateTime" in times and "startDateTime" not in times:
        raise InvalidChange("To set dueDateTime, startDateTime must be set too.")
    return {"flagStatus": value.get("flagStatus", "flagged"), **times}


def _one_of(*allowed: str) -> Callable[[str, Any], str]:
    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or value.lower() not in allowed:
            raise InvalidChange(f"The value of '{name}' must be one of {', '.join(allowed)}.")
        return value.lower()

    return check


_SETTERS: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    "isRead": ("is_read", _boolean),
    "categories": ("categories", _strings),
    "flag": ("flag", _flag),
    "importance": ("importance", _one_of("low", "normal", "high")),
    "inferenceClassification": ("inference", _one_of("focused", "other")),
}
