"""Microsoft's Graph SDK with azure-identity's credentials."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any
from urllib.parse import urlencode

from azure.identity.aio import AuthorizationCodeCredential, ClientSecretCredential
from msgraph import GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.subscription import Subscription

from tests.contract.clients import program

SCOPES = ["https://graph.microsoft.com/User.Read", "https://graph.microsoft.com/Mail.Read"]


def code_for(me: program.Registration) -> str:
    """An authorization code. azure-identity leaves the authorize URL to the program, as its documentation shows."""
    state = secrets.token_urlsafe(16)
    query = {
        "client_id": me.client_id,
        "response_type": "code",
        "redirect_uri": me.redirect_uri,
        "scope": " ".join(["openid", "profile", "offline_access", *SCOPES]),
        "state": state,
    }
    back = program.query_of(
        me.consent(f"https://login.microsoftonline.com/common/oauth2/v2.0/authorize?{urlencode(query)}")
    )
    if back["state"] != state:
        raise RuntimeError("another state came back")
    return back["code"]


async def refresh(credential: Any) -> dict[str, object]:
    """With a claims challenge, as Graph may send, the credential passes its cache by and redeems its refresh token.

    The SDK asks for tokens that stand continuous access evaluation, which azure-identity keeps in a cache of its own.
    """
    challenge = '{"access_token": {"nbf": {"essential": true, "value": "1700000000"}}}'
    first = await credential.get_token(*SCOPES, enable_cae=True)
    cached = await credential.get_token(*SCOPES, enable_cae=True)
    fresh = await credential.get_token(*SCOPES, enable_cae=True, claims=challenge)
    return {"cached_is_first": cached.token == first.token, "different_tokens": len({first.token, fresh.token})}


async def read_mail(client: Any) -> dict[str, object]:
    me = await client.me.get()
    listed = await client.me.mail_folders.by_mail_folder_id("inbox").messages.get()
    newest = client.me.messages.by_message_id(listed.value[0].id)
    message, attachments = await newest.get(), await newest.attachments.get()
    source = await newest.content.get()
    return {
        "user": me.mail,
        "user_id": me.id,
        "listed": [item.subject for item in listed.value],
        "has_next_page": listed.odata_next_link is not None,
        "subject": message.subject,
        "sender": message.from_.email_address.address,
        "received_has_zone": message.received_date_time.utcoffset() is not None,
        "attachments": [(item.name, item.size) for item in attachments.value],
        "attachment_type": type(attachments.value[0]).__name__,
        "source_holds_subject": message.subject.encode() in source,
    }


async def subscribe(client: Any, me: program.Registration) -> dict[str, object]:
    with program.receiver() as receiver:
        wanted = Subscription(
            change_type="created,updated",
            notification_url=receiver.url,
            lifecycle_notification_url=receiver.url,
            resource="me/mailFolders('inbox')/messages",
            expiration_date_time=program.in_hours(1),
            client_state="msgraph-program",
        )
        created = await client.subscriptions.post(wanted)
        one = client.subscriptions.by_subscription_id(created.id)
        listed = await client.subscriptions.get()
        await asyncio.to_thread(program.send_mail, me.address, "msgraph: announced")
        notification = await asyncio.to_thread(receiver.next)
        renewed = await one.patch(Subscription(expiration_date_time=program.in_hours(24)))
        await one.delete()
    announced = await client.me.messages.by_message_id(notification["resourceData"]["id"]).get()
    return {
        "validated": len(receiver.validations),
        "client_state": notification["clientState"],
        "announced": announced.subject,
        "listed": created.id in [item.id for item in listed.value],
        "renewed_later": renewed.expiration_date_time > created.expiration_date_time,
        "after_delete": await refused(one),
    }


async def refused(request: Any) -> tuple[int, str]:
    try:
        await request.get()
    except ODataError as error:
        return error.response_status_code, error.error.code
    raise RuntimeError("the call was not refused")


async def app_only(me: program.Registration, user_id: str) -> dict[str, object]:
    # A tenant may be named by one of its domains.
    tenant_id = me.address.partition("@")[2]
    async with ClientSecretCredential(tenant_id, me.client_id, me.client_secret) as credential:
        client: Any = GraphServiceClient(credential)
        listed = await client.users.by_user_id(user_id).messages.get()
    return {"listed": len(listed.value) > 0}


async def main() -> None:
    me = program.registration()
    await asyncio.to_thread(program.send_mail, me.address, "msgraph: first")
    code = await asyncio.to_thread(code_for, me)
    async with AuthorizationCodeCredential(
        "common", me.client_id, code, me.redirect_uri, client_secret=me.client_secret
    ) as credential:
        refreshed = await refresh(credential)
        client: Any = GraphServiceClient(credential, SCOPES)
        mail = await read_mail(client)
        program.report(
            refreshed=refreshed,
            mail=mail,
            subscription=await subscribe(client, me),
            app_only=await app_only(me, str(mail["user_id"])),
        )


if __name__ == "__main__":
    asyncio.run(main())
