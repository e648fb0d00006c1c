CREATE TABLE sales (id integer PRIMARY KEY, region text, amount numeric, at date);
CREATE VIEW z_base AS SELECT id, region, amount FROM sales WHERE amount > 0;
CREATE VIEW a_top (place, total) WITH (security_barrier = true) AS
    SELECT region, sum(amount) FROM z_base GROUP BY region HAVING sum(amount) > 10 ORDER BY 2 DESC LIMIT 5;
CREATE VIEW starred AS SELECT * FROM sales;
ALTER TABLE sales ADD COLUMN note text;
CREATE VIEW checked AS SELECT id, region FROM sales WHERE region = 'eu' WITH LOCAL CHECK OPTION;
CREATE RECURSIVE VIEW numbers (n) AS SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5;
CREATE VIEW ranked AS
    WITH recent AS (SELECT * FROM z_base WHERE amount > 5)
    SELECT r.id, rank() OVER (PARTITION BY r.region ORDER BY r.amount DESC) AS place,
        CASE WHEN r.amount > 100 THEN 'big' ELSE 'small' END AS size,
        EXISTS (SELECT 1 FROM sales s WHERE s.id = r.id) AS known
    FROM recent r LEFT JOIN sales s2 ON s2.id = r.id AND s2.at BETWEEN '2026-01-01' AND '2026-12-31';
CREATE MATERIALIZED VIEW monthly AS
    SELECT date_trunc('month', at) AS month, count(*) FILTER (WHERE amount > 1) AS many, array_agg(DISTINCT region) AS regions
    FROM sales GROUP BY 1 WITH NO DATA;
CREATE MATERIALIZED VIEW filled WITH (fillfactor = 60) AS SELECT region, max(amount) AS most FROM a_top, z_base GROUP BY region;
CREATE UNIQUE INDEX filled_region ON filled (region);
CREATE VIEW by_key AS SELECT s.id, s.region, count(*) FROM sales s GROUP BY s.id;
ALTER VIEW checked ALTER COLUMN region SET DEFAULT 'eu';
COMMENT ON VIEW a_top IS 'best places';
COMMENT ON COLUMN a_top.total IS 'all of it';
COMMENT ON MATERIALIZED VIEW monthly IS 'by month';

CREATE FUNCTION put() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO sales (id) VALUES (NEW.id); RETURN NEW; END $$;
CREATE TRIGGER putting INSTEAD OF INSERT ON z_base FOR EACH ROW EXECUTE FUNCTION put();
CREATE RULE removed AS ON DELETE TO a_top DO INSTEAD NOTHING;
CREATE RULE noted AS ON UPDATE TO sales WHERE old.amount <> new.amount
    DO ALSO (INSERT INTO sales (id) VALUES (new.id + 1000); DELETE FROM sales WHERE id = -1);
ALTER TABLE sales DISABLE RULE noted;
COMMENT ON RULE removed ON a_top IS 'stays';
