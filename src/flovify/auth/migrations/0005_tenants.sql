-- One connected account each. Who it is: the organisation (tid) and the object (oid), never an address.
CREATE TABLE IF NOT EXISTS auth.tenants (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    provider            text NOT NULL,
    external_tenant_id  text NOT NULL,
    external_account_id text NOT NULL,
    account_email       text NOT NULL,
    display_name        text NOT NULL DEFAULT '',
    status              text NOT NULL DEFAULT 'active'
                        CHECK (status IN ('active', 'reconnect_required', 'disconnecting')),
    status_reason       jsonb,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, external_tenant_id, external_account_id)
);

SELECT auth.record_migration(5, '0005_tenants.sql', '0.1.2');
