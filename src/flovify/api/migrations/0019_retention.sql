-- What is left of a message whose time is over, indexes for what is oldest, and the only way to shorten the audit log.
-- Safe to run twice; by hand: psql -1 -f 0019_retention.sql

ALTER TABLE api.messages ADD COLUMN IF NOT EXISTS pruned_at timestamptz;
CREATE INDEX IF NOT EXISTS idx_messages_oldest ON api.messages (stored_at) WHERE content_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS idx_inbox_died ON api.inbox (died_at) WHERE state = 'dead';

-- Entries older than thirty days, and only what a sealed entry names as removed; those entries stay. The service's role
-- can still delete nothing by itself. $1 the last id to go, $2 how many at most.
CREATE OR REPLACE FUNCTION api.prune_audit(through bigint, most int) RETURNS SETOF api.audit_log
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM api.audit_log
     WHERE id IN (SELECT id FROM api.audit_log
                   WHERE id <= through AND action <> 'audit.pruned' AND at < clock_timestamp() - interval '30 days'
                   ORDER BY id LIMIT most)
       AND EXISTS (SELECT FROM api.audit_log AS word JOIN api.audit_seals AS seal ON seal.entry_id = word.id
                    WHERE word.action = 'audit.pruned' AND (word.details ->> 'through_id')::bigint >= through)
    RETURNING *
$$;
REVOKE ALL ON FUNCTION api.prune_audit(bigint, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.prune_audit(bigint, int) TO flovify_api;

SELECT api.record_migration(19, '0019_retention.sql', '0.1.18');
