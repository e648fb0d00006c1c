-- Orders get a status. Old orders are taken to be delivered.

CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped', 'delivered', 'cancelled');

ALTER TABLE orders ADD COLUMN status order_status;

UPDATE orders SET status = 'delivered';

ALTER TABLE orders ALTER COLUMN status SET NOT NULL;

CREATE INDEX orders_status_idx ON orders (status, placed_at);
CREATE INDEX orders_customer_idx ON orders (customer_id);
