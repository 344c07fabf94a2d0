"""Made-up accounts."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass

from flovify.cli.seed.words import FIRST_NAMES, LAST_NAMES, ORGANIZATIONS, ROLES

_SHARED = 0.25
_RECONNECT = 0.04


@dataclass(frozen=True)
class Account:
    """One mailbox of an organisation, its users' own or shared."""

    id: uuid.UUID
    organization_id: str
    object_id: str
    email: str
    name: str
    token_type: str
    status: str


def make_accounts(count: int, chance: random.Random) -> list[Account]:
    """Accounts with addresses of their own."""
    taken: set[str] = set()
    return [_account(chance, taken) for _ in range(count)]


def _account(chance: random.Random, taken: set[str]) -> Account:
    organization, host = chance.choice(ORGANIZATIONS)
    if chance.random() < _SHARED:
        role = chance.choice(ROLES)
        local, name, token_type = role, f"{role.title()} {organization}", "app"
    else:
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        local, name, token_type = f"{first}.{last}".lower(), f"{first} {last}", "delegated"
    status = "reconnect_required" if chance.random() < _RECONNECT else "active"
    return Account(
        id=uuid.UUID(int=chance.getrandbits(128), version=4),
        organization_id=str(uuid.uuid5(uuid.NAMESPACE_DNS, host)),
        object_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        email=_free(f"{_ascii(local)}@{host}", taken),
        name=name,
        token_type=token_type,
        status=status,
    )


def _ascii(text: str) -> str:
    table = str.maketrans({"ö": "oe", "ü": "ue", "ø": "o", "í": "i"})
    return text.translate(table)


def _free(address: str, taken: set[str]) -> str:
    local, _, host = address.partition("@")
    found, number = address, 1
    while found in taken:
        number += 1
        found = f"{local}{number}@{host}"
    taken.add(found)
    return found
