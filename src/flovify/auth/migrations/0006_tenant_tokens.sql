-- The OAuth tokens of a tenant, sealed by the vault and bound to tenant, kind and generation.
CREATE TABLE IF NOT EXISTS auth.tenant_tokens (
    id                      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id               uuid NOT NULL REFERENCES auth.tenants (id) ON DELETE CASCADE,
    token_type              text NOT NULL CHECK (token_type IN ('app', 'delegated')),
    encrypted_access_token  text NOT NULL,
    encrypted_refresh_token text,
    scopes                  text[],
    expires_at              timestamptz NOT NULL,
    created_at              timestamptz NOT NULL DEFAULT now(),
    last_refreshed_at       timestamptz,
    -- Grows with every refresh: an old access token does not go with a newer refresh token.
    generation              bigint NOT NULL DEFAULT 1,
    -- One refresh at a time, however many processes ask (lease with fencing by owner and generation).
    lease_owner             text,
    lease_until             timestamptz,
    -- After a passing failure nobody asks again before this moment.
    refresh_blocked_until   timestamptz,
    -- The refresh token before this one, for a day: it survives an answer that was lost on its way.
    previous_refresh_token  text,
    previous_generation     bigint,
    previous_until          timestamptz,
    last_error              jsonb
);
CREATE UNIQUE INDEX IF NOT EXISTS tenant_tokens_tenant_id_token_type_key
    ON auth.tenant_tokens (tenant_id, token_type);
CREATE INDEX IF NOT EXISTS idx_tenant_tokens_tenant_id ON auth.tenant_tokens (tenant_id);
CREATE INDEX IF NOT EXISTS idx_tenant_tokens_expires_at ON auth.tenant_tokens (expires_at);

SELECT auth.record_migration(6, '0006_tenant_tokens.sql', '0.1.3');
