-- Which keys from the environment this database was written with: each seals a known text, so that a wrong key is
-- noticed at start.
CREATE TABLE IF NOT EXISTS auth.vault_keys (
    key_id     text PRIMARY KEY,
    canary     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- One data key per tenant, wrapped by such a key; the nil UUID owns what belongs to no tenant.
CREATE TABLE IF NOT EXISTS auth.data_keys (
    owner_id    uuid PRIMARY KEY,
    key_id      text NOT NULL REFERENCES auth.vault_keys (key_id),
    wrapped_key text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- Keys that sign access tokens (Ed25519). The private part is sealed by the vault.
CREATE TABLE IF NOT EXISTS auth.signing_keys (
    key_id             text PRIMARY KEY,
    public_key         text NOT NULL,
    sealed_private_key text NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    retired_at         timestamptz
);

SELECT auth.record_migration(4, '0004_vault.sql', '0.1.1');
