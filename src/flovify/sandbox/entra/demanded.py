"""Failures of Entra on demand: the next token request, sign-in or admin consent of somebody is refused as asked.

Source of numbers and words: learn.microsoft.com/entra/identity-platform/reference-error-codes.
"""

from __future__ import annotations

import uuid
from typing import Literal

import msgspec

from flovify.sandbox.entra.errors import EntraError

Place = Literal["token", "authorize", "adminconsent"]
# Number: (error, words). What the caller names itself comes before these.
KNOWN: dict[int, tuple[str, str]] = {
    50053: ("invalid_grant", "The account is locked, you've tried to sign in too many times."),
    50055: ("invalid_grant", "The password is expired."),
    50057: ("invalid_grant", "The user account is disabled."),
    50072: ("interaction_required", "You must enroll in multi-factor authentication to access Microsoft Graph."),
    50074: ("interaction_required", "Strong Authentication is required."),
    50076: ("interaction_required", "You must use multi-factor authentication to access Microsoft Graph."),
    50078: ("interaction_required", "Presented multi-factor authentication has expired due to policies."),
    50079: ("interaction_required", "You must enroll in multi-factor authentication to access Microsoft Graph."),
    50105: ("invalid_grant", "The signed in user is not assigned to a role for the application."),
    50158: ("interaction_required", "External security challenge was not satisfied."),
    50173: ("invalid_grant", "The provided grant has expired due to it being revoked, a fresh auth token is needed."),
    50196: ("invalid_grant", "The server terminated an operation because it encountered a client request loop."),
    50011: ("invalid_request", "The redirect URI specified in the request does not match those configured."),
    50020: ("invalid_grant", "The user account does not exist in the tenant and cannot access the application in it."),
    50034: ("invalid_grant", "The user account does not exist in the directory."),
    50194: ("invalid_request", "The application is not configured as a multi-tenant application."),
    53000: ("interaction_required", "Device is not in required device state: a compliant device is required."),
    53001: ("interaction_required", "Device is not in required device state: a domain joined device is required."),
    53002: ("interaction_required", "Application used is not an approved application for Conditional Access."),
    53003: ("interaction_required", "Access has been blocked by Conditional Access policies."),
    54005: ("invalid_grant", "OAuth2 Authorization code was already redeemed, please retry with a new code."),
    65001: ("invalid_grant", "The user or administrator has not consented to use the application."),
    65004: ("access_denied", "User declined to consent to access the app."),
    70000: ("invalid_grant", "The provided value for the input parameter 'refresh_token' is not valid."),
    70001: ("unauthorized_client", "The application is disabled."),
    70008: ("invalid_grant", "The provided authorization code or refresh token has expired due to inactivity."),
    70011: ("invalid_scope", "The provided value for the input parameter 'scope' is not valid."),
    70043: ("invalid_grant", "The refresh token has expired or is invalid due to sign-in frequency checks."),
    90002: ("invalid_request", "Tenant not found. Check that you have the correct tenant ID."),
    90008: ("invalid_request", "The application must be listed in the resource's required permissions."),
    90033: ("temporarily_unavailable", "A transient error has occurred. Please try again."),
    90038: ("invalid_request", "The tenant is in another national cloud."),
    90055: ("temporarily_unavailable", "There are too many incoming requests."),
    90094: ("access_denied", "The grant requires admin permission."),
    90095: ("access_denied", "Admin consent is required; the user may ask an administrator for it."),
    500011: ("invalid_resource", "The resource principal was not found in the tenant."),
    501481: ("invalid_grant", "The Code_Verifier does not match the code_challenge."),
    530032: ("interaction_required", "Blocked by tenant admin configured security policy."),
    530035: ("interaction_required", "Access has been blocked by security defaults."),
    650052: ("invalid_client", "The app needs access to a service that your organization has not subscribed to."),
    650056: ("invalid_client", "Misconfigured application."),
    650057: ("invalid_resource", "Invalid resource: it is not listed in the application's requested permissions."),
    700005: ("invalid_grant", "The provided authorization code or token was issued to use against another tenant."),
    700016: ("unauthorized_client", "Application was not found in the directory of the tenant."),
    700022: ("invalid_scope", "The scope holds permissions of more than one resource."),
    700027: ("invalid_client", "Client assertion failed signature validation."),
    700082: ("invalid_grant", "The refresh token has expired due to inactivity."),
    700084: ("invalid_grant", "The refresh token was issued to a single page app, and has therefore a fixed lifetime."),
    7000112: ("unauthorized_client", "The application is disabled."),
    7000215: ("invalid_client", "Invalid client secret provided."),
    7000218: ("invalid_client", "The request body must contain 'client_assertion' or 'client_secret'."),
    7000222: ("invalid_client", "The provided client secret keys for the app are expired."),
    7000229: ("invalid_client", "The client application is missing service principal in the tenant."),
}  # fmt: skip
_STATUS = {"invalid_client": 401, "temporarily_unavailable": 503, "server_error": 500}
_SUBERROR = {65001: "consent_required", 50173: "bad_token", 70000: "bad_token", 700082: "bad_token"}


class Demand(msgspec.Struct, kw_only=True):
    """One failure: of whom (an address, a client id, or both), where, and how often (None: until it is removed)."""

    error: str
    aadsts: int
    description: str
    status: int
    address: str = ""
    client_id: str = ""
    at: Place = "token"
    grant_type: str = ""
    suberror: str = ""
    claims: str = ""
    times: int | None = None
    id: str = msgspec.field(default_factory=lambda: uuid.uuid4().hex[:12])
    hits: int = 0


class Demanded:
    """The failures in force, oldest first; kept in memory like the faults."""

    def __init__(self) -> None:
        self._all: list[Demand] = []

    def add(self, demand: Demand) -> Demand:
        self._all.append(demand)
        return demand

    def all(self) -> list[Demand]:
        return list(self._all)

    def remove(self, demand_id: str | None = None) -> int:
        """Remove one, or all; says how many were removed."""
        before = len(self._all)
        self._all = [one for one in self._all if demand_id is not None and one.id != demand_id]
        return before - len(self._all)

    def take(self, at: Place, client_id: str, address: str = "", grant_type: str = "") -> EntraError | None:
        """The failure for this request, counted as used; None when it is to go well."""
        for demand in self._all:
            if _meets(demand, at, client_id, address, grant_type):
                self._use(demand)
                return EntraError(
                    demand.error,
                    demand.aadsts,
                    demand.description,
                    status=demand.status,
                    suberror=demand.suberror,
                    claims=demand.claims,
                )
        return None

    def _use(self, demand: Demand) -> None:
        demand.hits += 1
        if demand.times is not None:
            demand.times -= 1
            if demand.times <= 0:
                self._all.remove(demand)


def _meets(demand: Demand, at: Place, client_id: str, address: str, grant_type: str) -> bool:
    return (
        demand.at == at
        and demand.client_id in ("", client_id)
        and demand.address in ("", address)
        and demand.grant_type in ("", grant_type)
    )


def defaults(number: int, error: str) -> tuple[str, str, int, str]:
    """(error, words, status, suberror) for a number; `error` given wins. Raises ValueError when neither is known."""
    known_error, words = KNOWN.get(number, ("", "A failure that was asked for."))
    chosen = error or known_error
    if not chosen:
        raise ValueError(f"AADSTS{number} is not known here; name the `error` too")
    return chosen, words, _STATUS.get(chosen, 400), _SUBERROR.get(number, "")
