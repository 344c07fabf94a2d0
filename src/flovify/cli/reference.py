"""docs/configuration.md, made from the settings classes."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from flovify.cli.services import SERVICES

HEAD = """# Configuration

Made by `flovify config reference`; a test compares it with the code. Settings come from the environment; `flovify up`
also reads `.env` in the working directory. An empty value counts as unset. A setting that is missing or malformed
ends the process at start with status 78 and one line that names it. `flovify config show` prints what each process
would take, secrets only as configured or not. Each secret may be given by file instead: `SERVICE_SECRET_FILE` names
the file that holds `SERVICE_SECRET`.

`flovify up` sets all of these for its processes; what you set yourself wins. When `FLOVIFY_PORT` is not 8000, its
other default ports move by the same distance. With a PostgreSQL of yours, `DATABASE_URL` is the owner's, and the
services' roles are made by it; where it may not make roles, give `AUTH_DATABASE_URL` and `API_DATABASE_URL`.
"""
TAIL = """
## Replacing MS365_CLIENT_STATE

Each subscription has a secret of its own, kept as a hash under the first key of `MS365_CLIENT_STATE`; hashes under the
keys behind it are accepted too.

1. Make a new key (`openssl rand -base64 32`) and put it first, in api and worker alike:
   `MS365_CLIENT_STATE=new,old`. Beside `flovify up` the old one stands in `secrets.json` of the data directory, and the
   setting in the environment or `.env` wins over it.
2. Restart every api and worker; one after the other will do. A process that has not got the new key yet answers 503
   where others use it already, and Microsoft delivers again.
3. Wait. A notification brings its subscription under the new key; what stays quiet is made anew within about an hour.
   `flovify subscriptions keys` says how many are left; keys are shown by ids that are no secret.
4. When it shows 0 for the old key, and no line `unknown`, drop the old key and restart. Microsoft may deliver late for
   four hours: wait as long if subscriptions were made anew.

Dropped too early, api and worker refuse to start (status 78) and name the id: put the old key back. If it is lost,
`flovify subscriptions abandon-key ID` has what is under it made anew; until then its notifications are not recognised.
"""
COMMON = {
    "flovify_env": "development or production; production refuses stand-ins and plain http",
    "flovify_host": "the address to listen on; 0.0.0.0 in a container",
    "flovify_log_level": "debug, info, warning or error",
    "flovify_auth_port": "public listener",
    "flovify_auth_internal_port": "internal listener: tokens, keys, metrics; never to be reached from outside",
    "flovify_api_port": "public listener",
    "flovify_api_internal_port": "internal listener: renewal, removal, metrics; never to be reached from outside",
    "flovify_worker_port": "health and metrics",
    "flovify_worker_concurrency": "mailboxes asked for at Microsoft at once by one process",
    "flovify_worker_lease_seconds": "after this a dead worker's mailboxes are another's",
    "flovify_admin_password": "its password",
    "auth_service_url": "auth's internal listener",
    "microsoft_cloud": "global, usgov, dod or china",
    "microsoft_graph_url": "Graph's host",
    "ms365_lifecycle_url": "where lifecycle notifications go; default: MS365_WEBHOOK_URL",
}


def reference_page() -> str:
    """All settings as one Markdown page."""
    parts = [HEAD]
    for service in SERVICES.values():
        parts.append(f"\n## {service.name}\n\n| variable | default | what it is |\n|---|---|---|\n")
        fields = service.settings_class().model_fields
        parts += [_row(name, fields[name]) for name in sorted(fields)]
    return "".join([*parts, TAIL])


def _row(name: str, field: FieldInfo) -> str:
    default = "required" if field.is_required() else _default_text(field.get_default())
    meaning = (field.description or COMMON.get(name, "")).replace("|", "\\|")
    return f"| `{name.upper()}` | {default} | {meaning} |\n"


def _default_text(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return f"`{value}`" if value not in {"", None} else ""
