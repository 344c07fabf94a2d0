"""`flovify audit verify`: whether the audit logs are still what was written."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from flovify.cli.api_parts import api_settings, run_with_pool
from flovify.cli.auth_parts import auth_settings, run_with
from flovify.common.errors import FlovifyError
from flovify.common.settings import SettingError

if TYPE_CHECKING:
    from flovify.common.audit.findings import Finding, Report
    from flovify.common.db import Pool

app = typer.Typer(help="The audit logs of auth and of the api.", no_args_is_help=True)
BROKEN, UNCHECKED = 1, 2
_HEAD = re.compile(r"(auth|api):([1-9][0-9]{0,17}):([0-9a-f]{16})")
_PROGRESS_SECONDS = 2.0


class Log(StrEnum):
    AUTH = "auth"
    API = "api"
    BOTH = "both"


@app.callback()
def _audit() -> None:
    """Beside `flovify up` nothing has to be set: databases and key are found by FLOVIFY_DATA_DIR (default .flovify).

    Otherwise AUTH_DATABASE_URL and API_DATABASE_URL (or DATABASE_URL, for one log), here or in `.env`, name the
    databases with the roles flovify_auth and flovify_api, and AUDIT_KEY is that of auth and worker.
    """


@app.command()
def verify(
    log: Log = typer.Option(Log.BOTH, help="Whose log."),
    at_least: list[str] = typer.Option(
        [], metavar="LOG:POSITION:MAC", help="An earlier head, from a service's log or this command; may be repeated."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON for programs."),
) -> None:
    """Check every entry and its seal. Exit status: 0 whole, 1 changed, 2 cannot be checked.

    What was removed last, together with its seals, shows only by --at-least with a head that was written down before.
    """
    wanted: list[Log] = [Log.AUTH, Log.API] if log is Log.BOTH else [log]
    heads = _heads(at_least, wanted)
    done = [_one(name, heads[name]) for name in wanted]
    if as_json:
        typer.echo(
            json.dumps({"logs": [_as_json(name, one) for name, one in zip(wanted, done, strict=True)]}, indent=2)
        )
    else:
        for name, one in zip(wanted, done, strict=True):
            _print(name, one)
    status = max((_status(one) for one in done), key=lambda found: (found == BROKEN, found))
    if status:
        raise typer.Exit(status)


def _heads(given: list[str], wanted: list[Log]) -> Mapping[Log, dict[int, str]]:
    found: dict[Log, dict[int, str]] = {log: {} for log in wanted}
    for text in given:
        match = _HEAD.fullmatch(text)
        if match is None or Log(match[1]) not in found:
            raise typer.BadParameter(f"{text} is no LOG:POSITION:MAC of a log that is checked", param_hint="--at-least")
        found[Log(match[1])][int(match[2])] = match[3]
    return found


def _one(log: Log, at_least: Mapping[int, str]) -> Report | str:
    """The report, or why there is none."""
    from flovify.common.db import DATABASE_ERRORS  # noqa: PLC0415

    try:
        return _checked(log, at_least)
    except SettingError as error:
        return str(error)
    except FlovifyError as error:
        return error.detail
    except DATABASE_ERRORS as error:
        return f"the database cannot be read ({type(error).__name__})"


def _checked(log: Log, at_least: Mapping[int, str]) -> Report:
    from flovify.api.settings import ApiAuditSettings  # noqa: PLC0415
    from flovify.auth.parts import open_pool  # noqa: PLC0415
    from flovify.auth.settings import AuthAuditSettings  # noqa: PLC0415
    from flovify.common.audit.chain import LogKeys  # noqa: PLC0415
    from flovify.common.audit.check import check  # noqa: PLC0415
    from flovify.common.audit.store import SealStore  # noqa: PLC0415

    async def work(pool: Pool) -> Report:
        return await check(SealStore(pool, log), LogKeys(settings.audit_keys, log), at_least, _Progress(log))

    settings: AuthAuditSettings | ApiAuditSettings
    if log is Log.AUTH:
        settings = auth_settings(AuthAuditSettings)
        return run_with(AuthAuditSettings, open_pool, work)
    settings = api_settings(ApiAuditSettings)
    return run_with_pool(settings, work)


class _Progress:
    """A line on standard error every few seconds, so that nothing is said of what is quick."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._said_at = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._said_at >= _PROGRESS_SECONDS:
            self._said_at = time.monotonic()
            sys.stderr.write(f"{self._log}: {done} of {total} seals checked\n")


def _status(one: Report | str) -> int:
    if isinstance(one, str):
        return UNCHECKED
    return BROKEN if one.broken else 0 if one.whole else UNCHECKED


def _print(log: Log, one: Report | str) -> None:
    if isinstance(one, str):
        typer.echo(f"{log}: cannot be checked: {one}", err=True)
        return
    for finding in one.first:
        typer.echo(f"{log}: {_line(finding)}")
    more = one.counts.total() - len(one.first)
    if more:
        typer.echo(f"{log}: and {more} more")
    for key_id, count in one.unknown_keys.items():
        typer.echo(f"{log}: AUDIT_KEY lacks the key with the id {key_id}, by which {count} seals were made")
    if one.pruned:
        said = ", ".join(f"{entry.id} ({entry.at.isoformat()}, {entry.actor})" for entry in one.permissions)
        typer.echo(f"{log}: {one.pruned} entries were removed because their time was over, as these say: {said}")
    word = "CHANGED" if one.broken else "whole" if one.whole else "not checked to the end"
    typer.echo(f"{log}: {word}; {one.entries} entries, head {_head(one)}")


def _line(finding: Finding) -> str:
    known = (
        f"entry {finding.entry_id}" if finding.entry_id is not None else "",
        finding.at.isoformat() if finding.at else "",
        finding.action or "",
        finding.detail,
    )
    return f"{finding.kind}: {', '.join(text for text in known if text)}"


def _head(one: Report) -> str:
    """As --at-least takes it."""
    from flovify.common.audit.chain import head_digits  # noqa: PLC0415

    return f"{one.log}:{one.head.position}:{head_digits(one.head.mac)}" if one.head.position else "none yet"


def _as_json(log: Log, one: Report | str) -> dict[str, Any]:
    if isinstance(one, str):
        return {"log": log, "state": "unchecked", "error": one}
    return {
        "log": log,
        "state": ("whole", "changed", "unchecked")[_status(one)],
        "entries": one.entries,
        "head": _head(one) if one.head.position else None,
        "counts": dict(one.counts),
        "findings": [{**vars(found), "at": found.at.isoformat() if found.at else None} for found in one.first],
        "missing_keys": dict(one.unknown_keys),
        "removed_by_permission": one.pruned,
    }
