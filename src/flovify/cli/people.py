"""`flovify admin`: who may sign in, as what, and the sessions there are."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import typer

from flovify.cli.auth_parts import run_with
from flovify.common.errors import InvalidRequest
from flovify.common.roles import ROLES

if TYPE_CHECKING:
    from flovify.auth.people.beside import PeopleBeside
    from flovify.auth.people.models import Person
    from flovify.auth.sessions.store import LivingSession
    from flovify.auth.settings import AuthDatabaseSettings

T = TypeVar("T")
app = typer.Typer()
JSON = typer.Option(False, "--json", help="Print JSON for programs.")
EMAIL = typer.Argument(help="The address the user signs in with.")
PASSWORD_STDIN = typer.Option(False, "--password-stdin", help="Read the password from standard input.")


@app.command("users")
def list_users(as_json: bool = JSON) -> None:
    """List who may sign in: address, role, state, last sign-in, and how many sessions live.

    A user is active, disabled, or invited: then a password is still to be chosen.
    """
    items = [_user(person, sessions) for person, sessions in _run(lambda people: people.everybody())]
    head = f"{'role':<14} {'state':<9} {'last sign-in':<17} sessions  address"
    _print(items, [head, *(_user_line(one) for one in items)], as_json=as_json)


@app.command("disable-user")
def disable_user(email: str = EMAIL) -> None:
    """Let a user not sign in any more, and end all sessions of the user at once. The account stays, see enable-user.

    The last administrator who can sign in cannot be disabled.
    """
    changed = _run(lambda people: people.set_disabled(email, True))
    typer.echo(f"disabled {email}; all sessions ended" if changed else f"{email} is disabled already")


@app.command("enable-user")
def enable_user(email: str = EMAIL) -> None:
    """Let a disabled user sign in again, with the password and the role there were. Ended sessions stay ended."""
    changed = _run(lambda people: people.set_disabled(email, False))
    typer.echo(f"enabled {email}" if changed else f"{email} is not disabled")


@app.command("set-role")
def set_role(email: str = EMAIL, role: str = typer.Argument(help=f"One of: {', '.join(ROLES)}.")) -> None:
    """Give a user another role. It counts at once, also for sessions that are open; nobody is signed out.

    The last administrator who can sign in keeps that role.
    """
    changed = _run(lambda people: people.set_role(email, role))
    typer.echo(f"{email} is {role} now" if changed else f"{email} is {role} already")


@app.command("set-password")
def set_password(email: str = EMAIL, password_stdin: bool = PASSWORD_STDIN) -> None:
    """Replace a password. It is asked for twice, or read from standard input; it is never an argument.

    All sessions of the user end, and an invitation that is open cannot be used any more.
    """
    person = _run(lambda people: people.find(email))  # who is unknown is said before a password is asked for
    password = ask_password(from_stdin=password_stdin)
    _run(lambda people: people.set_password(email, password))
    typer.echo(f"changed the password of {person.email}; all sessions ended")
    if person.disabled_at is not None:
        typer.echo("the user is still disabled: flovify admin enable-user")


@app.command("sessions")
def list_sessions(
    email: str = typer.Argument("", help="Of this user only. Default: everybody's."), as_json: bool = JSON
) -> None:
    """List the living sessions, the last used first (500 at most), with the id that end-session takes."""
    items = [_session(one) for one in _run(lambda people: people.sessions(email))]
    lines = [
        f"{one['id']}  {_time(one['last_used_at'])}  {one['address'] or '-':<15}  {one['email']}  "
        f"{(one['user_agent'] or '-')[:60]}"
        for one in items
    ]
    _print(items, lines or ["nobody is signed in"], as_json=as_json)


@app.command("end-session")
def end_session(session_id: str = typer.Argument(help="Its id, as `flovify admin sessions` shows it.")) -> None:
    """End one session at once, in the console and at the api; its access token is refused within moments."""
    try:
        wanted = UUID(session_id)
    except ValueError:
        raise InvalidRequest("give a session's id; `flovify admin sessions` lists those that live") from None
    ended = _run(lambda people: people.end_session(wanted))
    typer.echo("ended the session" if ended else "the session had ended already")


@app.command("end-sessions")
def end_sessions(
    email: str = typer.Argument("", help="Whose sessions."),
    everybody: bool = typer.Option(False, "--all", help="Everybody's, without an address."),
) -> None:
    """End all sessions of a user, or everybody's with --all, at once. Who may do so signs in again."""
    if bool(email) == everybody:
        raise InvalidRequest("name one user, or give --all for everybody")
    count = _run(lambda people: people.end_sessions(email))
    typer.echo(f"ended {count} session{'' if count == 1 else 's'}")


def ask_password(*, from_stdin: bool) -> str:
    """From standard input's first line, or asked for twice."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _run(work: Callable[[PeopleBeside], Awaitable[T]]) -> T:
    from flovify.auth.settings import AuthDatabaseSettings  # noqa: PLC0415

    return run_with(AuthDatabaseSettings, _open, work)


async def _open(settings: AuthDatabaseSettings, stack: AsyncExitStack, name: str, pool_size: int) -> PeopleBeside:
    from flovify.auth.parts import open_pool  # noqa: PLC0415
    from flovify.auth.people.beside import PeopleBeside  # noqa: PLC0415

    return PeopleBeside(await open_pool(settings, stack, name, pool_size))


def _user(person: Person, sessions: int) -> dict[str, Any]:
    state = "disabled" if person.disabled_at else "active" if person.has_password else "invited"
    told = {"id": person.id, "email": person.email, "role": person.role, "state": state}
    return {**told, "last_signed_in_at": person.last_signed_in_at, "sessions": sessions}


def _user_line(user: dict[str, Any]) -> str:
    last = _time(user["last_signed_in_at"])
    return f"{user['role']:<14} {user['state']:<9} {last:<17} {user['sessions']:>8}  {user['email']}"


def _session(session: LivingSession) -> dict[str, Any]:
    names = ("id", "user_id", "email", "created_at", "last_used_at", "expires_at", "address", "user_agent")
    return {name: getattr(session, name) for name in names}


def _time(at: datetime | None) -> str:
    """To the minute, in UTC."""
    return f"{at:%Y-%m-%d %H:%M}Z" if at else "never"


def _print(items: list[dict[str, Any]], lines: list[str], *, as_json: bool) -> None:
    shown = json.dumps({"items": items}, indent=2, default=_plain) if as_json else "\n".join(lines)
    typer.echo(shown)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
