-- What 18 brings; older servers refuse these statements.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE rooms (id int, during tstzrange, PRIMARY KEY (id, during WITHOUT OVERLAPS));
CREATE TABLE stays (id int, room int, during tstzrange, FOREIGN KEY (room, PERIOD during) REFERENCES rooms (id, PERIOD during));
CREATE TABLE news (
    id int CONSTRAINT must_have_id NOT NULL,
    twice int GENERATED ALWAYS AS (id * 2) VIRTUAL,
    room int, late int,
    CONSTRAINT unchecked CHECK (room > 0) NOT ENFORCED
);
ALTER TABLE news ADD CONSTRAINT late_is NOT NULL late NOT VALID;
ALTER TABLE news ADD CONSTRAINT far FOREIGN KEY (room) REFERENCES news_of (id) NOT ENFORCED;
CREATE TABLE news_of (id int PRIMARY KEY);
ALTER TABLE news ADD CONSTRAINT near FOREIGN KEY (room) REFERENCES news_of (id) NOT ENFORCED;
CREATE TABLE kept (id int NOT NULL NO INHERIT);
