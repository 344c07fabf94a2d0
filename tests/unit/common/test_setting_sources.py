from __future__ import annotations

import json

from flovify.api.settings import WorkerSettings
from flovify.common.setting_sources import VARIABLE, ShownSetting, shown_settings
from flovify.common.settings import load

ENVIRON = {
    "DATABASE_URL": "postgresql://u:very-secret@localhost/f",
    "SERVICE_SECRET": "a-service-secret-of-tests",
    "MS365_WEBHOOK_URL": "https://hooks.example.com/api/ms365/webhook",
    "MS365_CLIENT_STATE": "a-client-state-of-tests",
    "AUDIT_KEY": "an-audit-key-of-tests",
    "FLOVIFY_WORKER_CONCURRENCY": "4",
    "FLOVIFY_LOG_LEVEL": "",
}


def shown(**more: str) -> dict[str, ShownSetting]:
    environ = {**ENVIRON, **more}
    return {one.name: one for one in shown_settings(load(WorkerSettings, environ), environ)}


def test_a_value_comes_from_the_environment_or_is_the_default() -> None:
    found = shown()
    assert (found["FLOVIFY_WORKER_CONCURRENCY"].value, found["FLOVIFY_WORKER_CONCURRENCY"].source) == (
        "4", "environment",
    )  # fmt: skip
    assert (found["FLOVIFY_LOG_LEVEL"].value, found["FLOVIFY_LOG_LEVEL"].source) == ("info", "default")
    assert (found["QUEUE_URL"].is_set, found["QUEUE_URL"].value) == (False, None)


def test_who_started_the_process_says_where_it_took_it_from() -> None:
    sources = {"DATABASE_URL": "flovify up", "MS365_WEBHOOK_URL": "file", "FLOVIFY_LOG_LEVEL": "file", "X": "magic"}
    found = shown(**{VARIABLE: json.dumps(sources)})
    assert found["DATABASE_URL"].source == "flovify up"
    assert found["MS365_WEBHOOK_URL"].source == "file"
    assert found["FLOVIFY_LOG_LEVEL"].source == "default", "what is not set comes from nowhere"
    assert found["SERVICE_SECRET"].source == "environment"


def test_a_secret_is_only_set_or_not() -> None:
    found = shown()
    for name in ("DATABASE_URL", "SERVICE_SECRET", "MS365_CLIENT_STATE"):
        assert (found[name].value, found[name].secret, found[name].is_set) == (None, True, True)
    assert "very-secret" not in repr(found)


def test_nonsense_about_sources_does_no_harm() -> None:
    for text in ("{", "[]", '"x"', '{"DATABASE_URL": 7}', '{"DATABASE_URL": "mars"}'):
        assert shown(**{VARIABLE: text})["DATABASE_URL"].source == "environment"
