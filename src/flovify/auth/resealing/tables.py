"""Where sealed values stand. A sealed column that is not listed here is lost with the next change of data keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flovify.auth.apps.service import credential_place
from flovify.auth.connecting.flows import verifier_place
from flovify.auth.tokens.service import ACCESS, REFRESH
from flovify.auth.users.signing_keys import signing_key_place
from flovify.auth.vault.cipher import Place
from flovify.common.db import Record

PlaceOf = Callable[[UUID, Record], Place]


@dataclass(frozen=True)
class SealedTable:
    """A table of auth's, its key, and for each sealed column the place that a row's value was sealed for.

    `queries.sql` has `list_<name>` ($1: owner) and `write_<name>` ($1: key, then the columns in this order).
    """

    name: str
    key: str
    places: Mapping[str, PlaceOf]


TABLES = (
    SealedTable(
        "tenant_tokens",
        "id",
        {
            "encrypted_access_token": lambda owner, row: Place(owner, ACCESS, row["generation"]),
            "encrypted_refresh_token": lambda owner, row: Place(owner, REFRESH, row["generation"]),
            "previous_refresh_token": lambda owner, row: Place(owner, REFRESH, row["previous_generation"]),
        },
    ),
    SealedTable("app_credentials", "id", {"sealed": lambda owner, row: credential_place(owner, row["id"])}),
    SealedTable("signing_keys", "key_id", {"sealed_private_key": lambda _, row: signing_key_place(row["key_id"])}),
    SealedTable("oauth_states", "state_hash", {"sealed_verifier": lambda _, row: verifier_place(row["state_hash"])}),
)
