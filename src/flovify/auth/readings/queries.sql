-- name: tenants
SELECT CASE WHEN status = 'active' AND blocked_since IS NOT NULL THEN 'blocked' ELSE status END AS state, count(*)
  FROM auth.tenants GROUP BY 1

-- name: tokens
-- $1 is for how many days a refresh token lives unused.
SELECT count(*) FILTER (WHERE token.last_error IS NOT NULL) AS failing,
       extract(epoch FROM min(coalesce(token.last_refreshed_at, token.created_at))
                              FILTER (WHERE token.encrypted_refresh_token IS NOT NULL)
                          + make_interval(days => $1) - clock_timestamp())::float8 AS lapses_seconds
  FROM auth.tenant_tokens AS token JOIN auth.tenants AS tenant ON tenant.id = token.tenant_id
 WHERE tenant.status = 'active'
