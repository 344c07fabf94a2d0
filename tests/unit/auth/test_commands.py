from __future__ import annotations

import pytest

from flovify.auth.microsoft.entra_errors import redirect_failure
from flovify.auth.organizations.commands import mending_command

APP = "0f0e0d0c-0b0a-4908-8706-050403020100"


@pytest.mark.parametrize("code", ["mailbox_access_denied", "mailbox_policy_refuses"])
@pytest.mark.parametrize("address", ["o'hara@contoso.example", "x\u2019; Remove-Mailbox y", "$(evil)@contoso.example"])
def test_a_name_stays_inside_its_quotes(code: str, address: str) -> None:
    command = mending_command(code, APP, address)
    quoted = address.replace("'", "''").replace("\u2019", "\u2019\u2019")
    assert f"'{quoted}'" in command
    assert '"' not in command
    assert all(line.count("'") % 2 == 0 for line in command.splitlines())


def test_where_no_command_helps_there_is_none() -> None:
    assert mending_command("mailbox_unsupported", APP, "a@b.c") == ""


def test_of_an_error_on_the_redirect_only_number_ids_and_time_are_kept() -> None:
    text = (
        "AADSTS65004: <script>. Trace ID: 0a0b0c0d-1111-2222-3333-444455556666 Correlation ID: "
        "0a0b0c0d-1111-2222-3333-444455557777 Timestamp: 2026-11-23 06:00:00Z"
    )
    found = redirect_failure("access_denied", text)
    assert (found.error, found.aadsts) == ("access_denied", 65004)
    assert found.trace_id == "0a0b0c0d-1111-2222-3333-444455556666"
    assert found.correlation_id == "0a0b0c0d-1111-2222-3333-444455557777"
    assert found.timestamp == "2026-11-23 06:00:00Z"
    for error in ("x" * 65, "a\nb", "é", "\x00"):
        odd = redirect_failure(error, "y" * 100_000)
        assert (odd.error, odd.aadsts, odd.trace_id) == ("unreadable_answer", None, None)
