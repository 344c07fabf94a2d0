"""What is counted in auth's tables. The names stand in dashboards and alerts: they are kept."""

from __future__ import annotations

from flovify.common.readings.models import Figure

TENANTS = Figure("flovify_tenants", "Connected accounts by state; blocked ones are not counted as active.", ("status",))
FAILING = Figure("flovify_auth_tokens_failing", "Active accounts whose last call for a fresh token failed.")
REFRESH_TOKEN = Figure(
    "flovify_auth_refresh_token_soonest_expiry_seconds",
    "Until the refresh token that was unused for longest lapses, among those of active accounts.",
)
REGISTRATION = Figure(
    "flovify_auth_app_credential_expires_timestamp_seconds",
    "When the longest lasting credential of a registration ends; absent when no date is known.",
    ("registration",),
)
CREDENTIAL = Figure(
    "flovify_auth_credential_expires_timestamp_seconds",
    "When each client secret and certificate ends; absent when no date is known.",
    ("registration", "credential", "kind"),
)

FIGURES = (TENANTS, FAILING, REFRESH_TOKEN, REGISTRATION, CREDENTIAL)
STATES = ("active", "blocked", "reconnect_required", "disconnecting")
