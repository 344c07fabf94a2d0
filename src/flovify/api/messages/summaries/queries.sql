-- name: list_newest
-- The last received first, before the place ($7, $8). NULL switches a condition off; $9 is an internetMessageId.
-- An account has its row in mailbox_leases from its first event on: through these the index finds an internetMessageId
-- without knowing whose it is.
SELECT id, tenant_id, subject, from_address, left(preview, 300) AS preview, received_at, stored_at, has_attachments,
       is_read, importance, kind, meeting_message_type, deleted_at, decode_note,
       coalesce(received_at, stored_at) AS sorted_at
  FROM api.messages message
 WHERE content_at IS NOT NULL
   AND ($1::uuid IS NULL OR tenant_id = $1)
   AND ($2::text IS NULL OR search @@ websearch_to_tsquery('simple', $2))
   AND ($3::boolean IS NULL OR has_attachments = $3)
   AND ($4::timestamptz IS NULL OR coalesce(received_at, stored_at) >= $4)
   AND ($5::timestamptz IS NULL OR coalesce(received_at, stored_at) < $5)
   AND ($6::boolean IS NULL OR (deleted_at IS NOT NULL) = $6)
   AND ($7::timestamptz IS NULL OR (coalesce(received_at, stored_at), id) < ($7, $8::uuid))
   AND ($9::text IS NULL OR (internet_message_id = $9 AND tenant_id IN (SELECT tenant_id FROM api.mailbox_leases)))
 ORDER BY coalesce(received_at, stored_at) DESC, id DESC
 LIMIT $10;

-- name: list_oldest
-- The same, the first received first, after the place.
SELECT id, tenant_id, subject, from_address, left(preview, 300) AS preview, received_at, stored_at, has_attachments,
       is_read, importance, kind, meeting_message_type, deleted_at, decode_note,
       coalesce(received_at, stored_at) AS sorted_at
  FROM api.messages message
 WHERE content_at IS NOT NULL
   AND ($1::uuid IS NULL OR tenant_id = $1)
   AND ($2::text IS NULL OR search @@ websearch_to_tsquery('simple', $2))
   AND ($3::boolean IS NULL OR has_attachments = $3)
   AND ($4::timestamptz IS NULL OR coalesce(received_at, stored_at) >= $4)
   AND ($5::timestamptz IS NULL OR coalesce(received_at, stored_at) < $5)
   AND ($6::boolean IS NULL OR (deleted_at IS NOT NULL) = $6)
   AND ($7::timestamptz IS NULL OR (coalesce(received_at, stored_at), id) > ($7, $8::uuid))
   AND ($9::text IS NULL OR (internet_message_id = $9 AND tenant_id IN (SELECT tenant_id FROM api.mailbox_leases)))
 ORDER BY coalesce(received_at, stored_at), id
 LIMIT $10;

-- name: list_few_newest
-- The same as list_newest where few match: all of those are found first, by an index, and then put in order.
WITH matching AS MATERIALIZED (
    SELECT id FROM api.messages
     WHERE content_at IS NOT NULL
       AND ($1::uuid IS NULL OR tenant_id = $1)
       AND ($2::text IS NULL OR search @@ websearch_to_tsquery('simple', $2))
       AND ($3::boolean IS NULL OR has_attachments = $3)
       AND ($4::timestamptz IS NULL OR coalesce(received_at, stored_at) >= $4)
       AND ($5::timestamptz IS NULL OR coalesce(received_at, stored_at) < $5)
       AND ($6::boolean IS NULL OR (deleted_at IS NOT NULL) = $6)
       AND ($9::text IS NULL OR (internet_message_id = $9 AND tenant_id IN (SELECT tenant_id FROM api.mailbox_leases)))
)
SELECT id, tenant_id, subject, from_address, left(preview, 300) AS preview, received_at, stored_at, has_attachments,
       is_read, importance, kind, meeting_message_type, deleted_at, decode_note,
       coalesce(received_at, stored_at) AS sorted_at
  FROM matching
  JOIN api.messages message USING (id)
 WHERE $7::timestamptz IS NULL OR (coalesce(received_at, stored_at), id) < ($7, $8::uuid)
 ORDER BY coalesce(received_at, stored_at) DESC, id DESC
 LIMIT $10;

-- name: list_few_oldest
-- The same, the first received first, after the place.
WITH matching AS MATERIALIZED (
    SELECT id FROM api.messages
     WHERE content_at IS NOT NULL
       AND ($1::uuid IS NULL OR tenant_id = $1)
       AND ($2::text IS NULL OR search @@ websearch_to_tsquery('simple', $2))
       AND ($3::boolean IS NULL OR has_attachments = $3)
       AND ($4::timestamptz IS NULL OR coalesce(received_at, stored_at) >= $4)
       AND ($5::timestamptz IS NULL OR coalesce(received_at, stored_at) < $5)
       AND ($6::boolean IS NULL OR (deleted_at IS NOT NULL) = $6)
       AND ($9::text IS NULL OR (internet_message_id = $9 AND tenant_id IN (SELECT tenant_id FROM api.mailbox_leases)))
)
SELECT id, tenant_id, subject, from_address, left(preview, 300) AS preview, received_at, stored_at, has_attachments,
       is_read, importance, kind, meeting_message_type, deleted_at, decode_note,
       coalesce(received_at, stored_at) AS sorted_at
  FROM matching
  JOIN api.messages message USING (id)
 WHERE $7::timestamptz IS NULL OR (coalesce(received_at, stored_at), id) > ($7, $8::uuid)
 ORDER BY coalesce(received_at, stored_at), id
 LIMIT $10;

-- name: count_some
-- How many match, but no more than $8: beyond that the planner's guess is good enough and costs nothing.
SELECT count(*) FROM (
    SELECT FROM api.messages
     WHERE content_at IS NOT NULL
       AND ($1::uuid IS NULL OR tenant_id = $1)
       AND ($2::text IS NULL OR search @@ websearch_to_tsquery('simple', $2))
       AND ($3::boolean IS NULL OR has_attachments = $3)
       AND ($4::timestamptz IS NULL OR coalesce(received_at, stored_at) >= $4)
       AND ($5::timestamptz IS NULL OR coalesce(received_at, stored_at) < $5)
       AND ($6::boolean IS NULL OR (deleted_at IS NOT NULL) = $6)
       AND ($7::text IS NULL OR (internet_message_id = $7 AND tenant_id IN (SELECT tenant_id FROM api.mailbox_leases)))
     LIMIT $8) matching;

-- name: guess
-- The planner's own number of matching rows.
EXPLAIN (FORMAT JSON)
SELECT FROM api.messages
 WHERE content_at IS NOT NULL
   AND ($1::uuid IS NULL OR tenant_id = $1)
   AND ($2::text IS NULL OR search @@ websearch_to_tsquery('simple', $2))
   AND ($3::boolean IS NULL OR has_attachments = $3)
   AND ($4::timestamptz IS NULL OR coalesce(received_at, stored_at) >= $4)
   AND ($5::timestamptz IS NULL OR coalesce(received_at, stored_at) < $5)
   AND ($6::boolean IS NULL OR (deleted_at IS NOT NULL) = $6);
