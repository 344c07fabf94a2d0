-- name: upsert_tenant
-- Connecting the same account again keeps its row, its id and its data.
INSERT INTO auth.tenants (provider, external_tenant_id, external_account_id, account_email, display_name,
                          registration_id, connected_by, wanted_subscription)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (provider, external_tenant_id, external_account_id) DO UPDATE
   SET account_email = excluded.account_email, display_name = excluded.display_name,
       registration_id = excluded.registration_id, status = 'active', status_reason = NULL, updated_at = now(),
       connected_by = excluded.connected_by,
       wanted_subscription = coalesce(excluded.wanted_subscription, tenants.wanted_subscription)
RETURNING xmax = 0 AS is_new, id, provider, external_tenant_id, external_account_id, account_email, display_name, status, status_reason,
          created_at, updated_at

-- name: get_tenant
SELECT id, provider, external_tenant_id, external_account_id, account_email, display_name, status, status_reason,
       created_at, updated_at
  FROM auth.tenants WHERE id = $1

-- name: list_tenants
SELECT tenant.id, tenant.provider, tenant.external_tenant_id, external_account_id, account_email, tenant.display_name,
       tenant.status, status_reason, tenant.created_at, tenant.updated_at, token_type, scopes,
       expires_at AS token_expires_at,
       last_refreshed_at, tenant.registration_id, registration.cloud, connected_by,
       blocked_since, blocked_reason, blocked_waiting,
       nullif(organization.display_name, '') AS organization_name
  FROM auth.tenants AS tenant LEFT JOIN auth.tenant_tokens AS token ON token.tenant_id = tenant.id
  LEFT JOIN auth.app_registrations AS registration ON registration.id = tenant.registration_id
  LEFT JOIN auth.organizations AS organization
    ON organization.registration_id = tenant.registration_id
       AND organization.external_tenant_id = tenant.external_tenant_id
 WHERE ($1::uuid IS NULL OR tenant.id > $1) AND ($3::uuid IS NULL OR tenant.id = $3)
 ORDER BY tenant.id LIMIT $2

-- name: set_status
UPDATE auth.tenants SET status = $2, status_reason = $3, updated_at = now() WHERE id = $1

-- name: put_blocked
-- $1 ids, $2 since, $3 reasons, $4 events that wait: the whole list. Gives the accounts of which somebody must be told.
WITH given AS (
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[]) AS given (id, since, reason, waiting)
), before AS (
SELECT id, blocked_since, blocked_reason FROM auth.tenants WHERE id IN (SELECT id FROM given)
 UNION
SELECT id, blocked_since, blocked_reason FROM auth.tenants WHERE blocked_since IS NOT NULL
), put AS (
UPDATE auth.tenants AS tenant
   SET blocked_since = given.since, blocked_reason = given.reason, blocked_waiting = given.waiting,
       blocked_told_at = CASE WHEN given.id IS NOT NULL THEN now() END
  FROM before LEFT JOIN given ON given.id = before.id
 WHERE tenant.id = before.id
RETURNING tenant.id, (before.blocked_since, before.blocked_reason)
                     IS DISTINCT FROM (tenant.blocked_since, tenant.blocked_reason) AS changed
)
SELECT id FROM put WHERE changed

-- name: lock_tenant
SELECT FROM auth.tenants WHERE id = $1 FOR UPDATE

-- name: delete_tenant
DELETE FROM auth.tenants WHERE id = $1 AND status = 'disconnecting' RETURNING id

-- name: add_token_event
INSERT INTO auth.token_events (tenant_id, kind, detail) VALUES ($1, $2, $3)

-- name: token_events
SELECT at, kind, detail, error FROM auth.token_events WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2

-- name: delete_old_token_events
-- The last ones of each account stay.
DELETE FROM auth.token_events AS old
 USING (SELECT id, row_number() OVER (PARTITION BY tenant_id ORDER BY id DESC) AS place FROM auth.token_events) AS ranked
 WHERE ranked.id = old.id AND ranked.place > $1

-- name: wanted_subscriptions
SELECT id, wanted_subscription FROM auth.tenants WHERE wanted_subscription IS NOT NULL AND status = 'active'

-- name: subscription_told
-- Another wish since then stays.
UPDATE auth.tenants SET wanted_subscription = NULL WHERE id = $1 AND wanted_subscription = $2
