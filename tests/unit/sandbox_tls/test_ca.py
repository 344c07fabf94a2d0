from __future__ import annotations

import datetime as dt
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from flovify.common.settings import SettingError
from flovify.sandbox.tls import ca
from flovify.sandbox.tls.names import MICROSOFT_HOSTS


def _leaf(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificates(pem)[0]


def test_a_second_start_uses_the_same_authority(tmp_path: Path) -> None:
    first = ca.load_or_create(tmp_path / "sandbox")
    second = ca.load_or_create(tmp_path / "sandbox")
    assert second.certificate == first.certificate
    assert second.key.public_key() == first.certificate.public_key()


def test_the_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    ca.load_or_create(folder)
    assert stat.S_IMODE((folder / "ca-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert b"PRIVATE" not in (folder / "ca.pem").read_bytes()


def test_many_starts_at_once_agree_on_one_authority(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: ca.load_or_create(tmp_path), range(16)))
    assert len({item.certificate.serial_number for item in made}) == 1


def test_an_authority_about_to_expire_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ca, "_CA_YEARS", 1)
    first = ca.load_or_create(tmp_path)
    monkeypatch.undo()
    second = ca.load_or_create(tmp_path)
    assert second.certificate.serial_number != first.certificate.serial_number
    assert second.certificate.not_valid_after_utc > dt.datetime.now(dt.UTC) + dt.timedelta(days=3000)


@pytest.mark.parametrize("name", ["ca.pem", "ca-key.pem"])
@pytest.mark.parametrize("content", [b"", b"rubbish", "foreign"])
def test_files_that_are_no_pair_are_refused_by_name(tmp_path: Path, name: str, content: bytes | str) -> None:
    ca.load_or_create(tmp_path)
    if content == "foreign":
        other = ca.create()
        content = other.pem if name == "ca.pem" else ca._key_pem(other.key)
    assert isinstance(content, bytes)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingError, match=r"FLOVIFY_DATA_DIR.*remove both"):
        ca.load_or_create(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused_by_the_settings_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="FLOVIFY_DATA_DIR"):
        ca.load_or_create(tmp_path / "file" / "sandbox")


def test_the_authority_is_limited_to_microsofts_two_hosts_and_this_machine() -> None:
    extensions = ca.create().certificate.extensions
    constraints = extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert constraints.value.excluded_subtrees is None
    permitted = {str(name.value) for name in constraints.value.permitted_subtrees or ()}
    assert permitted == {*MICROSOFT_HOSTS, "localhost", "127.0.0.1/32", "::1/128"}
    basic = extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert (basic.value.ca, basic.value.path_length) == (True, 0)


def test_a_leaf_names_its_hosts_its_issuer_and_its_use() -> None:
    authority = ca.create()
    leaf = _leaf(authority.issue(["localhost", "127.0.0.1", "::1"]))
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(item) for item in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    own_id = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    issuer_id = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert issuer_id.key_identifier == own_id.digest
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    leaf.verify_directly_issued_by(authority.certificate)


def test_a_leaf_lives_no_longer_than_browsers_accept_and_not_past_its_authority() -> None:
    authority = ca.create()
    leaf = _leaf(authority.issue(["localhost"]))
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= dt.timedelta(days=398)
    assert leaf.not_valid_after_utc < authority.certificate.not_valid_after_utc
