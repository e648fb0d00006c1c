-- Keys, references, checks, exclusions.
CREATE EXTENSION btree_gist;
CREATE TABLE parents (
    a int, b int, code text CONSTRAINT parents_code_unique UNIQUE,
    PRIMARY KEY (a, b) INCLUDE (code) WITH (fillfactor = 80)
);
CREATE TABLE children (
    id int PRIMARY KEY,
    a int, b int, code text REFERENCES parents (code) ON UPDATE CASCADE ON DELETE SET NULL,
    self int REFERENCES children DEFERRABLE INITIALLY DEFERRED,
    during tstzrange, room int,
    UNIQUE (a, b) DEFERRABLE,
    UNIQUE NULLS NOT DISTINCT (room, code),
    CONSTRAINT to_parent FOREIGN KEY (a, b) REFERENCES parents MATCH FULL ON DELETE SET DEFAULT (b) ON UPDATE RESTRICT,
    CHECK (a > 0), CHECK (a < b AND b IN (1, 2, 3)), CONSTRAINT named CHECK (code IS NOT NULL OR room BETWEEN 1 AND 5) NO INHERIT,
    EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (room > 0)
);
ALTER TABLE children ADD CONSTRAINT late CHECK (id <> 7) NOT VALID;
ALTER TABLE children ADD CONSTRAINT late_reference FOREIGN KEY (room) REFERENCES children (id) NOT VALID;
CREATE UNIQUE INDEX children_code ON children (code, id);
ALTER TABLE children ADD CONSTRAINT children_by_index UNIQUE USING INDEX children_code;
ALTER TABLE children REPLICA IDENTITY FULL;
CREATE UNIQUE INDEX parents_ab ON parents (b, a);
ALTER TABLE parents REPLICA IDENTITY USING INDEX parents_ab;
COMMENT ON CONSTRAINT to_parent ON children IS 'the parent';
COMMENT ON INDEX parents_pkey IS 'the key';
CREATE TABLE base (id int PRIMARY KEY, note text CHECK (note <> ''), kept int NOT NULL);
CREATE TABLE derived (extra int, note text DEFAULT 'd') INHERITS (base);
ALTER TABLE derived ALTER kept DROP DEFAULT;
