-- name: lock
-- One sealer at a time, to the end of the transaction; whoever comes second leaves the work to the first.
SELECT pg_try_advisory_xact_lock(hashtextextended('flovify {schema}.audit_seals', 0))

-- name: state
-- Cheap while nothing waits: both indexes are read at one end. waiting is counted up to $1.
SELECT seal.position, seal.mac, clock_timestamp() AS now,
       (SELECT count(*) FROM (SELECT FROM {schema}.audit_unsealed LIMIT $1) AS unsealed) AS waiting
  FROM (SELECT) AS always
  LEFT JOIN LATERAL (SELECT position, mac FROM {schema}.audit_seals ORDER BY position DESC LIMIT 1) AS seal ON true

-- name: waiting
-- What has no seal yet, by id. log_id is NULL where the entry is gone; sealed says that it has a seal after all.
SELECT unsealed.entry_id, log.id AS log_id, seal.entry_id IS NOT NULL AS sealed,
       log.at, log.actor, log.actor_kind, log.action, log.subject, log.subject_kind, log.outcome, log.address,
       log.details::text AS details, log.correlation_id
  FROM (SELECT entry_id FROM {schema}.audit_unsealed ORDER BY entry_id LIMIT $1) AS unsealed
  LEFT JOIN {schema}.audit_log AS log ON log.id = unsealed.entry_id
  LEFT JOIN {schema}.audit_seals AS seal ON seal.entry_id = unsealed.entry_id
 ORDER BY unsealed.entry_id

-- name: add
INSERT INTO {schema}.audit_seals (position, entry_id, digest, key_id, mac, sealed_at)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::text[], $5::bytea[], $6::timestamptz[])

-- name: done
DELETE FROM {schema}.audit_unsealed WHERE entry_id = ANY($1::bigint[])

-- name: seals
-- The seals after position $1 with their entries; log_id is NULL where the entry is gone.
SELECT seal.position, seal.entry_id, seal.digest, seal.key_id, seal.mac, seal.sealed_at, log.id AS log_id,
       log.at, log.actor, log.actor_kind, log.action, log.subject, log.subject_kind, log.outcome, log.address,
       log.details::text AS details, log.correlation_id
  FROM (SELECT * FROM {schema}.audit_seals WHERE position > $1 ORDER BY position LIMIT $2) AS seal
  LEFT JOIN {schema}.audit_log AS log ON log.id = seal.entry_id
 ORDER BY seal.position

-- name: entries
-- The entries after id $1: whether each has a seal, and whether it had the time to get one.
SELECT log.id, log.at, log.action, seal.entry_id IS NOT NULL AS sealed,
       log.at < clock_timestamp() - make_interval(secs => $3) AS due
  FROM (SELECT id, at, action FROM {schema}.audit_log WHERE id > $1 ORDER BY id LIMIT $2) AS log
  LEFT JOIN {schema}.audit_seals AS seal ON seal.entry_id = log.id
 ORDER BY log.id

-- name: permissions
-- Sealed entries that say what was removed because its time was over.
SELECT seal.digest, log.id, log.at, log.actor, log.actor_kind, log.action, log.subject, log.subject_kind, log.outcome,
       log.address, log.details::text AS details, log.correlation_id
  FROM {schema}.audit_log AS log JOIN {schema}.audit_seals AS seal ON seal.entry_id = log.id
 WHERE log.action = $1
 ORDER BY log.id
