-- name: upsert_messages
-- One statement for a whole batch; see the function.
SELECT * FROM api.upsert_messages($1, $2, $3, $4);

-- name: find_ids
-- The rows of some of a tenant's messages; for those another transaction stored while ours was at it.
SELECT provider_message_id, id FROM api.messages
 WHERE tenant_id = $1 AND provider = $2 AND provider_message_id = ANY ($3::text[]);

-- name: mark_deleted
-- Note that messages are gone at the provider. One never seen gets a tombstone: a row without content and outside the
-- feed. The first deletion counts.
INSERT INTO api.messages AS stored (tenant_id, provider, provider_message_id, deleted_at)
SELECT $1, $2, provider_message_id, $4 FROM unnest($3::text[]) AS given (provider_message_id)
ON CONFLICT (tenant_id, provider, provider_message_id) DO UPDATE
   SET deleted_at = excluded.deleted_at, updated_at = clock_timestamp()
 WHERE stored.deleted_at IS NULL
RETURNING id;

-- name: find_deleted
SELECT provider_message_id FROM api.messages
 WHERE tenant_id = $1 AND provider = $2 AND provider_message_id = ANY ($3::text[]) AND deleted_at IS NOT NULL;

-- name: publish
SELECT api.publish_messages($1);

-- name: list_feed
-- Messages between two places in the feed, both left out, in the order of storing. NULL switches a condition off.
SELECT feed.seq, message.*
  FROM api.message_feed feed
  JOIN api.messages message ON message.id = feed.message_id
 WHERE feed.seq > $1 AND feed.seq < $2
   AND ($3::uuid IS NULL OR feed.tenant_id = $3)
   AND ($4::text IS NULL OR message.search @@ websearch_to_tsquery('simple', $4))
   AND ($5::text IS NULL OR message.folder_id = $5)
   AND ($6::boolean IS NULL OR message.is_read IS DISTINCT FROM $6)
   AND ($7::timestamptz IS NULL OR message.received_at >= $7)
   AND ($8::text IS NULL OR message.kind = $8)
 ORDER BY feed.seq
 LIMIT $9;

-- name: list_feed_newest
-- The same, the last stored first.
SELECT feed.seq, message.*
  FROM api.message_feed feed
  JOIN api.messages message ON message.id = feed.message_id
 WHERE feed.seq > $1 AND feed.seq < $2
   AND ($3::uuid IS NULL OR feed.tenant_id = $3)
   AND ($4::text IS NULL OR message.search @@ websearch_to_tsquery('simple', $4))
   AND ($5::text IS NULL OR message.folder_id = $5)
   AND ($6::boolean IS NULL OR message.is_read IS DISTINCT FROM $6)
   AND ($7::timestamptz IS NULL OR message.received_at >= $7)
   AND ($8::text IS NULL OR message.kind = $8)
 ORDER BY feed.seq DESC
 LIMIT $9;

-- name: list_hits
-- The same as list_feed for what few messages have: those are found first, by an index, and then put in order. There is
-- always a row; when its `hits` are as many as $10, which is how far is looked, there is no answer.
-- The double condition on the time of receiving lets the index of the message list serve it.
WITH hits AS MATERIALIZED (
    SELECT id FROM api.messages message
     WHERE content_at IS NOT NULL
       AND ($3::uuid IS NULL OR tenant_id = $3)
       AND ($4::text IS NULL OR search @@ websearch_to_tsquery('simple', $4))
       AND ($5::text IS NULL OR folder_id = $5)
       AND ($6::boolean IS NULL OR is_read IS DISTINCT FROM $6)
       AND ($7::timestamptz IS NULL OR (received_at >= $7 AND coalesce(received_at, stored_at) >= $7))
       AND ($8::text IS NULL OR kind = $8)
     LIMIT $10
), page AS MATERIALIZED (
    SELECT feed.seq, feed.message_id
      FROM hits
      JOIN api.message_feed feed ON feed.message_id = hits.id
     WHERE feed.seq > $1 AND feed.seq < $2 AND (SELECT count(*) FROM hits) < $10
     ORDER BY feed.seq
     LIMIT $9
)
SELECT counted.hits, page.seq, message.*
  FROM (SELECT count(*) AS hits FROM hits) counted
  LEFT JOIN page ON true
  LEFT JOIN api.messages message ON message.id = page.message_id
 ORDER BY page.seq;

-- name: list_hits_newest
-- The same, the last stored first.
WITH hits AS MATERIALIZED (
    SELECT id FROM api.messages message
     WHERE content_at IS NOT NULL
       AND ($3::uuid IS NULL OR tenant_id = $3)
       AND ($4::text IS NULL OR search @@ websearch_to_tsquery('simple', $4))
       AND ($5::text IS NULL OR folder_id = $5)
       AND ($6::boolean IS NULL OR is_read IS DISTINCT FROM $6)
       AND ($7::timestamptz IS NULL OR (received_at >= $7 AND coalesce(received_at, stored_at) >= $7))
       AND ($8::text IS NULL OR kind = $8)
     LIMIT $10
), page AS MATERIALIZED (
    SELECT feed.seq, feed.message_id
      FROM hits
      JOIN api.message_feed feed ON feed.message_id = hits.id
     WHERE feed.seq > $1 AND feed.seq < $2 AND (SELECT count(*) FROM hits) < $10
     ORDER BY feed.seq DESC
     LIMIT $9
)
SELECT counted.hits, page.seq, message.*
  FROM (SELECT count(*) AS hits FROM hits) counted
  LEFT JOIN page ON true
  LEFT JOIN api.messages message ON message.id = page.message_id
 ORDER BY page.seq DESC;

-- name: place_ahead
-- The place behind the next $4 between two places, of a tenant ($3) or of all; NULL where there are no more than that.
SELECT seq FROM api.message_feed
 WHERE seq > $1 AND seq < $2 AND ($3::uuid IS NULL OR tenant_id = $3)
 ORDER BY seq OFFSET $4 LIMIT 1;

-- name: place_ahead_newest
-- The same on the way back.
SELECT seq FROM api.message_feed
 WHERE seq > $1 AND seq < $2 AND ($3::uuid IS NULL OR tenant_id = $3)
 ORDER BY seq DESC OFFSET $4 LIMIT 1;

-- name: place_of_time
-- A place in the feed up to which nothing was received at $1 or later. A message is stored after it was received; those
-- whose times say otherwise by more than an hour have an index of their own. It has its place from the transaction
-- that stores it, and six hours are longer than any of those lasts.
SELECT least(
           coalesce((SELECT feed.seq
              FROM api.messages message
              JOIN api.message_feed feed ON feed.message_id = message.id
             WHERE message.content_at IS NOT NULL AND message.stored_at < $1::timestamptz - interval '7 hours'
             ORDER BY message.stored_at DESC
             LIMIT 1), 0),
           (SELECT min(feed.seq) - 1
              FROM api.messages message
              JOIN api.message_feed feed ON feed.message_id = message.id
             WHERE message.content_at IS NOT NULL AND message.received_at - message.stored_at > interval '1 hour'
               AND message.received_at >= $1));

-- name: get_message
-- One message with content; a tombstone is not found. $2 NULL: of any tenant.
SELECT message.* FROM api.messages message
 WHERE message.id = $1 AND ($2::uuid IS NULL OR message.tenant_id = $2) AND message.content_at IS NOT NULL;

-- name: count_messages
-- How many messages with content a tenant has.
SELECT count(*) FROM api.messages WHERE tenant_id = $1 AND content_at IS NOT NULL;
