-- Change of the keys: when a signing key begins to sign, signing keys that are dropped at once, orders to reseal.
-- Safe to run twice; by hand: psql -1 -f 0017_keys.sql

-- Published from its making on; it signs from this moment and is published until `retired_at`, which may lie ahead.
ALTER TABLE auth.signing_keys ADD COLUMN IF NOT EXISTS signs_from timestamptz NOT NULL DEFAULT now();

ALTER TABLE auth.revocations
    ADD COLUMN IF NOT EXISTS key_id text,
    DROP CONSTRAINT IF EXISTS revocations_check,
    DROP CONSTRAINT IF EXISTS revocations_one_kind_check;
ALTER TABLE auth.revocations ADD CONSTRAINT revocations_one_kind_check
    CHECK (num_nonnulls(session_id, user_id, key_id) = 1 AND num_nonnulls(user_id, role) IN (0, 2));

CREATE OR REPLACE FUNCTION auth.note_key_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO auth.revocations (key_id) VALUES (OLD.key_id);
    PERFORM pg_notify('flovify_revocations', 'key ' || OLD.key_id);
    RETURN NULL;
END
$$;
-- One that ended by its time has no tokens left: nobody need be told.
CREATE OR REPLACE TRIGGER signing_key_dropped AFTER DELETE ON auth.signing_keys
    FOR EACH ROW WHEN (OLD.retired_at IS NULL OR OLD.retired_at > now())
    EXECUTE FUNCTION auth.note_key_end();

-- Data keys older than the last order are still to be replaced (auth/resealing).
CREATE TABLE IF NOT EXISTS auth.reseal_orders (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);

SELECT auth.record_migration(17, '0017_keys.sql', '0.1.14');
