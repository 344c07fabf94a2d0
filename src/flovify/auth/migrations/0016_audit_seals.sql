-- Seals that show when the audit log was changed, and what waits for one. An index of hand-outs by minute.
-- Safe to run twice; by hand: psql -1 -f 0016_audit_seals.sql

-- One link of the chain for each entry (common/audit/chain.py). No reference: a seal outlives its entry.
CREATE TABLE IF NOT EXISTS auth.audit_seals (
    position  bigint PRIMARY KEY CHECK (position > 0),
    entry_id  bigint NOT NULL UNIQUE,
    digest    bytea NOT NULL,
    key_id    text NOT NULL,
    mac       bytea NOT NULL,
    sealed_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON auth.audit_seals TO flovify_auth;
REVOKE UPDATE, DELETE, TRUNCATE ON auth.audit_seals FROM flovify_auth;

-- Entries without a seal. An entry is in it from its own commit on: whoever took its number earlier and commits later
-- is not overlooked, and to look for work costs nothing however long the log is.
CREATE TABLE IF NOT EXISTS auth.audit_unsealed (entry_id bigint PRIMARY KEY);
GRANT SELECT, INSERT, DELETE ON auth.audit_unsealed TO flovify_auth;
REVOKE UPDATE, TRUNCATE ON auth.audit_unsealed FROM flovify_auth;

CREATE OR REPLACE FUNCTION auth.note_unsealed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO auth.audit_unsealed (entry_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS note_unsealed ON auth.audit_log;
CREATE TRIGGER note_unsealed AFTER INSERT ON auth.audit_log FOR EACH ROW EXECUTE FUNCTION auth.note_unsealed();

-- What was logged before there were seals gets them at the next start.
INSERT INTO auth.audit_unsealed (entry_id)
SELECT id FROM auth.audit_log AS log
 WHERE NOT EXISTS (SELECT FROM auth.audit_seals AS seal WHERE seal.entry_id = log.id)
ON CONFLICT DO NOTHING;

-- Hand-outs of the last day are compared each minute (auth/audit/handouts).
CREATE INDEX IF NOT EXISTS token_handouts_minute_idx ON auth.token_handouts (minute, tenant_id) INCLUDE (count);

SELECT auth.record_migration(16, '0016_audit_seals.sql', '0.1.13');
