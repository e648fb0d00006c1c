-- The first release: who buys, and what there is to buy.

CREATE TABLE customers (
    id          serial PRIMARY KEY,
    email       varchar(255) NOT NULL,
    full_name   varchar(255) NOT NULL,
    phone       varchar(32),
    referred_by integer REFERENCES customers (id),
    created_at  timestamp NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX customers_email_key ON customers (lower(email));

CREATE TABLE addresses (
    id          serial PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    line1       text NOT NULL,
    line2       text,
    postcode    varchar(16) NOT NULL,
    city        text NOT NULL,
    country     char(2) NOT NULL
);

CREATE TABLE categories (
    id        serial PRIMARY KEY,
    name      varchar(255) NOT NULL UNIQUE,
    parent_id integer REFERENCES categories (id)
);

CREATE TABLE products (
    id          serial PRIMARY KEY,
    sku         varchar(64) NOT NULL UNIQUE,
    name        varchar(255) NOT NULL,
    description text,
    price       double precision NOT NULL,
    attributes  json,
    active      boolean DEFAULT true,
    created_at  timestamp NOT NULL DEFAULT now()
);

-- Which products stand in which categories.
CREATE TABLE product_categories (
    product_id  integer NOT NULL REFERENCES products (id),
    category_id integer NOT NULL REFERENCES categories (id)
);
