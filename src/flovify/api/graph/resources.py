"""Which mail resources can be subscribed to, in one spelling.

Graph takes several spellings of one resource (graph/outlook-change-notifications-overview, 2024-11-07). Ours always
names the mailbox by object id: a user name may hold an apostrophe or look like an id, and both break the path.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from flovify.api.errors import MailboxNotYours, ResourceNotSupported, SharedMailboxNoPush

# Well-known folders (graph/api/resources/mailfolder); their names know no case, ids do.
WELL_KNOWN = frozenset(
    {
        "archive",
        "clutter",
        "conflicts",
        "conversationhistory",
        "deleteditems",
        "drafts",
        "inbox",
        "junkemail",
        "localfailures",
        "msgfolderroot",
        "outbox",
        "recoverableitemsdeletions",
        "scheduled",
        "searchfolders",
        "sentitems",
        "serverfailures",
        "syncissues",
    }
)
_FORM = re.compile(
    r"(?:me|users(?:/(?P<user>[^/]+)|\('(?P<quoted_user>[^'/]+)'\)))"
    r"(?:/mailFolders(?:/(?P<folder>[A-Za-z0-9_=-]+)|\('(?P<quoted_folder>[A-Za-z0-9_=-]+)'\)))?"
    r"/messages",
    re.IGNORECASE,
)

# The object id that Entra gives a personal Microsoft account, and the form in which Graph names it.
_PERSONAL = re.compile(r"(?:00000000-0000-0000-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16})", re.IGNORECASE)


def mailbox_root(user_id: str) -> str:
    """`users/{id}`, encoded, or `me`: Graph does not know a personal account by the object id that Entra names."""
    return "me" if _PERSONAL.fullmatch(user_id) else f"users/{quote(user_id, safe='')}"


def normalize_resource(given: str, *, object_id: str, account_email: str, token_type: str) -> str:
    """`users/{object id}[/mailFolders('{folder}')]/messages` for any spelling of it; `me/…` for a personal account.

    Raises ResourceNotSupported for what is no message collection. Another mailbox than the tenant's own is refused:
    SharedMailboxNoPush for the token of a mailbox's owner, MailboxNotYours for the others.
    """
    text = given.strip().strip("/")
    if text.lower() in WELL_KNOWN:
        text = f"me/mailFolders('{text.lower()}')/messages"
    match = _FORM.fullmatch(text)
    if match is None:
        raise ResourceNotSupported(
            "`resource` must be the messages of a mailbox or of one folder: me/messages, "
            "me/mailFolders('inbox')/messages, or a folder's name such as inbox"
        )
    root = mailbox_root(_mailbox(match["user"] or match["quoted_user"], object_id, account_email, token_type))
    folder = match["folder"] or match["quoted_folder"]
    if folder is None:
        return f"{root}/messages"
    folder = folder.lower() if folder.lower() in WELL_KNOWN else folder
    return f"{root}/mailFolders('{folder}')/messages"


def _mailbox(named: str | None, object_id: str, account_email: str, token_type: str) -> str:
    if named is None or named.lower() in (object_id.lower(), account_email.lower()):
        return object_id
    if token_type != "delegated":  # noqa: S105 - a kind, not a secret
        raise MailboxNotYours(
            "This account stands for one mailbox of its organisation, and `resource` names another. Connect the other "
            "mailbox as an account of its own, or leave the mailbox out: me/mailFolders('inbox')/messages."
        )
    raise SharedMailboxNoPush(
        "This account was connected by its own user. Microsoft accepts such a subscription to a shared or other "
        "mailbox and then never delivers, so it is not made. Two ways lead out, each with that mailbox as an account "
        "of its own: have an administrator connect it with application permissions, which gets its mail announced; or "
        "connect it as a shared mailbox, by the sign-in of somebody who may read it, and it is polled. For the user's "
        "own mailbox leave the mailbox out: me/mailFolders('inbox')/messages.",
        extra={"ways_out": ["application_permissions", "polling"]},
    )
