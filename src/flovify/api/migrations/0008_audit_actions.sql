-- The audit log by action: for its filter, and for first steps that were done already.
-- Safe to run twice; by hand: psql -1 -f 0008_audit_actions.sql

CREATE INDEX IF NOT EXISTS idx_audit_log_action ON api.audit_log (action, id);

SELECT api.record_migration(8, '0008_audit_actions.sql', '0.1.7');
