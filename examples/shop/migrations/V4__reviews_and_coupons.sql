-- Reviews by customers, and coupons that lower a total.

CREATE TABLE reviews (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  integer NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    customer_id integer REFERENCES customers (id) ON DELETE SET NULL,
    stars       smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
    body        text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (product_id, customer_id)
);

CREATE TABLE coupons (
    code        varchar(32) PRIMARY KEY,
    percent     integer NOT NULL,
    valid_until timestamp
);

ALTER TABLE orders ADD COLUMN coupon_code varchar(32);
ALTER TABLE orders ADD CONSTRAINT orders_coupon_fk FOREIGN KEY (coupon_code) REFERENCES coupons (code);

ALTER TABLE products ADD COLUMN weight_grams integer NOT NULL;
