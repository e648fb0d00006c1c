-- Views, rules, triggers on views.
CREATE TABLE people (id int PRIMARY KEY, name text, boss int REFERENCES people, gone boolean DEFAULT false);
CREATE VIEW present WITH (security_barrier) AS SELECT * FROM people WHERE NOT gone WITH LOCAL CHECK OPTION;
CREATE VIEW chain AS
    WITH RECURSIVE up AS (SELECT id, boss FROM people UNION ALL SELECT p.id, u.boss FROM people p JOIN up u ON u.id = p.boss)
    SELECT up.id, count(*) AS depth, array_agg(boss ORDER BY boss) AS bosses FROM up GROUP BY up.id HAVING count(*) > 1;
CREATE VIEW nested AS SELECT p.name, (SELECT max(id) FROM people) AS top FROM present p LEFT JOIN chain USING (id)
    WHERE p.id IN (SELECT boss FROM people) ORDER BY p.name DESC LIMIT 10;
ALTER VIEW present ALTER gone SET DEFAULT true;
CREATE MATERIALIZED VIEW named WITH (fillfactor = 50) AS SELECT id, upper(name) AS name FROM people;
CREATE INDEX named_id ON named (id);
COMMENT ON VIEW nested IS 'deep';
COMMENT ON MATERIALIZED VIEW named IS 'in capitals';
COMMENT ON COLUMN nested.top IS 'the highest';
CREATE RULE no_delete AS ON DELETE TO people DO INSTEAD NOTHING;
CREATE RULE kept AS ON UPDATE TO people WHERE new.id <> old.id DO ALSO (INSERT INTO people (id) VALUES (new.id); DELETE FROM people WHERE id = old.id);
ALTER TABLE people DISABLE RULE no_delete;
CREATE FUNCTION instead() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER redirect INSTEAD OF INSERT OR UPDATE ON nested FOR EACH ROW EXECUTE FUNCTION instead('a', 'b''c');
CREATE TRIGGER changed AFTER UPDATE ON people REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION instead();
CREATE TRIGGER only_some BEFORE UPDATE ON people FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION instead();
CREATE CONSTRAINT TRIGGER lazy AFTER INSERT ON people DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION instead();
ALTER TABLE people DISABLE TRIGGER only_some;
COMMENT ON TRIGGER lazy ON people IS 'late';
CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watching ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION watch();
ALTER EVENT TRIGGER watching DISABLE;
