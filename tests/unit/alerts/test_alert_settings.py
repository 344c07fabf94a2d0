"""The settings of Flovify's own alerts: what is taken, and what is refused by name without its value."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from flovify.api.alerts.settings import AlertSettings, MailServer, read_server
from flovify.api.alerts.ways import ways
from flovify.common.settings import SettingError, load

PASSWORD = "s3cret-canary"
MAIL = {
    "FLOVIFY_ALERT_SMTP_URL": f"smtp://me:{PASSWORD}@mail.example:587",
    "FLOVIFY_ALERT_TO": "ops@example.com, night@example.com",
    "FLOVIFY_ALERT_FROM": "flovify@example.com",
}
HOOK = "https://chat.example/hooks/s3cret-canary"


@pytest.mark.parametrize(
    ("given", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587, "starttls")),
        ("smtp://me:p%40%2F@mail.example:2525", MailServer("mail.example", 2525, "starttls", "me", "p@/")),
        ("smtps://me:p@mail.example", MailServer("mail.example", 465, "tls", "me", "p")),
        ("smtp://127.0.0.1:25", MailServer("127.0.0.1", 25, "none")),
        ("smtp://localhost:25", MailServer("localhost", 25, "none")),
        ("smtp://[::1]:25", MailServer("::1", 25, "none")),
        ("smtp://10.0.0.5:25", MailServer("10.0.0.5", 25, "starttls")),
        ("smtp://localhost.example", MailServer("localhost.example", 587, "starttls")),
    ],
)
def test_mail_is_sent_in_clear_to_this_machine_only(given: str, server: MailServer) -> None:
    assert read_server(SecretStr(given)) == server


@pytest.mark.parametrize(
    "given",
    [
        "mail.example:587", "http://mail.example", "smtp://", f"smtp://me@{PASSWORD}.example", "smtp://mail.example/path",
        f"smtp://me:{PASSWORD}@mail.example:99999", f"smtp://me:{PASSWORD}@mail.example?starttls=no",
        f"smtp://me:{PASSWORD}%0d%0aX@mail.example", f"smtp://me:{PASSWORD} @mail.example",
        f"smtp://me:{PASSWORD}#@mail.example",
    ],
)  # fmt: skip
def test_what_is_no_mail_server_is_refused_without_its_value(given: str) -> None:
    with pytest.raises(SettingError) as caught:
        load(AlertSettings, {**MAIL, "FLOVIFY_ALERT_SMTP_URL": given})
    assert str(caught.value).startswith("FLOVIFY_ALERT_SMTP_URL must look like smtp://")
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        (
            {"FLOVIFY_ALERT_SMTP_URL": MAIL["FLOVIFY_ALERT_SMTP_URL"]},
            "FLOVIFY_ALERT_TO, FLOVIFY_ALERT_FROM must be set",
        ),
        ({**MAIL, "FLOVIFY_ALERT_TO": " , "}, "FLOVIFY_ALERT_TO must be set"),
        ({**MAIL, "FLOVIFY_ALERT_SMTP_URL": ""}, "FLOVIFY_ALERT_SMTP_URL must be set"),
        ({**MAIL, "FLOVIFY_ALERT_TO": "ops"}, "FLOVIFY_ALERT_TO must be addresses"),
        ({**MAIL, "FLOVIFY_ALERT_TO": "a@b.example\nBcc: c@d.example"}, "FLOVIFY_ALERT_TO must be addresses"),
        ({**MAIL, "FLOVIFY_ALERT_FROM": "a@b.example,c@d.example"}, "FLOVIFY_ALERT_FROM must be one address"),
        ({"FLOVIFY_ALERT_WEBHOOK_URL": "chat.example/s3cret-canary"}, "FLOVIFY_ALERT_WEBHOOK_URL must be a full"),
        (
            {"FLOVIFY_ENV": "production", "FLOVIFY_ALERT_WEBHOOK_URL": "http://chat.example/s3cret-canary"},
            "FLOVIFY_ALERT_WEBHOOK_URL must be https",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(environ: dict[str, str], says: str) -> None:
    with pytest.raises(SettingError) as caught:
        load(AlertSettings, environ)
    assert says in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_ways_are_those_that_are_set(tmp_path: Path) -> None:
    assert ways(load(AlertSettings, {})) == ()
    assert [way.name for way in ways(load(AlertSettings, MAIL))] == ["mail"]
    secret = tmp_path / "hook"
    secret.write_text(f"{HOOK}\n")
    both = load(AlertSettings, {**MAIL, "FLOVIFY_ALERT_WEBHOOK_URL_FILE": str(secret), "FLOVIFY_ENV": "production"})
    assert [way.name for way in ways(both)] == ["webhook", "mail"]
    shown = f"{both!r} {both.summary()} {read_server(both.flovify_alert_smtp_url)!r}"
    assert PASSWORD not in shown
