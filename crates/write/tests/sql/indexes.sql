CREATE TABLE docs (
    id integer PRIMARY KEY,
    title text,
    body text,
    data jsonb,
    tags text[],
    span int4range,
    made timestamp
);
CREATE INDEX ON docs (title);
CREATE INDEX ON docs (title);
CREATE UNIQUE INDEX docs_lower ON docs (lower(title), (data ->> 'kind') DESC NULLS LAST) WHERE body IS NOT NULL;
CREATE INDEX docs_gin ON docs USING gin (data jsonb_path_ops, tags) WITH (fastupdate = off);
CREATE INDEX docs_gist ON docs USING gist (span);
CREATE INDEX docs_text ON docs USING gin (to_tsvector('english', coalesce(title, '') || ' ' || coalesce(body, '')));
CREATE INDEX docs_brin ON docs USING brin (made) WITH (pages_per_range = 32);
CREATE INDEX docs_hash ON docs USING hash (title);
CREATE INDEX docs_like ON docs (title COLLATE "C" text_pattern_ops NULLS FIRST) INCLUDE (made, id);
CREATE INDEX docs_expr ON docs ((id + 1), (made::date)) WITH (fillfactor = 90);
CREATE UNIQUE INDEX docs_nulls ON docs (body) NULLS NOT DISTINCT;
CREATE INDEX docs_siglen ON docs USING gist (to_tsvector('simple', body) tsvector_ops (siglen = 100));
ALTER INDEX docs_expr ALTER COLUMN 1 SET STATISTICS 300;
CREATE INDEX docs_order ON docs (made DESC, id);
ALTER TABLE docs CLUSTER ON docs_order;
COMMENT ON INDEX docs_order IS 'newest first';
CREATE STATISTICS docs_stats (dependencies, ndistinct) ON title, body FROM docs;
CREATE STATISTICS docs_expr_stats ON lower(title), made FROM docs;
ALTER STATISTICS docs_stats SET STATISTICS 200;
COMMENT ON STATISTICS docs_stats IS 'They go together';
