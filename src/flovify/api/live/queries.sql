-- name: announce
SELECT api.announce($1, $2);

-- name: lock
-- Held until the commit: ids are given in the order in which changes become visible. "live" in ASCII.
SELECT pg_advisory_xact_lock(x'6c697665'::bigint);

-- name: collect
-- Move what is committed from the outbox into the log; of equal changes one is enough.
WITH moved AS (
    DELETE FROM api.live_outbox RETURNING kind, ref, at
)
INSERT INTO api.live_events (kind, ref, at)
SELECT kind, ref, max(at) FROM moved GROUP BY kind, ref ORDER BY min(at);

-- name: read
-- The log behind an id, in order.
SELECT id, kind, ref FROM api.live_events WHERE id > $1 ORDER BY id LIMIT $2;

-- name: extent
-- The last id that was given, and the oldest one kept (NULL when none is).
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM api.live_events_id_seq) AS last,
       (SELECT min(id) FROM api.live_events) AS oldest;

-- name: prune_events
DELETE FROM api.live_events WHERE at < clock_timestamp() - make_interval(secs => $1);

-- name: prune_outbox
-- Nobody has looked for so long that whoever comes asks for everything anyway.
DELETE FROM api.live_outbox WHERE at < clock_timestamp() - make_interval(secs => $1);
