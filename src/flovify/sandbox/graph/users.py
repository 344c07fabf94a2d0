"""GET /me and /users/{id} (graph/api/user-get)."""

from __future__ import annotations

from typing import Any

from flovify.sandbox.graph.access import Caller, Directory, find_user
from flovify.sandbox.graph.errors import GraphError, bad_request, insufficient_privileges
from flovify.sandbox.graph.exchange import GraphRequest, GraphResponse

_READ_SELF = {"user.read", "user.readwrite", "user.readbasic.all", "user.read.all", "directory.read.all"}
_READ_OTHERS = {"user.readbasic.all", "user.read.all", "user.readwrite.all", "directory.read.all"}
_READ_APP = {"user.read.all", "user.readbasic.all", "user.readwrite.all", "directory.read.all"}


def get_user(caller: Caller, name: str | None, directory: Directory, request: GraphRequest) -> GraphResponse:
    """A person's profile. Raises GraphError 400, 403 or 404."""
    if name is None and caller.user_id is None:
        raise bad_request("/me request is only valid with delegated authentication flow.")
    user = directory.user_by_id(caller.user_id) if name is None and caller.user_id else find_user(name or "", directory)
    own = user is not None and user.id == caller.user_id
    if not caller.may(_READ_APP if caller.app_only else _READ_SELF if own else _READ_OTHERS):
        raise insufficient_privileges()
    if user is None or user.tenant_id != caller.tenant_id:
        raise GraphError(
            404,
            "Request_ResourceNotFound",
            f"Resource '{name}' does not exist or one of its queried reference-property objects are not present.",
        )
    return GraphResponse(200, _user_json(user, request))


def _user_json(user: Any, request: GraphRequest) -> dict[str, Any]:
    given, _, family = user.display_name.partition(" ")
    profile: dict[str, Any] = {
        "businessPhones": [],
        "displayName": user.display_name,
        "givenName": given or None,
        "jobTitle": None,
        "mail": user.address,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": family or None,
        "userPrincipalName": user.address,
        "id": user.id,
    }
    names = [name.strip() for name in request.options.get("$select", "").split(",") if name.strip()]
    if not names:
        return {"@odata.context": f"{request.base}/$metadata#users/$entity", **profile}
    by_lower_name = {key.lower(): key for key in profile}
    unknown = [name for name in names if name.lower() not in by_lower_name]
    if unknown:
        raise bad_request(
            f"Parsing OData Select and Expand failed: Could not find a property named '{unknown[0]}' "
            "on type 'microsoft.graph.user'."
        )
    chosen = {by_lower_name[name.lower()]: profile[by_lower_name[name.lower()]] for name in names}
    return {"@odata.context": f"{request.base}/$metadata#users({','.join(names)})/$entity", **chosen}
