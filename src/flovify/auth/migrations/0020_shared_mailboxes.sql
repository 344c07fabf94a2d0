-- Mailboxes by the sign-in of somebody with whom they are shared.
-- Safe to run twice; by hand: psql -1 -f 0020_shared_mailboxes.sql

-- Which shared mailbox a flow is to connect: an address or an object id.
ALTER TABLE auth.oauth_states ADD COLUMN IF NOT EXISTS mailbox text;

ALTER TABLE auth.tenant_tokens DROP CONSTRAINT IF EXISTS tenant_tokens_token_type_check;
ALTER TABLE auth.tenant_tokens ADD CONSTRAINT tenant_tokens_token_type_check
    CHECK (token_type IN ('app', 'delegated', 'shared'));

SELECT auth.record_migration(20, '0020_shared_mailboxes.sql', '0.1.17');
