CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION citext SCHEMA public;
COMMENT ON EXTENSION citext IS 'without case';
CREATE TABLE people (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, name text, mail citext UNIQUE);
CREATE INDEX people_trgm ON people USING gin (name gin_trgm_ops);

CREATE FUNCTION near(a point, b point) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT (a <-> b) < 1 $$;
CREATE OPERATOR ~~~ (LEFTARG = point, RIGHTARG = point, FUNCTION = near, COMMUTATOR = ~~~);
COMMENT ON OPERATOR ~~~ (point, point) IS 'about the same place';
CREATE TYPE celsius AS (degrees numeric);
CREATE FUNCTION to_celsius(numeric) RETURNS celsius LANGUAGE sql IMMUTABLE AS $$ SELECT ROW($1)::celsius $$;
CREATE CAST (numeric AS celsius) WITH FUNCTION to_celsius(numeric) AS ASSIGNMENT;
COMMENT ON CAST (numeric AS celsius) IS 'degrees';
CREATE TEXT SEARCH DICTIONARY plain_words (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION plain_search (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION plain_search ALTER MAPPING FOR asciiword, word WITH plain_words;
CREATE VIEW close_ones AS SELECT p.a ~~~ p.b AS close FROM (VALUES (point '(0,0)', point '(1,1)')) AS p (a, b);
CREATE FOREIGN DATA WRAPPER nowhere OPTIONS (debug 'true');
CREATE SERVER elsewhere TYPE 'none' FOREIGN DATA WRAPPER nowhere OPTIONS (host 'a''b');
CREATE USER MAPPING FOR PUBLIC SERVER elsewhere OPTIONS (password 'x');
CREATE FOREIGN TABLE far (
    id integer OPTIONS (column_name 'ID') NOT NULL,
    value text DEFAULT 'x' CHECK (value <> '')
) SERVER elsewhere OPTIONS (schema_name 'other', table_name 'far');
COMMENT ON FOREIGN TABLE far IS 'over there';
CREATE OPERATOR FAMILY text_by_length USING btree;
CREATE FUNCTION compare_length(text, text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT length($1) - length($2) $$;
CREATE FUNCTION shorter(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT length($1) < length($2) $$;
CREATE OPERATOR <# (LEFTARG = text, RIGHTARG = text, FUNCTION = shorter);
CREATE OPERATOR CLASS by_length FOR TYPE text USING btree FAMILY text_by_length AS
    OPERATOR 1 <# , FUNCTION 1 compare_length(text, text);
CREATE INDEX people_by_length ON people (name by_length);
COMMENT ON SCHEMA public IS 'everybody''s';
