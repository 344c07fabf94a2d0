"""Sign-ins in progress: what an application asked for, who was picked, and the codes handed out."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.models import App, Code, User
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.entra.errors import EntraError, invalid_grant, invalid_request
from flovify.sandbox.journal import Journal

CODE_LIFE = timedelta(minutes=10)
FLOW_LIFE = timedelta(minutes=30)
PROMPTS = ("", "login", "none", "consent", "select_account")
OPENID_SCOPES = ("openid", "profile", "email", "offline_access")
GRAPH_SCOPES = (
    "User.Read", "User.ReadBasic.All", "Mail.Read", "Mail.ReadBasic", "Mail.ReadWrite", "Mail.Send",
    "Mail.Read.Shared", "Mail.ReadWrite.Shared", "MailboxSettings.Read", ".default",
)  # fmt: skip
_KNOWN = {scope.lower(): scope for scope in (*OPENID_SCOPES, *GRAPH_SCOPES)}


@dataclass(frozen=True)
class AuthorizeRequest:
    """A checked authorization request (v2-oauth2-auth-code-flow, "Request an authorization code")."""

    authority: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    nonce: str
    response_mode: str
    prompt: str
    login_hint: str
    code_challenge: str
    code_challenge_method: str


@dataclass(frozen=True)
class Flow:
    """A request being answered on the pages. The id is in the page's form and works only for this flow."""

    id: str
    request: AuthorizeRequest
    started_at: datetime
    user_id: str = ""


class Flows:
    """Flows live in memory (they are minutes long); codes are journaled."""

    def __init__(self, journal: Journal, clock: SandboxClock, directory: Directory) -> None:
        self._journal = journal
        self._clock = clock
        self._directory = directory
        self._flows: dict[str, Flow] = {}
        self._codes = {code.code: code for code in journal.load("code", Code)}

    def clear(self) -> None:
        """Forget all flows and codes."""
        self._flows.clear()
        self._codes.clear()

    def begin(self, request: AuthorizeRequest) -> Flow:
        flow = Flow(secrets.token_urlsafe(24), request, self._clock.now())
        self._flows = {key: one for key, one in self._flows.items() if one.started_at > flow.started_at - FLOW_LIFE}
        self._flows[flow.id] = flow
        return flow

    def find(self, flow_id: str) -> Flow:
        """Raises EntraError for a flow that is unknown or too old."""
        flow = self._flows.get(flow_id)
        if flow is None or flow.started_at < self._clock.now() - FLOW_LIFE:
            raise invalid_request(90014, "The sign-in has expired. Go back to the application and start again.")
        return flow

    def pick(self, flow: Flow, user: User) -> Flow:
        self._flows[flow.id] = replace(flow, user_id=user.id)
        return self._flows[flow.id]

    def end(self, flow: Flow) -> None:
        self._flows.pop(flow.id, None)

    def issue_code(self, request: AuthorizeRequest, user: User) -> str:
        """A code for one redemption within ten minutes."""
        code = Code(
            code="1.A" + secrets.token_urlsafe(120),
            client_id=request.client_id,
            user_id=user.id,
            redirect_uri=request.redirect_uri,
            scopes=list(request.scopes),
            expires_at=self._clock.now() + CODE_LIFE,
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            code_challenge_method=request.code_challenge_method,
        )
        self._codes[code.code] = code
        self._journal.put("code", code.code, code)
        return code.code

    def redeem(self, code_text: str, client_id: str, redirect_uri: str, verifier: str) -> Code:
        """Use up a code. Raises EntraError invalid_grant or invalid_request."""
        code = self._codes.get(code_text)
        if code is None or code.client_id != client_id:
            raise invalid_grant(70000, "The provided value for the input parameter 'code' is not valid.")
        if code.used:
            raise invalid_grant(54005, "OAuth2 Authorization code was already redeemed, please retry with a new code.")
        if code.expires_at <= self._clock.now():
            raise invalid_grant(70008, "The provided authorization code has expired due to inactivity.")
        if code.redirect_uri != redirect_uri:
            raise invalid_grant(500112, "The reply address does not match the one of the authorization request.")
        _check_verifier(code, verifier)
        code.used = True
        self._journal.put("code", code.code, code)
        return code


def _check_verifier(code: Code, verifier: str) -> None:
    if not code.code_challenge:
        return
    if not verifier:
        raise invalid_grant(50148, "The code_verifier is missing although a code_challenge was sent.")
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    expected = hashed if code.code_challenge_method == "S256" else verifier
    if expected != code.code_challenge:
        raise invalid_grant(
            501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request."
        )


def check_client(directory: Directory, client_id: str, redirect_uri: str) -> tuple[App, str]:
    """The application and its redirect URI. Raises EntraError; such errors are shown, never redirected."""
    app = directory.app(client_id)
    if app is None:
        raise EntraError(
            "unauthorized_client", 700016, f"Application with identifier '{client_id}' was not found in the directory."
        )
    redirect_uri = redirect_uri or (app.redirect_uris[0] if app.redirect_uris else "")
    if redirect_uri not in app.redirect_uris and not _loopback_match(app, redirect_uri):
        raise invalid_request(
            50011,
            f"The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured "
            f"for the application '{client_id}'.",
        )
    return app, redirect_uri


def _loopback_match(app: App, redirect_uri: str) -> bool:
    """For http://localhost the port is not compared (reply-url, "Localhost exceptions")."""
    asked = urlsplit(redirect_uri)
    if asked.scheme != "http" or asked.hostname != "localhost":
        return False
    known = [urlsplit(uri) for uri in app.redirect_uris]
    return any(one.scheme == "http" and one.hostname == "localhost" and one.path == asked.path for one in known)


def read_scopes(text: str) -> tuple[str, ...]:
    """Requested scopes by their proper names; Graph's may be written with or without its URL. Raises EntraError."""
    found: list[str] = []
    for word in text.split():
        bare = word.removeprefix("https://graph.microsoft.com/")
        name = _KNOWN.get(bare.lower())
        if name is None:
            raise EntraError(
                "invalid_scope", 70011, f"The provided value for the input parameter 'scope' is not valid: {word}."
            )
        if name not in found:
            found.append(name)
    if not found:
        raise invalid_request(900144, "The request body must contain the following parameter: 'scope'.")
    return tuple(found)


def check_authorize(request: AuthorizeRequest, response_type: str) -> None:
    """Raises EntraError for what is wrong beyond client and redirect URI; such errors go on the redirect."""
    if response_type != "code":
        raise EntraError(
            "unsupported_response_type", 700054, f"response_type '{response_type}' is not enabled for the application."
        )
    if request.prompt not in PROMPTS:
        raise invalid_request(90023, f"Unsupported 'prompt' value '{request.prompt}'.")
    if request.prompt == "select_account" and request.login_hint:
        raise invalid_request(90023, "'select_account' prompt cannot be used with 'login_hint'.")
    if request.code_challenge_method not in {"", "plain", "S256"}:
        raise invalid_request(501491, "Invalid 'code_challenge_method'.")
    if request.code_challenge and not 43 <= len(request.code_challenge) <= 128:
        raise invalid_request(501491, "Invalid size of 'code_challenge'; it must be 43 to 128 characters.")
