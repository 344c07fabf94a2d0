-- Seals that show when the audit log was changed, and what waits for one.
-- Safe to run twice; by hand: psql -1 -f 0017_audit_seals.sql

-- One link of the chain for each entry (common/audit/chain.py). No reference: a seal outlives its entry.
CREATE TABLE IF NOT EXISTS api.audit_seals (
    position  bigint PRIMARY KEY CHECK (position > 0),
    entry_id  bigint NOT NULL UNIQUE,
    digest    bytea NOT NULL,
    key_id    text NOT NULL,
    mac       bytea NOT NULL,
    sealed_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON api.audit_seals TO flovify_api;
REVOKE UPDATE, DELETE, TRUNCATE ON api.audit_seals FROM flovify_api;

-- Entries without a seal. An entry is in it from its own commit on: whoever took its number earlier and commits later
-- is not overlooked, and to look for work costs nothing however long the log is.
CREATE TABLE IF NOT EXISTS api.audit_unsealed (entry_id bigint PRIMARY KEY);
GRANT SELECT, INSERT, DELETE ON api.audit_unsealed TO flovify_api;
REVOKE UPDATE, TRUNCATE ON api.audit_unsealed FROM flovify_api;

CREATE OR REPLACE FUNCTION api.note_unsealed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api.audit_unsealed (entry_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS note_unsealed ON api.audit_log;
CREATE TRIGGER note_unsealed AFTER INSERT ON api.audit_log FOR EACH ROW EXECUTE FUNCTION api.note_unsealed();

-- What was logged before there were seals gets them at the next start.
INSERT INTO api.audit_unsealed (entry_id)
SELECT id FROM api.audit_log AS log
 WHERE NOT EXISTS (SELECT FROM api.audit_seals AS seal WHERE seal.entry_id = log.id)
ON CONFLICT DO NOTHING;

SELECT api.record_migration(17, '0017_audit_seals.sql', '0.1.16');
