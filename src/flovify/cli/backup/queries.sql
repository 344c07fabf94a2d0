-- name: schemas
-- The last migration of each schema.
SELECT schema_name, max(file_seq) AS last FROM (
    SELECT schema_name, file_seq FROM api.migration_history
    UNION ALL SELECT schema_name, file_seq FROM auth.migration_history
) AS applied GROUP BY schema_name

-- name: key_ids
SELECT DISTINCT key_id FROM auth.data_keys ORDER BY key_id

-- name: is_empty
SELECT to_regnamespace('auth') IS NULL AND to_regnamespace('api') IS NULL

-- name: drop
DROP SCHEMA IF EXISTS auth, api CASCADE

-- name: silence
-- Nobody took notifications since the backup: with the api's next breath every folder is caught up with from before it.
UPDATE api.signs_of_life SET at = least(at, $1::timestamptz) - interval '1 hour' WHERE name = 'intake'

-- name: advance_feed
-- Programs hold cursors from after the backup. What is stored anew must lie behind those, or they would never see it.
SELECT setval(pg_get_serial_sequence('api.message_feed', 'seq'),
              (SELECT coalesce(max(seq), 0) FROM api.message_feed) + 1000000000)

-- name: note
INSERT INTO api.audit_log (actor, actor_kind, action, subject, subject_kind, outcome, details)
VALUES ('command line', 'command line', 'backup.restored', $1, 'backup', 'success', $2)
