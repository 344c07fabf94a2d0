-- name: note_unknown
-- Of all accounts that something waits or is watched for, those that are not among the known ones $1: remembered since
-- when. Gives those that have been unknown for $2 seconds already.
WITH kept AS (
    SELECT tenant_id FROM api.webhook_subscriptions
    UNION
    SELECT tenant_id FROM api.inbox WHERE state = 'waiting'
    UNION
    SELECT tenant_id FROM api.coverage_gaps WHERE closed_at IS NULL
), unknown AS (
    SELECT tenant_id FROM kept WHERE tenant_id <> ALL ($1::uuid[])
), known_again AS (
    DELETE FROM api.unknown_tenants WHERE tenant_id NOT IN (SELECT tenant_id FROM unknown)
), noted AS (
    INSERT INTO api.unknown_tenants (tenant_id) SELECT tenant_id FROM unknown ON CONFLICT (tenant_id) DO NOTHING
)
SELECT tenant_id FROM api.unknown_tenants
 WHERE first_seen < clock_timestamp() - make_interval(secs => $2) AND tenant_id IN (SELECT tenant_id FROM unknown);
