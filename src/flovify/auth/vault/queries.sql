-- name: lock_vault_keys
LOCK TABLE auth.vault_keys IN SHARE ROW EXCLUSIVE MODE

-- name: list_key_ids_in_use
SELECT DISTINCT key_id FROM auth.data_keys

-- name: list_vault_keys
SELECT key_id, canary FROM auth.vault_keys

-- name: add_vault_key
INSERT INTO auth.vault_keys (key_id, canary) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: hold_data_key
-- Until the transaction ends nobody replaces or deletes it. Wrapping it anew is no matter, and goes on.
SELECT key_id AS wrapping_id, wrapped_key FROM auth.data_keys WHERE owner_id = $1 FOR KEY SHARE

-- name: add_data_key
-- Two processes may make the first key of an owner at once; the one that is kept counts.
INSERT INTO auth.data_keys (owner_id, key_id, wrapped_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: delete_data_key
DELETE FROM auth.data_keys WHERE owner_id = $1

-- name: lock_stale_data_key
-- Whoever holds it is waited for, and what was sealed with it is committed then. Nothing when another was here first.
SELECT key_id AS wrapping_id, wrapped_key FROM auth.data_keys
 WHERE owner_id = $1 AND (created_at < $2 OR key_id <> $3) FOR UPDATE

-- name: replace_data_key
UPDATE auth.data_keys SET key_id = $2, wrapped_key = $3, created_at = clock_timestamp() WHERE owner_id = $1

-- name: count_data_keys
SELECT count(*) AS owners, count(*) FILTER (WHERE created_at < $1 OR key_id <> $2) AS stale FROM auth.data_keys

-- name: stale_owners
-- Those whose data key is older than the order, or wrapped by another key than the current one; some at a time.
SELECT owner_id FROM auth.data_keys
 WHERE (created_at < $1 OR key_id <> $2) AND ($3::uuid IS NULL OR owner_id > $3)
 ORDER BY owner_id LIMIT $4

-- name: foreign_data_keys
-- Wrapped by another key than the current one, some at a time.
SELECT owner_id, key_id, wrapped_key FROM auth.data_keys
 WHERE key_id <> $1 AND ($2::uuid IS NULL OR owner_id > $2)
 ORDER BY owner_id LIMIT 100

-- name: replace_wrapping
-- Only over the wrapping that was read; a key that was shredded meanwhile stays away.
UPDATE auth.data_keys SET key_id = $3, wrapped_key = $4 WHERE owner_id = $1 AND wrapped_key = $2 RETURNING owner_id
