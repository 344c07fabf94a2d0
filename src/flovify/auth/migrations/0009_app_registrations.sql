-- The applications registered at Microsoft under which accounts are connected. One is the default.
CREATE TABLE IF NOT EXISTS auth.app_registrations (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    provider         text NOT NULL DEFAULT 'ms365',
    client_id        text NOT NULL,
    cloud            text NOT NULL DEFAULT 'global' CHECK (cloud IN ('global', 'usgov', 'dod', 'china')),
    -- common, organizations, consumers, or the id of the one organisation whose accounts may be connected.
    authority_tenant text NOT NULL DEFAULT 'common',
    display_name     text NOT NULL DEFAULT '',
    is_default       boolean NOT NULL DEFAULT false,
    source           text NOT NULL DEFAULT 'stored' CHECK (source IN ('environment', 'stored')),
    -- Set while Microsoft refuses every credential of the registration.
    last_error       jsonb,
    last_error_at    timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, cloud, client_id)
);
CREATE UNIQUE INDEX IF NOT EXISTS app_registrations_default_key ON auth.app_registrations (provider) WHERE is_default;

-- What proves that we are the application: a secret or a certificate's private key, sealed by the vault under the
-- registration's own data key.
CREATE TABLE IF NOT EXISTS auth.app_credentials (
    id              uuid PRIMARY KEY,
    registration_id uuid NOT NULL REFERENCES auth.app_registrations (id) ON DELETE CASCADE,
    kind            text NOT NULL CHECK (kind IN ('secret', 'certificate')),
    source          text NOT NULL DEFAULT 'stored' CHECK (source IN ('environment', 'stored')),
    sealed          text NOT NULL,
    certificate_pem text,
    thumbprint      text,
    subject         text,
    expires_at      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Only a credential of the environment is retired; others are deleted. It must be known again at the next start.
    retired_at      timestamptz,
    refused         jsonb,
    refused_at      timestamptz
);
CREATE INDEX IF NOT EXISTS app_credentials_registration_id_idx ON auth.app_credentials (registration_id);

-- NULL until the first start after this file: then the accounts get the environment's registration.
ALTER TABLE auth.tenants ADD COLUMN IF NOT EXISTS registration_id uuid REFERENCES auth.app_registrations (id);
CREATE INDEX IF NOT EXISTS tenants_registration_id_idx ON auth.tenants (registration_id);
ALTER TABLE auth.oauth_states
    ADD COLUMN IF NOT EXISTS registration_id uuid REFERENCES auth.app_registrations (id) ON DELETE CASCADE;

SELECT auth.record_migration(9, '0009_app_registrations.sql', '0.1.6');
