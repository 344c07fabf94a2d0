-- What a flow is for, and who began it: a session, or a link sent to somebody.
ALTER TABLE auth.oauth_states
    ADD COLUMN IF NOT EXISTS purpose text NOT NULL DEFAULT 'mailbox' CHECK (purpose IN ('mailbox', 'admin_consent')),
    ADD COLUMN IF NOT EXISTS link_id uuid,
    ALTER COLUMN session_id DROP NOT NULL;

-- Links for people without an account here; only a hash of the token is kept. Used up by the flow that succeeds.
CREATE TABLE IF NOT EXISTS auth.connect_links (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash      bytea NOT NULL UNIQUE,
    purpose         text NOT NULL CHECK (purpose IN ('mailbox', 'admin_consent')),
    registration_id uuid NOT NULL REFERENCES auth.app_registrations (id) ON DELETE CASCADE,
    tenant_id       uuid REFERENCES auth.tenants (id) ON DELETE CASCADE,
    login_hint      text NOT NULL DEFAULT '',
    created_by      uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    begun           int NOT NULL DEFAULT 0,
    used_at         timestamptz
);
CREATE INDEX IF NOT EXISTS connect_links_registration_id_idx ON auth.connect_links (registration_id);
CREATE INDEX IF NOT EXISTS connect_links_tenant_id_idx ON auth.connect_links (tenant_id);
CREATE INDEX IF NOT EXISTS connect_links_created_by_idx ON auth.connect_links (created_by);

-- Organisations whose administrator allowed an app registration to act by itself (application permissions).
-- `granted` is said only after a token for the organisation was issued and Graph answered with it.
CREATE TABLE IF NOT EXISTS auth.organizations (
    id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    registration_id    uuid NOT NULL REFERENCES auth.app_registrations (id) ON DELETE CASCADE,
    external_tenant_id text NOT NULL,
    display_name       text NOT NULL DEFAULT '',
    status             text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'granted', 'refused')),
    missing            text[] NOT NULL DEFAULT '{}',
    last_error         jsonb,
    checked_at         timestamptz,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    UNIQUE (registration_id, external_tenant_id)
);

SELECT auth.record_migration(10, '0010_connecting.sql', '0.1.7');
