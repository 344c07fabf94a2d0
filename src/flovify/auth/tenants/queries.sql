-- name: upsert_tenant
-- Connecting the same account again keeps its row, its id and its data.
INSERT INTO auth.tenants (provider, external_tenant_id, external_account_id, account_email, display_name,
                          registration_id)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (provider, external_tenant_id, external_account_id) DO UPDATE
   SET account_email = excluded.account_email, display_name = excluded.display_name,
       registration_id = excluded.registration_id, status = 'active', status_reason = NULL, updated_at = now()
RETURNING id, provider, external_tenant_id, external_account_id, account_email, display_name, status, status_reason,
          created_at, updated_at

-- name: get_tenant
SELECT id, provider, external_tenant_id, external_account_id, account_email, display_name, status, status_reason,
       created_at, updated_at
  FROM auth.tenants WHERE id = $1

-- name: list_tenants
SELECT tenant.id, tenant.provider, external_tenant_id, external_account_id, account_email, tenant.display_name, status,
       status_reason, tenant.created_at, tenant.updated_at, token_type, scopes, expires_at AS token_expires_at,
       last_refreshed_at, registration_id, registration.cloud
  FROM auth.tenants AS tenant LEFT JOIN auth.tenant_tokens AS token ON token.tenant_id = tenant.id
  LEFT JOIN auth.app_registrations AS registration ON registration.id = tenant.registration_id
 WHERE ($1::uuid IS NULL OR tenant.id > $1) AND ($3::uuid IS NULL OR tenant.id = $3)
 ORDER BY tenant.id LIMIT $2

-- name: set_status
UPDATE auth.tenants SET status = $2, status_reason = $3, updated_at = now() WHERE id = $1

-- name: delete_tenant
DELETE FROM auth.tenants WHERE id = $1 AND status = 'disconnecting' RETURNING id
