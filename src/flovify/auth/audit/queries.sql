-- name: record
INSERT INTO auth.audit_log (actor, actor_kind, action, subject, subject_kind, outcome, address, details, correlation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: list
-- The last first, before the entry with id $1. NULL switches a condition off; $8 is a pattern of LIKE.
SELECT id, at, actor, actor_kind, action, subject, subject_kind, outcome, address, details, correlation_id
  FROM auth.audit_log
 WHERE ($1::bigint IS NULL OR id < $1)
   AND ($2::text IS NULL OR actor = $2)
   AND ($3::text IS NULL OR action = $3)
   AND ($4::text IS NULL OR subject = $4)
   AND ($5::text IS NULL OR outcome = $5)
   AND ($6::timestamptz IS NULL OR at >= $6)
   AND ($7::timestamptz IS NULL OR at < $7)
   AND ($8::text IS NULL OR actor ILIKE $8 OR action ILIKE $8 OR subject ILIKE $8 OR details::text ILIKE $8
        OR correlation_id ILIKE $8 OR address ILIKE $8)
 ORDER BY id DESC
 LIMIT $9

-- name: count_handout
INSERT INTO auth.token_handouts AS seen (tenant_id, minute, count)
VALUES ($1, date_trunc('minute', clock_timestamp()), 1)
ON CONFLICT (tenant_id, minute) DO UPDATE SET count = seen.count + 1

-- name: delete_old_handouts
DELETE FROM auth.token_handouts WHERE minute < now() - interval '90 days'
