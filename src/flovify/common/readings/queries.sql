-- name: put
INSERT INTO {schema}.readings (name, figures, at) VALUES ($1, $2, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET figures = excluded.figures, at = excluded.at;

-- name: get
SELECT figures, extract(epoch FROM clock_timestamp() - at)::float8 AS age_seconds FROM {schema}.readings WHERE name = $1;
