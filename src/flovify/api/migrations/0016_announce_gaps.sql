-- The console learns at once of a gap that opens, closes, or cannot be looked through.
-- Safe to run twice; by hand: psql -1 -f 0016_announce_gaps.sql

CREATE OR REPLACE FUNCTION api.announce_gap() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api.announce('subscription.updated', NEW.subscription_row_id::text);
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS announce_gap ON api.coverage_gaps;
CREATE TRIGGER announce_gap AFTER INSERT ON api.coverage_gaps FOR EACH ROW EXECUTE FUNCTION api.announce_gap();
-- Leases and counts change all the time; the condition lets only what is shown as another state through.
DROP TRIGGER IF EXISTS announce_gap_change ON api.coverage_gaps;
CREATE TRIGGER announce_gap_change AFTER UPDATE ON api.coverage_gaps
    FOR EACH ROW WHEN (NEW.closed_at IS DISTINCT FROM OLD.closed_at OR NEW.last_error IS DISTINCT FROM OLD.last_error)
    EXECUTE FUNCTION api.announce_gap();

SELECT api.record_migration(16, '0016_announce_gaps.sql', '0.1.15');
