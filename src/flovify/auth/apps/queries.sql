-- name: lock_registrations
LOCK TABLE auth.app_registrations IN SHARE ROW EXCLUSIVE MODE

-- name: get_registration
SELECT id, provider, client_id, cloud, authority_tenant, display_name, is_default, source
  FROM auth.app_registrations WHERE id = $1

-- name: get_default
SELECT id, provider, client_id, cloud, authority_tenant, display_name, is_default, source
  FROM auth.app_registrations WHERE provider = $1 AND is_default

-- name: find_by_client_id
SELECT id, provider, client_id, cloud, authority_tenant, display_name, is_default, source
  FROM auth.app_registrations WHERE provider = $1 AND client_id = $2 ORDER BY id

-- name: list_registrations
SELECT id, provider, client_id, cloud, authority_tenant, display_name, is_default, source, last_error, last_error_at,
       created_at, (SELECT count(*) FROM auth.tenants WHERE registration_id = registration.id) AS tenants
  FROM auth.app_registrations AS registration
 WHERE $1::uuid IS NULL OR id = $1
 ORDER BY is_default DESC, created_at, id

-- name: add_registration
INSERT INTO auth.app_registrations (provider, client_id, cloud, authority_tenant, display_name, is_default, source)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (provider, cloud, client_id) DO NOTHING
RETURNING id, provider, client_id, cloud, authority_tenant, display_name, is_default, source

-- name: adopt_as_environment
-- A client id that was stored before may come to be the environment's.
UPDATE auth.app_registrations SET authority_tenant = $4, source = 'environment', updated_at = now()
 WHERE provider = $1 AND cloud = $2 AND client_id = $3
   AND (authority_tenant, source) IS DISTINCT FROM ($4, 'environment')

-- name: find_registration
SELECT id, provider, client_id, cloud, authority_tenant, display_name, is_default, source
  FROM auth.app_registrations WHERE provider = $1 AND cloud = $2 AND client_id = $3

-- name: release_environment
-- The environment names another application now: the one before goes on as a stored one, so that its accounts do.
UPDATE auth.app_registrations SET source = 'stored', updated_at = now()
 WHERE provider = $1 AND source = 'environment' AND id <> $2
RETURNING id

-- name: release_credentials
UPDATE auth.app_credentials SET source = 'stored'
 WHERE source = 'environment' AND retired_at IS NULL
   AND registration_id IN (SELECT id FROM auth.app_registrations WHERE source = 'stored')

-- name: clear_default
UPDATE auth.app_registrations SET is_default = false, updated_at = now()
 WHERE provider = $1 AND is_default AND id <> $2

-- name: make_default
UPDATE auth.app_registrations SET is_default = true, updated_at = now() WHERE id = $1 AND NOT is_default

-- name: change_registration
UPDATE auth.app_registrations
   SET display_name = coalesce($2, display_name), authority_tenant = coalesce($3, authority_tenant), updated_at = now()
 WHERE id = $1
RETURNING id

-- name: give_to_tenants
UPDATE auth.tenants SET registration_id = $2 WHERE registration_id IS NULL AND provider = $1

-- name: release_tenants
-- Their tokens belong to the application that is being removed: nothing else can use them.
UPDATE auth.tenants
   SET registration_id = NULL, status = CASE status WHEN 'disconnecting' THEN status ELSE 'reconnect_required' END,
       status_reason = CASE status WHEN 'disconnecting' THEN status_reason ELSE $2 END, updated_at = now()
 WHERE registration_id = $1

-- name: delete_registration
DELETE FROM auth.app_registrations WHERE id = $1 RETURNING id

-- name: note_error
-- The one that finds no error yet is the one to sound the alarm.
WITH before AS (SELECT id, last_error FROM auth.app_registrations WHERE id = $1 FOR UPDATE)
UPDATE auth.app_registrations AS registration SET last_error = $2, last_error_at = clock_timestamp()
  FROM before WHERE registration.id = before.id
RETURNING before.last_error IS NULL AS is_first

-- name: clear_error
UPDATE auth.app_registrations SET last_error = NULL, last_error_at = NULL WHERE id = $1 AND last_error IS NOT NULL
RETURNING id

-- name: list_credentials
SELECT id, registration_id, kind, source, thumbprint, subject, expires_at, created_at, refused, refused_at
  FROM auth.app_credentials
 WHERE retired_at IS NULL AND ($1::uuid IS NULL OR registration_id = $1)
 ORDER BY registration_id, created_at DESC, id

-- name: usable_credentials
-- The newest valid one first. One that is over by our own calendar is the last resort: the date was typed by a person.
SELECT id, kind, sealed, certificate_pem, refused IS NOT NULL AS refused, data_key.key_id AS wrapping_id, wrapped_key
  FROM auth.app_credentials AS credential LEFT JOIN auth.data_keys AS data_key ON data_key.owner_id = registration_id
 WHERE registration_id = $1 AND retired_at IS NULL
 ORDER BY (expires_at IS NULL OR expires_at > now()) DESC, credential.created_at DESC, id
 LIMIT 2

-- name: credential_mark
-- Changes when a credential is added or taken away.
SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM auth.app_credentials
 WHERE registration_id = $1 AND retired_at IS NULL

-- name: environment_credential
SELECT id, sealed, kind, certificate_pem FROM auth.app_credentials
 WHERE registration_id = $1 AND source = 'environment'

-- name: add_credential
INSERT INTO auth.app_credentials
       (id, registration_id, kind, source, sealed, certificate_pem, thumbprint, subject, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: surplus_credentials
-- All but two: the newest valid ones, then the newest of the others.
SELECT id, source FROM auth.app_credentials
 WHERE registration_id = $1 AND retired_at IS NULL
 ORDER BY (expires_at IS NULL OR expires_at > now()) DESC, created_at DESC, id
OFFSET 2

-- name: date_credential
UPDATE auth.app_credentials SET expires_at = coalesce($2, expires_at) WHERE id = $1

-- name: delete_credential
DELETE FROM auth.app_credentials WHERE id = $1

-- name: retire_credential
UPDATE auth.app_credentials SET retired_at = clock_timestamp() WHERE id = $1

-- name: get_credential
SELECT id, registration_id, source FROM auth.app_credentials
 WHERE id = $1 AND registration_id = $2 AND retired_at IS NULL

-- name: mark_refused
UPDATE auth.app_credentials SET refused = $2, refused_at = clock_timestamp() WHERE id = $1

-- name: mark_accepted
UPDATE auth.app_credentials SET refused = NULL, refused_at = NULL WHERE id = $1 AND refused IS NOT NULL

-- name: unblock_tokens
-- A new credential: whoever waits because the old one was refused may try at once.
UPDATE auth.tenant_tokens AS token SET refresh_blocked_until = NULL
  FROM auth.tenants AS tenant
 WHERE tenant.id = token.tenant_id AND tenant.registration_id = $1 AND token.refresh_blocked_until IS NOT NULL
   AND token.last_error->>'kind' = 'app_credential'
