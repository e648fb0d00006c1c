-- Partitioned tables, their parts, and what goes down to them.
CREATE TABLE events (id bigint, day date NOT NULL, kind text DEFAULT 'k', PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO (MAXVALUE) PARTITION BY LIST (kind);
CREATE TABLE events_2025_a PARTITION OF events_2025 FOR VALUES IN ('a', NULL);
CREATE TABLE events_2025_rest PARTITION OF events_2025 DEFAULT;
CREATE TABLE loose (id bigint NOT NULL, day date NOT NULL, kind text);
ALTER TABLE events ATTACH PARTITION loose FOR VALUES FROM (MINVALUE) TO ('2000-01-01');
CREATE INDEX events_kind ON events (kind);
CREATE INDEX ON ONLY events (day);
CREATE TABLE owners (id int PRIMARY KEY);
CREATE TABLE hashed (id int REFERENCES owners, part text) PARTITION BY HASH (id, lower(part));
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER noted BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION noted();
CREATE TABLE pointing (event bigint, day date, FOREIGN KEY (event, day) REFERENCES events);
