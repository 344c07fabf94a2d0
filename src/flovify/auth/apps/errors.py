"""What the registrations refuse, and why.

FlovifyError
 ├─ RegistrationNotFound   404           registration_not_found
 ├─ RegistrationInUse      409           registration_in_use
 ├─ RegistrationExists     409           registration_exists
 └─ CredentialInvalid      422           credential_invalid
"""

from __future__ import annotations

from flovify.common.errors import Conflict, InvalidRequest, NotFound


class RegistrationNotFound(NotFound):
    code = "registration_not_found"

    def __init__(self) -> None:
        super().__init__("there is no app registration with this id; `flovify apps list` shows them")


class RegistrationExists(Conflict):
    code = "registration_exists"

    def __init__(self) -> None:
        super().__init__("this client id is already registered here for this cloud; rotate its credential instead")


class RegistrationInUse(Conflict):
    code = "registration_in_use"


class CredentialInvalid(InvalidRequest):
    """A secret or certificate that Microsoft could never accept; the text says why and repeats nothing of it."""

    code = "credential_invalid"
