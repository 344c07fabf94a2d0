-- What the console shows and does: invitations, where a session comes from, what happened to an account's tokens, and an
-- audit log that can be searched.
-- Safe to run twice; by hand: psql -1 -f 0011_console.sql

-- Somebody who was invited has no password yet.
ALTER TABLE auth.users
    ADD COLUMN IF NOT EXISTS last_signed_in_at timestamptz,
    ALTER COLUMN password_hash DROP NOT NULL;

-- One open invitation for each user; only a hash of the token is kept.
CREATE TABLE IF NOT EXISTS auth.invitations (
    user_id    uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);

ALTER TABLE auth.sessions
    ADD COLUMN IF NOT EXISTS address text,
    ADD COLUMN IF NOT EXISTS user_agent text;

-- `wanted_subscription`: what the api is still to be told to subscribe to; a crash in between loses no wish.
ALTER TABLE auth.tenants
    ADD COLUMN IF NOT EXISTS connected_by text,
    ADD COLUMN IF NOT EXISTS wanted_subscription text CHECK (wanted_subscription IN ('inbox'));
ALTER TABLE auth.oauth_states ADD COLUMN IF NOT EXISTS subscribe text CHECK (subscribe IN ('inbox'));
ALTER TABLE auth.connect_links ADD COLUMN IF NOT EXISTS subscribe text CHECK (subscribe IN ('inbox'));
CREATE INDEX IF NOT EXISTS tenants_wanted_subscription_idx ON auth.tenants (id) WHERE wanted_subscription IS NOT NULL;

-- The last things that happened to an account's tokens; error is a reason as in tenants.status_reason.
CREATE TABLE IF NOT EXISTS auth.token_events (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES auth.tenants (id) ON DELETE CASCADE,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind      text NOT NULL CHECK (kind IN ('connected', 'reconnected', 'refreshed', 'refresh_failed',
                                            'reconnect_required')),
    detail    text NOT NULL DEFAULT '',
    error     jsonb
);
CREATE INDEX IF NOT EXISTS token_events_tenant_id_idx ON auth.token_events (tenant_id, id);

ALTER TABLE auth.audit_log
    ADD COLUMN IF NOT EXISTS actor_kind text NOT NULL DEFAULT 'user'
        CHECK (actor_kind IN ('user', 'command line', 'system')),
    ADD COLUMN IF NOT EXISTS subject_kind text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS outcome text NOT NULL DEFAULT 'success' CHECK (outcome IN ('success', 'failure', 'denied')),
    ADD COLUMN IF NOT EXISTS address text,
    ADD COLUMN IF NOT EXISTS correlation_id text;
UPDATE auth.audit_log SET subject_kind = split_part(action, '.', 1) WHERE subject_kind = '';
UPDATE auth.audit_log SET actor_kind = 'command line' WHERE actor = 'command line' AND actor_kind = 'user';
CREATE INDEX IF NOT EXISTS audit_log_at_idx ON auth.audit_log (at);
CREATE INDEX IF NOT EXISTS audit_log_subject_idx ON auth.audit_log (subject, id);
CREATE INDEX IF NOT EXISTS audit_log_action_idx ON auth.audit_log (action, id);
REVOKE UPDATE, DELETE, TRUNCATE ON auth.audit_log FROM flovify_auth;

SELECT auth.record_migration(11, '0011_console.sql', '0.1.8');
