"""The columns of the chart: where they begin, and what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flovify.api.overview.models import Stored, Unsettled
from flovify.api.overview.schemas import Bucket, Period, Series
from flovify.common.errors import InvalidRequest

# Seconds a column and how many of them; those of hours and days begin at hours and days of the asked time zone.
_SHAPES: dict[Period, tuple[int, int]] = {"1h": (60, 60), "24h": (1800, 48), "7d": (21_600, 28), "30d": (86_400, 30)}
_HOUR = 3600


def zone(name: str) -> tzinfo:
    """Raises InvalidRequest for a name that is no time zone. UTC needs no time zone data on the machine."""
    if name in ("UTC", "Etc/UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidRequest("`tz` must be the name of a time zone, for example Europe/Berlin or UTC") from None


def starts(period: Period, now: datetime, tz: tzinfo) -> list[datetime]:
    """When each column begins, in UTC; the last one has `now` in it."""
    seconds, count = _SHAPES[period]
    if seconds < _HOUR:
        last = now.timestamp() // seconds * seconds
        return [datetime.fromtimestamp(last - seconds * back, UTC) for back in reversed(range(count))]
    return _local_starts(now.astimezone(tz), seconds, count)


def _local_starts(now: datetime, seconds: int, count: int) -> list[datetime]:
    """By the clock on the wall, so that a column of a day is that day also when the clock was changed in it."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    last = midnight + timedelta(seconds=(now.hour * _HOUR // seconds) * seconds)
    wall = [last - timedelta(seconds=seconds * back) for back in reversed(range(count))]
    return [moment.replace(tzinfo=now.tzinfo).astimezone(UTC) for moment in wall]


def series(
    period: Period, begun: list[datetime], stored: Mapping[int, Stored], unsettled: Mapping[int, Unsettled]
) -> Series:
    """The columns in order; those without anything are there too."""
    nothing = Unsettled(0, 0)
    buckets = [_bucket(at, stored.get(number), unsettled.get(number, nothing)) for number, at in enumerate(begun)]
    return Series.model_validate({"bucket_seconds": _SHAPES[period][0], "from": begun[0], "buckets": buckets})


def _bucket(at: datetime, stored: Stored | None, unsettled: Unsettled) -> Bucket:
    return Bucket(
        at=at,
        stored=stored.count if stored else 0,
        retrying=unsettled.retrying,
        dead=unsettled.dead,
        delay_p50=round(stored.p50, 3) if stored else None,
        delay_p95=round(stored.p95, 3) if stored else None,
    )
