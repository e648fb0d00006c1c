CREATE SCHEMA "Kinds";
CREATE TYPE status AS ENUM ('new', 'paid', 'it''s sent');
ALTER TYPE status ADD VALUE 'checked' BEFORE 'paid';
CREATE TYPE "Kinds"."Level" AS ENUM ();
CREATE TYPE point3 AS (x double precision, y double precision, "Z" double precision, label text COLLATE "C");
CREATE TYPE line3 AS (a point3, b point3[]);
CREATE DOMAIN email AS text COLLATE "C" DEFAULT 'none' NOT NULL CHECK (VALUE ~ '@') CONSTRAINT short CHECK (length(VALUE) < 100);
ALTER DOMAIN email ADD CONSTRAINT lower_case CHECK (VALUE = lower(VALUE)) NOT VALID;
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN very_positive AS positive CHECK (VALUE > 1000);
CREATE TYPE money_range AS RANGE (SUBTYPE = numeric, MULTIRANGE_TYPE_NAME = money_ranges);
CREATE FUNCTION good_code(code text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT code LIKE 'A%' $$;
CREATE DOMAIN code AS text CHECK (good_code(VALUE));
CREATE TABLE uses (
    s status DEFAULT 'new',
    l "Kinds"."Level",
    p point3,
    many line3[],
    e email,
    v very_positive DEFAULT 2000,
    c code,
    r money_range,
    rs money_ranges,
    t interval day to second(3),
    b bit varying(8),
    f "char",
    n name,
    ts timestamp(3) with time zone
);
COMMENT ON TYPE status IS 'where it stands';
COMMENT ON DOMAIN email IS 'an address';
COMMENT ON CONSTRAINT short ON DOMAIN email IS 'not too long';
COMMENT ON TYPE point3 IS 'in space';

CREATE SEQUENCE plain;
CREATE SEQUENCE "Kinds".small AS smallint START WITH 5 INCREMENT BY 5 MINVALUE 0 MAXVALUE 1000 CACHE 10 CYCLE;
CREATE SEQUENCE down INCREMENT BY -1;
CREATE TABLE counted (id bigint DEFAULT nextval('plain'), other integer DEFAULT nextval('"Kinds".small'::regclass));
ALTER SEQUENCE plain OWNED BY counted.id;
CREATE COLLATION german (provider = icu, locale = 'de-DE');
CREATE TABLE words (word text COLLATE german);
