-- A library: readers borrow copies of books.

CREATE TABLE readers (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email      text NOT NULL UNIQUE,
    full_name  text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE readers IS 'People who may borrow.';

CREATE TABLE books (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    isbn         text NOT NULL UNIQUE CHECK (length(isbn) = 13),
    title        text NOT NULL,
    published_on date
);

COMMENT ON TABLE books IS 'What there is to read, whether or not a copy is on the shelf.';

CREATE TABLE copies (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    book_id     bigint NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    shelf       text NOT NULL,
    price       numeric(10, 2) NOT NULL CHECK (price >= 0),
    acquired_on date NOT NULL
);

CREATE INDEX copies_book_id_idx ON copies (book_id);

COMMENT ON TABLE copies IS 'One row per physical book.';

CREATE TABLE loans (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    copy_id     bigint NOT NULL REFERENCES copies (id) ON DELETE RESTRICT,
    reader_id   bigint NOT NULL REFERENCES readers (id) ON DELETE RESTRICT,
    lent_at     timestamptz NOT NULL DEFAULT now(),
    returned_at timestamptz,
    CHECK (returned_at >= lent_at)
);

-- A copy is lent to one reader at a time.
CREATE UNIQUE INDEX loans_open_idx ON loans (copy_id) WHERE returned_at IS NULL;
CREATE INDEX loans_copy_id_idx ON loans (copy_id);
CREATE INDEX loans_reader_id_lent_at_idx ON loans (reader_id, lent_at DESC);

COMMENT ON TABLE loans IS 'Who had which copy, and when it came back.';
