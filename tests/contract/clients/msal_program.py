"""MSAL for the tokens, plain HTTP for Graph."""

from __future__ import annotations

from typing import Any

import msal
import requests

from tests.contract.clients import program

GRAPH = "https://graph.microsoft.com/v1.0"
SCOPES = ["User.Read", "Mail.Read"]


class Graph:
    """Calls with one bearer token; a refusal raises requests.HTTPError."""

    def __init__(self, access_token: str) -> None:
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {access_token}"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(method, GRAPH + path, json=body, timeout=20)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def status(self, method: str, path: str) -> tuple[int, str]:
        """Status and error code of a call that is expected to be refused."""
        answer = self._session.request(method, GRAPH + path, timeout=20)
        return answer.status_code, answer.json()["error"]["code"]


def sign_in(me: program.Registration) -> tuple[Any, Any]:
    app = msal.ConfidentialClientApplication(
        me.client_id, client_credential=me.client_secret, authority="https://login.microsoftonline.com/common"
    )
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=me.redirect_uri)
    result = app.acquire_token_by_auth_code_flow(flow, program.query_of(me.consent(flow["auth_uri"])))
    if "access_token" not in result:
        raise RuntimeError(f"{result.get('error')}: {result.get('error_description')}")
    return app, result


def refresh(app: Any, first: Any) -> dict[str, object]:
    account = app.get_accounts()[0]
    cached = app.acquire_token_silent(SCOPES, account)
    fresh = app.acquire_token_silent(SCOPES, account, force_refresh=True)
    again = app.acquire_token_silent(SCOPES, account, force_refresh=True)
    tokens = [first["access_token"], fresh["access_token"], again["access_token"]]
    return {
        "username": account["username"],
        "cached_is_first": cached["access_token"] == first["access_token"],
        "different_tokens": len(set(tokens)),
        "newest": again["access_token"],
    }


def read_mail(graph: Graph) -> dict[str, object]:
    listed = graph.call("GET", "/me/mailFolders/inbox/messages?$top=5&$select=id,subject,hasAttachments")
    newest = listed["value"][0]
    message = graph.call("GET", f"/me/messages/{newest['id']}")
    attachments = graph.call("GET", f"/me/messages/{newest['id']}/attachments")
    return {
        "listed": [item["subject"] for item in listed["value"]],
        "has_next_page": "@odata.nextLink" in listed,
        "subject": message["subject"],
        "sender": message["from"]["emailAddress"]["address"],
        "attachments": [(item["name"], item["size"]) for item in attachments["value"]],
    }


def subscribe(graph: Graph, me: program.Registration) -> dict[str, object]:
    with program.receiver() as receiver:
        created = graph.call(
            "POST",
            "/subscriptions",
            {
                "changeType": "created",
                "notificationUrl": receiver.url,
                "resource": "me/mailFolders('inbox')/messages",
                "expirationDateTime": program.in_hours(1).isoformat(),
                "clientState": "msal-program",
            },
        )
        path = f"/subscriptions/{created['id']}"
        program.send_mail(me.address, "msal: announced")
        notification = receiver.next()
        renewed = graph.call("PATCH", path, {"expirationDateTime": program.in_hours(24).isoformat()})
        graph.call("DELETE", path)
    return {
        "validated": len(receiver.validations),
        "client_state": notification["clientState"],
        "announced": graph.call("GET", f"/{notification['resource']}")["subject"],
        "renewed_later": renewed["expirationDateTime"] > created["expirationDateTime"],
        "after_delete": graph.status("GET", path),
    }


def app_only(me: program.Registration, claims: dict[str, str]) -> dict[str, object]:
    app = msal.ConfidentialClientApplication(
        me.client_id,
        client_credential=me.client_secret,
        authority=f"https://login.microsoftonline.com/{claims['tid']}",
    )
    result = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    if "access_token" not in result:
        raise RuntimeError(f"{result.get('error')}: {result.get('error_description')}")
    listed = Graph(result["access_token"]).call("GET", f"/users/{claims['oid']}/messages?$top=1")
    return {"refresh_token": "refresh_token" in result, "listed": len(listed["value"])}


def main() -> None:
    me = program.registration()
    program.send_mail(me.address, "msal: first")
    app, first = sign_in(me)
    claims = first["id_token_claims"]
    refreshed = refresh(app, first)
    graph = Graph(str(refreshed.pop("newest")))
    program.report(
        signed_in_as=claims["preferred_username"],
        refreshed=refreshed,
        mail=read_mail(graph),
        subscription=subscribe(graph, me),
        app_only=app_only(me, claims),
        bad_token=Graph("rubbish").status("GET", "/me"),
    )


if __name__ == "__main__":
    main()
