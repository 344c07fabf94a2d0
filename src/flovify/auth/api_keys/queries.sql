-- name: add_key
INSERT INTO auth.api_keys (key_hash, shown, name, scopes, tenant_ids, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(days => $7))
RETURNING id

-- name: list_keys
-- $1 limits to one.
SELECT id, shown, name, scopes, tenant_ids, created_by, created_at, expires_at, last_used_at, revoked_at, revoked_by,
       CASE WHEN revoked_at IS NOT NULL THEN 'revoked'
            WHEN expires_at <= clock_timestamp() THEN 'expired'
            ELSE 'active' END AS state
  FROM auth.api_keys
 WHERE $1::uuid IS NULL OR id = $1
 ORDER BY created_at DESC LIMIT 500

-- name: use_key
-- Noted once a minute at most.
WITH found AS (
    SELECT id, name, scopes, tenant_ids, expires_at, last_used_at FROM auth.api_keys
     WHERE key_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
), used AS (
    UPDATE auth.api_keys AS kept SET last_used_at = clock_timestamp() FROM found
     WHERE kept.id = found.id AND (found.last_used_at IS NULL OR found.last_used_at < clock_timestamp() - interval '1 minute')
)
SELECT id, name, scopes, tenant_ids, expires_at FROM found

-- name: revoke_key
UPDATE auth.api_keys SET revoked_at = clock_timestamp(), revoked_by = $2
 WHERE id = $1 AND revoked_at IS NULL RETURNING name
