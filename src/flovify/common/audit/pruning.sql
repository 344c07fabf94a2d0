-- name: now
SELECT clock_timestamp()

-- name: announced
-- The last id that a sealed entry names as removed, while there is something left to remove.
SELECT max((word.details ->> 'through_id')::bigint)
  FROM {schema}.audit_log AS word JOIN {schema}.audit_seals AS seal ON seal.entry_id = word.id
 WHERE word.action = 'audit.pruned'

-- name: newest_old
-- The last entry before $1 where all up to it are sealed.
SELECT max(id) FROM {schema}.audit_log AS log
 WHERE at < $1 AND action <> 'audit.pruned'
   AND id < coalesce((SELECT min(entry_id) FROM {schema}.audit_unsealed), 9223372036854775807)

-- name: announce
INSERT INTO {schema}.audit_log (actor, actor_kind, action, subject, subject_kind, outcome, details)
VALUES ('system', 'system', $1, 'audit log', 'audit', 'success', $2::text::jsonb)

-- name: remove
SELECT id, at, row_to_json(gone)::text AS line FROM {schema}.prune_audit($1, $2) AS gone ORDER BY id
