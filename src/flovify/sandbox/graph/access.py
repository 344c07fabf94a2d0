"""Who asks, and what they may reach: bearer tokens, permissions, mailboxes (graph/permissions-reference)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flovify.sandbox.directory.models import User
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.graph.errors import (
    GraphError,
    access_denied,
    bad_request,
    invalid_user,
    no_mailbox,
    unauthorized,
)
from flovify.sandbox.graph.exchange import GraphRequest

READ_BASIC = frozenset({"mail.readbasic", "mail.readbasic.all", "mail.read", "mail.readwrite"})
READ = frozenset({"mail.read", "mail.readwrite"})
WRITE = frozenset({"mail.readwrite"})


@dataclass(frozen=True)
class Caller:
    """An authenticated app, with the user it acts for, or None for an app acting as itself.

    `permissions` are the token's scopes or roles, in lower case without the resource.
    """

    client_id: str
    tenant_id: str
    user_id: str | None
    permissions: frozenset[str]

    @property
    def app_only(self) -> bool:
        return self.user_id is None

    def may(self, permissions: Iterable[str]) -> bool:
        return not self.permissions.isdisjoint(permissions)


def caller_of(request: GraphRequest, directory: Directory) -> Caller:
    """Who the bearer token speaks for. Raises GraphError 401."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("Access token is empty.")
    known = directory.resolve_access_token(token)
    if known is None:
        raise unauthorized("Lifetime validation failed, the token is expired.")
    # Roles assigned in Exchange count beside the token's own (Exchange: application-rbac).
    assigned = [] if known.user_id else directory.exchange_roles(known.client_id, known.tenant_id)
    names = [*(known.scopes if known.user_id else known.roles), *assigned]
    return Caller(
        client_id=known.client_id,
        tenant_id=known.tenant_id,
        user_id=known.user_id or None,
        permissions=frozenset(name.rpartition("/")[2].lower() for name in names),
    )


def find_user(name: str, directory: Directory) -> User | None:
    """A user by object id or by principal name, or None."""
    return directory.user_by_id(name) or directory.user_by_address(name)


def mailbox_user(caller: Caller, name: str | None, directory: Directory) -> User:
    """The user whose mailbox is meant; `name` None is /me. Raises GraphError 400, 403 or 404.

    A delegated token reaches its own mailbox and those shared with its user; an app-only token every mailbox of its
    tenant that the organisation does not keep it out of, but never /me.
    """
    user = _named(caller, name, directory)
    if user.kind == "unlicensed":
        raise no_mailbox()
    return user


def _named(caller: Caller, name: str | None, directory: Directory) -> User:
    if name is None:
        if caller.user_id is None:
            raise bad_request("/me request is only valid with delegated authentication flow.")
        user = directory.user_by_id(caller.user_id)
        if user is None:
            raise invalid_user(caller.user_id)
        return user
    user = find_user(name, directory)
    if user is None or user.tenant_id != caller.tenant_id:
        raise invalid_user(name)
    if caller.user_id is None:
        _check_scope(directory.excludes(caller.client_id, user))
    elif user.id != caller.user_id and not _shared(caller, user, directory):
        raise access_denied()
    return user


def _check_scope(kept_out_by: str) -> None:
    """An application access policy refuses in words of its own (GC: concepts/auth-limit-mailbox-access.md)."""
    if kept_out_by == "policy":
        raise GraphError(403, "ErrorAccessDenied", "Access to OData is disabled.")
    if kept_out_by:
        raise access_denied()


def _shared(caller: Caller, user: User, directory: Directory) -> bool:
    owner = directory.user_by_id(caller.user_id or "")
    return owner is not None and owner.address in user.delegates and bool(_shared_permissions(caller))


def _shared_permissions(caller: Caller) -> frozenset[str]:
    """What the `.Shared` scopes of a token allow in a mailbox that is not its user's own."""
    shared = (name for name in caller.permissions if name.endswith(".shared"))
    return frozenset(name.removesuffix(".shared") for name in shared)


def acting_in(caller: Caller, user: User) -> Caller:
    """The caller with the permissions that count in this mailbox."""
    if caller.user_id in (None, user.id):
        return caller
    return replace(caller, permissions=_shared_permissions(caller))


def require(caller: Caller, permissions: Iterable[str]) -> None:
    """Raises GraphError 403 when the token carries none of the permissions."""
    if not caller.may(permissions):
        raise access_denied()
