-- Who did what; rows can be added and read, never changed by the service.
CREATE TABLE IF NOT EXISTS auth.audit_log (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor   text NOT NULL,
    action  text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
);
REVOKE UPDATE, DELETE ON auth.audit_log FROM flovify_auth;

-- Tokens handed to other services, counted by tenant and minute: one row each would be most of the audit log.
CREATE TABLE IF NOT EXISTS auth.token_handouts (
    tenant_id uuid NOT NULL,
    minute    timestamptz NOT NULL,
    count     bigint NOT NULL,
    PRIMARY KEY (tenant_id, minute)
);

CREATE TABLE IF NOT EXISTS auth.periodic_tasks (
    name             text PRIMARY KEY,
    due_at           timestamptz NOT NULL DEFAULT now(),
    lease_owner      text,
    lease_until      timestamptz,
    fence            bigint NOT NULL DEFAULT 0,
    last_started_at  timestamptz,
    last_finished_at timestamptz,
    last_error       text
);

SELECT auth.record_migration(8, '0008_audit_and_tasks.sql', '0.1.5');
