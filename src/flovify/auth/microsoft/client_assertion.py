"""private_key_jwt: who we are, proven by a certificate's key instead of a secret (certificate-credentials)."""

from __future__ import annotations

import base64
import uuid
from datetime import datetime

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from flovify.auth.apps.models import Credential

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE_SECONDS = 300
SKEW_SECONDS = 30  # our clock may be a little ahead of Microsoft's


def client_assertion(credential: Credential, client_id: str, audience: str, now: datetime) -> str:
    """A signed statement for one call: PS256 with the certificate's SHA-256 in `x5t#S256`, used once, short-lived.

    `audience` is the token endpoint that is called.
    """
    issued = int(now.timestamp())
    claims = {
        "aud": audience,
        "iss": client_id,
        "sub": client_id,
        "jti": str(uuid.uuid4()),
        "nbf": issued - SKEW_SECONDS,
        "iat": issued - SKEW_SECONDS,
        "exp": issued + LIFE_SECONDS,
    }
    certificate = x509.load_pem_x509_certificate((credential.certificate_pem or "").encode())
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
    return jwt.encode(claims, credential.secret.reveal(), algorithm="PS256", headers={"x5t#S256": thumbprint})
