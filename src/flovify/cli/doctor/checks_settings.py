"""Settings: each service's load, none is misspelt, secrets are secrets and the same where they must be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from flovify.api.settings import ApiBaseSettings
from flovify.cli.doctor.databases import RUN_THERE
from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import Check, Results, Say, Subject, Unit
from flovify.cli.services import SERVICES
from flovify.cli.up.environment import Settings, env_file_warning
from flovify.cli.up.lock import MARKER
from flovify.common.secret_files import SUFFIX, secret_variables
from flovify.common.setting_sources import VARIABLE as SOURCES
from flovify.common.setting_types import RANDOM, words
from flovify.common.settings import ServiceSettings

_SHARED = {
    "SERVICE_SECRET": ("auth", "api", "worker"),
    "FRONT_DOOR_SECRET": ("auth", "api", "bff"),
    "AUDIT_KEY": ("auth", "worker"),
}
# Known though no service has them as a setting.
_BESIDES = frozenset(("FLOVIFY_CLOCK_OFFSET", "AUTH_DATABASE_URL", "API_DATABASE_URL", MARKER, SOURCES))
# What a misspelt name of ours begins with; of `.env` every name is ours.
_PREFIXES = ("FLOVIFY_", "MICROSOFT_", "MS365_", "OAUTH_ENCRYPTION_")
_PLACEHOLDER = re.compile(
    r"change[-_ ]?me|example|placeholder|your[-_ ]|secret[-_ ]?here|password|insecure|<|>|0123456789|abcdefgh|xxxx",
    re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MADE_SECRETS = frozenset(("SERVICE_SECRET", "FRONT_DOOR_SECRET", "AUDIT_KEY", "MS365_CLIENT_STATE"))


def units(found: Found, directory: Path) -> list[Unit]:
    """All of it needs nothing but the settings themselves."""

    async def look(say: Say) -> Results:
        del say
        return list(judge(found, directory))

    return [Unit(Say(Subject.SETTINGS), "settings", look)]


def judge(found: Found, directory: Path) -> Iterator[Check]:
    say = Say(Subject.SETTINGS)
    if found.problem:
        yield say.failed("unusable", found.problem, "Correct what is named; all settings: docs/configuration.md.")
        return
    if not found.environments:
        mend = (
            "Run it in the folder of `flovify up`, or with its FLOVIFY_DATA_DIR, or in a service's container or unit."
        )
        yield say.failed("nothing_found", "no settings of any service are here", mend)
        return
    yield from _loaded(found)
    yield from misspelt(found.given)
    yield from shared(found.settings)
    yield from queue(found.settings)
    yield from placeholders(found.environments)
    yield from _around(found, directory)


def misspelt(given: Mapping[str, str]) -> Iterator[Check]:
    """Variables that look like ours and are none: what they should say counts for nothing."""
    known = _known()
    from_file = given.from_file if isinstance(given, Settings) else frozenset()
    for name in sorted(given):
        if name.removesuffix(SUFFIX) in known or name in known:
            continue
        meant = get_close_matches(name, known, 1, 0.8)
        if name.startswith(_PREFIXES) or (name in from_file and meant):
            mend = f"Did you mean {meant[0]}?" if meant else "Remove it; all settings: docs/configuration.md."
            yield Say(Subject.SETTINGS, name).warning("unknown", "no process has a setting of this name", mend)


def shared(settings: Mapping[str, ServiceSettings]) -> Iterator[Check]:
    """Each secret that services share, over the services that are visible here."""
    for name, services in _SHARED.items():
        say = Say(Subject.SETTINGS, name)
        values = {one: words(getattr(settings[one], name.lower())) for one in services if one in settings}
        if len(values) < 2 or not any(values.values()):
            continue
        # The first is shown to the others, and each accepts all of its own.
        first = [theirs[0] for theirs in values.values() if theirs]
        apart = [one for one, mine in values.items() if any(shown not in mine for shown in first)]
        if apart:
            mend = f"Give {', '.join(values)} the same {name}, and restart them."
            yield say.failed("not_shared", f"{', '.join(apart)} would refuse what the others show", mend)
        else:
            yield say.ok("shared", f"the same in {', '.join(values)}")


def queue(settings: Mapping[str, ServiceSettings]) -> Iterator[Check]:
    """Where api and worker are both visible here and at least one of them has another engine than PostgreSQL."""
    both = [one for name in ("api", "worker") if isinstance(one := settings.get(name), ApiBaseSettings)]
    places = {(one.queue_backend, one.queue_url.get_secret_value()) for one in both}
    if len(both) < 2 or {backend for backend, _ in places} == {"postgres"}:
        return
    say = Say(Subject.SETTINGS, "QUEUE_URL")
    if len(places) > 1:
        mend = "Give api and worker the same QUEUE_BACKEND and QUEUE_URL: docs/scaling.md#changing-it."
        yield say.failed("not_shared", "the worker does not look where the api keeps notifications", mend)
    else:
        yield say.ok("shared", f"{both[0].queue_backend}, the same in api and worker")


def placeholders(environments: Mapping[str, Mapping[str, str]]) -> Iterator[Check]:
    """Values that were copied from somewhere, or pasted from the wrong column."""
    seen: dict[str, str] = {}
    for environment in environments.values():
        seen |= {name: value for name in _secret_names() if (value := environment.get(name))}
    for name, value in sorted(seen.items()):
        say = Say(Subject.SETTINGS, name)
        if name == "MICROSOFT_CLIENT_SECRET" and _UUID.fullmatch(value):
            mend = "Give what Entra shows in the column Value, once, when the secret is made."
            yield say.failed("secret_id", "is the secret's id and not the secret", mend)
        elif name in _MADE_SECRETS and _PLACEHOLDER.search(value):
            yield say.failed("placeholder", "looks like a placeholder", f"Give a random one; {RANDOM}")
    made = {name: value for name, value in seen.items() if name in _MADE_SECRETS}
    for name, value in made.items():
        twins = sorted(other for other in made if other > name and made[other] == value)
        if twins:
            mend = f"Give each a value of its own; {RANDOM}"
            yield Say(Subject.SETTINGS, name).warning("reused", f"has the same value as {', '.join(twins)}", mend)


def _loaded(found: Found) -> Iterator[Check]:
    for name in found.environments:
        say = Say(Subject.SETTINGS, name)
        fault = found.faults.get(name)
        if fault:
            mend = f"Set what is named where {name} is started; all of them: docs/configuration.md#{name}."
            yield say.failed("invalid", fault, mend)
        else:
            yield say.ok("valid", "whole and well formed")
    for name in found.absent:
        mend = RUN_THERE.format(service=name)
        yield Say(Subject.SETTINGS, name).skipped("valid", "its settings are not here", mend)


def _around(found: Found, directory: Path) -> Iterator[Check]:
    readable = env_file_warning(directory)
    if readable:
        mend = f"Run: chmod 600 {directory / '.env'}"
        yield Say(Subject.SETTINGS, ".env").warning("readable", "holds secrets, and others can read it", mend)
    offset = found.given.get("FLOVIFY_CLOCK_OFFSET", "0")
    if offset != "0":
        say = Say(Subject.SETTINGS, "FLOVIFY_CLOCK_OFFSET")
        yield say.warning("clock_offset", "shifts every clock of Flovify: it is for tests", "Unset it.")


def _known() -> frozenset[str]:
    fields = (service.settings_class().model_fields for service in SERVICES.values())
    return _BESIDES.union(*({name.upper() for name in names} for names in fields))


def _secret_names() -> frozenset[str]:
    return frozenset[str]().union(*(secret_variables(one.settings_class().model_fields) for one in SERVICES.values()))
