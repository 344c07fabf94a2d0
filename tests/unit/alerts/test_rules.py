"""When each rule of Flovify's own alerts speaks, and that it is the rule of the same name for Prometheus."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from flovify.api.alerts.models import Due, Seen
from flovify.api.alerts.rules import RULES, Rule, judge, span
from flovify.api.alerts.words import compose
from flovify.api.readings.figures import FIGURES as API_FIGURES
from flovify.auth.readings.figures import FIGURES as AUTH_FIGURES
from flovify.common.readings.models import Reading, Values
from tests.conftest import ROOT

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
DAY = 86_400.0
FILE = yaml.safe_load((ROOT / "deploy/prometheus/rules/flovify.yml").read_text())
PROMETHEUS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for group in FILE["groups"] for rule in group["rules"] if "alert" in rule
}
SECONDS = {"m": 60, "h": 3600}
CREDENTIAL = "flovify_auth_app_credential_expires_timestamp_seconds"
WELL: Values = {"flovify_workers": {(): 1.0}}


def api(**values: float) -> Seen:
    return Seen(NOW, Reading({**WELL, **{name: {(): value} for name, value in values.items()}}, 0.0), Reading({}, 0.0))


def auth(name: str, value: float, *labels: str) -> Seen:
    return Seen(NOW, Reading(WELL, 0.0), Reading({name: {labels: value}}, 0.0))


def spoken(seen: Seen) -> dict[str, str]:
    return {name: says for name, says in judge(seen).items() if says}


@pytest.mark.parametrize(
    ("name", "quiet", "loud", "says"),
    [
        ("FlovifySilence", api(flovify_silence_seconds=DAY), api(flovify_silence_seconds=DAY + 7200), "for 26 hours"),
        ("FlovifyGapsOpen", api(flovify_coverage_gaps_open=0), api(flovify_coverage_gaps_open=1), "gaps: 1"),
        ("FlovifyDeadLetters", api(flovify_queue_dead_letters=0), api(flovify_queue_dead_letters=2), "letters: 2"),
        (
            "FlovifyQueueDeep",
            api(flovify_queue_waiting_events=10_000),
            api(flovify_queue_waiting_events=10_001),
            "events: 10,001",
        ),
        (
            "FlovifyQueueOld",
            api(flovify_queue_oldest_served_due_seconds=300, flovify_queue_oldest_due_seconds=9000),
            api(flovify_queue_oldest_served_due_seconds=301),
            "due for 5 minutes",
        ),
        (
            "FlovifyRenewalFailing",
            api(flovify_subscriptions_failing=0),
            api(flovify_subscriptions_failing=1),
            "renewed: 1",
        ),
        (
            "FlovifySubscriptionEnds",
            api(flovify_subscription_soonest_expiry_seconds=6 * 3600),
            api(flovify_subscription_soonest_expiry_seconds=6 * 3600 - 1),
            "ends in 5 hours",
        ),
        (
            "FlovifySubscriptionEnds",
            api(),
            api(flovify_subscription_soonest_expiry_seconds=-5),
            "A subscription has ended",
        ),
        (
            "FlovifyAccountsBlocked",
            auth("flovify_tenants", 9, "active"),
            auth("flovify_tenants", 1, "blocked"),
            "served: 1",
        ),
        (
            "FlovifyReconnectRequired",
            auth("flovify_tenants", 9, "disconnecting"),
            auth("flovify_tenants", 3, "reconnect_required"),
            "again: 3",
        ),
        (
            "FlovifyTokenRefreshFailing",
            auth("flovify_auth_tokens_failing", 0),
            auth("flovify_auth_tokens_failing", 1),
            "token: 1",
        ),
        (
            "FlovifyRefreshTokenLapses",
            auth("flovify_auth_refresh_token_soonest_expiry_seconds", 30 * DAY),
            auth("flovify_auth_refresh_token_soonest_expiry_seconds", 29.5 * DAY),
            "in 29 days",
        ),
        ("FlovifyIntakeClosed", api(), Seen(NOW, closed="The intake is closed: why"), "The intake is closed: why"),
        ("FlovifyDiskLow", api(), Seen(NOW, disk="0.5 GB are left"), "0.5 GB"),
        ("FlovifyFiguresOld", api(), Seen(NOW, auth=Reading({}, 0.0)), "The figures of api are old"),
        (
            "FlovifyFiguresOld",
            api(),
            Seen(NOW, Reading(WELL, 121), Reading({}, 121)),
            "api are old; the figures of auth",
        ),
        ("FlovifyServiceDown", api(), Seen(NOW, Reading(WELL, 0), None, auth_answers=False), "Auth does not answer"),
        ("FlovifyServiceDown", api(flovify_workers=1), api(flovify_workers=0), "No worker gives a sign of life"),
    ],
)
def test_a_rule_speaks_beyond_its_limit_and_not_before(name: str, quiet: Seen, loud: Seen, says: str) -> None:
    assert spoken(quiet) == {}
    assert says in spoken(loud)[name]


@pytest.mark.parametrize(
    ("days", "names"), [(31, set()), (29, {"Ends"}), (6, {"Ends", "EndsSoon"}), (-1, {"Ends", "EndsSoon"})]
)
def test_a_credential_is_told_thirty_and_seven_days_before_its_end(days: int, names: set[str]) -> None:
    found = spoken(auth(CREDENTIAL, (NOW + timedelta(days=days)).timestamp(), "r-1"))
    assert set(found) == {f"FlovifyCredential{name}" for name in names}
    for says in found.values():
        assert says.startswith("The credential of registration r-1 ")
        assert ("has ended" in says) == (days < 0)


def test_what_is_not_known_neither_begins_nor_ends() -> None:
    looks = {rule.name for rule in RULES if rule.needs == "nothing"}
    by_api = {rule.name for rule in RULES if rule.needs == "api"}
    assert set(judge(Seen(NOW))) == looks
    assert set(judge(Seen(NOW, api=Reading(WELL, 0.0)))) == looks | by_api
    assert set(judge(Seen(NOW, api=Reading(WELL, 500.0)))) == looks, "old figures say nothing"


def test_while_auth_is_away_its_figures_are_not_called_old() -> None:
    assert set(spoken(Seen(NOW, Reading(WELL, 0.0), auth_answers=False))) == {"FlovifyServiceDown"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_name_time_and_severity_are_those_of_prometheus(rule: Rule) -> None:
    there = PROMETHEUS[rule.name]
    assert there["labels"]["severity"] == rule.severity
    if rule.name != "FlovifyServiceDown":  # seen once a minute and not every fifteen seconds
        assert _seconds(there.get("for", "0m")) == rule.for_seconds


def _seconds(text: str) -> int:
    found = re.fullmatch(r"(\d+)([mh])", text)
    assert found
    return int(found[1]) * SECONDS[found[2]]


def test_rules_name_only_figures_there_are() -> None:
    text = (ROOT / "src/flovify/api/alerts/rules.py").read_text()
    known = {figure.name for figure in (*API_FIGURES, *AUTH_FIGURES)}
    assert set(re.findall(r'"(flovify_\w+)"', text)) <= known


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (119, "119 seconds"), (121, "2 minutes"), (2 * DAY - 1, "47 hours"), (2 * DAY, "2 days")],
)
def test_a_span_is_in_words(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_one_alert_stands_in_the_subject_and_several_are_counted() -> None:
    begun = Due(1, "FlovifyDeadLetters", "begun", NOW, None, "Dead letters: 2")
    still = Due(2, "FlovifySilence", "still", NOW, None, "No notification for 2 days")
    ended = Due(3, "FlovifyGapsOpen", "ended", NOW, NOW + timedelta(hours=1), "Open gaps: 1")
    assert compose([begun]).subject == "Flovify: Dead letters: 2"
    assert compose([ended]).subject == "Flovify: over: Open gaps: 1"
    note = compose([begun, still, ended])
    assert note.subject == "Flovify: 1 new, 1 still so, 1 over"
    assert "Since 2026-11-20 10:00 UTC, over since 2026-11-20 11:00 UTC." in note.text
    assert "docs/operations.md#flovifydeadletters\n" in note.text
    assert [(one["name"], one["state"], one["severity"]) for one in note.alerts] == [
        ("FlovifyDeadLetters", "begun", "warning"),
        ("FlovifySilence", "still", "warning"),
        ("FlovifyGapsOpen", "ended", "warning"),
    ]
