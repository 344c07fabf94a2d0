"""Each app registration at Microsoft: its credential and the days left, its redirect URIs, what it was granted."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import datetime

import aiohttp
from cryptography import x509
from yarl import URL

from flovify.auth.apps.models import RegistrationOverview
from flovify.auth.errors import VaultKeyMissing, VaultTampered
from flovify.auth.microsoft.entra_errors import EntraError, EntraFailure
from flovify.auth.organizations.models import Finding, Organization
from flovify.cli.doctor.databases import Databases
from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import Check, NotLookedAt, Results, Say, Subject, Unit
from flovify.cli.doctor.outside import NETWORK_ERRORS, no_answer
from flovify.cli.doctor.registrations import Registrations
from flovify.common.clock import Clock
from flovify.common.http import ResponseTooLarge, read_capped
from flovify.common.microsoft_errors import entra_words, reason_in_words

MAX_PAGE = 2**20
_NUMBER = re.compile(rb"AADSTS(\d{4,8})")
_PORTAL = "In entra.microsoft.com, App registrations, {client_id}, "
_REDIRECT = 50011


def units(found: Found, databases: Databases, clock: Clock) -> list[Unit]:
    """One unit says which registrations there are, and has each looked at by itself."""

    async def registrations(say: Say) -> Results:
        opened = await Registrations.open(found, databases, clock)
        overviews = await opened.overviews()
        if not overviews:
            mend = "Start auth once: it keeps what MICROSOFT_CLIENT_ID names; or add one: flovify apps add."
            return [say.warning("registered", "no app registration is kept yet", mend)]
        return [unit for one in overviews for unit in _registration_units(opened, one)]

    return [Unit(Say(Subject.ENTRA), "registrations", registrations)]


def permission_units(found: Found, databases: Databases, clock: Clock) -> list[Unit]:
    """What each organisation's approval really allows, tried as auth tries it."""

    async def organizations(say: Say) -> Results:
        opened = await Registrations.open(found, databases, clock)
        known = await opened.organizations()
        if not known:
            return [say.ok("none", "no organisation uses application permissions")]
        return [_organization_unit(opened, one) for one in known]

    return [Unit(Say(Subject.PERMISSIONS), "organizations", organizations)]


def judge_days(say: Say, one: RegistrationOverview, now: datetime, *, stand_in: bool = False) -> Iterator[Check]:
    """By what was entered, and for certificates by what they say themselves; who stands in for Microsoft has no day."""
    rotate = f"Make a new one in Entra, then: flovify apps rotate {one.registration.id} (no account is connected anew)."
    longest = one.longest()
    if longest is None:
        yield say.failed("credential_missing", "there is no secret and no certificate", rotate)
        return
    days, what = longest.expires_in_days(now), longest.kind
    if days is None and stand_in:
        yield say.ok("credential_days", f"the {what} of a stand-in needs no day")
    elif days is None:
        mend = f"Tell it: MICROSOFT_CLIENT_SECRET_EXPIRES, or flovify apps rotate {one.registration.id} --expires DAY."
        yield say.warning("credential_end_unknown", f"nobody told when the {what} ends", mend)
    elif longest.warning(now) == "expired":
        yield say.failed("credential_expired", f"the {what} ended {-days} days ago", rotate)
    elif longest.warning(now) == "expiring":
        yield say.warning("credential_expiring", f"the {what} ends in {days} days", rotate)
    else:
        yield say.ok("credential_days", f"the {what} is good for {days} days")


def judge_certificate(say: Say, pem: str, now: datetime) -> Check:
    """A certificate carries its own end, whatever was entered."""
    ends = x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc
    if ends <= now:
        mend = "Make a new certificate, add it in Entra, then: flovify apps rotate … --certificate FILE."
        return say.failed("certificate_expired", f"the certificate ended on {ends:%Y-%m-%d}", mend)
    return say.ok("certificate", f"the certificate itself says {ends:%Y-%m-%d}")


def judge_refusal(say: Say, failure: EntraFailure, *, used: bool = True) -> Check:
    """Microsoft's answer in words; a name of its own for each credential fault.

    Where no account uses the registration yet, nobody need have approved it there.
    """
    words = failure.words()
    number = f" (AADSTS{failure.aadsts})" if failure.aadsts else f" ({failure.error})"
    if words.status == "waiting":
        return say.warning(words.code, f"{words.cause}{number}", words.action or "Try again in a few minutes.")
    if words.code == "app_not_in_organization" and not used:
        return say.warning(words.code, f"{words.cause}{number}", f"{words.action} {words.link}".strip())
    return say.failed(words.code, f"{words.cause}{number}", f"{words.action} {words.link}".strip())


def judge_redirect(say: Say, uri: str, location: str, body: bytes, client_id: str) -> Check:
    """An authorization request that may show nothing: it is answered at the URI, or names what is wrong with it.

    Microsoft sends nobody to a URI that is not registered; a page without a number tells neither (for instance a page
    that wants a person), so it counts for nothing.
    """
    where = f"{_PORTAL.format(client_id=client_id)}Authentication, platform Web: {uri}"
    if location.startswith((f"{uri}?", f"{uri}#")):
        return say.ok("redirect_uri", f"{uri} is registered")
    match = _NUMBER.search(body)
    number = int(match[1]) if match else 0
    if number == _REDIRECT:
        return say.failed("redirect_uri_missing", f"{uri} is not registered (AADSTS{number})", f"Add it. {where}")
    if number:
        # The same words as where an account is being connected; the number is known with this error only.
        words = entra_words("unauthorized_client" if number == 700016 else "invalid_request", number)
        return say.failed(words.code, f"{words.cause} (AADSTS{number})", f"{words.action} {words.link}".strip())
    return say.skipped("redirect_uri", f"whether {uri} is registered cannot be told from here", f"Look. {where}")


def judge_finding(say: Say, finding: Finding) -> Check:
    """What the probe found out of an organisation."""
    words = (reason_in_words(finding.error) or {}).get("words") or {}
    if finding.status == "granted" and not finding.missing:
        return say.ok("granted", "Mail.Read and User.Read.All are granted and work")
    consent = "Have an administrator of the organisation agree: flovify tenants link --purpose admin_consent "
    consent += "(docs/connecting.md, Application permissions)."
    if finding.status == "granted":
        text = f"granted, but {' and '.join(finding.missing)} is refused"
        mend = f"In Entra, API permissions, add it as an application permission. {consent}"
        return say.failed("permission_missing", text, mend)
    return say.failed("not_granted", str(words.get("cause") or "not granted"), str(words.get("action") or consent))


def _registration_units(opened: Registrations, one: RegistrationOverview) -> list[Unit]:
    registration = one.registration
    say = Say(Subject.ENTRA, registration.display_name or registration.client_id)

    async def days(say: Say) -> Results:
        now = opened.clock.now()
        checks = list(judge_days(say, one, now, stand_in=opened.settings.stand_in))
        try:
            pems = {each.certificate_pem for each in await opened.apps.credentials(registration.id)}
        except (VaultTampered, VaultKeyMissing):
            return checks  # the line about the credential says so
        return checks + [judge_certificate(say, pem, now) for pem in pems if pem]

    async def credential(say: Say) -> Results:
        return [await _credential(say, opened, one)]

    async def redirects(say: Say) -> Results:
        async with opened.asking() as (session, client, _):
            return [
                await _redirect(say, session, client.authority(registration), one, uri) for uri in one.redirect_uris
            ]

    wanted = [("credential_days", days), ("credential", credential), ("redirect_uri", redirects)]
    return [Unit(say, name, work) for name, work in wanted]


async def _credential(say: Say, opened: Registrations, one: RegistrationOverview) -> Check:
    organization = await opened.organization_of(one)
    if organization is None:
        if one.last_error:
            return _last_refusal(say, one)
        why = "no organisation knows it yet, and Microsoft takes a credential nowhere else"
        raise NotLookedAt(why, "Connect an account, then look again; its first sign-in shows the same.")
    try:
        async with opened.asking() as (_, client, _):
            await client.request_app_token(one.registration, organization)
    except EntraError as error:
        return judge_refusal(say, error.failure, used=one.tenants > 0)
    except (VaultTampered, VaultKeyMissing):
        raise NotLookedAt("it is sealed, and cannot be opened with this key", "See keys.") from None
    return say.ok("credential", "Microsoft takes it")


def _last_refusal(say: Say, one: RegistrationOverview) -> Check:
    words = (reason_in_words(one.last_error) or {}).get("words") or {}
    found = f"{words.get('cause', 'Microsoft refused it.')} (at {one.last_error_at:%Y-%m-%d %H:%M} UTC)"
    return say.failed(str(words.get("code", "credential_refused")), found, str(words.get("action", "")))


async def _redirect(
    say: Say, session: aiohttp.ClientSession, authority: str, one: RegistrationOverview, uri: str
) -> Check:
    query = {
        "client_id": one.registration.client_id,
        "response_type": "code",
        "redirect_uri": uri,
        "response_mode": "query",
        "scope": "openid",
        "state": secrets.token_urlsafe(16),
        "nonce": secrets.token_urlsafe(16),
        "prompt": "none",
    }
    url = URL(f"{authority}/oauth2/v2.0/authorize").with_query(query)
    try:
        cloud = one.registration.cloud
        async with session.get(url, allow_redirects=False, trace_request_ctx=cloud) as answer:
            location, body = answer.headers.get("Location", ""), await read_capped(answer, MAX_PAGE)
    except ResponseTooLarge:
        location, body = "", b""
    except NETWORK_ERRORS as error:
        return say.failed("sign_in_host", *no_answer(error))
    return judge_redirect(say, uri, location, body, one.registration.client_id)


def _organization_unit(opened: Registrations, one: Organization) -> Unit:
    async def look(say: Say) -> Results:
        registration = await opened.apps.get(one.registration_id)
        async with opened.asking() as (_, _, probe):
            return [judge_finding(say, await probe.check(registration, one.external_tenant_id))]

    return Unit(Say(Subject.PERMISSIONS, one.display_name or one.external_tenant_id), "granted", look)
