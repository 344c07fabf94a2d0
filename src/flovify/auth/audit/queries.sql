-- name: record
INSERT INTO auth.audit_log (actor, action, subject, details) VALUES ($1, $2, $3, $4)

-- name: count_handout
INSERT INTO auth.token_handouts AS seen (tenant_id, minute, count)
VALUES ($1, date_trunc('minute', clock_timestamp()), 1)
ON CONFLICT (tenant_id, minute) DO UPDATE SET count = seen.count + 1

-- name: delete_old_handouts
DELETE FROM auth.token_handouts WHERE minute < now() - interval '90 days'
