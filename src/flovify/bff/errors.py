"""What the front door refuses.

FlovifyError
 ├─ CsrfRefused      403 csrf_refused
 ├─ NotSignedIn      401 not_signed_in
 ├─ UpstreamAway     503 <service>_unavailable
 ├─ BodyTooLarge     413 body_too_large
 └─ BodyTooSlow      408 body_too_slow
"""

from __future__ import annotations

from flovify.common.errors import FlovifyError, Forbidden, Unauthorized, Unavailable


class CsrfRefused(Forbidden):
    code = "csrf_refused"

    def __init__(self) -> None:
        super().__init__(
            "changes are accepted from the console only: send the header X-Flovify: 1, a JSON body or none, and no "
            "request from another site"
        )


class NotSignedIn(Unauthorized):
    code = "not_signed_in"

    def __init__(self) -> None:
        super().__init__("sign in first: POST /bff/session with email and password")


class UpstreamAway(Unavailable):
    def __init__(self, service: str) -> None:
        super().__init__(
            f"{service} cannot be reached; nothing was changed, try again shortly",
            code=f"{service}_unavailable",
            retry_after=1,
        )


class BodyTooLarge(FlovifyError):
    code = "body_too_large"
    http_status = 413

    def __init__(self) -> None:
        super().__init__("the body is too large", headers={"Connection": "close"})


class BodyTooSlow(FlovifyError):
    code = "body_too_slow"
    http_status = 408

    def __init__(self) -> None:
        super().__init__("the body came too slowly", headers={"Connection": "close"})
