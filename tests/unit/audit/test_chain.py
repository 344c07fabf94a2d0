from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from flovify.common.audit.chain import START, LoggedEntry, LogKey, LogKeys, Seal, entry_digest, sealed
from flovify.common.audit.check import Chain, pruned_through
from flovify.common.audit.findings import SHOWN_AT_MOST, Finding, Kind, Report
from flovify.common.audit.store import CheckedSeal

NOW = datetime(2026, 12, 1, 9, 30, 0, 123456, tzinfo=UTC)
KEYS = LogKeys(("the key of this test", "an older key of it"), "auth")
ENTRY = LoggedEntry(
    1, NOW, "ada@example.com", "user", "user.signed_in", "u-1", "user", "success", "192.0.2.7", '{"a": 1.50}', "corr-1"
)
OTHER: dict[str, Any] = {
    "id": 2,
    "at": NOW + timedelta(microseconds=1),
    "details": '{"a": 1.5}',
    "address": None,
    "correlation_id": "",
}


@pytest.mark.parametrize("column", [field.name for field in fields(LoggedEntry)])
def test_the_digest_covers_every_column(column: str) -> None:
    changed = replace(ENTRY, **{column: OTHER.get(column, "another")})
    assert entry_digest(changed) != entry_digest(ENTRY)


def test_the_digest_tells_apart_what_concatenation_would_not() -> None:
    one = replace(ENTRY, action="psubject\x01q", subject="z")
    assert entry_digest(one) != entry_digest(replace(ENTRY, action="p", subject="qsubject\x01z"))
    assert entry_digest(replace(ENTRY, address=None)) != entry_digest(replace(ENTRY, address=""))
    swapped = replace(ENTRY, actor=ENTRY.subject, subject=ENTRY.actor)
    assert entry_digest(swapped) != entry_digest(ENTRY)


def test_the_digest_is_the_documented_one_and_does_not_depend_on_the_time_zone() -> None:
    def prefixed(part: bytes) -> bytes:
        return struct.pack(">q", len(part)) + part

    micros = struct.pack(">q", int(NOW.timestamp()) * 1_000_000 + 123456)
    text = hashlib.sha256(prefixed(b"flovify/audit-entry/1"))
    for name, value in vars(ENTRY).items():
        plain = micros if name == "at" else struct.pack(">q", 1) if name == "id" else value.encode()
        text.update(prefixed(name.encode()) + prefixed(b"\x01" + plain))
    assert entry_digest(ENTRY) == text.digest()
    assert entry_digest(replace(ENTRY, at=NOW.astimezone(timezone(timedelta(hours=5))))) == text.digest()


def test_each_log_and_each_secret_has_a_key_of_its_own_that_its_id_does_not_tell() -> None:
    seal = sealed([ENTRY], START, KEYS.first, NOW)[0]
    macs = {LogKey(secret, log).mac(START.mac, seal) for secret in ("one secret", "other") for log in ("auth", "api")}
    assert len(macs) == 4
    assert hmac.digest(b"one secret", b"", "sha256") not in macs
    assert len({LogKey(secret, log).id for secret in ("one secret", "other") for log in ("auth", "api")}) == 4
    assert "one secret" not in repr(LogKey("one secret", "auth"))


@pytest.mark.parametrize("column", ["position", "entry_id", "digest", "sealed_at"])
def test_the_mac_covers_the_seal_and_the_one_before(column: str) -> None:
    seal = sealed([ENTRY], START, KEYS.first, NOW)[0]
    other: dict[str, Any] = {
        "position": 2,
        "entry_id": 2,
        "digest": bytes(32),
        "sealed_at": NOW + timedelta(microseconds=1),
    }
    assert KEYS.first.mac(START.mac, replace(seal, **{column: other[column]})) != seal.mac
    assert KEYS.first.mac(b"\x01" * 32, seal) != seal.mac


def chain(count: int = 6) -> list[CheckedSeal]:
    entries = [replace(ENTRY, id=number * 10) for number in range(1, count + 1)]
    return [
        CheckedSeal(seal, entry) for seal, entry in zip(sealed(entries, START, KEYS.first, NOW), entries, strict=True)
    ]


def report_of(seals: list[CheckedSeal], keys: LogKeys = KEYS, **options: object) -> Report:
    walk, report = Chain(keys, **options), Report("auth")  # type: ignore[arg-type]
    for one in sorted(seals, key=lambda one: one.seal.position):
        walk.follow(one, report)
    report.add(walk.ended())
    return report


def with_seal(one: CheckedSeal, **columns: object) -> CheckedSeal:
    return CheckedSeal(replace(one.seal, **columns), one.entry)  # type: ignore[arg-type]


def kinds(report: Report) -> list[tuple[Kind, int | None]]:
    return [(found.kind, found.entry_id) for found in report.first]


def test_a_whole_chain_has_no_finding_and_a_head() -> None:
    report = report_of(chain())
    assert (report.whole, report.head.position) == (True, 6)


def test_what_is_changed_once_is_found_once() -> None:
    good = chain()
    assert good[2].entry is not None
    changed = CheckedSeal(good[2].seal, replace(good[2].entry, actor="mallory"))
    assert kinds(report_of([*good[:2], changed, *good[3:]])) == [(Kind.CHANGED, 30)]
    gone = CheckedSeal(good[2].seal, None)
    assert kinds(report_of([*good[:2], gone, *good[3:]])) == [(Kind.MISSING, 30)]
    for columns in ({"mac": bytes(32)}, {"sealed_at": NOW + timedelta(days=1)}):
        assert kinds(report_of([*good[:2], with_seal(good[2], **columns), *good[3:]])) == [(Kind.SEAL, 30)]
    forged = with_seal(changed, digest=entry_digest(changed.entry or ENTRY))
    assert kinds(report_of([*good[:2], forged, *good[3:]])) == [(Kind.SEAL, 30)], "the digest was made to fit"


def test_removed_seals_are_a_gap_wherever_they_were() -> None:
    good = chain()
    assert kinds(report_of(good[2:])) == [(Kind.GAP, None)]
    assert [found.detail for found in report_of([*good[:1], *good[3:]]).first] == ["positions 2 to 3"]
    closed = [*good[:2], *(with_seal(one, position=one.seal.position - 1) for one in good[3:])]
    assert {kind for kind, _ in kinds(report_of(closed))} == {Kind.SEAL}, "closing the gap breaks what follows"


def test_two_seals_that_change_places_are_both_found() -> None:
    good = chain()
    swapped = [with_seal(good[2], position=4), with_seal(good[3], position=3)]
    assert {(Kind.SEAL, 30), (Kind.SEAL, 40)} <= set(kinds(report_of([*good[:2], *swapped, *good[4:]])))


def test_a_chain_goes_on_under_a_new_key_and_lacks_the_old_one_by_its_id() -> None:
    old, new = LogKey("an older key of it", "auth"), KEYS.first
    entries = [replace(ENTRY, id=number) for number in (1, 2, 3, 4)]
    first = sealed(entries[:2], START, old, NOW)
    made = [*first, *sealed(entries[2:], type(START)(2, first[-1].mac), new, NOW)]
    rows = [CheckedSeal(seal, entry) for seal, entry in zip(made, entries, strict=True)]
    assert report_of(rows).whole
    lacking = report_of(rows, LogKeys(("the key of this test",), "auth"))
    assert (lacking.broken, lacking.whole, dict(lacking.unknown_keys)) == (False, False, {old.id: 2})
    assert not report_of(rows, LogKeys(("the key of this test", "an older key of it"), "api")).whole


def test_an_earlier_head_must_still_be_there() -> None:
    good = chain()
    head = {4: good[3].seal.mac.hex()[:16]}
    assert report_of(good, at_least=head).whole
    assert kinds(report_of(good[:3], at_least=head)) == [(Kind.HEAD, None)]
    assert Kind.HEAD in report_of([*good[:3], *good[4:]], at_least=head).counts
    other = [replace(ENTRY, id=number, actor="mallory") for number in range(1, 7)]
    anew = [CheckedSeal(seal, entry) for seal, entry in zip(sealed(other, START, KEYS.first, NOW), other, strict=True)]
    assert report_of(anew).whole
    assert kinds(report_of(anew, at_least=head)) == [(Kind.HEAD, None)]


def test_what_was_removed_because_its_time_was_over_is_no_finding() -> None:
    good = chain()
    short = [CheckedSeal(one.seal, None) if one.seal.entry_id <= 30 else one for one in good]
    report = report_of(short, pruned_through=30)
    assert (report.whole, report.pruned) == (True, 3)
    assert kinds(report_of(short, pruned_through=20)) == [(Kind.MISSING, 30)]


@pytest.mark.parametrize(
    ("details", "through"),
    [
        ('{"through_id": 30}', 30),
        ('{"through_id": 4000}', 99),
        ('{"through_id": "30"}', 0),
        ('{"through_id": true}', 0),
        ('{"through_id": -1}', 0),
        ('{"through_id": 1e999}', 0),
        ("[30]", 0),
    ],
)
def test_a_permission_never_reaches_beyond_itself(details: str, through: int) -> None:
    entry = replace(ENTRY, id=100, action="audit.pruned", details=details)
    assert pruned_through([entry, replace(entry, id=50, details="{}")]) == through


def test_the_first_findings_are_kept_and_all_are_counted() -> None:
    report = Report("auth")
    report.add(Finding(Kind.MISSING, "", number) for number in range(100_000))
    assert (len(report.first), report.counts[Kind.MISSING]) == (SHOWN_AT_MOST, 100_000)


def test_a_seal_is_all_that_a_row_of_seals_has() -> None:
    assert [field.name for field in fields(Seal)] == ["position", "entry_id", "digest", "key_id", "mac", "sealed_at"]
