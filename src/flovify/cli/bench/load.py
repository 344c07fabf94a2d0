"""Load from outside the measured processes: wrk for HTTP, pgbench for the database."""

from __future__ import annotations

import json
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flovify.cli.bench.ground import Ground, Subscription
from flovify.common.errors import FlovifyError

_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_ERRORS = re.compile(r"Non-2xx or 3xx responses:\s+(\d+)")
_LATENCY = re.compile(r"Latency\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)\b")
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
_TPS = re.compile(r"tps = ([\d.]+)")
MEAN_ITEMS = 5.5

_ITEM = (
    '{"subscriptionId":"%s","clientState":"%s","changeType":"created","resource":"Users/x/Messages/',
    '","resourceData":{"@odata.type":"#Microsoft.Graph.Message","@odata.id":"Users/x/Messages/',
    '","@odata.etag":"W/\\"',
    '\\"","id":"AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0',
    '"}}',
)


def require_wrk() -> str:
    """The load generator. Raises FlovifyError with the command that installs it."""
    found = shutil.which("wrk")
    if not found:
        raise FlovifyError("the load generator wrk is needed: apt-get install wrk (make bench does it)")
    return found


def notification_script(folder: Path, subscriptions: Sequence[Subscription]) -> Path:
    """A wrk script that posts 1 to 10 notifications, each for another message, to random subscriptions."""
    heads = ",\n".join(f"[[{_ITEM[0] % (one.subscription_id, one.secret)}]]" for one in subscriptions)
    # Long brackets: in Lua's quoted strings the backslashes of the JSON would be lost.
    parts = ", ".join(f"[[{part}]]" for part in _ITEM[1:])
    path = folder / "notifications.lua"
    path.write_text(
        f"""
local heads = {{ {heads} }}
local parts = {{ {parts} }}
local number = os.time() * 1000000
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  local items = {{}}
  for i = 1, math.random(1, 10) do
    number = number + 1
    local id = string.format("%d", number)  -- tostring keeps 14 digits only, and ids would repeat
    items[i] = heads[math.random(#heads)] .. id .. parts[1] .. id .. parts[2] .. id .. parts[3] .. id .. parts[4]
  end
  return wrk.format(nil, nil, nil, '{{"value":[' .. table.concat(items, ",") .. ']}}')
end
"""
    )
    return path


def requests_per_second(url: str, seconds: int, connections: int, script: Path | None = None) -> float:
    """A closed loop over `connections`. Raises FlovifyError when any answer was no 2xx."""
    command = [require_wrk(), "-t1", f"-c{connections}", f"-d{seconds}s", *(["-s", str(script)] if script else []), url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    if refused := _ERRORS.search(output):
        raise FlovifyError(f"{refused[1]} requests to {url} were refused; the figure would mean nothing")
    found = _RATE.search(output)
    if found is None:
        raise FlovifyError(f"wrk said nothing usable: {output[-300:]}")
    return float(found[1])


def slowest_answer(url: str, seconds: int, connections: int, script: Path) -> float:
    """Seconds; a closed loop, whatever is answered. Raises FlovifyError when a connection was not served at all."""
    command = [require_wrk(), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script), url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    found = _LATENCY.search(output)
    if found is None or "Socket errors" in output:
        raise FlovifyError(f"wrk said: {output[-400:]}")
    return float(found[1]) * _UNITS[found[2]]


def open_loop(url: str, secrets: Path, per_second: float, seconds: int) -> dict[str, Any]:
    """Delays in seconds (p50, p99, max) and how often each status came, at a fixed rate of requests."""
    command = [sys.executable, "-m", "flovify.cli.bench.openloop", url, str(secrets), str(per_second), str(seconds)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    found: dict[str, Any] = json.loads(output)
    return found


def cpu_seconds() -> float:
    """CPU used so far by the generators that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rows_per_second(ground: Ground, seconds: int, clients: int, rows: int) -> float:
    """Pgbench with `rows` inbox-like rows inserted in each commit."""
    script = ground.folder / f"insert-{rows}.sql"
    script.write_text(
        "INSERT INTO bench_rows (id, tenant_id, provider, event_key, state, kind, change_type, message_id, item)\n"
        "SELECT gen_random_uuid(), gen_random_uuid(), 'ms365', md5(random()::text), 'waiting', 'change', 'created',\n"
        '       md5(random()::text), \'{"subscriptionId": "x", "resource": "Users/x/Messages/x"}\'\n'
        f"  FROM generate_series(1, {rows});\n"
    )
    command = [
        str(ground.postgres.bin("pgbench")), "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds),
        "-f", str(script), ground.owner_dsn,
    ]  # fmt: skip
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    found = _TPS.search(output)
    if found is None:
        raise FlovifyError(f"pgbench said nothing usable: {output[-300:]}")
    return float(found[1]) * rows


TABLE = """
CREATE TABLE IF NOT EXISTS bench_rows (
    id uuid PRIMARY KEY, tenant_id uuid, provider text, event_key text, state text, kind text, change_type text,
    message_id text, item jsonb, due_at timestamptz DEFAULT clock_timestamp(), UNIQUE (provider, event_key));
CREATE INDEX IF NOT EXISTS bench_rows_due ON bench_rows (due_at, tenant_id);
CREATE INDEX IF NOT EXISTS bench_rows_tenant ON bench_rows (tenant_id, due_at);
"""
