-- name: add_order
INSERT INTO auth.reseal_orders DEFAULT VALUES RETURNING id, started_at

-- name: last_order
-- Nothing when the last one was finished.
SELECT id, started_at FROM (SELECT * FROM auth.reseal_orders ORDER BY id DESC LIMIT 1) AS newest
 WHERE finished_at IS NULL

-- name: finish_order
UPDATE auth.reseal_orders SET finished_at = clock_timestamp() WHERE id = $1 AND finished_at IS NULL RETURNING id

-- name: list_tenant_tokens
SELECT id, generation, previous_generation, encrypted_access_token, encrypted_refresh_token, previous_refresh_token
  FROM auth.tenant_tokens WHERE tenant_id = $1 ORDER BY id FOR NO KEY UPDATE

-- name: write_tenant_tokens
UPDATE auth.tenant_tokens
   SET encrypted_access_token = $2, encrypted_refresh_token = $3, previous_refresh_token = $4
 WHERE id = $1

-- name: list_app_credentials
SELECT id, sealed FROM auth.app_credentials WHERE registration_id = $1 ORDER BY id FOR NO KEY UPDATE

-- name: write_app_credentials
UPDATE auth.app_credentials SET sealed = $2 WHERE id = $1

-- name: list_signing_keys
-- They belong to the installation, as the verifiers do.
SELECT key_id, sealed_private_key FROM auth.signing_keys
 WHERE $1 = '00000000-0000-0000-0000-000000000000'::uuid ORDER BY key_id FOR NO KEY UPDATE

-- name: write_signing_keys
UPDATE auth.signing_keys SET sealed_private_key = $2 WHERE key_id = $1

-- name: list_oauth_states
SELECT state_hash, sealed_verifier FROM auth.oauth_states
 WHERE $1 = '00000000-0000-0000-0000-000000000000'::uuid ORDER BY state_hash FOR NO KEY UPDATE

-- name: write_oauth_states
UPDATE auth.oauth_states SET sealed_verifier = $2 WHERE state_hash = $1
