"""MSAL as an application of its own, and with a certificate: what it is given, for the test to compare."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msal
import requests

from tests.contract.clients import program

LOGIN = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com/v1.0"
SCOPES = ["User.Read", "Mail.Read"]


def certificate() -> dict[str, str]:
    """MSAL takes the thumbprint from the certificate itself and signs with PS256."""
    return {
        "private_key": Path(os.environ["PROGRAM_KEY"]).read_text(),
        "public_certificate": Path(os.environ["PROGRAM_CERTIFICATE"]).read_text(),
    }


def checked(result: dict[str, Any]) -> dict[str, Any]:
    if "access_token" not in result:
        raise RuntimeError(f"{result.get('error')}: {result.get('error_description')}")
    return result


def people(token: str) -> list[str]:
    """What the token opens: the organisation's directory, and each one's mail."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    listed = session.get(f"{GRAPH}/users", params={"$select": "id,userPrincipalName"}, timeout=20)
    listed.raise_for_status()
    for one in listed.json()["value"]:
        session.get(f"{GRAPH}/users/{one['id']}/messages?$top=1", timeout=20).raise_for_status()
    return [one["userPrincipalName"] for one in listed.json()["value"]]


def by_itself(me: program.Registration, credential: Any) -> dict[str, Any]:
    authority = f"{LOGIN}/{os.environ['PROGRAM_TENANT']}"
    app = msal.ConfidentialClientApplication(me.client_id, client_credential=credential, authority=authority)
    result = checked(app.acquire_token_for_client(["https://graph.microsoft.com/.default"]))
    again = checked(app.acquire_token_for_client(["https://graph.microsoft.com/.default"]))
    return {
        "fields": sorted(name for name in result if name != "token_source"),
        "cached": again["access_token"] == result["access_token"],
        "people": people(result["access_token"]),
    }


def by_code(me: program.Registration, credential: Any) -> dict[str, Any]:
    app = msal.ConfidentialClientApplication(me.client_id, client_credential=credential, authority=f"{LOGIN}/common")
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=me.redirect_uri)
    result = checked(app.acquire_token_by_auth_code_flow(flow, program.query_of(me.consent(flow["auth_uri"]))))
    fresh = checked(app.acquire_token_silent(SCOPES, app.get_accounts()[0], force_refresh=True))
    return {"claims": result["id_token_claims"], "scope": result["scope"], "refreshed_scope": fresh.get("scope")}


def main() -> None:
    me, key = program.registration(), certificate()
    wrong = msal.ConfidentialClientApplication(
        me.client_id, client_credential="wrong", authority=f"{LOGIN}/{os.environ['PROGRAM_TENANT']}"
    ).acquire_token_for_client(["https://graph.microsoft.com/.default"])
    program.report(
        secret=by_itself(me, me.client_secret),
        certificate=by_itself(me, key),
        code_with_secret=by_code(me, me.client_secret),
        code_with_certificate=by_code(me, key),
        wrong_secret=[wrong["error"], wrong["error_codes"]],
    )


if __name__ == "__main__":
    main()
