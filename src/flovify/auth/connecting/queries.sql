-- name: insert_state
WITH gone AS (DELETE FROM auth.oauth_states WHERE expires_at < now())
INSERT INTO auth.oauth_states (state_hash, browser_hash, session_id, provider, nonce, sealed_verifier, reconnect_id,
                               expires_at, registration_id, purpose, link_id, subscribe, mailbox)
VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8), $9, $10, $11, $12, $13)

-- name: take_state
-- Single use: whoever asks, the row is gone, also when the browser is the wrong one.
DELETE FROM auth.oauth_states WHERE state_hash = $1
RETURNING browser_hash, session_id, provider, nonce, sealed_verifier, reconnect_id, registration_id,
          purpose, link_id, subscribe, mailbox, expires_at > now() AS fresh
