"""Who signed in: verification of Microsoft's id_token (id-token-claims-reference, claims-validation)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp
import jwt
import msgspec
from jwt.types import Options
from yarl import URL

from flovify.auth.apps.addresses import Addresses
from flovify.auth.apps.models import Registration
from flovify.common.clock import Clock
from flovify.common.errors import FlovifyError
from flovify.common.http import ResponseTooLarge, read_capped
from flovify.common.outbound import outbound_failure

KEYS_SECONDS = 24 * 3600
REFETCH_SECONDS = 60
LEEWAY_SECONDS = 60
MAX_DOCUMENT = 2**20
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"  # the tenant of personal accounts
_KEY_HEADERS = {"jku", "jwk", "x5u", "crit"}  # a token that brings its own key, or asks for more than we know


class IdTokenInvalid(FlovifyError):
    """The id_token does not prove who signed in."""

    code = "id_token_invalid"
    http_status = 400


class AuthorityAway(IdTokenInvalid):
    """The authority's documents cannot be read at this moment, so nothing can be verified."""

    code = "microsoft_unavailable"
    http_status = 503


class OrganizationRefused(IdTokenInvalid):
    """Somebody proved who they are, but the registration is for others."""

    code = "organization_refused"
    http_status = 403


@dataclass(frozen=True)
class Identity:
    """A person or mailbox: keyed by (`tenant_id`, `object_id`); names are for display only."""

    tenant_id: str
    object_id: str
    address: str
    display_name: str


@dataclass(frozen=True)
class _Keys:
    issuer: str
    by_id: Mapping[str, tuple[jwt.PyJWK, str | None]]
    fetched_at: float


class IdTokenVerifier:
    """Holds each authority's keys for a day; an unknown key id fetches them again, at most once a minute."""

    def __init__(self, session: aiohttp.ClientSession, addresses: Addresses, clock: Clock) -> None:
        self._session = session
        self._addresses = addresses
        self._clock = clock
        self._keys: dict[str, _Keys] = {}
        self._lock = asyncio.Lock()

    async def verify(self, registration: Registration, token: str | None, nonce: str) -> Identity:
        """The identity behind an id_token: signature, audience, issuer, time and nonce hold, for this registration.

        Raises IdTokenInvalid, with its kinds AuthorityAway and OrganizationRefused.
        """
        try:
            header = jwt.get_unverified_header(token or "")
            if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str) or _KEY_HEADERS & header.keys():
                raise IdTokenInvalid("the id_token is not signed as Microsoft signs")
            keys = await self._current_keys(registration, header["kid"])
            key, key_issuer = keys.by_id[header["kid"]]
            claims = jwt.decode(
                token or "",
                key.key,
                algorithms=["RS256"],
                audience=registration.client_id,
                leeway=LEEWAY_SECONDS,
                options=Options(require=["exp", "iat", "iss", "aud", "sub"], strict_aud=True),
            )
            identity = _identity(claims, keys.issuer, key_issuer, nonce)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError):
            raise IdTokenInvalid("the id_token cannot be verified") from None
        _check_organization(registration, identity)
        return identity

    async def _current_keys(self, registration: Registration, key_id: str) -> _Keys:
        authority = self._addresses.authority(registration)
        async with self._lock:
            now = self._clock.monotonic()
            keys = self._keys.get(authority)
            stale = keys is None or now - keys.fetched_at > KEYS_SECONDS
            unknown = keys is not None and key_id not in keys.by_id and now - keys.fetched_at > REFETCH_SECONDS
            if keys is None or stale or unknown:
                keys = self._keys[authority] = await self._fetch(registration, now)
            return keys

    async def _fetch(self, registration: Registration, now: float) -> _Keys:
        """Raises IdTokenInvalid when a document leads out of the registration's cloud."""
        login = f"{self._addresses.login(registration)}/"
        authority = self._addresses.authority(registration)
        document = await self._get(registration, URL(f"{authority}/v2.0/.well-known/openid-configuration"))
        issuer, jwks_uri = str(document["issuer"]), str(document["jwks_uri"])
        if not (jwks_uri.startswith(login) and issuer.startswith(login)):
            raise IdTokenInvalid("the authority names keys or an issuer on another host")
        published = await self._get(registration, URL(jwks_uri))
        by_id = {
            entry["kid"]: (jwt.PyJWK(entry, algorithm="RS256"), entry.get("issuer"))
            for entry in published["keys"]
            if entry.get("kty") == "RSA" and entry.get("kid")
        }
        return _Keys(issuer, by_id, now)

    async def _get(self, registration: Registration, url: URL) -> dict[str, Any]:
        try:
            async with self._session.get(url, allow_redirects=False, trace_request_ctx=registration.cloud) as response:
                if response.status != 200:
                    raise AuthorityAway(f"the authority's documents cannot be read (status {response.status})")
                return msgspec.json.decode(await read_capped(response, MAX_DOCUMENT), type=dict[str, Any])
        except (aiohttp.ClientError, TimeoutError, OSError, ResponseTooLarge, msgspec.MsgspecError) as error:
            raise AuthorityAway(f"the authority's documents cannot be read ({outbound_failure(error)})") from None


def _identity(claims: dict[str, Any], issuer: str, key_issuer: str | None, nonce: str) -> Identity:
    tenant_id, object_id = _guid(claims["tid"]), _guid(claims["oid"])
    # The issuer of `common` is a template; a key may be limited to one issuer (v2-protocols-oidc).
    for expected in filter(None, (issuer, key_issuer)):
        if claims["iss"] != expected.replace("{tenantid}", tenant_id):
            raise IdTokenInvalid("the id_token comes from another issuer")
    if claims.get("nonce") != nonce:
        raise IdTokenInvalid("the id_token was made for another sign-in")
    address = claims.get("preferred_username") or claims.get("email") or ""
    return Identity(tenant_id, object_id, str(address)[:254], str(claims.get("name") or "")[:256])


def _check_organization(registration: Registration, identity: Identity) -> None:
    """A single-tenant registration takes that tenant's accounts only, `organizations` no personal ones."""
    wanted = registration.authority_tenant
    personal = identity.tenant_id == PERSONAL
    fits = {"common": True, "organizations": not personal, "consumers": personal}
    if not fits.get(wanted, identity.tenant_id == wanted):
        raise OrganizationRefused("the account belongs to an organisation this registration is not for")


def _guid(claim: object) -> str:
    """Raises TypeError or ValueError for anything but the text of a GUID."""
    if not isinstance(claim, str):
        raise TypeError("not a GUID")
    return str(UUID(claim))
