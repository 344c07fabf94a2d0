from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as ec_key
from cryptography.hazmat.primitives.hashes import SHA256
from jwt.types import Options

from flovify.auth.apps.certificates import certificate_credential, certificate_file
from flovify.auth.apps.credentials import given_credential, secret_credential
from flovify.auth.apps.errors import CredentialInvalid
from flovify.auth.apps.models import Credential, CredentialOverview, RegistrationOverview
from flovify.auth.microsoft.client_assertion import client_assertion
from flovify.common.settings import SettingError
from tests.support.certificates import key_pem, make_certificate, rsa_key
from tests.unit.auth.registrations import registration

NOW = datetime.now(UTC)


def test_a_certificate_is_described_and_its_key_hidden() -> None:
    made = make_certificate(days=90)
    credential = certificate_credential(made.certificate_pem, made.key_pem, NOW)
    assert credential.subject == "CN=flovify test 0"
    assert credential.thumbprint is not None
    assert len(credential.thumbprint) == 40
    assert credential.expires_at == made.certificate.not_valid_after_utc
    assert "PRIVATE" not in repr(credential)


@pytest.mark.parametrize(
    ("certificate", "key", "words"),
    [
        (make_certificate(days=-1, age_days=30).certificate_pem, key_pem(rsa_key()), "expired on"),
        (make_certificate(age_days=-5).certificate_pem, key_pem(rsa_key()), "not valid before"),
        (make_certificate().certificate_pem, key_pem(rsa_key(number=1)), "does not belong"),
        (make_certificate().certificate_pem, "", "no readable private key"),
        (make_certificate().certificate_pem, make_certificate().certificate_pem, "no readable private key"),
        (make_certificate().certificate_pem, key_pem(rsa_key(), "canary-pass"), "passphrase"),
        ("", key_pem(rsa_key()), "no readable certificate"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", key_pem(rsa_key()), "no readable certificate"),
        (make_certificate(bits=1024).certificate_pem, key_pem(rsa_key(1024)), "at least 2048"),
        (make_certificate().certificate_pem, "x" * 100_000, "too long"),
        ("x" * 100_000, key_pem(rsa_key()), "too long"),
    ],
)
def test_a_certificate_that_microsoft_would_refuse_is_refused_in_words(certificate: str, key: str, words: str) -> None:
    with pytest.raises(CredentialInvalid, match=words) as caught:
        certificate_credential(certificate, key, NOW)
    assert "canary" not in caught.value.detail


def test_a_key_of_another_kind_is_refused() -> None:
    pem = ec_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(CredentialInvalid, match="RSA"):
        certificate_credential(make_certificate().certificate_pem, pem.decode(), NOW)


def test_one_file_may_hold_key_certificate_and_issuers_in_any_order(tmp_path: Path) -> None:
    mine, other = make_certificate(), make_certificate(number=1)
    file = tmp_path / "app.pem"
    file.write_text(other.certificate_pem + mine.key_pem + mine.certificate_pem)
    assert certificate_file(str(file), "X", NOW).certificate_pem == mine.certificate_pem
    file.write_text(mine.certificate_pem)
    with pytest.raises(SettingError, match="X: there is no readable private key"):
        certificate_file(str(file), "X", NOW)
    with pytest.raises(SettingError, match="X names a file that cannot be read"):
        certificate_file(str(tmp_path / "nothing"), "X", NOW)


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("", "1 to 512"),
        ("a b", "without a space"),
        ("a\nb", "printable"),
        ("x" * 600, "1 to 512"),
        ("7c9e6679-7425-40de-944b-e07fc1f90ae7", "secret's id"),
    ],
)
def test_what_cannot_be_a_secret_is_refused(secret: str, words: str) -> None:
    with pytest.raises(CredentialInvalid, match=words):
        secret_credential(secret, None, NOW)


def test_a_date_must_lie_ahead_and_name_its_offset() -> None:
    with pytest.raises(CredentialInvalid, match="offset"):
        secret_credential("good", datetime(2999, 1, 1), NOW)  # noqa: DTZ001 - that is the point
    with pytest.raises(CredentialInvalid, match="passed"):
        secret_credential("good", NOW - timedelta(seconds=1), NOW)
    assert secret_credential("good", NOW + timedelta(days=1), NOW).secret.reveal() == "good"


def test_a_secret_and_a_certificate_do_not_go_together() -> None:
    made = make_certificate()
    for kind, secret, certificate, key in (
        ("secret", "good", made.certificate_pem, made.key_pem),
        ("certificate", "good", made.certificate_pem, made.key_pem),
        ("certificate", "", made.certificate_pem, ""),
        ("certificate", "", "", made.key_pem),
    ):
        with pytest.raises(CredentialInvalid):
            given_credential(kind, secret, certificate, key, None, NOW)


def test_the_assertion_names_the_certificate_and_lives_for_minutes() -> None:
    made = make_certificate()
    new = certificate_credential(made.certificate_pem, made.key_pem, NOW)
    credential = Credential(uuid.uuid4(), "certificate", new.secret, new.certificate_pem, refused=False)
    url = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    one, two = (client_assertion(credential, "client", url, NOW) for _ in range(2))
    digest = base64.urlsafe_b64encode(made.certificate.fingerprint(SHA256())).rstrip(b"=").decode()
    assert jwt.get_unverified_header(one) == {"alg": "PS256", "typ": "JWT", "x5t#S256": digest}
    first, second = (_claims(assertion, url) for assertion in (one, two))
    assert first["iss"] == first["sub"] == "client"
    assert first["iat"] <= NOW.timestamp() < first["exp"]
    assert first["exp"] - first["iat"] <= 600
    assert first["jti"] != second["jti"]


def _claims(assertion: str, audience: str) -> dict[str, Any]:
    """Signature and audience hold; times are compared with NOW, which is another moment than the test's."""
    options = Options(verify_exp=False, verify_iat=False, verify_nbf=False)
    found: dict[str, Any] = jwt.decode(assertion, rsa_key().public_key(), ["PS256"], audience=audience, options=options)
    return found


@pytest.mark.parametrize(
    ("left", "days", "warning"),
    [
        (timedelta(days=400), 400, "ok"),
        (timedelta(days=61), 61, "ok"),
        (timedelta(days=60), 60, "expiring"),
        (timedelta(hours=5), 0, "expiring"),
        (timedelta(seconds=0), 0, "expired"),
        (timedelta(days=-2), -2, "expired"),
        (None, None, "ok"),
    ],
)
def test_the_end_of_a_credential_is_told_from_sixty_days_on(
    left: timedelta | None, days: int | None, warning: str
) -> None:
    one = _overview(left)
    assert (one.expires_in_days(NOW), one.warning(NOW)) == (days, warning)


def test_a_registration_is_as_well_off_as_its_longest_lasting_credential() -> None:
    def warning(*left: timedelta | None) -> str:
        credentials = [_overview(one) for one in left]
        return RegistrationOverview(registration(), credentials, 0, None, None, NOW, []).warning(NOW)

    assert warning() == "missing"
    assert warning(timedelta(days=-1), timedelta(days=300)) == "ok"
    assert warning(timedelta(days=-1), timedelta(days=3)) == "expiring"
    assert warning(timedelta(days=-1), None) == "ok"
    assert warning(timedelta(days=-1)) == "expired"


def _overview(left: timedelta | None) -> CredentialOverview:
    ends = NOW + left if left is not None else None
    return CredentialOverview(uuid.uuid4(), "secret", "stored", None, None, ends, NOW, None, None)
