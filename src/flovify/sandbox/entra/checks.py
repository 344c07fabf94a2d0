"""What an authorization request must fulfil, and who may sign in where (v2-oauth2-auth-code-flow)."""

from __future__ import annotations

from flovify.sandbox.directory.models import PERSONAL_TENANT, App, User
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.entra.errors import EntraError, invalid_request, missing_parameter, unknown_application
from flovify.sandbox.entra.flows import AuthorizeRequest

SHARED = ("common", "organizations")
CONSUMERS = "consumers"
PROMPTS = ("", "login", "none", "consent", "select_account")
RESPONSE_MODES = ("query", "fragment", "form_post")


def read_authority(segment: str) -> str:
    """The first segment of a path in one spelling; `consumers` is also known by the id of its tenant."""
    authority = segment.lower()
    return CONSUMERS if authority == PERSONAL_TENANT else authority


def check_authority(directory: Directory, authority: str) -> None:
    """Raises EntraError unless the first segment of the path names an organisation or a shared endpoint."""
    if authority not in (*SHARED, CONSUMERS) and directory.organization(authority) is None:
        raise invalid_request(90002, f"Tenant '{authority}' not found. Check that you have the correct tenant ID.")


def admits(directory: Directory, authority: str, user: User) -> bool:
    """Whether the user can sign in at this authority: personal accounts at `common` and `consumers` only."""
    if not user.signs_in:
        return False
    if user.personal:
        return authority in ("common", CONSUMERS)
    return authority in SHARED or directory.organization(authority) == user.tenant_id


def check_home(directory: Directory, app: App, authority: str) -> None:
    """A single-tenant application works at its own organisation only. Raises EntraError."""
    if not app.home:
        return
    if authority in (*SHARED, CONSUMERS):
        raise invalid_request(
            50194,
            f"Application '{app.client_id}'({app.display_name}) is not configured as a multi-tenant application. Usage "
            f"of the /{authority} endpoint is not supported for such apps created after '10/15/2018'. Use a "
            "tenant-specific endpoint or configure the application to be multi-tenant.",
        )
    if directory.organization(authority) != directory.organization(app.home):
        raise unknown_application(app.client_id, authority)


def check_client(directory: Directory, client_id: str, redirect_uri: str) -> tuple[App, str]:
    """The application and its redirect URI, the first registered one if none was asked for.

    Raises EntraError; such errors are shown, never redirected.
    """
    if not client_id:
        raise missing_parameter("client_id")
    app = directory.app(client_id)
    if app is None:
        raise unknown_application(client_id)
    if not redirect_uri and app.redirect_uris:
        return app, app.redirect_uris[0]
    if redirect_uri not in app.redirect_uris:
        raise invalid_request(
            50011,
            f"The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured "
            f"for the application '{client_id}'.",
        )
    return app, redirect_uri


def check_authorize(request: AuthorizeRequest, response_type: str) -> None:
    """Raises EntraError for what is wrong beyond client and redirect URI; such errors go on the redirect."""
    if request.response_mode not in RESPONSE_MODES:
        raise invalid_request(70007, f"'{request.response_mode}' is not a supported value of 'response_mode'.")
    if not response_type:
        raise missing_parameter("response_type")
    if response_type != "code":
        raise EntraError(
            "unsupported_response_type", 700054, f"response_type '{response_type}' is not enabled for the application."
        )
    if request.prompt not in PROMPTS:
        raise invalid_request(90023, f"Unsupported 'prompt' value '{request.prompt}'.")
    if request.prompt == "select_account" and request.login_hint:
        raise invalid_request(90023, "'select_account' prompt cannot be used with 'login_hint'.")
    _check_challenge(request)


def _check_challenge(request: AuthorizeRequest) -> None:
    if request.code_challenge_method not in {"", "plain", "S256"}:
        raise invalid_request(501491, "Invalid value of 'code_challenge_method'; it must be 'S256' or 'plain'.")
    if request.code_challenge_method and not request.code_challenge:
        raise invalid_request(50147, "Missing 'code_challenge' although 'code_challenge_method' was sent.")
    if request.code_challenge and not 43 <= len(request.code_challenge) <= 128:
        raise invalid_request(501491, "Invalid size of 'code_challenge'; it must be 43 to 128 characters.")
