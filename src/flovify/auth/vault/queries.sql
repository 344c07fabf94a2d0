-- name: lock_vault_keys
LOCK TABLE auth.vault_keys IN SHARE ROW EXCLUSIVE MODE

-- name: list_key_ids_in_use
SELECT DISTINCT key_id FROM auth.data_keys

-- name: list_vault_keys
SELECT key_id, canary FROM auth.vault_keys

-- name: add_vault_key
INSERT INTO auth.vault_keys (key_id, canary) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: get_data_key
SELECT key_id, wrapped_key FROM auth.data_keys WHERE owner_id = $1

-- name: add_data_key
-- Two processes may make the first key of an owner at once; the one that is kept counts.
INSERT INTO auth.data_keys (owner_id, key_id, wrapped_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: delete_data_key
DELETE FROM auth.data_keys WHERE owner_id = $1
