"""O365, the most used third-party client: its own sign-in, mailbox and subscription interfaces."""

from __future__ import annotations

from typing import Any

import requests
from O365 import Account
from O365.utils.token import MemoryTokenBackend

from tests.contract.clients import program

INBOX = "me/mailFolders('inbox')/messages"


def sign_in(me: program.Registration) -> Any:
    account = Account(
        (me.client_id, me.client_secret),
        auth_flow_type="authorization",
        tenant_id="common",
        token_backend=MemoryTokenBackend(),
    )
    scopes = account.protocol.get_scopes_for(["basic", "mailbox"])
    url, flow = account.con.get_authorization_url(scopes, redirect_uri=me.redirect_uri)
    if not account.con.request_token(me.consent(url), flow=flow):
        raise RuntimeError("O365 got no token")
    return account


def refresh(account: Any) -> dict[str, object]:
    """Through O365's own MSAL client: its `refresh_token` alone is content with a token that still lives."""
    client, backend = account.con.msal_client, account.con.token_backend
    scopes = backend.get_token_scopes(username=account.con.username, remove_reserved=True)
    before = backend.get_access_token(username=account.con.username)["secret"]
    result = client.acquire_token_silent_with_error(
        scopes, client.get_accounts(username=account.con.username)[0], force_refresh=True
    )
    return {"new_token": result["access_token"] != before, "refreshed": account.con.refresh_token()}


def read_mail(account: Any) -> dict[str, object]:
    mailbox = account.mailbox()
    messages = list(mailbox.inbox_folder().get_messages(limit=5, order_by="receivedDateTime desc"))
    message = mailbox.get_message(messages[0].object_id)
    message.attachments.download_attachments()
    return {
        "listed": [item.subject for item in messages],
        "subject": message.subject,
        "sender": message.sender.address,
        "body": message.get_body_text() or "",
        "attachments": [(item.name, item.size) for item in message.attachments],
        "user": account.get_current_user_data().mail,
    }


def subscribe(account: Any, me: program.Registration) -> dict[str, object]:
    subscriptions = account.subscriptions()
    with program.receiver() as receiver:
        created = subscriptions.create_subscription(
            receiver.url, INBOX, "created", expiration_minutes=60, client_state="o365-program"
        )
        listed = [item["id"] for item in subscriptions.list_subscriptions()]
        program.send_mail(me.address, "o365: announced")
        notification = receiver.next()
        renewed = subscriptions.renew_subscription(created["id"], expiration_minutes=24 * 60)
        deleted = subscriptions.delete_subscription(created["id"])
    try:
        subscriptions.get_subscription(created["id"])
        gone = 200
    except requests.HTTPError as error:
        gone = error.response.status_code if error.response is not None else 0
    return {
        "validated": len(receiver.validations),
        "client_state": notification["clientState"],
        "announced": account.mailbox().get_message(notification["resourceData"]["id"]).subject,
        "listed": created["id"] in listed,
        "renewed_later": renewed["expirationDateTime"] > created["expirationDateTime"],
        "deleted": deleted,
        "after_delete": gone,
    }


def main() -> None:
    me = program.registration()
    program.send_mail(me.address, "o365: first")
    account = sign_in(me)
    program.report(
        authenticated=account.is_authenticated,
        username=account.con.username,
        refreshed=refresh(account),
        mail=read_mail(account),
        subscription=subscribe(account, me),
    )


if __name__ == "__main__":
    main()
