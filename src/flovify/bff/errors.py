"""What the front door refuses.

FlovifyError
 ├─ MalformedRequest     400 malformed_request
 ├─ NotSignedIn          401 not_signed_in
 ├─ CsrfRefused          403 csrf_refused
 ├─ WrongHost            421 wrong_host
 ├─ BadAnswer            502 <service>_bad_answer
 ├─ UpstreamAway         503 <service>_unavailable
 └─ UpstreamSlow         504 <service>_too_slow

What is wrong with a body, with the headers or with the number of connections, common.listener.refusals says.
"""

from __future__ import annotations

from flovify.common.errors import FlovifyError, Forbidden, Unauthorized, Unavailable


class MalformedRequest(FlovifyError):
    """No HTTP client of good faith sends this; the connection is closed, for what follows on it is not trusted."""

    code = "malformed_request"
    http_status = 400

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Connection": "close"})


class NotSignedIn(Unauthorized):
    code = "not_signed_in"

    def __init__(self) -> None:
        super().__init__("sign in first: POST /bff/session with email and password")


class CsrfRefused(Forbidden):
    code = "csrf_refused"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"{why}; calls are accepted from Flovify's own pages and from programs that send the header "
            "`X-Flovify: 1` and a body of type application/json or none"
        )


class WrongHost(FlovifyError):
    code = "wrong_host"
    http_status = 421

    def __init__(self) -> None:
        super().__init__("nothing is served under this host name; PUBLIC_URL names the right one")


class BadAnswer(FlovifyError):
    """A service answered what it never should: a redirect, or more than can be held."""

    http_status = 502

    def __init__(self, service: str) -> None:
        super().__init__(
            f"the {service} service answered what cannot be passed on; is its address set right?",
            code=f"{service}_bad_answer",
        )


class UpstreamAway(Unavailable):
    def __init__(self, service: str) -> None:
        super().__init__(
            f"the {service} service cannot be reached; try again in a moment, and if it stays so, see its log",
            code=f"{service}_unavailable",
            retry_after=1,
        )


class UpstreamSlow(FlovifyError):
    """The deadline passed; what was asked for may still happen."""

    http_status = 504

    def __init__(self, service: str) -> None:
        super().__init__(
            f"the {service} service did not answer in time; look whether the change was made before asking again",
            code=f"{service}_too_slow",
        )
