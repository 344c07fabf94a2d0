-- name: get_token
SELECT token.tenant_id, token_type, encrypted_access_token, encrypted_refresh_token, scopes, expires_at, generation,
       coalesce(lease_until > clock_timestamp(), false) AS leased,
       greatest(0, extract(epoch FROM coalesce(refresh_blocked_until, clock_timestamp()) - clock_timestamp()))::float8
           AS blocked_seconds,
       CASE WHEN previous_until > clock_timestamp() THEN previous_refresh_token END AS previous_refresh_token,
       previous_generation, tenant.status, tenant.status_reason, token.last_error, registration.id AS registration_id,
       registration.cloud, tenant.external_tenant_id, tenant.external_account_id, tenant.account_email, tenant.provider,
       data_key.key_id AS wrapping_id, data_key.wrapped_key
  FROM auth.tenant_tokens AS token JOIN auth.tenants AS tenant ON tenant.id = token.tenant_id
  JOIN auth.app_registrations AS registration
    ON registration.id = tenant.registration_id
       OR tenant.registration_id IS NULL AND registration.is_default AND registration.provider = tenant.provider
  LEFT JOIN auth.data_keys AS data_key ON data_key.owner_id = token.tenant_id
 WHERE token.tenant_id = $1

-- name: put_token
-- A new connection: everything of the old one ends, a lease in force included (its holder is fenced by generation).
INSERT INTO auth.tenant_tokens AS token
       (tenant_id, token_type, encrypted_access_token, encrypted_refresh_token, scopes, expires_at, generation,
        last_refreshed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, now())
ON CONFLICT (tenant_id, token_type) DO UPDATE
   SET encrypted_access_token = excluded.encrypted_access_token,
       encrypted_refresh_token = excluded.encrypted_refresh_token, scopes = excluded.scopes,
       expires_at = excluded.expires_at, generation = excluded.generation, last_refreshed_at = now(),
       lease_owner = NULL, lease_until = NULL, refresh_blocked_until = NULL, previous_refresh_token = NULL,
       previous_generation = NULL, previous_until = NULL, last_error = NULL

-- name: delete_other_type
-- An account is connected in one way at a time: the last one.
DELETE FROM auth.tenant_tokens WHERE tenant_id = $1 AND token_type <> $2

-- name: lock_generation
-- The row is locked, so that two connections of one account at once get different generations.
SELECT generation FROM auth.tenant_tokens WHERE tenant_id = $1 FOR UPDATE

-- name: take_lease
-- Only for the generation that was read: whoever comes after a refresh finds nothing to do.
UPDATE auth.tenant_tokens
   SET lease_owner = $3, lease_until = clock_timestamp() + make_interval(secs => $4)
 WHERE tenant_id = $1 AND generation = $2 AND (lease_until IS NULL OR lease_until < clock_timestamp())
   AND (refresh_blocked_until IS NULL OR refresh_blocked_until < clock_timestamp())
RETURNING true

-- name: finish_refresh
-- Fenced by the generation: nothing is written when another holder has refreshed meanwhile. A lease that ran out while
-- nobody refreshed costs nothing: this answer is the newest there is, and whoever holds the lease now finds it.
WITH done AS (
UPDATE auth.tenant_tokens
   SET previous_refresh_token = encrypted_refresh_token, previous_generation = generation,
       previous_until = clock_timestamp() + interval '24 hours',
       encrypted_access_token = $3, encrypted_refresh_token = $4, scopes = $5, expires_at = $6,
       generation = generation + 1, last_refreshed_at = clock_timestamp(), lease_owner = NULL, lease_until = NULL,
       refresh_blocked_until = NULL, last_error = NULL
 WHERE tenant_id = $1 AND generation = $2
RETURNING tenant_id, generation
), noted AS (
INSERT INTO auth.token_events (tenant_id, kind) SELECT tenant_id, 'refreshed' FROM done
)
SELECT generation FROM done

-- name: give_back_lease
-- Nothing was tried, so nothing is recorded and anybody may try at once.
UPDATE auth.tenant_tokens SET lease_owner = NULL, lease_until = NULL
 WHERE tenant_id = $1 AND generation = $2 AND lease_owner = $3

-- name: end_lease
WITH ended AS (
UPDATE auth.tenant_tokens
   SET lease_owner = NULL, lease_until = NULL, last_error = $4::jsonb,
       refresh_blocked_until = clock_timestamp() + make_interval(secs => $5)
 WHERE tenant_id = $1 AND generation = $2 AND lease_owner = $3
RETURNING tenant_id
), noted AS (
INSERT INTO auth.token_events (tenant_id, kind, error) SELECT tenant_id, 'refresh_failed', $4::jsonb FROM ended
)
SELECT true FROM ended

-- name: flag_tenant
-- Only while the token that failed is still the one stored: a reconnection in between wins.
WITH flagged AS (
UPDATE auth.tenants SET status = 'reconnect_required', status_reason = $3::jsonb, updated_at = now()
 WHERE id = $1 AND status = 'active'
   AND EXISTS (SELECT FROM auth.tenant_tokens WHERE tenant_id = $1 AND generation = $2)
RETURNING id
), noted AS (
INSERT INTO auth.token_events (tenant_id, kind, error) SELECT id, 'reconnect_required', $3::jsonb FROM flagged
)
SELECT id FROM flagged

-- name: due_for_refresh
-- Soon to expire, or not used for most of a day: a refresh token lives by being used (90 days, sliding). A token of the
-- application has none, and is only renewed ahead of time.
SELECT token.tenant_id, token.token_type, tenant.registration_id
  FROM auth.tenant_tokens AS token JOIN auth.tenants AS tenant ON tenant.id = token.tenant_id
 WHERE tenant.status = 'active' AND (token.encrypted_refresh_token IS NOT NULL OR token.token_type = 'app')
   AND (token.expires_at < now() + make_interval(secs => $1)
        OR token.token_type <> 'app'
           AND coalesce(token.last_refreshed_at, token.created_at) < now() - make_interval(secs => $2))
 ORDER BY token.expires_at

-- name: forget_previous
UPDATE auth.tenant_tokens SET previous_refresh_token = NULL, previous_generation = NULL, previous_until = NULL
 WHERE previous_until < now()
