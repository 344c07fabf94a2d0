"""The permissions an application may ask for, and what they mean in words."""

from __future__ import annotations

from flovify.sandbox.entra.errors import EntraError, invalid_request

RESOURCE = "https://graph.microsoft.com/"
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
WORDS = {**OPENID_SCOPES, **GRAPH_SCOPES}
_OPENID = {name.lower(): name for name in OPENID_SCOPES}
_GRAPH = {name.lower(): name for name in GRAPH_SCOPES}


def read_scopes(text: str) -> tuple[str, ...]:
    """Requested scopes by their proper names, each once; Graph's may be written with or without its URL.

    All must be of one resource, and `.default` stands alone beside the OpenID scopes (Entra: permissions-consent).
    Raises EntraError.
    """
    found = tuple(dict.fromkeys(_name(word) for word in text.split()))
    if not found:
        raise invalid_request(900144, "The request body must contain the following parameter: 'scope'.")
    if DEFAULT in found and len(graph_scopes(found)) > 1:
        raise _invalid(f"{text}. .default scope can't be combined with resource-specific scopes")
    return found


def graph_scopes(scopes: tuple[str, ...] | list[str]) -> list[str]:
    """Those that are permissions at Graph."""
    return [scope for scope in scopes if scope not in OPENID_SCOPES]


def _name(word: str) -> str:
    lower = word.lower()
    name = _GRAPH.get(lower.removeprefix(RESOURCE)) or _OPENID.get(lower)
    if name is None:
        raise _invalid(word)
    return name


def _invalid(text: str) -> EntraError:
    return EntraError(
        "invalid_scope",
        70011,
        f"The provided value for the input parameter 'scope' is not valid. The scope {text} is not valid.",
    )
