-- name: last_received
-- When the account's last stored message was received.
SELECT coalesce(received_at, stored_at) AS at FROM api.messages
 WHERE tenant_id = $1 AND content_at IS NOT NULL
 ORDER BY coalesce(received_at, stored_at) DESC, id DESC
 LIMIT 1;

-- name: find_unknown
-- Of these ids those that are neither stored nor on their way.
SELECT given.id
  FROM unnest($3::text[]) AS given (id)
 WHERE NOT EXISTS (SELECT FROM api.messages message
                    WHERE message.tenant_id = $1 AND message.provider = $2
                      AND message.provider_message_id = given.id
                      AND (message.content_at IS NOT NULL OR message.pruned_at IS NOT NULL))
   AND NOT EXISTS (SELECT FROM api.inbox waiting
                    WHERE waiting.tenant_id = $1 AND waiting.state = 'waiting' AND waiting.message_id = given.id);
