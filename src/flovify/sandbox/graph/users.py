"""GET /me and /users/{id} (graph/api/user-get), and what is shown of a person."""

from __future__ import annotations

from typing import Any

from flovify.sandbox.directory.models import User
from flovify.sandbox.graph.access import find_user
from flovify.sandbox.graph.context import Call
from flovify.sandbox.graph.errors import GraphError, bad_request, insufficient_privileges
from flovify.sandbox.graph.exchange import GraphRequest, GraphResponse

_READ_SELF = {"user.read", "user.readwrite", "user.readbasic.all", "user.read.all", "directory.read.all"}
READ_OTHERS = {"user.readbasic.all", "user.read.all", "user.readwrite.all", "directory.read.all"}
# Shown only when $select names them.
_ON_SELECT = {"accountEnabled", "mailNickname", "otherMails", "proxyAddresses", "userType"}


async def get_user(call: Call) -> GraphResponse:
    """A person's profile. Raises GraphError 400, 403 or 404."""
    caller, directory, name = call.caller, call.parts.directory, call.ids.get("user")
    if name is None and caller.user_id is None:
        raise bad_request("/me request is only valid with delegated authentication flow.")
    user = directory.user_by_id(caller.user_id) if name is None and caller.user_id else find_user(name or "", directory)
    own = user is not None and user.id == caller.user_id
    if not caller.may(_READ_SELF if own else READ_OTHERS):
        raise insufficient_privileges()
    if user is None or user.tenant_id != caller.tenant_id or (user.personal and not own):
        raise GraphError(
            404,
            "Request_ResourceNotFound",
            f"Resource '{name}' does not exist or one of its queried reference-property objects are not present.",
        )
    names = selected(call.request)
    shown = f"users({','.join(names)})/$entity" if names else "users/$entity"
    return GraphResponse(200, {"@odata.context": f"{call.request.base}/$metadata#{shown}", **view(user, names)})


def selected(request: GraphRequest) -> tuple[str, ...]:
    """The properties that $select names, empty for those shown by default. Raises GraphError 400 for an unknown one."""
    options = request.options
    text = options.get("$select", options.get("select", ""))
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        property_name(name)
    return names


def property_name(name: str) -> str:
    """A property as it is written, from any case of letters. Raises GraphError 400."""
    found = _BY_LOWER_NAME.get(name.lower())
    if found is None:
        raise bad_request(
            f"Parsing OData Select and Expand failed: Could not find a property named '{name}' "
            "on type 'microsoft.graph.user'."
        )
    return found


def view(user: User, names: tuple[str, ...]) -> dict[str, Any]:
    """The named properties of a user, or those shown by default."""
    everything = profile(user)
    chosen = [property_name(name) for name in names] or [key for key in everything if key not in _ON_SELECT]
    return {key: everything[key] for key in chosen}


def profile(user: User) -> dict[str, Any]:
    """Every property. Nobody signs in to a shared mailbox, so its account is disabled."""
    given, _, family = user.display_name.partition(" ")
    mail = None if user.kind == "unlicensed" else user.address
    return {
        "businessPhones": [],
        "displayName": user.display_name,
        "givenName": given or None,
        "jobTitle": None,
        "mail": mail,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": family or None,
        "userPrincipalName": user.address,
        "id": user.id,
        "accountEnabled": user.kind != "shared",
        "mailNickname": user.address.partition("@")[0],
        "otherMails": [],
        "proxyAddresses": [f"SMTP:{mail}"] if mail else [],
        "userType": "Member",
    }


_NAMES = (
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName", "id", *sorted(_ON_SELECT),
)  # fmt: skip
_BY_LOWER_NAME = {name.lower(): name for name in _NAMES}
