"""`flovify apps`: the applications registered at Microsoft, and their credentials."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import typer

from flovify.cli.auth_parts import run_with
from flovify.common.errors import InvalidRequest

if TYPE_CHECKING:
    from flovify.auth.apps.models import NewCredential
    from flovify.auth.apps.service import AppService

T = TypeVar("T")
ACTOR = "flovify apps"
app = typer.Typer(
    help="App registrations at Microsoft: add, list, rotate a secret or certificate, remove.", no_args_is_help=True
)

_JSON = typer.Option(False, "--json", help="Print JSON for programs.")
_SECRET_STDIN = typer.Option(False, "--secret-stdin", help="Read the client secret from standard input.")
_SECRET_FILE = typer.Option("", "--secret-file", help="Read the client secret from this file.")
_CERTIFICATE = typer.Option("", "--certificate", help="A PEM file with a certificate, and its private key or --key.")
_KEY = typer.Option("", "--key", help="A PEM file with the certificate's private key, if it is in a file of its own.")
_EXPIRES = typer.Option("", "--expires", help="The day the secret ends, as Entra shows it: 2027-11-30.")
_WHICH = typer.Argument(help="Its id here, its client id, or: default.")


@app.callback()
def _apps() -> None:
    """Beside `flovify up` nothing has to be set: database and key are found by FLOVIFY_DATA_DIR (default .flovify).

    Otherwise DATABASE_URL names the database with the role flovify_auth, and OAUTH_ENCRYPTION_KEY is auth's. Secrets
    are read from a file or from standard input, never given as an argument. What is changed counts at once, without a
    restart.
    """


@app.command("list")
def list_apps(as_json: bool = _JSON) -> None:
    """List the registrations with the state of their credentials. Nothing secret is shown."""
    from flovify.auth.apps.shown import shown  # noqa: PLC0415

    found = _run(lambda apps: apps.list_overviews())
    items = [shown(one, datetime.now(UTC)) for one in found]
    _print({"items": items}, as_json, [line for item in items for line in _lines(item)])


@app.command()
def add(
    client_id: str = typer.Argument(help="The application (client) id Entra shows."),
    cloud: str = typer.Option("global", help="global, usgov, dod or china."),
    tenant: str = typer.Option("common", help="common, organizations, or the id of the only organisation."),
    name: str = typer.Option("", help="How it is called here."),
    default: bool = typer.Option(False, "--default", help="Connect accounts under it unless another one is named."),
    secret_stdin: bool = _SECRET_STDIN,
    secret_file: str = _SECRET_FILE,
    certificate: str = _CERTIFICATE,
    key: str = _KEY,
    expires: str = _EXPIRES,
    as_json: bool = _JSON,
) -> None:
    """Add a registration with its secret or certificate, and print the redirect URIs it needs in Entra."""
    from flovify.auth.apps.models import NewRegistration  # noqa: PLC0415
    from flovify.auth.apps.rules import checked  # noqa: PLC0415

    new = checked(NewRegistration(client_id, cloud, tenant, name, default))
    credential = _credential(secret_file, certificate, key, expires, stdin=secret_stdin)
    overview = _run(lambda apps: apps.add(new, credential, ACTOR))
    _report(overview, "added", as_json)


@app.command()
def rotate(
    registration: str = _WHICH,
    secret_stdin: bool = _SECRET_STDIN,
    secret_file: str = _SECRET_FILE,
    certificate: str = _CERTIFICATE,
    key: str = _KEY,
    expires: str = _EXPIRES,
    as_json: bool = _JSON,
) -> None:
    """Give a registration a new secret or certificate; the one before stays as the second until the next rotation.

    The new one is used at once by all running processes. If Microsoft does not know it yet, the one before is tried.
    """
    credential = _credential(secret_file, certificate, key, expires, stdin=secret_stdin)

    async def work(apps: AppService) -> Any:
        return await apps.rotate(await _find(apps, registration), credential, ACTOR)

    _report(_run(work), "rotated", as_json)


@app.command()
def remove(
    registration: str = _WHICH,
    force: bool = typer.Option(False, "--force", help="Although accounts use it; they must be connected again."),
    as_json: bool = _JSON,
) -> None:
    """Remove a registration and its secrets. Refused while accounts use it, unless forced."""

    async def work(apps: AppService) -> UUID:
        found = await _find(apps, registration)
        await apps.remove(found, ACTOR, force=force)
        return found

    removed = str(_run(work))
    _print({"id": removed, "removed": True}, as_json, [f"removed {removed}"])


def _run(work: Callable[[AppService], Awaitable[T]]) -> T:
    from flovify.auth.parts import Records  # noqa: PLC0415
    from flovify.auth.settings import AuthVaultSettings  # noqa: PLC0415

    return run_with(AuthVaultSettings, Records.open, lambda records: work(records.apps))


async def _find(apps: AppService, text: str) -> UUID:
    """Raises RegistrationNotFound, and InvalidRequest where a client id is registered in several clouds."""
    if text == "default":
        return (await apps.resolve(None)).id
    found = await apps.find_by_client_id(text)
    if len(found) > 1:
        ids = ", ".join(f"{one.id} ({one.cloud})" for one in found)
        raise InvalidRequest(f"this client id is registered in several clouds; give the id instead: {ids}")
    if found:
        return found[0].id
    try:
        return (await apps.get(UUID(text))).id
    except ValueError:
        raise InvalidRequest("give an id or client id, as `flovify apps list` shows them, or: default") from None


def _credential(secret_file: str, certificate: str, key: str, expires: str, *, stdin: bool) -> NewCredential:
    """From exactly one source; without any a secret is asked for. Raises CredentialInvalid, InvalidRequest."""
    from flovify.auth.apps.credentials import given_credential  # noqa: PLC0415

    now = datetime.now(UTC)
    if sum((stdin, bool(secret_file), bool(certificate))) > 1:
        raise InvalidRequest("give one of --secret-stdin, --secret-file and --certificate")
    if certificate:
        if expires:
            raise InvalidRequest("a certificate carries its own date; leave --expires out")
        return given_credential("certificate", "", _read(certificate), _read(key or certificate), None, now)
    if key:
        raise InvalidRequest("--key goes with --certificate")
    return given_credential("secret", _secret(secret_file, stdin=stdin), "", "", _date(expires), now)


def _secret(file: str, *, stdin: bool) -> str:
    if file:
        return _read(file).strip()
    if stdin:
        return sys.stdin.readline().strip()
    asked: str = typer.prompt("Client secret", hide_input=True)
    return asked.strip()


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{file} cannot be read ({type(error).__name__})") from None


def _date(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest("--expires is a day such as 2027-11-30") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _report(overview: Any, verb: str, as_json: bool) -> None:
    from flovify.auth.apps.shown import shown  # noqa: PLC0415

    item = shown(overview, datetime.now(UTC))
    uris = [f"  redirect URI in Entra (type Web): {uri}" for uri in item["redirect_uris"]]
    _print(item, as_json, [f"{verb}:", *_lines(item), *uris])


def _lines(item: dict[str, Any]) -> list[str]:
    marks = [item["cloud"], item["authority_tenant"], item["source"], *(["default"] if item["is_default"] else [])]
    head = f"{item['id']}  {item['display_name']}  client id {item['client_id']}  ({', '.join(marks)})"
    error = [f"  refused by Microsoft: {item['last_error'].get('error')}"] if item["last_error"] else []
    return [head, f"  {item['tenants']} accounts, credential {_end(item)}", *error, *map(_line, item["credentials"])]


def _line(credential: dict[str, Any]) -> str:
    what = f"  {credential['kind']} {credential['id']}  {_end(credential)}"
    extra = [f"thumbprint {credential['thumbprint']}"] if credential["thumbprint"] else []
    extra += ["refused by Microsoft"] if credential["refused"] else []
    return "  ".join([what, f"from {credential['source']}", *extra])


def _end(item: dict[str, Any]) -> str:
    days = item["expires_in_days"]
    if item["warning"] == "missing":
        return "missing"
    if days is None:
        return "ends on a day nobody told"
    return f"expired {-days} days ago" if item["warning"] == "expired" else f"expires in {days} days"


def _print(value: dict[str, Any], as_json: bool, lines: list[str]) -> None:
    text = json.dumps(value, indent=2, default=_as_text) if as_json else "\n".join(lines)
    typer.echo(text)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
