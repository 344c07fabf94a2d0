"""Who calls the token endpoint: a client secret, or a signed assertion (private_key_jwt).

Sources: Entra v2-oauth2-auth-code-flow, certificate-credentials; RFC 7523, section 3.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.types import Options

from flovify.sandbox.directory.models import App, Certificate
from flovify.sandbox.entra.checks import check_home
from flovify.sandbox.entra.errors import EntraError, invalid_client, missing_parameter, unknown_application
from flovify.sandbox.world import World

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS = ["PS256", "RS256"]
# Times are checked against the sandbox's own clock, and the audience may be one of two.
_OPTIONS: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "require": ["aud", "exp", "iss", "jti", "sub"],
}
_SKEW_SECONDS = 300
# Microsoft advises five to ten minutes and enforces nothing (certificate-credentials); this is stricter.
_LONGEST_SECONDS = 3600


def authenticate(world: World, authority: str, origin: str, form: Mapping[str, str], headers: Mapping[str, str]) -> App:
    """The application that proved itself. `origin` is what the token endpoint's address begins with.

    Raises EntraError.
    """
    client_id, secret = _credential(form, headers)
    if not client_id:
        raise missing_parameter("client_id")
    app = world.directory.app(client_id)
    if app is None:
        raise unknown_application(client_id)
    if form.get("client_assertion"):
        _check_assertion(world, app, form, _audiences(world, authority, origin))
    else:
        _check_secret(world, app, secret)
    check_home(world.directory, app, authority)
    return app


def _credential(form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        raise invalid_client(7000218, "The Authorization header cannot be read.") from None
    return unquote_plus(name), unquote_plus(secret)


def _check_secret(world: World, app: App, text: str) -> None:
    if not text:
        raise invalid_client(
            7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        )
    known = world.directory.registrations.secret(app, text)
    if known is None:
        raise invalid_client(
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{app.client_id}'.",
        )
    if known.expires_at is not None and known.expires_at <= world.clock.now():
        raise invalid_client(
            7000222,
            f"The provided client secret keys for app '{app.client_id}' are expired. Visit the Azure portal to create "
            "new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for "
            "added security: https://aka.ms/certCreds.",
        )


def _audiences(world: World, authority: str, origin: str) -> list[str]:
    """The token endpoint as it was called, and by the organisation's id."""
    names = {authority, world.directory.organization(authority) or authority}
    return [f"{origin}/{name}/oauth2/v2.0/token" for name in names]


def _check_assertion(world: World, app: App, form: Mapping[str, str], audiences: list[str]) -> None:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise EntraError("invalid_request", 700021, f"The 'client_assertion_type' must be '{ASSERTION_TYPE}'.")
    text = form["client_assertion"]
    certificate = _certificate(app, _header(text))
    claims = _claims(text, certificate, app)
    now = world.clock.now()
    if certificate.expires_at <= now:
        raise invalid_client(700027, "The certificate with identifier used to sign the client assertion is expired.")
    if claims["aud"] not in audiences:
        raise invalid_client(700023, f"Client assertion audience claim does not match Realm issuer: {audiences[0]}.")
    _check_times(claims, now)
    if not world.assertions.first_use(app.client_id, claims["jti"]) and _strict(world):
        raise invalid_client(700027, "The client assertion was used before; its 'jti' must be unique.")


def _strict(world: World) -> bool:
    return world.directory.policy.assertion_replay == "strict"


def _header(text: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(text)
    except jwt.PyJWTError:
        raise invalid_client(50027, "The client assertion is no JWT, or its header cannot be read.") from None


def _certificate(app: App, header: Mapping[str, Any]) -> Certificate:
    """The registered certificate whose thumbprint is in the header, with or without base64's padding."""
    sha256, sha1 = (str(header.get(name, "")).rstrip("=") for name in ("x5t#S256", "x5t"))
    for one in app.certificates:
        if (sha256 and one.sha256 == sha256) or (not sha256 and sha1 and one.sha1 == sha1):
            return one
    raise invalid_client(
        700027,
        "Client assertion contains an invalid signature. [Reason - The key was not found., Thumbprint of key used by "
        f"client: '{_printable(sha256 or sha1)}']",
    )


def _claims(text: str, certificate: Certificate, app: App) -> dict[str, Any]:
    """The claims behind a good signature, by and about the application itself. Raises EntraError."""
    key = x509.load_pem_x509_certificate(certificate.pem.encode()).public_key()
    if not isinstance(key, RSAPublicKey):
        raise invalid_client(700027, "The registered certificate holds no RSA key.")
    try:
        claims = jwt.decode(text, key, _ALGORITHMS, options=_OPTIONS)
    except jwt.MissingRequiredClaimError as error:
        raise invalid_client(50027, f"The client assertion lacks the claim '{error.claim}'.") from None
    except jwt.PyJWTError:
        raise invalid_client(
            700027, "Client assertion contains an invalid signature. [Reason - The key was found, but use of the key "
            "to verify the signature failed.]"
        ) from None  # fmt: skip
    if (claims["iss"], claims["sub"]) != (app.client_id, app.client_id) or not isinstance(claims["jti"], str):
        raise invalid_client(700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
    return claims


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    """MSAL sends fractions and no `nbf`; then `iat` counts as the beginning, and without either the moment itself."""
    begin, end = claims.get("nbf", claims.get("iat", int(now.timestamp()))), claims["exp"]
    if not all(isinstance(value, (int, float)) for value in (begin, end)):
        raise invalid_client(50027, "The times of the client assertion must be numbers.")
    at = now.timestamp()
    if not begin - _SKEW_SECONDS <= at <= end + _SKEW_SECONDS or end - begin > _LONGEST_SECONDS:
        raise invalid_client(
            700024,
            "Client assertion is not within its valid time range. Current time: "
            f"{now:%Y-%m-%dT%H:%M:%S.0000000Z}, expiry time of assertion {end}.",
        )


def _printable(text: str) -> str:
    return text[:100] if text.isascii() and text.isprintable() else ""
