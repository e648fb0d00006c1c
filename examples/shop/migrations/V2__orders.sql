-- Orders, their lines and their payments.

CREATE TABLE orders (
    id                  serial PRIMARY KEY,
    customer_id         integer NOT NULL REFERENCES customers (id),
    shipping_address_id integer REFERENCES addresses (id),
    total               real NOT NULL,
    currency            char(3) NOT NULL DEFAULT 'EUR',
    note                text,
    cust_name           varchar(255),
    placed_at           timestamp NOT NULL DEFAULT now()
);

CREATE INDEX orders_customer_id_idx ON orders (customer_id);

CREATE TABLE order_items (
    order_id   integer NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id integer NOT NULL REFERENCES products (id),
    quantity   integer NOT NULL CHECK (quantity > 0),
    unit_price double precision NOT NULL,
    PRIMARY KEY (order_id, product_id)
);

CREATE TABLE payments (
    id          bigserial PRIMARY KEY,
    order_id    integer NOT NULL REFERENCES orders (id),
    provider    varchar(64) NOT NULL,
    amount      money NOT NULL,
    card_number text,
    paid_at     timestamp,
    created_at  timestamp NOT NULL DEFAULT now()
);

COMMENT ON TABLE orders IS 'One row per checkout; never deleted.';
COMMENT ON COLUMN orders.total IS 'What the customer pays, with tax and shipping.';
