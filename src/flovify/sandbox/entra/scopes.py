"""The permissions an application may ask for, and what they mean in words."""

from __future__ import annotations

from collections.abc import Iterable

from flovify.sandbox.entra.errors import EntraError, invalid_request

DEFAULT = ".default"
OPENID_SCOPES = {
    "openid": "Sign you in",
    "profile": "See your name",
    "email": "See your email address",
    "offline_access": "Keep access to what you allow, also while you are away",
}
# Those a user may consent to; what needs an administrator is not offered.
GRAPH_SCOPES = {
    "User.Read": "Read your profile",
    "User.ReadWrite": "Read and change your profile",
    "User.ReadBasic.All": "Read the basic profiles of everybody in your organisation",
    "People.Read": "Read lists of the people you work with",
    "Mail.Read": "Read your mail",
    "Mail.ReadBasic": "Read your mail without bodies and attachments",
    "Mail.ReadWrite": "Read, change and delete your mail",
    "Mail.Send": "Send mail as you",
    "Mail.Read.Shared": "Read mail shared with you",
    "Mail.ReadBasic.Shared": "Read mail shared with you without bodies and attachments",
    "Mail.ReadWrite.Shared": "Read, change and delete mail shared with you",
    "Mail.Send.Shared": "Send mail for others",
    "MailboxFolder.Read": "Read your mail folders",
    "MailboxFolder.ReadWrite": "Read and change your mail folders",
    "MailboxSettings.Read": "Read your mailbox settings",
    "MailboxSettings.ReadWrite": "Read and change your mailbox settings",
    "Calendars.Read": "Read your calendars",
    "Calendars.Read.Shared": "Read calendars shared with you",
    "Calendars.ReadWrite": "Read, change and delete your calendars",
    "Contacts.Read": "Read your contacts",
    "Contacts.Read.Shared": "Read contacts shared with you",
    "Contacts.ReadWrite": "Read, change and delete your contacts",
    "Tasks.Read": "Read your tasks",
    "Tasks.ReadWrite": "Read, change and delete your tasks",
    "Files.Read": "Read your files",
    "Files.ReadWrite": "Read, change and delete your files",
    DEFAULT: "Everything you have allowed it before",
}
# What an application may be allowed to do as itself; only an administrator can.
APP_ROLES = {
    "Mail.Read": "Read mail in all mailboxes",
    "Mail.ReadBasic": "Read mail in all mailboxes without bodies and attachments",
    "Mail.ReadBasic.All": "Read mail in all mailboxes without bodies and attachments",
    "Mail.ReadWrite": "Read, change and delete mail in all mailboxes",
    "Mail.Send": "Send mail as anybody",
    "MailboxSettings.Read": "Read all mailbox settings",
    "User.Read.All": "Read everybody's full profile",
    "User.ReadBasic.All": "Read everybody's basic profile",
    "User.ReadWrite.All": "Read and change everybody's profile",
    "Directory.Read.All": "Read the directory",
    "Organization.Read.All": "Read the organisation's data",
}
# Microsoft's list of what users of a new organisation cannot consent to: these, and all names that begin so.
_BLOCKED = ("Mail.Read", "MailboxSettings.", "MailboxFolder.", "Calendars.", "Contacts.ReadWrite")
WORDS = {**OPENID_SCOPES, **GRAPH_SCOPES}
_OPENID = {name.lower(): name for name in OPENID_SCOPES}
_GRAPH = {name.lower(): name for name in GRAPH_SCOPES}


def read_scopes(text: str, resource: str) -> tuple[str, ...]:
    """Requested scopes by their proper names, each once; Graph's may be written with or without its URL (`resource`).

    All must be of one resource, and `.default` stands alone beside the OpenID scopes (Entra: permissions-consent).
    Raises EntraError.
    """
    found = tuple(dict.fromkeys(_name(word, resource) for word in text.split()))
    if not found:
        raise invalid_request(900144, "The request body must contain the following parameter: 'scope'.")
    if DEFAULT in found and len(graph_scopes(found)) > 1:
        raise _invalid(f"{text}. .default scope can't be combined with resource-specific scopes")
    return found


def graph_scopes(scopes: tuple[str, ...] | list[str]) -> list[str]:
    """Those that are permissions at Graph."""
    return [scope for scope in scopes if scope not in OPENID_SCOPES]


def blocked_for_mail(scopes: Iterable[str]) -> list[str]:
    """Those that the policy of new organisations leaves to an administrator; Mail.Send is not among them.

    Source: Entra, manage-app-consent-policies, "microsoft-user-default-recommended".
    """
    return [scope for scope in scopes if scope.startswith(_BLOCKED)]


def _name(word: str, resource: str) -> str:
    lower = word.lower()
    name = _GRAPH.get(lower.removeprefix(resource)) or _OPENID.get(lower)
    if name is None:
        raise _invalid(word)
    return name


def _invalid(text: str) -> EntraError:
    return EntraError(
        "invalid_scope",
        70011,
        f"The provided value for the input parameter 'scope' is not valid. The scope {text} is not valid.",
    )
