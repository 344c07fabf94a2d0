-- name: add_organization
-- Known already: left as it is. A callback proves nothing, so it must not touch what exists.
INSERT INTO auth.organizations (registration_id, external_tenant_id) VALUES ($1, $2)
ON CONFLICT (registration_id, external_tenant_id) DO NOTHING

-- name: find_organization
SELECT id, registration_id, external_tenant_id, display_name, status, missing, last_error, checked_at, created_at,
       updated_at
  FROM auth.organizations WHERE registration_id = $1 AND external_tenant_id = $2

-- name: list_organizations
SELECT id, registration_id, external_tenant_id, display_name, status, missing, last_error, checked_at, created_at,
       updated_at
  FROM auth.organizations
 WHERE ($1::uuid IS NULL OR id > $1) AND ($3::uuid IS NULL OR id = $3)
 ORDER BY id LIMIT $2

-- name: put_finding
UPDATE auth.organizations
   SET status = $2, missing = $3, last_error = $4, display_name = coalesce(nullif($5, ''), display_name),
       checked_at = now(), updated_at = now()
 WHERE id = $1

-- name: count_mailboxes
SELECT count(*) FROM auth.tenants AS tenant JOIN auth.tenant_tokens AS token ON token.tenant_id = tenant.id
 WHERE tenant.registration_id = $1 AND tenant.external_tenant_id = $2 AND token.token_type = 'app'

-- name: delete_organization
DELETE FROM auth.organizations WHERE id = $1
