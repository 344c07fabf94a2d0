-- name: holds
-- A rule holds, since now or longer; after $4 seconds of it the alert has begun. $1 name, $2 now, $3 what it says.
INSERT INTO api.alerts (name, since, begun_at, summary)
VALUES ($1, $2, CASE WHEN $4::float8 = 0 THEN $2::timestamptz END, $3)
ON CONFLICT (name) WHERE ended_at IS NULL DO UPDATE
   SET summary = excluded.summary,
       begun_at = coalesce(alerts.begun_at,
                           CASE WHEN $2::timestamptz >= alerts.since + make_interval(secs => $4::float8)
                                THEN $2::timestamptz END);

-- name: never_began
-- These rules hold no more, before there was anything to tell. $1 names; $2 the names there are: others are of a
-- version before this one.
DELETE FROM api.alerts
 WHERE ended_at IS NULL AND begun_at IS NULL AND (name = ANY ($1::text[]) OR name <> ALL ($2::text[]));

-- name: ended
-- $1 and $2 as in never_began, $3 now.
UPDATE api.alerts SET ended_at = $3
 WHERE ended_at IS NULL AND (name = ANY ($1::text[]) OR name <> ALL ($2::text[]));

-- name: forget
DELETE FROM api.alerts WHERE ended_at < $1::timestamptz - interval '7 days';

-- name: due
-- What a receiver is still to be told: that it began, once a day that it is still so, and its end. One that began and
-- ended without a word is told within a day of its end. $1 way, $2 now, $3 seconds between reminders.
SELECT alert.id, alert.name, alert.since, alert.ended_at, alert.summary,
       CASE WHEN alert.ended_at IS NOT NULL THEN 'ended'
            WHEN word.alert_id IS NULL THEN 'begun' ELSE 'still' END AS state
  FROM api.alerts AS alert LEFT JOIN api.alert_words AS word ON word.alert_id = alert.id AND word.way = $1
 WHERE alert.begun_at IS NOT NULL
   AND CASE WHEN word.alert_id IS NULL THEN alert.ended_at IS NULL OR alert.ended_at > $2::timestamptz - interval '1 day'
            WHEN alert.ended_at IS NOT NULL THEN NOT word.of_end
            ELSE word.told_at <= $2::timestamptz - make_interval(secs => $3::float8) END
 ORDER BY alert.begun_at, alert.id;

-- name: took
-- $1 way, $2 now, $3 ids, $4 for each whether it was told to be over.
INSERT INTO api.alert_words (alert_id, way, told_at, of_end)
SELECT told.id, $1, $2, told.of_end
  FROM unnest($3::bigint[], $4::boolean[]) AS told (id, of_end) JOIN api.alerts ON alerts.id = told.id
ON CONFLICT (alert_id, way) DO UPDATE SET told_at = excluded.told_at, of_end = excluded.of_end;
