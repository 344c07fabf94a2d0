-- name: server
-- With whom we speak, and how. `remote` is NULL over a socket of the machine's own.
SELECT current_setting('server_version_num')::int / 10000 AS major, current_user::text AS role,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
       (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls,
       host(inet_server_addr()) AS remote;

-- name: connections
-- How many more the server takes from roles that are no superusers.
SELECT current_setting('max_connections')::int AS most,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
       - (SELECT sum(numbackends) FROM pg_stat_database)::int AS free;

-- name: readable
-- Tables of the other service's schema $1 that this role may read: there should be none.
SELECT count(*) FROM pg_class AS relation JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
 WHERE namespace.nspname = $1 AND relation.relkind IN ('r', 'p', 'v', 'm')
   AND has_schema_privilege(namespace.oid, 'USAGE') AND has_table_privilege(relation.oid, 'SELECT');

-- name: now
SELECT clock_timestamp();

-- name: unsealed
-- Entries of an audit log without a seal: how many, up to 1000, and how old the oldest of them is.
SELECT count(*) AS waiting,
       coalesce(extract(epoch FROM clock_timestamp() - min(log.at)), 0)::float8 AS oldest_seconds
  FROM (SELECT entry_id FROM {schema}.audit_unsealed ORDER BY entry_id LIMIT 1000) AS unsealed
  JOIN {schema}.audit_log AS log ON log.id = unsealed.entry_id;

-- name: sealing_key
-- The key by which the last seal was made; no row without one.
SELECT key_id FROM {schema}.audit_seals ORDER BY position DESC LIMIT 1;

-- name: organization
-- One where this app registration is known, so that Microsoft can be asked for a token of the app; no personal account.
SELECT external_tenant_id FROM (
    SELECT external_tenant_id, 0 AS rank FROM auth.organizations WHERE registration_id = $1
    UNION ALL
    SELECT external_tenant_id, 1 FROM auth.tenants WHERE registration_id = $1
) AS known
 WHERE external_tenant_id <> $2 ORDER BY rank, external_tenant_id LIMIT 1;
