-- The only way to shorten the audit log.
-- Safe to run twice; by hand: psql -1 -f 0019_retention.sql

-- Entries older than thirty days, and only what a sealed entry names as removed; those entries stay. The service's role
-- can still delete nothing by itself. $1 the last id to go, $2 how many at most.
CREATE OR REPLACE FUNCTION auth.prune_audit(through bigint, most int) RETURNS SETOF auth.audit_log
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM auth.audit_log
     WHERE id IN (SELECT id FROM auth.audit_log
                   WHERE id <= through AND action <> 'audit.pruned' AND at < clock_timestamp() - interval '30 days'
                   ORDER BY id LIMIT most)
       AND EXISTS (SELECT FROM auth.audit_log AS word JOIN auth.audit_seals AS seal ON seal.entry_id = word.id
                    WHERE word.action = 'audit.pruned' AND (word.details ->> 'through_id')::bigint >= through)
    RETURNING *
$$;
REVOKE ALL ON FUNCTION auth.prune_audit(bigint, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.prune_audit(bigint, int) TO flovify_auth;

SELECT auth.record_migration(19, '0019_retention.sql', '0.1.16');
