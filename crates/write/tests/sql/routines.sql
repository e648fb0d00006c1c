CREATE SCHEMA tools;
CREATE TYPE tools.pair AS (a integer, b text);
CREATE TABLE items (id integer PRIMARY KEY, price numeric, owner text);

-- A default and a check call functions that take the table's own row.
CREATE FUNCTION next_item() RETURNS integer LANGUAGE sql AS 'SELECT coalesce(max(id), 0) + 1 FROM items';
ALTER TABLE items ALTER COLUMN id SET DEFAULT next_item();
CREATE FUNCTION is_fine(item items) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT item.price > 0 $$;
ALTER TABLE items ADD CONSTRAINT fine CHECK (is_fine(items));

CREATE FUNCTION tools.add(a integer, b integer DEFAULT 1) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5
    RETURN a + b;
CREATE FUNCTION tools.add(a text, VARIADIC rest text[]) RETURNS text LANGUAGE sql STABLE LEAKPROOF AS $f$
    SELECT a || array_to_string(rest, '$$')
$f$;
CREATE FUNCTION tools.split(text, OUT first text, OUT "Second" text, INOUT n integer) LANGUAGE plpgsql AS $$
BEGIN
    first := split_part($1, ',', 1); "Second" := split_part($1, ',', 2);
END
$$;
CREATE FUNCTION tools.listed(lower_bound numeric) RETURNS TABLE (id integer, price numeric)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 10 SET search_path = public, pg_temp SET work_mem = '8MB' AS $$
BEGIN
    RETURN QUERY SELECT items.id, items.price FROM items WHERE items.price > lower_bound;
END $$;
CREATE FUNCTION all_items() RETURNS SETOF items LANGUAGE sql BEGIN ATOMIC SELECT * FROM items; END;
CREATE FUNCTION a_pair() RETURNS tools.pair LANGUAGE sql AS 'SELECT ROW(1, ''one'')::tools.pair';
CREATE PROCEDURE clean(keep integer, INOUT gone integer DEFAULT 0) LANGUAGE plpgsql AS $body$
BEGIN
    DELETE FROM items WHERE id < keep;
END
$body$;
COMMENT ON FUNCTION tools.add(integer, integer) IS 'adds';
COMMENT ON PROCEDURE clean(integer, integer) IS 'cleans';

CREATE FUNCTION longest_of(state text, value text) RETURNS text LANGUAGE sql IMMUTABLE
    AS 'SELECT CASE WHEN length(value) > length(coalesce(state, '''')) THEN value ELSE state END';
CREATE AGGREGATE longest(text) (SFUNC = longest_of, STYPE = text);
CREATE AGGREGATE tools.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', PARALLEL = safe);
COMMENT ON AGGREGATE longest(text) IS 'the longest';

-- A function used by an index, which comes after it in the alphabet.
CREATE FUNCTION zip_of(address text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT right(address, 5) $$;
CREATE INDEX items_zip ON items (zip_of(owner)) WHERE zip_of(owner) <> '';
